"""Which listings are worth comparing with one: those that share a number, a link, a house, a room, or a word of the
name near by. Each meets a bounded number of others, however common its keys are."""

from __future__ import annotations

import gc
import math
from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

from finder.duplicates.card import Card, card_of
from finder.duplicates.likeness import Key, Likeness, compare, told_apart
from finder.duplicates.spots import Spot
from finder.duplicates.weights import SHARED_BY, SHARED_NAME_BY

MOST_IN_BLOCK = 40  # listings under one key; above, the key counts only together with a start, a word or a town
MOST_WORDS = 6  # telling words of a name that are looked up, long ones first
CELL = 0.02  # degrees of the geographic grid, about two kilometers
REACH = 0.002  # degrees: so near to the edge of a cell a listing stands in the next one too; more than NEAR_METERS
REACHING = frozenset(("phone", "page", "email", "room"))  # kinds of keys that may tell two alike whatever their names

Block = tuple[Hashable, ...]


def keys(card: Card) -> list[Block]:
    """The keys under which a card is kept and looked for; the first part of each is its kind."""
    found: dict[Block, None] = dict.fromkeys(_shareable(card))
    words = sorted(card.telling, key=lambda word: (-len(word), word))[:MOST_WORDS]
    starts = card.times.here
    for spot in card.spots:
        if spot.street.number and spot.street.name:
            found["house", spot.street.number, spot.street.name, spot.zip[:3] or spot.city] = None
            if spot.zip and spot.city:
                found["house", spot.street.number, spot.street.name, spot.city] = None
        for place in _areas(spot):
            found.update(dict.fromkeys(("word", word, place) for word in words))
            found.update(dict.fromkeys(("start", start, place) for start in starts))
    if card.remote or not card.spots:
        found.update(dict.fromkeys(("start", start) for start in card.times.everywhere or starts))
        found.update(dict.fromkeys(("word", word) for word in words))
    return list(found)


def _shareable(card: Card) -> Iterator[Key]:
    yield from (("phone", one) for one in card.phones)
    yield from (("page", one) for one in card.pages)
    yield from (("email", one) for one in card.emails)
    yield from (("room", one) for one in card.rooms)
    if card.core:
        yield "name", card.core


def _areas(spot: Spot) -> Iterator[Hashable]:
    """The town, and the cells of the grid that hold the point or lie within REACH of it."""
    if spot.city:
        yield spot.city, spot.state
    if spot.latitude is not None and spot.longitude is not None:
        rows = {math.floor((spot.latitude + step) / CELL) for step in (-REACH, REACH)}
        columns = {math.floor((spot.longitude + step) / CELL) for step in (-REACH, REACH)}
        yield from ((row, column) for row in sorted(rows) for column in sorted(columns))


def narrower(key: Block, card: Card) -> list[Block]:
    """What a key that too many share is joined with: a start, a word or a town of the card."""
    more: list[Hashable] = [*card.times.here, *card.telling[:MOST_WORDS], *(spot.city for spot in card.spots)]
    return [(*key, "with", one) for one in dict.fromkeys(more) if one not in key]


@contextmanager
def no_collections() -> Iterator[None]:
    """Holds the garbage collector off while much is built up: nothing in it is garbage, and looking through it again
    and again takes a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Index:
    """Cards by their keys. Grows by `add`; what was removed is found no more."""

    def __init__(self) -> None:
        self.cards: list[Card | None] = []
        self._rows: dict[str, int] = {}
        self._blocks: dict[Block, list[int]] = {}
        self._wide: set[Block] = set()

    @classmethod
    def of(cls, cards: Iterable[Card]) -> Self:
        """An index of these cards."""
        found = cls()
        with no_collections():
            for card in cards:
                found.add(card)
        return found

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: object) -> bool:
        """Whether too many listings share a key (kind, value) for it to tell any two alike."""
        most = SHARED_NAME_BY if isinstance(key, tuple) and key[0] == "name" else SHARED_BY
        return len(self._blocks.get(key, ())) > most  # type: ignore[call-overload]

    def add(self, card: Card) -> None:
        """Takes a card in; one with the same id is replaced."""
        self.remove(card.id)
        row = len(self.cards)
        self.cards.append(card)
        self._rows[card.id] = row
        for key in keys(card):
            block = self._blocks.setdefault(key, [])
            block.append(row)
            if key in self._wide:
                self._narrow(key, card, row)
            elif len(block) > MOST_IN_BLOCK:
                self._wide.add(key)
                for one in block:
                    if (held := self.cards[one]) is not None:
                        self._narrow(key, held, one)

    def remove(self, card_id: str) -> None:
        """Forgets a card; one that is not there is no error."""
        row = self._rows.pop(card_id, None)
        if row is not None:
            self.cards[row] = None

    def _narrow(self, key: Block, card: Card, row: int) -> None:
        for one in narrower(key, card):
            self._blocks.setdefault(one, []).append(row)

    def candidates(self, card: Card) -> list[Card]:
        """The cards worth comparing with this one, in the order they came; not the one with its id. Those that share no
        number, link or room are left out where the names tell them apart."""
        reached: set[int] = set()
        rows: set[int] = set()
        for key in keys(card):
            found = reached if key[0] in REACHING else rows
            for one in narrower(key, card) if key in self._wide else (key,):
                block = self._blocks.get(one, ())
                if len(block) <= MOST_IN_BLOCK:
                    found.update(block)
        candidates = ((row, self.cards[row]) for row in sorted(reached | rows))
        return [one for row, one in candidates if one is not None and one.id != card.id
                and (row in reached or not told_apart(card, one))]

    def blocks(self) -> Iterator[tuple[Block, list[int]]]:
        """The blocks of more than one row that are not too wide: key and rows in ascending order."""
        for key, rows in self._blocks.items():
            if 1 < len(rows) <= MOST_IN_BLOCK and key not in self._wide:
                yield key, rows


def find(document: Mapping[str, Any] | Card, index: Index) -> list[Likeness]:
    """What a listing may repeat, best first: likely ones, the same, and sessions of one group at other times.

    `document`: a listing document, whole or half typed, or a card. Its own listing, by id, is left out.
    """
    card = document if isinstance(document, Card) else card_of(document)
    found = [compare(card, other, index) for other in index.candidates(card)]
    return sorted((one for one in found if one.verdict != "no"), key=lambda one: (-one.score, one.other))
