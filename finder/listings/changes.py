"""What people do to a listing: add it, change it, take it down, bring it back, show and restore any version of it.

Each change carries the version its maker had read; an older one is refused. Nothing is committed here; the door does.
Who may do it is asked before (accounts.permissions), and what must wait for a second person is review.py's to say.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import RowMapping, select, update
from sqlalchemy.orm import Session

from finder.catalog import listing_schema, queries, rows
from finder.catalog.models import DELETED, PUBLISHED, Program, Source
from finder.errors import Conflict, NotFound
from finder.listings import following, ready, writing
from finder.listings.models import Removal, Revision
from finder.listings.writing import Author, Change, Writing

OWN_SOURCE = "Written here"  # the source of listings that people enter on this instance
UNKEPT = frozenset(("format", "id", "source"))  # fields that an edit never holds against a feed


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing as it stands, whatever its state: its canonical document, its own version and where it comes from.

    `kept_fields` maps the fields that a person set to the instant they did; `merged_into` names the listing that
    stands in its place.
    """

    id: uuid.UUID
    slug: str
    state: str
    version: int
    document: dict[str, Any]
    source: str
    organization_id: uuid.UUID | None
    kept_fields: Mapping[str, str]
    merged_into: uuid.UUID | None
    updated_at: datetime

    @property
    def states(self) -> frozenset[str]:
        """Where it meets, as regions of a grant name it: "US:PA"."""
        return states_of(self.document)


@dataclass(frozen=True, slots=True)
class Entry:
    """One step of a listing's history. `before` and `after` are whole documents; None: there was, or is, none shown."""

    number: int
    version: int
    at: datetime
    actor: str
    account_id: int | None
    kind: str
    reason: str | None
    state_before: str | None
    state_after: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def states_of(document: Mapping[str, Any]) -> frozenset[str]:
    """The states where a listing meets, "US:PA"; empty for one that meets nowhere known."""
    places = [session.get("location") or {} for session in document.get("sessions") or ()]
    return frozenset(f"{one.get('country', 'US')}:{one['state'].upper()}" for one in places if one.get("state"))


def find(session: Session, key: str | uuid.UUID) -> Listing:
    """A listing by its id or slug, whatever its state. Raises NotFound."""
    row = session.execute(select(Program.__table__, Source.name.label("of")).join(Source).where(_named(key))
                          ).mappings().first()
    if row is None:
        raise NotFound("program")
    return _listing(row, queries.documents(session, [row])[0])


def find_all(session: Session, programs: Iterable[uuid.UUID]) -> dict[uuid.UUID, Listing]:
    """Listings by their ids, whatever their state; one that does not exist is left out."""
    wanted = select(Program.__table__, Source.name.label("of")).join(Source).where(Program.id.in_(list(programs)))
    found = session.execute(wanted).mappings().all()
    return {row["id"]: _listing(row, text)
            for row, text in zip(found, queries.documents(session, found), strict=True)}


def _named(key: str | uuid.UUID) -> Any:
    if isinstance(key, uuid.UUID):
        return Program.id == key
    try:
        return Program.id == uuid.UUID(key)
    except ValueError:
        return Program.slug == key


def _listing(row: RowMapping, document: dict[str, Any]) -> Listing:
    return Listing(row["id"], row["slug"], row["state"], row["version"], document, row["of"], row["organization_id"],
                   row["kept_fields"] or {}, row["merged_into"], row["updated_at"])


def add(session: Session, document: Mapping[str, Any], *, author: Author, now: datetime, state: str = PUBLISHED,
        source: str = OWN_SOURCE, kind: str = "added", reason: str | None = None) -> Listing:
    """A new listing of this instance. Raises Invalid by field, Conflict when the source has one of this id."""
    checked = listing_schema.load({**document, "id": document.get("id") or new_id()})
    found = writing.source_named(session, source, now)
    to = Writing(session, found, queries.next_version(session), now, author, kind, reason=reason)
    there = select(Program.id).where(Program.source_id == found.id, Program.source_key == checked["id"])
    if session.execute(there).first() is not None:
        raise Conflict("exists")
    (program,) = writing.add(to, [(ready.of(checked), state)])
    _tell_readers(to)
    return find(session, program)


def new_id() -> str:
    """An id for a listing written here, unique without asking."""
    return uuid.uuid4().hex


