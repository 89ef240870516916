from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from finder.accounts import people, tokens
from finder.accounts.models import Token
from finder.catalog.models import DELETED, WITHHELD
from finder.db import Database
from finder.errors import Conflict, Forbidden, Invalid, NotFound
from finder.listings import changes, one_tap, review, tags
from finder.listings.changes import Listing
from finder.listings.models import Claim, Proposal
from finder.listings.review import ACCEPT, LATER, REJECT, Outcome, Sender, Trust
from finder.listings.writing import Author
from finder.outbox import Message
from tests.listings.database import NOW, make_database

CONTACT = {"phone": "919-555-0142", "email": "joy@example.org"}
NEW_PHONE = {"phone": "919-555-0146", "email": "joy@example.org"}
VISITOR = Sender(Trust.ANYBODY, reply_to="visitor@example.org", locale="es")


def listing(**more: Any) -> dict[str, Any]:
    return {"format": "finder-listing/1", "id": "g1", "name": "River Circle", "group_type": "peer_support",
            "contact": CONTACT, **more}


class Desk:
    """A published listing, its editor Joy and the stewards Sam and Kim."""

    def __init__(self, folder: Path) -> None:
        self.database: Database = make_database(folder)
        with self.database.transaction() as session:
            self.joy, self.sam, self.kim = (people.find_or_make(session, f"{name}@desk.example.org", now=NOW).id
                                            for name in ("joy", "sam", "kim"))
            self.id = changes.add(session, listing(source={"name": "A feed"}), author=Author("seed"), now=NOW).id
        self.editor = Sender(Trust.EDITOR, self.joy)
        self.steward = Sender(Trust.STEWARD, self.sam)
        self.as_sam = Author("steward:2", self.sam)

    def see(self) -> Listing:
        with self.database.reading() as session:
            return changes.find(session, self.id)

    def propose(self, sender: Sender, *, base: int | None = None, note: str | None = None, country: str = "US",
                **fields: Any) -> Outcome:
        there = self.see()
        document = {key: one for key, one in {**there.document, **fields}.items() if one is not None}
        with self.database.transaction() as session:
            return review.propose(session, self.id, document, base=base or there.version, sender=sender, now=NOW,
                                  note=note, country=country)

    def decide(self, key: uuid.UUID | None, choices: dict[str, str], *, author: Author | None = None,
               reason: str | None = None, base: int | None = None, later: int = 0) -> Proposal:
        assert key is not None
        with self.database.transaction() as session:
            return review.decide(session, key, choices, author=author or self.as_sam, reason=reason, base=base,
                                 now=NOW + timedelta(hours=later))

    def proposal(self, key: uuid.UUID | None) -> Proposal:
        assert key is not None
        with self.database.reading() as session:
            return review.find(session, key)

    def letters(self, kind: str = "decision") -> list[Message]:
        with self.database.reading() as session:
            return list(session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id)))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


# -- what counts at once ---------------------------------------------------------------------------------------------


def test_a_stewards_word_counts_at_once(desk: Desk) -> None:
    outcome = desk.propose(desk.steward, contact=NEW_PHONE)
    assert (outcome.waiting, desk.see().document["contact"]) == (None, NEW_PHONE)


def test_Y4_an_editors_word_counts_at_once_but_for_what_could_do_harm(desk: Desk) -> None:
    outcome = desk.propose(desk.editor, contact={**NEW_PHONE, "note": "Ring twice."}, led_by="peer")
    assert outcome.fields == ("contact.phone",)
    assert desk.see().document["contact"] == {**CONTACT, "note": "Ring twice."}
    assert desk.see().document["led_by"] == "peer"


@pytest.mark.parametrize("state", [WITHHELD, DELETED])
def test_Y4_an_editors_phone_waits_also_where_the_listing_is_hidden_and_could_come_back(desk: Desk, state: str) -> None:
    with desk.database.transaction() as session:
        changes.change(session, desk.id, base=1, author=Author("seed"), now=NOW, state=state)
    assert desk.propose(desk.editor, contact=NEW_PHONE).fields == ("contact.phone",)
    assert desk.see().document["contact"] == CONTACT


def test_Y4_Y5_of_anybody_else_all_waits(desk: Desk) -> None:
    outcome = desk.propose(VISITOR, name="Creek Circle", contact=NEW_PHONE)
    assert outcome.fields == ("name", "contact.phone")
    assert desk.see().version == 1
    assert desk.proposal(outcome.waiting).kind == "suggestion"


def test_where_a_listing_comes_from_is_a_stewards_to_say(desk: Desk) -> None:
    desk.propose(desk.editor, name="Creek Circle", source={"name": "Me"})
    assert desk.see().document["source"] == {"name": "A feed"}
    desk.propose(desk.steward, source={"name": "Them"})
    assert desk.see().document["source"] == {"name": "Them"}


