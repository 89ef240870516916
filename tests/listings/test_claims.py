from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from finder.accounts import editors, entering, people, sign_ins
from finder.accounts.models import Grant, Token
from finder.accounts.permissions import Role, Scope
from finder.catalog.models import DELETED, Program
from finder.db import Database
from finder.errors import Conflict, FinderError, Forbidden, Invalid, NotFound, TooOften
from finder.listings import changes, claim_queue, claim_ways, claims, one_tap, review
from finder.listings.claims import MOVES, State
from finder.listings.models import Claim
from finder.listings.writing import Author
from finder.outbox import Message
from tests.listings.database import NOW, make_database, take

DOCUMENT = {"format": "finder-listing/1", "id": "g1", "name": "Lantern Circle", "group_type": "peer_support",
            "contact": {"email": "hello@lantern.example", "phone": "919-555-0142"},
            "organization": {"name": "Lantern", "url": "https://www.lantern.example/us"}}
BARE = {"format": "finder-listing/1", "id": "g2", "name": "Bare Circle", "group_type": "peer_support"}


class Desk:
    """One database with accounts, and the deeds of claiming in transactions of their own."""

    def __init__(self, database: Database):
        self.database = database
        take(database, [DOCUMENT, BARE])
        with database.transaction() as session:
            self.program, self.bare = (session.scalars(select(Program.id).where(Program.name == one)).one()
                                       for one in ("Lantern Circle", "Bare Circle"))
            self.ids = {name: people.find_or_make(session, f"{name}@example.org", now=NOW).id
                        for name in ("joy", "kim")}
            self.ids["lee"] = people.find_or_make(session, "lee@lantern.example", now=NOW).id
            self.steward = Author("steward:9", people.find_or_make(session, "s@example.org", now=NOW).id)

    def actor(self, session, name):
        secret = sign_ins.begin(session, self.ids[name], now=NOW)
        return sign_ins.find(session, secret, now=NOW).actor

    def start(self, name, method="contact", note="Ask for me", program=None, now=NOW):
        with self.database.transaction() as session:
            return claims.start(session, program or self.program, self.actor(session, name), method, now=now,
                                note=note).id

    def do(self, deed, key, now=NOW, **how):
        with self.database.transaction() as session:
            deed(session, claims.find(session, key), now=now, **how)

    def decide(self, key, accept, now=NOW, author=None, **how):
        with self.database.transaction() as session:
            claims.decide(session, claims.find(session, key), accept, author=author or self.steward, now=now,
                          **({} if accept else {"reason": "No"}) | how)

    def press(self, secret, now=NOW):
        with self.database.transaction() as session:
            return claims.confirm(session, secret, now=now)

    def object(self, secret, purpose="claim_object", now=NOW):
        with self.database.transaction() as session:
            return claims.objects(session, secret, purpose, now=now)

    def letters(self, kind, address=None):
        with self.database.reading() as session:
            return [(one.address, dict(one.facts)) for one in session.scalars(
                select(Message).where(Message.kind == kind).order_by(Message.id))
                if address is None or one.address == address]

    def link(self, kind="claim", address=None):
        return self.letters(kind, address)[-1][1]["link"]

    def state(self, key, now=NOW):
        with self.database.reading() as session:
            return claims.stands(claims.find(session, key), now=now)

    def editors(self):
        with self.database.reading() as session:
            return {one.email.partition("@")[0]
                    for one in people.with_grant(session, Role.OPERATOR, Scope.PROGRAM, str(self.program))}


@pytest.fixture
def desk(tmp_path):
    return Desk(make_database(tmp_path))


# -- the ways --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("email", "domain"), [
    ("lee@lantern.example", "lantern.example"), ("LEE@Lantern.example", "lantern.example"),
    ("lee@mail.lantern.example", "mail.lantern.example"), ("lee@lantern.example.org", ""),
    ("lee@notlantern.example", ""), ("lee@example", "example"), ("lee@gmail.com", ""), ("nobody", "")],
    ids=["own", "capitals", "a part of it", "longer", "another", "above it", "public", "none"])
def test_A9_an_address_at_the_organizations_own_domain_is_told_from_others(email, domain):
    assert claim_ways.own_domain(DOCUMENT, email) == domain


@pytest.mark.parametrize("contact", [{"email": "circle@gmail.com"}, {"url": "https://sites.google.com/view/us"},
                                     {"url": "https://circle.wordpress.com"}, {"url": "tel:+1919"}, {}])
def test_mail_and_pages_that_anybody_can_have_prove_nothing(contact):
    document = BARE | {"contact": contact}
    for email in ("joy@gmail.com", "joy@google.com", "joy@wordpress.com"):
        assert claim_ways.own_domain(document, email) == ""


# -- by the listing's own contact ------------------------------------------------------------------------------------


