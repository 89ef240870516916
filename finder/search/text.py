"""Words in listings: which of them a typed phrase matches, typing errors allowed. Text never enters a match score.

Words side by side must all be there; "quotes" ask for exactly these words one after the other; OR or | stands between
wordings that will each do; a minus before a word or quotes leaves out what holds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from finder.matching.traits import Array
from finder.search.lexicon import Lexicon, folded
from finder.vocabulary import vocabulary

NEAR = 80.0  # rapidfuzz ratio, 0..100, from which a word of four or more letters counts as the same, mistyped
MOST_WORDS = 12
MOST_SIMILAR = 12
# Words that stand in most listings and in most questions; they tell nothing apart.
_COMMON = frozenset("a an and de el en for group groups grupo grupos in la los meeting near of on para program support "
                    "the to with y".split())
_TERM = re.compile(r'(?P<minus>(?<!\S)[-−–])?"(?P<phrase>[^"]*)"?|(?P<bar>\|)|(?P<word>[^\s"|]+)')
_DASHES = "-−–"
_QUOTES = str.maketrans("“”„«»", '"""""')
_GAP = -1  # between the parts of a listing, so that no phrase reaches from one into the next


@dataclass(frozen=True, slots=True)
class Asked:
    """A typed text. `groups`: one of them must be met, each by all its terms; a term is a word or, as a tuple, a
    phrase. `without`: what no listing may hold."""

    groups: tuple[tuple[str | tuple[str, ...], ...], ...]
    without: tuple[tuple[str, ...], ...]


def read(text: str) -> Asked:
    """The terms of a typed text, at most MOST_WORDS; words that tell nothing are left aside unless quoted."""
    groups: list[dict[str | tuple[str, ...], None]] = [{}]
    without: dict[tuple[str, ...], None] = {}
    for found in islice(_TERM.finditer(text.translate(_QUOTES)), 4 * MOST_WORDS):
        word, phrase = found["word"], found["phrase"]
        if found["bar"] or word == "OR":
            groups.append({})
        elif found["minus"] or (word and word[0] in _DASHES and word[-1] not in _DASHES):
            without[tuple(folded(phrase if word is None else word))] = None
        elif phrase is not None:
            groups[-1][tuple(folded(phrase))] = None
        else:
            groups[-1].update(dict.fromkeys(one for one in folded(word) if one not in _COMMON))
    kept = (tuple(islice((term for term in group if term), MOST_WORDS)) for group in groups)
    return Asked(tuple(group for group in kept if group)[:MOST_WORDS], tuple(one for one in without if one))


