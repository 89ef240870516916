from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finder.catalog import listing_schema
from finder.schedules.recurrence import Rule, occurrences
from finder.schedules.spoken.reading import read
from finder.schedules.spoken.saying import normal, written

TODAY = date(2026, 11, 26)
ZONE = "America/New_York"
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LANGUAGES = ("en", "es")


def again(text, language):
    return read(text, language=language, today=TODAY, timezone=ZONE)


@st.composite
def weekdays(draw):
    chosen = draw(st.sets(st.integers(0, 6), min_size=1))
    return ",".join(DAYS[one] for one in sorted(chosen))


@st.composite
def days_of_a_rule(draw):
    kind = draw(st.sampled_from(["daily", "weekly", "nth", "month days", "workdays", "last day"]))
    if kind == "weekly":
        return "WEEKLY", [f"BYDAY={draw(weekdays())}"]
    if kind == "nth":
        places = draw(st.sets(st.tuples(st.sampled_from([1, 2, 3, 4, 5, -1, -2]), st.sampled_from(DAYS)),
                              min_size=1, max_size=3))
        return "MONTHLY", ["BYDAY=" + ",".join(f"{place}{day}" for place, day in places)]
    if kind == "month days":
        days = draw(st.sets(st.integers(1, 31), min_size=1, max_size=4))
        return "MONTHLY", ["BYMONTHDAY=" + ",".join(map(str, days))]
    if kind == "workdays":
        return "MONTHLY", ["BYDAY=MO,TU,WE,TH,FR", f"BYSETPOS={draw(st.sampled_from([1, -1]))}"]
    return ("MONTHLY", ["BYMONTHDAY=-1"]) if kind == "last day" else ("DAILY", [])


@st.composite
def ends(draw, first):
    kind = draw(st.sampled_from(["none", "count", "until", "valid_until"]))
    last = (first or TODAY) + timedelta(days=draw(st.integers(30, 700)))
    if kind == "count" and first:
        return [f"COUNT={draw(st.integers(1, 60))}"], {}
    if kind == "until":
        return [f"UNTIL={last:%Y%m%d}"], {}
    return [], {"valid_until": last.isoformat()} if kind == "valid_until" else {}


@st.composite
def sessions(draw):
    frequency, parts = draw(days_of_a_rule())
    made = {"timezone": ZONE, "start_time": f"{draw(st.integers(0, 23)):02}:{draw(st.integers(0, 59)):02}"}
    made |= draw(st.just({}) | st.integers(1, 1440).map(lambda minutes: {"duration_minutes": minutes}))
    first = draw(st.none() | st.dates(date(2024, 1, 1), date(2030, 12, 31)))
    step = draw(st.integers(1, 12)) if first else 1
    if step > 1:
        # A step is counted from a meeting.
        every = ";".join([f"FREQ={frequency}", *parts])
        first = occurrences(Rule.of(made | {"repeats": every}), first, 1)[0].date()
        parts.append(f"INTERVAL={step}")
    elif draw(st.booleans()):
        months = draw(st.sets(st.integers(1, 12), min_size=1, max_size=12))
        parts.append("BYMONTH=" + ",".join(map(str, sorted(months))))
    more, fields = draw(ends(first))
    made |= fields | {"repeats": ";".join([f"FREQ={frequency}", *draw(st.permutations([*parts, *more]))])}
    made |= {"valid_from": first.isoformat()} if first else {}
    meetings = [one.date().isoformat() for one in occurrences(Rule.of(made), TODAY, 12)]
    excepted = sorted(draw(st.sets(st.sampled_from(meetings), max_size=8))) if meetings else []
    return made | ({"except_dates": excepted} if excepted else {})


@settings(max_examples=300, deadline=None)
@given(sessions(), st.sampled_from(LANGUAGES))
def test_a_rule_said_reads_back_to_the_same_rule(session, language):
    listing_schema.load({"format": "finder-listing/1", "id": "1", "name": "A group", "group_type": "peer_support",
                         "sessions": [session | {"format": "in_person"}]})
    text = written([session], language=language)
    if text is None:
        meets = occurrences(Rule.of(session), date.fromisoformat(session.get("valid_from", "2024-01-01")), 1)
        assert not meets or len(session.get("except_dates", ())) > 4, "a rule that meets can be said"
        return
    found = again(text, language)
    assert found.problems == ()
    assert found.assumed == ()
    assert [normal(one) for one in found.sessions] == [normal(session)]
    wanted = occurrences(Rule.of(session), TODAY, 10)
    assert occurrences(Rule.of(found.sessions[0]), TODAY, 10) == wanted


