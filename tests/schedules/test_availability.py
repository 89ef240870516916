from datetime import date

import pytest

from finder.schedules.availability import ALL_SLOTS, EARLY, EVENING, WEEKDAY_DAYTIME, WEEKEND, slots
from finder.schedules.recurrence import Rule

DAY = date(2026, 11, 24)


def rule(start, repeats="FREQ=WEEKLY;BYDAY=TU", zone="America/New_York"):
    return Rule(repeats=repeats, start_time=start, timezone=zone)


@pytest.mark.parametrize(
    ("start", "expected"),
    [("08:59", EARLY), ("09:00", WEEKDAY_DAYTIME), ("16:59", WEEKDAY_DAYTIME), ("17:00", EVENING)],
)
def test_weekday_slots_change_at_nine_and_at_five(start, expected):
    assert slots(rule(start), DAY, "America/New_York") == expected


def test_saturday_and_sunday_are_weekend_all_day():
    assert slots(rule("08:00", "FREQ=WEEKLY;BYDAY=SA,SU"), DAY, None) == WEEKEND


def test_slots_are_judged_in_the_seekers_zone():
    assert slots(rule("18:00"), DAY, "America/Los_Angeles") == WEEKDAY_DAYTIME
    assert slots(rule("22:00", "FREQ=WEEKLY;BYDAY=SU"), DAY, "Europe/London") == EARLY


def test_an_always_open_place_covers_every_slot():
    assert slots(Rule(anytime=True), DAY, "America/New_York") == ALL_SLOTS


def test_time_not_stated_is_unknown():
    assert slots(Rule(repeats="FREQ=DAILY", timezone="America/New_York"), DAY, None) is None
    assert slots(rule("18:00", zone=None), DAY, "America/New_York") is None
    assert slots(rule("18:00", zone=None), DAY, None) == EVENING
