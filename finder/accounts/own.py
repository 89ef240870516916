"""What people do with their own account: name, language, address, password, a copy of what is kept, and its end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from finder import outbox
from finder.accounts import api_tokens, letters, people, second_steps, sign_ins, tokens
from finder.accounts.models import GONE, Account, Grant, Token
from finder.accounts.tokens import Link
from finder.errors import Conflict
from finder.outbox import Message

EMAIL = "email"


def call(session: Session, account_id: int, *, name: str | None, locale: str) -> None:
    """Sets the name and the language of letters."""
    account = session.get_one(Account, account_id)
    account.name, account.locale = name or None, locale


def set_password(session: Session, account_id: int, kept: str | None, *, but: bytes, now: datetime) -> None:
    """Sets a password as it is kept, or takes it away, tells the person, signs out all browsers but one, and ends
    the tokens of their programs."""
    account = session.get_one(Account, account_id)
    account.password_hash, account.failures = kept, 0
    sign_ins.end_all(session, account_id, but=but)
    api_tokens.end_all(session, account_id, now=now)
    letters.tell(session, account, "password_set" if kept else "password_removed", now=now)


def ask_email(session: Session, account_id: int, email: str, *, now: datetime) -> None:
    """Mails a link to a new address, which proves it, and tells the old one. Nothing tells whether it is somebody's."""
    account = session.get_one(Account, account_id)
    tokens.withdraw(session, EMAIL, account_id=account_id)
    secret = tokens.make(session, EMAIL, now=now, account_id=account_id, facts={"email": people.plain(email)})
    outbox.write(session, EMAIL, people.plain(email), {"link": secret}, now=now, locale=account.locale)
    letters.tell(session, account, "email_asked", now=now)


def look_email(session: Session, secret: str, *, now: datetime) -> Link:
    """What a link for a new address is; `facts` hold the address. Raises NotFound."""
    return tokens.look(session, secret, EMAIL, now=now)


def prove_email(session: Session, secret: str, *, now: datetime, but: bytes | None = None) -> Account:
    """Changes the address, tells the old one, and signs out all browsers but one; links to the old address are dead.

    Raises NotFound, Conflict("link") for a used link, Conflict("taken") where the address has an account of its own.
    """
    link = look_email(session, secret, now=now)
    if link.account_id is None or not tokens.use(session, secret, EMAIL, now=now):
        raise Conflict("link")
    account, new = session.get_one(Account, link.account_id), str(link.facts["email"])
    there = people.find(session, new)
    if account.state == GONE or (there is not None and there.id != account.id):
        raise Conflict("taken")
    old, account.email = account.email, new
    for purpose in ("sign_in", "reset", "way_back"):
        tokens.withdraw(session, purpose, account_id=account.id)
    sign_ins.end_all(session, account.id, but=but)
    letters.tell(session, account, "email_changed", now=now, address=old)
    return account


def copy(session: Session, account_id: int, *, now: datetime) -> dict[str, Any]:
    """All that the account itself holds, as JSON values; no secret and no hash is among it."""
    account = session.get_one(Account, account_id)
    grants = session.scalars(select(Grant).where(Grant.account_id == account_id).order_by(Grant.id))
    letters_to = session.scalars(select(Message).where(Message.address == account.email).order_by(Message.id))
    return {
        "account": {"number": account.id, "email": account.email, "name": account.name, "language": account.locale,
                    "has_password": account.password_hash is not None, "made_at": _at(account.created_at),
                    "last_signed_in_at": _at(account.seen_on)},
        "roles": [{"role": one.role, "scope": one.scope, "value": one.value, "given_by": one.given_by,
                   "given_at": _at(one.given_at)} for one in grants],
        "second_steps": [{"kind": one.kind, "name": one.name, "made_at": _at(one.made_at), "used_at": _at(one.used_at)}
                         for one in second_steps.of_account(session, account_id)],
        "signed_in": [{"since": _at(one.made_at), "last_seen_at": _at(one.seen_at)}
                      for one in sign_ins.of_account(session, account_id, now=now)],
        "api_tokens": [{"name": one.name, "ends_in": one.last, "may": one.scopes, "made_at": _at(one.made_at),
                        "good_until": _at(one.expires_at), "ended_at": _at(one.ended_at),
                        "last_used_on": one.used_on.isoformat() if one.used_on else None}
                       for one in api_tokens.all_of(session, account_id)],
        "letters": [{"kind": one.kind, "state": one.state, "written_at": _at(one.made_at), "sent_at": _at(one.sent_at)}
                    for one in letters_to],
    }


def delete_account(session: Session, account_id: int, *, now: datetime) -> None:
    """Deletes all that tells who somebody is. The number stays, so that history can name it and nobody else gets it.

    Doing it twice changes nothing. Raises Conflict("last_administrator").
    """
    if people.is_last_administrator(session, account_id):
        raise Conflict("last_administrator")
    account = session.get_one(Account, account_id)
    if account.state == GONE:  # two buttons at once
        return
    address, locale = account.email, account.locale
    session.execute(delete(Message).where(Message.address == address))
    session.execute(delete(Token).where((Token.account_id == account_id)
                                        | (Token.facts["email"].as_string() == address)))
    session.execute(delete(Grant).where(Grant.account_id == account_id))
    api_tokens.forget(session, account_id)
    second_steps.remove_all(session, account_id)
    sign_ins.end_all(session, account_id)
    account.email, account.name, account.password_hash = f"gone-{account.public_id}", None, None
    account.state, account.seen_on = GONE, None
    outbox.write(session, letters.NOTICE, address, {"what": "deleted"}, now=now, locale=locale)


def _at(instant: datetime | None) -> str | None:
    return f"{instant.isoformat(timespec='seconds')}Z" if instant is not None else None
