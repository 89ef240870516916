from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.accounts import people, roles
from finder.accounts.models import Account, Token
from finder.errors import Conflict, Forbidden, Invalid, NotFound, TooOften
from finder.outbox import Message
from finder.teams import joining, membership
from finder.teams.models import APPROVED, ENDED, REFUSED, WAITING, Member, Team
from tests.listings.database import NOW, make_database
from tests.referrals.samples import join, make_team

ANN, SAM = "ann@example.org", "sam@example.org"
STEWARD = 999


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with make_database(tmp_path).transaction() as found:
        yield found


def account(session: Session, email: str) -> Account:
    return people.find_or_make(session, email, now=NOW)


def asked(session: Session, email: str = ANN, name: str = "Northgate") -> Team:
    return joining.ask(session, account(session, email).id, joining.read({"name": name}), now=NOW)


def decide(session: Session, team: Team, accept: bool, reason: str = "") -> None:
    steward = account(session, "steward@example.org").id
    joining.decide(session, team, accept, author=f"steward:{steward}", account_id=steward, now=NOW, reason=reason)


def letters(session: Session, email: str) -> list[tuple[str, str]]:
    found = session.scalars(select(Message).where(Message.address == email).order_by(Message.id))
    return [(one.kind, str(one.facts.get("what") or one.facts.get("state"))) for one in found]


# -- asking ----------------------------------------------------------------------------------------------------------


def test_a_request_waits_and_gives_nothing(session: Session) -> None:
    team = asked(session)
    assert team.state == WAITING
    assert membership.team_of(session, account(session, ANN).id) is None
    assert [one.team.name for one in joining.listed(session, WAITING)] == ["Northgate"]
    assert joining.waiting(session) == 1


def test_one_account_has_one_open_request_and_may_take_it_back(session: Session) -> None:
    asked(session)
    with pytest.raises(Conflict, match="asked"):
        asked(session)
    joining.take_back(session, account(session, ANN).id)
    joining.take_back(session, account(session, ANN).id)
    assert joining.asked(session, account(session, ANN).id) is None
    asked(session)


def test_L1_an_account_asks_three_times_a_day_at_most(session: Session) -> None:
    for _ in range(3):
        asked(session)
        joining.take_back(session, account(session, ANN).id)
    with pytest.raises(TooOften):
        asked(session)
    asked(session, SAM)
    joining.ask(session, account(session, ANN).id, joining.read({"name": "N"}), now=NOW + timedelta(days=1))


def test_who_has_a_team_asks_for_no_other(session: Session) -> None:
    make_team(session, "Eastside", ANN)
    with pytest.raises(Conflict, match="in_team"):
        asked(session)


# -- a steward's word ------------------------------------------------------------------------------------------------


def test_a_yes_makes_the_asker_a_member_and_is_told(session: Session) -> None:
    team = asked(session)
    decide(session, team, True)
    ann = account(session, ANN)
    assert membership.team_of(session, ann.id) == team.id
    assert session.get_one(Member, ann.id).team_id == team.id
    assert letters(session, ANN) == [("security_notice", "role_given"), ("team_decided", "approved")]
    assert (team.state, team.decided_by) == (APPROVED, account(session, "steward@example.org").id)


def test_a_no_needs_a_reason_and_is_told_with_it(session: Session) -> None:
    team = asked(session)
    with pytest.raises(Invalid):
        decide(session, team, False, " ")
    decide(session, team, False, "We cannot reach you.")
    assert team.state == REFUSED
    assert letters(session, ANN) == [("team_decided", "refused")]
    assert membership.team_of(session, account(session, ANN).id) is None
    asked(session)  # and may be asked again


def test_a_request_is_decided_once_and_never_by_its_asker(session: Session) -> None:
    team = asked(session)
    with pytest.raises(Forbidden, match="own_team"):
        joining.decide(session, team, True, author="steward:1", account_id=account(session, ANN).id, now=NOW)
    decide(session, team, True)
    with pytest.raises(Conflict, match="moved"):
        decide(session, team, False, "No.")
    membership.let_go(session, account(session, ANN), membership.grant_of(team.id), now=NOW)
    with pytest.raises(Conflict, match="moved"):
        decide(session, team, True)


def test_a_yes_to_a_closed_account_or_to_a_member_of_another_team_is_refused(session: Session) -> None:
    team = asked(session)
    roles.disable(session, account(session, ANN), now=NOW)
    with pytest.raises(Conflict, match="gone"):
        decide(session, team, True)
    roles.enable(session, account(session, ANN), now=NOW)
    join(session, make_team(session, "Eastside")[0], ANN)
    with pytest.raises(Conflict, match="other_team"):
        decide(session, team, True)


