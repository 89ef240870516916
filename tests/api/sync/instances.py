"""Several instances in one process, each with a database of its own, that read one another's changes."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import delete, or_, select, update

from finder.app import create_app
from finder.catalog import queries
from finder.catalog.models import CatalogState, Program, Source
from finder.cli import import_jobs
from finder.config import Settings
from finder.exchange import feeds, subscriptions, uploads
from finder.exchange.fetching import Fetched, Unfetchable
from finder.exchange.taking import Ground
from finder.listings import changes, doubles
from finder.listings.edits import ImportReport, Incoming, import_listings
from finder.listings.models import Double, Feed
from finder.listings.writing import Author
from finder.places import gazetteer
from finder.search.snapshot import Keeper
from finder.services import Services
from finder.vocabulary import vocabulary
from tests.listings.database import NOW, make_database

BY = Author("steward:1")
PATH = "/api/v1/changes"
OWN = "Ours"


def group(number: int, **more: Any) -> dict[str, Any]:
    return {"format": "finder-listing/1", "id": f"g{number}", "name": f"Group {number}", "group_type": "peer_support",
            **more}


@cache
def _app(slot: int, base_url: str) -> Flask:
    """Making an app takes longer than most tests, so instances borrow one and set themselves in."""
    return create_app(Settings(base_url=base_url))


class Instance:
    """One instance. Only its machine routes may be asked: the app's pages hold on to another database."""

    def __init__(self, folder: Path, name: str = "one", slot: int = 0, **settings: Any) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.name, self.host, self.now = folder, name, f"{name}.example", NOW
        usual = {"base_url": f"https://{self.host}", "site_name": name}
        self.settings = Settings(instance=folder, **{**usual, **settings})
        self.database = make_database(folder)
        with self.database.transaction() as session:  # all databases of tests are copies of one
            session.execute(update(CatalogState).values(instance_id=uuid.uuid5(uuid.NAMESPACE_DNS, self.host)))
        self.app = _app(slot, self.settings.base_url)
        self.open()

    def open(self) -> None:
        """As its process is started."""
        keeper = Keeper(self.database, lambda: self.now)
        self.services = Services(self.settings, self.database, keeper.current, gazetteer.load(), vocabulary(),
                                 lambda: self.now)
        self.app.extensions["finder"] = self.services

    @property
    def id(self) -> uuid.UUID:
        with self.database.reading() as session:
            return queries.instance_id(session)

    # -- listings ----------------------------------------------------------------------------------------------------

    def take(self, *documents: dict[str, Any], publish: bool = True, source: str = OWN, **how: Any) -> ImportReport:
        with self.database.transaction() as session:
            return import_listings(session, [Incoming(one, row, publish) for row, one in enumerate(documents, 1)],
                                   source=source, now=self.now, **{"complete": False, **how})

    def program(self, which: str) -> changes.Listing:
        """A listing by its name or its id in its source, whatever its state."""
        with self.database.reading() as session:
            wanted = select(Program.id).where(or_(Program.name == which, Program.source_key == which))
            return changes.find(session, session.execute(wanted).scalar_one())

    def own(self) -> list[changes.Listing]:
        """The listings that this instance keeps itself, whatever their state."""
        with self.database.reading() as session:
            found = changes.find_all(session, session.scalars(select(Program.id).where(Program.origin.is_(None))))
        return sorted(found.values(), key=lambda listing: listing.id)

    def change(self, which: str, **how: Any) -> changes.Listing:
        """What a steward does to a listing."""
        there = self.program(which)
        with self.database.transaction() as session:
            return changes.change(session, there.id, base=there.version, author=BY, now=self.now, **how)

    def edit(self, which: str, **fields: Any) -> changes.Listing:
        return self.change(which, document={**self.program(which).document, **fields})

    def merge(self, gone: str, stays: str) -> None:
        kept, other = self.program(stays), self.program(gone)
        one, two = sorted((kept, other), key=lambda listing: listing.id)
        with self.database.transaction() as session:
            session.execute(delete(Double).where(Double.one == one.id, Double.two == two.id))
            pair = Double(one=one.id, two=two.id, score=90.0, verdict="same", reasons=[],
                          found_at=NOW.replace(tzinfo=None))
            session.add(pair)
            session.flush()
            doubles.merge(session, pair.id, stays=kept.id, bases={one.id: one.version, two.id: two.version}, author=BY,
                          now=self.now)

    def shown(self) -> dict[str, str]:
        """The published listings by name, and the source each comes from."""
        with self.database.reading() as session:
            return {name: source for name, source in session.execute(
                select(Program.name, Source.name).join(Source).where(Program.state == "published")
                .order_by(Program.name))}

    def texts(self) -> dict[tuple[uuid.UUID, str], dict[str, Any]]:
        """The published listings by the instance that keeps each and its id there, without what differs by way."""
        with self.database.reading() as session:
            rows = session.execute(select(Program.id, Program.origin, Program.source_key)
                                   .where(Program.state == "published")).all()
            found = {one.id: one.document for one in queries.published(session)}
        here = self.id
        return {(row.origin or here, row.source_key if row.origin else str(row.id)): {
            key: value for key, value in (found[row.id] or {}).items() if key not in ("id", "source")} for row in rows}

    # -- feeds -------------------------------------------------------------------------------------------------------

    def follow(self, other: Instance, **how: Any) -> int:
        """Subscribes to another instance."""
        with self.database.transaction() as session:
            return feeds.add(session, now=self.now, **{
                "name": f"From {other.name}", "url": f"https://{other.host}/", "fmt": "finder", "every_hours": "1",
                "mapping": "", **how}).id

    def read(self, fetch: Callable[..., Fetched]) -> dict[str, int]:
        """One round of `finder work`, an hour later."""
        self.now += timedelta(hours=1)
        return dict(import_jobs.read_feeds(self.services, self.now, fetch))

    def feed(self, number: int = 1) -> Feed:
        with self.database.reading() as session:
            return feeds.find(session, number)

    def let_in(self, *, all_of_it: bool = True) -> ImportReport:
        """What a steward does at the import desk with what waits there: it may go, or only the rest comes in."""
        ground = Ground(self.services.vocabulary, self.services.gazetteer)
        with self.database.reading() as session:
            waiting = uploads.open_ones(session, uploads.WAITING)[-1]
        if all_of_it:
            with self.database.transaction() as session:
                uploads.change(session, waiting.id, take_down_all=True)
        with self.database.reading() as session:
            looked = uploads.look(session, uploads.find(session, waiting.id), self.folder, ground, now=self.now)
        with self.database.transaction() as session:
            uploads.note_looked(session, waiting.id, looked)
        with self.database.transaction() as session:
            return uploads.apply(session, waiting.id, self.folder, ground, author=BY, now=self.now)

    def back_up(self) -> None:
        """Keeps a copy of the database beside it."""
        with sqlite3.connect(self.folder / "finder.db") as there, sqlite3.connect(self.folder / "backup.db") as copy:
            there.backup(copy)

    def restore(self) -> None:
        """Puts that copy in its place, as after a loss."""
        self.database.close()
        with sqlite3.connect(self.folder / "backup.db") as there, sqlite3.connect(self.folder / "finder.db") as copy:
            there.backup(copy)
        self.open()

    def left_alone(self, number: int = 1) -> dict[str, int]:
        with self.database.reading() as session:
            return subscriptions.left_alone(session).get(number, {})