def test_A9_the_letter_goes_to_the_address_in_the_listing_and_its_button_gives_the_right(desk):
    key = desk.start("joy")
    assert [address for address, _ in desk.letters("claim")] == ["hello@lantern.example"]
    assert desk.editors() == set()
    assert desk.press(desk.link()) == State.APPROVED
    assert desk.editors() == {"joy"}
    assert desk.state(key) == State.APPROVED
    assert [facts["state"] for _, facts in desk.letters("claim_decided", "joy@example.org")] == ["approved"]
    with desk.database.reading() as session:
        assert session.scalars(select(Grant)).one().given_by == f"claim:{key}"


def test_A9_the_link_works_once_and_says_again_what_it_did(desk):
    desk.start("joy")
    link = desk.link()
    assert [desk.press(link), desk.press(link)] == [State.APPROVED, State.APPROVED]
    with desk.database.transaction() as session:
        people.take(session, desk.ids["joy"], Role.OPERATOR, scope=Scope.PROGRAM, value=str(desk.program))
    desk.press(link)
    assert desk.editors() == set()


def test_A9_the_link_runs_out_after_a_day(desk):
    key = desk.start("joy")
    late = NOW + timedelta(hours=24)
    assert desk.state(key, late - timedelta(seconds=1)) == State.MAIL_SENT
    assert desk.state(key, late) == State.EXPIRED
    with pytest.raises(Conflict):
        desk.press(desk.link(), late)
    assert desk.editors() == set()
    with desk.database.transaction() as session:
        assert claims.expire(session, now=late) == 1
    assert desk.start("joy", now=late + timedelta(seconds=1)) != key


def test_a_link_that_never_was_is_not_found(desk):
    for deed in (desk.press, desk.object):
        with pytest.raises(NotFound):
            deed("made-up")
    desk.start("joy")
    with pytest.raises(NotFound):
        desk.object(desk.link(), "claim_object")  # a letter's link does only what its letter says


@pytest.mark.parametrize("state", [DELETED, "withheld"])
def test_nobody_claims_a_listing_that_visitors_do_not_see(desk, state):
    desk.start("kim")
    with desk.database.transaction() as session:
        changes.change(session, desk.program, base=1, author=desk.steward, now=NOW, state=state)
    with pytest.raises(NotFound):
        desk.start("joy")
    with pytest.raises(NotFound):
        desk.press(desk.link())


def test_a_listing_without_an_address_offers_no_letter(desk):
    for method in ("contact", "domain", "nonsense"):
        with pytest.raises(Invalid):
            desk.start("joy", method, program=desk.bare)
    desk.start("joy", "steward", program=desk.bare)
    assert desk.letters("claim") == desk.letters("claim_told") == []


def test_somebody_claims_a_listing_once_at_a_time_and_not_when_it_is_theirs(desk):
    desk.start("joy")
    with pytest.raises(Conflict) as twice:
        desk.start("joy", "steward")
    assert twice.value.code == "claimed"
    desk.press(desk.link())
    with pytest.raises(Conflict) as theirs:
        desk.start("joy")
    assert theirs.value.code == "yours"


def test_a_contact_gets_three_letters_a_day_at_most(desk):
    with desk.database.transaction() as session:
        names = [f"p{number}" for number in range(4)]
        desk.ids |= {name: people.find_or_make(session, f"{name}@example.org", now=NOW).id for name in names}
    for name in names[:3]:
        desk.start(name)
    with pytest.raises(TooOften):
        desk.start(names[3])
    assert len(desk.letters("claim")) == 3
    desk.start(names[3], "steward")


# -- by a steward ----------------------------------------------------------------------------------------------------


def test_A9_an_address_at_the_organization_waits_for_a_stewards_yes(desk):
    key = desk.start("lee", "domain")
    assert desk.state(key) == State.WAITING
    assert desk.editors() == set()
    assert [address for address, _ in desk.letters("claim_told")] == ["hello@lantern.example"]
    desk.decide(key, True)
    assert desk.editors() == {"lee"}
    with desk.database.reading() as session:
        assert claims.find(session, key).decided_by == desk.steward.account_id


def test_a_no_needs_a_reason_and_is_told(desk):
    key = desk.start("joy", "steward")
    with pytest.raises(Invalid):
        desk.decide(key, False, reason="  ")
    desk.decide(key, False, reason="Nobody there knows you.")
    assert desk.state(key) == State.REJECTED
    assert desk.letters("claim_decided")[-1][1]["reason"] == "Nobody there knows you."
    with pytest.raises(Conflict):
        desk.decide(key, True)


def test_A9_nobody_decides_their_own_claim(desk):
    key = desk.start("joy", "steward")
    with pytest.raises(Forbidden):
        desk.decide(key, True, author=Author("steward:1", desk.ids["joy"]))


