"""Somebody says that a listing is theirs to keep: how that is proved, and how a claim moves from state to state.

The proof goes to the contact that stood in the listing before, or a steward decides; whoever kept the listing so far is
told and can object, which freezes everything (TRUST A9). Nothing else here gives anybody a right.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from finder.accounts import editors, people, sign_ins, tokens
from finder.accounts.models import Account, Grant
from finder.accounts.permissions import Action, Actor, Role, Scope, Target, may
from finder.catalog.models import PUBLISHED
from finder.errors import Conflict, Forbidden, Invalid, NotFound, Problem, TooOften
from finder.limits import Limit, spend
from finder.listings import changes, claim_letters, visitors
from finder.listings.changes import Listing
from finder.listings.claim_ways import CONTACT, DOMAIN, STEWARD, ways
from finder.listings.models import Claim
from finder.listings.writing import Author, naive

LONGEST_NOTE = LONGEST_REASON = 1000  # characters
LINK_GOOD_FOR = timedelta(hours=24)  # TRUST A9
# Letters to one listing's contact, and claims of one account, in a day: enough for a mistake, too few to pester.
_LETTERS = Limit("claim_mail", 3, 86_400)
_CLAIMS = Limit("claim", 10, 86_400)


class State(StrEnum):
    """Where a claim stands."""

    MAIL_SENT = "mail_sent"  # the contact in the listing has a link
    WAITING = "waiting"  # for a steward
    APPROVED = "approved"
    REJECTED = "rejected"
    DISPUTED = "disputed"  # somebody objected: nothing moves until a steward decides
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


MOVES: Mapping[State, frozenset[State]] = {
    State.MAIL_SENT: frozenset((State.APPROVED, State.WAITING, State.EXPIRED, State.DISPUTED)),
    State.WAITING: frozenset((State.APPROVED, State.REJECTED, State.DISPUTED, State.WITHDRAWN)),
    State.APPROVED: frozenset((State.DISPUTED,)),
    State.DISPUTED: frozenset((State.APPROVED, State.REJECTED)),
    State.REJECTED: frozenset(), State.EXPIRED: frozenset(), State.WITHDRAWN: frozenset(),
}
OPEN = (State.MAIL_SENT, State.WAITING, State.DISPUTED)


# -- claiming --------------------------------------------------------------------------------------------------------


def start(session: Session, program: uuid.UUID, actor: Actor, method: str, *, now: datetime, note: str = "") -> Claim:
    """A new claim. `method`: contact (a letter goes to the listing's own address), domain or steward.

    Raises NotFound for a listing that visitors do not see, Conflict ("yours", "claimed": one is open already),
    Invalid when the way is not open or the note does not fit, and TooOften.
    """
    there = _published(session, program)
    account = session.get_one(Account, actor.account_id)
    if may(actor, Action.EDIT_LISTING, target(there)):
        raise Conflict("yours")
    if current(session, program, account.id, now=now) is not None:
        raise Conflict("claimed")
    open_ways = ways(there.document, account.email)
    if method not in (CONTACT, DOMAIN, STEWARD) or (method != STEWARD and not getattr(open_ways, method)):
        raise Invalid({"method": [Problem("required")]})
    note = _words(note, "note", needed=method == STEWARD)
    _spend(session, _CLAIMS, f"account {account.id}", now)
    claim = Claim(program_id=program, account_id=account.id, method=method, note=note or None, made_at=naive(now),
                  state=State.MAIL_SENT if method == CONTACT else State.WAITING)
    session.add(claim)
    session.flush()
    if method == CONTACT:
        _spend(session, _LETTERS, f"program {program}", now)
        claim_letters.ask(session, claim, there, account.email, now)
    else:
        claim_letters.tell(session, claim, there, account, now)
    return claim


def target(listing: Listing) -> Target:
    """A listing as permissions see it."""
    return Target(listing.id, listing.organization_id, listing.states)


def _published(session: Session, program: uuid.UUID) -> Listing:
    there = changes.find(session, program)
    if there.state != PUBLISHED:
        raise NotFound("program")
    return there


def _words(typed: str, field: str, *, needed: bool) -> str:
    words = typed.strip().replace("\r\n", "\n")
    if needed and not words:
        raise Invalid({field: [Problem("required")]})
    if len(words) > LONGEST_NOTE:
        raise Invalid({field: [Problem("too_long", max=LONGEST_NOTE)]})
    if not _is_text(words):
        raise Invalid({field: [Problem("bad_text")]})
    return words


def _is_text(words: str) -> bool:
    return all(one.isprintable() or one in "\n\t" for one in words)


def _spend(session: Session, limit: Limit, key: str, now: datetime) -> None:
    seconds = spend(session, limit, visitors.key_of(key), now)
    if seconds:
        raise TooOften(limit.kind, seconds=seconds)


def stands(claim: Claim, *, now: datetime) -> State:
    """The state of a claim; a link that nobody used in its time has run out, whether that was noted or not."""
    if claim.state == State.MAIL_SENT and claim.made_at + LINK_GOOD_FOR <= naive(now):
        return State.EXPIRED
    return State(claim.state)


def current(session: Session, program: uuid.UUID, account_id: int, *, now: datetime) -> Claim | None:
    """The claim of an account to a listing that is still open, if there is one."""
    found = session.scalars(select(Claim).where(Claim.program_id == program, Claim.account_id == account_id,
                                                Claim.state.in_(OPEN)).order_by(Claim.made_at.desc()))
    return next((one for one in found if stands(one, now=now) in OPEN), None)


def find(session: Session, key: str | uuid.UUID) -> Claim:
    """A claim by its id. Raises NotFound."""
    try:
        found = session.get(Claim, key if isinstance(key, uuid.UUID) else uuid.UUID(key))
    except ValueError:
        found = None
    if found is None:
        raise NotFound("claim")
    return found


def of_account(session: Session, key: str | uuid.UUID, account_id: int) -> Claim:
    """A claim of this account; another's is as good as none. Raises NotFound."""
    found = find(session, key)
    if found.account_id != account_id:
        raise NotFound("claim")
    return found


def ask_steward(session: Session, claim: Claim, *, now: datetime, note: str = "") -> None:
    """Hands a claim whose letter cannot be read over to a steward. Raises Conflict("moved"), Invalid under "note"."""
    words = _words(note, "note", needed=True)
    _move(session, claim, State.WAITING, now)
    tokens.withdraw(session, "claim", subject=str(claim.id))
    claim.method, claim.note = STEWARD, words
    account = session.get_one(Account, claim.account_id)
    claim_letters.tell(session, claim, changes.find(session, claim.program_id), account, now)


def withdraw(session: Session, claim: Claim, *, now: datetime) -> None:
    """Takes a claim back that waits for a steward. Raises Conflict("moved")."""
    _move(session, claim, State.WITHDRAWN, now)


# -- the letters -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """What a letter's link is about: the claim, where it stands, its listing, whose it is, and what the link did."""

    claim: uuid.UUID
    state: State
    listing: Listing
    person: str
    link: str  # open, used, expired
    result: str | None


def look(session: Session, secret: str, purpose: str, *, now: datetime) -> Asked:
    """What a link from a letter is about, without using it. `purpose`: claim or claim_object. Raises NotFound."""
    link = tokens.look(session, secret, purpose, now=now)
    claim = find(session, link.subject)
    return Asked(claim.id, stands(claim, now=now), changes.find(session, claim.program_id),
                 session.get_one(Account, claim.account_id).email, link.state, link.result)


def confirm(session: Session, secret: str, *, now: datetime) -> str:
    """The listing's own contact says yes: gives what came of it, also when the link was used before.

    While somebody objects to a claim of this listing, a yes goes to a steward. Raises NotFound for a link that never
    was, Conflict("moved") when the claim went another way.
    """
    link = tokens.look(session, secret, "claim", now=now)
    if link.state == "used":
        return link.result or ""
    claim = find(session, link.subject)
    there = _published(session, claim.program_id)
    to = State.WAITING if _is_frozen(session, claim.program_id) else State.APPROVED
    _move(session, claim, to, now)
    if not tokens.use(session, secret, "claim", now=now, result=to):
        raise Conflict("moved")
    if to is State.APPROVED:
        _give(session, claim, there, Scope.PROGRAM, now)
    return to


def objects(session: Session, secret: str, purpose: str, *, now: datetime) -> str:
    """Somebody who kept the listing says that a claim is none of theirs: a right that it gave is taken away, and a
    steward decides. Gives what came of it, also when the link was used before. Raises as `confirm` does."""
    link = tokens.look(session, secret, purpose, now=now)
    if link.state == "used":
        return link.result or ""
    claim = find(session, link.subject)
    gave = claim.state == State.APPROVED
    if claim.state != State.DISPUTED:
        _move(session, claim, State.DISPUTED, now)
    if not tokens.use(session, secret, purpose, now=now, result=State.DISPUTED):
        raise Conflict("moved")
    tokens.withdraw(session, "claim", subject=str(claim.id))
    if gave:
        _take(session, claim, now)
    return State.DISPUTED


def _is_frozen(session: Session, program: uuid.UUID) -> bool:
    found = select(Claim.id).where(Claim.program_id == program, Claim.state == State.DISPUTED)
    return session.execute(found).first() is not None


def _move(session: Session, claim: Claim, to: State, now: datetime) -> None:
    """Moves a claim if it may go there. Of two at once one wins, the other gets Conflict("moved", state=…)."""
    there = stands(claim, now=now)
    if to not in MOVES[there]:
        raise Conflict("moved", state=there)
    moved = session.execute(update(Claim).where(Claim.id == claim.id, Claim.state == claim.state)
                            .values(state=to, decided_at=naive(now)))
    if not moved.rowcount:  # type: ignore[attr-defined]
        raise Conflict("moved")
    session.refresh(claim)


def _give(session: Session, claim: Claim, there: Listing, scope: Scope, now: datetime) -> None:
    value = str(there.organization_id if scope is Scope.ORGANIZATION else there.id)
    people.give(session, claim.account_id, Role.OPERATOR, by=f"claim:{claim.id}", now=now, scope=scope, value=value)
    sign_ins.end_all(session, claim.account_id)  # no browser keeps an id from before the right (TRUST A5)
    account = session.get_one(Account, claim.account_id)
    claim_letters.answer(session, claim, there, account, now)
    claim_letters.tell(session, claim, there, account, now)


def _take(session: Session, claim: Claim, now: datetime) -> None:
    """Takes what this claim gave, also from whom the person invited; a right that they have from elsewhere stays."""
    given = session.execute(select(Grant.scope, Grant.value).where(
        Grant.account_id == claim.account_id, Grant.given_by == f"claim:{claim.id}")).all()
    for scope, value in given:
        editors.take_back(session, claim.account_id, editors.grant_for(Scope(scope), value), now=now)


# -- a steward's word ------------------------------------------------------------------------------------------------


def decide(session: Session, claim: Claim, accept: bool, *, author: Author, now: datetime, reason: str = "",
           scope: Scope = Scope.PROGRAM) -> None:
    """A steward's word on a claim that waits or is disputed, sent to whoever made it.

    `scope`: for this listing, or for all of its organization. Raises Conflict("moved"), Forbidden("own_claim"), and
    Invalid without a reason for a no.
    """
    if claim.account_id == author.account_id:
        raise Forbidden("own_claim")
    words = _words(reason, "reason", needed=not accept)
    there = changes.find(session, claim.program_id)
    if scope not in (Scope.PROGRAM, Scope.ORGANIZATION) or (scope is Scope.ORGANIZATION and not there.organization_id):
        raise Invalid({"scope": [Problem("required")]})
    if stands(claim, now=now) not in (State.WAITING, State.DISPUTED):
        raise Conflict("moved", state=stands(claim, now=now))
    _move(session, claim, State.APPROVED if accept else State.REJECTED, now)
    claim.reason, claim.decided_by = words or None, author.account_id
    session.flush()
    tokens.withdraw(session, "claim", subject=str(claim.id))
    if accept:
        _give(session, claim, there, scope, now)
    else:
        claim_letters.answer(session, claim, there, session.get_one(Account, claim.account_id), now)


def expire(session: Session, *, now: datetime) -> int:
    """Notes the claims whose letter nobody answered in time; gives how many."""
    done = session.execute(update(Claim).where(
        Claim.state == State.MAIL_SENT, Claim.made_at <= naive(now - LINK_GOOD_FOR))
        .values(state=State.EXPIRED, decided_at=naive(now)))
    return int(done.rowcount)  # type: ignore[attr-defined]
