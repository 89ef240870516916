"""A meeting's name freed of what belongs in other fields: status, format, time with zone, ordinal days.

Only whole pieces are taken out (in brackets, behind a dash, before a colon), so that "Pause for Serenity", "Closed
Women's Book Study" and "Back Bay Online" keep their names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from finder.exchange.cells.text import clean
from finder.exchange.cells.times import ZONE_PATTERN, every_other, ordinal_days, zone_word

_TAIL = r"(?:\s*(?:until|due|through|as of|for now|at this time|temporarily|indefinitely|meeting)\b.*)?"
_PAUSED = re.compile(
    rf"(?:temporarily\s+)?(?:suspended|cancell?ed|on hiatus|not meeting|inactive|paused){_TAIL}"
    r"|(?:location\s+)?temporarily\s+closed.*|(?:location\s+)?closed\s+(?:temporarily|until|due to)\b.*", re.I)
_ONLINE = r"(?:now\s+)?(?:on\s?-?line|virtual|(?:via\s+|on\s+)?zoom)(?:\s+(?:only|meeting|edition))?"
_ROOM = r"in[- ]?person(?:\s+(?:only|meeting))?"
_AND = r"\s*(?:&|and|/|\+)\s*"
_FORMATS = (
    ("hybrid", re.compile(rf"hybrid(?:\s+meeting)?|{_ROOM}{_AND}{_ONLINE}|{_ONLINE}{_AND}{_ROOM}", re.I)),
    ("online_video", re.compile(_ONLINE, re.I)),
    ("in_person", re.compile(_ROOM, re.I)),
    ("phone", re.compile(r"(?:by\s+)?(?:tele)?phone(?:\s+(?:only|meeting))?|conference call", re.I)),
    ("text_chat", re.compile(r"discord|text chat", re.I)),
)
_DAYS = r"(?:(?:sun|mon|tues|wednes|thurs|fri|satur)days?)"
_WHEN = re.compile(rf"(?:.*\b(?:every other|\d(?:st|nd|rd|th)|last)\s+)?{_DAYS}?\s*@?\s*(?:{ZONE_PATTERN})", re.I)
_BRACKETS = re.compile(r"[(\[]\s*([^()\[\]]*?)\s*[)\]]")
_PREFIX = re.compile(r"^([^:]{3,40}):\s*(.+)$")
_DASHES = re.compile(r"\s+-{1,2}\s*|\s*-{1,2}\s+|\s*[–—]\s*")
_LAST_WORD = re.compile(r"^(.*\S)\s+(hybrid)$", re.I)
_HINT = re.compile(r"[(\[:–—]|-[\s-]|\s-|hybrid$", re.I)


@dataclass(frozen=True, slots=True)
class Name:
    """A name and what stood in it. `paused`: a word says it does not meet now. `monthly`: BYDAY values."""

    text: str
    original: str
    paused: bool = False
    format: str | None = None
    zone: str | None = None
    monthly: tuple[str, ...] = ()
    every_other: bool = False


@dataclass(slots=True)
class _Found:
    paused: bool = False
    format: str | None = None

    def takes(self, piece: str) -> bool:
        """Whether a piece of the name says status, format or time and nothing else."""
        piece = piece.strip(" .!*")
        if not piece:
            return True
        if _PAUSED.fullmatch(piece):
            self.paused = True
            return True
        for code, pattern in _FORMATS:
            if pattern.fullmatch(piece):
                self.format = self.format or code
                return True
        return bool(_WHEN.fullmatch(piece))


@lru_cache(maxsize=131_072)
def read_name(value: str) -> Name:
    """The name without status, format and time words, and what they said (quirks 6, 20 and 21)."""
    original = clean(value)
    if not _HINT.search(original):
        return Name(original, original, monthly=ordinal_days(original), every_other=every_other(original),
                    zone=zone_word(original))
    found = _Found()
    text = _BRACKETS.sub(lambda inside: " " if found.takes(inside.group(1)) else inside.group(0), original)
    prefix = _PREFIX.match(text)
    if prefix and found.takes(prefix.group(1)):
        text = prefix.group(2)
    pieces = _DASHES.split(text)
    kept = [piece for place, piece in enumerate(pieces) if not found.takes(piece) or (place == 0 and len(pieces) == 1)]
    if len(kept) < len(pieces):
        text = " - ".join(kept)
    last = _LAST_WORD.match(text)
    if last:
        found.takes(last.group(2))
        text = last.group(1)
    text = clean(text).strip(" -:") or original
    return Name(text, original, found.paused, found.format, zone_word(original), ordinal_days(original),
                every_other(original))
