"""HSDS services of directories that do not know our terms, into listings: only those that state a group.

A human services directory lists food banks and legal aid too. Which services are groups is read in the names of its
taxonomy terms and of the service itself; what states none is out of scope.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from finder.crosswalks import language_of
from finder.exchange.cells.contacts import phones, public_prose, web_address
from finder.exchange.cells.spots import Address, country_code, postal_code, state_code
from finder.exchange.cells.text import as_text, clean, display, normalized, prose, short, stated
from finder.exchange.cells.times import DAY_MINUTES, clock, clock_text
from finder.exchange.ground import Ground, Spot, spot
from finder.exchange.hsds import kinds, places, schedules
from finder.exchange.hsds.own import FORMAT, phone, status_of
from finder.exchange.hsds.supplied import NONE, Codes
from finder.exchange.hsds.terms import rows
from finder.exchange.rows import Document
from finder.fields import is_day
from finder.understanding import understand
from finder.vocabulary import Vocabulary

MOST_SESSIONS = 60  # contract: listing.schema.json, sessions.maxItems
LONG_MINUTES = 360  # longer than this are opening hours, not a session
MOST_TERMS = 40


# Words for groups themselves, which some lists of synonyms hold and which name no topic.
_GROUP_WORDS = re.compile(r"\b(?:(?:peer|mutual|self)[ -])?(?:(?:support|aid|help) )?groups?\b"
                          r"(?: (?:counsell?ing|\w{0,6}therapy))?", re.I)
_NO_FEE = frozenset(("free", "no charge", "none", "no fee", "no fees", "no cost", "free of charge"))
_ISO_639_2 = {"eng": "en", "spa": "es", "fra": "fr", "fre": "fr", "deu": "de", "ger": "de", "zho": "zh", "chi": "zh",
              "por": "pt", "rus": "ru", "ara": "ar", "vie": "vi", "kor": "ko", "hat": "ht", "urd": "ur", "pol": "pl"}


@dataclass(frozen=True, slots=True)
class Reader:
    """What foreign services are read with. `zone`: the import's default; `today`: the day of the import; `codes`:
    those of 211 that the operator supplied."""

    vocabulary: Vocabulary
    ground: Ground
    today: str
    zone: str | None = None
    fixed: Mapping[str, Any] = field(default_factory=dict)
    codes: Codes = NONE

    def listing(self, service: Mapping[str, Any]) -> tuple[Document, set[str]] | None:
        """The listing of a service and doubts; None where neither it nor the import states a group."""
        terms = list(kinds.terms(service))
        name = display(clean(service.get("name")))
        kind, words = kinds.stated([*terms, name])
        filed = self.codes.read(service)
        if kind is None and "group_types" not in filed and "group_type" not in self.fixed:
            return None
        flags: set[str] = set()
        found: Document = {
            "format": FORMAT, "id": as_text(service.get("id")), "name": short(name, 200),
            "status": status_of(service), "organization": _organization(service.get("organization")),
            "contact": _contact(service), "cost": _cost(service, flags),
            "languages": self._languages(service, flags), "age": _age(service), "verified": self._verified(service)}
        found["sessions"], hours = self._sessions(service, flags)
        found["description"] = _description(service, hours, flags)
        if kind is not None:
            found |= {"group_type": kind.group_type, "attendees": kind.attendees}
            self._topics(found, words, flags)
        _filed(found, filed)
        if terms:
            found["x"] = {"taxonomy_terms": [short(one, 200) for one in terms[:MOST_TERMS]]}
        return {key: value for key, value in found.items() if value not in (None, [], {}, "")}, flags

    def _topics(self, found: Document, words: list[str], flags: set[str]) -> None:
        """Focus and communities that the terms name outright; for relatives' groups the words mean somebody else."""
        if found.get("attendees") == "relatives":
            return
        topics: dict[str, dict[str, None]] = {"focus_areas": {}, "populations": {}}
        for text in words:
            for one in understand(_GROUP_WORDS.sub(" ", text), self.vocabulary, tuple(topics)):
                if one.certainty == "exact":
                    topics[one.list_name][one.code] = None
        found |= {"focus": list(topics["focus_areas"])[:20], "populations": list(topics["populations"])[:20]}
        if any(topics.values()):
            flags.add("topics_from_terms")

    def _languages(self, service: Mapping[str, Any], flags: set[str]) -> list[str]:
        names = _language_names(self.vocabulary)
        found: dict[str, None] = {}
        for row in rows(service, "languages"):
            code = stated(row.get("code")).lower()
            code = language_of(_ISO_639_2.get(code, code))
            read = code if re.fullmatch(r"[a-z]{2,3}", code) else names.get(normalized(as_text(row.get("name"))), "")
            if read:
                found[read] = None
            elif stated(row.get("name")):
                flags.add("unknown_language")
        return list(found)[:30]

    def _verified(self, service: Mapping[str, Any]) -> Document | None:
        day = as_text(service.get("assured_date"))[:10]
        return {"on": min(day, self.today), "method": "import"} if is_day(day) else None

    def _sessions(self, service: Mapping[str, Any], flags: set[str]) -> tuple[list[Document], list[str]]:
        """Sessions, and opening hours as words: when an office is open is not when a group meets."""
        found: list[Document] = []
        hours: dict[str, None] = {}
        for there in rows(service, "service_at_locations"):
            location = there.get("location")
            location = location if isinstance(location, dict) else {}
            times = rows(there, "schedules") or rows(service, "schedules") or rows(location, "schedules")
            found += self._at(location, times, flags, hours)
        if not found and rows(service, "schedules"):
            flags.add("no_place")  # neither a room nor an address to join at is stated, so no session can be promised
        if len(found) > MOST_SESSIONS:
            flags.add("too_many_sessions")
        return found[:MOST_SESSIONS], list(hours)

    def _at(self, location: Mapping[str, Any], schedule: list[Mapping[str, Any]], flags: set[str],
            hours: dict[str, None]) -> list[Document]:
        if location.get("location_type") == places.VIRTUAL:
            url = web_address(as_text(location.get("url")))
            base: Document = {"format": "online_video"} | ({"join_url": url} if url else {})
            zone = None
        elif location.get("location_type") == "postal":
            return []
        else:
            there = self._spot(location)
            flags |= there.flags
            base = {"format": "in_person"} | ({"location": there.location} if there.location else {})
            zone = there.zone
        timed: list[Document] = []
        for row in schedule:
            times, doubts = schedules.read(row)
            flags |= doubts
            if times.get("duration_minutes", 0) > LONG_MINUTES:
                flags.add("opening_hours")
                hours[_hours(times)] = None
            elif _has_time(times, zone or self.zone, flags):
                timed.append(base | {name: value for name, value in times.items() if name != "format"}
                             | {"timezone": times.get("timezone") or zone or self.zone})
        if not timed and not hours:
            flags.add("no_day_or_time")
        return timed or [base]

    def _spot(self, location: Mapping[str, Any]) -> Spot:
        held = rows(location, "addresses")
        row = next((one for one in held if one.get("address_type") in (None, "", "physical")), held[0] if held else {})
        country = country_code(row.get("country")) or ("US" if state_code(row.get("state_province")) else "")
        street = ", ".join(one for one in (stated(row.get("address_1")), stated(row.get("address_2"))) if one)
        state = state_code(row.get("state_province")) or ("" if country in ("", "US") else
                                                          stated(row.get("state_province")))
        address = Address(display(stated(location.get("name"))), street, stated(row.get("city")), state,
                          postal_code(row.get("postal_code"), country)[0], country)
        return spot(address, location.get("latitude"), location.get("longitude"), self.ground)


