from __future__ import annotations

import random
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from finder.catalog.models import Program
from finder.db import Database
from finder.errors import Conflict
from finder.exchange import fhir_referral
from finder.referrals import consents, creating, exporting, moving
from finder.referrals.models import Referral
from finder.referrals.moving import CLIENT, CLOCK, DECLINE_REASONS, QUESTIONS, RECEIVER
from finder.referrals.states import Move, State, allowed
from tests.exchange.fhir_judges import faults
from tests.listings.database import NOW, make_database, take
from tests.referrals.samples import KEYS, document, make_referral, make_team, sender
from tests.web.site import group


@pytest.fixture
def database(tmp_path: Path) -> Database:
    found = make_database(tmp_path)
    take(found, [group(1, organization={"name": "Harbor House"}), group(2), group(3, focus=["alcohol"])])
    return found


def programs_of(session: Session) -> list[uuid.UUID]:
    return list(session.scalars(select(Program.id).order_by(Program.name)))


def wander(session: Session, referral: Referral, chance: random.Random, account: int) -> None:
    """Makes a few moves of the kind that any of the four sides may make."""
    now = NOW
    for _ in range(chance.randint(0, 7)):
        now += timedelta(hours=chance.randint(1, 60))
        by = chance.choices([sender(account), RECEIVER, CLIENT, CLOCK], [2, 6, 1, 1])[0]
        task = chance.choice(referral.tasks)
        moves = sorted(allowed(State(task.state), by.who))
        if not moves:
            continue
        move = chance.choice(moves)
        try:
            moving.move(session, task, move, by, now=now,
                        first_on=now.date() + timedelta(chance.randint(0, 90)) if move is Move.ACCEPT else None,
                        weeks=chance.choice([None, 0, 6]) if move is Move.WAIT else None,
                        reason=chance.choice(DECLINE_REASONS) if move is Move.DECLINE else None,
                        asked=chance.sample(QUESTIONS, 2) if move is Move.ASK else ())
        except Conflict:
            continue
        session.refresh(referral, ["tasks"])
    if chance.random() < 0.2:
        moving.close(session, referral, "other", sender(account), now=now)


def test_whatever_happens_to_referrals_two_judges_find_nothing_wrong_with_their_files(database: Database) -> None:
    chance, seen = random.Random(6), set[str]()
    with database.transaction() as session:
        team, (account,) = make_team(session)
        programs = programs_of(session)
        for _ in range(300):
            made = make_referral(session, team, account, chance.sample(programs, chance.randint(1, 3)),
                                 needs=chance.choice([[], ["grief"], ["alcohol"]]), level=chance.choice([None, 2]),
                                 asks_next=chance.random() < 0.7).referral
            wander(session, made, chance, account)
            seen.update(one.state for one in made.tasks)
            if seen == set(State):
                break
        found = exporting.whole(session, exporting.every(session, team.id), keys=KEYS)
        bundles = [fhir_referral.bundle([one], site="https://finder.example", now=NOW) for one in found]
    assert seen == set(State)
    assert faults(bundles) == []


def test_a_referral_comes_with_its_programs_in_order_and_what_they_are_called(database: Database) -> None:
    with database.transaction() as session:
        team, (account,) = make_team(session)
        team.npi = "1234567893"
        programs = programs_of(session)
        made = make_referral(session, team, account, [programs[1], programs[0]]).referral
        one = exporting.whole(session, [made])[0]
    assert (one.team, one.npi) == ("Eastside Family Clinic", "1234567893")
    assert [(asked.task.position, asked.program, asked.organization) for asked in one.asked] == [
        (0, "River Circle 2", None), (1, "River Circle 1", "Harbor House")]


def test_needs_come_along_only_with_the_keys(database: Database) -> None:
    with database.transaction() as session:
        team, (account,) = make_team(session)
        made = make_referral(session, team, account, programs_of(session)[:1], needs=["grief"]).referral
        assert exporting.whole(session, [made])[0].needs is None
        assert exporting.whole(session, [made], keys=KEYS)[0].needs == ("grief",)


def test_the_newest_consent_to_a_program_is_the_one_told(database: Database) -> None:
    with database.transaction() as session:
        team, (account,) = make_team(session)
        made = make_referral(session, team, account, programs_of(session)[:1]).referral
        said = {**document([])["consent"], "given_on": NOW.date(), "until": NOW.date() + timedelta(10)}
        newest = consents.give(session, made.key, made.tasks[0].key, "River Circle", said, account_id=account, now=NOW)
        assert exporting.whole(session, [made])[0].asked[0].consent is newest


def test_a_group_asked_later_comes_last(database: Database) -> None:
    with database.transaction() as session:
        team, (account,) = make_team(session)
        programs = programs_of(session)
        made = make_referral(session, team, account, programs[:1]).referral
        moving.move(session, made.tasks[0], Move.DECLINE, RECEIVER, now=NOW, reason="full")
        said = {**document([])["consent"], "given_on": NOW.date(), "until": NOW.date() + timedelta(10)}
        creating.ask_another(session, made, programs[1], said, by=sender(account), now=NOW)
        assert [one.task.state for one in exporting.whole(session, [made])[0].asked] == ["declined", "sent"]


def test_every_page_of_a_team_is_read_and_no_other_teams(database: Database) -> None:
    with database.transaction() as session:
        team, (account,) = make_team(session)
        other, (stranger,) = make_team(session)
        make_referral(session, other, stranger, programs_of(session)[:1])
        at = NOW.replace(tzinfo=None)
        session.add_all(Referral(key=f"{number:022d}", team_id=team.id, owner_id=account, code="A1", once=f"{number}",
                                 once_print=b"", made_at=at, changed_at=at + timedelta(minutes=number % 7))
                        for number in range(230))
        session.flush()
        found = exporting.every(session, team.id)
        assert len({one.key for one in found}) == len(found) == 230


def test_many_referrals_cost_as_few_statements_as_one(database: Database) -> None:
    counted: list[str] = []
    with database.transaction() as session:
        team, (account,) = make_team(session)
        made = [make_referral(session, team, account, programs_of(session)[:2]).referral for _ in range(8)]
        session.flush()
        event.listen(database.engine, "before_cursor_execute", lambda *call: counted.append(call[2]))
        for some in (made[:1], made):
            counted.clear()
            exporting.whole(session, some)
            assert len(counted) == 4
