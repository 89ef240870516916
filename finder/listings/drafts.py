"""Drafts: forms that somebody signed in has not sent yet, as they typed them. Only their own account ever sees them.

One draft for each listing and account, any number (within reason) of new groups. Nothing is checked: a draft may be
half a sentence. `base` is the listing that the form was made from, so that what it does not touch stays to the letter.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from finder.errors import Conflict, Invalid, NotFound, Problem
from finder.listings.models import Draft
from finder.listings.writing import naive

LONGEST = 250_000  # characters of a draft as JSON: the longest listing several times over
MOST_NEW = 20  # drafts of new groups of one account
KEPT = timedelta(days=180)  # since the last change

Form = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as it stands. `mark` changes with every save: whoever publishes says which one they had seen."""

    id: uuid.UUID
    program: uuid.UUID | None
    version: int | None  # of the listing that the form was made from
    form: dict[str, list[str]]
    base: dict[str, Any]
    saved_at: datetime

    @property
    def mark(self) -> str:
        return self.saved_at.isoformat(timespec="microseconds")

    @property
    def name(self) -> str:
        """What the group is called so far; "" for nothing yet."""
        return (self.form.get("name") or [""])[0].strip()


def save(session: Session, account_id: int, form: Form, *, now: datetime, program: uuid.UUID | None = None,
         version: int | None = None, base: Mapping[str, Any] | None = None, key: uuid.UUID | None = None) -> Kept:
    """Keeps a form: in the draft `key`, in the account's draft of `program`, or in a new one.

    Raises Invalid("too_long") for more than LONGEST, Conflict("too_many") when there are MOST_NEW, and NotFound for a
    draft of somebody else.
    """
    row = _row(session, account_id, key) if key is not None else _of_program(session, account_id, program)
    held = {"fields": {name: list(many) for name, many in form.items()},
            "base": dict(base) if base is not None else (row.form.get("base") or {} if row is not None else {})}
    if len(orjson.dumps(held)) > LONGEST:
        raise Invalid({"": [Problem("too_long", max=LONGEST)]})
    if row is None:
        _leave_room(session, account_id, program)
        row = Draft(account_id=account_id, program_id=program, base_version=version)
        session.add(row)
    row.form, row.saved_at = held, naive(now)
    if version is not None:
        row.base_version = version
    session.flush()
    return _kept(row)


def _leave_room(session: Session, account_id: int, program: uuid.UUID | None) -> None:
    new = select(func.count()).select_from(Draft).where(Draft.account_id == account_id, Draft.program_id.is_(None))
    if program is None and session.execute(new).scalar_one() >= MOST_NEW:
        raise Conflict("too_many_drafts")


def find(session: Session, key: str | uuid.UUID, account_id: int) -> Kept:
    """A draft of this account. Raises NotFound."""
    return _kept(_row(session, account_id, key))


def of_listing(session: Session, account_id: int, program: uuid.UUID) -> Kept | None:
    """The account's draft of a listing."""
    row = _of_program(session, account_id, program)
    return None if row is None else _kept(row)


def of_account(session: Session, account_id: int) -> list[Kept]:
    """Every draft of an account, the last saved first."""
    return [_kept(row) for row in session.scalars(
        select(Draft).where(Draft.account_id == account_id).order_by(Draft.saved_at.desc(), Draft.id))]


def discard(session: Session, key: str | uuid.UUID, account_id: int) -> None:
    """Throws a draft of this account away. Raises NotFound."""
    session.delete(_row(session, account_id, key))
    session.flush()


def forget(session: Session, now: datetime) -> int:
    """Drops drafts that nobody has touched for long; gives how many."""
    gone = session.execute(delete(Draft).where(Draft.saved_at < naive(now - KEPT)))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def name_of(document: str) -> str:
    """What the listing of a document, as JSON text, is called."""
    return str(orjson.loads(document).get("name") or "")


def _row(session: Session, account_id: int, key: str | uuid.UUID) -> Draft:
    try:
        row = session.get(Draft, key if isinstance(key, uuid.UUID) else uuid.UUID(key))
    except ValueError:
        row = None
    if row is None or row.account_id != account_id:
        raise NotFound("draft")
    return row


def _of_program(session: Session, account_id: int, program: uuid.UUID | None) -> Draft | None:
    if program is None:
        return None
    return session.scalars(select(Draft).where(Draft.account_id == account_id, Draft.program_id == program)
                           .order_by(Draft.saved_at.desc())).first()


def _kept(row: Draft) -> Kept:
    return Kept(row.id, row.program_id, row.base_version, dict(row.form.get("fields") or {}),
                dict(row.form.get("base") or {}), row.saved_at)
