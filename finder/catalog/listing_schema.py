"""The one validator of listing documents (`finder-listing/1`), for forms, API, imports and the seed alike.

It takes a plain dict and gives the canonical document: keys in the contract's order, nothing that says no more than
its absence (null, empty, default), so that equal listings are equal documents. No database, no web.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import marshmallow as ma

from finder.catalog.strict_schema import Part, Parts, Strict
from finder.errors import Invalid, Problem
from finder.fields import (
    Code,
    CodeMap,
    Codes,
    Day,
    Days,
    Field,
    Flag,
    Number,
    Phone,
    Text,
    Whole,
    any_url,
    email,
    flatten,
    refuse,
    shown,
    web_url,
)
from finder.schedules.recurrence import Rule, problems
from finder.vocabulary import vocabulary

FORMAT = "finder-listing/1"

# Enumerations of ../contract listing-1.json that are not vocabularies.
STATUSES = ("active", "paused", "closed")
ORGANIZATION_KINDS = ("peer_run", "nonprofit", "public", "health_system", "private_practice", "faith", "school",
                      "employer", "tribal", "veterans", "library", "other")
ATTENDEES = ("person", "relatives", "anyone")
GENDER_MIXES = ("women", "men", "mixed")
PAYERS = ("medicaid", "medicare", "private", "military_ins", "va", "ihs", "state_insurance", "justice_funds", "grant")
CAPACITIES = ("open", "waitlist", "full", "assessment_first")
PRECISIONS = ("exact", "street", "postal_code", "city")
ANSWERS = ("yes", "no", "on_request")
METHODS = ("phone", "email", "web", "operator", "visit", "import")
JOINING = ("walk_in", "call", "register", "referral")
DATED_FIELDS = ("name", "status", "organization", "description", "group_type", "led_by", "modalities", "focus",
                "severity", "attendees", "age", "gender_mix", "populations", "restricted_to", "languages",
                "interpreter", "cost", "sessions", "capacity", "starts_on", "open_group", "licensed_states",
                "accessibility", "policies", "contact", "coverage")

_ID = re.compile(r"^[^\s\x00-\x1f\x7f]+$")
_LANGUAGE = re.compile(r"^[a-z]{2,3}$")
_STATE = re.compile(r"^[A-Z0-9]{1,3}$")
_COUNTRY = re.compile(r"^[A-Z]{2}$")
_COUNTY = re.compile(r"^[A-Z]{2}:[^:\x00-\x1f]{1,60}$")
_POSTAL = re.compile(r"^[0-9A-Z -]{3,10}$")
_CURRENCY = re.compile(r"^[A-Z]{3}$")
_START = re.compile(r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
_ZONE = re.compile(r"^[A-Za-z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+){0,2}$")
_DAY = r"(MO|TU|WE|TH|FR|SA|SU)"
_REPEATS = re.compile(
    r"^FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;(INTERVAL=[1-9][0-9]?|COUNT=[1-9][0-9]{0,2}|UNTIL=[0-9]{8}(T[0-9]{6}Z?)?"
    rf"|WKST={_DAY}|BYDAY=([+\-]?[1-5])?{_DAY}(,([+\-]?[1-5])?{_DAY}){{0,34}}"
    r"|BYMONTHDAY=-?[1-9][0-9]?(,-?[1-9][0-9]?){0,30}|BYSETPOS=-?[1-9][0-9]?(,-?[1-9][0-9]?){0,9}"
    r"|BYMONTH=[1-9][0-9]?(,[1-9][0-9]?){0,11}))*$"
)

_CODES = vocabulary().lists
_MAYBE: dict[str, Any] = {"allow_none": True}
# The fields of a session's rule without its exception dates, which cannot make it wrong.
_RULE_FIELDS = ("anytime", "repeats", "start_time", "timezone", "duration_minutes", "valid_from", "valid_until")


class _Organization(Strict):
    name = Text(200, required=True)
    kind = Code(ORGANIZATION_KINDS, **_MAYBE)
    url = web_url(**_MAYBE)
    email = email(**_MAYBE)
    phone = Phone(**_MAYBE)


class _Range(Strict):
    """Both ends included; min <= max."""

    min = Whole(0, 4, required=True)
    max = Whole(0, 4, required=True)

    def check(self, data: dict[str, Any]) -> None:
        if "min" in data and "max" in data and data["min"] > data["max"]:
            raise ma.ValidationError({"min": [Problem("min_above_max")]})


class _Age(_Range):
    min = Whole(0, 120)
    max = Whole(0, 120)

    def check(self, data: dict[str, Any]) -> None:
        if not data:
            raise refuse("required")
        super().check(data)


class _Cost(Strict):
    free = Flag(required=True)
    amount = Number(0, 100_000, **_MAYBE)
    currency = Text(3, 3, pattern=_CURRENCY, code="not_a_code")
    sliding_scale = Flag()
    insurance = Codes(PAYERS, 9, **_MAYBE)
    note = Text(300, **_MAYBE)

    def check(self, data: dict[str, Any]) -> None:
        if data["free"] and (data.get("amount") or 0) > 0:
            raise ma.ValidationError({"amount": [Problem("free_with_amount")]})


class _Location(Strict):
    name = Text(200, **_MAYBE)
    address_1 = Text(200, **_MAYBE)
    city = Text(100, **_MAYBE)
    state = Text(50, **_MAYBE)
    postal_code = Text(20, **_MAYBE)
    country = Text(2, 2, pattern=_COUNTRY, code="not_a_code", **_MAYBE)
    latitude = Number(-90, 90, **_MAYBE)
    longitude = Number(-180, 180, **_MAYBE)
    precision = Code(PRECISIONS, **_MAYBE)
    hidden = Flag()

    def check(self, data: dict[str, Any]) -> None:
        latitude, longitude = data.get("latitude"), data.get("longitude")
        if (latitude is None) != (longitude is None) or ("latitude" in data) != ("longitude" in data):
            missing = "longitude" if longitude is None and "latitude" in data else "latitude"
            raise ma.ValidationError({missing: [Problem("one_coordinate")]})
        if latitude == 0 and longitude == 0:
            raise ma.ValidationError({"latitude": [Problem("zero_point")]})


class _Session(Strict):
    format = Code(_CODES["session_formats"].codes, required=True)
    anytime = Flag()
    repeats = Text(300, pattern=_REPEATS, code="not_a_rule", **_MAYBE)
    start_time = Text(5, 5, pattern=_START, code="not_a_time", **_MAYBE)
    duration_minutes = Whole(1, 1440, **_MAYBE)
    timezone = Text(64, pattern=_ZONE, code="not_a_zone", **_MAYBE)
    valid_from = Day(**_MAYBE)
    valid_until = Day(**_MAYBE)
    except_dates = Days(400)
    location = Part(_Location, **_MAYBE)
    join_url = web_url(**_MAYBE)
    dial_in = Phone(**_MAYBE)

    def check(self, data: dict[str, Any]) -> None:
        if data.get("anytime") and (data.get("repeats") or data.get("start_time")):
            raise ma.ValidationError({"anytime": [Problem("anytime_with_time")]})
        found: dict[str, list[Problem]] = {}
        for field, code in _rule_problems(*map(data.get, _RULE_FIELDS)):
            found.setdefault(field, []).append(Problem(code))
        if found:
            raise ma.ValidationError(found)


@lru_cache(maxsize=16_384)
def _rule_problems(*values: Any) -> tuple[tuple[str, str], ...]:
    """What is wrong with a rule of these fields; directories hold few different ones."""
    return tuple(problems(Rule.of(dict(zip(_RULE_FIELDS, values, strict=True)))))


class _Capacity(Strict):
    status = Code(CAPACITIES, required=True)
    wait_weeks = Number(0, 260, **_MAYBE)
    seats = Whole(0, 100_000, **_MAYBE)
    as_of = Day(required=True)


class _Coverage(Strict):
    countries = Codes(None, 50, pattern=_COUNTRY)
    states = Codes(None, 80, pattern=_STATE)
    counties = Codes(None, 400, pattern=_COUNTY)
    postal_codes = Codes(None, 2000, pattern=_POSTAL)

    def check(self, data: dict[str, Any]) -> None:
        if not data:
            raise refuse("required")


class _Policies(Strict):
    recovery_medication = Code(("welcome", "refused"))
    moderation_goal = Code(("welcome", "refused"))
    excludes = Codes(("active_suicidal_crisis",), 1)
    min_days_sober = Whole(0, 3650)
    court_ordered_only = Flag()
    partners_welcome = Flag()
    one_to_one = Flag()
    walk_in = Flag()
    moderated = Flag()
    hours_per_week = Number(0, 80)
    group_size = Whole(1, 10_000)


class _Contact(Strict):
    phone = Phone(**_MAYBE)
    email = email(**_MAYBE)
    url = any_url(**_MAYBE)
    how_to_join = Code(JOINING, **_MAYBE)
    note = Text(500, **_MAYBE)


class _Verified(Strict):
    on = Day(required=True)
    method = Code(METHODS, required=True)
    field_dates = CodeMap(DATED_FIELDS, None)


class _Source(Strict):
    name = Text(200, **_MAYBE)
    url = web_url(**_MAYBE)
    license = Text(200, **_MAYBE)
    retrieved = Day(**_MAYBE)


class Extras(Field):
    """Publisher extras: at most 50 keys of at most 100 characters; JSON values, kept and never used."""

    def read(self, value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise refuse("wrong_type", expected="object")
        if len(value) > 50 or any(type(key) is not str or len(key) > 100 for key in value):
            raise refuse("too_many", max=50)
        if not _plain(value, 8):
            raise refuse("bad_text")
        return value


class Listing(Strict):
    """The whole document, in the contract's order of keys."""

    format = Code((FORMAT,), required=True)
    id = Text(200, pattern=_ID, code="not_an_id", required=True)
    name = Text(200, required=True)
    status = Code(STATUSES)
    organization = Part(_Organization, **_MAYBE)
    description = Text(5000, 0, lines=True, **_MAYBE)
    group_type = Code(_CODES["group_types"].codes, required=True)
    led_by = Code(_CODES["facilitator_types"].codes, **_MAYBE)
    modalities = Codes(_CODES["modalities"].codes, 12)
    focus = Codes(_CODES["focus_areas"].codes, 20)
    severity = Part(_Range, **_MAYBE)
    attendees = Code(ATTENDEES, **_MAYBE)
    age = Part(_Age, **_MAYBE)
    gender_mix = Code(GENDER_MIXES, **_MAYBE)
    populations = Codes(_CODES["populations"].codes, 36)
    restricted_to = Codes(_CODES["populations"].codes, 20)
    languages = Codes(None, 30, pattern=_LANGUAGE)
    interpreter = Code(ANSWERS, **_MAYBE)
    cost = Part(_Cost, **_MAYBE)
    sessions = Parts(_Session, 60)
    capacity = Part(_Capacity, **_MAYBE)
    starts_on = Day(**_MAYBE)
    open_group = Flag(**_MAYBE)
    licensed_states = Codes(None, 80, pattern=_STATE, **_MAYBE)
    coverage = Part(_Coverage, **_MAYBE)
    accessibility = CodeMap(_CODES["accessibility"].codes, ANSWERS)
    policies = Part(_Policies)
    contact = Part(_Contact, **_MAYBE)
    verified = Part(_Verified, **_MAYBE)
    source = Part(_Source, **_MAYBE)
    x = Extras()


