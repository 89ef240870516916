"""Which session of a changed listing is which session of before, so that each keeps its UUID."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

_DAY = re.compile(r"BYDAY=([^;]+)")


def keep_ids(sessions: Sequence[Mapping[str, Any]], old: Mapping[uuid.UUID, Mapping[str, Any]]) \
        -> list[uuid.UUID | None]:
    """For each new session the UUID of the old one it continues, None for a new one; no UUID twice.

    Closest pairs first: same format, day and time; then same format and day, the nearest time; then same format and
    time on another day; then the same format at the nearest time.
    """
    kept: list[uuid.UUID | None] = [None] * len(sessions)
    pairs = sorted(
        (_distance(session, before), position, order, key)
        for position, session in enumerate(sessions) for order, (key, before) in enumerate(old.items())
        if session["format"] == before["format"]
    )
    used: set[uuid.UUID] = set()
    for _, position, _, key in pairs:
        if kept[position] is None and key not in used:
            kept[position] = key
            used.add(key)
    return kept


def _distance(session: Mapping[str, Any], before: Mapping[str, Any]) -> tuple[int, int]:
    same_day = _days(session) == _days(before)
    minutes = abs(_minutes(session) - _minutes(before))
    if same_day:
        return (0 if minutes == 0 else 1, minutes)
    return (2 if minutes == 0 else 3, minutes)


def _days(session: Mapping[str, Any]) -> str:
    found = _DAY.search(session.get("repeats") or "")
    return found.group(1) if found else session.get("repeats") or ""


def _minutes(session: Mapping[str, Any]) -> int:
    start = session.get("start_time")
    return int(start[:2]) * 60 + int(start[3:]) if start else -1440
