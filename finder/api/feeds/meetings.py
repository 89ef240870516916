"""GET /meetings.json: all weekly meetings as a Meeting Guide feed, for programs that list meetings of many places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import IO, Any

import orjson
from flask import Response, request

from finder.api import problems, whole
from finder.api.blueprint import services
from finder.api.feeds.blueprint import feeds
from finder.api.feeds.weekly_site import Writing, writing
from finder.api.whole import Whole
from finder.errors import Invalid, Problem
from finder.exchange import meeting_guide_feed
from finder.exchange.entries import Entry

MIMETYPE = "application/json"
EMPTY = "empty_feed"
LONGEST_QUERY = 1000  # characters of a query string; readers of feeds add words of their own to an address
_TEXT = {"type": "string"}
_CLOCK = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
_MEETING = {
    "type": "object", "required": ["name", "slug", "day", "time", "timezone"],
    "properties": {
        "name": _TEXT, "slug": {"type": "string", "pattern": "^[a-z0-9-]{1,64}$"},
        "day": {"type": "integer", "minimum": 0, "maximum": 6, "description": "0 is Sunday."},
        "time": _CLOCK, "end_time": _CLOCK, "timezone": _TEXT, "formatted_address": _TEXT,
        "latitude": {"type": "number"}, "longitude": {"type": "number"}, "approximate": {"enum": ["yes", "no"]},
        "regions": {"type": "array", "items": _TEXT}, "types": {"type": "array", "items": _TEXT}, "notes": _TEXT,
        "location": _TEXT, "group": _TEXT, "conference_url": _TEXT, "conference_phone": _TEXT, "updated": _TEXT,
        "url": _TEXT, "feedback_url": _TEXT, "entity": _TEXT,
        "attendance_option": {"enum": ["in_person", "hybrid", "online"]},
    }}
_EXAMPLE = [{
    "name": "Tuesday Lamp", "slug": "durham-nc-1a2b3c4d5e6f-0f1e2d3c-2", "day": 2, "time": "18:30", "end_time": "20:00",
    "timezone": "America/New_York", "attendance_option": "in_person",
    "formatted_address": "12 Canary Lane, Durham, NC 27701, USA", "latitude": 35.994, "longitude": -78.8986,
    "approximate": "no", "regions": ["NC", "Durham"], "types": ["O", "EN"],
    "url": "https://finder.example/programs/durham-nc-1a2b3c4d5e6f",
    "feedback_url": "https://finder.example/programs/durham-nc-1a2b3c4d5e6f/report", "updated": "2026-11-20 09:30:15"}]
_RESPONSES = {
    "200": {"description": "One object for each weekday of each weekly meeting; never an empty array.",
            "headers": {"ETag": {"schema": _TEXT}, "X-Request-ID": {"schema": _TEXT}},
            "content": {MIMETYPE: {"schema": {"type": "array", "minItems": 1, "items": _MEETING},
                                   "example": _EXAMPLE}}},
    "304": {"description": "Nothing changed since the ETag that was sent."},
    "404": {"description": f"Nothing that is published meets weekly; code `{EMPTY}`. The format has no empty feed, and "
                           "who takes feeds over would take one for the end of all meetings.",
            "content": {problems.MIMETYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}},
    **{str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in (422, 500, 503)},
}


@feeds.route("/meetings.json", tags=["data"])
@feeds.doc(operationId="readMeetingGuide", responses=_RESPONSES)
def meetings() -> Response:
    """Read all weekly meetings as a Meeting Guide feed"""
    if len(request.query_string) > LONGEST_QUERY:
        raise Invalid({"query": [Problem("too_long", max=LONGEST_QUERY)]})
    found = meetings_file()
    if not found.facts["meetings"]:
        return problems.answer(404, EMPTY)
    return whole.served(found, MIMETYPE)


def meetings_file() -> Whole:
    """The feed as it is kept. Its facts: `meetings`, how many objects it has; `left_out`, how many sessions it cannot
    say, by reason (`weekly.REASONS`); `hosts`, the hosts of its links, which a client has to be told."""
    how = writing()

    def write(found: Iterable[Entry], out: IO[bytes]) -> Mapping[str, Any]:
        return _write(found, out, how)
    return whole.file(f"meetings-{how.mark}.json", write)


def _write(found: Iterable[Entry], out: IO[bytes], how: Writing) -> Mapping[str, Any]:
    left_out: Counter[str] = Counter()
    hosts: set[str] = set()
    count = 0
    for one in meeting_guide_feed.meetings(found, site=how.site, words=how.words, today=services().now().date(),
                                           left_out=left_out, direct_links=how.direct_links):
        out.write(b",\n" if count else b"[")
        out.write(orjson.dumps(one))
        hosts.add(meeting_guide_feed.host(one))
        count += 1
    out.write(b"]\n" if count else b"[]\n")
    return {"meetings": count, "left_out": dict(left_out), "hosts": sorted(hosts - {""})}
