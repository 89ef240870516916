"""All published listings as plain columns and as JSON texts, many at once: for the snapshot of a large catalog.

`queries.published` gives the same listings as documents, one by one, at ten times the cost. Nothing here is parsed:
JSON stays the text that the database holds, days stay ISO texts. `rows.document` says what a document is; the
tests compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any

from sqlalchemy import JSON, Boolean, ColumnElement, Select, Text, Uuid, cast, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import Date

from finder.catalog import rows
from finder.catalog.models import PUBLISHED, Location, MeetingSession, Organization, Program

CHUNK = 10_000
Columns = tuple[Sequence[Any], ...]


def programs(session: Session, names: Sequence[str]) -> Iterator[Columns]:
    """Chunks of columns of the published programs, in the order they stand on the disk; ids are 32 hex digits."""
    yield from _chunks(session, select(*_plain(session, Program, names)).where(Program.__table__.c.state == PUBLISHED))


def sessions(session: Session, names: Sequence[str]) -> Iterator[Columns]:
    """The same of all sessions, also those of programs that are not published."""
    yield from _chunks(session, select(*_plain(session, MeetingSession, names)))


def locations(session: Session, names: Sequence[str]) -> Iterator[Columns]:
    """The same of all locations."""
    yield from _chunks(session, select(*_plain(session, Location, names)))


def documents(session: Session) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Chunks of ids and canonical documents (as JSON texts) of the published programs, in the order of `programs`."""
    organizations, meetings = _organizations(session), _meetings(session)
    for ids, runs, *columns in programs(session, ("id", "organization_id", *_PROGRAM)):
        said = dict(zip(_PROGRAM, columns, strict=True))
        parts = {name: map(_FRAGMENTS[name].__getitem__, said[name]) if name in _FRAGMENTS else
                 [_written(name, one) for one in said[name]] for name in rows.SAME_NAME}
        parts |= {
            "format": [f'{{"format":"finder-listing/1","id":{encode_basestring(key)}' for key in said["source_key"]],
            "organization": [organizations.get(one, "") for one in runs],
            "sessions": [f',"sessions":[{",".join(meetings[one])}]' if one in meetings else "" for one in ids],
            "starts_on": ["" if one is None else f',"starts_on":"{one}"' for one in said["starts_on"]],
            "verified": list(map(_verified, *(said[name] for name in _VERIFIED))),
            "source": list(map(_source, *(said[name] for name in _SOURCE))),
        }
        ordered = [parts[name] for name in rows.ORDER if name != "id"]
        yield ids, [f"{text}}}" for text in map("".join, zip(*ordered, strict=True))]


# -- columns as they are ---------------------------------------------------------------------------------------------


def _plain(session: Session, model: Any, names: Iterable[str]) -> list[ColumnElement[Any]]:
    """Columns without anything made of their values. SQLite gives what is stored; PostgreSQL is asked for text."""
    is_server = session.get_bind().dialect.name == "postgresql"
    found: list[ColumnElement[Any]] = []
    for name in names:
        column = model.__table__.c[name]
        if isinstance(column.type, JSON | Date | Uuid):
            found.append(cast(column, Text) if is_server else type_coerce(column, Text))
        else:
            found.append(column)
    return found


def _chunks(session: Session, wanted: Select[Any]) -> Iterator[Columns]:
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        for chunk in connection.execute(wanted, execution_options={"yield_per": CHUNK}).partitions():
            yield tuple(zip(*chunk, strict=True))
        return
    # The driver's own rows: what SQLAlchemy makes of them costs as much again as reading them.
    line = str(wanted.compile(connection.engine, compile_kwargs={"literal_binds": True}))
    driver = connection.connection.dbapi_connection
    assert driver is not None
    cursor = driver.cursor()
    cursor.execute(line)
    while chunk := cursor.fetchmany(CHUNK):
        yield tuple(zip(*chunk, strict=True))
    cursor.close()


# -- texts -----------------------------------------------------------------------------------------------------------

_VERIFIED = ("verified_on", "verified_method", "field_dates")
_SOURCE = ("source_name", "source_url", "source_license", "retrieved")
_PROGRAM = ("source_key", *rows.SAME_NAME, "starts_on", *_VERIFIED, *_SOURCE)
_JSON_NAMES = frozenset(column.name for model in (Program, MeetingSession) for column in model.__table__.columns
                        if isinstance(column.type, JSON))
