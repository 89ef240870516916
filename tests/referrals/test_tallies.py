from datetime import datetime, timedelta

import pytest

from finder.referrals import tallies
from finder.referrals.models import AnswerTally, Referral, ReferralTask
from finder.referrals.moving import CLIENT, CLOCK, RECEIVER
from finder.referrals.states import Move
from tests.listings.database import NOW
from tests.referrals.desk import Desk, day, later

NO = (Move.DECLINE, RECEIVER, {"reason": "full"})
YES = (Move.ACCEPT, RECEIVER, {"first_on": day(5)})
LATER_YES = (Move.ACCEPT, RECEIVER, {"first_on": day(9)})
WAIT = (Move.WAIT, RECEIVER, {})
CAME = (Move.ATTEND, RECEIVER, {})
MISSED = (Move.MISS, RECEIVER, {})


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.mark.parametrize(("moves", "counts"), [
    ([], {}),
    ([NO], {"answered": 1, "declined": 1, "hours": 24}),
    ([YES], {"answered": 1, "accepted": 1, "hours": 24}),
    ([WAIT, YES], {"answered": 1, "accepted": 1, "hours": 24}),
    ([YES, LATER_YES], {"answered": 1, "accepted": 1, "hours": 24}),
    ([YES, NO], {"answered": 1, "declined": 1, "hours": 24}),
    ([YES, CAME], {"answered": 1, "accepted": 1, "attended": 1, "hours": 24}),
    ([YES, MISSED, CAME], {"answered": 1, "accepted": 1, "attended": 1, "hours": 24}),
    ([YES, CAME, (Move.MISS, None, {}), CAME], {"answered": 1, "accepted": 1, "attended": 1, "hours": 24}),
    ([(Move.ATTEND, CLIENT, {})], {"attended": 1}),
    ([(Move.EXPIRE, CLOCK, {})], {"no_answer": 1}),
    ([(Move.WITHDRAW, CLIENT, {})], {}),
    ([(Move.ASK, RECEIVER, {"asked": ["age"]}), (Move.TELL, None, {}), NO],
     {"answered": 1, "declined": 1, "hours": 72}),
], ids=lambda one: "-".join(what for what, *_ in one) or "nothing" if type(one) is list else "")
def test_a_task_counts_once_by_what_was_said_last(desk, moves, counts):
    made = desk.refer(0)
    for number, (what, by, said) in enumerate(moves, 1):
        desk.do(desk.task(made), what, by or desk.sender, later(number), **said)
    assert desk.tally(0) == {"sent": 1, **counts}


def test_what_is_planned_is_not_counted_until_it_is_asked(desk):
    made = desk.refer(0, 1)
    assert desk.tally(1) == {}
    desk.do(desk.task(made), *NO[:2], **NO[2])
    assert desk.tally(1) == {"sent": 1}


def test_an_answer_counts_in_the_month_of_asking(desk):
    made = desk.refer(0)
    desk.do(desk.task(made), *NO[:2], later(30), **NO[2])
    (row,) = desk.every(AnswerTally)
    assert (row.month, row.sent, row.declined, row.hours) == ("2026-11", 1, 1, 720)


def test_counts_of_a_row_that_was_made_meanwhile_are_added(desk):
    made = desk.refer(0)
    with desk.database.transaction() as session:
        referral = session.get_one(Referral, made.referral.key)
        task = session.get_one(ReferralTask, desk.task(made))
        tallies.count(session, referral, task, now=NOW, sent=2, hours=5)
        session.expunge(task)
        task.sent_at = datetime(2026, 1, 5)  # noqa: DTZ001 - the tables' instants have no zone
        tallies.count(session, referral, task, now=NOW + timedelta(1), sent=1)
    assert {(one.month, one.sent, one.hours) for one in desk.every(AnswerTally)} == {
        ("2026-11", 3, 5), ("2026-01", 1, 0)}