PHRASES = [
    ({"repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:00", "duration_minutes": 90},
     "Tuesdays, 6:00 pm to 7:30 pm", "martes, de 6:00 pm a 7:30 pm"),
    ({"repeats": "FREQ=MONTHLY;BYDAY=2TU,4TU", "start_time": "12:00"},
     "2nd and 4th Tuesday of the month, noon", "segundo y cuarto martes del mes, al mediodía"),
    ({"repeats": "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", "start_time": "10:00", "valid_from": "2027-01-09"},
     "every other week on Saturday, 10:00 am, from January 9, 2027",
     "cada dos semanas los sábados, 10:00 am, desde el 9 de enero de 2027"),
    ({"repeats": "FREQ=WEEKLY;BYDAY=TU;BYMONTH=1,2,3,4,5,6,9,10,11,12", "start_time": "00:00"},
     "Tuesdays, 12:00 am, except July and August", "martes, 12:00 am, excepto julio y agosto"),
    ({"repeats": "FREQ=WEEKLY;BYDAY=MO;COUNT=8", "start_time": "18:00", "valid_from": "2027-01-11",
      "except_dates": ["2027-01-18", "2027-01-25", "2027-02-15"]},
     "Mondays, 6:00 pm, 8 meetings from January 11, 2027, except January 18, 2027 to January 25, 2027 and "
     "February 15, 2027",
     "lunes, 6:00 pm, 8 reuniones desde el 11 de enero de 2027, excepto del 18 de enero de 2027 al 25 de enero de "
     "2027 y el 15 de febrero de 2027"),
    ({"repeats": "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "start_time": "09:00"},
     "Monday to Friday, 9:00 am", "lunes a viernes, 9:00 am"),
    ({"valid_from": "2026-12-01", "start_time": "18:00"}, "December 1, 2026, 6:00 pm",
     "1 de diciembre de 2026, 6:00 pm"),
    ({"anytime": True}, "any time", "a cualquier hora"),
]


@pytest.mark.parametrize(("session", "english", "spanish"), PHRASES, ids=[one[1] for one in PHRASES])
def test_a_session_is_said_in_plain_words_of_either_language(session, english, spanish):
    assert written([session], language="en") == english
    assert written([session], language="es") == spanish


def test_sessions_are_said_one_a_line():
    several = [{"repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:00", "timezone": ZONE},
               {"repeats": "FREQ=DAILY", "start_time": "08:00", "timezone": ZONE}]
    text = written(several, language="en")
    assert text == "Tuesdays, 6:00 pm\nevery day, 8:00 am"
    assert list(again(text, "en").sessions) == several


@pytest.mark.parametrize("session", [
    {"repeats": "FREQ=YEARLY;BYMONTH=5;BYDAY=2SU", "start_time": "18:00"},
    {"repeats": "FREQ=MONTHLY;BYDAY=MO,WE;BYSETPOS=2", "start_time": "18:00"},
    {"repeats": "FREQ=MONTHLY;BYMONTHDAY=-3", "start_time": "18:00"},
    {"repeats": "FREQ=WEEKLY", "start_time": "18:00"},
    {"repeats": "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO,SU", "start_time": "18:00", "valid_from": "2027-01-10"},
    {"valid_until": "2027-01-10"},
], ids=["yearly", "second of two days", "third last day", "no days", "weeks from Sunday", "only an end"])
def test_what_cannot_be_said_is_not_said(session):
    assert written([session], language="en") is None
    assert written([session], language="es") is None


def test_sessions_of_two_zones_are_not_said_for_the_zone_is_not_in_the_words():
    rule = {"repeats": "FREQ=DAILY", "start_time": "18:00"}
    assert written([rule | {"timezone": ZONE}, rule | {"timezone": "America/Denver"}], language="en") is None
