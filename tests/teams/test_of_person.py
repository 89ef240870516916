from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.accounts.models import DISABLED, Account, Token
from finder.teams import membership, of_person
from finder.teams.models import APPROVED, ENDED, Team
from tests.listings.database import NOW, make_database
from tests.referrals.samples import make_team

ANN, SAM, LEE = "ann@example.org", "sam@example.org", "lee@example.org"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with make_database(tmp_path).transaction() as found:
        yield found


def state_of(session: Session, team: Team) -> str:
    session.refresh(team)
    return team.state


def test_a_team_ends_with_the_last_member_who_leaves(session: Session) -> None:
    team, (ann,) = make_team(session, "Eastside", ANN)
    assert membership.is_at_work(session, team.id)
    membership.invite(session, LEE, team.id, by="a test", account_id=ann, now=NOW)
    of_person.leave(session, ann, now=NOW)
    assert (state_of(session, team), team.decided_at) == (ENDED, NOW.replace(tzinfo=None))
    assert session.scalars(select(Token).where(Token.purpose == "invite")).all() == []
    assert not membership.is_at_work(session, team.id)


def test_a_team_stays_for_those_who_are_left(session: Session) -> None:
    team, (ann, sam) = make_team(session, "Eastside", ANN, SAM)
    of_person.leave(session, ann, now=NOW)
    assert state_of(session, team) == APPROVED
    assert membership.is_at_work(session, team.id)
    assert sam in {one.account_id for one in membership.members(session, team.id)}


def test_a_closed_account_keeps_no_team_alive_and_finds_none_when_it_opens(session: Session) -> None:
    team, (ann, sam) = make_team(session, "Eastside", ANN, SAM)
    session.get_one(Account, sam).state = DISABLED
    of_person.leave(session, ann, now=NOW)
    assert state_of(session, team) == ENDED
    assert membership.team_of(session, sam) is None


def test_of_some_teams_those_rest_in_which_nobody_reads(session: Session) -> None:
    team, (ann, sam) = make_team(session, "Eastside", ANN, SAM)
    other, _ = make_team(session, "Westside", LEE)
    both = {team.id, other.id}
    assert membership.resting(session, both) == set()
    session.get_one(Account, ann).state = DISABLED
    assert membership.resting(session, both) == set()
    session.get_one(Account, sam).state = DISABLED
    assert membership.resting(session, both) == {team.id}
    other.state = ENDED
    assert membership.resting(session, both) == both
    assert membership.resting(session, ()) == set()
