"""Many at the same moment over one SQLite file, each with a connection of its own, as workers and threads have."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from finder.db import Database
from finder.errors import Conflict, Unavailable
from finder.outbox import Message
from finder.referrals import clocks, creating, moving
from finder.referrals.draft import load
from finder.referrals.models import Consent, Referral, ReferralEvent, ReferralTask
from finder.referrals.moving import RECEIVER
from finder.referrals.states import REMIND_AFTER, Move
from tests.listings.database import NOW
from tests.referrals.desk import Desk, day
from tests.referrals.samples import KEYS, document


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def all_at_once(desk: Desk, deeds: list[Callable[[Any], Any]]) -> list[Any]:
    """What each deed gave, or how it was refused. A turn that did not come in time is taken again, as people do."""
    start = threading.Barrier(len(deeds))

    def run(deed: Callable[[Any], Any]) -> Any:
        database = Database(desk.database.url)
        start.wait()
        while True:
            try:
                with database.transaction() as session:
                    return deed(session)
            except Unavailable:
                continue
            except Conflict as refused:
                return refused.code
            finally:
                database.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


@pytest.mark.parametrize("many", [8, pytest.param(50, marks=pytest.mark.soak)])
def test_C4_the_same_key_from_many_at_once_makes_one_referral_and_all_get_it(desk, many):
    checked = load(document(desk.programs[:3]), today=NOW.date())

    def send(session):
        made = creating.create(session, desk.team, checked, by=desk.sender, once="the same", keys=KEYS, now=NOW)
        return made.referral.key, made.is_new, made.short_code

    found = all_at_once(desk, [send] * many)
    assert len({key for key, _, _ in found}) == 1
    assert Counter(is_new for _, is_new, _ in found) == {True: 1, False: many - 1}
    assert sum(code is not None for _, _, code in found) == 1
    assert [len(desk.every(one)) for one in (Referral, ReferralTask, Consent, Message)] == [1, 3, 3, 1]
    assert len(desk.every(ReferralEvent)) == 5


def test_of_two_answers_at_once_one_wins_and_the_other_is_told_so(desk):
    made = desk.refer(0)
    (task,) = desk.tasks(made.referral.key)

    def answer(what, **said):
        def deed(session):
            moving.move(session, moving.find(session, task.key), what, RECEIVER, now=NOW, version=task.version, **said)
            return "won"
        return deed

    found = all_at_once(desk, [answer(Move.ACCEPT, first_on=day(3)), answer(Move.DECLINE, reason="full")])
    assert sorted(found) == ["stale", "won"]
    assert desk.states(made) == ["accepted" if found[0] == "won" else "declined"]
    assert len(desk.letters("referral_news")) == 1


def test_of_many_workers_at_once_one_reminds(desk):
    made = desk.refer(0)
    at = NOW + REMIND_AFTER
    found = all_at_once(desk, [lambda session: clocks.look(session, desk.task(made), now=at)] * 4)
    assert Counter(found) == {"reminded": 1, None: 3}
    assert len(desk.letters("referral_reminder")) == 1
