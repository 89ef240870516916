from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.accounts import people, roles
from finder.accounts.models import Account
from finder.catalog.models import Program
from finder.outbox import Message
from finder.referrals import letters, owners, reading
from finder.referrals.models import Referral
from finder.teams import membership
from finder.teams.models import Team
from tests.listings.database import NOW, make_database, take
from tests.referrals.samples import join, make_referral, make_team, sender
from tests.web.site import group


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    database = make_database(tmp_path)
    take(database, [group(1)])
    with database.transaction() as found:
        yield found


def refer(session: Session, team: Team, account: int) -> Referral:
    program: uuid.UUID = session.scalars(select(Program.id)).first()  # type: ignore[assignment]
    return make_referral(session, team, account, [program]).referral


def owner_lines(session: Session, referral: Referral) -> list[tuple[str, dict[str, object]]]:
    return [(one.who, one.facts) for one in reading.history(session, referral.key) if one.kind == owners.CHANGED]


def test_a_members_referrals_are_handed_over_and_each_says_so(session: Session) -> None:
    team, (ann, sam) = make_team(session, "Eastside", "ann@example.org", "sam@example.org")
    other, (lee,) = make_team(session, "Westside", "lee@example.org")
    mine, theirs, others = refer(session, team, ann), refer(session, team, sam), refer(session, other, lee)
    assert owners.hand_over(session, team.id, ann, sam, by=sender(sam), now=NOW) == 1
    assert [one.owner_id for one in (mine, theirs, others)] == [sam, sam, lee]
    assert owner_lines(session, mine) == [(f"provider:{sam}", {"from": ann, "to": sam})]
    assert owner_lines(session, theirs) == owner_lines(session, others) == []


def test_a_colleague_takes_one_over_once(session: Session) -> None:
    team, (ann,) = make_team(session, "Eastside", "ann@example.org")
    sam, referral = join(session, team, "sam@example.org"), refer(session, team, ann)
    for _ in range(2):
        owners.take_over(session, referral, sender(sam), now=NOW)
    assert referral.owner_id == sam
    assert len(owner_lines(session, referral)) == 1


def test_what_a_deleted_account_referred_is_the_teams(session: Session) -> None:
    team, (ann,) = make_team(session, "Eastside", "ann@example.org")
    referral = refer(session, team, ann)
    owners.leave_all(session, ann)
    session.refresh(referral)
    assert referral.owner_id is None


@pytest.mark.parametrize(("gone", "told"), [
    (False, ["ann@example.org"]), (True, ["lee@example.org", "sam@example.org"])], ids=["the owner is there", "gone"])
def test_news_go_to_the_owner_and_to_the_whole_team_where_that_one_is_not_in_it(session: Session, gone: bool,
                                                                               told: list[str]) -> None:
    team, (ann, _, _) = make_team(session, "Eastside", "ann@example.org", "lee@example.org", "sam@example.org")
    join(session, make_team(session, "Westside")[0], "eve@example.org")
    referral = refer(session, team, ann)
    if gone:
        membership.let_go(session, session.get_one(Account, ann), membership.grant_of(team.id), now=NOW)
    for _ in range(2):
        letters.tell_owner(session, referral, "accepted", now=NOW)
    found = session.scalars(select(Message.address).where(Message.kind == letters.NEWS).order_by(Message.address))
    assert list(found) == told


def test_who_was_closed_out_gets_no_news(session: Session) -> None:
    team, (ann,) = make_team(session, "Eastside", "ann@example.org")
    referral, account = refer(session, team, ann), people.find(session, "ann@example.org")
    assert account is not None
    roles.disable(session, account, now=NOW)
    letters.tell_owner(session, referral, "accepted", now=NOW)
    assert session.scalars(select(Message).where(Message.kind == letters.NEWS)).all() == []