_LISTING = Listing()
_ORDER = tuple(_LISTING.fields)
# What a field means when it is absent; saying it is the same as not saying it.
_DEFAULTS: dict[str, Any] = {"status": "active", "anytime": False, "hidden": False, "currency": "USD",
                             "country": "US", "sliding_scale": False}


def load(document: Mapping[str, Any]) -> dict[str, Any]:
    """The canonical listing document.

    Gives a new dict with the contract's keys in the contract's order, without null, empty and default values
    (`cost.insurance: []` stays: it means "takes none"). Raises Invalid naming every wrong field by dotted path, with
    the checks of CONTRACT.md section 1 that a schema cannot express.
    """
    if not isinstance(document, dict):
        raise Invalid({"": [Problem("wrong_type", expected="object")]}, "listing")
    try:
        loaded = _LISTING.load(document)
    except ma.ValidationError as broken:
        raise Invalid(flatten(broken.messages), "listing", id=shown(document.get("id"))) from None
    except RecursionError:
        raise Invalid({"": [Problem("too_deep")]}, "listing") from None
    return canonical({key: loaded[key] for key in _ORDER if key in loaded})


def canonical(value: dict[str, Any], inside: str = "") -> dict[str, Any]:
    """The document without values that say nothing; `x` and lists of codes are left as they are."""
    kept: dict[str, Any] = {}
    for key, one in value.items():
        if key == "x":
            if one:
                kept[key] = one
            continue
        if type(one) is dict:
            one = canonical(one, key)
        elif key == "sessions" and not inside:
            one = [canonical(session, "session") for session in one]
        if one is None or one == "" or one == {} or (one == [] and key != "insurance"):
            continue
        if key in _DEFAULTS and one == _DEFAULTS[key]:
            continue
        kept[key] = one
    return kept


def _plain(value: Any, depth: int) -> bool:
    """Whether extras are finite JSON of moderate depth without broken text."""
    if depth == 0:
        return False
    if isinstance(value, dict):
        return all(_plain(key, depth) and _plain(one, depth - 1) for key, one in value.items())
    if isinstance(value, list):
        return all(_plain(one, depth - 1) for one in value)
    if isinstance(value, str):
        return len(value) <= 10_000 and value.isprintable() or _encodes(value)
    if isinstance(value, float):
        return value == value and abs(value) != float("inf")
    return value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < 2**63)


def _encodes(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\x00" not in text
