"""Whether a JSON text would take far more room than it shows, said before a parser builds anything of it.

A parser needs some four hundred bytes for a key and sixty for a list, so a few megabytes of nothing but those fill a
machine. Real feeds are text: shapes that no feed of listings has are refused by counting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LITTLE = 1024 * 1024  # characters; a shorter text cannot take much whatever stands in it
# Real feeds and packages have 90 characters and more for each object or list; tersest are schemas, with 38.
LEAST_EACH = 24
LEAST_APART = 8  # characters for each comma; real feeds have 20 and more
MOST_KEYS = 10_000  # of one object, and different ones in a whole text; real feeds have below a hundred
_WINDOW = 1 << 20
_KEY = re.compile(r'"([^"\\]*)"\s*:')
_BRACKET = re.compile(r"[\[\]{}]")


def is_heavy(text: str) -> bool:
    """Whether a text has values, lists and objects of hardly anything, or more keys than any feed of listings."""
    if len(text) <= LITTLE:
        return False
    return _is_crowded(text) or _has_many_names(text)


def _has_many_names(text: str) -> bool:
    names: set[str] = set()
    for found in _KEY.finditer(text):
        names.add(found[1])
        if len(names) > MOST_KEYS:
            return True
    return False


def _is_crowded(text: str) -> bool:
    """Whether brackets or commas stand too close, or one object has more than MOST_KEYS keys, told by its colons."""
    around: list[int] = []  # colons so far in each object and list around
    here = brackets = commas = 0
    for piece in _without_strings(text):
        brackets += piece.count("{") + piece.count("[")
        commas += piece.count(",")
        if brackets > len(text) // LEAST_EACH or commas > len(text) // LEAST_APART:
            return True
        place = 0
        for bracket in _BRACKET.finditer(piece):
            here += piece.count(":", place, bracket.start())
            place = bracket.end()
            if here > MOST_KEYS:
                return True
            if bracket[0] in "[{":
                around.append(here)
                here = 0
            else:
                here = around.pop() if around else 0
        here += piece.count(":", place)
        if here > MOST_KEYS:
            return True
    return False


def _without_strings(text: str) -> Iterator[str]:
    """The text outside its strings, piece by piece."""
    plain = text.replace("\\\\", "").replace('\\"', "") if "\\" in text else text
    inside = 0
    for start in range(0, len(plain), _WINDOW):
        parts = plain[start:start + _WINDOW].split('"')
        yield "".join(parts[inside::2])
        inside ^= (len(parts) - 1) & 1
