"""Published listings as a Meeting Guide feed (specification: code4recovery/spec, MIT): one object for each weekday.

Only weekly meetings can be said; the rest is counted. No contact of a person is written, and no sentence that names
one: the format forbids surnames anywhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any
from urllib.parse import urlsplit

from finder.exchange import types
from finder.exchange.cells.contacts import dial_string, public_prose
from finder.exchange.cells.spots import Address, country_name, split_address
from finder.exchange.cells.text import slug
from finder.exchange.cells.times import clock_text
from finder.exchange.entries import Entry
from finder.exchange.weekly import WITH_PLACE, Site, Slot, end, slots, town

LONGEST_SLUG = 64  # specification: slug
SHORTEST_PHONE = 10  # fewer signs, and a client does not take the meeting for one by telephone
DECIMALS = 5  # of a degree: about a meter
_PINNED = ("exact", "street", None)  # precisions of a point that is the address itself
_OPTIONS = {"in_person": "in_person", "hybrid": "hybrid"}
# What becomes of each field of a listing that is not written as it stands; "" is nothing at all.
LOST: Mapping[str, str] = {
    "status": "paused and ended listings are left out", "id": "", "group_type": "", "led_by": "", "severity": "",
    "age": "", "interpreter": "", "cost": "", "capacity": "", "licensed_states": "", "policies": "", "verified": "",
    "source": "", "x": "", "organization.kind": "", "organization.email": "", "contact.phone": "",
    "contact.email": "", "contact.url": "", "contact.note": "",
    "contact.how_to_join": "whether one has to ask first, as a sentence in `notes`",
    "description": "without lines that hold links, numbers or passwords, and without sentences that name a person",
    "focus": "cooccurring only", "modalities": "those that have a code", "populations": "those that have a code",
    "restricted_to": "those that have a code, as if they were served especially",
    "attendees": "open and closed; not for relatives only", "gender_mix": "women and men; not mixed",
    "languages": "those that have a code", "accessibility": "a yes of five features; no `no` and no `on_request`",
    "coverage": "the one state or country of a meeting online, as its address",
    "open_group": "a group that nobody joins before its next cycle is left out until then",
    "starts_on": "likewise",
    "sessions.format": "telephone only with a number; text chat is online",
    "sessions.anytime": "always open is left out", "sessions.repeats": "weekly rules only",
    "sessions.duration_minutes": "not past midnight", "sessions.except_dates": "",
    "sessions.valid_from": "a session that has not begun is left out",
    "sessions.valid_until": "a session that ends is left out",
    "sessions.location.precision": "points of towns and postal codes are left out; exact and street are one",
    "sessions.location.hidden": "as a sentence in `notes`",
    "sessions.join_url": "only where the door asks for direct links; else the listing's page",
}
_NAME = r"[A-ZÁÉÍÓÚÑ][\w'’-]+"
_TITLE = (r"\b(?:Dr|Dra|Mr|Mrs|Ms|Mx|Prof|Rev|Fr|Sr|Sra|Pastor|Rabbi|Imam|Father|Sister|Brother|Padre|Hermana)\b\.?\s+"
          rf"{_NAME}")
_ROLE = (r"\b(?i:led|facilitated|hosted|taught|run|contact|call|ask for|write to|email|dirigid[oa]|facilitad[oa]|"
         r"guiad[oa]|llame a|pregunte por|escriba a)\b")
_LETTERS = r"(?:LCSW|LMFT|LPC|LMHC|LCPC|PhD|Ph\.D|PsyD|MD|M\.D|RN|MSW|CADC|CPRS)\b"
# A title and a name, a role with first and last name, or a name with a professional's letters behind it.
_NAMED = re.compile(rf"{_TITLE}|{_ROLE}(?:\s+(?:by|por))?:?\s+{_NAME}\s+{_NAME}|\b{_NAME},?\s+{_LETTERS}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_TITLE_DOT = re.compile(r"\b(Dra?|Mr|Mrs|Ms|Mx|Prof|Rev|Fr|Sra?)\.\s")


@dataclass(frozen=True, slots=True)
class Words:
    """Sentences of a feed in one language: the address is given later; ask before you come; the link opens the
    listing's page, where the way in is."""

    address_later: str
    ask_first: str
    on_page: str


