"""The parameters of a BMLT query, read as BMLT servers read them: lists come with commas, with brackets, or both; 0 and
nothing choose nothing; a negative number leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

_NUMBER = re.compile(r"[+-]?([0-9]{1,9}(\.[0-9]{0,20})?|\.[0-9]{1,20})")
MOST_VALUES = 1000  # of one parameter
LONGEST_NUMBER = 20  # digits
Query = Mapping[str, Sequence[str]]


class Unreadable(ValueError):
    """A parameter that is none of the known shapes."""


def parameters(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The pairs of a query string by name, without the brackets that some clients put behind the names of lists."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name.partition("[")[0], []).append(value)
    return found


def one(query: Query, name: str) -> str:
    """The last value of a name."""
    values = query.get(name) or ("",)
    return values[-1].strip()


def is_set(query: Query, name: str) -> bool:
    """Whether a switch that counts by its value is on."""
    return one(query, name) == "1"


def is_there(query: Query, name: str) -> bool:
    """Whether a switch that counts by being there is on; clients that write every switch out say 0."""
    return name in query and one(query, name) != "0"


def listed(query: Query, name: str) -> list[str]:
    """All values of a list. Raises Unreadable beyond MOST_VALUES."""
    found = [part.strip() for value in query.get(name) or () for part in value.split(",") if part.strip()]
    if len(found) > MOST_VALUES:
        raise Unreadable(name)
    return found


def numbers(query: Query, name: str) -> list[str]:
    """Whole numbers as text, without leading zeros and without 0; those below 0 begin with a minus."""
    found = []
    for text in listed(query, name):
        bare = text.removeprefix("-")
        if not is_whole(bare):
            raise Unreadable(name)
        if int(bare):
            found.append(f"{'-' if text != bare else ''}{int(bare)}")
    return found


def is_whole(text: str) -> bool:
    """Whether a text is digits and nothing else, and not too many."""
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER


def number(query: Query, name: str) -> float | None:
    """A number of nine digits at most; None for nothing. Raises Unreadable for anything else."""
    text = one(query, name)
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise Unreadable(name)
    return float(text)


class Wanted:
    """Which numbers a list of them lets through."""

    __slots__ = ("_inside", "_outside", "all")

    def __init__(self, chosen: Sequence[str]) -> None:
        self._inside = {text for text in chosen if not text.startswith("-")}
        self._outside = {text.removeprefix("-") for text in chosen if text.startswith("-")}
        self.all = not chosen

    def __contains__(self, value: str) -> bool:
        return value not in self._outside and (not self._inside or value in self._inside)
