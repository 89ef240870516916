"""Words in listings: which of them a typed phrase matches, typing errors allowed. Text never enters a match score.

Words side by side must all be there; "quotes" ask for exactly these words one after the other; OR or | stands between
wordings that will each do; a minus before a word or quotes leaves out what holds it.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
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
    """Words of a set of listings: in which rows each stands, and all of them in the order written.

    Directories say the same things again and again, so each different part is held once, and of each listing only which
    parts it says. No phrase reaches from one part into the next.
    """

    rows: _Postings
    size: int
    lexicon: Lexicon
    numbers: Mapping[str, int]
    flow: Array  # word numbers of all parts (a name, a label, a town: what stands in one field), one after the other
    start: Array  # where each part begins in `flow`; one more than parts
    said: _Said

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

    def arrays(self) -> dict[str, Array]:
        """All of it as arrays by name; `unpacked` reads them."""
        text = "\n".join(self.numbers).encode()
        return {"word/text": np.frombuffer(text, np.uint8), "word/flow": self.flow, "word/start": self.start,
                "word/parts": self.rows.parts, "word/parts_at": self.rows.at, "word/rows": self.said.rows,
                "word/rows_at": self.said.at, "word/size": np.array([self.size])}

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
        part = np.searchsorted(self.start, at, side="right") - 1
        return self.said.of(np.unique(part[at + len(phrase) <= self.start[part + 1]]))

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
    parts: dict[str, int] = {}
    said, ends = array("i"), array("q", [0])
    number = parts.setdefault
    for document in documents:
        said.extend([number(part, len(parts)) for part in [*_said(document), *_tagged(document, tags or {})]])
        ends.append(len(said))
    of_part = [folded(part) for part in parts]
    words = sorted(set(chain.from_iterable(of_part)))
    places = {word: place for place, word in enumerate(words)}
    flow = np.fromiter(map(places.__getitem__, chain.from_iterable(of_part)), np.int32)
    start = np.concatenate([[0], np.cumsum(np.fromiter(map(len, of_part), np.int64, len(of_part)))]).astype(np.int32)
    rows = np.repeat(np.arange(len(ends) - 1, dtype=np.uint32), np.diff(np.array(ends)))
    of_rows = _grouped(np.array(said, np.int32), rows, len(parts))
    of_words = _grouped(flow, np.repeat(np.arange(len(parts), dtype=np.uint32), np.diff(start)), len(words))
    return _of(len(ends) - 1, words, flow, start, *of_words, *of_rows)


def _grouped(keys: Array, values: Array, size: int) -> tuple[Array, Array]:
    """The different values of each key, key after key and ascending as they come; and where each key begins."""
    order = np.argsort(keys, kind="stable")
    key, value = keys[order], values[order]
    first = np.ones(len(key), bool)
    first[1:] = (key[1:] != key[:-1]) | (value[1:] != value[:-1])
    return value[first], np.concatenate([[0], np.cumsum(np.bincount(key[first], minlength=size))]).astype(np.int32)


def _of(size: int, words: list[str], flow: Array, start: Array, parts: Array, parts_at: Array, rows: Array,
        rows_at: Array) -> Index:
    places = _Places(words)
    said = _Said(rows, rows_at, size)
    return Index(_Postings(places, parts, parts_at, said), size, Lexicon(words), places, flow, start, said)


@dataclass(frozen=True, slots=True)
class _Said:
    """In which rows each part stands, part after part. Most parts (labels, towns) are said by many listings."""

    rows: Array
    at: Array
    size: int

    def of(self, parts: Array) -> Array:
        """The rows that say any of these parts, ascending."""
        begin = self.at[parts].astype(np.int64)
        count = self.at[parts + 1] - begin
        first = np.cumsum(count) - count
        found: Array = self.rows[np.arange(int(count.sum())) + np.repeat(begin - first, count)]
        if len(parts) == 1:
            return found
        if len(found) * 16 < self.size:
            return np.unique(found)
        marked = np.zeros(self.size, bool)
        marked[found] = True
        return np.flatnonzero(marked)


class _Places(Mapping[str, int]):
    """Word -> its number, the place among all words by spelling."""

    __slots__ = ("words",)

    def __init__(self, words: list[str]) -> None:
        self.words = words

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __getitem__(self, word: str) -> int:
        at = bisect_left(self.words, word)
        if at == len(self.words) or self.words[at] != word:
            raise KeyError(word)
        return at


class _Postings(Mapping[str, Array]):
    """Word -> the rows it stands in, ascending, by way of the parts it stands in."""

    __slots__ = ("at", "parts", "places", "said")

    def __init__(self, places: _Places, parts: Array, at: Array, said: _Said) -> None:
        self.places, self.parts, self.at, self.said = places, parts, at, said

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __getitem__(self, word: str) -> Array:
        number = self.places[word]
        return self.said.of(self.parts[self.at[number] : self.at[number + 1]])


def unpacked(arrays: Mapping[str, Array]) -> Index:
    """The index of such arrays."""
    text = arrays["word/text"].tobytes().decode()
    names = ("flow", "start", "parts", "parts_at", "rows", "rows_at")
    return _of(int(arrays["word/size"][0]), text.split("\n") if text else [],
               *(arrays[f"word/{one}"] for one in names))


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
