import uuid

import pytest

from finder.catalog.models import WITHHELD
from finder.errors import Conflict, Invalid
from finder.listings import changes
from finder.listings.writing import Author
from finder.referrals import creating, draft, reading
from finder.referrals.models import Referral, ReferralTask
from finder.referrals.moving import RECEIVER
from finder.referrals.states import Move
from tests.listings.database import NOW
from tests.referrals.desk import CALLED, Desk
from tests.referrals.samples import KEYS, document

SAID = draft.consent(document([])["consent"], today=NOW.date())


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def ask_another(desk, made, place, consent=SAID):
    with desk.database.transaction() as session:
        return creating.ask_another(session, session.get_one(Referral, made.referral.key), desk.programs[place],
                                    consent, by=desk.sender, now=NOW).key


def problems(refused):
    return {path: [one.code for one in many] for path, many in refused.value.errors.items()}


def test_the_first_program_is_asked_and_the_others_wait_their_turn(desk):
    made = desk.refer(2, 0, 1)
    assert made.is_new
    assert desk.states(made) == ["sent", "planned", "planned"]
    assert [one.program_id for one in desk.tasks(made.referral.key)] == [desk.programs[one] for one in (2, 0, 1)]
    (letter,) = desk.letters()
    assert letter[:2] == ("referral", "group2@groups.example")
    assert set(letter[2]) == {"link", "team", "name"}
    assert desk.history(made.referral.key) == ["created", "consent", "consent", "consent", "send"]


def test_each_program_has_a_consent_of_its_own_that_names_it(desk):
    made = desk.refer(0, 1)
    found = [desk.consents(desk.task(made, one))[0] for one in (0, 1)]
    assert [one.recipient for one in found] == ["River Circle 0, River House", "River Circle 1, River House"]
    assert {(one.purpose, one.way, one.text, one.recorded_by) for one in found} == {
        ("join", "written", draft.CONSENT_TEXT, desk.account)}


def test_C4_the_same_key_gives_the_same_referral_and_tells_the_short_code_once(desk):
    first, again = desk.refer(0, once="k1"), desk.refer(0, once="k1")
    assert (again.is_new, again.short_code, again.referral.key) == (False, None, first.referral.key)
    assert first.short_code is not None
    assert len(desk.every(Referral)) == len(desk.every(ReferralTask)) == len(desk.letters()) == 1
    assert desk.refer(0, once="k2").is_new


@pytest.mark.parametrize("other", [{"code": "Z9-99"}, {"suggested": 2}, {"hand_off": {"way": "text"}},
                                   {"consent": {"what": ["reach"]}}],
                         ids=["another person", "another level", "another way", "another consent"])
def test_the_same_key_with_another_draft_makes_nothing_and_gives_nothing(desk, other):
    desk.refer(0, once="k1")
    with pytest.raises(Conflict) as refused:
        desk.refer(0, once="k1", **other)
    assert refused.value.code == "key_reused"
    assert len(desk.every(Referral)) == 1
    assert desk.refer(0, once="k2", **other).is_new


@pytest.mark.sqlite
def test_neither_the_key_nor_which_instruments_spoke_lies_open_in_the_database(desk):
    name, instrument = "Zqcanary-Quill", "phq9_item9"
    made = desk.refer(0, once=name, suggested=3, sources=["phq9", instrument])
    assert reading.sources(desk.referral(made.referral.key), keys=KEYS) == ["phq9", instrument]
    desk.database.empty_log()
    kept = b"".join(one.read_bytes() for one in desk.path.parent.glob("finder.db*"))
    assert name.encode() not in kept
    assert instrument.encode() not in kept


@pytest.mark.parametrize("once", ["a\x00b", "ключ", "\ud800"], ids=["nul", "cyrillic", "surrogate"])
def test_a_key_of_any_letters_can_be_kept(desk, once):
    assert desk.refer(0, once=once).is_new
    assert not desk.refer(0, once=once).is_new


