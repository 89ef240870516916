"""Meeting Guide / TSML JSON into meetings (12-step meeting feeds; specification: code4recovery/spec, MIT).

Meeting Guide "meeting" is our session, "group" at one place our program, "entity" our organization. Sunday is 0.
Names, mailboxes, numbers and payment handles of members are never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from finder.exchange.cells import times
from finder.exchange.cells.contacts import dial_string, phones, public_prose, web_address
from finder.exchange.cells.names import Name, read_name
from finder.exchange.cells.spots import (
    Address,
    country_code,
    county_name,
    point,
    postal_code,
    split_address,
    state_code,
    street_key,
)
from finder.exchange.cells.text import as_text, clean, display, normalized, stated
from finder.exchange.cells.times import Unreadable
from finder.exchange.fellowships import Fellowship, hosted, named
from finder.exchange.ground import Ground, Spot, spot
from finder.exchange.meeting import Meeting
from finder.exchange.rows import Refused
from finder.exchange.types import TypeReader, codes
from finder.schedules.recurrence import is_zone

# That many different street addresses on one point, and it is a default of the geocoder, not a place (quirk 8).
DEFAULT_POINT_STREETS = 4
_MOVED = re.compile(
    r"\b(?:moved|gone|now|currently|temporarily)\s+(?:meeting\s+)?(?:to\s+|on\s+)?(?:on-?line|zoom|virtual)", re.I)
_PLACE_CELLS = ("formatted_address", "latitude", "longitude", "location", "address", "city", "state", "postal_code",
                "country", "county", "district", "approximate")
_OPTIONS = {"in_person": "in_person", "online": "online_video", "hybrid": "hybrid"}
_VIRTUAL_PLACE = re.compile(r"(?:on-?line|zoom|virtual|internet)(?:\s+(?:meeting|only|platform))?", re.I)
_DISTRICT = re.compile(r"(?:district|area)\s*\d+", re.I)
_REGISTRATION = re.compile(r"^(\d{4,9})\s+(\S.*)$")


@dataclass(slots=True)
class Reader:
    """Turns feed rows into meetings. `fellowship`: known for the whole feed; `zone`: the import's default."""

    ground: Ground
    types: TypeReader
    today: date
    fellowship: Fellowship | None = None
    zone: str | None = None
    _defaults: frozenset[tuple[object, object]] = frozenset()
    _spots: dict[tuple[object, ...], tuple[Address, Spot]] = field(default_factory=dict)
    _same_clock: dict[tuple[str, str], bool] = field(default_factory=dict)

    def meetings(self, rows: list[Any], first: int = 1) -> Iterator[Meeting | Refused]:
        """A meeting, or why not, for each row; `first` is the number of the first one."""
        self._defaults, self._spots = default_points(rows), {}
        for number, row in enumerate(rows, first):
            if not isinstance(row, dict):
                yield Refused(number, "row", "not_an_object")
                continue
            try:
                yield self._meeting(number, row)
            except _Wrong as wrong:
                yield Refused(number, wrong.field, wrong.code)

    def _meeting(self, number: int, row: Mapping[str, Any]) -> Meeting:
        name = read_name(as_text(row.get("name")))
        if not name.text:
            raise _Wrong("name", "required")
        fellowship, organization, flags = self._publisher(row)
        group, group_name, name = _group(row, name, fellowship)
        types = codes(row.get("types"))
        approximate = stated(row.get("approximate")).lower() in ("yes", "true")
        address, there = self._there(row, approximate)
        join_url, dial_in = web_address(as_text(row.get("conference_url"))), dial_string(row.get("conference_phone"))
        status, form = _attendance(row, types, name, address, bool(join_url or dial_in), approximate, flags)
        if form == "online_video" and not join_url and dial_in:
            form = "phone"
        days, start, minutes = _when(row, flags)
        note, hidden = _note(row)
        _doubt_text(row, form, hidden, flags)
        return Meeting(
            number, stated(row.get("slug")) or stated(row.get("id")), group, group_name, name, status, form, days,
            start, minutes, self._zone(row, name, there, flags), "" if _nowhere(form, address) else there.key,
            there.location, self.types.traits(types), fellowship, organization, join_url, dial_in,
            web_address(as_text(row.get("url"))), note, self._checked_on(row),
            frozenset(flags | (there.flags if form in ("in_person", "hybrid") else set())))

    def _there(self, row: Mapping[str, Any], approximate: bool) -> tuple[Address, Spot]:
        """Address and spot of a row; rows with the same cells share them, since many meet in one room."""
        key = tuple(row.get(name) for name in _PLACE_CELLS)
        try:
            found = self._spots.get(key)
        except TypeError:  # a list or an object where text belongs
            return self._there({**row, **dict.fromkeys(_PLACE_CELLS[1:], None), "formatted_address": None}, approximate)
        if found is None:
            address = _address(row)
            here = row.get("latitude"), row.get("longitude")
            found = self._spots[key] = address, spot(address, *here, self.ground, approximate=approximate,
                                                     shared=here in self._defaults)
        return found

    def _publisher(self, row: Mapping[str, Any]) -> tuple[Fellowship | None, dict[str, Any] | None, set[str]]:
        entity = stated(row.get("entity"))
        organization: dict[str, Any] | None = None
        if entity:
            organization = {"name": entity[:200], "kind": "peer_run"}
            url = web_address(as_text(row.get("entity_website_url") or row.get("entity_url")))
            phone = phones(as_text(row.get("entity_phone")))
            organization |= ({"url": url} if url else {}) | ({"phone": phone[0]} if phone else {})
        found = self.fellowship or (named(entity) if entity else None)
        if found:
            return found, organization, set()
        found = hosted(as_text(row.get("url")))
        return found, organization, {"fellowship_from_address" if found else "fellowship_not_stated"}

    def _zone(self, row: Mapping[str, Any], name: Name, there: Spot, flags: set[str]) -> str | None:
        """The feed's zone, else the word behind the time in the name, the point's, the import's (quirk 20)."""
        given = stated(row.get("timezone"))
        if given and is_zone(given):
            return given
        if given:
            flags.add("unknown_zone")
        if name.zone is None:
            return there.zone or self.zone
        if there.zone is None:
            return name.zone
        if self._equal_clocks(name.zone, there.zone):
            return there.zone
        flags.add("zone_disagrees")
        return name.zone

    def _equal_clocks(self, one: str, other: str) -> bool:
        key = (one, other)
        if key not in self._same_clock:
            moments = [datetime(self.today.year, month, 1, tzinfo=UTC) for month in (1, 7)]
            self._same_clock[key] = all(moment.astimezone(ZoneInfo(one)).utcoffset()
                                        == moment.astimezone(ZoneInfo(other)).utcoffset() for moment in moments)
        return self._same_clock[key]

    def _checked_on(self, row: Mapping[str, Any]) -> str | None:
        """The last contact with the group, else the last change of the row, never later than today."""
        for field_name in ("last_contact", "updated"):
            try:
                found = times.calendar_day(stated(row.get(field_name)))
            except Unreadable:
                continue
            if found:
                return min(found, self.today.isoformat())
        return None


