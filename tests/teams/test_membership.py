from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.accounts import api_tokens, entering, people, roles
from finder.accounts.models import Account, Token
from finder.errors import Conflict, Invalid, NotFound
from finder.outbox import Message
from finder.teams import joining, membership
from finder.teams.models import ENDED, Member, Team
from finder.teams.numbers import Numbers
from tests.listings.database import NOW, make_database
from tests.referrals.samples import join, make_team

ANN, SAM, LEE = "ann@example.org", "sam@example.org", "lee@example.org"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with make_database(tmp_path).transaction() as found:
        yield found


def account(session: Session, email: str) -> Account:
    return people.find_or_make(session, email, now=NOW)


def invite(session: Session, team: Team, email: str, by: int) -> str:
    membership.invite(session, email, team.id, by=f"provider:{by}", account_id=by, now=NOW)
    found = session.scalars(select(Message).where(Message.kind == "invite").order_by(Message.id.desc())).first()
    assert found is not None
    assert found.address == email
    return str(found.facts["link"])


def wrong_at_email(session: Session, team: Team, email: str, by: int) -> str:
    with pytest.raises(Invalid) as caught:
        membership.invite(session, email, team.id, by=f"provider:{by}", account_id=by, now=NOW)
    return str(caught.value.errors["email"][0].code)


# -- coming in -------------------------------------------------------------------------------------------------------


def test_an_invitation_gives_nothing_until_it_is_taken_up(session: Session) -> None:
    team, (ann,) = make_team(session, "Eastside", ANN)
    joining.ask(session, account(session, LEE).id, joining.read({"name": "Lee"}), now=NOW)
    link = invite(session, team, LEE, ann)
    assert [one.email for one in membership.members(session, team.id)] == [ANN]
    lee, _ = entering.use(session, link, now=NOW)
    assert membership.settle(session, lee.id, now=NOW)
    assert membership.settle(session, lee.id, now=NOW)
    assert [one.email for one in membership.members(session, team.id)] == [ANN, LEE]
    assert joining.asked(session, lee.id) is None  # what they had asked for is not needed any more


def test_nobody_is_invited_who_is_in_the_team_or_in_another_or_invited_already(session: Session) -> None:
    team, (ann, _) = make_team(session, "Eastside", ANN, SAM)
    make_team(session, "Westside", LEE)
    assert wrong_at_email(session, team, SAM, ann) == "is_editor"
    assert wrong_at_email(session, team, f" {LEE.upper()} ", ann) == "other_team"
    assert wrong_at_email(session, team, "nobody", ann) == "not_an_email"
    invite(session, team, "joy@example.org", ann)
    assert wrong_at_email(session, team, "Joy@example.org", ann) == "invited"


def test_nobody_comes_to_be_in_two_teams(session: Session) -> None:
    team, (ann,) = make_team(session, "Eastside", ANN)
    link = invite(session, team, LEE, ann)
    make_team(session, "Westside", LEE)  # meanwhile
    lee, _ = entering.use(session, link, now=NOW)
    with pytest.raises(Conflict, match="other_team"):
        membership.settle(session, lee.id, now=NOW)


def test_nobody_comes_into_a_team_that_has_ended(session: Session) -> None:
    team, (ann,) = make_team(session, "Eastside", ANN)
    link = invite(session, team, LEE, ann)
    team.state = ENDED
    lee, _ = entering.use(session, link, now=NOW)
    with pytest.raises(Conflict, match="no_team"):
        membership.settle(session, lee.id, now=NOW)


def test_who_was_taken_out_by_an_administrator_can_join_another_team(session: Session) -> None:
    team, (ann,) = make_team(session, "Eastside", ANN)
    other, _ = make_team(session, "Westside")
    roles.take(session, account(session, ANN), membership.grant_of(team.id), now=NOW)
    people.give(session, ann, membership.grant_of(other.id).role, by="x", now=NOW,
                scope=membership.grant_of(other.id).scope, value=str(other.id))
    assert membership.settle(session, ann, now=NOW)
    assert session.get_one(Member, ann).team_id == other.id


def test_somebody_without_a_team_is_settled_in_none(session: Session) -> None:
    assert not membership.settle(session, account(session, ANN).id, now=NOW)
    with pytest.raises(NotFound):
        membership.set_numbers(session, account(session, ANN).id, Numbers("1234567893"), now=NOW)


def test_L1_addresses_are_tried_twenty_times_a_day_at_most(session: Session) -> None:
    assert [membership.may_try(session, 1, now=NOW) for _ in range(21)] == [True] * 20 + [False]
    assert membership.may_try(session, 2, now=NOW)


def test_a_members_numbers_are_their_own(session: Session) -> None:
    team, (ann, _) = make_team(session, "Eastside", ANN, SAM)
    membership.set_numbers(session, ann, Numbers("1234567893", "NC Board", "C-1"), now=NOW)
    assert [one.numbers.npi for one in membership.members(session, team.id)] == ["1234567893", None]


# -- going -----------------------------------------------------------------------------------------------------------


def test_who_is_taken_out_loses_right_tokens_row_and_invitations(session: Session) -> None:
    team, (ann, sam) = make_team(session, "Eastside", ANN, SAM)
    secret = api_tokens.make(session, sam, "x", ["referrals.read"], days=30, now=NOW)
    invite(session, team, LEE, sam)
    invite(session, team, "joy@example.org", ann)
    membership.remove(session, team.id, sam, now=NOW)
    assert membership.team_of(session, sam) is None
    assert session.get(Member, sam) is None
    assert api_tokens.find(session, secret, now=NOW) is None
    assert [one.facts["email"] for one in session.scalars(select(Token).where(Token.purpose == "invite"))] == [
        "joy@example.org"]
    told = session.scalars(select(Message).where(Message.address == SAM).order_by(Message.id))
    assert [one.facts["what"] for one in told] == ["token_made", "role_taken"]


def test_the_last_member_whose_account_is_open_stays(session: Session) -> None:
    team, (ann, _) = make_team(session, "Eastside", ANN, SAM)
    roles.disable(session, account(session, SAM), now=NOW)
    with pytest.raises(Conflict, match="last_member"):
        membership.remove(session, team.id, ann, now=NOW)


def test_nobody_is_taken_out_of_a_team_they_are_not_in(session: Session) -> None:
    team, _ = make_team(session, "Eastside", ANN, SAM)
    other, _ = make_team(session, "Westside")
    lee = join(session, other, LEE)
    with pytest.raises(NotFound):
        membership.remove(session, team.id, lee, now=NOW)
    assert membership.team_of(session, lee) == other.id
    with pytest.raises(NotFound):
        membership.member(session, team.id, str(account(session, LEE).public_id))
