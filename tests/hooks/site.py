"""A site with one group and one hook, whose network is a function of the test."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from finder import outbox
from finder.accounts.permissions import Role, Scope
from finder.cli import hook_jobs
from finder.hooks import keeping
from finder.hooks.models import Hook
from finder.hooks.signing import Seal
from finder.listings import changes
from finder.listings.writing import Author
from finder.outbox import Message
from tests.hooks.receiver import Receiver
from tests.listings.database import take
from tests.web.people import Person
from tests.web.site import Site, group

URL = "https://example.org/in"


class HookSite(Site):
    """A site with one group, two stewards and one hook."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(folder, [group(1)], **settings)
        Person(self, "joy@example.org", Role.STEWARD)
        Person(self, "kim@example.org", (Role.STEWARD, Scope.STATE, "US:OH"))
        self.hook, self.secret = self.add()
        self.receiver = Receiver()

    def add(self, name: str = "County line", url: str = URL, *, anywhere: bool = False) -> tuple[Hook, str]:
        seal: Seal = self.app.extensions["finder_hooks"]
        with self.database.transaction() as session:
            return keeping.add(session, seal, name=name, url=url, account_id=None, now=self.clock(),
                               anywhere=anywhere)

    def bring(self, *numbers: int) -> None:
        take(self.database, [group(one) for one in (1, *numbers)])

    def round(self, after: timedelta = timedelta(0)) -> Mapping[str, int]:
        self.clock.at += after
        return hook_jobs.look_after(self.app.extensions["finder"], self.clock(), self.receiver)

    def see(self) -> Hook:
        with self.database.reading() as session:
            return keeping.find(session, str(self.hook.id))

    def messages(self, kind: str = outbox.HOOK) -> list[Message]:
        with self.database.reading() as session:
            return list(session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id)))

    def state(self, number: int, state: str, **more: Any) -> None:
        with self.database.transaction() as session:
            there = changes.find(session, self.slugs[number])
            changes.change(session, there.id, base=there.version, author=Author("steward"), now=self.clock(),
                           state=state, **more)
