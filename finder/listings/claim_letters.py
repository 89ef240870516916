"""The letters about a claim: to the listing's contact, to everybody who edits it, and to whoever made the claim."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from finder import outbox
from finder.accounts import people, tokens
from finder.accounts.models import Account
from finder.accounts.permissions import Role, Scope
from finder.listings.changes import Listing
from finder.listings.claim_ways import published_contact
from finder.listings.models import Claim


def ask(session: Session, claim: Claim, there: Listing, person: str, now: datetime) -> None:
    """Sends the listing's own contact a link that says yes or no to a claim. `person` is the claimant's address."""
    secret = tokens.make(session, "claim", now=now, subject=str(claim.id))
    outbox.write(session, "claim", published_contact(there.document), {
        "name": there.document["name"], "person": person, "program": str(there.id), "link": secret}, now=now)


def answer(session: Session, claim: Claim, there: Listing, account: Account, now: datetime) -> None:
    """Tells whoever claimed a listing what became of it."""
    outbox.write(session, "claim_decided", account.email, {
        "name": there.document["name"], "state": claim.state, "reason": claim.reason, "program": str(there.id),
        "slug": there.slug}, now=now, locale=account.locale)


def tell(session: Session, claim: Claim, there: Listing, account: Account, now: datetime) -> None:
    """Tells the listing's contact and everybody who edits it, each with a link of their own to object."""
    editors = [*people.with_grant(session, Role.OPERATOR, Scope.PROGRAM, str(there.id)),
               *people.with_grant(session, Role.OPERATOR, Scope.ORGANIZATION, str(there.organization_id))]
    to = {one.email: one.locale for one in editors if one.id != account.id}
    contact = published_contact(there.document)
    if contact and contact.lower() != account.email:
        to.setdefault(contact, "en")
    for address, locale in to.items():
        secret = tokens.make(session, "claim_object", now=now, subject=str(claim.id))
        outbox.write(session, "claim_told", address, {"name": there.document["name"], "person": account.email,
                     "state": claim.state, "program": str(there.id), "link": secret}, now=now, locale=locale)
