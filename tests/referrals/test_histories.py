"""Histories that nobody thought of: everybody does anything at any time, over a real database; the rules hold."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import func, select

from finder import outbox
from finder.accounts.models import Token
from finder.errors import Conflict, Invalid
from finder.outbox import Message
from finder.referrals import creating, draft, moving, own_view, reading, retention
from finder.referrals.models import AnswerTally, Consent, Referral, ReferralTask
from finder.referrals.moving import CLIENT, CLOCK, RECEIVER
from finder.referrals.states import Who
from tests.listings.database import NOW
from tests.referrals.desk import CALLED, MAILED, Desk, group
from tests.referrals.samples import KEYS, document
from tests.referrals.test_states import LEADS, MAY

WRITTEN_TO = MAILED[:3]
PLACES = (*WRITTEN_TO, CALLED)
BEFORE_A_PROGRAM = {"sent", "seen", "received", "asked", "waiting", "accepted"}
LIVE = {*BEFORE_A_PROGRAM, "planned"}
OVER = {"planned", "no_answer", "withdrawn", "skipped"}  # nothing that a link could lead to
OUTCOMES = ("withdrawn", "no_answer", "other")
_places = st.lists(st.sampled_from(PLACES), min_size=1, max_size=3, unique=True)


def refusal(deed: Callable[[], None]) -> str | None:
    """The code a deed is refused with; None for one that was done."""
    try:
        deed()
    except (Conflict, Invalid) as refused:
        return refused.code
    return None


class Referring(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.desk = Desk(self.folder)
        self.now = NOW
        self.keys: dict[str, str] = {}  # idempotency key -> referral
        self.sent: dict[str, dict[str, Any]] = {}  # idempotency key -> what came with it
        self.gone: set[str] = set()
        self.side_by_side: set[str] = set()  # the sender asked another program while one had the question
        self.letters_then: dict[str, int] = {}  # silenced address -> letters it had until then
        self.sent_and_gone = 0

    def teardown(self) -> None:
        self.desk.database.close()
        shutil.rmtree(self.folder)

    def by(self, who: Who) -> Any:
        return {Who.SENDER: self.desk.sender, Who.RECEIVER: RECEIVER, Who.CLIENT: CLIENT, Who.CLOCK: CLOCK}[who]

    def consent(self, days: int) -> dict[str, Any]:
        return {"what": ["identity", "reach"], "given_on": self.now.date().isoformat(),
                "until": (self.now.date() + timedelta(days)).isoformat()}

    @rule(once=st.sampled_from("abcd"), places=_places, asks_next=st.booleans(), names=st.booleans(),
          days=st.integers(0, 120))
    def refer(self, once: str, places: list[int], asks_next: bool, names: bool, days: int) -> None:
        more = {"identity": {"name": "Maria"}} if names else {}
        known, wanted = self.keys.get(once), self.sent.get(once)
        sent = {"places": places, "asks_next": asks_next, "consent": self.consent(days), **more}
        if known is not None and sent != wanted:
            assert refusal(lambda: self.refer_to(once, sent)) == "key_reused"
            return
        made = self.refer_to(once, sent)
        self.sent[once] = sent
        assert made.is_new is (known is None)
        assert (made.short_code is not None) is made.is_new
        assert known in (None, made.referral.key)
        self.keys[once] = made.referral.key

    def refer_to(self, once: str, sent: dict[str, Any]) -> Any:
        more = {name: value for name, value in sent.items() if name != "places"}
        return self.desk.refer(*sent["places"], now=self.now, once=once, **more)

    @precondition(lambda self: self.keys)
    @rule(data=st.data(), times=st.integers(1, 4))
    def move(self, data: st.DataObject, times: int) -> None:
        key = self.keys[data.draw(st.sampled_from(sorted(self.keys)))]
        for _ in range(times):
            self.move_once(data, key)

    def move_once(self, data: st.DataObject, key: str) -> None:
        task = data.draw(st.sampled_from(self.desk.tasks(key)))
        all_legal = [(who, what) for who in Who for what in sorted(MAY.get((who, task.state), ()))]
        mostly = bool(all_legal) and data.draw(st.integers(0, 4)) > 0
        who, what = data.draw(st.sampled_from(all_legal) if mostly else
                              st.tuples(st.sampled_from(list(Who)), st.sampled_from(sorted(LEADS))))
        legal = MAY.get((who, task.state), set())
        said: dict[str, Any] = {
            "accept": {"first_on": self.now.date() + timedelta(data.draw(st.integers(0, 40)))},
            "wait": {"weeks": data.draw(st.none() | st.integers(0, 8))}, "decline": {"reason": "full"},
            "ask": {"asked": ["age"]}}.get(what, {})
        others = any(one.state in BEFORE_A_PROGRAM for one in self.desk.tasks(key))
        refused = refusal(lambda: self.desk.do(task.key, moving.Move(what), self.by(who), self.now, **said))
        if what not in legal or refused is not None:
            assert refused in (("no_consent", "too_many") if what in legal else ("illegal_move",))
            assert refused != "too_many" or what == "tell"
            assert what not in legal or what in ("send", "tell")
            return
        if what == "send" and others:
            self.side_by_side.add(key)
        assert next(one.state for one in self.desk.tasks(key) if one.key == task.key) == LEADS[what]

    @rule(days=st.sampled_from((0, 1, 3, 5, 5, 10, 40)))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.desk.tick(self.now)

    @precondition(lambda self: self.keys)
    @rule(data=st.data(), outcome=st.sampled_from(OUTCOMES), who=st.sampled_from((Who.SENDER, Who.CLIENT)))
    def close(self, data: st.DataObject, outcome: str, who: Who) -> None:
        key = self.keys[data.draw(st.sampled_from(sorted(self.keys)))]
        self.desk.close(key, outcome, self.by(who), self.now)
        assert self.desk.referral(key).state == "closed"

    @precondition(lambda self: self.keys)
    @rule(data=st.data(), place=st.sampled_from(PLACES), days=st.integers(0, 60))
    def ask_another(self, data: st.DataObject, place: int, days: int) -> None:
        key = self.keys[data.draw(st.sampled_from(sorted(self.keys)))]
        said = draft.consent(document([])["consent"] | self.consent(days), today=self.now.date())
        tasks, state = self.desk.tasks(key), self.desk.referral(key).state

        def ask() -> None:
            with self.desk.database.transaction() as session:
                creating.ask_another(session, session.get_one(Referral, key), self.desk.programs[place], said,
                                     by=self.desk.sender, now=self.now)

        asked_before = self.desk.programs[place] in {one.program_id for one in tasks}
        assert refusal(ask) == ("closed" if state == "closed" else "invalid" if asked_before else None)
        if state == "open" and not asked_before and any(one.state in BEFORE_A_PROGRAM for one in tasks):
            self.side_by_side.add(key)

    @precondition(lambda self: self.keys)
    @rule(data=st.data())
    def take_back_consent(self, data: st.DataObject) -> None:
        key = self.keys[data.draw(st.sampled_from(sorted(self.keys)))]

        def take_back() -> None:
            with self.desk.database.transaction() as session:
                own_view.take_back_consent(session, session.get_one(Referral, key), now=self.now)

        assert refusal(take_back) in (None, "over")

    @rule(place=st.sampled_from(WRITTEN_TO))
    def want_no_letters(self, place: int) -> None:
        address = group(place)["contact"]["email"]
        with self.desk.database.transaction() as session:
            outbox.silence(session, address, outbox.EVERY_KIND, outbox.UNSUBSCRIBED, self.now)
        self.letters_then.setdefault(address, sum(to == address for _, to, _ in self.desk.letters()))

    @rule()
    def keep_no_longer_than_needed(self) -> None:
        with self.desk.database.reading() as session:
            untouched, over = (retention.untouched(session, self.now),
                               retention.over(session, self.now, days=90))
        for key in untouched:
            with self.desk.database.transaction() as session:
                assert retention.lapse(session, key, now=self.now)
        for key in over:
            self.sent_and_gone += sum(one.sent_at is not None for one in self.desk.tasks(key))
            with self.desk.database.transaction() as session:
                assert retention.purge(session, key, now=self.now, days=90)
            self.gone.add(key)
        self.keys = {once: key for once, key in self.keys.items() if key not in self.gone}

    # -- what always holds ---------------------------------------------------------------------------------------

    @invariant()
    def the_rules_hold(self) -> None:
        with self.desk.database.reading() as session:
            referrals = {one.key: one for one in session.scalars(select(Referral))}
            tasks, consents = session.scalars(select(ReferralTask)).all(), session.scalars(select(Consent)).all()
            links = Counter(session.scalars(select(Token.subject).where(Token.used_at.is_(None))))
            letters = Counter(session.scalars(select(Message.address)))
            counts = session.execute(select(*(func.sum(getattr(AnswerTally, name)) for name in (
                "sent", "answered", "accepted", "waiting", "declined", "no_answer", "attended", "missed")))).one()
            told = {one.key: reading.told(session, one, keys=KEYS, now=self.now) for one in tasks}
        assert {one.once: one.key for one in referrals.values()} == {
            KEYS.once_hash(once): key for once, key in self.keys.items()}
        assert len(referrals) == len(self.keys)
        for one in tasks:
            self.a_task_is_whole(one, [each for each in consents if each.task_key == one.key], links[one.key])
            self.nothing_is_told_that_is_not_agreed_to(one, *told[one.key])
        for referral in referrals.values():
            self.a_referral_is_whole(referral, [one for one in tasks if one.referral_key == referral.key],
                                     [one for one in consents if one.referral_key == referral.key])
        assert all(letters[address] == count for address, count in self.letters_then.items())
        self.counts_add_up(*(count or 0 for count in counts), sum(one.sent_at is not None for one in tasks))

    def a_task_is_whole(self, task: ReferralTask, consents: list[Consent], links: int) -> None:
        assert task.state in {*LIVE, *LEADS.values()}
        assert (task.ended_at is None) is (task.state in LIVE)
        assert (task.sent_at is None) is (task.state in ("planned", "skipped")) or task.state == "withdrawn"
        assert task.due_at is None or task.state in BEFORE_A_PROGRAM - {"asked"}
        assert links == 0 or task.state not in OVER
        assert consents
        if task.state not in LIVE and task.state != "missed":
            assert all(one.ended_at is not None for one in consents)

    def nothing_is_told_that_is_not_agreed_to(self, task: ReferralTask, consent: Consent | None,
                                              told: dict[str, Any]) -> None:
        assert not told or (consent is not None and consent.ended_at is None and consent.until >= self.now.date())
        assert "identity" not in told or task.state in ("accepted", "waiting", "missed")

    def a_referral_is_whole(self, referral: Referral, tasks: list[ReferralTask], consents: list[Consent]) -> None:
        assert referral.state in ("open", "closed")
        assert (referral.state == "closed") is (referral.closed_at is not None) is (referral.outcome is not None)
        standing = [one for one in consents if one.ended_at is None]
        assert referral.identity is None or any("identity" in one.what for one in standing)
        at_a_program = sum(one.state in BEFORE_A_PROGRAM for one in tasks)
        if referral.state == "closed":
            assert not standing
            assert not any(one.state in LIVE for one in tasks)
        elif referral.key not in self.side_by_side:
            assert at_a_program <= 1
        assert len({one.program_id for one in tasks}) == len(tasks)

    def counts_add_up(self, sent: int, answered: int, accepted: int, waiting: int, declined: int, no_answer: int,
                      attended: int, missed: int, asked: int) -> None:
        assert sent == asked + self.sent_and_gone
        assert min(accepted, waiting, declined, no_answer, attended, missed) >= 0
        assert accepted + waiting + declined == answered
        assert answered + no_answer <= sent
        assert attended + missed <= sent


@pytest.mark.parametrize(("histories", "steps"), [
    (30, 10), pytest.param(1000, 15, marks=pytest.mark.soak)], ids=["few", "thousand"])
def test_C4_every_history_ends_in_legal_states_with_one_row_each(histories, steps):
    run_state_machine_as_test(Referring, settings=settings(
        max_examples=histories, stateful_step_count=steps, deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]))