# -- ending ----------------------------------------------------------------------------------------------------------


def test_an_ended_team_has_no_members_no_invitations_and_all_are_told_why(session: Session) -> None:
    team, (ann, sam) = make_team(session, "Eastside", ANN, SAM)
    roles.disable(session, account(session, SAM), now=NOW)
    membership.invite(session, "lee@example.org", team.id, by=f"provider:{ann}", account_id=ann, now=NOW)
    with pytest.raises(Invalid):
        joining.end(session, team, account_id=STEWARD, now=NOW, reason="")
    joining.end(session, team, account_id=ann, now=NOW, reason="The clinic has closed.")
    assert team.state == ENDED
    assert list(membership.everybody(session, team.id)) == []
    assert session.scalars(select(Member)).all() == []
    assert session.scalars(select(Token).where(Token.purpose == "invite")).all() == []
    assert letters(session, ANN) == [("security_notice", "role_taken"), ("team_decided", "ended")]
    with pytest.raises(Conflict, match="moved"):
        joining.end(session, team, account_id=ann, now=NOW, reason="Again.")


# -- finding ---------------------------------------------------------------------------------------------------------


def test_teams_are_found_by_id_and_by_name(session: Session) -> None:
    team, _ = make_team(session, "Eastside Clinic", ANN, SAM)
    assert joining.find(session, str(team.id)) is team
    assert joining.named(session, " EASTSIDE clinic") == [team]
    assert joining.named(session, "Eastside") == []
    for key in ("nothing", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(NotFound):
            joining.find(session, key)


def test_stewards_see_how_many_are_in_a_team_and_who_asked_for_it(session: Session) -> None:
    team, _ = make_team(session, "Eastside", ANN, SAM)
    roles.disable(session, account(session, SAM), now=NOW)
    found = joining.shown(session, team)
    assert (found.members, found.asked_by) == (1, "")
    team = asked(session, "lee@example.org")
    assert joining.shown(session, team).asked_by == "lee@example.org"
    account(session, "lee@example.org").name = "Lee Park"
    assert joining.shown(session, team).asked_by == "Lee Park, lee@example.org"


# -- another name ----------------------------------------------------------------------------------------------------


def test_another_name_waits_for_a_steward_and_the_old_one_stands(session: Session) -> None:
    team, (ann,) = make_team(session, "Eastside", ANN)
    assert joining.change(session, team, joining.read({"name": "County Court", "phone": "919-555-0101"}))
    assert (team.name, team.wanted_name, team.phone) == ("Eastside", "County Court", "919-555-0101")
    assert [one.team.id for one in joining.renaming(session)] == [team.id]
    assert not joining.change(session, team, joining.read({"name": "Eastside"})), "taken back"
    assert joining.renaming(session) == []


@pytest.mark.parametrize(("accept", "reason", "name", "said"), [
    (True, "", "County Court", "renamed"), (False, "It is the name of a court.", "Eastside", "not_renamed")],
    ids=["yes", "no"])
def test_a_stewards_word_on_a_name_is_told_to_all_members(session: Session, accept: bool, reason: str, name: str,
                                                          said: str) -> None:
    team, _ = make_team(session, "Eastside", ANN, SAM)
    joining.change(session, team, joining.read({"name": "County Court"}))
    joining.decide_name(session, team, accept, name="County Court", account_id=STEWARD, now=NOW, reason=reason)
    assert (team.name, team.wanted_name) == (name, None)
    assert {letters(session, one)[-1] for one in (ANN, SAM)} == {("team_decided", said)}


def test_nobody_decides_about_their_own_teams_name_or_one_that_is_wished_for_no_more(session: Session) -> None:
    team, (ann,) = make_team(session, "Eastside", ANN)
    joining.change(session, team, joining.read({"name": "County Court"}))
    with pytest.raises(Forbidden, match="own_team"):
        joining.decide_name(session, team, True, name="County Court", account_id=ann, now=NOW)
    with pytest.raises(Conflict, match="moved"):
        joining.decide_name(session, team, True, name="County Clinic", account_id=STEWARD, now=NOW)
    with pytest.raises(Invalid):
        joining.decide_name(session, team, False, name="County Court", account_id=STEWARD, now=NOW)
    assert team.name == "Eastside"


@pytest.mark.parametrize("name", ["Closed: sign in at https://example.org", "see WWW.example.org"])
def test_a_team_is_not_called_by_an_address_that_mail_would_link(name: str) -> None:
    with pytest.raises(Invalid) as wrong:
        joining.read({"name": name})
    assert [one.code for one in wrong.value.errors["name"]] == ["has_link"]
    assert joining.read({"name": "St. John: Care / Home, Inc."}).name
