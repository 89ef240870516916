"""Listings by their names: which of them a typed line calls by name, typing errors allowed also in the first letter.

What a listing is called is its name, the organization behind it and the towns where it meets; nothing else is read
here. A hidden location gives its town only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from finder.matching.traits import Array
from finder.places import gazetteer as gazetteers
from finder.places.distance import chord_miles, unit_vector, unit_vectors
from finder.places.lookup import STATES, Place
from finder.search import lexicon
from finder.search.lexicon import Lexicon

MOST_WORDS = 16
MOST_SIMILAR = 48
LOOKED_AT = 200  # of the best by their words, so many are compared letter by letter
NEAR_MILES = 60.0  # from here on a listing is not at the place that was typed; nearer ones are so in proportion
_SLIP, _TWO_SLIPS, _BEGINNING = 0.85, 0.65, 0.8  # what a word mistyped or begun is worth
_LONG = 8  # letters from which two slips are allowed
_ORGANIZATION, _TOWN = 0.8, 0.9  # what a word of these is worth against one of the name
_NEARBY = 0.8  # what being at the place is worth against a word of its name
_WHOLE, _LETTERS, _HERE = 0.4, 0.5, 0.15  # shares: the name typed out in full, letter by letter, at the place


def words(text: str) -> list[str]:
    """The words of a name: small letters, no accents, "women's" as "womens"."""
    return lexicon.folded(text.replace("'", "").replace("’", ""))


@dataclass(frozen=True, slots=True)
class Judged:
    """What one typed line says of every row. Arrays run over rows, 0..1 but `score` (least is worst)."""

    score: Array
    typed: Array  # how much of the weight of the words typed, but for place and asides, its name, organization and
    # town hold; 1 where there are none
    own: Array  # the same of those words that nothing else explains
    whole: Array  # how much of the weight of the listing's name was typed


@dataclass(frozen=True, slots=True)
class Names:
    """Words of what a set of listings is called, and the rows where each stands."""

    size: int
    name: Mapping[str, Array]
    organization: Mapping[str, Array]
    town: Mapping[str, Array]
    lexicon: Lexicon
    weight: Mapping[str, float]  # rare words tell more apart
    total: Array  # weight of all words of the name
    said: Sequence[str]  # the name, folded
    active: Array
    remote: Array
    xyz: Array
    known: Array

    def judge(self, typed: Sequence[str], *, fillers: Collection[str] = (), own: Collection[str] = (),
              aside: Collection[str] = (), placed: Collection[str] = (), place: Place | None = None) -> Judged:
        """Judges every row for the folded words typed.

        `fillers`: other words typed, which count only where they stand in the name; `own`: those that nothing else
        explains; `aside`: those that a name need not hold; `placed`: those that name the place, which whoever is near
        it has said in part.
        """
        near = np.zeros(self.size, np.float32)
        if place is not None:
            near = np.maximum(1 - self.miles(place) / NEAR_MILES, 0).astype(np.float32)
        wanted = list(dict.fromkeys(typed))[:MOST_WORDS]
        told, told_own, whole = (np.zeros(self.size, np.float32) for _ in range(3))
        all_weight = own_weight = other_weight = 0.0
        others = np.zeros(self.size, np.float32)
        only_aside = all(word in aside or word in placed for word in wanted)
        for word in fillers:
            if word in self.name:
                whole[self.name[word]] += self.weight[word]
        for word in wanted:
            weight, worth, of_name = self._one(word)
            if word in placed:
                worth = np.maximum(worth, _NEARBY * near)
            elif word not in aside or only_aside:
                others += weight * worth
                other_weight += weight
            told += weight * worth
            all_weight += weight
            whole += of_name
            if word in own:
                told_own += weight * worth
                own_weight += weight
        score = told / max(all_weight, 1e-9) * (1 - _WHOLE + _WHOLE * np.minimum(whole / self.total, 1)) + _HERE * near
        return Judged(score, _share(others, other_weight), _share(told_own, own_weight),
                      np.minimum(whole / self.total, 1))

    def _one(self, word: str) -> tuple[float, Array, Array]:
        """The weight of a typed word; per row what it is worth; and the weight it covers of the row's name."""
        worth, of_name = np.zeros(self.size, np.float32), np.zeros(self.size, np.float32)
        weights = []
        for other, like in self._similar(word):
            for rows, share in ((self.name.get(other), 1.0), (self.organization.get(other), _ORGANIZATION),
                                (self.town.get(other), _TOWN)):
                if rows is not None:
                    worth[rows] = np.maximum(worth[rows], like * share)
            weights.append(self.weight[other])
            if other in self.name:
                rows = self.name[other]
                of_name[rows] = np.maximum(of_name[rows], like * self.weight[other])
        known = self.weight.get(word)
        return known or max(weights, default=float(np.log1p(self.size))), worth, of_name

    def _similar(self, word: str) -> list[tuple[str, float]]:
        found = {word: 1.0} if word in self.weight else {}
        if len(word) < 3 or word.isdecimal():
            return list(found.items())
        slips = 2 if len(word) >= _LONG else 1
        shortest = max(4, len(word) - slips) if len(word) < 4 else len(word) - slips
        like = self.lexicon.alike(word, shortest, len(word) + slips, 2 * slips)  # a slip is two letters at most
        scorer: Any = OSA.distance
        for other, distance, _ in process.extract(word, like, scorer=scorer, score_cutoff=slips, limit=MOST_SIMILAR):
            found.setdefault(other, _SLIP if distance == 1 else _TWO_SLIPS)
        if len(word) >= 4:
            for other in islice(self.lexicon.starting(word), MOST_SIMILAR):
                found[other] = max(found.get(other, 0.0), _BEGINNING)
        return list(found.items())

    def miles(self, place: Place) -> Array:
        """Miles to the first place of each listing; inf where none is known."""
        origin = unit_vector(place.latitude, place.longitude)
        return np.where(self.known, chord_miles(self.xyz, origin), np.inf)

    def best(self, judged: Judged, rows: Array, typed: str, count: int,
             bare: str | None = None) -> list[tuple[int, float]]:
        """The best of these rows, each with its worth, best first: by words, then letter by letter.

        `typed`: the line, folded; `bare`: the same without the place.
        """
        if len(rows) > LOOKED_AT:
            rows = rows[np.argsort(-judged.score[rows], kind="stable")[:LOOKED_AT]]
        names = [self.said[row] for row in rows.tolist()]
        lines = [typed] if bare is None or bare == typed else [typed, bare]
        letters = process.cdist(lines, names, scorer=fuzz.ratio).max(axis=0) / 100 if names else np.zeros(0)
        worth = judged.score[rows] + _LETTERS * letters
        return [(int(rows[at]), float(worth[at])) for at in np.argsort(-worth, kind="stable")[:count].tolist()]


