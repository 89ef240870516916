"""What searches go by, of every published listing: read once in few columns, and kept while catalogs come and go, so
that after a change only what changed is read.

The values are those that `parameters` reads of the resources; a test holds the two together.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.catalog.models import PUBLISHED, Location, MeetingSession, Organization, Program
from finder.catalog.public import public
from finder.catalog.rows import LOCATION_FIELDS, ORGANIZATION_FIELDS
from finder.crosswalks import Crosswalk
from finder.exchange.entries import Entry, Meeting
from finder.exchange.fhir import healthcare_service, location, organization
from finder.exchange.fhir.elements import Resource
from finder.exchange.fhir.parameters import PARAMETERS

PIECE = 500  # listings read at once
# Parameters whose values stand on the card of a listing already; the rest are kept here, in this order.
ON_CARDS: Mapping[str, Sequence[str]] = {"HealthcareService": ("_id", "_lastUpdated", "organization"),
                                         "Location": ("_id", "_lastUpdated", "organization"),
                                         "Organization": ("_id", "_lastUpdated")}
KEPT: Mapping[str, tuple[str, ...]] = {
    type_: tuple(name for name in PARAMETERS[type_] if name not in on_cards) for type_, on_cards in ON_CARDS.items()}
Values = tuple[tuple[Any, ...], ...]  # of one resource, for each parameter of KEPT
_COLUMNS = ("id", "changed_version", "updated_at", "organization_id", "source_key", "source_url", "name", "status",
            "group_type", "led_by", "modalities", "focus", "populations", "languages", "accessibility")
_SAME_NAME = _COLUMNS[6:]
_NO_ID = uuid.UUID(int=0)  # of sessions: no search goes by it


@dataclass(slots=True)
class Facts:
    """The values of every published listing, of the places where they meet and of who runs them, by id.

    `site`: address of the instance; `supplied`: 211 terms of an operator who may use them. `of_program` holds beside
    the values the version in which the listing changed. Who calls `bring_up` lets nobody else in meanwhile.
    """

    site: str
    supplied: Crosswalk | None = None
    of_program: dict[uuid.UUID, tuple[int, Values]] = field(default_factory=dict)
    of_place: dict[str, Values] = field(default_factory=dict)
    of_organization: dict[str, Values] = field(default_factory=dict)
    _same: dict[Any, Any] = field(default_factory=dict, repr=False)
    _shared: set[uuid.UUID] = field(default_factory=set, repr=False)  # places and organizations read this time

    def bring_up(self, session: Session) -> int:
        """Reads what changed since the last time, forgets what is gone; gives how many listings were read."""
        program = Program.__table__.c
        found = session.execute(select(program.id, program.changed_version).where(program.state == PUBLISHED))
        versions = {row[0]: row[1] for row in found}
        self.of_program = {key: held for key, held in self.of_program.items() if versions.get(key) == held[0]}
        wanted = [key for key in versions if key not in self.of_program]
        for start in range(0, len(wanted), PIECE):
            for version, entry in _read(session, wanted[start:start + PIECE]):
                self.add(entry, version)
        self._shared.clear()
        self._same.clear()  # what is held by nobody else goes
        return len(wanted)

    def add(self, entry: Entry, version: int = 0) -> None:
        """Takes the values of one listing."""
        program = healthcare_service.searched(entry, site=self.site, supplied=self.supplied)
        self.of_program[entry.id] = (version, self._values("HealthcareService", program))
        for session, meeting in zip(entry.document.get("sessions") or (), entry.meetings, strict=True):
            if session.get("location") and self._is_new(meeting.location_id):
                key = str(meeting.location_id)
                self.of_place[key] = self._values("Location", location.searched(key, session["location"],
                                                                                site=self.site))
        if entry.document.get("organization") and self._is_new(entry.organization_id):
            key = str(entry.organization_id)
            self.of_organization[key] = self._values("Organization", organization.searched(
                key, entry.document["organization"], site=self.site))

    def _is_new(self, key: uuid.UUID | None) -> bool:
        """Whether what several listings share has not been read this time."""
        if key is None or key in self._shared:
            return False
        self._shared.add(key)
        return True

    def _values(self, type_: str, resource: Resource) -> Values:
        """Each parameter's values; those that are alike are kept once."""
        found = (tuple(dict.fromkeys(PARAMETERS[type_][name].read(resource))) for name in KEPT[type_])
        return tuple(self._same.setdefault(one, one) for one in found)


def _read(session: Session, ids: Sequence[uuid.UUID]) -> Iterator[tuple[int, Entry]]:
    """Listings with no more than `searched` reads, and the version in which each changed."""
    program, meets = Program.__table__.c, MeetingSession.__table__.c
    programs = session.execute(select(*(program[name] for name in _COLUMNS))
                               .where(program.id.in_(ids), program.state == PUBLISHED)).mappings().all()
    sessions: dict[uuid.UUID, list[tuple[Meeting, str]]] = {}
    for row in session.execute(select(meets.program_id, meets.location_id, meets.format)
                               .where(meets.program_id.in_(ids)).order_by(meets.program_id, meets.position)):
        sessions.setdefault(row[0], []).append((Meeting(_NO_ID, row[1]), row[2]))
    places = _by_id(session, Location, LOCATION_FIELDS, {meeting.location_id for many in sessions.values()
                                                         for meeting, _ in many})
    organizations = _by_id(session, Organization, ORGANIZATION_FIELDS, {one["organization_id"] for one in programs})
    for one in programs:
        held = sessions.get(one["id"], ())
        document = {name: one[name] for name in _SAME_NAME if one[name] is not None} | {
            "id": one["source_key"], "source": {"url": one["source_url"]},
            "organization": organizations.get(one["organization_id"]),
            "sessions": [{"format": way, "location": places.get(meeting.location_id)} for meeting, way in held]}
        yield one["changed_version"], Entry(one["id"], "", public(document), one["organization_id"],
                                            tuple(meeting for meeting, _ in held),
                                            one["updated_at"].replace(tzinfo=UTC))


def _by_id(session: Session, model: Any, names: Sequence[str], ids: set[Any]) -> dict[Any, dict[str, Any]]:
    """What rows state, by id."""
    wanted = list(ids - {None})
    if not wanted:
        return {}
    columns = model.__table__.c
    rows = session.execute(select(columns.id, *(columns[name] for name in names)).where(columns.id.in_(wanted)))
    return {row[0]: {name: value for name, value in zip(names, row[1:], strict=True) if value is not None}
            for row in rows}
