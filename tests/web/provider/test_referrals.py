from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path

import pytest

from finder.referrals import moving, reading
from finder.referrals.moving import RECEIVER
from finder.referrals.states import Move
from finder.teams.models import Team
from tests.referrals.samples import make_referral, sender
from tests.web.provider.clinic import Clinic

MAILED, SECOND, CALLED = 0, 1, 4


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path)


def referral(clinic: Clinic, code: str, *groups: int, who: str = "joy") -> str:
    """A referral of a member of the team; gives its key."""
    person = getattr(clinic, who)
    ids = [uuid.UUID(clinic.site.ids[one]) for one in groups]
    with clinic.site.database.transaction() as session:
        team = session.get_one(Team, clinic.team if who != "stranger" else clinic.other_team)
        return make_referral(session, team, person.id, ids, code=code).referral.key


def answer(clinic: Clinic, key: str, what: Move, place: int = 0, **said: object) -> None:
    with clinic.site.database.transaction() as session:
        task = reading.find(session, key).tasks[place]
        moving.move(session, task, what, RECEIVER, now=clinic.site.clock(), **said)


def rows(clinic: Clinic, query: str = "") -> list[str]:
    return [row.text for row in clinic.joy.get(f"/provider/{query}").all("tbody")[0].all("tr")]


def test_a_team_without_referrals_is_told_how_to_begin(clinic: Clinic) -> None:
    page = clinic.joy.get("/provider/")
    assert "No referral is open." in page.main.text
    assert "/provider/new" in page.links


def test_what_waits_for_the_team_comes_first_then_what_waits_for_an_answer(clinic: Clinic) -> None:
    said_yes = referral(clinic, "A1", MAILED)
    referral(clinic, "B2", MAILED)
    said_no = referral(clinic, "C3", MAILED)
    answer(clinic, said_yes, Move.ACCEPT, first_on=clinic.site.clock().date() + timedelta(5))
    answer(clinic, said_no, Move.DECLINE, reason="full")
    assert [row.split()[0] for row in rows(clinic)] == ["C3", "B2", "A1"]
    assert "1 waits for your team." in clinic.joy.get("/provider/").main.text


def test_a_row_says_where_it_stands_with_which_group_and_what_comes_next(clinic: Clinic) -> None:
    key = referral(clinic, "K7-41", MAILED)
    (row,) = rows(clinic)
    for words in ("K7-41", "Asked, not opened yet", "River Circle 1", "less than an hour ago", "we remind them",
                  "Waits for an answer", "Yours"):
        assert words in row
    assert f"/provider/referrals/{key}" in clinic.joy.get("/provider/").links


@pytest.mark.parametrize(("what", "said", "turn", "words"), [
    (Move.ASK, {"asked": ["age"]}, "Waits for you", "They ask you something"),
    (Move.DECLINE, {"reason": "full"}, "Waits for you", "They said no"),
    (Move.RECEIVE, {}, "Waits for an answer", "They have it"),
    (Move.WAIT, {"weeks": 5}, "On its way", "On the waiting list"),
], ids=["question", "no", "received", "waiting list"])
def test_an_answer_says_whose_turn_it_is(clinic: Clinic, what: Move, said: dict[str, object], turn: str,
                                         words: str) -> None:
    answer(clinic, referral(clinic, "K7-41", MAILED), what, **said)
    (row,) = rows(clinic)
    assert turn in row
    assert words in row


def test_a_group_that_must_be_called_waits_for_the_team(clinic: Clinic) -> None:
    referral(clinic, "K7-41", CALLED)
    (row,) = rows(clinic)
    assert "Waits for you" in row
    assert "You call them" in row


def test_a_first_date_that_is_over_waits_for_the_team(clinic: Clinic) -> None:
    key = referral(clinic, "K7-41", MAILED)
    answer(clinic, key, Move.ACCEPT, first_on=clinic.site.clock().date() + timedelta(2))
    assert "On its way" in rows(clinic)[0]
    clinic.site.wait(3 * 86_400)
    clinic.joy = clinic.colleague("joy")  # signed in anew
    assert "Did they go?" in rows(clinic)[0]
    assert "Waits for you" in rows(clinic)[0]


def test_after_a_no_the_row_tells_of_the_group_that_is_asked_now(clinic: Clinic) -> None:
    key = referral(clinic, "K7-41", MAILED, SECOND)
    answer(clinic, key, Move.DECLINE, reason="full")
    (row,) = rows(clinic)
    assert "River Circle 2" in row
    assert "Waits for an answer" in row


def test_closed_ones_are_apart_and_say_how_they_ended(clinic: Clinic) -> None:
    key = referral(clinic, "K7-41", MAILED)
    referral(clinic, "B2", MAILED)
    with clinic.site.database.transaction() as session:
        moving.close(session, reading.find(session, key), "withdrawn", sender(clinic.joy.id), now=clinic.site.clock())
    assert [row.split()[0] for row in rows(clinic)] == ["B2"]
    (row,) = rows(clinic, "?show=closed")
    assert "K7-41" in row
    assert "Withdrawn" in row


def test_a_colleagues_referral_says_whose_it_is_and_another_teams_is_not_there(clinic: Clinic) -> None:
    referral(clinic, "A1", MAILED, who="sam")
    referral(clinic, "B2", MAILED, who="stranger")
    (row,) = rows(clinic)
    assert "sam@example.org" in row
    assert "B2" not in row


def test_twenty_stand_on_a_page_and_the_rest_on_the_next(clinic: Clinic) -> None:
    for number in range(21):
        referral(clinic, f"A{number}", MAILED)
    assert len(rows(clinic)) == 20
    assert len(rows(clinic, "?page=1")) == 1
    assert len(rows(clinic, "?page=99")) == 1
    assert len(rows(clinic, "?page=x")) == 20


def test_older_closed_ones_stand_on_pages_of_their_own(clinic: Clinic) -> None:
    keys = [referral(clinic, f"A{number}", MAILED) for number in range(21)]
    with clinic.site.database.transaction() as session:
        for key in keys:
            moving.close(session, reading.find(session, key), "other", sender(clinic.joy.id), now=clinic.site.clock())
    first = clinic.joy.get("/provider/?show=closed")
    older = next(one for one in first.links if "after=" in one)
    assert len(first.all("tbody")[0].all("tr")) == 20
    assert len(clinic.joy.get(older).all("tbody")[0].all("tr")) == 1


def test_the_title_and_the_addresses_name_no_code(clinic: Clinic) -> None:
    referral(clinic, "K7-41", MAILED)
    page = clinic.joy.get("/provider/")
    assert "K7-41" not in page.title
    assert not [one for one in page.links if "K7" in one]
