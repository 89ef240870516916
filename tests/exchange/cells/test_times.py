from __future__ import annotations

import pytest

from finder.exchange.cells import times
from finder.exchange.cells.times import SUNDAY_IS_0, SUNDAY_IS_1, Unreadable


@pytest.mark.parametrize(("value", "sunday", "days"), [
    (0, SUNDAY_IS_0, ("SU",)), ("0", SUNDAY_IS_0, ("SU",)), ("1", SUNDAY_IS_1, ("SU",)), (7, SUNDAY_IS_1, ("SA",)),
    ("Thursday", SUNDAY_IS_0, ("TH",)), ("Thursdays", SUNDAY_IS_0, ("TH",)), ("Thursay", SUNDAY_IS_0, ("TH",)),
    ("tues.", SUNDAY_IS_0, ("TU",)), ([2], SUNDAY_IS_0, ("TU",)), ([1, 3], SUNDAY_IS_0, ("MO", "WE")),
    ("Monday, Wednesday", SUNDAY_IS_0, ("MO", "WE")), ("[5]", SUNDAY_IS_0, ("FR",)), (None, SUNDAY_IS_0, ()),
    ("", SUNDAY_IS_0, ()), ("Miércoles", SUNDAY_IS_0, ("WE",)), (1.0, SUNDAY_IS_0, ("MO",)),
], ids=repr)
def test_days_are_read_in_every_notation(value: object, sunday: int, days: tuple[str, ...]) -> None:
    assert times.weekdays(value, sunday) == days


@pytest.mark.parametrize(("value", "sunday"), [("7", SUNDAY_IS_0), ("0", SUNDAY_IS_1), ("someday", 0), ("weekends", 0)])
def test_days_outside_the_numbering_are_not_guessed(value: str, sunday: int) -> None:
    with pytest.raises(Unreadable):
        times.weekdays(value, sunday)


def test_a_day_with_a_number_without_end_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        times.weekdays("5" * 400, SUNDAY_IS_0)


@pytest.mark.parametrize(("text", "minutes"), [
    ("19:30", 1170), ("18:00:00", 1080), ("4:00 pm", 960), ("9am", 540), ("9:00 am ", 540), ("9:00a", 540),
    ("800AM", 480), ("1930", 1170), ("830", 510), ("Noon", 720), ("midnight", 0), ("12:00 AM", 0), ("12:30 pm", 750),
    ("24:00", 1440), ("00:00", 0), ("", None), ("-", None), ("AM-PM", None), (None, None),
])
def test_clock_times_are_read_from_a_closed_list_of_shapes(text: str | None, minutes: int | None) -> None:
    assert times.clock(text) == minutes


@pytest.mark.parametrize("text", ["25:00", "24:01", "9", "7:75", "half past six", "19.30h", "Monday-Friday, 9-5"])
def test_other_times_are_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        times.clock(text)


@pytest.mark.parametrize(("text", "span"), [
    ("800AM-430PM", ("08:00", "16:30")), ("24/7", ("00:00", "24:00")), ("-", None), ("AM-PM", None),
    ("700-430", ("07:00", "16:30")), ("1000AM-300PM", ("10:00", "15:00")), ("9:00am - 5:00pm", ("09:00", "17:00")),
])
def test_opening_hours_are_read(text: str, span: tuple[str, str] | None) -> None:
    assert times.opening(text) == span


@pytest.mark.parametrize(("start", "end", "minutes"), [
    (1170, 1230, 60), (1380, 0, 60), (1439, 60, 61), (1380, 1440, 60), (600, 600, 1440)])
def test_an_end_at_or_before_the_start_is_on_the_next_day(start: int, end: int, minutes: int) -> None:
    assert times.minutes_between(start, end) == minutes


def test_a_length_above_a_day_is_unreadable() -> None:
    assert (times.length("01:30:00"), times.length("00:00:00"), times.length("24:00")) == (90, None, 1440)
    with pytest.raises(Unreadable):
        times.length("25:00:00")


@pytest.mark.parametrize(("text", "days"), [
    ("1st and 3rd Mondays 3:30 pm", ("1MO", "3MO")), ("2nd & 4th Fridays Only", ("2FR", "4FR")),
    ("Last Saturday 8PM", ("-1SA",)), ("Steps 1-8 Workshop (2nd Sat)", ("2SA",)), ("First Step Meeting", ()),
    ("11th Step, Sundays", ()), ("Eastern time", ()),
])
def test_ordinal_days_become_byday_values(text: str, days: tuple[str, ...]) -> None:
    assert times.ordinal_days(text) == days


@pytest.mark.parametrize(("text", "zone"), [
    ("Geckos - 5am Eastern - Online", "America/New_York"), ("6 pm (Mountain)", "America/Denver"),
    ("10am Central European Time", "Europe/Berlin"), ("7pm London Time", "Europe/London"), ("Eastern Group", None),
    ("Central Group 8pm", None),
])
def test_a_zone_word_counts_only_behind_a_time(text: str, zone: str | None) -> None:
    assert times.zone_word(text) == zone


def test_dates_are_read_in_declared_shapes_only() -> None:
    assert times.calendar_day("2023-08-29 15:56:59") == "2023-08-29"
    assert times.calendar_day("10/31/2027", ("%m/%d/%Y",)) == "2027-10-31"
    assert times.calendar_day("NA") is None
    for text in ("10/31/2027", "2023-02-30", "soon"):
        with pytest.raises(Unreadable):
            times.calendar_day(text)
