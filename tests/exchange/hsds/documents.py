"""Any listing, within what the validator takes, and the ways through HSDS and back."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from finder.catalog import listing_schema as schema
from finder.catalog.public import public
from finder.errors import Invalid
from finder.exchange.entries import Entry
from finder.exchange.hsds import tabular, write
from finder.vocabulary import vocabulary
from tests.exchange.make import listings, read
from tests.exchange.published import PLACES
from tests.shared import shared

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
_LISTS = vocabulary().lists
_days = st.dates(datetime(1990, 1, 1).date(), datetime(2100, 1, 1).date()).map(str)  # noqa: DTZ001 - days
_times = st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda at: f"{at[0]:02}:{at[1]:02}")
_line = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40)
_text = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"], include_characters="\n"),
                max_size=90)
_phones = st.sampled_from(["+12125550140", "212-555-0140 x12", "(503) 555-0100", "+1 503 555 0100 x0", "555-0123"])
_urls = st.sampled_from(["https://a.example.org/join?x=1", "http://b.example.org"])
_flags, _answers = st.booleans(), st.sampled_from(schema.ANSWERS)
_numbers = st.one_of(st.integers(0, 80), st.floats(0, 80, allow_nan=False).map(lambda one: round(one, 3)))
_repeats = st.one_of(
    st.sampled_from(["FREQ=DAILY", "FREQ=DAILY;INTERVAL=2", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY;BYMONTH=5",
                     "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1", "FREQ=WEEKLY;COUNT=8;BYDAY=TH",
                     "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=WEEKLY;UNTIL=20270101T050000Z;BYDAY=SA",
                     "FREQ=WEEKLY;UNTIL=20270101;WKST=SU;BYDAY=SA,SU", "BYDAY=MO;FREQ=WEEKLY"]),
    st.sets(st.sampled_from("MO TU WE TH FR SA SU".split()), min_size=1).map(
        lambda days: f"FREQ=WEEKLY;BYDAY={','.join(sorted(days))}"),
    st.tuples(st.integers(2, 9), st.sampled_from(["MO", "SU"])).map(
        lambda one: f"FREQ=WEEKLY;INTERVAL={one[0]};BYDAY={one[1]}"),
    st.tuples(st.sampled_from(["1", "-1", "+2", "3"]), st.sampled_from(["MO", "SU"])).map(
        lambda one: f"FREQ=MONTHLY;BYDAY={one[0]}{one[1]}"))


def _codes(name: str, most: int = 4) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(_LISTS[name].codes), max_size=most, unique=True)


def _some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


_location = st.sampled_from(PLACES).flatmap(lambda place: _some(
    name=_line, address_1=_line, city=st.just(place[0]), state=st.just(place[1]), postal_code=st.just(place[2]),
    country=st.sampled_from(["US", "CA"]), precision=st.sampled_from(schema.PRECISIONS), hidden=_flags).map(
        lambda one: one | ({"latitude": place[3], "longitude": place[4]} if len(one) % 2 else {})))
_session = st.fixed_dictionaries({"format": st.sampled_from(_LISTS["session_formats"].codes)}, optional={
    "repeats": _repeats, "start_time": _times, "duration_minutes": st.integers(1, 1440),
    "timezone": st.sampled_from(["America/New_York", "America/St_Johns", "Asia/Kathmandu", "UTC"]),
    "valid_from": _days, "valid_until": _days, "except_dates": st.lists(_days, max_size=2, unique=True),
    "location": _location, "join_url": _urls, "dial_in": _phones, "anytime": _flags})
_whole = st.fixed_dictionaries({
    "format": st.just(schema.FORMAT), "id": st.uuids().map(str), "name": _line,
    "group_type": st.sampled_from(_LISTS["group_types"].codes)}, optional={
    "status": st.sampled_from(schema.STATUSES), "description": _text,
    "organization": st.fixed_dictionaries({"name": _line}, optional={
        "kind": st.sampled_from(schema.ORGANIZATION_KINDS), "url": _urls, "email": st.just("a@example.org"),
        "phone": _phones}),
    "led_by": st.sampled_from(_LISTS["facilitator_types"].codes), "modalities": _codes("modalities"),
    "focus": _codes("focus_areas"), "attendees": st.sampled_from(schema.ATTENDEES),
    "severity": st.tuples(st.integers(0, 4), st.integers(0, 4)).map(
        lambda one: {"min": min(one), "max": max(one)}),
    "age": _some(min=st.integers(0, 40), max=st.integers(40, 120)),
    "gender_mix": st.sampled_from(schema.GENDER_MIXES), "populations": _codes("populations"),
    "restricted_to": _codes("populations"), "interpreter": _answers,
    "languages": st.lists(st.sampled_from(["en", "es", "asl", "hmn", "zh"]), max_size=3, unique=True),
    "cost": st.fixed_dictionaries({"free": _flags}, optional={
        "amount": _numbers, "currency": st.sampled_from(["USD", "EUR"]), "sliding_scale": _flags, "note": _line,
        "insurance": st.lists(st.sampled_from(schema.PAYERS), max_size=3, unique=True)}),
    "sessions": st.lists(_session, max_size=4),
    "capacity": st.fixed_dictionaries({"status": st.sampled_from(schema.CAPACITIES), "as_of": _days}, optional={
        "wait_weeks": _numbers, "seats": st.integers(0, 50)}),
    "starts_on": _days, "open_group": _flags, "licensed_states": st.just(["NC", "OR"]),
    "coverage": _some(countries=st.just(["US"]), states=st.just(["NC", "SC"]), counties=st.just(["NC:Durham"]),
                      postal_codes=st.just(["27701", "27705"])),
    "accessibility": st.dictionaries(st.sampled_from(_LISTS["accessibility"].codes), _answers, max_size=4),
    "policies": _some(recovery_medication=st.sampled_from(["welcome", "refused"]), min_days_sober=st.integers(0, 99),
                      excludes=st.just(["active_suicidal_crisis"]), walk_in=_flags, one_to_one=_flags,
                      hours_per_week=_numbers, group_size=st.integers(1, 40)),
    "contact": _some(phone=_phones, email=st.just("b@example.org"), note=_line,
                     url=st.sampled_from(["https://a.example.org", "tel:+12125550140", "mailto:b@example.org"]),
                     how_to_join=st.sampled_from(schema.JOINING)),
    "verified": st.fixed_dictionaries({"on": _days, "method": st.sampled_from(schema.METHODS)}, optional={
        "field_dates": st.just({"cost": "2026-01-02"})}),
    "source": _some(name=_line, url=_urls, license=_line, retrieved=_days),
    "x": st.just({"own": [1]}),
})


@st.composite
def documents(draw: Callable[..., Any]) -> dict[str, Any]:
    """A listing that the validator takes; what it refuses of what was drawn is left out."""
    drawn = draw(_whole)
    for _ in range(9):
        try:
            return public(schema.load(drawn))
        except Invalid as wrong:
            for path in wrong.errors:
                first, *more = path.split(".")
                if first == "sessions" and isinstance(drawn.get("sessions"), list) and more:
                    drawn["sessions"] = [one for place, one in enumerate(drawn["sessions"]) if str(place) != more[0]]
                elif first == "name":
                    drawn["name"] = "A name"
                else:
                    drawn.pop(first, None)
    raise AssertionError(f"nothing valid is left of {drawn}")


@cache
def validator(name: str, version: str = "hsds-3.0") -> Draft202012Validator:
    """The standard's own compiled schema, with formats checked."""
    path = shared("standards", version, "schema", "compiled", name)
    return Draft202012Validator(json.loads(path.read_text(encoding="utf-8")), format_checker=FormatChecker())


