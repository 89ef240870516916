"""Whatever people do in whatever order: a phone, address, link or place of a published listing changes only by a
steward, by the old contact's yes, or by a decision of somebody who did not propose it."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from finder.accounts import people
from finder.catalog.models import DELETED, PUBLISHED
from finder.errors import FinderError
from finder.listings import changes, hiding, pieces, review
from finder.listings.changes import Listing
from finder.listings.models import Proposal
from finder.listings.review import Sender, Trust
from finder.listings.writing import Author
from tests.listings.database import NOW, make_database

PHONES = st.sampled_from(["919-555-0142", "919-555-0146", "919-555-0199"])
URLS = st.sampled_from([None, "https://example.org/", "https://example.com/"])
WORDS = st.sampled_from([None, "Tea is on.", "Call 828-555-0100.", "Write to me@example.net."])
HALLS = st.sampled_from(["Hall", "Cellar"])
DOCUMENTS = st.fixed_dictionaries({"phone": PHONES, "url": URLS, "words": WORDS, "hall": HALLS})
WHO = st.sampled_from(["joy", "ann", "visitor"])  # Joy and Ann edit the listing; Sam and Kim are stewards
CHOICES = st.sampled_from(["accept", "reject", "later"])


def document(facts: dict[str, Any]) -> dict[str, Any]:
    contact = {"phone": facts["phone"], "email": "joy@example.org"} | ({"url": facts["url"]} if facts["url"] else {})
    found = {"format": "finder-listing/1", "id": "g1", "name": "River Circle", "group_type": "peer_support",
             "sessions": [{"format": "in_person", "location": {"name": facts["hall"], "city": "Erie", "state": "PA"}}],
             "contact": contact}
    return found | ({"description": facts["words"]} if facts["words"] else {})


class Review(RuleBasedStateMachine):
    """One published listing, two editors, two stewards and a visitor."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.database = make_database(Path(self.folder.name))
        with self.database.transaction() as session:
            self.people = {name: people.find_or_make(session, f"{name}@desk.example.org", now=NOW).id
                           for name in ("joy", "ann", "sam", "kim")}
            first = document({"phone": "919-555-0142", "url": None, "words": None, "hall": "Hall"})
            self.id = changes.add(session, first, author=Author("seed"), now=NOW).id
        self.seen = self.see()
        self.allowed = True  # whether what was done last may have changed risky pieces

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            self.folder.cleanup()

    def see(self) -> Listing:
        with self.database.reading() as session:
            return changes.find(session, self.id)

    def proposals(self) -> list[Proposal]:
        with self.database.reading() as session:
            return review.of_listing(session, self.id)

    def sender(self, who: str) -> Sender:
        if who == "visitor":
            return Sender(Trust.ANYBODY, None, "visitor@example.org")
        return Sender(Trust.STEWARD if who in ("sam", "kim") else Trust.EDITOR, self.people[who])

    def deed(self, do: Any, *, allowed: bool) -> bool:
        """Does it in one transaction; refusals are answers too."""
        self.allowed = allowed
        try:
            with self.database.transaction() as session:
                do(session)
        except FinderError:
            return False
        return True

    @rule(who=WHO, facts=DOCUMENTS)
    def propose(self, who: str, facts: dict[str, Any]) -> None:
        base = self.see().version
        self.deed(lambda session: review.propose(session, self.id, document(facts), base=base,
                                                 sender=self.sender(who), now=NOW), allowed=False)

    @rule(facts=DOCUMENTS)
    def edit_as_steward(self, facts: dict[str, Any]) -> None:
        base = self.see().version
        self.deed(lambda session: review.propose(session, self.id, document(facts), base=base,
                                                 sender=self.sender("sam"), now=NOW), allowed=True)

    @rule(data=st.data(), who=st.sampled_from(["joy", "ann", "sam", "kim"]), choice=CHOICES)
    def decide(self, data: st.DataObject, who: str, choice: str) -> None:
        waiting = self.proposals()
        if not waiting:
            return
        proposal = data.draw(st.sampled_from(waiting))
        names = data.draw(st.sets(st.sampled_from(proposal.fields)))
        own = proposal.account_id == self.people[who]
        done = self.deed(lambda session: review.decide(
            session, proposal.id, dict.fromkeys(names, choice), author=Author(who, self.people[who]), now=NOW,
            reason="Because."), allowed=not own)
        assert not (own and done)

    @rule(data=st.data())
    def contact_agrees(self, data: st.DataObject) -> None:
        asked = [one for one in self.proposals() if one.kind == "edit"]  # only editors' changes are sent to the contact
        if asked:
            key = data.draw(st.sampled_from(asked)).id
            self.deed(lambda session: review.agree(session, key, now=NOW), allowed=True)

    @rule(data=st.data(), who=st.sampled_from(["joy", "ann"]))
    def withdraw(self, data: st.DataObject, who: str) -> None:
        waiting = self.proposals()
        if waiting:
            key = data.draw(st.sampled_from(waiting)).id
            self.deed(lambda session: review.withdraw(session, key, account_id=self.people[who], now=NOW),
                      allowed=False)

    @rule(key=st.uuids(), words=st.text(max_size=5))
    def appeal(self, key: uuid.UUID, words: str) -> None:
        with self.database.reading() as session:
            decided = [one.id for one in session.query(Proposal).where(Proposal.state.in_(("rejected", "partly")))]
        self.deed(lambda session: review.appeal(session, decided[0] if decided else key, words, now=NOW),
                  allowed=False)

    @rule()
    def editor_deletes(self) -> None:
        there = self.see()
        self.deed(lambda session: changes.delete(session, self.id, base=there.version,
                                                 author=Author("joy", self.people["joy"]), now=NOW), allowed=False)

    @rule()
    def editor_undeletes(self) -> None:
        there = self.see()
        if there.state == DELETED:
            self.deed(lambda session: changes.undelete(session, self.id, base=there.version,
                                                       author=Author("joy", self.people["joy"]), now=NOW),
                      allowed=False)

    @rule()
    def steward_shows_again(self) -> None:
        there = self.see()
        self.deed(lambda session: hiding.show(session, self.id, base=there.version,
                                              author=Author("sam", self.people["sam"]), now=NOW), allowed=False)

    @rule()
    def two_reports_hide(self) -> None:
        there = self.see()
        if there.state == PUBLISHED:
            self.deed(lambda session: changes.change(session, self.id, base=there.version, author=Author("reports"),
                                                     now=NOW, state="withheld", keep=False), allowed=False)

    @rule(who=WHO, facts=DOCUMENTS)
    def stale_proposal(self, who: str, facts: dict[str, Any]) -> None:
        base = self.see().version - 1
        assert not self.deed(lambda session: review.propose(session, self.id, document(facts), base=base,
                                                            sender=self.sender(who), now=NOW), allowed=False)

    @invariant()
    def risky_pieces_changed_only_as_they_may(self) -> None:
        if not hasattr(self, "seen"):
            return
        now = self.see()
        if not self.allowed:
            assert pieces.risky(self.seen.document, now.document) == []
        assert now.version >= self.seen.version
        self.seen, self.allowed = now, False

    @invariant()
    def what_waits_is_still_something_to_decide(self) -> None:
        if hasattr(self, "seen"):
            assert all(one.fields for one in self.proposals())


Review.TestCase.settings = settings(max_examples=12, stateful_step_count=25, deadline=None,
                                    suppress_health_check=list(HealthCheck))
TestReview = Review.TestCase