class _Wrong(Exception):
    def __init__(self, field_name: str, code: str) -> None:
        self.field, self.code = field_name, code
        super().__init__(field_name, code)


def default_points(rows: list[Any]) -> frozenset[tuple[object, object]]:
    """Points that rows of at least DEFAULT_POINT_STREETS different addresses share."""
    streets: dict[tuple[object, object], set[str]] = {}
    for row in rows:
        if isinstance(row, dict):
            here = (row.get("latitude"), row.get("longitude"))
            if point(*here)[0]:
                seen = streets.setdefault(here, set())
                if len(seen) < DEFAULT_POINT_STREETS:
                    seen.add(normalized(as_text(row.get("formatted_address") or row.get("address"))))
    return frozenset(here for here, seen in streets.items() if len(seen) >= DEFAULT_POINT_STREETS)


def _group(row: Mapping[str, Any], name: Name, fellowship: Fellowship | None) -> tuple[str, str, Name]:
    """(group id, group name, name). A "group" that is the district is none (quirk 24)."""
    if fellowship and fellowship.code == "al-anon":
        number = _REGISTRATION.match(name.text)
        if number:
            return number.group(1), "", replace(name, text=number.group(2))
    group_name = stated(row.get("group"))
    district = stated(row.get("district"))
    if not group_name or group_name == district or _DISTRICT.fullmatch(group_name):
        return "", "", name
    group_id = stated(row.get("group_id"))
    return (group_id if group_id.strip("0") else normalized(group_name)), read_name(group_name).text, name