_TRUTHS = frozenset(column.name for model in (Program, MeetingSession, Location) for column in model.__table__.columns
                    if isinstance(column.type, Boolean))
# Fields that few listings have in common with another; of all others each different value is written once.
_OWN = frozenset(("name", "description", "contact", "x", "address_1", "latitude", "longitude", "url", "email", "phone"))
_MOST_KEPT = 200_000


def _written(name: str, value: Any) -> str:
    """A field with the comma before it; nothing where it is not stated."""
    if value is None:
        return ""
    if name in _JSON_NAMES:
        return f',"{name}":{value}'
    if name in _TRUTHS:
        return f',"{name}":{"true" if value else "false"}'
    return f',"{name}":{encode_basestring(value) if isinstance(value, str) else repr(value)}'


class _Fragments(dict[Any, str]):
    """The different values of a field in writing."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def __missing__(self, value: Any) -> str:
        if len(self) >= _MOST_KEPT:
            self.clear()
        found = self[value] = _written(self.name, value)
        return found


_FRAGMENTS: Mapping[str, _Fragments] = {
    name: _Fragments(name) for name in (*rows.SAME_NAME, *rows.SESSION_FIELDS, *rows.LOCATION_FIELDS,
                                        *rows.ORGANIZATION_FIELDS) if name not in _OWN}


def _fields(names: Sequence[str], columns: Sequence[Sequence[Any]]) -> Iterator[str]:
    """The objects of a chunk of rows without their braces, a comma first."""
    parts = [map(_FRAGMENTS[name].__getitem__, column) if name in _FRAGMENTS else
             [_written(name, one) for one in column] for name, column in zip(names, columns, strict=True)]
    return map("".join, zip(*parts, strict=True))


def _organizations(session: Session) -> dict[str, str]:
    found: dict[str, str] = {}
    names = rows.ORGANIZATION_FIELDS
    for ids, *columns in _chunks(session, select(*_plain(session, Organization, ("id", *names)))):
        found.update((one, f',"organization":{{{text[1:]}}}')
                     for one, text in zip(ids, _fields(names, columns), strict=True))
    return found


def _meetings(session: Session) -> dict[str, list[str]]:
    """Program -> its sessions in writing, in order."""
    places: dict[str | None, str] = {None: ""}
    for ids, *columns in locations(session, ("id", *rows.LOCATION_FIELDS)):
        texts = _fields(rows.LOCATION_FIELDS, columns)
        places.update((one, f',"location":{{{text[1:]}}}') for one, text in zip(ids, texts, strict=True))
    found: dict[str, list[str]] = {}
    placed: dict[str, list[int]] = {}  # only of those with more than one
    names = rows.SESSION_FIELDS
    for programs, positions, where, *columns in sessions(session, ("program_id", "position", "location_id", *names)):
        said = {name: map(_FRAGMENTS[name].__getitem__, column) for name, column in zip(names, columns, strict=True)}
        said["location"] = map(places.__getitem__, where)
        ordered = zip(*(said[name] for name in rows.SESSION_ORDER), strict=True)
        for program, position, text in zip(programs, positions, map("".join, ordered), strict=True):
            held = found.setdefault(program, [])
            held.append(f"{{{text[1:]}}}")
            if position != len(held) - 1 or program in placed:
                placed.setdefault(program, list(range(len(held) - 1))).append(position)
    for program, positions in placed.items():
        pairs = sorted(zip(positions, found[program], strict=True))
        found[program] = [text for _, text in pairs]
    return found


def _verified(on: str | None, method: str | None, field_dates: str | None) -> str:
    if on is None:
        return ""
    dates = f',"field_dates":{field_dates}' if field_dates and field_dates != "{}" else ""
    return f',"verified":{{"on":"{on}","method":{"null" if method is None else encode_basestring(method)}{dates}}}'


def _source(name: str | None, url: str | None, license: str | None, retrieved: str | None) -> str:  # noqa: A002
    if not (name or url or license or retrieved):
        return ""
    stated = map(_written, ("name", "url", "license", "retrieved"), (name, url, license, retrieved))
    return f',"source":{{{"".join(stated)[1:]}}}'
