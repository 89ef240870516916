"""A site with published groups, its stewards, an editor, and shorthand for sending things to the steward's desk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from finder.accounts.permissions import Role, Scope
from finder.listings import changes, reports, review
from finder.listings.changes import Listing
from finder.listings.review import Sender, Trust
from finder.outbox import Message
from tests.web.people import Person
from tests.web.site import Site, group

CONTACT = {"phone": "919-555-0190", "email": "joy@example.org"}
NEW_PHONE = {"phone": "919-555-0146", "email": "joy@example.org"}


def meets(city: str, state: str, **more: Any) -> dict[str, Any]:
    return {"format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:00",
            "timezone": "America/New_York", "location": {"name": "Hall", "city": city, "state": state}, **more}


class StewardSite(Site):
    """River Circle 1 meets in Pennsylvania and Joy edits it; River Circle 2 meets in Ohio."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, [group(1, contact=CONTACT, sessions=[meets("Erie", "PA")]),
                                  group(2, sessions=[meets("Akron", "OH")])])
        self.sam = Person(self, "sam@example.org", Role.STEWARD)
        self.joy = Person(self, "joy@desk.example.org", (Role.OPERATOR, Scope.PROGRAM, str(self.see(0).id)))
        self.of_ohio = Person(self, "kim@example.org", (Role.STEWARD, Scope.STATE, "US:OH"))

    def see(self, number: int) -> Listing:
        with self.database.reading() as session:
            return changes.find(session, self.slugs[number])

    def propose(self, number: int = 0, *, trust: Trust = Trust.ANYBODY, account: int | None = None,
                note: str | None = None, **fields: Any) -> str:
        there = self.see(number)
        sender = Sender(trust, account, None if account else "visitor@example.org")
        with self.database.transaction() as session:
            outcome = review.propose(session, there.id, {**there.document, **fields}, base=there.version,
                                     sender=sender, now=self.clock(), note=note)
        return str(outcome.waiting)

    def propose_new(self, account: int | None = None, **fields: Any) -> str:
        sender = Sender(Trust.ANYBODY, account, None if account else "visitor@example.org")
        with self.database.transaction() as session:
            outcome = review.propose_new(session, group(9, **{"name": "Creek Circle", **fields}), sender=sender,
                                         now=self.clock())
        return str(outcome.waiting)

    def report(self, number: int = 0, kind: str = "time", note: str = "", reply_to: str = "", mark: str = "") -> str:
        with self.database.transaction() as session:
            reports.send(session, self.see(number).id, kind=kind, note=note, sender="", mark=mark, reply_to=reply_to,
                         now=self.clock())
            return str(max(one.number for one in reports.waiting(session)))

    def letters(self, kind: str) -> list[Message]:
        with self.database.reading() as session:
            return list(session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id)))

    def decide(self, key: str, person: Person | None = None, **form: Any) -> Any:
        person = person or self.sam
        path = f"/steward/proposals/{key}"
        return person.send(person.get(path), path, form)
