"""The letters that go with what is decided about listings, written to the outbox with the deed: the answer to whoever
proposed, the question to a listing's old contact, a steward's question to a group.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.orm import Session

from finder import outbox
from finder.accounts import people, tokens
from finder.accounts.models import Account
from finder.accounts.permissions import Role, Scope
from finder.listings.changes import Listing
from finder.listings.models import Proposal

ACCEPT, REJECT = "accept", "reject"  # what review.py writes beside a piece


def ask_old_contact(session: Session, waiting: Proposal, before: Mapping[str, Any], now: datetime, *,
                    may_agree: bool = True) -> None:
    """Tells the contact that stood in the listing before, who can say with one button that it is not theirs, and, if
    `may_agree`, that it is right."""
    address = (before.get("contact") or {}).get("email")
    if not address:
        return
    secret = tokens.make(session, "confirm_change", now=now, subject=str(waiting.id), facts={"may_agree": may_agree})
    outbox.write(session, "contact_change", address, {"name": before["name"], "link": secret,
                 "fields": waiting.fields}, now=now, locale=waiting.locale)


def answer(session: Session, proposal: Proposal, now: datetime) -> None:
    """Tells whoever proposed what was decided and why, with a way to appeal where something was rejected.

    A visitor's address goes with the letter, but where an appeal is possible (visitors.py drops it in time).
    """
    account = session.get(Account, proposal.account_id) if proposal.account_id else None
    address = account.email if account is not None else proposal.reply_to
    document, choices = orjson.loads(proposal.document), proposal.choices or {}
    rejected = [name for name, one in choices.items() if one == REJECT]
    may_appeal = bool(rejected) and proposal.appealed_at is None
    if address:
        facts = {"name": document["name"], "kind": proposal.kind, "reason": proposal.reason, "state": proposal.state,
                 "accepted": [name for name, one in choices.items() if one == ACCEPT], "rejected": rejected,
                 "program": str(proposal.program_id) if proposal.program_id else None}
        if may_appeal:
            facts["link"] = tokens.make(session, "reply", now=now, subject=str(proposal.id))
        outbox.write(session, "decision", address, facts, now=now,
                     locale=account.locale if account is not None else proposal.locale)
    if not may_appeal:
        proposal.reply_to = None


def ask_group(session: Session, there: Listing, words: str, now: datetime) -> int:
    """Asks those who look after a listing, or its contact where nobody does; gives how many letters were written."""
    editors = people.with_grant(session, Role.OPERATOR, Scope.PROGRAM, str(there.id))
    to = {one.email: one.locale for one in editors}
    contact = (there.document.get("contact") or {}).get("email")
    if not to and contact:
        to = {contact: "en"}
    for address, locale in to.items():
        outbox.write(session, "question", address, {"name": there.document["name"], "question": words,
                     "slug": there.slug}, now=now, locale=locale)
    return len(to)
