"""Listings that look like one being written: found in the snapshot, so that nothing more is held in memory for it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from finder.duplicates import index as duplicates
from finder.duplicates.card import Card, card_of
from finder.duplicates.likeness import Likeness
from finder.duplicates.weights import OTHER_PLACE_METERS
from finder.places.distance import METERS_PER_MILE, chord_miles, unit_vector
from finder.search import indexes
from finder.search.snapshot import Part, Snapshot, document

MOST_SHOWN = 5
MOST_NEAR = 300  # rows around a point
MOST_WORDED = 200  # rows that share rare words of the name
MOST_REACHED = 200  # rows that hold a phone number or address of it
COMMON_WORD = 1_000  # a word of more listings than this is left out: it tells nothing and costs time
_NOT_DIGITS = re.compile(rb"[^0-9]+")
TAIL = 4  # digits of a phone number that are written together in every style


@dataclass(frozen=True, slots=True)
class Alike:
    """A listing that the one being written may repeat; `likeness` says how much, and why."""

    id: str
    slug: str | None
    document: Mapping[str, Any]
    likeness: Likeness


def find(snapshot: Snapshot, written: Mapping[str, Any], *, but: str | None = None,
         most: int = MOST_SHOWN) -> list[Alike]:
    """Up to `most` listings that look like this one, the likeliest first; `but` leaves out its own id.

    `written` is a listing document, whole or half typed: every field may be missing.
    """
    card = card_of(written, key="")
    index = duplicates.Index()
    places: dict[str, tuple[Part, int]] = {}
    for part in snapshot.parts:
        dead = set(part.dead.tolist())
        for row in _candidates(part, card):
            name = part.columns.names[row]
            if row not in dead and name.id != but:
                places[name.id] = (part, row)
                index.add(card_of(document(part.columns, row), key=name.id))
    found = duplicates.find(card, index)[:most]
    return [_alike(places[one.other], one) for one in found]


def _alike(place: tuple[Part, int], likeness: Likeness) -> Alike:
    part, row = place
    name = part.columns.names[row]
    return Alike(name.id, name.slug, document(part.columns, row), likeness)


def _candidates(part: Part, card: Card) -> Iterator[int]:
    yield from _near(part, card)
    yield from _worded(part, card)
    yield from _reached(part, card)


def _near(part: Part, card: Card) -> Iterator[int]:
    """Rows that meet within the distance in which two listings can be one."""
    columns = part.columns
    for spot in card.spots:
        if spot.latitude is None or spot.longitude is None or not columns.size:
            continue
        miles = chord_miles(columns.xyz, unit_vector(spot.latitude, spot.longitude))
        rows = np.flatnonzero((miles <= OTHER_PLACE_METERS / METERS_PER_MILE) & columns.known)
        yield from rows[np.argsort(miles[rows], kind="stable")[:MOST_NEAR]].tolist()


def _worded(part: Part, card: Card) -> Iterator[int]:
    """Rows that hold the telling words of the name, those with the rarest and the most of them first."""
    words = indexes.of_words(part)
    worth: Counter[int] = Counter()
    for word in card.telling:
        for row in words.rows.get(word, ())[:COMMON_WORD]:
            worth[int(row)] += 1 / len(words.rows[word])  # type: ignore[assignment]
    yield from (row for row, _ in worth.most_common(MOST_WORDED))


def _reached(part: Part, card: Card) -> Iterator[int]:
    """Rows that state the same phone number, e-mail or room, however it is written."""
    exact = [one.encode() for one in (*card.emails, *card.rooms) if one]
    numbers = [(one[-TAIL:].encode(), one.encode()) for one in card.phones]
    if not exact and not numbers:
        return
    left = MOST_REACHED
    for row, text in enumerate(part.columns.documents):
        if any(one in text for one in exact) or any(
                tail in text and digits in _NOT_DIGITS.sub(b"", text) for tail, digits in numbers):
            yield row
            left -= 1
            if not left:
                return