class Net:
    """The network between them, without one. `wrong` fails the next request, or all when `always`."""

    def __init__(self, *instances: Instance) -> None:
        self.instances = {one.host: one for one in instances}
        self.asked: list[str] = []
        self.answered: list[int] = []
        self.broken_after: int | None = None
        self.changed: Callable[[bytes], bytes] = lambda body: body

    def __call__(self, url: str, folder: Path, *, etag: str | None = None, **how: Any) -> Fetched:
        parts = urlsplit(url)
        if self.broken_after is not None:
            if self.broken_after <= 0:
                raise Unfetchable("unreachable")
            self.broken_after -= 1
        self.asked.append(url)
        client = self.instances[parts.hostname or ""].app.test_client()
        answer = client.get(f"{parts.path}?{parts.query}", headers={"If-None-Match": etag} if etag else {})
        self.answered.append(answer.status_code)
        if answer.status_code == 304:
            return Fetched(None, url, etag)
        if answer.status_code != 200:
            raise Unfetchable("status", status=answer.status_code)
        path = folder / "source"
        path.write_bytes(self.changed(answer.data))
        return Fetched(path, url, answer.headers.get("ETag"))


def rounds(net: Net, *instances: Instance, most: int = 12) -> int:
    """Lets all read one another until nothing changes any more; gives how many rounds that took."""
    for number in range(most):
        before = [one.database.catalog_version() for one in instances]
        for one in instances:
            one.read(net)
        if [one.database.catalog_version() for one in instances] == before:
            return number
    raise AssertionError("they do not come to rest")
