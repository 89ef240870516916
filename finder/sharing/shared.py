"""The one picture of a large catalog that all workers of a machine share: a file in the instance's folder.

Whoever needs it first has it made (`making`), the others wait at a lock or go on with what they have. It is looked at
before it is used: made by this version of the program, from this database, for this day, no newer than the catalog and
whole (`sections`). What does not pass is made anew; nothing of it is served.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy.orm import Session

from finder.catalog import queries
from finder.db import Database, abreast
from finder.matching.compiled import Loops
from finder.search import packed, storing, text
from finder.search.packed import Picture
from finder.sharing import making, sections
from finder.sharing.sections import Damaged

FROM = 5_000  # listings; fewer are read from the database about as fast as they are mapped
LONGEST = 900.0  # seconds that making it may take
LEAP = 500_000  # versions; a database that was put back jumps by a million, so that nothing kept fits it
LOCK = "snapshot.lock"


class Shared:
    """The file of one instance's folder."""

    def __init__(self, folder: Path, database: Database, replica: Database | None = None) -> None:
        self.folder, self.database, self.replica = folder, database, replica

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One process of the machine at a time. Waits."""
        file = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)

    def pays(self, session: Session) -> bool:
        """Whether there are enough listings."""
        return queries.count(session) >= FROM

    def picture(self, today: date, loops: Loops | None, tags: Mapping[str, Sequence[str]]) -> Picture | None:
        """What lies there, if it may be used today."""
        try:
            if not self._fits(sections.facts(self.folder / making.NAME), today, tags):
                return None
            held = sections.mapped(self.folder / making.NAME)
            if not self._fits(held.facts, today, tags):  # another one was put there in between
                return None
            names, rows, slugs = packed.named(held.arrays)
            texts = packed.Texts(held.run, held.arrays["text/start"], held.arrays["text/length"],
                                 held.arrays["text/check"], [])
            columns = storing.loaded(held.arrays, held.facts, names, texts, loops)
            columns.words["text"] = tags, text.unpacked(held.arrays)
        except (Damaged, OSError, KeyError, TypeError, ValueError):
            return None
        return Picture(held.facts["version"], columns, rows, slugs)

    def _fits(self, facts: dict[str, Any], today: date, tags: Mapping[str, Sequence[str]]) -> bool:
        with self.database.reading() as session:
            ahead = queries.version(session) - facts["version"]
            return bool(facts["tags"] == {code: list(words) for code, words in tags.items()}
                        and facts["made_for"] == storing.made_for() and facts["today"] == today.isoformat()
                        and facts["database"] == making.identity(self.database, session) and 0 <= ahead < LEAP)

    def forget(self) -> None:
        """Takes the file away; whoever has mapped it keeps it."""
        (self.folder / making.NAME).unlink(missing_ok=True)

    def make(self, today: date, zones: Sequence[str | None], tags: Mapping[str, Sequence[str]], *,
             aside: bool) -> bool:
        """Has it made by a process of its own; `aside`: while searches go on, which go first. False when that failed.

        The task goes by standard input: an address of a database may hold a password, and command lines can be read.
        """
        task = {"url": abreast(self.database, self.replica).url, "folder": str(self.folder),
                "today": today.isoformat(), "zones": zones, "tags": tags, "aside": aside}
        home = Path(__file__).resolve().parents[2]
        try:
            done = subprocess.run([sys.executable, "-m", making.__name__], input=orjson.dumps(task), cwd=home,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=LONGEST, check=False)
        except (OSError, subprocess.SubprocessError):
            return False
        return done.returncode == 0