@pytest.mark.parametrize(("once", "code"), [("", "required"), ("k" * 65, "too_long")])
def test_a_key_that_cannot_be_kept_is_refused(desk, once, code):
    with pytest.raises(Invalid) as refused, desk.database.transaction() as session:
        creating.create(session, desk.team, draft.load(document([desk.programs[0]]), today=NOW.date()),
                        by=desk.sender, once=once, keys=KEYS, now=NOW)
    assert problems(refused) == {"once": [code]}


def test_a_group_that_letters_do_not_reach_is_called(desk):
    made = desk.refer(CALLED)
    assert [(one.state, one.way) for one in desk.tasks(made.referral.key)] == [("sent", "phone")]
    assert desk.letters() == []


def test_what_is_not_listed_cannot_be_asked(desk):
    with pytest.raises(Invalid) as refused:
        desk.refer(0, programs=[str(uuid.uuid4())])
    assert problems(refused) == {"programs": ["not_listed"]}
    with desk.database.transaction() as session:
        there = changes.find(session, desk.programs[0])
        changes.change(session, there.id, base=there.version, author=Author("a test"), now=NOW, state=WITHHELD)
    with pytest.raises(Invalid) as refused:
        desk.refer(0)
    assert problems(refused) == {"programs": ["not_listed"]}
    assert desk.every(Referral) == []


def test_42_CFR_2_a_program_for_substance_use_needs_its_own_yes(desk):
    desk.change(0, focus=["alcohol"])
    with pytest.raises(Invalid) as refused:
        desk.refer(1, 0, consent={"substance": False})
    assert problems(refused) == {"consent.substance": ["consent_needed"]}
    assert desk.referral(desk.refer(1, 0).referral.key).substance
    assert not desk.referral(desk.refer(1).referral.key).substance


def test_what_tells_of_the_person_is_sealed(desk):
    made = desk.refer(0, needs=["grief"], identity={"name": "Maria"}, consent={"what": ["identity"]},
                      hand_off={"way": "call", "note": "Ring twice"})
    found = desk.referral(made.referral.key)
    assert KEYS.opened(found.about) == {"needs": ["grief"], "hand_off": {"way": "call", "note": "Ring twice"},
                                        "override": None, "sources": []}
    assert KEYS.opened(found.identity) == {"name": "Maria"}
    assert found.short_code == KEYS.code_hash(made.short_code)


def test_another_program_is_asked_after_a_no_at_once(desk):
    made = desk.refer(0)
    desk.do(desk.task(made), Move.DECLINE, RECEIVER, reason="full")
    key = ask_another(desk, made, 3)
    assert [(one.key, one.state, one.position) for one in desk.tasks(made.referral.key)][1] == (key, "sent", 1)
    assert desk.letters("referral")[-1][1] == "group3@groups.example"


def test_a_program_is_asked_once(desk):
    made = desk.refer(0, 1)
    with pytest.raises(Invalid) as refused:
        ask_another(desk, made, 1)
    assert problems(refused) == {"programs": ["twice"]}


def test_nobody_is_asked_for_a_closed_referral(desk):
    made = desk.refer(0)
    desk.close(made.referral.key, "other")
    with pytest.raises(Conflict) as refused:
        ask_another(desk, made, 1)
    assert refused.value.code == "closed"
    assert desk.states(made) == ["withdrawn"]


def test_another_program_for_substance_use_needs_its_own_yes_too(desk):
    made = desk.refer(0)
    desk.change(1, focus=["opioids"])
    with pytest.raises(Invalid) as refused:
        ask_another(desk, made, 1, SAID | {"substance": False})
    assert problems(refused) == {"consent.substance": ["consent_needed"]}
    ask_another(desk, made, 1)
    assert desk.referral(made.referral.key).substance


def test_a_free_code_is_none_of_an_open_referral(desk):
    with desk.database.reading() as session:
        codes = {creating.free_code(session, desk.team) for _ in range(20)}
    taken = codes.pop()
    desk.refer(0, code=taken)
    with desk.database.reading() as session:
        assert taken not in {creating.free_code(session, desk.team) for _ in range(200)}
