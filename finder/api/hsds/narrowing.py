"""The filters of the standard, laid over one another: each gives a set of rows, and all must agree."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from functools import reduce

from finder.api.blueprint import services
from finder.api.hsds.asked import Asked
from finder.api.hsds.held import Held
from finder.exchange.hsds import marks, runners, write
from finder.exchange.hsds.terms import Row
from finder.exchange.shelf import Shelf
from finder.places.lookup import Place, resolve_zip
from finder.search import indexes
from finder.search.lexicon import folded, plain
from finder.search.snapshot import Snapshot


def services_of(asked: Asked, held: Held, snapshot: Snapshot | None) -> int | None:
    """The listings that all filters leave; None for all there are. `snapshot`: where words are looked for."""
    found = list(_of_listings(asked, held, snapshot))
    wanted = _terms(asked, held)
    found += [held.index().with_terms(one) for one in wanted]
    return reduce(int.__and__, found) if found else None


def places_of(asked: Asked, held: Held, snapshot: Snapshot | None) -> int | None:
    """The places that all filters leave; None for all there are."""
    listings = list(_of_listings(asked, held, snapshot))
    found = [held.index().places_of(reduce(int.__and__, listings))] if listings else []
    found += [held.index().places_with_terms(one) for one in _terms(asked, held)]
    if asked.postcode:
        found.append(_around(asked, held))
    return reduce(int.__and__, found) if found else None


def runners_of(asked: Asked, held: Held) -> list[int] | None:
    """The organizations that all filters leave, by number; None for all there are. A term is that of one of their
    services."""
    found: list[set[int]] = []
    wanted = _terms(asked, held)
    if wanted:
        rows = marks.rows(reduce(int.__and__, [held.index().with_terms(one) for one in wanted]))
        found.append(set(held.runners().of_rows(rows)))
    if asked.search:
        words = folded(asked.search)
        texts = held.shelf.left("hsds runners' words", lambda: _runners_words(held))
        found.append({number for number, text in enumerate(texts) if all(one in text for one in words)})
    return sorted(set.intersection(*found)) if found else None


def _runners_words(held: Held) -> list[str]:
    with held.services.database.reading() as session:
        texts = runners.texts(session, held.shelf.cards)
    return [plain(texts.get(key, "")) for key in held.runners().ids]


def _of_listings(asked: Asked, held: Held, snapshot: Snapshot | None) -> Iterator[int]:
    """What filters of listings as a whole leave, one by one."""
    cards = held.shelf.cards
    if asked.organization_id:
        number = held.runners().number(asked.organization_id.strip().lower())
        yield marks.of(held.runners().rows(number) if number is not None else (), len(cards))
    if asked.modified_after is not None:
        after = asked.modified_after
        yield marks.of((row for row, card in enumerate(cards) if card.changed_at >= after), len(cards))
    if snapshot is not None and asked.search:
        rows = _rows_by_id(held.shelf)
        words = _found_by_words(asked.search, snapshot)
        if words is not None:
            yield marks.of((rows[one] for one in words if one in rows), len(cards))


def _rows_by_id(shelf: Shelf) -> dict[str, int]:
    return shelf.left("rows by id", lambda: {str(card.id): row for row, card in enumerate(shelf.cards)})


def _found_by_words(text: str, snapshot: Snapshot) -> list[str] | None:
    """The ids of the listings that hold the words, as the search of this site reads them; None where they say nothing
    that tells listings apart."""
    found: list[str] = []
    with snapshot.turn:
        for part in snapshot.parts:
            scores = indexes.of_words(part, snapshot.tags).scores(text)
            if scores is None:
                return None
            dead = set(part.dead.tolist())
            found += [part.columns.names[row].id for row in scores.nonzero()[0].tolist() if row not in dead]
    return found


def snapshot_for(asked: Asked) -> Snapshot | None:
    """Where words are looked for; None where none are asked for."""
    return services().snapshot() if asked.search else None


def _terms(asked: Asked, held: Held) -> list[Collection[str]]:
    """The terms that are asked for: for each filter those of which one will do."""
    found: list[Collection[str]] = []
    if asked.taxonomy_term_id:
        found.append((asked.taxonomy_term_id.strip().lower(),))
    if asked.taxonomy_id:
        key = asked.taxonomy_id.strip().lower()
        found.append([one["id"] for one in all_terms(held) if one["taxonomy_detail"]["id"] == key])
    return found


def all_taxonomies(held: Held) -> list[Row]:
    """Our taxonomies, and 211 where the operator supplied it."""
    return [*write.taxonomies(), *held.codes.taxonomies]


def all_terms(held: Held) -> list[Row]:
    """Their terms."""
    return [*write.taxonomy_terms(), *held.codes.terms]


def _around(asked: Asked, held: Held) -> int:
    """The places for a postal code: those within the meters that are asked for, else those that are at it; and in both
    cases none whose service states that it serves another area."""
    place = _place(asked.postcode, held)
    index = held.index()
    if asked.meters is None:
        return index.in_area(asked.postcode, place)
    if place is None:
        return 0  # nobody here knows where that is
    near = index.near(place.latitude, place.longitude, asked.meters)
    return near & ~index.outside_area(asked.postcode, place)


def _place(code: str, held: Held) -> Place | None:
    return resolve_zip(code, held.services.gazetteer) if len(code) == 5 and code.isdigit() else None


def is_uuid(text: str) -> uuid.UUID | None:
    """The id that a text is, written as ids are; None for any other."""
    try:
        found = uuid.UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None
