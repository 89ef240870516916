"""The different words of a set of texts, kept so that like ones are found without comparing with all of them.

Two words that are alike hold mostly the same letters. Each word has a bag of bits: one for each letter or digit it
holds, one more for those it holds twice. Bits in which two bags differ are never more than the letters to be put in and
taken out to make one word of the other; so a comparison of bags, some three million a millisecond, leaves a few words
to be compared letter by letter, and leaves out none that is alike. (A table of words with letters left out, as SymSpell
has it, was weighed: for what counts as alike here it needs two letters less on either side, a hundred entries a word.)
"""

from __future__ import annotations

import re
import string
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np

from finder.matching.traits import Array

_WORD = re.compile(r"[^\W_]+")
_LETTERS = string.ascii_lowercase + string.digits
_TWICE = string.ascii_lowercase  # two bits each, and one a digit: 62


def plain(text: str) -> str:
    """A text in small letters without accents."""
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def folded(text: str) -> list[str]:
    """The words of a text in small letters without accents."""
    return _WORD.findall(plain(text))


class Lexicon:
    """Words by spelling and by length. `words` may come in any order."""

    def __init__(self, words: Iterable[str]) -> None:
        self._sorted: Sequence[str] = sorted(words)

    @cached_property
    def _by_length(self) -> tuple[Array, Array]:
        """The places of the words in order of length, then spelling; and where each length begins."""
        lengths = np.fromiter(map(len, self._sorted), np.int64, len(self._sorted))
        return np.argsort(lengths, kind="stable"), np.concatenate([[0], np.cumsum(np.bincount(lengths))])

    @cached_property
    def _bags(self) -> Array:
        """The bag of each word, in order of length."""
        found: Array = bags(self._sorted)[self._by_length[0]]
        return found

    def alike(self, word: str, least: int, most: int, change: float, each: float = 0.0) -> list[str]:
        """The words of `least` to `most` letters that can become this one by at most `change` letters put in or taken
        out, and `each` more for every letter of the two; with some that cannot. By length, then spelling."""
        order, begin = self._by_length
        last = len(begin) - 2
        first, stop = min(max(least, 0), last + 1), min(most, last) + 1
        if first >= stop:
            return []
        mine = slice(int(begin[first]), int(begin[stop]))
        apart = np.bitwise_count(self._bags[mine] ^ bags([word])[0])
        lengths = np.repeat(np.arange(first, stop), np.diff(begin[first : stop + 1]))
        near = np.flatnonzero(apart <= change + each * (lengths + len(word)) + 1e-9)
        return [self._sorted[at] for at in order[mine][near].tolist()]

    def starting(self, start: str) -> Iterator[str]:
        """The longer words that start with these letters, by spelling."""
        for place in range(bisect_left(self._sorted, start), len(self._sorted)):
            word = self._sorted[place]
            if not word.startswith(start):
                return
            if word != start:
                yield word


def bags(words: Sequence[str]) -> Array:
    """The bag of each word, none of which is empty; uint64."""
    found = np.zeros(len(words), np.uint64)
    if not len(words):
        return found
    letters = np.frombuffer("".join(words).encode("utf-32-le", "surrogatepass"), np.uint32)
    start = np.concatenate([[0], np.cumsum(np.fromiter(map(len, words), np.int64, len(words)))[:-1]])
    for place, letter in enumerate(_LETTERS):
        counts = np.add.reduceat(letters == ord(letter), start, dtype=np.int32)
        found |= (counts > 0).astype(np.uint64) << np.uint64(place)
        if letter in _TWICE:
            found |= (counts > 1).astype(np.uint64) << np.uint64(place + len(_LETTERS))
    return found
