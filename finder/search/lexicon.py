"""The different words of a set of texts, kept so that like ones are found without comparing with all of them."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping

_WORD = re.compile(r"[^\W_]+")


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
    """Words by spelling and by length."""

    __slots__ = ("_by_length", "_sorted")

    def __init__(self, words: Iterable[str]) -> None:
        self._sorted = sorted(words)
        by_length: dict[int, list[str]] = {}
        for word in self._sorted:
            by_length.setdefault(len(word), []).append(word)
        self._by_length: Mapping[int, list[str]] = by_length

    def of_length(self, least: int, most: int) -> list[str]:
        """The words of so many letters, both included."""
        return [word for length in range(least, most + 1) for word in self._by_length.get(length, ())]

    def starting(self, start: str) -> Iterator[str]:
        """The longer words that start with these letters, by spelling."""
        for place in range(bisect_left(self._sorted, start), len(self._sorted)):
            word = self._sorted[place]
            if not word.startswith(start):
                return
            if word != start:
                yield word
