"""When a group meets, for HealthcareService: weekly hours as elements, everything else as a sentence.

FHIR's hours know neither zone nor date: those, other rhythms and what runs over midnight stand in the sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from finder.exchange.fhir.elements import Resource

_DAYS: Mapping[str, str] = {"MO": "mon", "TU": "tue", "WE": "wed", "TH": "thu", "FR": "fri", "SA": "sat", "SU": "sun"}
_MIDNIGHT = 24 * 60


def available(sessions: Sequence[Mapping[str, Any]]) -> list[Resource]:
    """`availableTime`: one element for each session that meets on the same weekdays every week, or is always open."""
    return [found for session in sessions if (found := _weekly(session))]


def not_available(sessions: Sequence[Mapping[str, Any]]) -> list[Resource]:
    """`notAvailable`: the dates on which a session does not meet."""
    days = dict.fromkeys(day for session in sessions for day in session.get("except_dates") or ())
    return [{"description": "No meeting", "during": {"start": day, "end": day}} for day in days]


def sentence(sessions: Sequence[Mapping[str, Any]]) -> str:
    """`availabilityExceptions`: for each session that has any, what the elements leave out."""
    return " ".join(f"Session {number}: {'; '.join(parts)}." for number, session in enumerate(sessions, 1)
                    if (parts := _left_out(session)))


def _weekly(session: Mapping[str, Any]) -> Resource | None:
    if session.get("anytime"):
        return {"daysOfWeek": list(_DAYS.values()), "allDay": True}
    days = _weekdays(session.get("repeats") or "")
    if not days or not session.get("start_time"):
        return None
    found = {"daysOfWeek": list(days), "availableStartTime": f"{session['start_time']}:00"}
    end = _end(session)
    return found | ({"availableEndTime": end} if end else {})


@lru_cache(maxsize=4096)
def _weekdays(repeats: str) -> tuple[str, ...]:
    """The weekdays of a rule that holds in every week; none for any other. Directories hold few different rules."""
    parts = dict(part.split("=", 1) for part in repeats.split(";") if "=" in part)
    if parts.get("INTERVAL", "1") != "1" or not parts.keys() <= {"FREQ", "INTERVAL", "BYDAY", "WKST", "UNTIL", "COUNT"}:
        return ()
    listed = parts["BYDAY"].split(",") if "BYDAY" in parts else []
    if parts.get("FREQ") == "DAILY" and not listed:
        return tuple(_DAYS.values())
    if parts.get("FREQ") not in ("WEEKLY", "DAILY") or not all(day in _DAYS for day in listed):
        return ()
    return tuple(name for day, name in _DAYS.items() if day in listed)


def _end(session: Mapping[str, Any]) -> str:
    """Empty if it is not stated or past midnight."""
    hours, minutes = session["start_time"].split(":")
    last = int(hours) * 60 + int(minutes) + session.get("duration_minutes", 0)
    return f"{last // 60:02}:{last % 60:02}:00" if session.get("duration_minutes") and last < _MIDNIGHT else ""


def _left_out(session: Mapping[str, Any]) -> list[str]:
    weekly, parts = _weekly(session), []
    if weekly is None and session.get("start_time"):
        parts.append(f"starts at {session['start_time']}")
    if session.get("repeats") and (weekly is None or "UNTIL=" in session["repeats"] or "COUNT=" in session["repeats"]):
        parts.append(f"repeats by the rule {session['repeats']}")
    if session.get("duration_minutes") and "availableEndTime" not in (weekly or {}):
        parts.append(f"{session['duration_minutes']} minutes")
    for name, words in (("timezone", "times are in the zone"), ("valid_from", "from"), ("valid_until", "until")):
        if session.get(name):
            parts.append(f"{words} {session[name]}")
    return parts
