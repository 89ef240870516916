"""Words in listings: which of them a typed phrase matches, typing errors allowed. Text never enters a match score."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from finder.matching.traits import Array
from finder.vocabulary import vocabulary

_WORD = re.compile(r"[^\W_]+")
NEAR = 80.0  # rapidfuzz ratio, 0..100, from which a word of four or more letters counts as the same, mistyped
MOST_WORDS = 12
MOST_SIMILAR = 12
# Words that stand in most listings and in most questions; they tell nothing apart.
_COMMON = frozenset("a an and de el en for group groups grupo grupos in la los meeting near of on para program support "
                    "the to with y".split())


@dataclass(frozen=True, slots=True)
class Index:
    """Words of a set of listings, and in which rows each stands."""

    words: tuple[str, ...]
    rows: Mapping[str, Array]
    size: int

    def scores(self, text: str) -> Array | None:
        """Per row how much of the text it holds, 0..1; 0 where a word is missing altogether.

        Rare words weigh more; the start of a word and a likely typing error count in part. None when the text holds
        no word that tells anything.
        """
        wanted = [word for word in dict.fromkeys(folded(text)) if word not in _COMMON][:MOST_WORDS]
        if not wanted:
            return None
        total, weight = np.zeros(self.size), 0.0
        everywhere = np.ones(self.size, bool)
        for word in wanted:
            mine, rare = self._one(word)
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
        count = self.size if exact is None else len(exact)
        return found, float(np.log1p(self.size / max(1, count))) if exact is not None else 1.0

    def _similar(self, word: str) -> list[tuple[str, float]]:
        found = [(word, 1.0)] if word in self.rows else []
        if len(word) < 4:
            return found
        near = process.extract(word, self.words, scorer=fuzz.ratio, score_cutoff=NEAR, limit=MOST_SIMILAR)
        found += [(other, score / 100 * 0.9) for other, score, _ in near if other != word]
        found += [(other, 0.8) for other in self.words if other.startswith(word) and other != word][:MOST_SIMILAR]
        return found


def folded(text: str) -> list[str]:
    """The words of a text in small letters without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))


def index(documents: Sequence[Mapping[str, Any]]) -> Index:
    """The index of listing documents, by their position."""
    rows: dict[str, list[int]] = {}
    for row, document in enumerate(documents):
        for word in set(folded(_said(document))):
            rows.setdefault(word, []).append(row)
    return Index(tuple(rows), {word: np.array(found, np.int64) for word, found in rows.items()}, len(documents))


def _said(document: Mapping[str, Any]) -> str:
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
    return " ".join(part for part in parts if part)
