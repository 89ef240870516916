"""Several editors of one listing or organization: who they are, inviting another one, and taking the right away.

The right comes with the button of a mailed link, never without a yes; sign-in does that (entering.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from finder import outbox
from finder.accounts import letters, people, roles, tokens
from finder.accounts.models import Account, Grant
from finder.accounts.permissions import Granted, Role, Scope
from finder.errors import Invalid, NotFound, Problem
from finder.fields import mailbox
from finder.limits import Limit, spend

_ADDRESS = mailbox()
MOST_A_DAY = Limit("editor_invites", 10, 86_400)  # letters that one account may have sent to strangers


def grant_for(scope: Scope, value: str) -> Granted:
    """The right to edit one listing, or all of one organization."""
    return Granted(Role.OPERATOR, scope, value)


def of(session: Session, grant: Granted) -> Sequence[Account]:
    """The accounts that have exactly this right, the oldest first."""
    return people.with_grant(session, grant.role, grant.scope, grant.value)


def invited(session: Session, grant: Granted, *, now: datetime) -> list[str]:
    """The addresses that have not answered yet."""
    return [one.email for one in roles.invitations(session, now=now) if one.grant == grant]


def invite(session: Session, email: str, grant: Granted, *, by: str, account_id: int, now: datetime,
           locale: str = "en") -> None:
    """Mails a link that gives the right when its button is pressed. Raises Invalid at "email"."""
    address = people.plain(email)
    try:
        _ADDRESS.read(address)
    except ValidationError:
        raise Invalid({"email": [Problem("not_an_email")]}) from None
    if address in {one.email for one in of(session, grant)}:
        raise Invalid({"email": [Problem("is_editor")]})
    if spend(session, MOST_A_DAY, account_id.to_bytes(8, "big"), now):
        raise Invalid({"email": [Problem("too_many_letters")]})
    secret = tokens.make(session, roles.INVITE, now=now, subject=grant.role, facts={
        "email": address, "role": grant.role, "scope": grant.scope, "value": grant.value, "by": by, "locale": locale})
    outbox.write(session, roles.INVITE, address, {"link": secret, "role": grant.role}, now=now, locale=locale)


def remove(session: Session, public_id: str, grant: Granted, *, now: datetime) -> Account:
    """Takes the right away, tells the person and signs them out. Raises NotFound for who does not have it."""
    account = people.by_public_id(session, public_id)
    if grant not in people.grants_of(session, account.id):
        raise NotFound("account")
    people.take(session, account.id, grant.role, scope=grant.scope, value=grant.value)
    letters.tell(session, account, "role_taken", now=now, role=grant.role)
    return account


def take_back(session: Session, account_id: int, grant: Granted, *, now: datetime) -> None:
    """Takes a right from an account and from all whom it invited, and whom those did, for none of them had it from
    anybody who could give it. Invitations that nobody has taken up are void."""
    people.take(session, account_id, grant.role, scope=grant.scope, value=grant.value)
    waits, seen = [account_id], {account_id}
    while waits:
        giver = waits.pop()
        roles.void_invitations(session, giver, grant)
        for one in session.scalars(select(Grant).where(
                Grant.role == grant.role, Grant.scope == grant.scope, Grant.value == grant.value,
                Grant.given_by.endswith(f":{giver}"))).all():
            account = session.get_one(Account, one.account_id)
            people.take(session, account.id, grant.role, scope=grant.scope, value=grant.value)
            letters.tell(session, account, "role_taken", now=now, role=grant.role)
            waits += {account.id} - seen
            seen.add(account.id)
