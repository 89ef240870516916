"""What changed in the catalog after a place in it, oldest first: listings as they are now, and those that are gone.

A place (cursor) is a version of the catalog and how far within it. A listing that changes meanwhile moves to the end,
so a walk misses nothing and may meet a listing twice. What was never shown to anybody is not told of.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, Uuid, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from finder.catalog import queries
from finder.catalog.models import PUBLISHED, Program
from finder.catalog.public import public
from finder.errors import Gone, NotFound
from finder.exchange.changes import Change, Into, Origin
from finder.exchange.entries import was_shown
from finder.listings import doubles
from finder.listings.models import Revision

# Version of this form, instance, version of the catalog, listing in it, flags, step of history, mark of that step.
_FORM = struct.Struct(">B16sQ16sBQ8s")
_FIRST_FORM = 1
_WHOLE, _WITHIN = 1, 2


class CursorUnknown(Gone):
    """A place that this instance does not know: of another one, or of days that a restored backup knows nothing of."""

    code = "cursor_unknown"


@dataclass(frozen=True, slots=True)
class Place:
    """How far somebody has come: all of the versions before `version`, and of that one all listings up to `listing`
    (None: all of them). `whole`: they began with nothing and are not through yet."""

    version: int = 0
    listing: uuid.UUID | None = None
    whole: bool = False


BEGINNING = Place(whole=True)


@dataclass(frozen=True, slots=True)
class State:
    """The catalog as it stands: the instance's name among others, and the version."""

    instance: uuid.UUID
    version: int

    def is_reached(self, place: Place) -> bool:
        """Whether nothing changed after a place."""
        return place.listing is None and place.version >= self.version and not place.whole


@dataclass(frozen=True, slots=True)
class Piece:
    """Changes after a place; `to` is the place behind them, and `more` says that there are others already."""

    changes: Sequence[Change]
    to: Place
    more: bool


def state(session: Session) -> State:
    """The state that this transaction sees."""
    return State(queries.instance_id(session), queries.version(session))


def since(session: Session, moment: datetime) -> Place:
    """The place before which nothing changed after a moment."""
    first = session.execute(select(func.min(Program.changed_version + 0)).where(
        Program.updated_at > moment.astimezone(UTC).replace(tzinfo=None))).scalar()
    return Place(queries.version(session) if first is None else first - 1)


def later(one: Place, other: Place) -> Place:
    """The one of two places that is further on."""
    def order(place: Place) -> tuple[int, bool, int]:
        return place.version, place.listing is None, place.listing.int if place.listing else 0

    return replace(max(one, other, key=order), whole=one.whole and other.whole)


def after(session: Session, place: Place, now: State, most: int, *, address: str = "") -> Piece:
    """At most so many changes after a place. `address` is this instance's, for the pages of its listings."""
    wanted = select(Program.__table__).where(
        _behind(place), Program.changed_version <= now.version, or_(Program.state == PUBLISHED, was_shown())
    ).order_by(Program.changed_version, Program.id).limit(most + 1)
    rows = session.execute(wanted).mappings().all()
    more, rows = len(rows) > most, rows[:most]
    to = Place(rows[-1]["changed_version"], rows[-1]["id"], place.whole) if more else Place(now.version)
    return Piece(_changes(session, rows, now.instance, address), to, more)


def _behind(place: Place) -> Any:
    if place.listing is None:
        return Program.changed_version > place.version
    return tuple_(Program.changed_version, Program.id) > tuple_(literal(place.version),
                                                                literal(place.listing, Uuid()))


def _changes(session: Session, rows: Sequence[RowMapping], instance: uuid.UUID, address: str) -> list[Change]:
    shown = [row for row in rows if row["state"] == PUBLISHED]
    texts = dict(zip((row["id"] for row in shown), queries.documents(session, shown), strict=True))
    into = _standing(session, {row["merged_into"] for row in rows if row["state"] != PUBLISHED}, instance)
    found = []
    for row in rows:
        text = texts.get(row["id"])
        origin = origin_of(row, instance, address)
        found.append(Change(row["id"], row["slug"], row["updated_at"].replace(tzinfo=UTC), origin,
                            public(text) if text is not None else None,
                            into.get(row["merged_into"]) if text is None else None))
    return found


def _standing(session: Session, programs: set[Any], instance: uuid.UUID) -> dict[uuid.UUID, Into]:
    named = programs - {None}
    if not named:
        return {}
    wanted = select(Program.id, Program.slug, Program.origin, Program.source_key).where(Program.id.in_(named))
    found = session.execute(wanted).mappings()
    return {row["id"]: Into(row["id"], row["slug"], origin_of(row, instance)) for row in found}


def successor(session: Session, key: str) -> str:
    """The slug of the listing that stands in the place of one that is gone, by its id or slug.

    Raises Gone when none does, NotFound for what nobody was ever shown.
    """
    stands = doubles.successor(session, key)
    if stands is not None:
        return stands
    try:
        named = Program.id == uuid.UUID(key)
    except ValueError:
        named = Program.slug == key
    if session.execute(select(Program.id).where(named, was_shown())).first() is None:
        raise NotFound
    raise Gone


def origin_of(row: Any, instance: uuid.UUID, address: str = "") -> Origin:
    """Who keeps the listing of a row: the instance it was taken over from, else this one."""
    if row["origin"] is not None:
        return Origin(row["origin"], row["source_key"])
    return Origin(instance, str(row["id"]), f"{address}/programs/{row['slug']}" if address else None)


# -- cursors ---------------------------------------------------------------------------------------------------------


def cursor(session: Session, place: Place, now: State) -> str:
    """A place in letters for somebody to keep."""
    step, mark = _last_step(session)
    flags = (_WHOLE if place.whole else 0) | (_WITHIN if place.listing is not None else 0)
    listing = place.listing or uuid.UUID(int=0)
    packed = _FORM.pack(_FIRST_FORM, now.instance.bytes, place.version, listing.bytes, flags, step, mark)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def place_of(session: Session, text: str, now: State) -> Place:
    """The place that a cursor names. Raises CursorUnknown."""
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        form, instance, version, listing, flags, step, mark = _FORM.unpack(packed)
    except (ValueError, struct.error):
        raise CursorUnknown from None
    if form != _FIRST_FORM or instance != now.instance.bytes or version > now.version or flags > _WHOLE | _WITHIN:
        raise CursorUnknown
    if mark != _mark(session, step):
        raise CursorUnknown
    return Place(version, uuid.UUID(bytes=listing) if flags & _WITHIN else None, bool(flags & _WHOLE))


def mark(session: Session) -> str:
    """Letters that name the last step of history: a version by its number and by this is what it was, also after a
    backup was put back. Empty where there is no history yet."""
    step, found = _last_step(session)
    return found.hex() if step else ""


# A number of a version says little after a backup was put back: changes made since carry the same numbers again. So a
# cursor also holds the last step of history there was, which nobody makes twice.


def _last_step(session: Session) -> tuple[int, bytes]:
    step = session.execute(select(func.max(Revision.id))).scalar() or 0
    return step, _mark(session, step)


def _mark(session: Session, step: int) -> bytes:
    """Eight bytes that name a step of history; zeros for none."""
    if not 0 < step < 1 << 63:
        return b"" if step else bytes(8)
    row = session.execute(select(Revision.program_id, Revision.version, Revision.at).where(Revision.id == step)).first()
    if row is None:
        return b""
    return hashlib.blake2b(f"{row[0]}|{row[1]}|{row[2].isoformat()}".encode(), digest_size=8).digest()
