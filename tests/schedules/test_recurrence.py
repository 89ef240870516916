from datetime import UTC, date, datetime

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from finder.schedules.recurrence import Rule, is_over, next_start, occurrences, problems

NEW_YORK = "America/New_York"


def weekly(**changes):
    return Rule.of({"repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:00", "timezone": NEW_YORK} | changes)


def starts(rule, day, count=8):
    return [one.strftime("%Y-%m-%d %H:%M") for one in occurrences(rule, day, count)]


def test_a_weekly_session_meets_on_its_weekday_from_the_day_asked_for():
    assert starts(weekly(), date(2026, 11, 24), 2) == ["2026-11-24 18:00", "2026-12-01 18:00"]


def test_every_other_week_counts_from_its_own_start():
    rule = weekly(repeats="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", valid_from="2026-11-03")
    assert starts(rule, date(2026, 11, 5), 2) == ["2026-11-17 18:00", "2026-12-01 18:00"]


def test_nth_weekdays_of_the_month_are_found():
    rule = weekly(repeats="FREQ=MONTHLY;BYDAY=2TU,-1TU")
    assert starts(rule, date(2026, 11, 11), 3) == ["2026-11-24 18:00", "2026-12-08 18:00", "2026-12-29 18:00"]


def test_exceptions_and_validity_are_kept():
    rule = weekly(valid_until="2026-12-29", except_dates=["2026-12-22"])
    assert starts(rule, date(2026, 12, 8)) == ["2026-12-08 18:00", "2026-12-15 18:00", "2026-12-29 18:00"]


def test_a_cohort_of_eight_ends_after_eight_sessions():
    rule = weekly(repeats="FREQ=WEEKLY;COUNT=8;BYDAY=TU", valid_from="2026-11-03")
    assert len(starts(rule, date(2026, 11, 1), 20)) == 8
    assert is_over(rule, date(2026, 12, 23))
    assert not is_over(rule, date(2026, 12, 22))


def test_until_in_utc_does_not_cut_the_last_local_day():
    rule = weekly(repeats="FREQ=WEEKLY;UNTIL=20261201T235900Z;BYDAY=TU")
    assert starts(rule, date(2026, 11, 24)) == ["2026-11-24 18:00", "2026-12-01 18:00"]


def test_a_rule_that_never_meets_is_over():
    assert is_over(weekly(repeats="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31"), date(2026, 11, 24))


def test_a_start_that_the_clock_skips_moves_forward_with_it():
    rule = weekly(repeats="FREQ=DAILY", start_time="02:30")
    assert starts(rule, date(2027, 3, 14), 2) == ["2027-03-14 03:30", "2027-03-15 02:30"]


def test_wall_clock_time_stays_across_the_end_of_summer_time():
    offsets = [one.utcoffset().total_seconds() / 3600 for one in occurrences(weekly(), date(2026, 10, 27), 2)]
    assert offsets == [-4, -5]


def test_a_date_without_a_rule_is_one_session():
    rule = weekly(repeats=None, valid_from="2026-12-05")
    assert starts(rule, date(2026, 11, 24)) == ["2026-12-05 18:00"]
    assert is_over(rule, date(2026, 12, 6))


def test_an_open_place_has_no_times_and_is_never_over():
    rule = Rule.of({"anytime": True})
    assert occurrences(rule, date(2026, 11, 24)) == ()
    assert not is_over(rule, date(2026, 11, 24))


def test_next_start_is_after_now():
    found = next_start(weekly(), datetime(2026, 11, 24, 23, 1, tzinfo=UTC))
    assert found is not None
    assert found.isoformat() == "2026-12-01T18:00:00-05:00"


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"timezone": "America/Gotham"}, "timezone", "unknown_zone"),
        ({"repeats": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"}, "valid_from", "needs_valid_from"),
        ({"repeats": "FREQ=WEEKLY;COUNT=4;BYDAY=TU"}, "valid_from", "needs_valid_from"),
        ({"valid_from": "2026-12-02", "valid_until": "2026-12-01"}, "valid_from", "from_after_until"),
    ],
)
def test_a_rule_that_cannot_be_read_is_named(changes, field, code):
    assert (field, code) in problems(weekly(**changes))


RULES = st.sampled_from((
    "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=WEEKLY", "FREQ=MONTHLY;BYDAY=1SA,3SA", "FREQ=MONTHLY;BYDAY=-1FR",
    "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=MONTHLY",
    "FREQ=YEARLY;BYMONTH=6;BYDAY=2TU", "FREQ=WEEKLY;BYDAY=SU;WKST=SU",
))


@settings(deadline=None)
@given(RULES, st.dates(date(2024, 1, 1), date(2027, 12, 31)), st.dates(date(2024, 1, 1), date(2028, 12, 31)))
def test_a_moved_anchor_gives_the_dates_of_the_plain_expansion(repeats, valid_from, from_day):
    rule = weekly(repeats=repeats, valid_from=valid_from.isoformat())
    plain = rrulestr(repeats, dtstart=datetime(valid_from.year, valid_from.month, valid_from.day))  # noqa: DTZ001
    expected = []
    for moment in plain:
        if moment.date() >= from_day:
            expected.append(moment.date())
        if len(expected) == 5:
            break
    assert [one.date() for one in occurrences(rule, from_day, 5)] == expected


@pytest.mark.parametrize("repeats", ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=31",
                                     "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3"])
def test_a_rule_that_never_happens_has_no_start_and_is_over(repeats):
    rule = Rule(repeats=repeats, start_time="18:00", timezone="America/New_York", valid_from=date(2026, 1, 1))
    assert occurrences(rule, date(2026, 11, 24)) == ()
    assert is_over(rule, date(2026, 11, 24))


def test_count_is_counted_from_the_first_day_of_the_rule():
    rule = Rule(repeats="FREQ=WEEKLY;BYDAY=TU;COUNT=3", start_time="18:00", timezone="UTC",
                valid_from=date(2026, 11, 10))
    assert [one.day for one in occurrences(rule, date(2026, 11, 12))] == [17, 24]
