"""Published listings as a BMLT server answers: meetings, formats, service bodies, and what the server is.

Only what a small adapter must speak; every value is text, weekday 1 is Sunday. No contact of a person is written.
Choosing among the meetings by a query is `bmlt_query`.
"""

from __future__ import annotations

import hashlib
import uuid
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from finder.crosswalks import crosswalk
from finder.exchange import types
from finder.exchange.bmlt import WORLD_IDS
from finder.exchange.cells.times import clock_text
from finder.exchange.entries import Entry
from finder.exchange.meeting_guide_feed import Words, notes, pinned
from finder.exchange.weekly import WITH_PLACE, Site, Slot, slots, town
from finder.vocabulary import Vocabulary

VERSION = "3.0.0"  # the semantic API spoken here
ROOT_BODY = "1"  # the instance itself, which holds the programs that name no organization
IN_PERSON, VIRTUAL, HYBRID = "1", "2", "3"  # venue types
UNKNOWN_LENGTH = ""  # clients then show no end; of 00:00:00 they make one
LANGUAGES = ("en", "es")  # of the vocabularies
FIELDS = ("id_bigint", "worldid_mixed", "service_body_bigint", "service_body_name", "weekday_tinyint", "venue_type",
          "start_time", "duration_time", "time_zone", "formats", "format_shared_id_list", "lang_enum", "longitude",
          "latitude", "published", "meeting_name", "location_text", "location_info", "location_street",
          "location_neighborhood", "location_city_subsection", "location_municipality", "location_sub_province",
          "location_province", "location_postal_code_1", "location_nation", "comments", "virtual_meeting_link",
          "virtual_meeting_additional_info", "phone_meeting_number", "root_server_uri")
# BMLT's kinds of formats: FC1 how it is held, FC2 the place, FC3 for whom, O who may come, LANG the language.
_KINDS = {"group_types": "FC1", "modalities": "FC1", "accessibility": "FC2", "focus_areas": "FC3",
          "populations": "FC3", "languages": "LANG"}