def _filed(found: Document, filed: Mapping[str, Sequence[str]]) -> None:
    """What codes say that the operator supplied: a kind instead of what words say, topics beside them."""
    if "group_types" in filed:
        found["group_type"] = filed["group_types"][0]
    if "facilitator_types" in filed:
        found["led_by"] = filed["facilitator_types"][0]
    for field_name, list_name, most in (("focus", "focus_areas", 20), ("populations", "populations", 20),
                                        ("modalities", "modalities", 20), ("languages", "languages", 30)):
        if list_name in filed:
            found[field_name] = list(dict.fromkeys((*found.get(field_name, ()), *filed[list_name])))[:most]


def _has_time(times: Document, zone: str | None, flags: set[str]) -> bool:
    """Whether times can be put into a calendar, which needs a day, a start and a zone (quirk 20)."""
    if not times.get("start_time") or not (times.get("repeats") or times.get("valid_from")):
        return False
    if not (times.get("timezone") or zone):
        flags.add("no_zone")
        return False
    return True


def _hours(times: Document) -> str:
    start, minutes = clock(times["start_time"]) or 0, times["duration_minutes"]
    days = times.get("repeats", "").rpartition("BYDAY=")[2].replace(",", ", ")
    return f"{days} {times['start_time']}-{clock_text((start + minutes) % DAY_MINUTES)}".strip()


