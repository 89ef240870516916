"""`finder bench scale`: the snapshot of a whole country: making it, sharing it, searching it, and changing it.

Searches are timed as the matching room does them: every rule, the order of the first page, facets; reasons and JSON are
the doors' and are in `bench match` and `bench http`.
"""

from __future__ import annotations

import gc
import os
import random
import resource
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from finder.cli import bench_country, bench_filling
from finder.cli.bench import NOW, cpu, share
from finder.cli.intakes import intakes
from finder.cli.script import note
from finder.db import Database
from finder.intake import severity
from finder.intake.need import need_from_answers, needs_of
from finder.listings import edits
from finder.listings.edits import Incoming
from finder.matching import engine, facets, ranking, ruleset
from finder.matching.compiled import Loops
from finder.matching.types import Need
from finder.places import gazetteer
from finder.search import find, indexes
from finder.search.snapshot import READY_ZONES, Keeper, Snapshot
from finder.sharing import making
from finder.sharing.shared import Shared

INTAKES, TURNS, CHANGES = 120, 3, 60
PHRASES = ("serenity", "grief support", "sober living chicago", "big book study", '"step study"', "womens meeting",
           "serenty grop", "depresion", "saint mary church", "nueva vida", "caregivers", "veterans hospital")


@dataclass(slots=True)
class _Ready:
    held: Snapshot
    needs: Sequence[tuple[Need, Any]]


def time_scale(size: int, folder: Path) -> dict[str, Any]:
    """Figures of `size` listings; times in milliseconds unless a name says seconds. `folder` keeps the database, and
    one of that size that is there already is used."""
    path = folder / f"country-{size}.db"
    if not path.exists():
        note(f"Writing {size:,} listings …")
        bench_filling.fill(path, bench_country.documents(size))
    database, loops = Database(f"sqlite:///{path}"), Loops()
    shared = Shared(folder, database)
    shared.forget()
    note("Making the picture …")
    begun = time.perf_counter()
    if not shared.make(NOW.date(), READY_ZONES, {}, aside=False):
        raise RuntimeError("the picture was not made")
    made = time.perf_counter() - begun
    loops.load()
    begun = time.perf_counter()
    keeper = Keeper(database, lambda: NOW, loops, shared=shared)
    held = keeper.current()
    second = time.perf_counter() - begun
    gc.collect()
    gc.freeze()
    ready = _Ready(held, list(_needs()))
    found = {
        "size": size, "build_seconds": round(made, 1), "second_worker_seconds": round(second, 3),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        **_bytes(held, folder), "searches": _searches(ready), "refresh": _refresh(keeper, database),
        "rebuild": _while_rebuilding(ready, shared), "compiled": loops.module is not None, "cpu": cpu(),
        "load": os.getloadavg()[0],
    }
    gc.unfreeze()
    database.close()
    return found


def _bytes(held: Snapshot, folder: Path) -> dict[str, Any]:
    columns = held.parts[0].columns
    words = indexes.of_words(held.parts[0])
    text = sum(one.nbytes for one in words.arrays().values())
    documents = int(columns.documents.length.sum())  # type: ignore[attr-defined]
    file = (folder / making.NAME).stat().st_size
    return {"bytes_per_program": round(columns.hot_bytes / held.size, 1),
            "bytes_with_text": round((columns.hot_bytes + text) / held.size, 1),
            "bytes_of_documents": round(documents / held.size, 1), "bytes_of_file": round(file / held.size, 1)}


def _needs() -> Any:
    known = gazetteer.load()
    for intake in intakes(INTAKES):
        place, _ = find.place_of(intake.get("near"), known)
        level = severity.assess(intake).level
        need = need_from_answers(intake, needs=needs_of(intake), place=place, level=level, now=NOW)
        yield need, ruleset.emphasized(ruleset.Ruleset(), need.emphasis)


def _search(held: Snapshot, need: Need, weights: Any) -> int:
    founds = [engine.search(need, part.columns, weights, dead=part.dead) for part in held.parts]
    ranking.order(need, founds).page(0, 20)
    facets.facets(founds)
    return sum(len(one.rows) for one in founds)


def _worded(held: Snapshot, need: Need, weights: Any, words: str) -> int:
    """The same among the listings that hold some words."""
    founds = []
    for part in held.parts:
        scores = indexes.of_words(part, held.tags).scores(words)
        kept = facets.Choices().filters(need, None if scores is None else scores > 0)
        founds.append(engine.search(need, part.columns, weights, dead=part.dead, filters=kept))
    ranking.order(need, founds).page(0, 20)
    facets.facets(founds)
    return sum(len(one.rows) for one in founds)


