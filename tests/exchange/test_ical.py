from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finder.exchange import ical
from finder.schedules.recurrence import Rule, occurrences
from tests.exchange.ical_readers import NEXT, first_reader, modules, second_reader, utc  # noqa: F401 - a fixture
from tests.exchange.published import SITE, seed

ID = "6a1f0c9e-7a40-4c52-9df3-0a4f2d6cf001"
WORDS = ical.Wording("Groups", lambda town: f"Group in {town}" if town else "Group",
                     lambda session: "Please ask first.")

# Kind of schedule -> the session's own fields.
KINDS: dict[str, dict[str, Any]] = {
    "every week": {"repeats": "FREQ=WEEKLY;BYDAY=TU"},
    "twice a week": {"repeats": "FREQ=WEEKLY;BYDAY=SA,MO"},
    "every other week": {"repeats": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "valid_from": "2025-12-30"},
    "every other week, two days": {"repeats": "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO", "valid_from": "2026-01-04"},
    "second Wednesday": {"repeats": "FREQ=MONTHLY;BYDAY=2WE"},
    "last Friday": {"repeats": "FREQ=MONTHLY;BYDAY=-1FR"},
    "first and third Sunday": {"repeats": "FREQ=MONTHLY;BYDAY=1SU,3SU"},
    "the fifteenth": {"repeats": "FREQ=MONTHLY;BYMONTHDAY=15"},
    "every third month": {"repeats": "FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO", "valid_from": "2025-11-03"},
    "daily": {"repeats": "FREQ=DAILY"},
    "weekday without BYDAY": {"repeats": "FREQ=WEEKLY", "valid_from": "2026-01-07"},
    "month day without BYMONTHDAY": {"repeats": "FREQ=MONTHLY", "valid_from": "2026-01-31"},
    "with exceptions": {"repeats": "FREQ=WEEKLY;BYDAY=TU",
                        "except_dates": ["2026-03-10", "2026-10-27", "2026-11-03", "2026-12-22"]},
    "a cohort": {"repeats": "FREQ=WEEKLY;BYDAY=TU", "valid_from": "2026-10-06", "valid_until": "2026-11-17"},
    "a cohort by count": {"repeats": "FREQ=WEEKLY;BYDAY=WE;COUNT=8", "valid_from": "2026-09-30"},
    "until a day": {"repeats": "FREQ=WEEKLY;BYDAY=MO;UNTIL=20261116"},
    "once": {"valid_from": "2026-12-01"},
    "past midnight": {"repeats": "FREQ=WEEKLY;BYDAY=FR", "start_time": "23:30", "duration_minutes": 90},
}
ZONES = ("America/New_York", "America/Los_Angeles", "America/Phoenix", "Europe/Madrid", "Australia/Sydney")
# A few days before clocks change: spring and autumn of 2026 in the United States.
BEFORE = {"spring": datetime(2026, 3, 3, 15, tzinfo=UTC), "autumn": datetime(2026, 10, 20, 15, tzinfo=UTC)}


def _session(fields: dict[str, Any], zone: str | None = "America/New_York") -> dict[str, Any]:
    return {"format": "in_person", "start_time": "18:00", "timezone": zone, "duration_minutes": 60,
            "location": {"name": "Hope Recovery Center", "address_1": "1 Main St", "city": "Durham", "state": "NC"},
            **fields}


def _written(session: dict[str, Any], now: datetime, **document: Any) -> bytes:
    return ical.write([ical.Entry(ID, {"sessions": [session], **document}, "https://finder.example/programs/durham-1")],
                      words=WORDS, now=now)


def _wanted(session: dict[str, Any], now: datetime) -> list[str]:
    starts = occurrences(Rule.of(session), now.date() - timedelta(days=1), NEXT + 12)
    return [utc(one) for one in starts if one >= now][:NEXT]


@pytest.mark.parametrize("season", BEFORE)
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_reader_finds_the_same_next_ten_instants(kind: str, zone: str, season: str) -> None:
    session, now = _session(KINDS[kind], zone), BEFORE[season]
    wanted = _wanted(session, now)
    assert wanted
    assert first_reader(_written(session, now), now) == wanted


@pytest.mark.parametrize("season", BEFORE)
@pytest.mark.parametrize("kind", KINDS)
def test_a_second_reader_agrees(kind: str, season: str, modules: str) -> None:  # noqa: F811
    zone = ZONES[(list(KINDS).index(kind) + list(BEFORE).index(season)) % len(ZONES)]
    session, now = _session(KINDS[kind], zone), BEFORE[season]
    assert second_reader(_written(session, now), now, modules) == _wanted(session, now)


@settings(max_examples=60, deadline=None)
@given(days=st.sets(st.sampled_from("MO TU WE TH FR SA SU".split()), min_size=1), every=st.integers(1, 4),
       minute=st.integers(4 * 60, 24 * 60 - 1), start=st.dates(date(2025, 1, 1), date(2026, 12, 1)),
       lasts=st.none() | st.integers(200, 900), off=st.sets(st.integers(0, 200), max_size=5),
       zone=st.sampled_from(ZONES), day=st.integers(0, 700))
