"""Published listings made up without a database, as writers take them: one with every field, the seed, and any."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from finder.catalog.listing_schema import load
from finder.catalog.public import public
from finder.exchange.entries import Entry, Meeting
from finder.exchange.weekly import Site
from tests.exchange.make import TODAY

SEED = Path(__file__).resolve().parents[2] / "seed_data" / "listings.jsonl"
CHANGED = datetime(2026, 11, 20, 9, 30, 15, tzinfo=UTC)
SITE = Site("Example Directory", "https://finder.example", lambda slug: f"https://finder.example/programs/{slug}",
            lambda slug: f"https://finder.example/programs/{slug}/report")
HOME = uuid.UUID("c0ffee00-0000-4000-8000-000000000000")


def entry(document: Mapping[str, Any], slug: str = "", changed_at: datetime = CHANGED) -> Entry:
    """The listing as the database would give it; ids follow from its own id and the order of its sessions."""
    key = uuid.uuid5(HOME, document["id"])
    sessions = document.get("sessions") or ()
    meetings = tuple(Meeting(uuid.uuid5(key, f"session {place}"),
                             uuid.uuid5(key, json.dumps(one["location"])) if one.get("location") else None)
                     for place, one in enumerate(sessions))
    organization = document.get("organization")
    return Entry(key, slug or document["id"], public(document),
                 uuid.uuid5(HOME, json.dumps(organization)) if organization else None, meetings, changed_at)


def seed() -> list[Entry]:
    return [entry(load(json.loads(line))) for line in SEED.read_bytes().splitlines()]


FULL: dict[str, Any] = {
    "format": "finder-listing/1", "id": "full", "name": "Evening Circle", "status": "active",
    "organization": {"name": "River Care", "kind": "peer_run", "url": "https://river.example.org",
                     "email": "hello@river.example.org", "phone": "+15035550100"},
    "description": "A circle with tea.", "group_type": "peer_support", "led_by": "peer",
    "modalities": ["mindfulness", "CBT"], "focus": ["cooccurring", "depression"], "severity": {"min": 1, "max": 2},
    "attendees": "person", "age": {"min": 18, "max": 60}, "gender_mix": "women", "populations": ["lgbtq", "veterans"],
    "restricted_to": ["young_adults", "students"], "languages": ["en", "so"], "interpreter": "no",
    "cost": {"free": False, "amount": 10, "currency": "USD", "sliding_scale": True, "insurance": ["medicaid"],
             "note": "Ask for help."},
    "sessions": [
        {"format": "hybrid", "repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:00", "duration_minutes": 60,
         "timezone": "America/Los_Angeles", "valid_from": "2026-01-06", "except_dates": ["2026-12-29"],
         "location": {"name": "Old Library", "address_1": "1 Elm St", "city": "Salem", "state": "OR",
                      "postal_code": "97301", "country": "US", "latitude": 44.94, "longitude": -123.03,
                      "precision": "street"},
         "join_url": "https://zoom.us/j/5550100", "dial_in": "+16465550100,,123#"},
        {"format": "online_video", "repeats": "FREQ=WEEKLY;BYDAY=WE", "start_time": "19:00", "duration_minutes": 60,
         "timezone": "America/Los_Angeles"}],
    "capacity": {"status": "open", "seats": 3, "as_of": "2026-11-01"}, "starts_on": "2026-01-06", "open_group": False,
    "licensed_states": ["OR"], "coverage": {"states": ["OR"]},
    "accessibility": {"step_free": "yes", "captions": "yes", "childcare": "no"},
    "policies": {"walk_in": True, "group_size": 12},
    "contact": {"phone": "503-555-0101", "email": "circle@example.org", "url": "https://river.example.org/join",
                "how_to_join": "walk_in", "note": "Ring the bell."},
    "verified": {"on": "2026-10-01", "method": "operator"},
    "source": {"name": "A source", "url": "https://source.example.org", "license": "CC0-1.0",
               "retrieved": "2026-11-01"},
    "x": {"source_ids": ["7"]},
}
# Another value for each field: [what every reader should notice, what a format may fail to tell apart].
OTHERS: dict[str, list[Any]] = {
    "id": ["other"], "name": ["Morning Circle"], "status": ["paused"], "organization.name": ["Hill Care"],
    "organization.kind": ["public"], "organization.url": ["https://hill.example.org"],
    "organization.email": ["hill@example.org"], "organization.phone": ["+15035550199"],
    "description": ["A circle with cake."], "group_type": ["skills"], "led_by": ["co_led"],
    "modalities": [["CBT"], ["mindfulness", "DBT"]], "focus": [["depression"], ["cooccurring", "anxiety"]],
    "severity": [{"min": 0, "max": 3}], "attendees": ["anyone", "relatives"], "age": [{"min": 21}],
    "gender_mix": ["men", "mixed"], "populations": [["veterans"], ["lgbtq", "rural"]],
    "restricted_to": [["students"], ["young_adults", "rural"]], "languages": [["es"], ["en", "hmn"]],
    "interpreter": ["yes"], "cost": [{"free": True}], "capacity": [{"status": "full", "as_of": "2026-11-02"}],
    "starts_on": ["2027-02-01", "2026-01-13"], "open_group": [True], "licensed_states": [["WA"]],
    "coverage": [{"states": ["ID"]}, {"states": ["OR"], "counties": ["OR:Polk"]}],
    "accessibility": [{"step_free": "no"}, {"step_free": "yes", "captions": "no"}], "policies": [{"walk_in": False}],
    "contact.phone": ["503-555-0190"], "contact.email": ["other@example.org"],
    "contact.url": ["https://river.example.org/come"], "contact.how_to_join": ["call"],
    "contact.note": ["Knock."], "verified": [{"on": "2026-11-02", "method": "phone"}],
    "source": [{"name": "Another source", "license": "CC-BY-4.0"}], "x": [{"more": 1}],
    "sessions.format": ["online_video", "in_person"], "sessions.anytime": [True],
    "sessions.repeats": ["FREQ=WEEKLY;BYDAY=FR"],
    "sessions.start_time": ["17:00"], "sessions.duration_minutes": [90], "sessions.timezone": ["America/Boise"],
    "sessions.valid_from": ["2027-01-05", "2026-01-13"], "sessions.valid_until": ["2027-05-04"],
    "sessions.except_dates": [["2027-01-05"]], "sessions.location.name": ["New Library"],
    "sessions.location.address_1": ["2 Oak St"], "sessions.location.city": ["Keizer"],
    "sessions.location.state": ["WA"], "sessions.location.postal_code": ["97302"],
    "sessions.location.country": ["CA"], "sessions.location.latitude": [44.9], "sessions.location.longitude": [-123.1],
    "sessions.location.precision": ["city", "exact"], "sessions.location.hidden": [True],
    "sessions.join_url": ["https://zoom.us/j/5550199"], "sessions.dial_in": ["+16465550199"],
}


# What must hold for a change to show.
_BASES = {"contact.how_to_join": {"open_group": True}}


def changed(path: str, value: Any) -> dict[str, Any]:
    """FULL with another value at a path; `sessions.` is its first session."""
    found = deepcopy(FULL) | _BASES.get(path, {})
    *objects, last = path.split(".")
    here: Any = found
    for name in objects:
        here = here[name][0] if name == "sessions" else here[name]
    here[last] = value
    if path == "sessions.anytime":
        here |= {"repeats": None, "start_time": None}
    return found


def judge_losses(lost: Mapping[str, str], said: Callable[[Entry], object]) -> None:
    """Holds that a table of losses says the truth: a field that stands in it as "" changes nothing; every other field
    changes what is said; and one that is kept in part has a change that is noticed or a change that is not."""
    for path, values in OTHERS.items():
        plain = said(entry(load(FULL | _BASES.get(path, {}))))
        same = [said(entry(load(changed(path, one)), slug="full")) == plain for one in values]
        if lost.get(path) == "":
            assert all(same), f"{path} is said, and the table calls it lost"
        else:
            assert not same[0], f"{path} is lost, and the table does not say so"
            assert path in lost or not any(same), f"{path} is lost in part, and the table does not say so"
    assert lost.keys() <= OTHERS.keys()


PLACES = [("Salem", "OR", "97301", 44.94, -123.03, "America/Los_Angeles"),
          ("Durham", "NC", "27701", 35.996, -78.8986, "America/New_York"),
          ("Chicago", "IL", "60614", 41.9227, -87.6533, "America/Chicago"),
          ("Phoenix", "AZ", "85004", 33.4515, -112.0686, "America/Phoenix")]
DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_words = st.lists(st.sampled_from("Harbor Lantern Willow Table Quiet Maple River Tea Hill Bridge".split()), min_size=2,
                  max_size=4, unique=True).map(" ".join)
_phones = st.integers(2_000_000_000, 9_999_999_999).map(lambda one: f"+1{one}")


@st.composite
def weekly_documents(draw: Callable[..., Any], **fixed: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Listings that a weekly format can say nearly whole: what `fixed` names, and sessions at one place and online."""
    city, state, code, latitude, longitude, zone = draw(st.sampled_from(PLACES))
    location = {"name": draw(_words), "city": city, "state": state, "postal_code": code, "country": "US",
                "address_1": f"{draw(st.integers(1, 9999))} {draw(_words)} St", "precision": "exact",
                "latitude": latitude, "longitude": longitude}
    # Two sessions at one time and in one way are one to the importers (quirk 15).
    sessions = draw(st.lists(_sessions(location, zone), min_size=1, max_size=4,
                             unique_by=lambda one: (one["format"], one["start_time"])))
    document = {"format": "finder-listing/1", "id": f"any-{draw(st.integers(1, 10**9))}", "name": draw(_words),
                "group_type": "mutual_aid", "sessions": sessions}
    for name, values in fixed.items():
        value = draw(st.none() | values)
        if value is not None:
            document[name] = value
    return load(document)


