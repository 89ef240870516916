"""The directory of one version of the catalog: which resources there are, which of them a search finds, in an order
that stays, and from which listing each is made.

A search never makes a resource. It asks each condition of the different values that there are (an index from values to
those that have them) and keeps what it found for the pages that follow, under a keyed hash: what was asked is not kept.
"""

from __future__ import annotations

import hashlib
import threading
import uuid
from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from finder.exchange.fhir.conditions import Condition, Through, fold
from finder.exchange.fhir.facts import KEPT, Facts
from finder.exchange.fhir.parameters import LINKS
from finder.exchange.fhir.searching import Query
from finder.exchange.shelf import Card

MOST_REMEMBERED = 64  # searches
MOST_PLACES = 4_000_000  # in all of them together, of four bytes each
Places: TypeAlias = "array[int]"  # of resources in the order of their ids
_Column = Mapping[Any, Places]
_NONE: Places = array("I")


@dataclass(frozen=True, slots=True)
class Homes:
    """The resources of a type in the order of their ids, and the place of the card that each is made from: the listing
    that changed last of those that share it."""

    ids: Sequence[str]
    cards: Places


class Directory:
    """What one version holds. Where `needs_facts` says so, `facts` are handed in first; who searches takes turns."""

    def __init__(self, cards: Sequence[Card], secret: bytes) -> None:
        self.cards = cards
        self.facts: Facts | None = None
        self._secret = secret
        self._homes: dict[str, Homes] = {}
        self._columns: dict[tuple[str, str, bool], _Column] = {}
        self._remembered: OrderedDict[bytes, Places] = OrderedDict()
        self._lock = threading.Lock()

    def needs_facts(self, type_: str, *, tests: bool) -> bool:
        """Whether facts have to be handed in before anything of this kind can be answered."""
        return self.facts is None and (tests or type_ == "Location")

    def total(self, type_: str) -> int:
        """How many resources of a type there are."""
        return len(self.cards) if type_ == "HealthcareService" else len(self._of(type_).ids)

    def card(self, type_: str, id_: str) -> Card | None:
        """The listing that a resource is made from, None if there is no such resource."""
        try:
            key = uuid.UUID(id_)
        except ValueError:
            return None
        if str(key) != id_:
            return None
        if type_ == "HealthcareService":
            place = bisect_left(self.cards, key, key=lambda card: card.id)
            return self.cards[place] if place < len(self.cards) and self.cards[place].id == key else None
        homes = self._of(type_)
        place = bisect_left(homes.ids, id_)
        return self.cards[homes.cards[place]] if place < len(homes.ids) and homes.ids[place] == id_ else None

    def page(self, query: Query) -> tuple[int, list[str]]:
        """How many resources meet a query, and the ids of those on its page."""
        found = self._found(query) if query.tests else None
        part = slice(query.offset, query.offset + query.count)
        total = self.total(query.type) if found is None else len(found)
        places = range(total)[part] if found is None else found[part]
        return total, [self._id(query.type, place) for place in places]

    def _id(self, type_: str, place: int) -> str:
        return str(self.cards[place].id) if type_ == "HealthcareService" else self._of(type_).ids[place]

    def _found(self, query: Query) -> Places:
        key = hashlib.blake2b(repr((query.type, sorted(query.asked))).encode(errors="surrogatepass"),
                              key=self._secret).digest()
        with self._lock:
            if key in self._remembered:
                self._remembered.move_to_end(key)
                return self._remembered[key]
        hits = [self._meeting(query.type, one) for one in query.tests]
        found = array("I", sorted(set.intersection(*hits)))
        with self._lock:
            self._remembered[key] = found
            while len(self._remembered) > MOST_REMEMBERED or \
                    sum(map(len, self._remembered.values())) > MOST_PLACES and len(self._remembered) > 1:
                self._remembered.popitem(last=False)
        return found

    def _meeting(self, type_: str, test: Condition | Through) -> set[int]:
        """The places of the resources that meet one condition."""
        if isinstance(test, Through):
            target = LINKS[type_][test.name]
            column = self._column(type_, test.name, False)
            leads = self._meeting(target, test.then)
            wanted: Iterable[Places] = (column.get(self._id(target, one), _NONE) for one in leads)
        else:
            column = self._column(type_, test.name, test.folded)
            wanted = (column.get(one, _NONE) for one in test.only) if test.only is not None else (
                places for value, places in column.items() if test.meets(value))
        return set().union(*wanted)

    def _column(self, type_: str, name: str, folded: bool) -> _Column:
        """For each value of a parameter the resources that have it."""
        key = type_, name, folded
        if key not in self._columns:
            made: dict[Any, Places] = {}
            for place, values in enumerate(self._values(type_, name)):
                for value in dict.fromkeys(map(fold, values)) if folded else values:
                    made.setdefault(value, array("I")).append(place)
            self._columns[key] = made
        return self._columns[key]

    def _values(self, type_: str, name: str) -> Iterator[Sequence[Any]]:
        """The values of a parameter, resource by resource."""
        if name in KEPT[type_]:
            yield from self._kept(type_, KEPT[type_].index(name))
            return
        cards = self.cards if type_ == "HealthcareService" else [self.cards[one] for one in self._of(type_).cards]
        for place, card in enumerate(cards):
            if name == "_id":
                yield (("", self._id(type_, place)),)
            elif name == "_lastUpdated":
                yield (card.changed_at.replace(microsecond=0),)
            else:
                yield (str(card.organization_id),) if card.organization_id is not None else ()

    def _kept(self, type_: str, number: int) -> Iterator[Sequence[Any]]:
        assert self.facts is not None
        if type_ == "HealthcareService":
            for card in self.cards:  # one that went or changed meanwhile: the next version says how
                held = self.facts.of_program.get(card.id)
                yield held[1][number] if held else ()
            return
        known = self.facts.of_place if type_ == "Location" else self.facts.of_organization
        for id_ in self._of(type_).ids:
            yield known[id_][number] if id_ in known else ()

    def _of(self, type_: str) -> Homes:
        if type_ not in self._homes:
            names = self._kept("HealthcareService", KEPT["HealthcareService"].index("location")) \
                if type_ == "Location" else self._values("HealthcareService", "organization")
            last: dict[str, int] = {}
            for place, ids in enumerate(names):
                for id_ in ids:
                    if id_ not in last or self.cards[last[id_]].changed_at < self.cards[place].changed_at:
                        last[id_] = place
            ordered = sorted(last)
            self._homes[type_] = Homes(ordered, array("I", (last[one] for one in ordered)))
        return self._homes[type_]
