"""A proposal as the steward's desk shows it: who sent it, what differs, and what is chosen for each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from finder.accounts.naming import Called
from finder.errors import NotFound
from finder.listings import changes, review
from finder.listings.changes import Listing
from finder.listings.models import Proposal
from finder.web import history_words
from finder.web.comparing_texts import Row, changed, facts, rows
from finder.wordings.language import N_, gettext

TAGS: Mapping[str, str] = {
    "new": N_("New"), "edit": N_("Change"), "suggestion": N_("Suggestion"), "delete": N_("Asks to be taken out"),
    "appeal": N_("Appeal"), "report": N_("Report"), "claim": N_("Wants to edit"),
}
STATES: Mapping[str, str] = {
    "waiting": N_("Waiting"), "accepted": N_("Accepted"), "partly": N_("Accepted in part"), "rejected": N_("Rejected"),
    "withdrawn": N_("Taken back by the sender"),
}
WHOLE = ""  # the row that stands for a whole listing


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal with its listing, None for a new one. `whole`: it is decided as one; `facts` are all of a new one."""

    proposal: Proposal
    listing: Listing | None
    name: str
    sent: str
    rows: list[Row]
    whole: bool
    facts: list[tuple[str, list[str]]]
    own: bool
    tag: str
    state: str
    said_no: list[str]

    @property
    def key(self) -> str:
        return str(self.proposal.id)

    @property
    def version(self) -> int:
        return self.listing.version if self.listing is not None else 0

    @property
    def risky(self) -> str:
        """The title of the first row that could do harm, for a tag."""
        return next((row.title for row in self.rows if row.risky), "")


def show(session: Any, proposal: Proposal, *, account_id: int, now: datetime, called: Mapping[int, Called],
         choices: Mapping[str, str] | None = None) -> Shown:
    """A proposal for the page. `choices` are those of a form that came back, by row."""
    there = _listing(session, proposal)
    before, after = review.as_proposed(proposal, there)
    kind = "appeal" if proposal.appealed_at is not None else proposal.kind
    whole = there is None or proposal.kind == "delete"
    listed = [] if whole else rows(before, after, proposal.fields, choices=choices)
    return Shown(
        proposal, there, (there.document if there is not None else after)["name"],
        sent_by(proposal, now, called), listed, whole, facts(after) if there is None else [],
        proposal.account_id is not None and proposal.account_id == account_id,
        gettext(TAGS.get(kind, TAGS["edit"])), gettext(STATES[proposal.state]),
        [name for name, one in (proposal.choices or {}).items() if one == review.REJECT])


def _listing(session: Any, proposal: Proposal) -> Listing | None:
    if proposal.program_id is None:
        return None
    try:
        return changes.find(session, proposal.program_id)
    except NotFound:
        raise NotFound("proposal") from None


def sent_by(proposal: Proposal, now: datetime, called: Mapping[int, Called]) -> str:
    """Who sent a proposal and when, in a sentence."""
    when = history_words.ago(proposal.made_at, now)
    who = called.get(proposal.account_id or 0)
    if proposal.kind == "edit":
        if who is None:
            return gettext("Sent by the group, %(when)s", when=when)
        return gettext("Sent by the group (%(name)s, a known editor), %(when)s", name=who.name, when=when)
    if proposal.kind == "new":
        if who is None:
            return gettext("New listing, sent by a person we do not know yet, %(when)s", when=when)
        return gettext("New listing, sent by %(name)s, %(when)s", name=who.name, when=when)
    if who is None:
        return gettext("Sent by a visitor, %(when)s", when=when)
    return gettext("Sent by %(name)s, %(when)s", name=who.name, when=when)


def since_seen(session: Any, there: Listing, version: int) -> list[Row]:
    """What changed in a listing since the version that a form was made from."""
    try:
        document, _ = changes.as_of([changes.at_version(session, there.id, version)], version)
    except NotFound:
        return []
    return changed(document, there.document)


def document_of(proposal: Proposal) -> dict[str, Any]:
    """The whole listing as it would be."""
    found: dict[str, Any] = orjson.loads(proposal.document)
    return found
