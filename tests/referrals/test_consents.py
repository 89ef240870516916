import pytest

from finder.referrals import consents, draft
from finder.referrals.models import Referral
from tests.listings.database import NOW
from tests.referrals.desk import Desk, day, later
from tests.referrals.samples import document


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def give(desk, made, place=0, **said):
    checked = draft.consent(document([])["consent"] | said, today=NOW.date())
    with desk.database.transaction() as session:
        return consents.give(session, made.referral.key, desk.task(made, place), "River Circle", checked,
                             account_id=desk.account, now=NOW).id


def standing(desk, made, now=NOW):
    with desk.database.reading() as session:
        found = consents.stands(session, desk.task(made), now=now)
    return found and found.id


def end(desk, made, place=0, now=NOW, **how):
    with desk.database.transaction() as session:
        return consents.end_of_task(session, desk.task(made, place), "client", now=now, **how)


def has_identity(desk, made):
    with desk.database.reading() as session:
        return session.get_one(Referral, made.referral.key).identity is not None


def test_the_newest_that_stands_covers_a_task(desk):
    made = desk.refer(0, consent={"until": day(50).isoformat()})
    newer = give(desk, made, until=day(10).isoformat())
    assert standing(desk, made) == newer
    assert standing(desk, made, later(11)) == newer - 1
    assert standing(desk, made, later(51)) is None


def test_ending_twice_is_once_and_what_ended_covers_nothing(desk):
    made = desk.refer(0)
    assert end(desk, made)
    assert not end(desk, made, now=later(1))
    assert standing(desk, made) is None
    (row,) = desk.consents(desk.task(made))
    assert (row.ended_at, row.ended_by) == (NOW.replace(tzinfo=None), "client")


def test_what_was_agreed_to_is_never_changed_only_ended(desk):
    made = desk.refer(0)
    before = {name: value for name, value in vars(desk.consents(desk.task(made))[0]).items() if name[0] != "_"}
    end(desk, made)
    after = {name: value for name, value in vars(desk.consents(desk.task(made))[0]).items() if name[0] != "_"}
    assert {name for name in before if before[name] != after[name]} == {"ended_at", "ended_by"}


def test_only_what_is_over_can_be_ended_alone(desk):
    made = desk.refer(0, consent={"until": day(3).isoformat()})
    newer = give(desk, made)
    assert not end(desk, made, now=later(3), only_over=True)
    assert end(desk, made, now=later(4), only_over=True)
    assert standing(desk, made, later(4)) == newer


def test_who_the_person_is_goes_with_the_last_consent_to_it(desk):
    made = desk.refer(0, 1, identity={"name": "Maria"}, consent={"what": ["identity"]})
    end(desk, made, 0)
    assert has_identity(desk, made)
    end(desk, made, 1)
    assert not has_identity(desk, made)


def test_a_consent_to_something_else_keeps_no_identity(desk):
    made = desk.refer(0, identity={"name": "Maria"}, consent={"what": ["identity"]})
    give(desk, made, what=["level"])
    end(desk, made)
    assert not has_identity(desk, made)


def test_all_that_were_given_are_shown_the_oldest_first(desk):
    made = desk.refer(0, 1)
    newest = give(desk, made, 1)
    with desk.database.reading() as session:
        assert [one.id for one in consents.of_referral(session, made.referral.key)][-1] == newest
        assert len(consents.of_referral(session, made.referral.key)) == 3
        assert consents.of_referral(session, "A" * 22) == []
