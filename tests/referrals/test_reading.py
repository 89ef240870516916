import uuid
from datetime import timedelta

import pytest
from sqlalchemy import event

from finder.catalog.models import WITHHELD
from finder.errors import NotFound
from finder.listings import changes
from finder.listings.writing import Author
from finder.referrals import moving, reading
from finder.referrals.moving import RECEIVER, By
from finder.referrals.states import Move, Who
from tests.listings.database import NOW
from tests.referrals.desk import Desk, day, later
from tests.referrals.samples import KEYS

TODAY = NOW.date()


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def next_best(desk, made):
    with desk.database.reading() as session:
        found = reading.next_best(session, reading.find(session, made.referral.key), today=TODAY)
    return [desk.programs.index(one) for one in found]


def refer(desk, *places, shortlist):
    return desk.refer(*places, shortlist=[str(desk.programs[one]) for one in shortlist])


def test_A1_a_referral_is_its_own_teams_and_nobodys_else(desk):
    key = desk.refer(0).referral.key
    with desk.database.reading() as session:
        own = reading.find(session, key).team_id
        assert reading.team_of(session, key, own) == own
        for team in (uuid.uuid4(), None):
            assert reading.team_of(session, key, team) == reading.NOBODYS
        assert reading.team_of(session, "A" * 22, own) == reading.NOBODYS


@pytest.mark.parametrize("key", ["A" * 22, "", "short", "\ud800" * 22, "A" * 21 + "\0", "A" * 2000],
                         ids=["like one", "empty", "short", "no text", "NUL", "long"])
def test_A2_a_wrong_key_finds_nothing(desk, key):
    desk.refer(0)
    with pytest.raises(NotFound) as refused, desk.database.reading() as session:
        reading.find(session, key)
    assert refused.value.code == "page"


def test_a_team_sees_its_own_what_changed_last_first_in_pages(desk):
    made = [desk.refer(0, now=NOW + timedelta(minutes=at)).referral.key for at in range(5)]
    desk.close(made[0], "other", now=later(1))
    with desk.database.reading() as session:
        def keys(**which):
            return [one.key for one in reading.of_team(session, desk.team, **which)]
        assert keys() == [made[0], *reversed(made[1:])]
        assert keys(most=2) == [made[0], made[4]]
        assert keys(most=2, after=made[4]) == [made[3], made[2]]
        assert keys(state="closed") == [made[0]]
        assert keys(state="open", after=made[2]) == [made[1]]
        assert list(reading.of_team(session, uuid.uuid4())) == []
        assert list(reading.of_team(session, uuid.uuid4(), after=made[0])) == []


def test_O3_who_looks_at_anothers_referral_is_noted_and_the_owner_is_not(desk):
    made = desk.refer(0)
    colleague = By(Who.SENDER, "provider:77", None)
    with desk.database.transaction() as session:
        referral = reading.find(session, made.referral.key)
        reading.looked(session, referral, desk.sender, now=NOW)
        reading.looked(session, referral, colleague, now=later(1), how="export")
        reading.looked(session, referral, RECEIVER, now=later(2), how="link", task=desk.task(made))
    with desk.database.reading() as session:
        reads = [one for one in reading.history(session, made.referral.key) if one.kind == "read"]
    assert [(one.who, one.facts, one.at) for one in reads] == [
        ("provider:77", {"how": "export"}, later(1).replace(tzinfo=None)),
        ("receiver", {"how": "link"}, later(2).replace(tzinfo=None))]


# -- what a program is told ------------------------------------------------------------------------------------------


def told(desk, made, place=0, now=NOW):
    with desk.database.reading() as session:
        return reading.told(session, moving.find(session, desk.task(made, place)), keys=KEYS, now=now)[1]


@pytest.mark.parametrize(("what", "names"), [
    ([], set()), (["needs"], {"needs"}), (["level"], {"level"}), (["reach"], {"hand_off"}),
    (["needs", "level", "reach"], {"needs", "level", "hand_off"})])
def test_a_program_is_told_what_its_consent_names_and_nothing_else(desk, what, names):
    made = desk.refer(0, needs=["grief"], suggested=2, hand_off={"way": "call"}, consent={"what": what})
    assert set(told(desk, made)) == names


def test_who_the_person_is_only_after_a_yes_and_only_while_the_consent_stands(desk):
    made = desk.refer(0, identity={"name": "Maria"}, consent={"what": ["identity"], "until": day(9).isoformat()})
    assert told(desk, made) == {}
    desk.do(desk.task(made), Move.ACCEPT, RECEIVER, first_on=day(3))
    assert told(desk, made) == {"identity": {"name": "Maria"}}
    assert told(desk, made, now=later(9)) == {"identity": {"name": "Maria"}}
    assert told(desk, made, now=later(10)) == {}


def test_a_program_whose_turn_has_not_come_is_told_nothing(desk):
    made = desk.refer(0, 1, needs=["grief"], consent={"what": ["needs"]})
    assert told(desk, made, 0) == {"needs": ["grief"]}
    assert told(desk, made, 1) == {}


# -- what may be asked next ------------------------------------------------------------------------------------------


def test_next_best_are_those_of_the_shortlist_that_were_not_asked_in_its_order(desk):
    made = refer(desk, 1, 3, shortlist=[4, 1, 2, 3, 0])
    assert next_best(desk, made) == [4, 2, 0]


def test_at_most_three_are_offered(desk):
    assert next_best(desk, refer(desk, 0, shortlist=[5, 4, 3, 2, 1])) == [5, 4, 3]


@pytest.mark.parametrize(("fields", "offered"), [
    ({"status": "paused"}, False), ({"status": "closed"}, False), ({"status": "open"}, True),
    ({"capacity": {"status": "full", "as_of": day(-90).isoformat()}}, False),
    ({"capacity": {"status": "full", "as_of": day(-91).isoformat()}}, True),
    ({"capacity": {"status": "waitlist", "wait_weeks": 3, "as_of": TODAY.isoformat()}}, True),
    ({"capacity": {"status": "open", "as_of": TODAY.isoformat()}}, True),
], ids=["paused", "closed", "open", "full", "full long ago", "waiting list", "room"])
def test_only_what_can_be_asked_now_is_offered(desk, fields, offered):
    made = refer(desk, 0, shortlist=[2, 1])
    desk.change(2, **{key: one for key, one in fields.items() if one != "open"})
    assert next_best(desk, made) == ([2, 1] if offered else [1])


def test_what_is_not_shown_any_more_is_not_offered(desk):
    made = refer(desk, 0, shortlist=[2, 1])
    with desk.database.transaction() as session:
        there = changes.find(session, desk.programs[2])
        changes.change(session, there.id, base=there.version, author=Author("a test"), now=NOW, state=WITHHELD)
    assert next_best(desk, made) == [1]


def test_an_id_that_never_was_is_passed_over(desk):
    made = desk.refer(0, shortlist=[str(uuid.uuid4()), str(desk.programs[1])])
    assert next_best(desk, made) == [1]


def test_what_cannot_be_a_key_never_reaches_the_database(desk):
    made, seen = desk.refer(0), list[str]()
    event.listen(desk.database.engine, "before_cursor_execute",
                 lambda *given: seen.append(str(given[3])))
    with desk.database.reading() as session:
        for one in ("a\0b", "\0" * 22, "ключ", "A" * 21 + "\u0661"):
            assert [each.key for each in reading.of_team(session, desk.team, after=one)] == [made.referral.key]
            for find in (reading.find, moving.find):
                with pytest.raises(NotFound):
                    find(session, one)
    assert seen
    assert not any("\\x00" in one or not one.isascii() for one in seen)
