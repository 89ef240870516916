"""What a listing says in the words of formats that know weekly meetings only: one slot for each weekday of a session.

Everything else is left out and counted by reason, so that a door can say what a feed does not hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from finder.exchange.cells.times import DAY_MINUTES, DAYS
from finder.exchange.entries import Entry, Meeting
from finder.schedules.recurrence import ANCHOR

# Why a session, or a listing without one, is in no weekly feed; the counts of `slots` bear these names.
REASONS = ("paused", "closed", "no_session", "always_open", "no_time", "no_rule", "monthly", "alternating",
           "other_rhythm", "ends", "not_yet", "next_cycle", "no_zone", "no_place")
MOST_RULES = 4096  # whose days are remembered; directories hold few different ones
WITH_PLACE = frozenset(("in_person", "hybrid"))
_MONDAY_FIRST = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Site:
    """The instance that publishes. `page` and `report` give the whole address of a listing's page, and of the page
    for reporting a mistake in it, from its slug. `country`: where a meeting online is put when nothing says where
    its people live (ISO 3166)."""

    name: str
    url: str
    page: Callable[[str], str]
    report: Callable[[str], str]
    country: str = "US"


@dataclass(frozen=True, slots=True)
class Slot:
    """One weekday of a session that meets every week: `day` 0 is Sunday, `start` minutes after midnight in `zone`,
    `minutes` the length or None."""

    entry: Entry
    session: Mapping[str, Any]
    meeting: Meeting
    day: int
    start: int
    minutes: int | None
    zone: str


def slots(entry: Entry, *, today: date, left_out: Counter[str]) -> Iterator[Slot]:
    """The weekly slots of a listing in the order of its sessions and of the week, each day once; `left_out` counts."""
    status = entry.document.get("status") or "active"
    sessions = entry.document.get("sessions") or ()
    if status != "active" or not sessions:
        left_out[status if status != "active" else "no_session"] += 1
        return
    for session, meeting in zip(sessions, entry.meetings, strict=True):
        why = _why_not(entry.document, session, today)
        if why:
            left_out[why] += 1
            continue
        hours, minutes = session["start_time"].split(":")
        for day in _days(session["repeats"], session.get("valid_from")):
            yield Slot(entry, session, meeting, day, 60 * int(hours) + int(minutes), session.get("duration_minutes"),
                       session["timezone"])


def end(slot: Slot) -> int | None:
    """When it ends, in minutes after midnight of the same day; None when that is not stated or past midnight."""
    last = slot.start + slot.minutes if slot.minutes else None
    return last if last is not None and last < DAY_MINUTES else None


def _why_not(document: Mapping[str, Any], session: Mapping[str, Any], today: date) -> str:
    if session.get("anytime"):
        return "always_open"
    if not session.get("start_time"):
        return "no_time"
    rule = session.get("repeats")
    if not rule:
        return "no_rule"
    rhythm = _rhythm(rule)
    if rhythm:
        return rhythm
    if session.get("valid_until") or "COUNT=" in rule or "UNTIL=" in rule:
        return "ends"
    if _after(session.get("valid_from"), today):
        return "not_yet"
    # Where nobody joins within a cycle, who comes before the next one begins comes in vain.
    if document.get("open_group") is False and _after(document.get("starts_on"), today):
        return "next_cycle"
    if not session.get("timezone"):
        return "no_zone"
    return "no_place" if session["format"] == "in_person" and not town(session) else ""


def _after(day: str | None, today: date) -> bool:
    return day is not None and date.fromisoformat(day) > today


def town(session: Mapping[str, Any]) -> bool:
    """Whether a place is stated that a line of address can be made of."""
    location = session.get("location") or {}
    return any(location.get(part) for part in ("address_1", "city", "state", "postal_code"))


@lru_cache(maxsize=MOST_RULES)
def _rhythm(rule: str) -> str:
    """Empty for a rule that meets in every week."""
    parts = _parts(rule)
    if parts["FREQ"] == "MONTHLY":
        return "monthly"
    if parts["FREQ"] == "YEARLY" or parts.keys() & {"BYMONTH", "BYMONTHDAY", "BYSETPOS"}:
        return "other_rhythm"
    if parts.get("INTERVAL", "1") != "1":
        return "alternating"
    return "other_rhythm" if any(day not in DAYS for day in _listed(parts)) else ""


def _parts(repeats: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in repeats.split(";"))


def _listed(parts: Mapping[str, str]) -> list[str]:
    return parts["BYDAY"].split(",") if "BYDAY" in parts else []


@lru_cache(maxsize=MOST_RULES)
def _days(rule: str, begins: str | None) -> tuple[int, ...]:
    """Weekdays, Sunday 0. Without BYDAY a weekly rule meets on the weekday of its anchor (contract section 1)."""
    parts = _parts(rule)
    listed = _listed(parts)
    if not listed and parts["FREQ"] == "DAILY":
        listed = list(DAYS)
    if not listed:
        first = date.fromisoformat(begins) if begins else ANCHOR
        listed = [_MONDAY_FIRST[first.weekday()]]
    return tuple(sorted({DAYS.index(day) for day in listed}))
