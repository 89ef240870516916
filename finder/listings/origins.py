"""Whose a listing is that another instance gives out, and which one here it stands for. Reads only.

A listing is kept by one instance and may come here by several ways. One that this instance keeps itself does not come
back as somebody else's; one that is here already does not come a second time, unless from the instance that keeps it,
whose word counts more than that of those who pass it on.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from finder.catalog import queries, rows
from finder.catalog.models import PUBLISHED, Program
from finder.listings.outcomes import Departure, Why
from finder.listings.preparing import Checked
from finder.listings.writing import CHUNK

# What of a program is looked at to say what becomes of a row.
COLUMNS = (Program.id, Program.source_key, Program.content_hash, Program.state, Program.kept_fields,
           Program.merged_into, Program.source_id, Program.origin)
Named = tuple[uuid.UUID, str]  # the instance that keeps a listing, and its id there


class Origins:
    """What one source sends, against what is here."""

    def __init__(self, session: Session, source_id: int | None) -> None:
        self.session, self.source_id = session, source_id
        self.here = queries.instance_id(session)

    def known(self, keys: Collection[str]) -> dict[str, Row[Any]]:
        """The programs that this source has brought before, by their id there."""
        found: dict[str, Row[Any]] = {}
        for some in _in_pieces(list(keys)):
            found |= {row.source_key: row for row in self.session.execute(select(*COLUMNS).where(
                Program.source_id == self.source_id, Program.source_key.in_(some)))}
        return found

    def elsewhere(self, names: Iterable[Named]) -> dict[Named, Row[Any]]:
        """The programs of other sources that stand for listings of other instances."""
        wanted, found = set(names), dict[Named, Row[Any]]()
        for some in _in_pieces(sorted({key for _, key in wanted})):
            there: Iterable[Any] = self.session.execute(select(*COLUMNS).where(
                Program.source_key.in_(some), Program.origin.in_(sorted({origin for origin, _ in wanted})),
                Program.source_id != (self.source_id or 0)).order_by(Program.id))
            for row in there:
                if (row.origin, row.source_key) in wanted:
                    found.setdefault((row.origin, row.source_key), row)
        return found

    def stands_for(self, one: Checked | Departure, there: Row[Any] | None,
                   elsewhere: Row[Any] | None) -> tuple[Row[Any] | None, Why | None]:
        """The program that a listing of another instance is here, None for a new one; or why it is left alone.

        `there` is what this source has brought under its id, `elsewhere` what others have brought of its origin.
        """
        if one.origin == self.here:
            return None, Why.ECHO
        if there is not None:
            foreign = there.origin not in (None, one.origin)  # another instance's listing of the same id
            return there, Why.ELSEWHERE if foreign and not one.direct else None
        return elsewhere, Why.ELSEWHERE if elsewhere is not None and not one.direct else None

    def taken(self, source: str, names: Iterable[Named]) -> set[Named]:
        """Those of these listings whose program has moved on to another source, and says by now whose else it is."""
        ids = {rows.program_id(source, name[1]): name for name in names}
        found: set[Named] = set()
        for some in _in_pieces(list(ids)):
            found |= {ids[key] for key in self.session.scalars(select(Program.id).where(Program.id.in_(some)))}
        return found

    def programs(self, names: Iterable[Named]) -> dict[Named, uuid.UUID]:
        """The programs here that stand for listings, those of this instance among them; this source's first."""
        wanted = set(names)
        found = {name: row.id for name, row in self.elsewhere(wanted).items()}
        found |= {(row.origin, key): row.id for key, row in self.known({key for _, key in wanted}).items()
                  if (row.origin, key) in wanted}
        own = {key: name for name in wanted if name[0] == self.here and (key := _uuid(name[1])) is not None}
        for some in _in_pieces(list(own)):
            found |= {own[key]: key for key in self.session.scalars(select(Program.id).where(Program.id.in_(some)))}
        return found

    def published(self) -> int:
        """How many listings of the source are published."""
        return self.session.execute(select(func.count()).select_from(Program).where(
            Program.source_id == self.source_id, Program.state == PUBLISHED)).scalar_one()


def _in_pieces(keys: list[Any]) -> Iterable[list[Any]]:
    return (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