def test_a_proposal_from_an_older_version_is_refused(desk: Desk) -> None:
    desk.propose(desk.steward, name="Creek Circle")
    with pytest.raises(Conflict) as late:
        desk.propose(desk.editor, base=1, name="Other")
    assert late.value.values == {"version": 2}


@pytest.mark.parametrize(("fields", "name"), [
    ({"contact": {"phone": "900-555-0142"}}, "contact.phone"),
    ({"organization": {"name": "Open Door", "phone": "+44 20 7946 0000"}}, "organization.phone"),
    ({"sessions": [{"format": "phone", "anytime": True, "dial_in": "1-900-555-0142"}]}, "sessions.0.dial_in"),
], ids=["contact", "organization", "dial in"])
@pytest.mark.parametrize("who", ["steward", "editor"])
def test_Y4_numbers_that_cost_or_ring_abroad_are_refused_whoever_writes_them(desk: Desk, who: str, name: str,
                                                                         fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as wrong:
        desk.propose(getattr(desk, who), **fields)
    assert set(wrong.value.errors) == {name}
    assert desk.propose(getattr(desk, who), country="GB", **fields)


def test_a_second_proposal_takes_the_place_of_the_same_pieces_and_leaves_others_waiting(desk: Desk) -> None:
    first = desk.propose(desk.editor, contact={**NEW_PHONE, "url": "https://example.org/"})
    second = desk.propose(desk.editor, contact={**CONTACT, "phone": "919-555-0147"})
    assert desk.proposal(first.waiting).fields == ["contact.url"]
    third = desk.propose(desk.editor, contact={**CONTACT, "url": "https://example.org/new"})
    assert desk.proposal(first.waiting).state == "withdrawn"
    with desk.database.reading() as session:
        assert [one.id for one in review.of_listing(session, desk.id)] == [second.waiting, third.waiting]


def test_Y4_the_old_contact_is_told_of_what_an_editor_would_change(desk: Desk) -> None:
    desk.propose(desk.editor, contact={**NEW_PHONE, "email": "new@example.org"})
    (letter,) = desk.letters("contact_change")
    assert (letter.address, letter.facts["fields"]) == ("joy@example.org", ["contact.email", "contact.phone"])


@pytest.mark.parametrize(("hours", "may_agree"), [(1, False), (71, False), (73, True)])
def test_of_an_editor_who_came_by_a_claim_lately_only_a_steward_can_say_yes(desk: Desk, hours: int,
                                                                            may_agree: bool) -> None:
    at = (NOW - timedelta(hours=hours)).replace(tzinfo=None)
    with desk.database.transaction() as session:
        session.add(Claim(program_id=desk.id, account_id=desk.joy, method="contact", state="approved", made_at=at,
                          decided_at=at))
    waiting = desk.propose(desk.editor, contact=NEW_PHONE).waiting
    (letter,) = desk.letters("contact_change")
    with desk.database.transaction() as session:
        if not may_agree:
            with pytest.raises(Conflict):
                one_tap.agree(session, letter.facts["link"], now=NOW)
            one_tap.refuse(session, letter.facts["link"], words="Not us.", now=NOW)
        else:
            one_tap.agree(session, letter.facts["link"], now=NOW)
    assert desk.proposal(waiting).state == ("accepted" if may_agree else "rejected")


def test_only_words_that_a_steward_has_set_are_tags(desk: Desk) -> None:
    with pytest.raises(Invalid) as wrong:
        desk.propose(desk.editor, x={"tags": ["made_up"]})
    assert list(wrong.value.errors) == ["x.tags"]
    with desk.database.transaction() as session:
        tags.add(session, "by_bus", {"en": "On the bus line"}, ())
    now = desk.propose(desk.editor, x={"tags": ["by_bus"]}).listing
    assert now is not None
    assert now.document["x"] == {"tags": ["by_bus"]}


def test_Y5_a_new_listing_waits_but_for_a_stewards(desk: Desk) -> None:
    with desk.database.transaction() as session:
        kept = review.propose_new(session, listing(id="x"), sender=VISITOR, now=NOW)
        added = review.propose_new(session, listing(id="y", name="Creek"), sender=desk.steward, now=NOW)
    assert kept.listing is None
    assert kept.waiting is not None
    assert added.waiting is None
    assert added.listing is not None
    assert added.listing.document["name"] == "Creek"


# -- deciding --------------------------------------------------------------------------------------------------------


def test_accepted_pieces_are_shown_rejected_ones_are_not_and_what_waits_waits(desk: Desk) -> None:
    key = desk.propose(VISITOR, name="Creek Circle", led_by="peer", contact=NEW_PHONE).waiting
    proposal = desk.decide(key, {"name": ACCEPT, "contact.phone": REJECT, "led_by": LATER}, reason="Nobody answered.")
    assert (proposal.state, proposal.fields) == ("waiting", ["led_by"])
    assert (desk.see().document["name"], desk.see().document["contact"]) == ("Creek Circle", CONTACT)
    assert desk.letters() == []
    proposal = desk.decide(key, {"led_by": ACCEPT})
    assert proposal.state == "partly"
    (letter,) = desk.letters()
    assert letter.facts["accepted"] == ["name", "led_by"]
    assert (letter.facts["rejected"], letter.facts["reason"]) == (["contact.phone"], "Nobody answered.")
    assert (letter.address, letter.locale) == ("visitor@example.org", "es")


def test_history_tells_a_review_from_an_edit(desk: Desk) -> None:
    desk.decide(desk.propose(VISITOR, name="Creek Circle", note="They moved.").waiting, {"": ACCEPT})
    with desk.database.reading() as session:
        newest = changes.history(session, desk.id)[0]
    assert (newest.kind, newest.account_id, newest.reason) == ("reviewed", desk.sam, "They moved.")


def test_what_changed_beside_the_proposal_stays(desk: Desk) -> None:
    key = desk.propose(VISITOR, contact=NEW_PHONE).waiting
    desk.propose(desk.steward, contact={**CONTACT, "note": "Ring twice."}, name="Creek Circle")
    desk.decide(key, {"": ACCEPT})
    assert desk.see().document["contact"] == {**NEW_PHONE, "note": "Ring twice."}
    assert desk.see().document["name"] == "Creek Circle"


@pytest.mark.parametrize("choice", [ACCEPT, REJECT])
def test_C1_a_decision_about_an_older_listing_is_refused(desk: Desk, choice: str) -> None:
    key = desk.propose(VISITOR, name="Creek Circle").waiting
    desk.propose(desk.steward, led_by="peer")
    with pytest.raises(Conflict, match="stale"):
        desk.decide(key, {"": choice}, base=1, reason="No.")
    assert desk.proposal(key).state == "waiting"


def test_deciding_twice_is_refused(desk: Desk) -> None:
    key = desk.propose(VISITOR, name="Creek Circle").waiting
    desk.decide(key, {"": ACCEPT})
    with pytest.raises(Conflict, match="decided"):
        desk.decide(key, {"": ACCEPT})
    assert len(desk.letters()) == 1


def test_Y4_nobody_decides_about_their_own_proposal(desk: Desk) -> None:
    key = desk.propose(desk.editor, contact=NEW_PHONE).waiting
    with pytest.raises(Forbidden, match="own_proposal"):
        desk.decide(key, {"": ACCEPT}, author=Author("operator:1", desk.joy))
    assert desk.see().document["contact"] == CONTACT


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_rejection_needs_a_reason(desk: Desk, reason: str | None) -> None:
    key = desk.propose(VISITOR, name="Creek Circle").waiting
    with pytest.raises(Invalid) as wrong:
        desk.decide(key, {"": REJECT}, reason=reason)
    assert set(wrong.value.errors) == {"reason"}


def test_leaving_all_for_later_decides_nothing(desk: Desk) -> None:
    key = desk.propose(VISITOR, name="Creek Circle").waiting
    proposal = desk.decide(key, {"name": LATER}, reason="Soon.")
    assert (proposal.state, proposal.decided_at, proposal.reason) == ("waiting", None, None)


def test_pieces_that_do_not_fit_together_are_refused_by_field(desk: Desk) -> None:
    key = desk.propose(VISITOR, organization={"name": "Open Door", "phone": "919-555-0100"}).waiting
    with pytest.raises(Invalid) as wrong:
        desk.decide(key, {"organization.phone": ACCEPT})
    assert "organization.name" in wrong.value.errors
    assert desk.proposal(key).state == "waiting"


def new_one(desk: Desk, sender: Sender = VISITOR) -> uuid.UUID:
    with desk.database.transaction() as session:
        key = review.propose_new(session, listing(name="Creek", led_by="peer"), sender=sender, now=NOW).waiting
    assert key is not None
    return key


def test_a_new_listing_is_published_when_it_is_accepted_and_not_when_it_is_rejected(desk: Desk) -> None:
    accepted = desk.decide(new_one(desk), {"": ACCEPT})
    rejected = desk.decide(new_one(desk), {"": REJECT}, reason="Not a group.")
    assert accepted.program_id is not None
    assert rejected.program_id is None
    with desk.database.reading() as session:
        assert changes.find(session, accepted.program_id).document["led_by"] == "peer"
    assert [one.facts["state"] for one in desk.letters()] == ["accepted", "rejected"]


def test_a_new_listing_can_be_accepted_in_two_steps(desk: Desk) -> None:
    key = new_one(desk)
    first = desk.decide(key, {"": ACCEPT, "contact.phone": LATER})
    assert first.program_id is not None
    with desk.database.reading() as session:
        assert changes.find(session, first.program_id).document["contact"] == {"email": "joy@example.org"}
    desk.decide(key, {"": ACCEPT})
    with desk.database.reading() as session:
        assert changes.find(session, first.program_id).document["contact"] == CONTACT


# -- the contact's yes, appeals, taking back -------------------------------------------------------------------------


def test_Y4_the_old_contacts_yes_is_enough(desk: Desk) -> None:
    key = desk.propose(desk.editor, contact=NEW_PHONE).waiting
    assert key is not None
    with desk.database.transaction() as session:
        assert review.agree(session, key, now=NOW).document["contact"] == NEW_PHONE
    with pytest.raises(Conflict, match="decided"), desk.database.transaction() as session:
        review.agree(session, key, now=NOW)


def appeal(desk: Desk, key: uuid.UUID | None, words: str = "It is right.", later: int = 1) -> None:
    assert key is not None
    with desk.database.transaction() as session:
        review.appeal(session, key, words, now=NOW + timedelta(hours=later))


def test_an_appeal_opens_the_rejected_pieces_once_and_is_answered(desk: Desk) -> None:
    key = desk.propose(VISITOR, name="Creek Circle", led_by="peer").waiting
    desk.decide(key, {"name": REJECT, "led_by": ACCEPT}, reason="Not its name.")
    assert "link" in desk.letters()[0].facts
    appeal(desk, key)
    proposal = desk.proposal(key)
    assert (proposal.state, proposal.fields) == ("waiting", ["name"])
    assert (proposal.appeal, proposal.reason) == ("It is right.", "Not its name.")
    desk.decide(key, {"name": REJECT}, reason="We called. It is not.", later=2)
    assert desk.proposal(key).reason == "We called. It is not."
    answer = desk.letters()[1]
    assert answer.address == "visitor@example.org"
    assert "link" not in answer.facts
    with pytest.raises(Conflict, match="appealed"):
        appeal(desk, key)


def test_an_appeal_says_something(desk: Desk) -> None:
    key = desk.propose(VISITOR, name="Creek Circle").waiting
    desk.decide(key, {"": REJECT}, reason="No.")
    with pytest.raises(Invalid):
        appeal(desk, key, "  ")


def test_only_a_rejection_can_be_appealed(desk: Desk) -> None:
    key = desk.propose(VISITOR, name="Creek Circle").waiting
    with pytest.raises(Conflict, match="appealed"):
        appeal(desk, key)
    desk.decide(key, {"": ACCEPT})
    with pytest.raises(Conflict, match="appealed"):
        appeal(desk, key)


def test_an_address_goes_with_the_answer_unless_an_appeal_is_possible(desk: Desk) -> None:
    accepted = desk.propose(VISITOR, led_by="peer").waiting
    desk.decide(accepted, {"": ACCEPT})
    assert desk.proposal(accepted).reply_to is None
    rejected = desk.propose(VISITOR, name="Creek Circle").waiting
    desk.decide(rejected, {"": REJECT}, reason="No.")
    assert desk.proposal(rejected).reply_to == "visitor@example.org"
    appeal(desk, rejected)
    desk.decide(rejected, {"": REJECT}, reason="Still no.", later=2)
    assert desk.proposal(rejected).reply_to is None


def test_the_link_of_a_rejection_leads_to_that_proposal(desk: Desk) -> None:
    key = desk.propose(VISITOR, name="Creek Circle").waiting
    desk.decide(key, {"": REJECT}, reason="No.")
    with desk.database.reading() as session:
        assert tokens.look(session, desk.letters()[0].facts["link"], "reply", now=NOW).subject == str(key)
        assert session.scalars(select(Token.purpose)).all() == ["reply"]


def test_people_take_back_their_own_and_nobody_elses(desk: Desk) -> None:
    key = desk.propose(desk.editor, contact=NEW_PHONE).waiting
    assert key is not None
    with pytest.raises(NotFound), desk.database.transaction() as session:
        review.withdraw(session, key, account_id=desk.sam, now=NOW)
    with desk.database.transaction() as session:
        review.withdraw(session, key, account_id=desk.joy, now=NOW)
    with pytest.raises(Conflict, match="decided"):
        desk.decide(key, {"": ACCEPT})


@pytest.mark.parametrize("key", ["", "nothing", "0" * 32, str(uuid.UUID(int=5))])
def test_a_proposal_that_is_not_there_is_not_found(desk: Desk, key: str) -> None:
    with desk.database.reading() as session, pytest.raises(NotFound):
        review.find(session, key)
    with pytest.raises(NotFound):
        desk.decide(uuid.UUID(int=5), {"": ACCEPT})
