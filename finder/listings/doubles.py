"""Listings that may be one: found all over the catalog, looked at by a steward, merged or told apart for good.

Nothing is merged without a person. A merged listing keeps its history, and its address leads to the one that stays.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from finder.accounts import people
from finder.accounts.permissions import Role, Scope
from finder.catalog import queries
from finder.catalog.models import DELETED, PUBLISHED, Program
from finder.duplicates.card import Card, card_of
from finder.duplicates.likeness import Likeness
from finder.duplicates.pairs import pairs
from finder.errors import Conflict, Invalid, NotFound, Problem
from finder.listings import changes, pieces
from finder.listings.changes import Listing
from finder.listings.models import Double, Note, Report
from finder.listings.writing import CHUNK, Author, naive

OPEN, MERGED, DIFFERENT = "open", "merged", "different"
SHOWN = ("same", "likely")  # verdicts that a person should see
LONGEST_CHAIN = 10  # of merges after merges
AT_ONCE = 50  # pairs read at once


@dataclass(frozen=True, slots=True)
class Pair:
    """Two listings side by side, with how alike they are (0..100) and why."""

    number: int
    one: Listing
    two: Listing
    score: float
    verdict: str
    reasons: Sequence[Mapping[str, Any]]


def look(session: Session) -> list[Likeness]:
    """Every two published listings that a person should see side by side. Long work on a large catalog: not for a
    transaction that writes."""
    return [one for one in pairs(_cards(session)) if one.verdict in SHOWN]


def _cards(session: Session) -> Iterator[Card]:
    for one in queries.published(session):
        assert one.document is not None
        yield card_of(one.document, key=str(one.id))


def keep(session: Session, found: Sequence[Likeness], *, now: datetime) -> int:
    """Writes down what was found, in place of the open pairs there were; gives how many are new.

    Pairs that a steward has told apart are not asked about again; open ones that are alike no more go.
    """
    known = {(row.one, row.two): row.state for row in session.execute(select(Double.one, Double.two, Double.state))}
    alike = {_ordered(one.one, one.other): one for one in found}
    session.execute(delete(Double).where(Double.state == OPEN))
    rows = [{"one": key[0], "two": key[1], "score": one.score, "verdict": one.verdict, "state": OPEN,
             "reasons": [{"code": reason.code, "values": dict(reason.values)} for reason in one.reasons],
             "found_at": naive(now)} for key, one in alike.items() if known.get(key, OPEN) == OPEN]
    for start in range(0, len(rows), CHUNK):
        session.execute(insert(Double.__table__), rows[start : start + CHUNK])  # type: ignore[arg-type]
    return len([one for one in rows if (one["one"], one["two"]) not in known])


def _ordered(one: str, two: str) -> tuple[uuid.UUID, uuid.UUID]:
    first, second = sorted((uuid.UUID(one), uuid.UUID(two)))
    return first, second


def waiting(session: Session, *, most: int = 50, after: int = 0, states: Collection[str] | None = None) -> list[Pair]:
    """Open pairs, the likeliest first; `states` ("US:PA") are those where either listing meets, None for all."""
    wanted = select(Double).where(Double.state == OPEN).order_by(Double.score.desc(), Double.id)
    found: list[Pair] = []
    while len(found) < most and (page := session.scalars(wanted.offset(after).limit(AT_ONCE)).all()):
        there = changes.find_all(session, {key for row in page for key in (row.one, row.two)})
        pairs = (_pair(row, there) for row in page)
        found += (one for one in pairs if states is None or (one.one.states | one.two.states) & set(states))
        after += AT_ONCE
    return found[:most]


def _pair(row: Double, there: Mapping[uuid.UUID, Listing]) -> Pair:
    return Pair(row.id, there[row.one], there[row.two], row.score, row.verdict, row.reasons)


def count(session: Session) -> int:
    """How many pairs wait."""
    return session.execute(select(func.count()).select_from(Double).where(Double.state == OPEN)).scalar_one()


def find(session: Session, number: int) -> Pair:
    """A pair by its number. Raises NotFound for one that is decided or was never found."""
    row = session.get(Double, number)
    if row is None or row.state != OPEN:
        raise NotFound("pair")
    return _pair(row, changes.find_all(session, (row.one, row.two)))


def tell_apart(session: Session, number: int, *, account_id: int | None, now: datetime) -> None:
    """Says that two listings are different: they are not asked about again."""
    find(session, number)
    session.execute(update(Double).where(Double.id == number).values(
        state=DIFFERENT, decided_at=naive(now), decided_by=account_id))


def merge(session: Session, number: int, *, stays: uuid.UUID, bases: Mapping[uuid.UUID, int],
          taken: Collection[str] = (), author: Author, now: datetime) -> Listing:
    """Makes one listing of two. `stays` is the one whose address stays; `taken` names pieces to take from the other.

    `bases` are the versions that the steward had read, by id. Editors of the other may edit the one that stays, and
    notes and reports go along. Raises Conflict("stale"), Invalid when the pieces do not fit together.
    """
    pair = find(session, number)
    if stays not in (pair.one.id, pair.two.id):
        raise Invalid({"stays": [Problem("required")]})
    kept, gone = (pair.one, pair.two) if stays == pair.one.id else (pair.two, pair.one)
    for one in (kept, gone):
        if bases.get(one.id) != one.version:
            raise Conflict("stale", version=one.version)
    document = pieces.taken(kept.document, gone.document, taken)
    reason = f"merged:{gone.slug}"
    result = changes.change(session, kept.id, base=kept.version, author=author, now=now, document=document,
                            kind="merged", reason=reason)
    changes.change(session, gone.id, base=gone.version, author=author, now=now, state=DELETED, kind="merged",
                   reason=f"merged:{kept.slug}", more={"merged_into": kept.id})
    _bring_along(session, gone.id, kept.id, author, now)
    session.execute(update(Double).where(Double.id == number).values(
        state=MERGED, decided_at=naive(now), decided_by=author.account_id))
    session.execute(delete(Double).where(Double.state == OPEN, (Double.one == gone.id) | (Double.two == gone.id)))
    return result


def _bring_along(session: Session, gone: uuid.UUID, kept: uuid.UUID, author: Author, now: datetime) -> None:
    for account in people.with_grant(session, Role.OPERATOR, Scope.PROGRAM, str(gone)):
        people.give(session, account.id, Role.OPERATOR, by=author.name, now=now, scope=Scope.PROGRAM, value=str(kept))
    for model in (Note, Report):
        session.execute(update(model).where(model.program_id == gone).values(program_id=kept))


def successor(session: Session, key: str) -> str | None:
    """The slug of the published listing that stands in the place of a merged one, by its id or slug; None for none."""
    try:
        there = changes.find(session, key)
        for _ in range(LONGEST_CHAIN):
            if there.merged_into is None:
                break
            there = changes.find(session, there.merged_into)
    except NotFound:
        return None
    return there.slug if there.state == PUBLISHED and there.slug != key else None


def merged_from(session: Session, program: uuid.UUID) -> list[str]:
    """Slugs of the listings that were merged into one."""
    return list(session.scalars(select(Program.slug).where(Program.merged_into == program).order_by(Program.slug)))