def _organization(row: object) -> Document | None:
    if not isinstance(row, dict):
        return None
    name = short(display(clean(row.get("name"))), 200)
    url, numbers = web_address(as_text(row.get("website"))), list(_numbers(rows(row, "phones")))
    found = {"name": name, "url": url, "phone": numbers[0] if numbers else ""}
    return {key: value for key, value in found.items() if value} if name else None


def _description(service: Mapping[str, Any], hours: list[str], flags: set[str]) -> str:
    """What the service says of itself, with eligibility, costs and hours that no field holds, as paragraphs."""
    text, hidden = public_prose(service.get("description"), 3000)
    paragraphs = [text]
    for title, name in (("Who can come", "eligibility_description"), ("Fees", "fees_description"),
                        ("Please note", "alert"), ("Interpreters", "interpretation_services")):
        words, more = public_prose(service.get(name), 500)
        hidden = hidden or more
        if words and not (name == "fees_description" and normalized(words) in _NO_FEE):
            paragraphs.append(f"{title}: {words}")
    if hours:
        paragraphs.append(f"Opening hours: {'; '.join(hours[:10])}")
    if hidden:
        flags.add("private_text_left_out")
    return prose("\n\n".join(one for one in paragraphs if one))


def _contact(service: Mapping[str, Any]) -> Document:
    """The service's own number, else that of its places or organization. Named persons are never read."""
    numbers = list(_numbers(rows(service, "phones")))
    for there in rows(service, "service_at_locations"):
        numbers += _numbers(rows(there, "phones"))
        location = there.get("location")
        numbers += _numbers(rows(location, "phones")) if isinstance(location, dict) else ()
    runner = service.get("organization")
    numbers += _numbers(rows(runner, "phones")) if isinstance(runner, dict) else ()
    note, _ = public_prose(service.get("application_process"), 500)
    found = {"phone": numbers[0] if numbers else "", "url": web_address(as_text(service.get("url"))),
             "note": short(clean(note), 500)}
    return {key: value for key, value in found.items() if value}


def _numbers(found: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for row in found:
        if normalized(as_text(row.get("type"))) != "fax":
            yield from phones(as_text(phone({"number": as_text(row.get("number")),
                                             "extension": as_text(row.get("extension"))})))


def _cost(service: Mapping[str, Any], flags: set[str]) -> Document | None:
    """The first amount; several make a doubt. Prose about fees stands in the description."""
    options = [one for one in rows(service, "cost_options") if _amount(one.get("amount")) is not None]
    if len(options) > 1:
        flags.add("several_prices")
    for one in options:
        amount, currency = _amount(one.get("amount")), stated(one.get("currency")).upper()
        price = {"currency": currency} if re.fullmatch(r"[A-Z]{3}", currency) else {}
        return {"free": True} if amount == 0 else {"free": False, "amount": amount, **price}
    return {"free": True} if normalized(clean(service.get("fees_description"))) in _NO_FEE else None


def _amount(value: object) -> float | None:
    try:
        amount = float(as_text(value))
    except ValueError:
        return None
    return amount if 0 <= amount <= 100_000 else None


def _age(service: Mapping[str, Any]) -> Document | None:
    found: Document = {}
    for name, column in (("min", "minimum_age"), ("max", "maximum_age")):
        text = as_text(service.get(column)).removesuffix(".0")
        if text.isascii() and text.isdigit() and len(text) < 4 and 0 <= int(text) <= 120:
            found[name] = int(text)
    if found.get("min", 0) > found.get("max", 120):
        return None
    # Nought and a hundred are what software writes for no limit.
    return {name: years for name, years in found.items() if not (name == "min" and years == 0)
            and not (name == "max" and years >= 99)} or None


@cache
def _language_names(vocabulary: Vocabulary) -> Mapping[str, str]:
    known = vocabulary.lists["languages"]
    return {normalized(word): code for code in reversed(known.codes)
            for word in (*known.synonyms(code), known.label(code))}