@dataclass(frozen=True, slots=True)
class Feed:
    """The objects of a feed, how many sessions are left out by reason (`weekly.REASONS`), and the hosts of its links
    with their ports, which a client has to be told (tsml-ui: `conference_providers`) before it takes such a meeting
    for an online one."""

    meetings: list[dict[str, Any]]
    left_out: Mapping[str, int]
    hosts: tuple[str, ...]


def write(entries: Iterable[Entry], *, site: Site, words: Words, today: date, direct_links: bool = False) -> Feed:
    """A whole feed; it may be empty, which clients show as an error: whoever serves it decides."""
    left_out: Counter[str] = Counter()
    found = list(meetings(entries, site=site, words=words, today=today, left_out=left_out, direct_links=direct_links))
    return Feed(found, dict(left_out), tuple(sorted({host(one) for one in found} - {""})))


def host(meeting: Mapping[str, Any]) -> str:
    """The host and port of the link to a meeting as clients compare them; empty without a link."""
    return urlsplit(str(meeting.get("conference_url", ""))).netloc.rpartition("@")[2]


def meetings(entries: Iterable[Entry], *, site: Site, words: Words, today: date, left_out: Counter[str],
             direct_links: bool = False) -> Iterator[dict[str, Any]]:
    """The objects one by one, ordered as the entries, slugs unique; `left_out` counts what cannot be said.

    `direct_links`: links to join are written as they are. Without it a meeting online opens the listing's page, which
    shows them behind a button. Numbers to dial in stand in the page and so in the feed.
    """
    used: set[str] = set()
    for entry in entries:
        codes = list(types.written(entry.document))
        about = _about(entry, site)
        for slot in slots(entry, today=today, left_out=left_out):
            said = notes(slot, words)
            yield {"name": entry.document["name"], "slug": _slug(slot, used), **_when(slot), **_where(slot, site),
                   "types": codes, **({"notes": said} if said else {}), **_room(slot, site, words, direct_links),
                   **about}


