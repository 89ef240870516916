"""Published listings as a BMLT server holds them: meetings, formats, and service bodies.

Only what a small adapter must speak; every value is text, weekday 1 is Sunday. No contact of a person is written. The
meetings lie column by column, so that many stay small in memory and a query reads only what it asks about; choosing
among them is `bmlt_query`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from finder.exchange.bmlt_formats import HYBRID_MEETING, VIRTUAL_MEETING, Format, formats
from finder.exchange.cells.times import clock_text
from finder.exchange.entries import Entry
from finder.exchange.meeting_guide_feed import Words, notes, pinned
from finder.exchange.weekly import WITH_PLACE, Site, Slot, slots, town

ROOT_BODY = "1"  # the instance itself, which holds the programs that name no organization
IN_PERSON, VIRTUAL, HYBRID = "1", "2", "3"  # venue types
UNKNOWN_LENGTH = ""  # clients then show no end; of 00:00:00 they make one
NOWHERE = "0"  # latitude and longitude of a meeting without a point, as BMLT servers say it
FIELDS = ("id_bigint", "worldid_mixed", "shared_group_id_bigint", "service_body_bigint", "service_body_name",
          "weekday_tinyint", "venue_type", "start_time", "duration_time", "time_zone", "formats", "lang_enum",
          "longitude", "latitude", "published", "root_server_uri", "format_shared_id_list", "meeting_name",
          "location_text", "location_info", "location_street", "location_city_subsection", "location_neighborhood",
          "location_municipality", "location_sub_province", "location_province", "location_postal_code_1",
          "location_nation", "comments", "train_lines", "bus_lines", "phone_meeting_number", "virtual_meeting_link",
          "virtual_meeting_additional_info")
USUAL_SORT = ("weekday_tinyint", "start_time", "duration_time")
LOST: Mapping[str, str] = {
    "status": "paused and ended listings are left out", "id": "", "led_by": "", "severity": "", "age": "",
    "interpreter": "", "cost": "", "capacity": "", "licensed_states": "", "policies": "", "verified": "",
    "source": "", "x": "", "coverage": "", "organization.kind": "", "organization.email": "",
    "organization.phone": "", "contact.phone": "", "contact.email": "", "contact.url": "", "contact.note": "",
    "contact.how_to_join": "whether one has to ask first, as a sentence in `comments`",
    "description": "without lines that hold links, numbers or passwords, and without sentences that name a person",
    "restricted_to": "as if they were served especially", "attendees": "open and closed; not for relatives only",
    "gender_mix": "women and men; not mixed", "accessibility": "a yes; no `no` and no `on_request`",
    "open_group": "a group that nobody joins before its next cycle is left out until then", "starts_on": "likewise",
    "sessions.format": "telephone and text chat are virtual", "sessions.anytime": "always open is left out",
    "sessions.repeats": "weekly rules only", "sessions.except_dates": "",
    "sessions.valid_from": "a session that has not begun is left out",
    "sessions.valid_until": "a session that ends is left out",
    "sessions.location.precision": "points of towns and postal codes are left out; exact and street are one",
    "sessions.location.hidden": "as a sentence in `comments`",
    "sessions.join_url": "only where the door asks for direct links; else the listing's page",
}
Meeting = dict[str, str]


@dataclass(frozen=True, slots=True)
class Answers:
    """All that a server holds at one version of the catalog, ready to be chosen from.

    `columns`: every field of FIELDS with its values, one for each meeting, in the order of USUAL_SORT; `left_out`
    counts sessions by reason (`weekly.REASONS`); `formats` are those in use, by key. `pins`: latitude, longitude and
    row of the meetings that have a point, from south to north.
    """

    columns: Mapping[str, Sequence[str]]
    bodies: tuple[dict[str, str], ...]
    formats: Mapping[str, Format]
    left_out: Mapping[str, int]
    pins: tuple[tuple[float, float, int], ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.columns["id_bigint"])

    def meeting(self, row: int, names: Iterable[str] = FIELDS) -> Meeting:
        """One meeting, with these of its fields."""
        return {name: self.columns[name][row] for name in names}

    @property
    def meetings(self) -> list[Meeting]:
        """All meetings with all fields."""
        return [self.meeting(row) for row in range(len(self))]


def answers(entries: Iterable[Entry], *, site: Site, words: Words, today: date, direct_links: bool = False,
            lang: str = "en") -> Answers:
    """Everything there is to answer with. `direct_links` as in `meeting_guide_feed.meetings`; `lang` is the language
    of `words`."""
    left_out: Counter[str] = Counter()
    bodies = {ROOT_BODY: _root(site)}
    known: dict[str, Format] = {}
    columns: dict[str, list[str]] = {name: [] for name in FIELDS}
    shared = _Shared()
    for entry in entries:
        body = _body_of(entry, site)
        body = bodies.get(body["id"], body)
        used = formats(entry.document)
        same = {"service_body_bigint": body["id"], "service_body_name": body["name"], "lang_enum": lang,
                "root_server_uri": site.url, "published": "1", "meeting_name": entry.document["name"],
                "shared_group_id_bigint": _number(entry.id.bytes)}
        for slot in slots(entry, today=today, left_out=left_out):
            bodies.setdefault(body["id"], body)
            here = [*used, *_structure(slot)]
            known |= {one.key: one for one in here}
            meeting = same | _when(slot) | _place(slot) | _room(slot, site, words, direct_links) | {
                "comments": notes(slot, words), "formats": ",".join(one.key for one in here),
                "format_shared_id_list": ",".join(one.id for one in here)}
            for name, column in columns.items():
                column.append(shared.text(meeting.get(name, "")))
    ordered = _in_order(columns)
    return Answers(ordered, tuple(bodies.values()), known, dict(left_out), _pins(ordered))


def _in_order(columns: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """The same with the rows as BMLT servers sort them where nothing else is asked."""
    keys = list(zip(*(columns[name] for name in USUAL_SORT), strict=True))
    order = sorted(range(len(keys)), key=lambda row: (*keys[row][:2], keys[row][2] == UNKNOWN_LENGTH, keys[row][2]))
    return {name: [values[row] for row in order] for name, values in columns.items()}


def plain(held: Answers) -> dict[str, Any]:
    """The answers as JSON values, to be written down."""
    return {"columns": held.columns, "bodies": held.bodies, "left_out": held.left_out,
            "formats": [[one.key, one.list_name, one.ours, one.kind] for one in held.formats.values()]}


def read(found: Mapping[str, Any]) -> Answers:
    """Answers that were written down."""
    shared = _Shared()
    columns = {name: [shared.text(value) for value in found["columns"][name]] for name in FIELDS}
    return Answers(columns, tuple(found["bodies"]), {one[0]: Format(*one) for one in found["formats"]},
                   found["left_out"], _pins(columns))


class _Shared:
    """Equal texts as one text: most columns have few different ones."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def text(self, value: str) -> str:
        return self._known.setdefault(value, value)