@dataclass(frozen=True, slots=True)
class Index:
    """Words of a set of listings: in which rows each stands, and all of them in the order written."""

    rows: Mapping[str, Array]
    size: int
    lexicon: Lexicon
    numbers: Mapping[str, int]
    flow: Array  # word numbers of all listings, one after the other
    start: Array  # where each row begins in `flow`; one more than rows

    def scores(self, text: str) -> Array | None:
        """Per row how much of the text it holds, 0..1; 0 where it is not what was asked for.

        Rare words weigh more; the start of a word and a likely typing error count in part; of wordings joined by OR
        the best counts. None when the text holds no word that tells anything.
        """
        asked = read(text)
        if not asked.groups and not asked.without:
            return None
        total = np.max([self._all_of(group) for group in asked.groups], axis=0) if asked.groups else np.ones(self.size)
        for phrase in asked.without:
            total[self._phrase(phrase)] = 0.0
        return total

    def _all_of(self, terms: Sequence[str | tuple[str, ...]]) -> Array:
        total, weight = np.zeros(self.size), 0.0
        everywhere = np.ones(self.size, bool)
        for term in terms:
            mine, rare = self._one(term) if isinstance(term, str) else self._exact(term)
            total += mine * rare
            weight += rare
            everywhere &= mine > 0
        return np.where(everywhere, total / weight, 0.0)

    def _one(self, word: str) -> tuple[Array, float]:
        found = np.zeros(self.size)
        exact = self.rows.get(word)
        for other, worth in self._similar(word):
            rows = self.rows[other]
            found[rows] = np.maximum(found[rows], worth)
        return found, self._rareness(len(exact)) if exact is not None else 1.0

    def _exact(self, phrase: tuple[str, ...]) -> tuple[Array, float]:
        found = np.zeros(self.size)
        rows = self._phrase(phrase)
        found[rows] = 1.0
        return found, self._rareness(len(rows))

    def _rareness(self, count: int) -> float:
        return float(np.log1p(self.size / max(1, count)))

    def _phrase(self, phrase: tuple[str, ...]) -> Array:
        """The rows that hold exactly these words one after the other."""
        if len(phrase) == 1:
            return self.rows.get(phrase[0], np.empty(0, np.int64))
        numbers = [self.numbers.get(word) for word in phrase]
        if None in numbers:
            return np.empty(0, np.int64)
        last = max(0, len(self.flow) - len(phrase) + 1)
        at = np.flatnonzero(self.flow[:last] == numbers[0])
        for place, number in enumerate(numbers[1:], 1):
            at = at[self.flow[at + place] == number]
        return np.unique(np.searchsorted(self.start, at, side="right") - 1)

    def _similar(self, word: str) -> list[tuple[str, float]]:
        found = [(word, 1.0)] if word in self.rows else []
        if len(word) < 4:
            return found
        # Twice the letters in common over all letters is at most 80 % when one word has under two thirds of the other.
        like = self.lexicon.alike(word, len(word) * 2 // 3, len(word) * 3 // 2, 0, 1 - NEAR / 100)
        near = process.extract(word, like, scorer=fuzz.ratio, score_cutoff=NEAR, limit=MOST_SIMILAR)
        found += [(other, score / 100 * 0.9) for other, score, _ in near if other != word]
        found += [(other, 0.8) for other in islice(self.lexicon.starting(word), MOST_SIMILAR)]
        return found


def index(documents: Iterable[Mapping[str, Any]], tags: Mapping[str, Sequence[str]] | None = None) -> Index:
    """The index of listing documents, by their position. `tags`: the words that each tag is found by."""
    numbers: dict[str, int] = {}
    rows: list[list[int]] = []
    flow, start = [], [0]
    for row, document in enumerate(documents):
        for part in [*_said(document), *_tagged(document, tags or {})]:
            for word in folded(part):
                number = numbers.setdefault(word, len(numbers))
                if number == len(rows):
                    rows.append([])
                if not rows[number] or rows[number][-1] != row:
                    rows[number].append(row)
                flow.append(number)
            flow.append(_GAP)
        start.append(len(flow))
    by_word = {word: np.array(found, np.int64) for word, found in zip(numbers, rows, strict=True)}
    return Index(by_word, len(start) - 1, Lexicon(numbers), numbers, np.array(flow, np.int32),
                 np.array(start, np.int64))


def _said(document: Mapping[str, Any]) -> list[str]:
    lists = vocabulary().lists
    parts = [document["name"], (document.get("organization") or {}).get("name"), document.get("description"),
             (document.get("contact") or {}).get("note")]
    for code in (document["group_type"],):
        parts.append(lists["group_types"].label(code))
    for name, field in (("focus_areas", "focus"), ("modalities", "modalities"), ("populations", "populations")):
        for code in document.get(field) or ():
            parts += [lists[name].label(code), lists[name].label(code, "es")]
    for session in document.get("sessions") or ():
        location = session.get("location") or {}
        hidden = location.get("hidden")
        parts += [location.get(key) for key in ("city", "state") + (() if hidden else ("name", "address_1"))]
    return [part for part in parts if part]


def _tagged(document: Mapping[str, Any], tags: Mapping[str, Sequence[str]]) -> list[str]:
    codes = (document.get("x") or {}).get("tags")
    return [words for code in codes if isinstance(code, str) for words in tags.get(code, ())] \
        if tags and isinstance(codes, list) else []