def errors(document: Any, name: str, version: str = "hsds-3.0") -> list[str]:
    """What the standard's schema says against a document, as it goes over the wire."""
    sent = json.loads(json.dumps(document, allow_nan=False))
    return [f"{one.json_path}: {one.message[:200]}" for one in validator(name, version).iter_errors(sent)]


def answered(entries: Iterable[Entry]) -> dict[str, Any]:
    """A page of the API."""
    contents = [write.service(one, NOW) for one in entries]
    return {"total_items": len(contents), "total_pages": 1, "page_number": 1, "size": len(contents),
            "first_page": True, "last_page": True, "empty": not contents, "contents": contents}


def through_json(entries: Iterable[Entry], folder: Path) -> list[dict[str, Any]]:
    """The listings that come back from a page of the API, as the validator takes them."""
    (folder / "page.json").write_text(json.dumps(answered(entries)), encoding="utf-8")
    return [schema.load(one.document) for one in listings(read(folder / "page.json", "hsds"))]


def through_tables(entries: Iterable[Entry], folder: Path) -> list[dict[str, Any]]:
    """The listings that come back from a package."""
    body = io.BytesIO()
    tabular.write_package(entries, body, now=NOW)
    (folder / "package.zip").write_bytes(body.getvalue())
    return [schema.load(one.document) for one in listings(read(folder / "package.zip", "hsds"))]


def kept(one: Entry) -> dict[str, Any]:
    """What of a listing comes back by the table LOST."""
    gone = {name for name, how in write.LOST.items() if not how}
    return schema.load({name: value for name, value in one.document.items() if name not in gone} | {"id": str(one.id)})