def _about(entry: Entry, site: Site) -> dict[str, Any]:
    found = {"group_id": str(entry.id), "url": site.page(entry.slug),
             "feedback_url": site.report(entry.slug),
             "updated": entry.changed_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")}
    organization = entry.document.get("organization")
    if organization:
        # Clients show the group in the place of the room where a meeting has none.
        found["entity"] = found["group"] = organization["name"]
        if organization.get("url"):
            # The specification's name, and the one that tsml-ui reads.
            found["entity_website_url"] = found["entity_url"] = organization["url"]
        if organization.get("phone"):
            found["entity_phone"] = organization["phone"]
    return found


def _slug(slot: Slot, used: set[str]) -> str:
    """The listing's slug, as much of the session's id as sets it apart, and the day: stable as long as both are."""
    for signs in (8, 32):
        tail = f"-{slot.meeting.id.hex[:signs]}-{slot.day}"
        found = (slug(slot.entry.slug, LONGEST_SLUG - len(tail)) or "meeting"[:LONGEST_SLUG - len(tail)]) + tail
        if found not in used:
            break
    used.add(found)
    return found


def _when(slot: Slot) -> dict[str, Any]:
    last = end(slot)
    return {"day": slot.day, "time": clock_text(slot.start), "timezone": slot.zone,
            **({"end_time": clock_text(last)} if last is not None else {})}


def _where(slot: Slot, site: Site) -> dict[str, Any]:
    """The place, and whether its address is only about right, which is so for meetings that have none."""
    location = slot.session.get("location") or {}
    form = slot.session["format"]
    option = _OPTIONS.get(form, "online") if town(slot.session) else "online"
    if option == "online" or form not in WITH_PLACE:
        place = _anywhere(slot.entry.document, location, site)
        return {"attendance_option": "online", "formatted_address": place, "approximate": "yes"}
    found = {"attendance_option": option, **_address(location), "approximate": "no",
             "regions": [part for part in (location.get("state"), location.get("city")) if part]}
    if location.get("name"):
        found["location"] = location["name"]
    pin = pinned(location)
    return found | ({"latitude": pin[0], "longitude": pin[1]} if pin else {})


def pinned(location: Mapping[str, Any]) -> tuple[float, float] | None:
    """The point of an address; None for one of a town, which a client would draw as if it were the door."""
    if location.get("latitude") is None or location.get("precision") not in _PINNED or location.get("hidden"):
        return None
    return round(location["latitude"], DECIMALS), round(location["longitude"], DECIMALS)


def _address(location: Mapping[str, Any]) -> dict[str, str]:
    """One line where it reads back as the same parts, else the parts."""
    code = location.get("country") or "US"
    country = country_name(code)
    parts = Address("", location.get("address_1") or "", location.get("city") or "", location.get("state") or "",
                    location.get("postal_code") or "", code)
    line = ", ".join(one for one in (parts.street, parts.city, f"{parts.state} {parts.postal_code}".strip(), country)
                     if one)
    if country and split_address(line) == parts:
        return {"formatted_address": line}
    named = {"address": parts.street, "city": parts.city, "state": parts.state, "postal_code": parts.postal_code,
             "country": country or code}
    return {name: text for name, text in named.items() if text}


def _anywhere(document: Mapping[str, Any], location: Mapping[str, Any], site: Site) -> str:
    """The line for a meeting without a place: its town, else the state or country it serves, else the site's."""
    coverage = document.get("coverage") or {}
    states: Sequence[str] = coverage.get("states") or ()
    countries: Sequence[str] = coverage.get("countries") or ()
    code = location.get("country") or (countries[0] if len(countries) == 1 else "US" if states else site.country)
    state = location.get("state") or (states[0] if len(states) == 1 else "")
    return ", ".join(part for part in (location.get("city"), state, country_name(code) or code) if part)


def notes(slot: Slot, words: Words) -> str:
    """What has no field of its own: how to come, and the description without what is private."""
    said = []
    if (slot.session.get("location") or {}).get("hidden"):
        said.append(words.address_later)
    if _ask_first(slot.entry.document):
        said.append(words.ask_first)
    return "\n".join(one for one in (*said, nameless(slot.entry.document.get("description") or "")) if one)


def _ask_first(document: Mapping[str, Any]) -> bool:
    how = (document.get("contact") or {}).get("how_to_join")
    return how in ("call", "register", "referral") or document.get("open_group") is False


def nameless(text: str) -> str:
    """Prose without lines that hold links, numbers or passwords, and without sentences that name a person."""
    kept = []
    for line in public_prose(text)[0].split("\n"):
        sentences = _SENTENCE.split(_TITLE_DOT.sub(r"\1 ", line)) if _NAMED.search(line) else [line]
        kept.append(" ".join(one for one in sentences if not _NAMED.search(one)))
    return "\n".join(kept).strip()


def _room(slot: Slot, site: Site, words: Words, direct: bool) -> dict[str, str]:
    """How to get in from afar. A meeting online always opens something: without a link to join, the listing's page."""
    session = slot.session
    if session["format"] == "in_person":
        return {}
    number = dialed(session.get("dial_in"))
    found = {"conference_phone": number} if number else {}
    if direct and session.get("join_url"):
        return found | {"conference_url": session["join_url"]}
    if number and session["format"] == "phone":
        return found
    return found | {"conference_url": site.page(slot.entry.slug), "conference_url_notes": words.on_page}


def dialed(value: object) -> str:
    """A number of digits with + , * # as a telephone dials it; an extension comes after a pause. Empty if too short."""
    text = re.sub(r"(?i)(?<!\s)\s*+(?:ext\.?|x)\s*+(?=\d)", ",,", str(value or ""))
    text = re.sub(r"[^\d+,*#]", "", dial_string(text))
    return text if len(text) >= SHORTEST_PHONE else ""
