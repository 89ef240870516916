"""Sentences that are made once for equal facts and then remembered.

For facts of listings and for codes only: making a sentence takes some thirty microseconds, a page holds hundreds, and
most of them are alike from page to page. What a person wrote or answered has no place here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from finder.wordings.language import tongue

MOST_SENTENCES = 16_384  # of one kind; some 5 MB at most

P = ParamSpec("P")


def kept(make: Callable[P, str]) -> Callable[P, str]:
    """The same function, remembering what it said in each language. Facts are equal when they are written alike."""
    said: dict[tuple[object, str], str] = {}

    @wraps(make)
    def remembered(*facts: P.args, **more: P.kwargs) -> str:
        key = (tongue().one, repr((facts, more)) if more else repr(facts))
        sentence = said.get(key)
        if sentence is None:
            if len(said) >= MOST_SENTENCES:
                said.clear()
            sentence = said[key] = make(*facts, **more)
        return sentence

    return remembered