def _address(row: Mapping[str, Any]) -> Address:
    line = stated(row.get("formatted_address"))
    place = display(stated(row.get("location")))
    if _VIRTUAL_PLACE.fullmatch(place) or place == stated(row.get("district")):
        place = ""
    if line:
        found = split_address(line)
        repeats_line = found.street and street_key(found.street) in street_key(place)
        return replace(found, name=found.name if repeats_line else place or found.name)
    country = country_code(row.get("country"))
    city = stated(row.get("city"))
    state = state_code(row.get("state")) or (stated(row.get("state")) if country not in ("", "US") else "")
    return Address(place, _street(stated(row.get("address")), city), city, state,
                   postal_code(row.get("postal_code"), country)[0], country or ("US" if state else ""),
                   county_name(row.get("county")))


def _street(street: str, city: str) -> str:
    """The street without a town typed behind it, in full or as its letters ("Lbk" for Lubbock; quirk 22)."""
    head, comma, tail = street.rpartition(",")
    letters = normalized(tail).replace(" ", "")
    whole = normalized(city).replace(" ", "")
    if not comma or not letters or not whole or letters[0] != whole[0] or not letters.isalpha():
        return street
    rest = iter(whole)
    return head.strip() if len(letters) >= 2 and all(one in rest for one in letters) else street


def _attendance(row: Mapping[str, Any], types: tuple[str, ...], name: Name, address: Address, remote: bool,
                approximate: bool, flags: set[str]) -> tuple[str, str]:
    """(status, format). The feed's own attendance_option decides; without it the name, the links and the address do.

    A word in the name says why a meeting does not meet (paused: shown as such); `inactive` alone, which the plug-in
    writes for a closed place without a link, is not for showing (quirks 6 and 7).
    """
    option = stated(row.get("attendance_option")).lower()
    remote = remote or "ONL" in types or "HY" in types
    placed = bool(address.street) and not approximate
    derived = ("online_video" if not placed or "TC" in types else "hybrid") if remote else "in_person"
    form = _OPTIONS.get(option) or name.format or derived
    if name.format in ("text_chat", "phone") and form == "online_video":
        form = name.format
    elif name.format and name.format != form:
        flags.add("format_disagrees")
    closed = option == "inactive" or (not option and "TC" in types and not remote)
    status = "paused" if name.paused else "inactive" if closed else "active"
    return status, form


def _when(row: Mapping[str, Any], flags: set[str]) -> tuple[tuple[str, ...], int | None, int | None]:
    """(days, start, minutes); "24:00" is midnight of the next day. Raises _Wrong for an unreadable day or start."""
    try:
        days = times.weekdays(row.get("day"), times.SUNDAY_IS_0)
    except Unreadable:
        raise _Wrong("day", "not_a_day") from None
    try:
        start = times.clock(as_text(row.get("time")))
    except Unreadable:
        raise _Wrong("time", "not_a_time") from None
    try:
        end = times.clock(as_text(row.get("end_time")))
    except Unreadable:
        flags.add("end_unreadable")
        end = None
    if start is None:
        return days, None, None
    minutes = times.minutes_between(start, end) if end is not None else None
    if start == times.DAY_MINUTES:
        days, start = tuple(times.DAYS[(times.DAYS.index(day) + 1) % 7] for day in days), 0
    return days, start, minutes


def _note(row: Mapping[str, Any]) -> tuple[str, bool]:
    notes, hidden = public_prose(row.get("notes"))
    where, more = public_prose(row.get("location_notes"), 500)
    return "\n".join(dict.fromkeys(one for one in (notes, where) if one)), hidden or more


def _doubt_text(row: Mapping[str, Any], form: str, hidden: bool, flags: set[str]) -> None:
    """Flags for what prose says against the fields (quirks 21 and 25)."""
    text = as_text(row.get("notes"))
    if hidden:
        flags.add("private_text_left_out")
    if text:
        if times.ordinal_days(text) or times.every_other(text):
            flags.add("recurrence_in_text")
        if form == "in_person" and _MOVED.search(clean(text)):
            flags.add("moved_online_in_text")


def _nowhere(form: str, address: Address) -> bool:
    """Whether a meeting has no place of its own: remote and without a street."""
    return form in ("online_video", "phone", "text_chat") and not address.street
