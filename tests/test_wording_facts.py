"""Schedules and single facts of a listing, in English words."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import given, settings
from hypothesis import strategies as st

from finder import wording
from finder.errors import Problem
from finder.search.query_schema import FACETS
from finder.wordings.language import zone_name
from finder.wordings.states import NAMES

TODAY = date(2026, 11, 24)

# -- schedules -------------------------------------------------------------------------------------------------------

EVENING = {"format": "online_video", "start_time": "18:00", "duration_minutes": 90, "timezone": "America/New_York"}
HOURS = "6:00–7:30 pm Eastern"


@pytest.mark.parametrize(("repeats", "text"), [
    ("FREQ=WEEKLY;BYDAY=TU", "Every Tuesday"),
    ("FREQ=WEEKLY;BYDAY=TH,MO", "Every Monday and Thursday"),
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Monday to Friday"),
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "Every day"),
    ("FREQ=WEEKLY", "Every Monday"),
    ("FREQ=DAILY", "Every day"),
    ("FREQ=DAILY;BYDAY=SA,SU", "Every Saturday and Sunday"),
    ("FREQ=MONTHLY;BYDAY=2TU,4TU", "2nd and 4th Tuesday of the month"),
    ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=1,3", "1st and 3rd Tuesday of the month"),
    ("FREQ=MONTHLY;BYDAY=-1FR", "Last Friday of the month"),
    ("FREQ=MONTHLY;BYDAY=1MO,3WE", "1st Monday and 3rd Wednesday of the month"),
    ("FREQ=MONTHLY;BYDAY=-1TU,+3TU,1TU,1TU", "1st, 3rd, and last Tuesday of the month"),
    ("FREQ=MONTHLY;BYMONTHDAY=15", "Day 15 of the month"),
    ("FREQ=MONTHLY;BYMONTHDAY=-1", "Last day of the month"),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "Last weekday of the month"),
    ("FREQ=WEEKLY;BYDAY=TU;BYMONTH=9,10", "Every Tuesday in September and October"),
    ("FREQ=WEEKLY;BYDAY=TU;BYMONTH=1,2,3,4,5,6,9,10,11,12", "Every Tuesday, not in July and August"),
    ("FREQ=YEARLY;BYDAY=1MO", "On set dates"),
    ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=2", "On set dates"),
])
def test_rule_reads_as_people_would_say_it(repeats: str, text: str) -> None:
    assert wording.schedule_text({**EVENING, "repeats": repeats}) == f"{text}, {HOURS}"


@pytest.mark.parametrize(("repeats", "text"), [
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "Every other Tuesday"),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", "Every other week on Tuesday and Thursday"),
    ("FREQ=WEEKLY;INTERVAL=3;BYDAY=TU", "Every 3 weeks on Tuesday"),
    ("FREQ=DAILY;INTERVAL=3", "Every 3 days"),
    ("FREQ=MONTHLY;INTERVAL=2;BYDAY=1TU", "1st Tuesday of the month, every other month"),
    ("FREQ=MONTHLY;INTERVAL=3;BYDAY=1TU", "1st Tuesday of the month, every 3 months"),
])
def test_steps_above_one_are_said(repeats: str, text: str) -> None:
    session = {**EVENING, "repeats": repeats, "valid_from": "2026-09-01"}
    assert wording.schedule_text(session, today=TODAY) == f"{text}, {HOURS}"


@pytest.mark.parametrize(("session", "text"), [
    ({"format": "text_chat", "anytime": True}, "Always open"),
    ({"format": "self_paced", "anytime": True}, "At your own pace"),
    ({"format": "in_person"}, "Day and time not stated"),
    ({"format": "in_person", "start_time": "18:00"}, "6:00 pm, day not stated"),
    ({"format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=TU"}, "Every Tuesday"),
    ({"format": "phone", "valid_from": "2026-12-01", "start_time": "00:30", "timezone": "America/Denver"},
     "Tuesday, December 1, 12:30 am Mountain"),
], ids=["anytime", "own pace", "nothing", "hour only", "day only", "once"])
def test_partial_schedules_say_what_is_known(session: dict[str, object], text: str) -> None:
    assert wording.schedule_text(session, today=TODAY) == text


def test_zone_is_left_out_where_people_meet_in_person_only() -> None:
    session = {**EVENING, "format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=TU"}
    assert wording.schedule_text(session) == "Every Tuesday, 6:00–7:30 pm"
    assert wording.schedule_text(session, zone=True) == "Every Tuesday, 6:00–7:30 pm Eastern"
    assert wording.schedule_text({**session, "format": "hybrid"}) == "Every Tuesday, 6:00–7:30 pm Eastern"


_DAYS = st.lists(st.builds("{}{}".format, st.sampled_from(["", "1", "2", "+3", "5", "-1", "-2", "-3"]),
                           st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])), min_size=1, max_size=4)
_PARTS = st.fixed_dictionaries({"FREQ": st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])}, optional={
    "INTERVAL": st.integers(1, 5), "COUNT": st.integers(1, 50), "UNTIL": st.just("20270131"),
    "BYDAY": _DAYS.map(",".join), "BYMONTHDAY": st.sampled_from(["1", "1,15", "-1", "-2", "31"]),
    "BYSETPOS": st.sampled_from(["1", "-1", "2,4"]), "BYMONTH": st.sampled_from(["1", "9,10", "12"]),
})


@settings(max_examples=150, deadline=None, database=None)
@given(_PARTS, st.sampled_from([None, TODAY]))
def test_every_rule_a_listing_may_hold_has_words(parts: dict[str, object], today: date | None) -> None:
    session = {**EVENING, "repeats": ";".join(f"{name}={value}" for name, value in parts.items()),
               "valid_from": "2026-09-01"}
    text = wording.schedule_text(session, today=today)
    assert HOURS in text
    assert "%(" not in text


def test_meeting_over_noon_names_both_halves_of_the_day() -> None:
    session = {**EVENING, "start_time": "11:30", "repeats": "FREQ=WEEKLY;BYDAY=TU"}
    assert wording.schedule_text(session, zone=False) == "Every Tuesday, 11:30 am–1:00 pm"


@pytest.mark.parametrize(("more", "text"), [
    ({"valid_from": "2027-01-14", "valid_until": "2027-03-04"}, "January 14 to March 4, 2027"),
    ({"valid_from": "2026-01-14", "valid_until": "2027-03-04"}, "until March 4, 2027"),
    ({"valid_from": "2027-01-14"}, "starts January 14, 2027"),
    ({"repeats": "FREQ=WEEKLY;BYDAY=TH;COUNT=8", "valid_from": "2027-01-14"}, "8 meetings from January 14, 2027"),
    ({"repeats": "FREQ=WEEKLY;BYDAY=TH;UNTIL=20261231"}, "until December 31"),
], ids=["cohort", "begun", "to come", "count", "until"])
def test_season_of_a_cohort_is_said(more: dict[str, object], text: str) -> None:
    session = {**EVENING, "repeats": "FREQ=WEEKLY;BYDAY=TH", **more}
    assert wording.schedule_text(session, today=TODAY) == f"Every Thursday, {HOURS}, {text}"


def test_days_off_to_come_are_named_and_past_ones_are_not() -> None:
    session = {**EVENING, "repeats": "FREQ=WEEKLY;BYDAY=TU",
               "except_dates": ["2026-12-29", "2026-10-06", "2026-12-22"]}
    assert wording.schedule_text(session, today=TODAY) == (
        f"Every Tuesday, {HOURS}. No meeting on December 22 and December 29.")


def test_one_meeting_is_named_with_its_zone() -> None:
    moment = datetime(2026, 12, 1, 18, 0, tzinfo=ZoneInfo("America/New_York"))
    assert wording.moment_text(moment, "America/New_York") == "Tuesday, December 1, 6:00 pm Eastern"
    assert wording.moment_text(moment, "Europe/London") == "Tuesday, December 1, 6:00 pm London time"


def test_a_meeting_after_other_words_keeps_the_small_letter_of_its_day(shared_app: Flask) -> None:
    moment = datetime(2026, 12, 1, 18, tzinfo=ZoneInfo("America/New_York"))
    assert wording.moment_text(moment, begins=False).startswith("Tuesday")
    with shared_app.test_request_context("/"), force_locale("es"):
        assert wording.moment_text(moment).startswith("Martes")
        assert wording.moment_text(moment, begins=False).startswith("martes")


def test_no_zone_is_called_as_a_state_is() -> None:
    zones = {zone_name(one) for one in available_timezones()}
    assert "Alaska time" in zones
    assert zones.isdisjoint(NAMES.values())


# -- single facts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cost", "text"), [
    (None, "Cost not stated"), ({"free": True}, "Free"), ({"free": False, "amount": 0}, "Free"),
    ({"free": False}, "There is a fee"), ({"free": False, "sliding_scale": True}, "Pay by income"),
    ({"free": False, "amount": 45, "insurance": []}, "$45 each time, takes no insurance"),
    ({"free": False, "amount": 12.5, "sliding_scale": True, "insurance": ["medicaid", "private"]},
     "$12.50, less if your income is low, takes Medicaid or private insurance"),
], ids=["unknown", "free", "zero", "fee", "sliding", "no insurance", "all"])
def test_cost_is_said_in_words(cost: dict[str, object] | None, text: str) -> None:
    assert wording.cost_text(cost) == text


@pytest.mark.parametrize(("capacity", "starts_on", "text"), [
    (None, None, "Places not stated"),
    ({"status": "open", "as_of": "2026-11-01"}, None, "Open to new people"),
    ({"status": "open", "seats": 1, "as_of": "2026-11-01"}, None, "1 place open"),
    ({"status": "open", "seats": 3, "as_of": "2026-11-01"}, "2027-01-14", "3 places, starts January 14, 2027"),
    ({"status": "open", "as_of": "2026-11-01"}, "2026-12-01", "Starts December 1"),
    ({"status": "open", "as_of": "2026-11-01"}, "2026-11-02", "Open to new people"),
    ({"status": "waitlist", "wait_weeks": 5, "as_of": "2026-11-01"}, None, "Waiting list, about 5 weeks"),
    ({"status": "waitlist", "as_of": "2026-11-01"}, None, "Waiting list"),
    ({"status": "full", "as_of": "2026-11-01"}, "2027-01-14", "Full, no waiting list"),
    ({"status": "assessment_first", "as_of": "2026-11-01"}, None, "A first talk comes before joining"),
    ({"status": "full", "as_of": "2026-08-25"}, None, "Places not stated"),
    ({"status": "full", "as_of": "2026-08-26"}, None, "Full, no waiting list"),
])
def test_room_for_new_people_is_said_in_words(capacity: dict[str, object] | None, starts_on: str | None,
                                              text: str) -> None:
    assert wording.capacity_text(capacity, starts_on=starts_on, today=TODAY) == text


@pytest.mark.parametrize(("on", "text"), [
    (None, "Not checked yet"), ("2026-11-24", "Checked today"), ("2026-11-23", "Checked 1 day ago"),
    ("2026-11-03", "Checked 3 weeks ago"), ("2026-09-24", "Checked 2 months ago"),
    ("2026-02-20", "Not checked for 9 months"), ("2023-11-24", "Not checked for 3 years"),
])
def test_last_check_is_said_in_words(on: str | None, text: str) -> None:
    assert wording.freshness_text(on, TODAY) == text


@pytest.mark.parametrize(("age", "text"), [
    ({"min": 18, "max": 25}, "Ages 18 to 25"), ({"min": 18}, "18 and older"), ({"max": 17}, "Up to age 17"),
    (None, "Ages not stated"),
])
def test_age_limits_are_said_in_words(age: dict[str, int] | None, text: str) -> None:
    assert wording.age_text(age) == text


def test_support_range_that_is_only_typical_says_so() -> None:
    assert wording.support_range_text(0, 2) == "Light to medium support"
    assert wording.support_range_text(4, 4, stated=False) == "Close support, typical, not stated by the group"


def test_relaxing_names_the_new_reach_and_what_it_adds() -> None:
    assert wording.relax_text({"change": "radius_wider", "value": 25, "adds": 7}) == "Widen to 25 miles: 7 more"
    assert wording.relax_text({"change": "cost_any", "value": None, "adds": 1}) == "Any cost: 1 more"


def test_language_outside_the_list_is_named_by_its_iso_code() -> None:
    assert wording.label("languages", "it") == "Italian"
    assert wording.label("languages", "asl") == "American Sign Language"
    assert wording.label("focus_areas", "no_such_code") == "no_such_code"


def test_every_choice_of_every_facet_has_a_label() -> None:
    for facet, codes in FACETS.items():
        assert wording.facet_text(facet)
        for code in (*codes, "unknown"):
            label = wording.facet_value_text(facet, code)
            assert label
            assert label != code or label.isupper() or label in ("EMDR",)


@pytest.mark.parametrize(("problem", "text"), [
    (Problem("out_of_range", min=0, max=4), "Use a number from 0 to 4."),
    (Problem("out_of_range"), "This number is too low or too high."),
    (Problem("not_a_code", value="100 %(x)s"), "“100 %(x)s” is not on the list. Pick one from the list."),
])
def test_problem_says_how_to_put_it_right(problem: Problem, text: str) -> None:
    assert wording.problem_text(problem) == text
