import pytest

from finder import outbox
from finder.accounts import people
from finder.accounts.permissions import Role, Scope
from finder.referrals import letters
from finder.referrals.models import Referral
from finder.referrals.moving import RECEIVER
from finder.referrals.states import Move
from finder.teams.models import Team
from tests.listings.database import NOW
from tests.referrals.desk import OWNER, Desk, later
from tests.referrals.samples import join

GROUP, EDITOR = "group0@groups.example", "editor@groups.example"


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def give_editor(desk, email=EDITOR):
    with desk.database.transaction() as session:
        account = people.find_or_make(session, email, now=NOW, locale="es")
        people.give(session, account.id, Role.OPERATOR, by="a test", now=NOW, scope=Scope.PROGRAM,
                    value=str(desk.programs[0]))


def test_all_who_may_answer_for_a_program_are_asked_each_with_a_link_of_their_own(desk):
    give_editor(desk)
    desk.refer(0)
    found = desk.letters("referral")
    assert [to for _, to, _ in found] == [EDITOR, GROUP]
    assert len({facts["link"] for _, _, facts in found}) == 2
    assert [one.locale for one in desk.every(outbox.Message)] == ["es", "en"]


@pytest.mark.parametrize("kind", ["referral", "referral_reminder", outbox.EVERY_KIND])
def test_who_wants_no_letters_of_this_kind_gets_none_of_it(desk, kind):
    give_editor(desk)
    with desk.database.transaction() as session:
        outbox.silence(session, GROUP, kind, outbox.UNSUBSCRIBED, NOW)
    desk.refer(0)
    assert [to for _, to, _ in desk.letters()] == [EDITOR]


def test_a_letter_names_no_person_no_code_and_no_need(desk):
    desk.refer(0, code="K7-41", needs=["grief"], identity={"name": "Canary"}, consent={"what": ["identity", "needs"]})
    ((_, _, facts),) = desk.letters()
    assert set(facts) == {"link", "team", "name"}


def test_the_owner_is_told_once_a_day_and_kind(desk):
    made = desk.refer(0)
    with desk.database.transaction() as session:
        referral = session.get_one(Referral, made.referral.key)
        for at in (0, 0, 0.3, 1):
            letters.tell_owner(session, referral, "accepted", now=later(at))
        letters.tell_owner(session, referral, "waiting", now=NOW)
    assert desk.told() == ["accepted", "accepted", "waiting"]


def test_what_the_sender_does_is_not_told_to_the_sender(desk):
    made = desk.refer(0, 1)
    desk.do(desk.task(made), Move.DECLINE, desk.sender, reason="full")
    assert desk.told() == []
    desk.do(desk.task(made, 1), Move.RECEIVE, RECEIVER)
    assert desk.told() == ["received"]


def test_where_the_owner_is_gone_the_team_is_told(desk):
    made = desk.refer(0)
    with desk.database.transaction() as session:
        join(session, session.get_one(Team, desk.team), "colleague@clinic.example")
        people.take(session, desk.account, Role.PROVIDER, scope=Scope.TEAM, value=str(desk.team))
    desk.do(desk.task(made), Move.RECEIVE, RECEIVER)
    assert [to for _, to, _ in desk.letters("referral_news")] == ["colleague@clinic.example"]
    assert OWNER not in {to for _, to, _ in desk.letters()}


def test_every_kind_of_letter_is_in_the_list_that_a_purge_looks_through():
    assert {letters.REQUEST, letters.REMINDER, letters.OVER, letters.NEWS, letters.CAME} == set(letters.KINDS)