def _searches(ready: _Ready) -> dict[str, Any]:
    held, needs = ready.held, ready.needs
    here = [(replace(need, formats=frozenset(("in_person",)), formats_required=frozenset(("in_person",)),
                     radius_miles=need.radius_miles or 25), weights) for need, weights in needs if need.place]
    away = [(replace(need, formats=frozenset(("online_video", "phone")),
                     formats_required=frozenset(("online_video", "phone")), radius_miles=None), weights)
            for need, weights in needs]
    whole = [(replace(need, radius_miles=None, formats=frozenset(), formats_required=frozenset()), weights)
             for need, weights in needs]
    chance = random.Random(5)
    spoken = [(need, weights, chance.choice(PHRASES)) for need, weights in needs]
    kinds: dict[str, Any] = {
        **{name: _timed(lambda one: _search(held, *one), asked) for name, asked in
           (("as people ask", needs), ("in person", here), ("online", away), ("whole scan", whole))},
        "with words": _timed(lambda one: _worded(held, *one), spoken),
    }
    limit = bandwidth(held.parts[0].columns.hot_bytes)
    kinds["memory limit"] = {"ms": limit, "whole scan over limit": round(kinds["whole scan"]["p50_ms"] / limit, 1)}
    return kinds


def bandwidth(size: int) -> float:
    """Milliseconds in which NumPy adds up so many bytes."""
    numbers = np.ones(size // 8)
    took = []
    for _ in range(9):
        begun = time.perf_counter()
        numbers.sum()
        took.append((time.perf_counter() - begun) * 1000)
    return round(min(took), 2)


def _timed(search: Callable[[Any], int], asked: Sequence[Any]) -> dict[str, Any]:
    """Of each question the median of a few turns; over the questions, what half and what 95 of 100 stay below. The
    processor's time too, since others may be at work on this machine."""
    took, work, found = [], [], 0
    for one in asked:
        found += search(one)
        turns = []
        for _ in range(TURNS):
            begun, worked = time.perf_counter(), time.process_time()
            search(one)
            turns.append(((time.perf_counter() - begun) * 1000, (time.process_time() - worked) * 1000))
        took.append(sorted(turn[0] for turn in turns)[TURNS // 2])
        work.append(sorted(turn[1] for turn in turns)[TURNS // 2])
    return {"p50_ms": share(took, 0.5), "p95_ms": share(took, 0.95), "p50_work_ms": share(work, 0.5),
            "p95_work_ms": share(work, 0.95), "mean_found": found // len(asked)}


def _refresh(keeper: Keeper, database: Database) -> dict[str, float]:
    """From a change's commit until the next request sees it."""
    changing = next(iter(bench_country.documents(1)))
    took = []
    for turn in range(CHANGES):
        one = {**changing, "id": f"new-{turn % 7}", "name": f"Group changed {turn} times"}
        with database.transaction() as session:
            edits.import_listings(session, [Incoming(one, 1)], source="bench", now=NOW, complete=False)
        begun = time.perf_counter()
        keeper.current()
        took.append((time.perf_counter() - begun) * 1000)
    return {"p50_ms": share(took, 0.5), "p99_ms": share(took, 0.99)}


def _while_rebuilding(ready: _Ready, shared: Shared) -> dict[str, float]:
    """Searches near one place one after the other: with nothing else to do, and while the picture is made anew."""
    near = [one for one in ready.needs if one[0].place and one[0].radius_miles]

    def turn(until: Callable[[], bool]) -> list[float]:
        took: list[float] = []
        while not until() or len(took) < 200:
            begun = time.perf_counter()
            _search(ready.held, *near[len(took) % len(near)])
            took.append((time.perf_counter() - begun) * 1000)
        return took

    idle = turn(lambda: True)
    making_it = threading.Thread(target=shared.make, args=(NOW.date(), READY_ZONES, {}), kwargs={"aside": True})
    begun = time.perf_counter()
    making_it.start()
    busy = turn(lambda: not making_it.is_alive())
    return {"idle_p99_ms": share(idle, 0.99), "p99_ms": share(busy, 0.99),
            "over_idle": round(share(busy, 0.99) / share(idle, 0.99), 2),
            "seconds": round(time.perf_counter() - begun, 1)}
