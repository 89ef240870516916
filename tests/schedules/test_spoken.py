import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finder.catalog import listing_schema
from finder.schedules.recurrence import next_dates
from finder.schedules.spoken.holidays import FEDERAL, dates
from finder.schedules.spoken.reading import MOST_CHARACTERS, read
from finder.schedules.spoken.saying import normal, written
from finder.schedules.spoken.words import LANGUAGES
from tests.schedules.phrases import (
    ENGLISH,
    ENGLISH_ASSUMED,
    ENGLISH_PROBLEMS,
    SPANISH,
    SPANISH_ASSUMED,
    SPANISH_PROBLEMS,
)

TODAY = date(2026, 11, 26)
ZONE = "America/New_York"
PLAIN = [("en", *row) for row in ENGLISH] + [("es", *row) for row in SPANISH]
ASSUMED = [("en", *row) for row in ENGLISH_ASSUMED] + [("es", *row) for row in SPANISH_ASSUMED]
PROBLEMS = [("en", *row) for row in ENGLISH_PROBLEMS] + [("es", *row) for row in SPANISH_PROBLEMS]


def said(text, language="en", today=TODAY):
    return read(text, language=language, today=today, timezone=ZONE)


def session_of(text):
    """The session that one entry of the tables stands for."""
    found = {}
    words = iter(text.split())
    names = {"from": "valid_from", "until": "valid_until", "except": "except_dates", "in": "timezone"}
    for word in words:
        if word == "anytime":
            return {"anytime": True}
        if word.startswith("FREQ="):
            found["repeats"] = word
        elif ":" in word:
            found["start_time"] = word
        elif word in names:
            value = next(words)
            found[names[word]] = value.split(",") if word == "except" else value
        else:
            found["duration_minutes"] = int(word)
    return {"timezone": ZONE} | found


def sessions_of(text):
    return [session_of(one) for one in text.split(" | ")] if text else []


def codes(found):
    return {one.code for one in found.assumed}


@pytest.mark.parametrize(("language", "text", "sessions"), PLAIN, ids=[f"{row[0]}: {row[1]}" for row in PLAIN])
def test_a_phrase_is_read_to_exactly_its_sessions(language, text, sessions):
    found = said(text, language)
    assert list(found.sessions) == sessions_of(sessions)
    assert found.problems == ()
    assert codes(found) <= {"assumed_holidays"}


@pytest.mark.parametrize(("language", "text", "sessions", "assumed"), ASSUMED,
                         ids=[f"{row[0]}: {row[1]}" for row in ASSUMED])
def test_a_reading_that_was_chosen_is_reported(language, text, sessions, assumed):
    found = said(text, language)
    assert list(found.sessions) == sessions_of(sessions)
    assert found.problems == ()
    assert codes(found) == set(assumed.split())


@pytest.mark.parametrize(("language", "text", "sessions", "problems"), PROBLEMS,
                         ids=[f"{row[0]}: {row[1]}" for row in PROBLEMS])
def test_what_is_not_understood_is_named_in_its_own_words(language, text, sessions, problems):
    found = said(text, language)
    assert list(found.sessions) == sessions_of(sessions)
    assert [(one.code, one.values["words"]) for one in found.problems] == problems


def test_the_time_that_was_assumed_is_told():
    [one] = said("Tuesdays 6-7:30").assumed
    assert (one.code, one.values) == ("assumed_evening", {"words": "6-7:30", "time": "18:00"})


@pytest.mark.parametrize(("text", "today", "day"), [
    ("Tuesdays 6 pm starting Jan 7", date(2026, 11, 26), "2027-01-07"),
    ("Tuesdays 6 pm starting Jan 7", date(2027, 1, 20), "2027-01-07"),
    ("Tuesdays 6 pm starting Jan 7", date(2027, 6, 1), "2028-01-07"),
], ids=["to come", "just past", "long past"])
def test_a_first_day_without_a_year_is_the_next_one_or_one_just_past(text, today, day):
    found = said(text, today=today)
    assert found.sessions[0]["valid_from"] == day
    assert found.assumed[0].values == {"words": "Jan 7", "day": day}


def test_a_range_without_years_is_the_one_that_is_not_over():
    [session] = said("Tuesdays 6 pm from Sept 3 to Dec 20").sessions
    assert (session["valid_from"], session["valid_until"]) == ("2026-09-03", "2026-12-20")
    [session] = said("Tuesdays 6 pm from Sept 3 to Nov 19").sessions
    assert (session["valid_from"], session["valid_until"]) == ("2027-09-03", "2027-11-19")


def test_what_stands_between_two_days_belongs_to_the_first():
    first, second = said("Tues 6pm not in July, Sat 10am").sessions
    assert "BYMONTH" in first["repeats"]
    assert second["repeats"] == "FREQ=WEEKLY;BYDAY=SA"


def test_a_line_of_conditions_holds_for_all_lines():
    first, second = said("Tuesdays 6 pm\nThursdays 7 pm\nnot in July").sessions
    assert "BYMONTH=1,2,3,4,5,6,8" in first["repeats"]
    assert "BYMONTH=1,2,3,4,5,6,8" in second["repeats"]


