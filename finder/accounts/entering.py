"""Signing in by a mailed link or with a password, so that nobody learns from it who has an account.

A link goes to every address that is typed: where there is no account, using the link makes one. A password is checked
against a dummy where there is none. Both are limited per address, per network and for all together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from finder import limits, outbox
from finder.accounts import people, sign_ins, tokens
from finder.accounts.models import ACTIVE, Account
from finder.accounts.permissions import Role, Scope
from finder.errors import Conflict, TooOften
from finder.limits import EVERYBODY, Limit

DAY, FIVE_MINUTES = 24 * 3600, 300
# TRUST A8 and section 4.
LETTERS = (Limit("letter", 5, DAY), Limit("letter_network", 10, FIVE_MINUTES), Limit("letter_all", 1000, FIVE_MINUTES))
FAILURES = (Limit("failure", 10, FIVE_MINUTES), Limit("failure_network", 10, FIVE_MINUTES),
            Limit("failure_all", 1000, FIVE_MINUTES))
# Written down for whoever was wrong, never reached: where there is no account, this is the only row that is written.
WRONG = Limit("wrong", 1_000_000_000, DAY)
MOST_IN_A_ROW = 100  # wrong passwords; then it takes a link to set a new one
ENTRIES = ("sign_in", "reset", "invite")  # what a mailed link that signs in can be for


@dataclass(frozen=True, slots=True)
class Keys:
    """How limits tell senders apart: keyed hashes of the address typed and of the network."""

    address: bytes
    network: bytes


@dataclass(frozen=True, slots=True)
class Tried:
    """A password that is about to be checked: whose, and what is kept of the right one (None: nobody's, or none)."""

    account_id: int | None
    kept: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What a mailed link is: its purpose, whom it signs in, its state (open, used, expired, closed), where to go on."""

    purpose: str
    email: str
    state: str
    to: str
    is_new: bool


def ask_link(session: Session, email: str, keys: Keys, *, now: datetime, purpose: str = "sign_in", to: str = "",
             locale: str = "en") -> None:
    """Writes a letter with a link that signs in; the same whether there is an account or not. Raises TooOften."""
    count_letter(session, keys, now=now)
    account = people.find(session, email)
    secret = tokens.make(session, purpose, now=now, account_id=account.id if account else None,
                         facts={"email": people.plain(email), "to": to, "locale": locale})
    outbox.write(session, purpose, people.plain(email), {"link": secret, "is_new": account is None}, now=now,
                 locale=account.locale if account else locale)


def count_letter(session: Session, keys: Keys, *, now: datetime) -> None:
    """Counts a letter that somebody asks to be sent to an address they typed. Raises TooOften."""
    _spend(session, LETTERS, keys, now)


def letter_was_read(session: Session, keys: Keys, *, now: datetime) -> None:
    """Forgets the letters of the day to an address whose link was used: its owner asked for them, or has them."""
    limits.give_back(session, LETTERS[0], keys.address, now)


def look(session: Session, secret: str, *, now: datetime) -> Entry:
    """What a mailed link would do. Nothing is changed. Raises NotFound for one that never was."""
    link = tokens.look_any(session, secret, ENTRIES, now=now)
    account = session.get(Account, link.account_id) if link.account_id else people.find(session, link.facts["email"])
    closed = account is not None and account.state != ACTIVE
    email = account.email if account is not None and not closed and link.state == "open" else str(link.facts["email"])
    return Entry(link.purpose, email, "closed" if closed and link.state == "open" else link.state,
                 str(link.facts.get("to", "")), account is None)


def use(session: Session, secret: str, *, now: datetime) -> tuple[Account, Entry]:
    """Uses a mailed link up and gives the account it signs in, made if there was none, with what an invitation gives.

    Raises NotFound for a link that never was, Conflict("link") for one that is used, too old, or of a closed account.
    """
    entry = look(session, secret, now=now)
    if entry.state != "open" or not tokens.use(session, secret, entry.purpose, now=now, result="signed_in"):
        raise Conflict("link")
    facts = tokens.look(session, secret, entry.purpose, now=now).facts
    account = people.find_or_make(session, entry.email, now=now, locale=str(facts.get("locale", "en")))
    if entry.purpose == "invite":
        people.give(session, account.id, Role(facts["role"]), by=str(facts["by"]), now=now,
                    scope=Scope(facts["scope"]), value=str(facts["value"]))
        sign_ins.end_all(session, account.id)
    return account, entry


def try_password(session: Session, email: str, keys: Keys, *, now: datetime) -> Tried:
    """Counts a try before it is made, so that many at once are no more than the limit. Raises TooOften."""
    _spend(session, FAILURES, keys, now)
    account = people.find(session, email)
    usable = account is not None and account.state == ACTIVE and account.failures < MOST_IN_A_ROW
    return Tried(account.id if account is not None else None,
                 account.password_hash if usable and account is not None else None)


def finish(session: Session, tried: Tried, keys: Keys, *, right: bool, now: datetime, kept: str | None = None) -> None:
    """Writes down how a try came out. `kept` is the password hashed anew, when it should be.

    A wrong one is written to disk for every address: a commit without a change is faster, which would tell who is here.
    """
    if not right:
        limits.spend(session, WRONG, keys.address, now)
        session.execute(update(Account).where(Account.id == tried.account_id).values(failures=Account.failures + 1))
        return
    limits.give_back(session, FAILURES[0], keys.address, now)
    for limit, key in zip(FAILURES[1:], (keys.network, EVERYBODY), strict=True):
        limits.spend(session, limit, key, now, amount=-1)  # only this try: others of the network may have failed
    values = {"failures": 0} if kept is None else {"failures": 0, "password_hash": kept}
    session.execute(update(Account).where(Account.id == tried.account_id).values(values))


def _spend(session: Session, three: tuple[Limit, Limit, Limit], keys: Keys, now: datetime) -> None:
    for limit, key in zip(three, (keys.address, keys.network, EVERYBODY), strict=True):
        seconds = limits.spend(session, limit, key, now)
        if seconds:
            raise TooOften(limit.kind, seconds=seconds)