def test_a_whole_organization_goes_through_a_steward_only(desk):
    key = desk.start("joy")
    desk.press(desk.link())
    with desk.database.reading() as session:
        assert {one.scope for one in session.scalars(select(Grant))} == {"program"}
    key = desk.start("lee", "domain")
    desk.decide(key, True, scope=Scope.ORGANIZATION)
    with desk.database.reading() as session:
        organization = changes.find(session, desk.program).organization_id
        grant = session.scalars(select(Grant).where(Grant.account_id == desk.ids["lee"])).one()
        assert (grant.scope, grant.value) == ("organization", str(organization))
    with pytest.raises(Invalid):
        desk.decide(desk.start("kim", "steward", program=desk.bare), True, scope=Scope.ORGANIZATION)


def test_a_claimant_can_hand_over_to_a_steward_or_take_it_back(desk):
    key = desk.start("joy")
    link = desk.link()
    with pytest.raises(Conflict):
        desk.do(claims.withdraw, key)
    desk.do(claims.ask_steward, key, note="Call me")
    with pytest.raises(NotFound):
        desk.press(link)
    assert desk.state(key) == State.WAITING
    desk.do(claims.withdraw, key)
    assert desk.state(key) == State.WITHDRAWN
    with pytest.raises(Conflict):
        desk.decide(key, True)


def test_the_queue_shows_disputed_claims_first(desk):
    first = desk.start("joy", "steward")
    second = desk.start("lee", "domain", now=NOW + timedelta(hours=1))
    desk.object(desk.link("claim_told"))
    with desk.database.reading() as session:
        shown = claim_queue.waiting(session, now=NOW)
    assert [(one.id, one.state) for one in shown] == [(second, State.DISPUTED), (first, State.WAITING)]
    assert (shown[0].domain, shown[0].siblings, shown[1].domain) == ("lantern.example", 1, "")


# -- objections ------------------------------------------------------------------------------------------------------


def test_the_contact_and_every_editor_are_told_and_can_object(desk):
    desk.start("joy")
    desk.press(desk.link())
    desk.start("kim")
    desk.press(desk.link())
    told = {address for address, facts in desk.letters("claim_told") if facts["person"] == "kim@example.org"}
    assert told == {"hello@lantern.example", "joy@example.org"}
    assert desk.object(desk.link("claim_told", "joy@example.org")) == State.DISPUTED
    assert desk.editors() == {"joy"}


def test_A9_an_objection_takes_the_right_away_until_a_steward_gives_it_back(desk):
    key = desk.start("joy")
    desk.press(desk.link())
    link = desk.link("claim_told")
    desk.object(link)
    assert (desk.state(key), desk.editors()) == (State.DISPUTED, set())
    assert desk.object(link) == State.DISPUTED
    desk.decide(key, True)
    assert (desk.state(key), desk.editors()) == (State.APPROVED, {"joy"})


def test_A9_while_somebody_objects_no_letter_gives_a_right(desk):
    desk.start("joy")
    desk.start("kim")
    joy, kim = (facts["link"] for _, facts in desk.letters("claim"))
    desk.object(joy, "claim")
    with pytest.raises(NotFound):
        desk.press(joy + "x")
    assert desk.press(joy) == State.DISPUTED
    assert desk.press(kim) == State.WAITING
    assert desk.editors() == set()


def test_A9_Y4_a_new_editor_cannot_let_their_own_contact_confirm_itself(desk):
    desk.start("joy")
    desk.press(desk.link())
    with desk.database.transaction() as session:
        there = changes.find(session, desk.program)
        wanted = there.document | {"contact": {"email": "joy@example.org", "phone": "919-555-0199"}}
        outcome = review.propose(session, desk.program, wanted, base=there.version, now=NOW,
                                 sender=review.Sender(review.Trust.EDITOR, desk.ids["joy"]))
        assert outcome.listing.document["contact"] == DOCUMENT["contact"]
    ((address, facts),) = desk.letters("contact_change")
    assert address == DOCUMENT["contact"]["email"]
    with desk.database.transaction() as session, pytest.raises(Conflict):
        one_tap.agree(session, facts["link"], now=NOW)


def invite(desk, name, by):
    """Somebody with the right to edit invites another one; gives the secret of the letter's link."""
    with desk.database.transaction() as session:
        editors.invite(session, f"{name}@example.org", editors.grant_for(Scope.PROGRAM, str(desk.program)),
                       by=f"operator:{desk.ids[by]}", account_id=desk.ids[by], now=NOW)
    return desk.link("invite", f"{name}@example.org")


def accept(desk, link):
    with desk.database.transaction() as session:
        entering.use(session, link, now=NOW)


