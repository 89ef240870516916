from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from finder.accounts.permissions import Granted, Role, Scope
from finder.errors import Conflict, NotFound
from finder.referrals import consents, receiving
from finder.referrals.models import ReferralEvent
from finder.referrals.moving import RECEIVER
from finder.referrals.receiving import Answer, next_meeting
from finder.referrals.states import Move
from finder.teams import joining
from tests.listings.database import NOW
from tests.referrals.desk import Desk, close_account, day, later
from tests.referrals.samples import KEYS

TUESDAYS = {"repeats": "FREQ=WEEKLY;BYDAY=TU", "timezone": "America/New_York"}
EVENING = datetime(2026, 11, 25, 2, tzinfo=UTC)  # still Tuesday in New York


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.mark.parametrize(("sessions", "now", "found"), [
    ([{**TUESDAYS, "start_time": "18:30"}], NOW, date(2026, 11, 24)),
    ([{**TUESDAYS, "start_time": "06:30"}], NOW, date(2026, 12, 1)),
    ([{**TUESDAYS, "start_time": "22:00"}], EVENING, date(2026, 12, 1)),
    ([{**TUESDAYS, "start_time": "18:30", "repeats": "FREQ=WEEKLY;BYDAY=FR"}, {**TUESDAYS, "start_time": "06:30"}], NOW,
     date(2026, 11, 27)),
    ([{"repeats": "FREQ=WEEKLY;BYDAY=TH", "start_time": "18:30"}], NOW, date(2026, 11, 26)),
    ([TUESDAYS], NOW, None), ([{"anytime": True}], NOW, None), ([], NOW, None),
    ([{"valid_from": "2026-11-01", "start_time": "18:30", "timezone": "America/New_York"}], NOW, None),
], ids=["today", "has_met", "late_evening", "earliest", "no_zone", "no_time", "anytime", "none", "over"])
def test_the_first_day_proposed_is_that_of_the_next_meeting(sessions, now, found):
    assert next_meeting({"sessions": sessions}, now=now) == found


def answer(desk, made, said, *, now=NOW):
    with desk.database.transaction() as session:
        asked = receiving.at_desk(session, desk.task(made), keys=KEYS, now=now)
        receiving.answer(session, asked, said, RECEIVER, keys=KEYS, now=now)


def version(desk, made):
    return desk.tasks(made.referral.key)[0].version


def test_an_answer_given_over_another_is_refused_and_a_glance_is_no_answer(desk):
    made = desk.refer(0)
    shown = version(desk, made)
    desk.do(desk.task(made), Move.OPEN, RECEIVER)
    answer(desk, made, Answer(Move.WAIT, shown, weeks=3))
    for old in (shown, shown + 1, 0):
        with pytest.raises(Conflict, match="stale"):
            answer(desk, made, Answer(Move.DECLINE, old, reason="full"))
    assert desk.states(made) == ["waiting"]


@pytest.mark.parametrize(("said", "other"), [
    (Answer(Move.RECEIVE, 0), Answer(Move.DECLINE, 0, reason="full")),
    (Answer(Move.ACCEPT, 0, first_on=day(7)), Answer(Move.ACCEPT, 0, first_on=day(8))),
    (Answer(Move.WAIT, 0, weeks=3), Answer(Move.WAIT, 0, weeks=4)),
    (Answer(Move.ASK, 0, asked=("age",)), Answer(Move.ASK, 0, asked=("age", "times"))),
    (Answer(Move.DECLINE, 0, reason="full"), Answer(Move.DECLINE, 0, reason="other")),
], ids=["received", "yes", "waiting", "asked", "no"])
def test_two_presses_of_a_button_are_one_answer(desk, said, other):
    made = desk.refer(0)
    shown = version(desk, made)
    answer(desk, made, replace(said, version=shown))
    answer(desk, made, replace(said, version=shown))
    assert version(desk, made) == shown + 1
    with pytest.raises(Conflict, match="stale"):
        answer(desk, made, replace(other, version=shown))


def test_without_a_consent_nothing_is_opened_and_no_answer_taken(desk):
    made = desk.refer(0)
    key = desk.task(made)
    with desk.database.transaction() as session:
        consents.end_of_task(session, key, "client", now=NOW)
    with desk.database.reading() as session:
        assert receiving.at_desk(session, key, keys=KEYS, now=NOW) is None


def test_a_no_stays_readable_without_what_was_told(desk):
    made = desk.refer(0, needs=["depression"], consent={"what": ["needs", "level"]})
    answer(desk, made, Answer(Move.DECLINE, version(desk, made), reason="full", note="Try in May."))
    with desk.database.reading() as session:
        asked = receiving.at_desk(session, desk.task(made), keys=KEYS, now=NOW)
        assert (asked.told, asked.note, asked.moves, asked.consent) == ({}, "", frozenset(), None)
        assert asked.said_on == NOW.date()


def test_a_program_whose_turn_it_is_not_is_asked_nothing(desk):
    made = desk.refer(0, 1)
    with desk.database.reading() as session, pytest.raises(NotFound):
        receiving.find(session, desk.task(made, 1))


def test_a_look_is_noted_once_an_hour_for_each_key(desk):
    made = desk.refer(0)
    for key, now in (("a", NOW), ("a", NOW), ("b", NOW), ("a", later(1 / 24))):
        with desk.database.transaction() as session:
            receiving.note_look(session, made.referral, RECEIVER, key=key, how="link", now=now)
    assert [one.facts for one in desk.every(ReferralEvent) if one.kind == "read"] == [{"how": "link"}] * 3


def grants(desk, *places):
    return [Granted(Role.OPERATOR, Scope.PROGRAM, str(desk.programs[one])) for one in places]


def test_a_desk_lists_what_waits_first_and_nothing_that_is_over(desk):
    made = [desk.refer(0), desk.refer(0), desk.refer(0), desk.refer(1), desk.refer(2)]
    desk.do(desk.task(made[0]), Move.ACCEPT, RECEIVER, first_on=day(7))
    desk.do(desk.task(made[1]), Move.WITHDRAW, desk.sender)
    with desk.database.reading() as session:
        found = receiving.of_grants(session, grants(desk, 0, 1), now=NOW)
        assert sorted(task.key for task, _ in found[:2]) == sorted([desk.task(made[2]), desk.task(made[3])])
        assert [task.state for task, _ in found[2:]] == ["accepted"]
        assert receiving.waiting(session, desk.programs[:2], now=NOW) == 2
        assert receiving.of_grants(session, grants(desk, 4), now=NOW) == []
        assert receiving.of_grants(session, grants(desk, 0, 1), now=later(days=91)) == []
        assert receiving.waiting(session, desk.programs[:2], now=later(days=91)) == 0


@pytest.mark.parametrize("how", ["ended", "closed"])
def test_for_a_team_in_which_nobody_is_left_a_link_and_a_desk_open_nothing(desk, how):
    made = desk.refer(0, hand_off={"note": "Ring twice"})
    ((_, _, facts),) = desk.letters("referral")

    def shown():
        with desk.database.reading() as session:
            return (receiving.by_link(session, facts["link"], keys=KEYS, now=NOW),
                    receiving.at_desk(session, desk.task(made), keys=KEYS, now=NOW))

    assert None not in shown()
    if how == "closed":
        close_account(desk)
    else:
        with desk.database.transaction() as session:
            joining.end(session, joining.find(session, desk.team), account_id=desk.account, now=NOW, reason="Closed.")
    assert shown() == (None, None)
