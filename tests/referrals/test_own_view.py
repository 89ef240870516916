import pytest

from finder.errors import Conflict, NotFound
from finder.referrals import own_view
from finder.referrals.models import Referral, ReferralEvent
from finder.referrals.moving import CLIENT, RECEIVER
from finder.referrals.states import Move
from tests.listings.database import NOW
from tests.referrals.desk import OWNER, Desk, day, later
from tests.referrals.samples import KEYS


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def do(desk, made, deed, *values, now=NOW):
    with desk.database.transaction() as session:
        deed(session, session.get_one(Referral, made.referral.key), *values, now=now)


def test_a_code_finds_its_referral_and_no_other(desk):
    made, other = desk.refer(0), desk.refer(1)
    with desk.database.reading() as session:
        for typed in (made.short_code, made.short_code.lower().replace("-", " ")):
            assert own_view.find(session, typed, keys=KEYS).key == made.referral.key
        assert own_view.find(session, other.short_code, keys=KEYS).key == other.referral.key
        for typed in ("", "x", made.short_code[:-1], made.short_code + "2"):
            assert own_view.find(session, typed, keys=KEYS) is None


def test_wrong_codes_close_the_door_for_one_network_until_the_window_is_over(desk):
    with desk.database.transaction() as session:
        for _ in range(own_view.FROM_ONE.most):
            assert own_view.wait_for_tries(session, b"here", NOW) == 0
            own_view.was_wrong(session, b"here", NOW)
        assert 0 < own_view.wait_for_tries(session, b"here", NOW) <= own_view.FROM_ONE.seconds
        assert own_view.wait_for_tries(session, b"there", NOW) == 0
        assert own_view.wait_for_tries(session, b"here", later(5 / 1440)) == 0


def test_who_says_no_to_what_waits_its_turn_leaves_the_others_as_they_are(desk):
    made = desk.refer(0, 1, 2)
    do(desk, made, own_view.stop, desk.task(made, 1))
    assert desk.states(made) == ["sent", "withdrawn", "planned"]
    assert desk.consents(desk.task(made, 1))[0].ended_by == CLIENT.name
    assert desk.letters("referral_over") == []
    desk.do(desk.task(made), Move.DECLINE, RECEIVER, reason="full")
    assert desk.states(made) == ["declined", "withdrawn", "sent"]


def test_no_more_of_all_asks_nobody_else_even_where_nobody_has_the_question(desk):
    made = desk.refer(0, 1, 2, asks_next=False)
    desk.do(desk.task(made), Move.DECLINE, RECEIVER, reason="full")
    do(desk, made, own_view.stop, None)
    assert desk.states(made) == ["declined", "withdrawn", "withdrawn"]
    assert len(desk.letters("referral")) == 1
    assert desk.referral(made.referral.key).outcome == "withdrawn"
    with pytest.raises(Conflict):
        do(desk, made, own_view.stop, None)


def test_stopping_twice_is_once_and_what_is_over_cannot_be_stopped(desk):
    made = desk.refer(0, 1)
    do(desk, made, own_view.stop, desk.task(made))
    do(desk, made, own_view.stop, desk.task(made))
    assert desk.states(made) == ["withdrawn", "sent"]
    desk.do(desk.task(made, 1), Move.DECLINE, RECEIVER, reason="full")
    with pytest.raises(Conflict):
        do(desk, made, own_view.stop, desk.task(made, 1))


def test_nothing_of_another_referral_can_be_reached(desk):
    made, other = desk.refer(0), desk.refer(1)
    for deed in (own_view.went, own_view.stop):
        with pytest.raises(NotFound):
            do(desk, made, deed, desk.task(other))
    assert desk.states(other) == ["sent"]


def test_a_consent_taken_back_keeps_a_promised_place_and_ends_all_telling(desk):
    made = desk.refer(0, 1)
    desk.do(desk.task(made), Move.ACCEPT, RECEIVER, first_on=day(7))
    do(desk, made, own_view.take_back_consent)
    assert desk.states(made) == ["accepted", "withdrawn"]
    assert all(one.ended_at for place in (0, 1) for one in desk.consents(desk.task(made, place)))
    assert "consent_over" in desk.told()
    assert [one.who for one in desk.every(ReferralEvent) if one.kind == own_view.REVOKED] == ["client", "client"]
    with pytest.raises(Conflict):
        do(desk, made, own_view.take_back_consent)


def test_what_a_person_does_is_told_to_the_owner(desk):
    made = desk.refer(0)
    do(desk, made, own_view.went, desk.task(made))
    assert [(kind, address) for kind, address, _ in desk.letters("referral_news")] == [("referral_news", OWNER)]
    assert desk.told() == ["attended"]