def index(documents: Iterable[Mapping[str, Any]]) -> Names:
    """The names of listing documents, by their position."""
    name, organization, town = _Postings(), _Postings(), _Postings()
    said, active, remote, points = [], [], [], []
    for row, document in enumerate(documents):
        mine = words(document["name"])
        said.append(" ".join(mine))
        name.add(row, mine)
        organization.add(row, words((document.get("organization") or {}).get("name") or ""))
        places = [session["location"] for session in document.get("sessions") or () if session.get("location")]
        town.add(row, [word for place in places for word in _town(place)])
        active.append(document.get("status", "active") == "active")
        remote.append(not places)
        points.append(next(((place["latitude"], place["longitude"]) for place in places
                            if place.get("latitude") is not None), None))
    size = len(said)
    by_name, by_organization, by_town = name.arrays(), organization.arrays(), town.arrays()
    weight = _weights(size, by_name, by_organization, by_town)
    total = np.array([sum(weight[word] for word in set(one.split())) for one in said], np.float32)
    known = np.array([point is not None for point in points], bool)
    xyz = np.zeros((size, 3), np.float32)
    if known.any():
        spots = np.array([point for point in points if point is not None], float)
        xyz[known] = unit_vectors(spots[:, 0], spots[:, 1])
    return Names(size, by_name, by_organization, by_town, Lexicon(weight), weight, np.maximum(total, 1e-3), said,
                 np.array(active, bool), np.array(remote, bool), xyz, known)


def _share(part: Array, weight: float) -> Array:
    return part / weight if weight else np.ones(len(part), np.float32)


class _Postings:
    def __init__(self) -> None:
        self.rows: dict[str, list[int]] = {}

    def add(self, row: int, found: Iterable[str]) -> None:
        for word in set(found):
            self.rows.setdefault(word, []).append(row)

    def arrays(self) -> dict[str, Array]:
        return {word: np.array(rows, np.int64) for word, rows in self.rows.items()}


def _weights(size: int, *fields: Mapping[str, Array]) -> dict[str, float]:
    counts: dict[str, int] = {}
    for one in fields:
        for word, rows in one.items():
            counts[word] = max(counts.get(word, 0), len(rows))
    return {word: float(np.log1p(size / count)) for word, count in counts.items()}


def _town(location: Mapping[str, Any]) -> list[str]:
    state = location.get("state") or ""
    return [*gazetteers.folded(location.get("city") or "").split(), *words(location.get("city") or ""),
            *words(state), *words(STATES.get(state, ""))]