def change(session: Session, program: uuid.UUID, *, base: int, author: Author, now: datetime,
           document: Mapping[str, Any] | None = None, state: str | None = None, kind: str = "edited",
           reason: str | None = None, keep: bool = True, more: Mapping[str, Any] | None = None) -> Listing:
    """The listing with another text, another state, or both; one that says the same is left alone.

    `base` is the version its maker had read. `keep`: fields that changed now count as a person's word, which no
    import overwrites. `more` are further columns; a listing that is no longer deleted leads to no other one, and its
    people's wish not to be listed is lifted. Raises NotFound, Invalid by field, and Conflict("stale", version=…) when
    somebody else was first: nothing is written then.
    """
    version = queries.next_version(session)  # takes the writers' turn, so what is read now stays true
    there = find(session, program)
    if there.version != base:
        raise Conflict("stale", version=there.version)
    checked = there.document if document is None else listing_schema.load({**document, "id": there.document["id"]})
    digest, state = rows.content_hash(checked), state or there.state
    fields = changed_fields(there.document, checked)
    if there.state == DELETED != state:
        more = {"merged_into": None, **(more or {})}
        lift_removals(session, [program], now)
    if not fields and state == there.state and not more:
        return there
    row = writing.read_rows(session, [program])[program]
    _take_turn(session, program, base)
    extra = dict(more or {})
    if keep:
        extra["kept_fields"] = {**there.kept_fields, **{name: now.isoformat() for name in fields if name not in UNKEPT}}
    source = session.get_one(Source, row["source_id"])
    to = Writing(session, source, version, now, author, kind, reason=reason)
    writing.change(to, [Change(row, checked, state, digest, extra)])
    _tell_readers(to)
    after = find(session, program)
    following.follow(session, program, there.organization_id, after.organization_id, now=now)
    return after


def lift_removals(session: Session, programs: Sequence[uuid.UUID], now: datetime) -> None:
    """Forgets that these listings' people had asked not to be listed: somebody brings them back."""
    session.execute(update(Removal).where(Removal.program_id.in_(programs), Removal.lifted_at.is_(None))
                    .values(lifted_at=writing.naive(now)))


def _take_turn(session: Session, program: uuid.UUID, base: int) -> None:
    """Holds the row by its version, so that of two writers with the same one the second gets nothing.

    The version check stands in the UPDATE itself: on PostgreSQL a row read a moment ago proves nothing.
    """
    held = session.execute(update(Program).where(Program.id == program, Program.version == base)
                           .values(version=Program.version))
    if not held.rowcount:  # type: ignore[attr-defined]
        there = session.execute(select(Program.version).where(Program.id == program)).scalar_one_or_none()
        raise Conflict("stale", version=there)


def _tell_readers(to: Writing) -> None:
    if to.touched:
        queries.raise_version(to.session)


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Top-level fields in which two canonical documents differ, in the contract's order."""
    return [key for key in rows.ORDER if before.get(key) != after.get(key)]


# -- history ---------------------------------------------------------------------------------------------------------


def history(session: Session, program: uuid.UUID, *, most: int | None = None, after: int = 0) -> list[Entry]:
    """Every change of a listing, the newest first; or at most so many, when so many newer ones are passed over."""
    found = session.scalars(select(Revision).where(Revision.program_id == program).order_by(Revision.id.desc())
                            .limit(most).offset(after))
    return [_entry(one) for one in found]


def at_version(session: Session, program: uuid.UUID, version: int) -> Entry:
    """The change that gave a listing this version. Raises NotFound."""
    found = session.scalars(select(Revision).where(Revision.program_id == program, Revision.version == version)
                            .order_by(Revision.id.desc()).limit(1)).first()
    if found is None:
        raise NotFound("version")
    return _entry(found)


def histories(session: Session, programs: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Entry]]:
    """Every change of several listings, by listing, the newest first."""
    wanted = select(Revision).where(Revision.program_id.in_(list(programs))).order_by(Revision.id.desc())
    found: dict[uuid.UUID, list[Entry]] = {}
    for one in session.scalars(wanted):
        found.setdefault(one.program_id, []).append(_entry(one))
    return found


def _entry(one: Revision) -> Entry:
    return Entry(one.id, one.version, one.at, one.actor, one.account_id, one.kind, one.reason, one.state_before,
                 one.state_after, orjson.loads(one.before) if one.before else None,
                 orjson.loads(one.after) if one.after else None)


def as_of(entries: Sequence[Entry], version: int) -> tuple[dict[str, Any], str]:
    """Text and state of a listing at one version, from its history (newest first). Raises NotFound."""
    for entry in entries:
        if entry.version == version:
            text = entry.after if entry.after is not None else entry.before
            if text is not None:
                return text, entry.state_after
    raise NotFound("version")


def restore(session: Session, program: uuid.UUID, version: int, *, base: int, author: Author, now: datetime,
            reason: str | None = None) -> Listing:
    """The listing as it was at an earlier version, text and state; the way there stays in its history."""
    document, state = as_of([at_version(session, program, version)], version)
    return change(session, program, base=base, author=author, now=now, document=document, state=state,
                  kind="restored", reason=reason)


def delete(session: Session, program: uuid.UUID, *, base: int, author: Author, now: datetime,
           reason: str | None = None) -> Listing:
    """Takes a listing down for good: no visitor sees it and no import brings it back."""
    return change(session, program, base=base, author=author, now=now, state=DELETED, kind="deleted", reason=reason)


def undelete(session: Session, program: uuid.UUID, *, base: int, author: Author, now: datetime,
             reason: str | None = None) -> Listing:
    """A deleted listing as it was, in the state it had. Raises Conflict("not_deleted")."""
    there = find(session, program)
    if there.state != DELETED:
        raise Conflict("not_deleted")
    was = next((one.state_before for one in history(session, program)
                if one.state_after == DELETED and one.state_before not in (None, DELETED)), PUBLISHED)
    return change(session, program, base=base, author=author, now=now, state=was, kind="restored", reason=reason)
