"""Where the sessions of a listing meet, with the ids that HSDS rows have there."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from finder.exchange.entries import Entry
from finder.exchange.hsds import places
from finder.exchange.hsds.terms import nested


class Spot(NamedTuple):
    """A session at one of its places. `id`, `place` and `schedule`: of the service_at_location, the location and the
    schedule; `number`: the session's place in the listing."""

    id: str
    place: str
    schedule: str
    kind: str
    session: Mapping[str, Any]
    number: int


def spots(entry: Entry) -> Iterator[Spot]:
    """Where a listing's sessions meet; a session that is held at a place and online meets at two."""
    for number, session in enumerate(entry.document.get("sessions") or ()):
        meeting = entry.meetings[number] if number < len(entry.meetings) else None
        own = str(meeting.id) if meeting else nested(entry.id, f"session/{number}")
        kinds = places.kinds(session)
        for kind in kinds:
            place = _place(entry, session, kind, meeting.location_id if meeting else None)
            second = kind == places.VIRTUAL and len(kinds) == 2
            yield Spot(nested(entry.id, f"at/{place}"), place, remote(own) if second else own, kind, session, number)


def remote(schedule_id: str) -> str:
    """The id of the schedule that says the same of the virtual location of a session with two locations."""
    return nested(schedule_id, "remote")


def _place(entry: Entry, session: Mapping[str, Any], kind: str, location_id: uuid.UUID | None) -> str:
    """The id of a location."""
    if kind == places.VIRTUAL:
        return nested(entry.id, f"virtual/{session.get('join_url', '')}|{session.get('dial_in', '')}")
    stated = session.get("location") or {}
    return str(location_id) if location_id and stated else nested(entry.id, f"place/{sorted(stated.items())}")