@st.composite
def _sessions(draw: Callable[..., Any], location: dict[str, Any], zone: str) -> dict[str, Any]:
    form = draw(st.sampled_from(["in_person", "in_person", "hybrid", "online_video", "phone"]))
    days = draw(st.sets(st.sampled_from(DAYS), min_size=1, max_size=7))
    minute = draw(st.integers(0, 24 * 60 - 1))
    rule = "FREQ=DAILY" if len(days) == 7 else f"FREQ=WEEKLY;BYDAY={','.join(sorted(days))}"
    found = {"format": form, "repeats": rule, "start_time": f"{minute // 60:02}:{minute % 60:02}", "timezone": zone}
    if draw(st.booleans()):
        found["duration_minutes"] = draw(st.integers(1, 300))
    if form in ("in_person", "hybrid"):
        found["location"] = location
    if form in ("online_video", "hybrid"):
        found["join_url"] = f"https://zoom.us/j/{draw(st.integers(10**8, 10**10))}"
    if form == "phone":
        found["dial_in"] = draw(_phones)
    return found


def nights(documents: Iterable[Mapping[str, Any]], *, past_midnight: bool = False) -> set[tuple[Any, ...]]:
    """Weekday by weekday what the sessions of some documents say, in a form in which any two can be compared."""
    found = set()
    for document in documents:
        for one in document.get("sessions") or ():
            parts = dict(part.split("=") for part in one["repeats"].split(";"))
            hours, minutes = map(int, one["start_time"].split(":"))
            length = one.get("duration_minutes")
            if length and not past_midnight and 60 * hours + minutes + length >= 24 * 60:
                length = None
            where = tuple(sorted(({"country": "US"} | one["location"]).items())) if one.get("location") else ()
            for day in parts.get("BYDAY", ",".join(DAYS)).split(","):
                found.add((day, one["start_time"], length, one["timezone"], one["format"], where,
                           one.get("join_url"), one.get("dial_in")))
    return found


def day(text: str) -> date:
    return date.fromisoformat(text)


__all__ = ["CHANGED", "FULL", "OTHERS", "SITE", "TODAY", "changed", "day", "entry", "judge_losses", "nights", "seed",
           "weekly_documents"]