_WORLD = {ours: world for world, ours in WORLD_IDS.items()} | {"VM": "VM", "HY": "HYBR"}
_OWN_NAMES = {"O": ("O", "Open"), "C": ("O", "Closed"), "VM": ("FC2", "Virtual Meeting"), "HY": ("FC2", "Hybrid")}
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


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its key, what it is in our lists ("" for a structural one), and its kind."""

    key: str
    list_name: str
    ours: str
    kind: str

    @property
    def id(self) -> str:
        """A number that follows from the key, so that it never changes."""
        return str(zlib.crc32(self.key.encode()))


@dataclass(frozen=True, slots=True)
class Answers:
    """All that a server holds at one version of the catalog, ready to be chosen from. `left_out` counts sessions by
    reason (`weekly.REASONS`); `formats` are those in use, by key."""

    meetings: tuple[dict[str, str], ...]
    bodies: tuple[dict[str, str], ...]
    formats: Mapping[str, Format]
    left_out: Mapping[str, int]


def answers(entries: Iterable[Entry], *, site: Site, words: Words, today: date, direct_links: bool = False) -> Answers:
    """Everything there is to answer with. `direct_links` as in `meeting_guide_feed.meetings`."""
    left_out: Counter[str] = Counter()
    bodies = {ROOT_BODY: _body(ROOT_BODY, "0", site.name, site.url)}
    known: dict[str, Format] = {}
    found = []
    for entry in entries:
        organization = entry.document.get("organization")
        body = _number(entry.organization_id) if organization and entry.organization_id else ROOT_BODY
        used = formats(entry.document)
        for slot in slots(entry, today=today, left_out=left_out):
            here = [*used, Format(*_structure(slot))] if _venue(slot) != IN_PERSON else used
            known |= {one.key: one for one in here}
            if organization and body not in bodies:
                bodies[body] = _body(body, ROOT_BODY, organization["name"], organization.get("url") or "")
            found.append({**_what(slot, here), **_place(slot), **_room(slot, site, words, direct_links),
                          "service_body_bigint": body, "service_body_name": bodies[body]["name"],
                          "comments": notes(slot, words), "root_server_uri": site.url})
    return Answers(tuple({name: one.get(name, "") for name in FIELDS} for one in found), tuple(bodies.values()), known,
                   dict(left_out))


def formats(document: Mapping[str, Any]) -> list[Format]:
    """The formats of a listing: types of the Meeting Guide where one says it, else our own code and definition."""
    table = crosswalk("meeting_guide")
    found = [_of_type(code) for code in types.written(document)]
    for list_name, code in _codes(document):
        named = table.theirs("languages", code) if list_name == "languages" else types.WRITTEN.get((list_name, code))
        if not named:
            found.append(Format(code, list_name, code, _KINDS[list_name]))
    return list({one.key: one for one in found}.values())


def _codes(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "group_types", document["group_type"]
    for list_name, field_name in (("focus_areas", "focus"), ("modalities", "modalities"),
                                  ("populations", "populations"), ("populations", "restricted_to"),
                                  ("languages", "languages")):
        for code in document.get(field_name) or ():
            yield list_name, code
    for code, answer in (document.get("accessibility") or {}).items():
        if answer == "yes":
            yield "accessibility", code


def _of_type(code: str) -> Format:
    if code in _OWN_NAMES:
        return Format(code, "", "", _OWN_NAMES[code][0])
    row = next(one for one in crosswalk("meeting_guide").rows if one.theirs == code)
    return Format(code, row.list_name, row.ours, _KINDS.get(row.list_name, "FC1"))


def definition(one: Format, vocabulary: Vocabulary, lang: str, site: Site) -> dict[str, str]:
    """A format as GetFormats answers; English where a language has no words for it."""
    lang = lang if lang in LANGUAGES else "en"
    label = crosswalk("meeting_guide").labels.get(one.key, "") if one.key != one.ours else ""
    name, text = _OWN_NAMES.get(one.key, ("", ""))[1], ""
    if one.list_name and one.ours in vocabulary.lists[one.list_name]:
        term = vocabulary.lists[one.list_name].term(one.ours, lang)
        name, text = (label if label and lang == "en" else term.label), term.definition
    return {"key_string": one.key, "name_string": name or label or one.key, "description_string": text, "lang": lang,
            "id": one.id, "world_id": _WORLD.get(one.key, ""), "format_type_enum": one.kind,
            "root_server_uri": site.url}


def server_info(site: Site, center: tuple[float, float] = (39.8283, -98.5795)) -> list[dict[str, str]]:
    """GetServerInfo. `center`: latitude and longitude for a first map; of the contiguous United States without one."""
    return [{"version": VERSION, "versionInt": "3000000", "langs": ",".join(LANGUAGES), "nativeLang": LANGUAGES[0],
             "centerLatitude": str(center[0]), "centerLongitude": str(center[1]), "centerZoom": "4",
             "defaultDuration": "01:00:00", "regionBias": site.country.lower(), "charSet": "UTF-8",
             "distanceUnits": "mi", "semanticAdmin": "0", "emailEnabled": "0", "emailIncludesServiceBodies": "0",
             "changesPerMeeting": "0", "meeting_states_and_provinces": "", "meeting_counties_and_sub_provinces": "",
             "available_keys": ",".join(FIELDS), "google_api_key": "", "aggregator_mode_enabled": "0"}]


def _body(key: str, parent: str, name: str, url: str) -> dict[str, str]:
    return {"id": key, "parent_id": parent, "name": name, "description": "", "type": "AS", "url": url, "helpline": "",
            "world_id": ""}


def _number(key: uuid.UUID, day: int = 0) -> str:
    """A number that follows from an id, below 2^51 so that JavaScript holds it exactly, and above ROOT_BODY."""
    digest = hashlib.blake2b(key.bytes, digest_size=6).digest()
    return str((int.from_bytes(digest) << 3 | day) + 8)


def _what(slot: Slot, used: list[Format]) -> dict[str, str]:
    length = f"{slot.minutes // 60:02}:{slot.minutes % 60:02}:00" if slot.minutes else UNKNOWN_LENGTH
    return {"id_bigint": _number(slot.meeting.id, slot.day), "weekday_tinyint": str(slot.day + 1),
            "start_time": f"{clock_text(slot.start)}:00", "duration_time": length, "time_zone": slot.zone,
            "venue_type": _venue(slot), "formats": ",".join(one.key for one in used), "lang_enum": "en",
            "format_shared_id_list": ",".join(one.id for one in used), "published": "1",
            "meeting_name": slot.entry.document["name"]}


def _venue(slot: Slot) -> str:
    if slot.session["format"] not in WITH_PLACE or not town(slot.session):
        return VIRTUAL
    return HYBRID if slot.session["format"] == "hybrid" else IN_PERSON


def _structure(slot: Slot) -> tuple[str, str, str, str]:
    return ("HY" if _venue(slot) == HYBRID else "VM", "", "", "FC2")


def _place(slot: Slot) -> dict[str, str]:
    """Where it meets; a point of 0 and 0 is what BMLT servers say for none."""
    location = (slot.session.get("location") or {}) if _venue(slot) != VIRTUAL else {}
    pin = pinned(location) or (0, 0)
    found = {"latitude": str(pin[0]), "longitude": str(pin[1])}
    for name, key in (("location_text", "name"), ("location_street", "address_1"), ("location_municipality", "city"),
                      ("location_province", "state"), ("location_postal_code_1", "postal_code")):
        found[name] = location.get(key) or ""
    if location:
        found["location_nation"] = location.get("country") or "US"
    return found


def _room(slot: Slot, site: Site, words: Words, direct: bool) -> dict[str, str]:
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
