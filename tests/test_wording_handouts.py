"""What paper says at two reading levels: measured sentence by sentence, and only what the listing states."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest

from finder.vocabulary import vocabulary
from finder.wordings import handouts
from finder.wordings.facts import SUPPORT_LINES
from finder.wordings.handouts import Words
from tests.test_plain_words import grade

HIGHEST: dict[Words, float] = {"usual": 8, "plain": 4}
ROOM: dict[str, Any] = {"format": "in_person"}
VIDEO: dict[str, Any] = {"format": "online_video"}


def _sentences(words: Words) -> list[str]:
    texts = [re.sub(r"%\(\w+\)s", "May 4", one) for one in handouts.every_sentence(words)]
    return [one for text in texts for one in re.split(r"(?<=[.?:])”?\s+", text)]


def _group(**facts: Any) -> dict[str, Any]:
    return {"group_type": "peer_support", "sessions": [ROOM], **facts}


@pytest.mark.parametrize("words", get_args(Words))
def test_every_sentence_of_the_sheet_is_as_easy_as_its_level_promises(words: Words) -> None:
    found = _sentences(words)
    assert len(found) > 50
    assert {one: round(grade(one), 1) for one in found if grade(one) > HIGHEST[words]} == {}


def test_plain_sentences_are_short() -> None:
    assert [one for one in _sentences("plain") if len(one.split()) > 12] == []


@pytest.mark.parametrize("words", get_args(Words))
def test_the_sheet_does_not_shout_or_name_a_diagnosis(words: Words) -> None:
    assert [one for one in _sentences(words) if "!" in one or "diagnos" in one] == []


def test_every_kind_of_group_has_a_plain_first_visit() -> None:
    assert set(handouts.PLAIN_VISITS) == set(SUPPORT_LINES) == set(vocabulary().lists["group_types"].codes)


@pytest.mark.parametrize("one", vocabulary().lists["session_formats"].codes)
def test_every_way_to_meet_has_its_own_advice_for_the_first_time(one: str) -> None:
    advice = [handouts.first_visit(_group(sessions=[{"format": one}]), words) for words in get_args(Words)]
    plain = handouts.first_visit(_group(sessions=[]), "plain")
    assert all(advice)
    assert advice[1] != plain


@pytest.mark.parametrize(("facts", "said"), [
    ({}, "Not stated. Ask when you call."),
    ({"accessibility": {"transit": "yes", "ride_help": "on_request", "step_free": "yes"}},
     "A bus or train stops near it. Ask for help with a ride. There are no steps on the way in."),
    ({"accessibility": {"transit": "no", "ride_help": "no"}},
     "No bus or train stops near it. They cannot help with a ride."),
    ({"accessibility": {"step_free": "no"}}, "Not stated. Ask when you call. There are steps on the way in."),
    ({"sessions": [VIDEO]}, "No need to travel. You join from where you are."),
    ({"sessions": [ROOM, VIDEO], "accessibility": {"transit": "yes"}},
     "A bus or train stops near it. You can join from home too."),
    ({"sessions": [{"format": "hybrid"}]}, "Not stated. Ask when you call. You can join from home too."),
    ({"sessions": []}, "Not stated. Ask when you call."),
], ids=["nothing", "all", "no", "steps only", "from home", "both", "hybrid", "no sessions"])
def test_the_way_there_is_told_as_far_as_it_is_stated(facts: dict[str, Any], said: str) -> None:
    assert handouts.trip(_group(**facts), "usual", phone=True) == said


@pytest.mark.parametrize("words", get_args(Words))
def test_who_has_no_number_is_not_told_to_call(words: Words) -> None:
    assert "call" not in handouts.trip(_group(), words, phone=False)


@pytest.mark.parametrize(("facts", "plain"), [
    ({"contact": {"how_to_join": "call"}}, "Call first."),
    ({"contact": {"how_to_join": "referral"}}, "Someone has to send you, like a doctor. Ask how."),
    ({"policies": {"walk_in": True}}, "Just come. You do not need to sign up."),
    ({}, "We do not know how to join. Ask first."),
], ids=["call", "referral", "walk in", "not stated"])
def test_how_to_join_is_said_plainly(facts: dict[str, Any], plain: str) -> None:
    assert handouts.joining(_group(**facts), "plain") == plain


def test_a_camera_is_spoken_of_only_where_it_may_stay_off() -> None:
    assert "camera" in handouts.first_visit(_group(sessions=[VIDEO], accessibility={"camera_optional": "yes"}), "usual")
    assert "camera" not in handouts.first_visit(_group(sessions=[VIDEO]), "usual")


def test_a_day_of_checking_is_the_day_itself_for_paper_grows_old() -> None:
    assert handouts.checked("2026-11-01", "usual", old=False) == "Facts checked on November 1, 2026."
    assert "Ask if they are still right" in handouts.checked("2025-11-01", "plain", old=True)
    assert "not checked yet" in handouts.checked(None, "usual", old=False)
