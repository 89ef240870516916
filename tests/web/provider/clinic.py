"""A site with groups to refer to, a team, and colleagues of it who are signed in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from finder.accounts.permissions import Role, Scope
from finder.outbox import Message
from finder.referrals import reading
from finder.referrals.models import Referral
from tests.make import make_session
from tests.pages import Page
from tests.referrals.samples import make_team
from tests.web.operator.desk import HOUSE
from tests.web.operator.desk import RICH as STATED
from tests.web.people import Person
from tests.web.site import Site, group

RICH = {**STATED, "sessions": [make_session(location=HOUSE, repeats="FREQ=WEEKLY;BYDAY=TU", start_time="18:00",
                                            timezone="America/New_York")]}
DRINKING = {**RICH, "focus": ["alcohol"]}
SILENT = {**RICH, "contact": {"phone": "919-555-0177", "how_to_join": "call"}, "organization": {"name": "Quiet House"}}
YES = {"what": ["level", "reach"], "purpose": "join", "way": "written", "confirmed": "1"}


class Clinic:
    """`groups`: three with letters, one for drinking, one that must be called; `joy` and `sam` are colleagues."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.site = Site(folder, [group(1, **RICH), group(2, **RICH), group(3, **RICH), group(4, **DRINKING),
                                  group(5, **SILENT)], **settings)
        with self.site.database.transaction() as session:
            team, _ = make_team(session, "Eastside Family Clinic")
            other, _ = make_team(session, "Westside Clinic")
            self.team, self.other_team = team.id, other.id
        self.joy, self.sam = self.colleague("joy"), self.colleague("sam")
        self.stranger = self.colleague("stranger", self.other_team)
        self.keys = self.site.keys

    def colleague(self, name: str, team: Any = None) -> Person:
        return Person(self.site, f"{name}@example.org", (Role.PROVIDER, Scope.TEAM, str(team or self.team)))

    def form(self, *groups: int, who: Person | None = None) -> Page:
        """The page that makes a referral to these groups."""
        return (who or self.joy).get("/provider/refer?" + "&".join(f"g={self.keys[one]}" for one in groups))

    def send(self, page: Page, form: Mapping[str, Any] | None = None, who: Person | None = None) -> Page:
        """Sends the form, with a yes to sharing."""
        return (who or self.joy).send(page, "/provider/refer", {**YES, **(form or {})})

    def refer(self, *groups: int, who: Person | None = None, **form: Any) -> Page:
        """A referral to these groups; gives its page."""
        return self.send(self.form(*groups, who=who), form, who)

    def all(self) -> list[Referral]:
        with self.site.database.reading() as session:
            found = list(reading.of_team(session, self.team))
            for one in found:
                assert one.tasks
            return found

    def the_one(self) -> Referral:
        (found,) = self.all()
        return found

    def letters(self, kind: str) -> list[Message]:
        with self.site.database.reading() as session:
            return list(session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id)))

    def do(self, deed: str, form: Mapping[str, Any] | None = None, *, task: int = 0, who: Person | None = None,
           **sent: Any) -> Page:
        """Does something with a task of the only referral, as its form would."""
        there, person = self.the_one(), who or self.joy
        one = there.tasks[task]
        page = person.get(f"/provider/referrals/{there.key}")
        token = page.all("input", name="form_token")[0]["value"]
        return person.pages.post(f"/provider/referrals/{there.key}", {
            "form_token": token, "deed": deed, "task": one.key, "version": str(one.version),
            "as_of": there.changed_at.isoformat(), **(form or {})}, **sent)