def test_any_weekly_rule_reads_the_same(days: set[str], every: int, minute: int, start: Any, lasts: int | None,
                                        off: set[int], zone: str, day: int) -> None:
    now = datetime(2025, 6, 1, 12, tzinfo=UTC) + timedelta(days=day)
    session = _session({
        "repeats": f"FREQ=WEEKLY;INTERVAL={every};BYDAY={','.join(sorted(days))}", "valid_from": start.isoformat(),
        "start_time": f"{minute // 60:02}:{minute % 60:02}",
        "except_dates": [(now.date() + timedelta(days=one)).isoformat() for one in sorted(off)],
        **({"valid_until": (start + timedelta(days=lasts)).isoformat()} if lasts else {})}, zone)
    assert first_reader(_written(session, now), now) == _wanted(session, now)


def _event(calendar: bytes) -> Any:
    return icalendar.Calendar.from_ical(calendar).walk("VEVENT")[0]


def test_an_event_names_no_group_no_place_and_no_topic() -> None:
    calendar = _written(_session(KINDS["every week"]), BEFORE["spring"], name="Opioid Recovery Circle",
                        description="For people who use heroin", organization={"name": "Grief House"})
    text = calendar.decode()
    for word in ("Opioid", "Recovery", "heroin", "Grief", "Hope"):
        assert word not in text
    assert str(_event(calendar)["summary"]) == "Group in Durham"
    assert str(_event(calendar)["location"]) == "1 Main St, Durham, NC"


def test_P9_a_hidden_address_stays_hidden() -> None:
    session = _session(KINDS["every week"])
    session["location"]["hidden"] = True
    assert "location" not in _event(_written(session, BEFORE["spring"]))


@pytest.mark.parametrize("fields", [
    {"anytime": True, "start_time": None}, {"repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": None},
    {"repeats": "FREQ=WEEKLY;BYDAY=TU", "valid_until": "2026-01-01"},
    {"repeats": "FREQ=WEEKLY;BYDAY=TU", "format": "online_video", "timezone": None},
], ids=["at any time", "time not stated", "over", "online without a zone"])
def test_what_has_no_time_has_no_event(fields: dict[str, Any]) -> None:
    calendar = icalendar.Calendar.from_ical(_written(_session(fields), BEFORE["spring"]))
    assert calendar.walk("VEVENT") == []


def test_a_paused_group_has_no_events() -> None:
    assert b"VEVENT" not in _written(_session(KINDS["every week"]), BEFORE["spring"], status="paused")


def test_long_lines_are_folded_and_spanish_letters_survive() -> None:
    words = ical.Wording("Grupos", lambda town: f"Grupo en {town}; “ñandú”, \\ y más",
                         lambda session: "é" * 200 + "\nfin")
    calendar = ical.write([ical.Entry(ID, {"sessions": [_session(KINDS["every week"])]}, None)], words=words,
                          now=BEFORE["spring"])
    assert max(map(len, calendar.split(b"\r\n"))) <= 75
    assert str(_event(calendar)["summary"]) == "Grupo en Durham; “ñandú”, \\ y más"
    assert str(_event(calendar)["description"]) == "é" * 200 + "\nfin"


def test_the_same_listing_keeps_its_uid_and_its_bytes_through_the_day() -> None:
    session, now = _session(KINDS["every week"]), BEFORE["spring"]
    assert _written(session, now) == _written(session, now + timedelta(hours=3))
    assert str(_event(_written(session, now))["uid"]) == str(_event(_written(session, BEFORE["autumn"]))["uid"])


@pytest.mark.parametrize("zone", [*ZONES, "America/Havana", "Europe/London"])
def test_the_clock_changes_that_travel_along_are_those_of_the_zone(zone: str) -> None:
    now = BEFORE["spring"]
    calendar = icalendar.Calendar.from_ical(_written(_session(KINDS["daily"], zone), now))
    carried, real = calendar.walk("VTIMEZONE")[0].to_tz(lookup_tzid=False), ZoneInfo(zone)
    for hour in range(0, 24 * 365 * 3, 5):
        instant = now.replace(month=1, day=2) + timedelta(hours=hour)
        assert instant.astimezone(carried).utcoffset() == instant.astimezone(real).utcoffset(), instant


def test_a_calendar_of_many_programs_holds_each_and_is_bounded() -> None:
    found = ical.feed(seed(), page=SITE.page, words=WORDS, now=BEFORE["autumn"])
    events = icalendar.Calendar.from_ical(found.calendar).walk("VEVENT")
    meet = {str(one.id) for one in seed() if one.document.get("status", "active") == "active"}
    assert {str(one["uid"])[:36] for one in events} <= meet
    assert len(events) > 200
    assert len({str(one["uid"]) for one in events}) == len(events)
    assert found.left_out == 0
    few = ical.feed(seed(), page=SITE.page, words=WORDS, now=BEFORE["autumn"], most=10)
    assert few.left_out == len(meet) - 10
    assert len(few.calendar) < len(found.calendar)


def test_a_program_has_the_same_event_in_its_own_calendar_and_in_one_of_many() -> None:
    one = next(each for each in seed() if each.meetings)
    own = ical.write([ical.Entry(str(one.id), one.document, SITE.page(one.slug))], words=WORDS, now=BEFORE["autumn"])
    assert ical.feed([one], page=SITE.page, words=WORDS, now=BEFORE["autumn"]).calendar == own
