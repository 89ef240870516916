"""GET /changes: what changed since, for whoever keeps a copy of the listings."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from flask import Response

from finder import instance
from finder.api import openapi, problems
from finder.api.blueprint import arguments, services
from finder.api.open_door import is_known, kept, unchanged
from finder.api.sync.blueprint import sync
from finder.api.sync.shapes import CURSOR, EXAMPLE
from finder.catalog import queries
from finder.errors import Invalid, Problem
from finder.exchange import change_log, changes
from finder.exchange.change_log import CursorUnknown, Place, State
from finder.exchange.changes import LONGEST_CURSOR, MOST_IN_PAGE, Keeper
from finder.fields import shown

PER_PAGE = 100
# RFC 3339, whose date-time the description names; a time without its zone is no instant.
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
                      r"([Zz]|[+-][0-9]{2}:[0-9]{2})")
_NAMES = ("after", "modified_after", "limit")
_PARAMETERS = [
    {"name": "after", "in": "query", "description": "`next` of an earlier answer; without it, from the beginning.",
     "schema": {"type": "string", "pattern": CURSOR, "minLength": 1, "maxLength": LONGEST_CURSOR}},
    {"name": "modified_after", "in": "query", "description": "Only what changed after this instant.",
     "schema": {"type": "string", "format": "date-time"}},
    {"name": "limit", "in": "query", "description": "Changes in one answer.",
     "schema": {"type": "integer", "minimum": 1, "maximum": MOST_IN_PAGE, "default": PER_PAGE}},
]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for."""

    after: str | None
    modified_after: datetime | None
    limit: int


@sync.route("/changes", tags=["sync"])
@sync.doc(operationId="readChanges", parameters=_PARAMETERS,
          responses=openapi.answers("Changes", "What changed, oldest first.", 410, 422, 503, kept=True,
                                    example=EXAMPLE))
def read_changes() -> Response:
    """What changed since: listings as they are now, and those that are gone"""
    asked, held = _asked(arguments()), services()
    with held.database.reading() as session:
        now = change_log.state(session)
        try:
            place = change_log.place_of(session, asked.after, now) if asked.after else change_log.BEGINNING
        except CursorUnknown as unknown:
            return problems.answer(410, unknown.code, {"after": [Problem("start_over")]})
        name = _name(now, place, asked)
        if is_known(name):
            return unchanged(name)
        if asked.modified_after is not None:
            place = change_log.later(place, change_log.since(session, asked.modified_after))
        keeper = _keeper(session, now)
        found = change_log.after(session, place, now, asked.limit, address=keeper.address)
        page = changes.Page(keeper, found.changes, change_log.cursor(session, found.to, now), found.more, place.whole)
    return kept(Response(orjson.dumps(changes.written(page)), mimetype="application/json"), name)


def _name(now: State, place: Place, asked: Asked) -> str:
    """The name of the answer. Whoever has read to the end asks under the same name until something changes."""
    held = services().settings
    what = ("end",) if now.is_reached(place) else (asked.after or "", asked.modified_after or "", asked.limit)
    said = (*what, held.base_url, held.site_name, held.data_license)
    digest = hashlib.blake2b("\n".join(map(str, said)).encode(), digest_size=8).hexdigest()
    return f"{now.instance.hex[:8]}-{now.version}-{digest}"


def _keeper(session: Any, now: State) -> Keeper:
    held, saved = services().settings, instance.newest(session)
    address = held.address if held.base_url else ""  # that of this machine would lead others nowhere
    return Keeper(now.instance, saved.name or held.site_name, address, saved.license or held.data_license or None,
                  queries.is_demonstration(session))


def _asked(given: Mapping[str, Sequence[str]]) -> Asked:
    """The query. Raises Invalid naming every wrong parameter."""
    errors = {shown(name): [Problem("unknown_key")] for name in given if name not in _NAMES}
    errors |= {name: [Problem("repeated")] for name, values in given.items() if len(values) > 1 and name not in errors}
    one = {name: values[0] for name, values in given.items()}
    after, moment, limit = one.get("after"), None, PER_PAGE
    if after is not None and (len(after) > LONGEST_CURSOR or not re.fullmatch(CURSOR, after)):
        errors.setdefault("after", [Problem("not_an_id")])
    if (text := one.get("modified_after")) is not None:
        moment = _instant(text)
        if moment is None:
            errors.setdefault("modified_after", [Problem("not_an_instant")])
    if (text := one.get("limit")) is not None:
        limit = int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0
        if not 1 <= limit <= MOST_IN_PAGE:
            errors.setdefault("limit", [Problem("out_of_range", min=1, max=MOST_IN_PAGE)])
    if errors:
        raise Invalid(errors, "query")
    return Asked(after, moment, limit)


def _instant(text: str) -> datetime | None:
    if not _INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
