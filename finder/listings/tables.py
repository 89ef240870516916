"""Every table of the catalog and of the desks as rows for a spreadsheet: what stewards may take along.

Left out on purpose: secrets, who sent a report, where an answer goes, the address of a place that is kept to itself,
and every count that is too small to be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Executable, select
from sqlalchemy.orm import Session

from finder.accounts.models import Account, Grant
from finder.catalog.models import Location, MeetingSession, Organization, Program, Source
from finder.errors import NotFound
from finder.listings import tallies
from finder.listings.models import Claim, ImportRun, Proposal, Report, Revision

Row = Sequence[object]
PEOPLE = "people"  # for those who look after accounts only
CHECKED = "checked"  # the kind of a change that is a check
_AT_ONCE = 500


def rows(session: Session, name: str, today: date) -> tuple[Sequence[str], Iterator[Row]]:
    """The heads of the columns of a table and its rows, which are read while they are taken. Raises NotFound."""
    if name not in TABLES:
        raise NotFound("table")
    heads, make = TABLES[name]
    return heads, make(session, today)


def _plain(*columns: Any, order: Any) -> tuple[Sequence[str], Callable[[Session, date], Iterator[Row]]]:
    """A table whose rows are columns as they stand."""
    def make(session: Session, today: date) -> Iterator[Row]:
        for row in _stream(session, select(*columns).order_by(order)):
            yield [_cell(one) for one in row]
    return [one.key for one in columns], make


def _stream(session: Session, wanted: Executable) -> Iterator[Any]:
    yield from session.execute(wanted.execution_options(yield_per=_AT_ONCE))


def _cell(value: Any) -> object:
    """Lists and objects in one cell: "a; b" and "key: value; ..."."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(str(one) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_cell(one)}" for key, one in value.items())
    return value


_LISTING = ("id", "slug", "state", "version", "name", "status", "group_type", "led_by", "focus", "modalities",
            "populations", "restricted_to", "languages", "cost", "capacity", "open_group", "starts_on", "verified_on",
            "verified_method", "created_at", "updated_at")


def _listings(session: Session, today: date) -> Iterator[Row]:
    wanted = (select(*(getattr(Program, name) for name in _LISTING), Program.contact, Program.x,
                     Source.name.label("source"), Organization.name.label("organization"))
              .join(Source, Source.id == Program.source_id)
              .outerjoin(Organization, Organization.id == Program.organization_id).order_by(Program.id))
    for row in _stream(session, wanted):
        contact = row.contact or {}
        yield [*(_cell(getattr(row, name)) for name in _LISTING), row.source, row.organization,
               *(contact.get(name) for name in ("phone", "email", "url")), _cell((row.x or {}).get("tags"))]


_SESSION = ("program_id", "position", "format", "anytime", "repeats", "start_time", "duration_minutes", "timezone",
            "valid_from", "valid_until", "except_dates")
_PLACE = ("name", "address_1", "city", "state", "postal_code", "country")
_OPEN_PLACE = frozenset(("city", "state", "country"))


def _sessions(session: Session, today: date) -> Iterator[Row]:
    wanted = (select(*(getattr(MeetingSession, name) for name in _SESSION), Location)
              .outerjoin(Location, Location.id == MeetingSession.location_id)
              .order_by(MeetingSession.program_id, MeetingSession.position))
    for row in _stream(session, wanted):
        place = row.Location
        shown = [getattr(place, name) if place is not None and (not place.hidden or name in _OPEN_PLACE) else None
                 for name in _PLACE]
        yield [*(_cell(getattr(row, name)) for name in _SESSION), *shown,
               _cell(bool(place is not None and place.hidden))]


def _tallies(session: Session, today: date) -> Iterator[Row]:
    for month in tallies.told_months(today):
        for kind in (tallies.UNMET, tallies.VIEW):
            for cell, count in tallies.told(session, kind, month, today=today):
                yield [cell.month.strftime("%Y-%m"), cell.kind, cell.state, cell.key, count]


def _people(session: Session, today: date) -> Iterator[Row]:
    grants: dict[int, list[str]] = {}
    for one in session.scalars(select(Grant).order_by(Grant.id)):
        grants.setdefault(one.account_id, []).append(" ".join(filter(None, (one.role, one.scope, one.value))))
    wanted = select(Account.id, Account.email, Account.name, Account.state, Account.locale, Account.created_at,
                    Account.seen_on).order_by(Account.id)
    for row in _stream(session, wanted):
        yield [*row, "; ".join(grants.get(row.id, ()))]


_Table = tuple[Sequence[str], Callable[[Session, date], Iterator[Row]]]
TABLES: Mapping[str, _Table] = {
    "listings": ([*_LISTING, "source", "organization", "phone", "email", "url", "tags"], _listings),
    "sessions": ([*_SESSION, *_PLACE, "hidden"], _sessions),
    "organizations": _plain(Organization.id, Organization.name, Organization.url, order=Organization.id),
    "reports": _plain(Report.id, Report.program_id, Report.kind, Report.note, Report.sent_on, Report.answer,
                      Report.closed_at, Report.closed_by, order=Report.id),
    "proposals": _plain(Proposal.id, Proposal.program_id, Proposal.kind, Proposal.state, Proposal.fields,
                        Proposal.note, Proposal.made_at, Proposal.account_id, Proposal.decided_at,
                        Proposal.decided_by, Proposal.reason, Proposal.choices, order=Proposal.made_at),
    "claims": _plain(Claim.id, Claim.program_id, Claim.account_id, Claim.method, Claim.state, Claim.made_at,
                     Claim.decided_at, Claim.decided_by, Claim.reason, order=Claim.made_at),
    "checks": (["id", "program_id", "at", "actor", "version", "reason"],
               lambda session, today: ([*row] for row in _stream(session, select(
                   Revision.id, Revision.program_id, Revision.at, Revision.actor, Revision.version, Revision.reason)
                   .where(Revision.kind == CHECKED).order_by(Revision.id)))),
    "imports": _plain(ImportRun.id, ImportRun.source_id, ImportRun.at, ImportRun.counts, ImportRun.account_id,
                      ImportRun.undone_at, order=ImportRun.at),
    "tallies": (["month", "kind", "state", "key", "count"], _tallies),
    PEOPLE: (["id", "email", "name", "state", "locale", "created_at", "seen_on", "roles"], _people),
}