def _pins(columns: Mapping[str, Sequence[str]]) -> tuple[tuple[float, float, int], ...]:
    places = zip(columns["latitude"], columns["longitude"], strict=True)
    return tuple(sorted((float(latitude), float(longitude), row) for row, (latitude, longitude) in enumerate(places)
                        if (latitude, longitude) != (NOWHERE, NOWHERE)))


def _root(site: Site) -> dict[str, str]:
    return _body(ROOT_BODY, "0", site.name, site.url)


def _body_of(entry: Entry, site: Site) -> dict[str, str]:
    """The service body of a listing: its organization, else the instance itself.

    The number follows from the name and the website's host. The row of an organization has an id that is another one
    when its telephone number changes, and service bodies stand in the pages of those who embed a list.
    """
    organization = entry.document.get("organization")
    if not organization:
        return _root(site)
    name, url = organization["name"], organization.get("url") or ""
    key = f"{name.casefold()}\n{urlsplit(url).netloc.casefold().removeprefix('www.')}"
    return _body(_number(key.encode()), ROOT_BODY, name, url)


def _body(key: str, parent: str, name: str, url: str) -> dict[str, str]:
    return {"id": key, "parent_id": parent, "name": name, "description": "", "type": "AS", "url": url, "helpline": "",
            "world_id": ""}


def _number(key: bytes, day: int = 0) -> str:
    """A number that follows from an id, below 2^51 so that JavaScript holds it exactly, and above ROOT_BODY."""
    return str((int.from_bytes(hashlib.blake2b(key, digest_size=6).digest()) << 3 | day) + 8)


def _when(slot: Slot) -> Meeting:
    length = f"{slot.minutes // 60:02}:{slot.minutes % 60:02}:00" if slot.minutes else UNKNOWN_LENGTH
    return {"id_bigint": _number(slot.meeting.id.bytes, slot.day), "weekday_tinyint": str(slot.day + 1),
            "start_time": f"{clock_text(slot.start)}:00", "duration_time": length, "time_zone": slot.zone,
            "venue_type": _venue(slot)}


def _venue(slot: Slot) -> str:
    if slot.session["format"] not in WITH_PLACE or not town(slot.session):
        return VIRTUAL
    return HYBRID if slot.session["format"] == "hybrid" else IN_PERSON


def _structure(slot: Slot) -> tuple[Format, ...]:
    return {IN_PERSON: (), VIRTUAL: (VIRTUAL_MEETING,), HYBRID: (HYBRID_MEETING,)}[_venue(slot)]


def _place(slot: Slot) -> Meeting:
    location = (slot.session.get("location") or {}) if _venue(slot) != VIRTUAL else {}
    pin = pinned(location)
    found = {"latitude": str(pin[0]) if pin else NOWHERE, "longitude": str(pin[1]) if pin else NOWHERE}
    for name, key in (("location_text", "name"), ("location_street", "address_1"), ("location_municipality", "city"),
                      ("location_province", "state"), ("location_postal_code_1", "postal_code")):
        found[name] = location.get(key) or ""
    if location:
        found["location_nation"] = location.get("country") or "US"
    return found


def _room(slot: Slot, site: Site, words: Words, direct: bool) -> Meeting:
    session = slot.session
    if session["format"] == "in_person":
        return {}
    found = {"phone_meeting_number": session.get("dial_in") or ""}
    if direct and session.get("join_url"):
        return found | {"virtual_meeting_link": session["join_url"]}
    if found["phone_meeting_number"] and session["format"] == "phone":
        return found
    return found | {"virtual_meeting_link": site.page(slot.entry.slug),
                    "virtual_meeting_additional_info": words.on_page}