def test_days_on_one_line_take_the_times_of_the_next():
    assert list(said("Tuesdays and Thursdays\n6-7:30 pm").sessions) == list(said("Tue Thu 6-7:30 pm").sessions)


def test_federal_holidays_of_a_year_are_exact():
    assert [one.isoformat() for one in dates(FEDERAL, date(2027, 1, 1))] == [
        "2027-01-01", "2027-01-18", "2027-02-15", "2027-05-31", "2027-06-19", "2027-07-04", "2027-09-06",
        "2027-10-11", "2027-11-11", "2027-11-25", "2027-12-25"]


def test_a_zone_that_keeps_the_same_time_is_left_as_it_is():
    found = read("Tuesdays 6 pm Eastern", language="en", today=TODAY, timezone="America/Detroit")
    assert found.sessions[0]["timezone"] == "America/Detroit"


def test_a_text_in_the_other_language_is_understood():
    assert said("Tuesdays 6-7:30 pm", "es").sessions == said("martes de 6 a 7:30 de la tarde", "en").sessions


def test_nothing_said_is_nothing_read():
    assert said("  ") == said("")
    assert (said("").sessions, said("").problems) == ((), ())


def test_a_text_that_is_too_long_is_refused_whole():
    found = said("Tuesdays 6 pm " * 40)
    assert found.sessions == ()
    assert [(one.code, one.values) for one in found.problems] == [("too_long", {"max": MOST_CHARACTERS})]


def test_more_sessions_than_a_listing_can_hold_are_refused():
    text = ";".join(f"Mon {hour}:{minute}" for hour in (13, 14, 15) for minute in range(10, 18))
    assert [one.code for one in said(text).problems] == ["too_many"]


@pytest.mark.parametrize("piece", ["Tuesday ", "1st ", "6-", "every other ", "not in July ", "12 ", "((", "- ",
                                   "de a las ", "Jan 7 to ", "1/", "6:", "and "])
def test_I6_the_longest_texts_are_read_quickly(piece):
    text = (piece * 500)[:MOST_CHARACTERS]
    before = time.process_time()
    said(text)
    assert time.process_time() - before < 2


def valid(session):
    return listing_schema.load({"format": "finder-listing/1", "id": "1", "name": "A group",
                                "group_type": "peer_support", "sessions": [session | {"format": "in_person"}]})


PIECES = sorted({phrase for words in LANGUAGES["en"] for phrases in words.values() for phrase in phrases.split("|")}
                | {"6", "7:30", "18:00", "1st", "3rd", "15", "31", "2027", "2027-01-05", "1/12", "0", "45", "1200", ";",
                   "\n", "(", ")", "-", "pm", "am", "a", "8", "99", "1000", "M-F", "église"})


@settings(max_examples=250, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join) | st.text(max_size=60),
       st.sampled_from(["en", "es", "fr"]), st.dates(date(2024, 2, 29), date(2031, 12, 31)))
def test_any_text_is_read_without_failing_and_gives_only_valid_sessions(text, language, today):
    found = said(text, language, today)
    for session in found.sessions:
        assert valid(session)["sessions"]
        again = written([session], language=language)
        assert again is not None or len(session["except_dates"]) > 4, "what was read can be said"
    for one in (*found.problems, *found.assumed):
        assert one.values.get("words", "") in " ".join(text.split())


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([row[1:3] for row in PLAIN if row[0] == "en"]), min_size=1, max_size=3),
       st.sampled_from(["en", "es"]))
def test_what_was_read_can_be_said_and_read_again(rows, language):
    sessions = [one for _, text in rows for one in sessions_of(text) if one.get("timezone", ZONE) == ZONE]
    sessions = [one for at, one in enumerate(sessions) if one not in sessions[:at]]
    text = written(sessions, language=language)
    if text is None:
        assert sum(len(one.get("except_dates", ())) for one in sessions) > 4  # too long to be typed
        return
    found = said(text, language)
    assert [normal(one) for one in found.sessions] == [normal(one) for one in sessions]
    assert (found.problems, found.assumed) == ((), ())


def test_the_next_dates_of_what_was_read_are_in_its_zone():
    [session] = said("2nd and 4th Tuesday, 6-7:30 pm, not in December").sessions
    found = next_dates(session, now=datetime(2026, 11, 24, 23, 1, tzinfo=UTC), count=3)
    assert [one.isoformat() for one in found] == [
        "2027-01-12T18:00:00-05:00", "2027-01-26T18:00:00-05:00", "2027-02-09T18:00:00-05:00"]


def test_a_session_without_time_or_zone_has_no_next_dates():
    now = datetime(2026, 11, 26, tzinfo=UTC)
    assert next_dates({"repeats": "FREQ=DAILY", "timezone": ZONE}, now=now) == []
    assert next_dates({"repeats": "FREQ=DAILY", "start_time": "18:00"}, now=now) == []
    assert next_dates({"anytime": True}, now=now) == []