def test_A9_an_objection_also_takes_the_right_from_everybody_whom_the_claimant_let_in(desk):
    desk.start("joy")
    desk.press(desk.link())
    objection = desk.link("claim_told")
    accept(desk, invite(desk, "kim", by="joy"))
    accept(desk, invite(desk, "lou", by="kim"))
    open_one = invite(desk, "max", by="kim")
    assert desk.editors() == {"joy", "kim", "lou"}
    desk.object(objection)
    assert desk.editors() == set()
    with pytest.raises(NotFound):
        accept(desk, open_one)
    assert desk.letters("security_notice", "lou@example.org")[-1][1]["what"] == "role_taken"


def test_whoever_edits_all_of_the_organization_is_told_as_well(desk):
    with desk.database.transaction() as session:
        there = changes.find(session, desk.program)
        people.give(session, desk.ids["kim"], Role.OPERATOR, by="a test", now=NOW, scope=Scope.ORGANIZATION,
                    value=str(there.organization_id))
    desk.start("joy")
    desk.press(desk.link())
    assert "kim@example.org" in {address for address, _ in desk.letters("claim_told")}


def test_A9_no_way_leads_out_of_a_claim_that_is_settled_but_for_an_objection_to_a_yes():
    assert [state for state in State if not MOVES[state]] == [State.REJECTED, State.EXPIRED, State.WITHDRAWN]
    assert MOVES[State.APPROVED] == {State.DISPUTED}
    assert {one for many in MOVES.values() for one in many} <= set(State)


# -- any order of deeds ----------------------------------------------------------------------------------------------


class Claiming(RuleBasedStateMachine):
    """Two strangers and one with the organization's mail claim a listing in any order of deeds."""

    people = st.sampled_from(["joy", "kim", "lee"])

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.desk, self.now = Desk(make_database(Path(self.folder.name))), NOW

    def teardown(self):
        self.desk.database.close()
        self.folder.cleanup()

    def _claims(self):
        with self.desk.database.reading() as session:
            return list(session.scalars(select(Claim.id).order_by(Claim.made_at, Claim.id)))

    def _attempt(self, deed, *values, **how):
        try:
            deed(*values, now=self.now, **how)
        except FinderError:
            pass

    @rule(name=people, method=st.sampled_from(["contact", "domain", "steward"]))
    def start(self, name, method):
        self._attempt(self.desk.start, name, method)

    @precondition(lambda self: self.desk.letters("claim"))
    @rule(data=st.data(), yes=st.booleans())
    def answer_the_letter(self, data, yes):
        _, facts = data.draw(st.sampled_from(self.desk.letters("claim")))
        if yes:
            self._attempt(self.desk.press, facts["link"])
        else:
            self._attempt(self.desk.object, facts["link"], "claim")

    @precondition(lambda self: self.desk.letters("claim_told"))
    @rule(data=st.data())
    def object(self, data):
        _, facts = data.draw(st.sampled_from(self.desk.letters("claim_told")))
        self._attempt(self.desk.object, facts["link"])

    @precondition(lambda self: self._claims())
    @rule(data=st.data(), accept=st.booleans())
    def decide(self, data, accept):
        self._attempt(self.desk.decide, data.draw(st.sampled_from(self._claims())), accept)

    @precondition(lambda self: self._claims())
    @rule(data=st.data(), back=st.booleans())
    def change_of_mind(self, data, back):
        key = data.draw(st.sampled_from(self._claims()))
        if back:
            self._attempt(self.desk.do, claims.withdraw, key)
        else:
            self._attempt(self.desk.do, claims.ask_steward, key, note="Call me")

    @rule(hours=st.sampled_from([1, 12, 25]))
    def time_goes_by(self, hours):
        self.now += timedelta(hours=hours)

    @invariant()
    def a9_a_grant_appears_only_through_an_approved_claim(self):
        with self.desk.database.reading() as session:
            granted = {(one.account_id, one.given_by) for one in session.scalars(select(Grant))}
            approved = {(one.account_id, f"claim:{one.id}") for one in session.scalars(
                select(Claim).where(Claim.state == State.APPROVED))}
            assert granted == approved

    @invariant()
    def links_go_to_the_contact_and_the_editors_only(self):
        addresses = {address for address, _ in self.desk.letters("claim")}
        assert addresses <= {"hello@lantern.example"}
        told = {address for address, _ in self.desk.letters("claim_told")}
        assert told <= {"hello@lantern.example", "joy@example.org", "kim@example.org", "lee@lantern.example"}
        with self.desk.database.reading() as session:
            used = {one.result for one in session.scalars(select(Token).where(Token.used_at.is_not(None)))}
        assert used <= {State.APPROVED, State.WAITING, State.DISPUTED}


Claiming.TestCase.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
TestA9AGrantAppearsOnlyThroughAnApprovedClaim = Claiming.TestCase
