"""Everything public in one file, with its license and date: CSV for spreadsheets, JSON Lines of whole documents.

Both come piece by piece. A line of JSON is a listing document that our own importer takes; what the instance knows
besides stands under `x.published`. A row of CSV is one session.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from finder.exchange import tables
from finder.exchange.entries import Entry
from finder.exchange.weekly import Site

LISTING = ("name", "status", "organization.name", "organization.kind", "organization.url", "organization.email",
           "organization.phone", "description", "group_type", "led_by", "modalities", "focus", "severity.min",
           "severity.max", "attendees", "age.min", "age.max", "gender_mix", "populations", "restricted_to",
           "languages", "interpreter", "cost.free", "cost.amount", "cost.currency", "cost.sliding_scale",
           "cost.insurance", "cost.note", "capacity.status", "capacity.wait_weeks", "capacity.seats",
           "capacity.as_of", "starts_on", "open_group", "licensed_states", "coverage", "accessibility", "policies",
           "contact.phone", "contact.email", "contact.url", "contact.how_to_join", "contact.note", "verified.on",
           "verified.method", "verified.field_dates", "source.name", "source.url", "source.license", "source.retrieved")
SESSION = ("format", "anytime", "repeats", "start_time", "duration_minutes", "timezone", "valid_from", "valid_until",
           "except_dates", "location.name", "location.address_1", "location.city", "location.state",
           "location.postal_code", "location.country", "location.latitude", "location.longitude",
           "location.precision", "location.hidden", "dial_in")
HEADS = ("id", "slug", "url", "changed_at", "session_id", "location_id", *LISTING,
         *(f"session.{name}" for name in SESSION), "listing_id", "published_by", "license", "as_of")
NOT_STATED = "not stated"
# Of the CSV; JSON Lines lose nothing that is public. Links to join stand behind a button in pages, so that no list
# that people pass on holds them.
LOST: Mapping[str, str] = {"sessions.join_url": "", "x": ""}


@dataclass(frozen=True, slots=True)
class Terms:
    """The license of the whole file (a name or SPDX code; empty where it is not stated) and the instant it was made; a
    listing's own license, where its source names one, stands beside its source."""

    license: str
    as_of: datetime

    @property
    def said(self) -> str:
        """The license in words that a file can hold."""
        return self.license or NOT_STATED


def csv_text(entries: Iterable[Entry], *, site: Site, terms: Terms) -> Iterator[str]:
    """The table in pieces: a row for each session, one for a listing without any. No cell can run in a spreadsheet."""
    return tables.streamed(HEADS, _rows(entries, site, terms))


def json_lines(entries: Iterable[Entry], *, site: Site, terms: Terms) -> Iterator[str]:
    """One document a line, each line whole; LF only, and no other line break inside (U+2028 is escaped)."""
    for one in entries:
        published = {"id": str(one.id), "slug": one.slug, "url": site.page(one.slug), "by": site.name,
                     "changed_at": _instant(one.changed_at), "license": terms.said, "as_of": _instant(terms.as_of)}
        document = {**one.document, "x": {**(one.document.get("x") or {}), "published": published}}
        yield json.dumps(document, ensure_ascii=True, allow_nan=False, separators=(",", ":")) + "\n"


def _rows(entries: Iterable[Entry], site: Site, terms: Terms) -> Iterator[Sequence[object]]:
    for one in entries:
        head = [str(one.id), one.slug, site.page(one.slug), _instant(one.changed_at)]
        about = [_cell(_at(one.document, path)) for path in LISTING]
        tail = [one.document["id"], site.name, terms.said, _instant(terms.as_of)]
        for session, meeting in zip(one.document.get("sessions") or (), one.meetings, strict=True):
            yield [*head, str(meeting.id), str(meeting.location_id or ""), *about,
                   *(_cell(_at(session, path)) for path in SESSION), *tail]
        if not one.meetings:
            yield [*head, "", "", *about, *([""] * len(SESSION)), *tail]


def _at(document: Mapping[str, Any], path: str) -> Any:
    found: Any = document
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _cell(value: Any) -> object:
    """Lists as "a; b" ("none" for an empty one, which is an answer), objects as "key: value; ..."."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(str(one) for one in value) or "none"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {', '.join(map(str, one)) if isinstance(one, list) else _cell(one)}"
                         for key, one in value.items())
    return value


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
