"""What every door is handed: the settings and the few long-lived things a request reads. No rule lives here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from finder.audit.recording import Recorder
from finder.config import Settings
from finder.db import Database
from finder.exchange.shelf import Shelf, Shelves
from finder.matching.ruleset import Ruleset
from finder.meter import Meter
from finder.pace import Pace
from finder.paper import Press
from finder.places.gazetteer import Gazetteer
from finder.search.find import FINDER_1
from finder.search.snapshot import Snapshot
from finder.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Services:
    """One per app, at `app.extensions["finder"]`.

    `snapshot()` compares the catalog's version (one SQL statement) and answers the newest picture of the published
    listings; `now()` is the only clock of the doors and gives an aware UTC instant. `serve()` is for a server to call
    once: it readies what pays only in a process that lives long. `press` makes PDFs, where it can. `shelf()` is the
    list of what is published for doors that give all of it out; like `snapshot()` it compares the version. `pace` holds
    what networks may still ask for; None: nothing is limited. `meter` counts requests. `audit` asks the doors, which
    hang a teller on it, who did what.
    """

    settings: Settings
    database: Database
    snapshot: Callable[[], Snapshot]
    gazetteer: Gazetteer
    vocabulary: Vocabulary
    now: Callable[[], datetime]
    rules: Ruleset = FINDER_1
    serve: Callable[[], None] = lambda: None
    press: Press = field(default_factory=Press)
    pace: Pace | None = None
    meter: Meter = field(default_factory=Meter)
    audit: Recorder = field(init=False, repr=False)
    _shelves: Shelves = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_shelves", Shelves(self.database))
        object.__setattr__(self, "audit", Recorder(self.database.engine, self.now))

    def shelf(self) -> Shelf:
        """The newest list of what is published."""
        return self._shelves.current()
