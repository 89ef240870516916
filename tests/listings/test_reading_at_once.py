"""C6: what readers see while somebody writes, kept as a history and checked afterwards."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from finder.catalog.models import Program
from finder.db import Database
from finder.errors import Conflict
from finder.listings import changes
from finder.listings.writing import Author
from tests.listings.database import NOW, make_database, take

READERS = 4


def listing(number: int) -> dict[str, Any]:
    """A text of which three tables hold a part, each with the same number."""
    return {"format": "finder-listing/1", "id": "g1", "name": f"Circle {number}", "description": f"Words {number}",
            "group_type": "peer_support", "organization": {"name": f"House {number}"}, "sessions": [
                {"format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:00",
                 "timezone": "America/New_York", "location": {"name": f"Hall {number}", "city": "Durham"}}]}


def numbers(document: dict[str, Any]) -> set[str]:
    said = (document["name"], document["description"], document["organization"]["name"],
            document["sessions"][0]["location"]["name"])
    return {one.split()[1] for one in said}


@dataclass
class World:
    """One listing, those who change it and those who read it, and all that was seen."""

    database: Database
    key: uuid.UUID
    over: threading.Event = field(default_factory=threading.Event)
    seen: list[list[tuple[int, int, int]]] = field(default_factory=lambda: [[] for _ in range(READERS)])
    wrong: list[Exception] = field(default_factory=list)

    def read(self, kept: list[tuple[int, int, int]]) -> None:
        """Reads until it is over, and keeps the catalog's version, the listing's, and the number in its words."""
        try:
            while not self.over.is_set():
                before = self.database.catalog_version()
                with self.database.reading() as session:
                    there = changes.find(session, self.key)
                    history = changes.history(session, self.key)
                assert history[0].after == there.document, "history and text are of two moments"
                (number,) = numbers(there.document)
                kept.append((before, there.version, int(number)))
        except Exception as failed:  # noqa: BLE001 - told at the end, for a thread's own failure is lost
            self.wrong.append(failed)

    def write(self, name: str, saves: int) -> None:
        try:
            for _ in range(saves):
                while not self.save(name):
                    pass
        except Exception as failed:  # noqa: BLE001 - the same
            self.wrong.append(failed)

    def save(self, name: str) -> bool:
        """Changes the listing from the version read just now; False when somebody else was first."""
        with self.database.reading() as session:
            base = changes.find(session, self.key).version
        try:
            with self.database.transaction() as session:
                changes.change(session, self.key, base=base, author=Author(name), now=NOW, document=listing(base + 1))
        except Conflict:
            return False
        return True


def run(threads: list[threading.Thread]) -> list[threading.Thread]:
    for one in threads:
        one.start()
    return threads


@pytest.mark.parametrize("saves", [60, pytest.param(2000, marks=pytest.mark.soak)])
def test_C6_nobody_sees_half_a_change_or_an_older_one_after_a_newer(tmp_path: Path, saves: int,
                                                                    record_property: Any) -> None:
    database = make_database(tmp_path)
    take(database, [listing(1)])
    with database.reading() as session:
        world = World(database, session.scalars(select(Program.id)).one())
    readers = run([threading.Thread(target=world.read, args=(kept,)) for kept in world.seen])
    for one in run([threading.Thread(target=world.write, args=(f"operator:{turn}", saves // 2)) for turn in (1, 2)]):
        one.join()
    world.over.set()
    for one in readers:
        one.join()
    assert world.wrong == []
    with database.reading() as session:
        assert changes.find(session, world.key).version == saves + 1
    for kept in world.seen:
        assert kept
        assert kept == sorted(kept), "an older version was seen after a newer one"
        assert all(version == number for _, version, number in kept), "a change was seen in part"
    reads = sum(len(kept) for kept in world.seen)
    record_property("figure", f"{saves:,} saves by 2, {reads:,} reads by {READERS}, none torn, none back")
    database.close()
