from __future__ import annotations

from datetime import date

import pytest

from finder.intake.severity import SOURCES
from finder.referrals.draft import HAND_OFF_WAYS, OVERRIDES, PURPOSES, VOICEMAIL, WAYS, WHAT
from finder.referrals.moving import DECLINE_REASONS, QUESTIONS
from finder.referrals.states import ASKABLE, FINAL, State
from finder.wordings import referrals

DAY = date(2026, 11, 25)


@pytest.mark.parametrize(("codes", "words"), [
    (State, referrals.STATES), (DECLINE_REASONS, referrals.DECLINES), (QUESTIONS, referrals.QUESTIONS),
    (OVERRIDES, referrals.OVERRIDES), (WHAT, referrals.WHAT), (PURPOSES, referrals.PURPOSES), (WAYS, referrals.WAYS),
    (HAND_OFF_WAYS, referrals.HAND_OFF_WAYS), (VOICEMAIL, referrals.VOICEMAILS), (SOURCES, referrals.SOURCES),
], ids=["states", "declines", "questions", "overrides", "what", "purposes", "ways", "hand-off", "voicemail", "sources"])
def test_every_code_has_words_and_no_other_has(codes: object, words: dict[str, str]) -> None:
    assert {str(one) for one in codes} == set(words)  # type: ignore[attr-defined]
    assert len(set(words.values())) == len(words)


def test_the_states_without_an_answer_are_those_of_the_table() -> None:
    assert referrals.ASKABLE == frozenset(map(str, ASKABLE))


@pytest.mark.parametrize(("state", "facts", "words"), [
    ("sent", {"due_on": DAY}, "If there is no answer by November 25, we remind them and tell you."),
    ("seen", {"due_on": DAY, "reminders": 1},
     "Reminded. If there is no answer by November 25, we take it back and tell you."),
    ("received", {"due_on": DAY, "reminders": 1, "asks_next": True},
     "Reminded. If there is no answer by November 25, we ask the next group."),
    ("sent", {"due_on": DAY, "way": "phone"}, "Call them, and write down what they say. We ask you on November 25."),
    ("sent", {"way": "phone"}, "Call them, and write down what they say."),
    ("accepted", {"first_on": DAY, "today": date(2026, 11, 24)}, "First visit on November 25."),
    ("accepted", {"first_on": DAY, "today": date(2026, 11, 26)},
     "The first visit was to be on November 25. Did they go?"),
    ("waiting", {"wait_weeks": 1}, "About 1 week, they said. We ask you then."),
    ("waiting", {}, "They did not say how long. Call them now and then."),
    ("asked", {}, "Answer them, and they go on."),
    ("attended", {}, ""),
    ("planned", {"asks_next": True}, "We ask it when those before it say no or do not answer."),
    ("planned", {}, "It is asked when you say so."),
    ("planned", {"asks_next": True, "way": "phone"},
     "Its turn comes when those before it say no or do not answer. Then you call them."),
    ("withdrawn", {"others": True}, "Another group is next in order. Ask it now, or close the referral."),
    ("withdrawn", {}, "Choose another group, or close it."),
], ids=["sent", "reminded", "next in order", "phone", "phone, asked", "yes", "yes, over", "wait", "wait, unknown",
        "question", "went", "in turn", "not by itself", "in turn, phone", "taken back", "taken back, last"])
def test_what_comes_next_is_said_with_its_day(state: str, facts: dict[str, object], words: str) -> None:
    assert referrals.task_next_text(state, **facts) == words  # type: ignore[arg-type]


def test_a_program_without_letters_is_called() -> None:
    assert referrals.state_text("sent", way="phone") == "You call them"
    assert referrals.state_text("accepted", way="phone") == "They said yes"


def test_codes_that_nobody_knows_say_something_all_the_same() -> None:
    assert referrals.decline_text(None) == "Another reason"
    assert referrals.question_text("") == "Something else"
    assert referrals.outcome_text(None) == ""
    assert {referrals.outcome_text(one) for one in FINAL}


def test_instruments_are_listed_by_their_names() -> None:
    assert referrals.instruments_text(("phq9", "gad7", "phq9_item9")) == "PHQ-9, GAD-7, and PHQ-9 item 9"
    assert referrals.whats_text([]) == "Only that a place is asked for"
    assert referrals.whats_text(["needs", "reach"]).count(";") == 1
