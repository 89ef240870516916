"""A team that refers to some groups, over a real database: each deed is a transaction of its own, as doors do it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.accounts.models import DISABLED, Account, Token
from finder.catalog.models import Program
from finder.db import Database
from finder.errors import Conflict
from finder.listings import changes
from finder.listings.writing import Author
from finder.outbox import Message
from finder.referrals import clocks, creating, moving
from finder.referrals.creating import Made
from finder.referrals.draft import load
from finder.referrals.models import AnswerTally, Consent, Referral, ReferralEvent, ReferralTask
from finder.referrals.moving import By
from finder.referrals.states import Move
from finder.teams.models import Team
from tests import databases
from tests.listings.database import NOW, make_database, take
from tests.referrals.samples import KEYS, document, make_team, sender

_KEPT = TemporaryDirectory()
MAILED, CALLED = (0, 1, 2, 3, 4), 5  # places of groups that have an address, and of the one that has none
OWNER = "owner@clinic.example"


def group(place: int) -> dict[str, Any]:
    contact = {"phone": "919-555-0142"} if place == CALLED else {"email": f"group{place}@groups.example"}
    return {"format": "finder-listing/1", "id": f"g{place}", "name": f"River Circle {place}", "focus": ["depression"],
            "group_type": "peer_support", "contact": contact, "organization": {"name": "River House"}}


@cache
def _with_groups() -> Path:
    folder = Path(_KEPT.name)
    with databases.lasting():
        database = make_database(folder)
    take(database, [group(place) for place in (*MAILED, CALLED)])
    with database.transaction() as session:
        make_team(session, "Eastside Family Clinic", OWNER)
    database.empty_log()
    database.close()
    return folder / "finder.db"


class Desk:
    """The groups in `programs`, the team, and its one member."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "finder.db"
        self.database = Database(databases.copied(_with_groups(), self.path))
        with self.database.reading() as session:
            named = {one.name: one.id for one in session.scalars(select(Program))}
            self.programs = [named[f"River Circle {place}"] for place in (*MAILED, CALLED)]
            self.team, self.account = self._team(session)
        self.sender = sender(self.account)

    def _team(self, session: Session) -> tuple[uuid.UUID, int]:
        return (session.scalars(select(Team.id)).one(),
                session.scalars(select(Account.id).where(Account.email == OWNER)).one())

    def refer(self, *places: int, now: datetime = NOW, once: str | None = None, **more: Any) -> Made:
        asked = more.pop("programs", [self.programs[one] for one in places])
        checked = load(document(asked, **more), today=now.date())
        with self.database.transaction() as session:
            return creating.create(session, self.team, checked, by=self.sender, once=once or uuid.uuid4().hex,
                                   keys=KEYS, now=now)

    def do(self, key: str, what: Move, by: By, now: datetime = NOW, **said: Any) -> None:
        with self.database.transaction() as session:
            moving.move(session, moving.find(session, key), what, by, now=now, **said)

    def close(self, key: str, outcome: str, by: By | None = None, now: datetime = NOW) -> None:
        with self.database.transaction() as session:
            moving.close(session, session.get_one(Referral, key), outcome, by or self.sender, now=now)

    def tick(self, now: datetime) -> list[str]:
        """What `finder work` does with clocks, and what it did."""
        with self.database.reading() as session:
            over, due = clocks.over(session, now), clocks.due(session, now)
        done = []
        for key in over:
            with self.database.transaction() as session:
                done += ["consents"] if clocks.end_consent(session, key, now=now) else []
        for key in due:
            try:
                with self.database.transaction() as session:
                    done.append(clocks.look(session, key, now=now))
            except Conflict:
                continue
        return [one for one in done if one is not None]

    def change(self, place: int, **fields: Any) -> None:
        with self.database.transaction() as session:
            there = changes.find(session, self.programs[place])
            changes.change(session, there.id, document={**there.document, **fields}, base=there.version,
                           author=Author("a test"), now=NOW)

    def referral(self, key: str) -> Referral:
        with self.database.reading() as session:
            found = session.get_one(Referral, key)
            list(found.tasks)
            return found

    def tasks(self, key: str) -> list[ReferralTask]:
        return list(self.referral(key).tasks)

    def task(self, made: Made, place: int = 0) -> str:
        return self.tasks(made.referral.key)[place].key

    def states(self, made: Made) -> list[str]:
        return [one.state for one in self.tasks(made.referral.key)]

    def letters(self, *kinds: str) -> list[tuple[str, str, dict[str, Any]]]:
        """Kind, address and facts of what was written, the oldest first."""
        return [(one.kind, one.address, dict(one.facts)) for one in self.every(Message)
                if not kinds or one.kind in kinds]

    def told(self) -> list[str]:
        """What the owner was told."""
        return [facts["what"] for _, address, facts in self.letters("referral_news") if address == OWNER]

    def consents(self, task: str) -> list[Consent]:
        return [one for one in self.every(Consent) if one.task_key == task]

    def tally(self, place: int) -> dict[str, int]:
        """The counts of one program that are not 0, of all months together."""
        names = ("sent", "answered", "accepted", "waiting", "declined", "no_answer", "attended", "missed", "hours")
        rows = [one for one in self.every(AnswerTally) if one.program_id == self.programs[place]]
        found = {name: sum(getattr(one, name) for one in rows) for name in names}
        return {name: count for name, count in found.items() if count}

    def open_links(self, task: str) -> int:
        return sum(one.subject == task and one.used_at is None for one in self.every(Token))

    def history(self, key: str) -> list[str]:
        return [one.kind for one in self.every(ReferralEvent) if one.referral_key == key]

    def every(self, table: type[Any]) -> Sequence[Any]:
        with self.database.reading() as session:
            return session.scalars(select(table).order_by(*table.__table__.primary_key)).all()


def close_account(desk: Desk) -> None:
    """An administrator closes the account of the team's one member."""
    with desk.database.transaction() as session:
        session.get_one(Account, desk.account).state = DISABLED


def day(number: int) -> date:
    """So many days after the tests' today."""
    return NOW.date() + timedelta(number)


def later(days: float) -> datetime:
    """So many days after the tests' now."""
    return NOW + timedelta(days=days)
