"""All repeats within a catalog or an import: the same blocks and the same comparison as for one listing, with passes
over arrays that first put aside the pairs that cannot be alike."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from finder.duplicates import weights
from finder.duplicates.card import Card
from finder.duplicates.index import MOST_IN_BLOCK, REACHING, Index, no_collections
from finder.duplicates.likeness import Likeness, compare, told_apart
from finder.places.distance import METERS_PER_MILE, RADIUS_MILES, unit_vectors

Array = npt.NDArray[Any]
_AT_ONCE = 200_000  # pairs whose names lie beside one another in memory


def pairs(cards: Iterable[Card] | Index, touching: Container[str] | None = None) -> Iterator[Likeness]:
    """Every two cards that are not told apart (verdict other than `no`), each pair once, in the order they came.

    `touching`: only pairs of which one has such an id, as the new ones of an import among all that there are.
    """
    index = cards if isinstance(cards, Index) else Index.of(cards)
    held = index.cards
    for row, other, reached in _worth_comparing(index, touching):
        one, two = held[row], held[other]
        if one is not None and two is not None and (reached or not told_apart(one, two)):
            found = compare(one, two, index)
            if found.verdict != "no":
                yield found


def _worth_comparing(index: Index, touching: Container[str] | None = None) -> Iterator[tuple[int, int, bool]]:
    with no_collections():
        rows, others, reached = _blocked(index)
    if touching is not None:
        wanted = np.array([card is not None and card.id in touching for card in index.cards], bool)
        touched = wanted[rows] | wanted[others]
        rows, others, reached = rows[touched], others[touched], reached[touched]
    if not len(rows):
        return
    near = reached | ~_far(index, rows, others)
    rows, others, reached = rows[near], others[near], reached[near]
    kept = reached | _alike(index, rows, others)
    yield from zip(rows[kept].tolist(), others[kept].tolist(), reached[kept].tolist(), strict=True)


def _blocked(index: Index) -> tuple[Array, Array, Array]:
    """Rows of pairs that share a block, the lower first, each pair once; and whether one of the blocks is REACHING."""
    size = len(index.cards)
    shapes = {length: np.triu_indices(length, 1) for length in range(2, MOST_IN_BLOCK + 1)}
    by_length: dict[tuple[bool, int], list[list[int]]] = {}
    for key, rows in index.blocks():
        by_length.setdefault((key[0] in REACHING, len(rows)), []).append(rows)
    found: dict[bool, list[Array]] = {True: [np.empty(0, np.int64)], False: [np.empty(0, np.int64)]}
    for (reaching, length), blocks in by_length.items():
        table = np.array(blocks, np.int64)
        left, right = shapes[length]
        found[reaching].append(np.unique(table[:, left] * size + table[:, right]))
    reaching_pairs = np.unique(np.concatenate(found[True]))
    every = np.unique(np.concatenate([reaching_pairs, *found[False]]))
    reached = np.isin(every, reaching_pairs, assume_unique=True)
    return every // max(size, 1), every % max(size, 1), reached


def _far(index: Index, rows: Array, others: Array) -> Array:
    """Whether both meet at one known point only, and these are too far apart for anything but numbers and links to
    make them one."""
    points = np.full((len(index.cards), 2), np.nan)
    for row, card in enumerate(index.cards):
        if card is not None and len(card.spots) == 1 and card.spots[0].latitude is not None:
            points[row] = card.spots[0].latitude, card.spots[0].longitude
    vectors = unit_vectors(points[:, 0], points[:, 1])
    chord = np.linalg.norm(vectors[rows] - vectors[others], axis=1)
    meters = chord * (RADIUS_MILES * METERS_PER_MILE)
    far: Array = meters > 2 * weights.OTHER_PLACE_METERS  # twice: float32 and a house whose two points disagree
    return far


def _alike(index: Index, rows: Array, others: Array) -> Array:
    """Whether the names of two rows are at all alike, by letters or because one holds the words of the other."""
    core = [card.core if card else "" for card in index.cards]
    whole = [card.whole if card else "" for card in index.cards]
    looks = ((core, fuzz.ratio, 100 * weights.WORTH_A_LOOK), (whole, fuzz.ratio, 100 * weights.WORTH_A_LOOK),
             (core, fuzz.token_set_ratio, 100 * weights.WORDS_WORTH_A_LOOK))
    coded = np.array([card is not None and card.coded for card in index.cards], bool)
    kept: Array = coded[rows] | coded[others]
    for begin in range(0, len(rows), _AT_ONCE):
        part = slice(begin, begin + _AT_ONCE)
        left, right = rows[part].tolist(), others[part].tolist()
        found = np.zeros(len(left), bool)
        for names, scorer, least in looks:
            score = process.cpdist([names[row] for row in left], [names[row] for row in right], scorer=scorer,
                                   dtype=np.float32)
            found |= score >= least - 0.01
        kept[part] |= found
    return kept
