"""Changes of the directory as an Atom feed (RFC 4287), with a tombstone for each listing that is gone (RFC 6721).

No title names a group or what it is about, though listing names are public: feed readers show titles on lock screens
and in shared mailboxes, as calendars do, and there a name says something about the reader. The link leads to the page.
"""

from __future__ import annotations

import heapq
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from finder.exchange.entries import Entry, Gone
from finder.exchange.weekly import Site
from finder.exchange.xml_text import add, written

MOST = 500  # changes in one feed, the newest; older ones come through the API's `modified_after`
_ATOM = "http://www.w3.org/2005/Atom"
_AT = "http://purl.org/atompub/tombstones/1.0"
# Only that a listing changed, when, and in which town; the words of a town are the reader's language.
LOST: Mapping[str, str] = {
    name: "" for name in (
        "id", "name", "status", "organization.name", "organization.kind", "organization.url", "organization.email",
        "organization.phone", "description", "group_type", "led_by", "modalities", "focus", "severity", "attendees",
        "age", "gender_mix", "populations", "restricted_to", "languages", "interpreter", "cost", "capacity",
        "starts_on", "open_group", "licensed_states", "coverage", "accessibility", "policies", "contact.phone",
        "contact.email", "contact.url", "contact.how_to_join", "contact.note", "verified", "source", "x",
        "sessions.anytime", "sessions.repeats", "sessions.start_time", "sessions.duration_minutes",
        "sessions.timezone", "sessions.valid_from", "sessions.valid_until", "sessions.except_dates",
        "sessions.location.name", "sessions.location.address_1", "sessions.location.postal_code",
        "sessions.location.country", "sessions.location.latitude", "sessions.location.longitude",
        "sessions.location.precision", "sessions.location.hidden", "sessions.location.state", "sessions.join_url",
        "sessions.dial_in")
} | {"sessions.format": "whether it meets at a place", "sessions.location.city": "the first town"}
IN_PERSON = frozenset(("in_person", "hybrid"))


@dataclass(frozen=True, slots=True)
class Words:
    """The feed's title, and an entry's from a town or "", neither of which says what a group is about."""

    title: str
    entry: Callable[[str], str]


def write(entries: Iterable[Entry], gone: Iterable[Gone], *, site: Site, words: Words, address: str, lang: str,
          now: datetime, license: str = "", most: int = MOST) -> bytes:
    """The newest changes, newest first; equal instants by id. `address`: the feed's own; `now` stands for the last
    change where there is none; `license` under which all of it may be used, if that is stated. Ids are `urn:uuid:` and
    the listing's, the same in every language and for ever."""
    both: Iterable[Entry | Gone] = chain(entries, gone)
    changes = heapq.nlargest(most, both, key=lambda one: (one.changed_at, one.id))
    root = ET.Element(f"{{{_ATOM}}}feed", {"xml:lang": lang})
    add(root, f"{{{_ATOM}}}id", address)
    add(root, f"{{{_ATOM}}}title", words.title)
    add(root, f"{{{_ATOM}}}updated", _instant(changes[0].changed_at if changes else now))
    add(root, f"{{{_ATOM}}}link", attributes={"rel": "self", "type": "application/atom+xml", "href": address})
    add(root, f"{{{_ATOM}}}link", attributes={"rel": "alternate", "type": "text/html", "href": site.url})
    add(add(root, f"{{{_ATOM}}}author"), f"{{{_ATOM}}}name", site.name)
    if license:
        add(root, f"{{{_ATOM}}}rights", license)
    for one in changes:
        if isinstance(one, Gone):
            _stone(root, one)
        else:
            _entry(root, one, site, words)
    return written(root, {"": _ATOM, "at": _AT})


def _entry(root: ET.Element, one: Entry, site: Site, words: Words) -> None:
    found = add(root, f"{{{_ATOM}}}entry")
    add(found, f"{{{_ATOM}}}id", one.id.urn)
    add(found, f"{{{_ATOM}}}title", words.entry(_town(one.document)))
    add(found, f"{{{_ATOM}}}updated", _instant(one.changed_at))
    add(found, f"{{{_ATOM}}}link", attributes={"rel": "alternate", "type": "text/html", "href": site.page(one.slug)})


def _stone(root: ET.Element, one: Gone) -> None:
    """A deleted-entry; a listing that was merged points to the one it went into."""
    found = add(root, f"{{{_AT}}}deleted-entry", attributes={"ref": one.id.urn, "when": _instant(one.changed_at)})
    if one.into is not None:
        add(found, f"{{{_ATOM}}}link", attributes={"rel": "related", "href": one.into.urn})


def _town(document: Mapping[str, Any]) -> str:
    """The town of the first session at a place."""
    towns = [(one.get("location") or {}).get("city") for one in document.get("sessions") or ()
             if one["format"] in IN_PERSON]
    return next((one for one in towns if one), "")


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
