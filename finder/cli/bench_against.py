"""`finder bench match --against …`: the same searches by other means, in the same run: PostGIS, the plain query of an
ORM, and what the machine's memory gives at most."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from finder.catalog import queries
from finder.cli import bench_postgis
from finder.cli.bench import NOW, build, cpu, share
from finder.cli.bench_import import fill
from finder.cli.intakes import intakes
from finder.cli.script import Failure, note
from finder.db import Database
from finder.matching.compiled import Loops
from finder.places import gazetteer
from finder.places.distance import sphere_miles
from finder.search import find
from finder.search.snapshot import Snapshot
from finder.vocabulary import vocabulary

AGAINST = ("naive", "postgis", "bandwidth")
SEARCHES, TRIES = 40, 3  # other searches than those that a benchmark alone makes; the median of so many tries
NAIVE_SIZE, NAIVE_SEARCHES = 20_000, 3  # it reads everything for each search
BYTES, PASSES = 512 * 1024 * 1024, 5


def time_against(size: int, names: Sequence[str], address: str | None) -> dict[str, Any]:
    """How many times as long the same searches take by each of these means; and whole scans in units of one reading of
    the columns at the machine's bandwidth. What cannot be had says why (`skipped`)."""
    loops = Loops()
    loops.load()
    held, _ = build(size, loops)
    asked, places = intakes(SEARCHES, seed=11), gazetteer.load()
    ours = _ours(held, asked, places)
    found: dict[str, Any] = {}
    if "bandwidth" in names:
        found["bandwidth"] = _bandwidth(held, asked, ours)
    if "naive" in names:
        found["naive"] = _naive(min(size, NAIVE_SIZE), loops, asked[:NAIVE_SEARCHES], places)
    if "postgis" in names:
        found["postgis"] = _postgis(size, asked, places, ours, address)
    return {"size": size, "p50_ms": share(ours, 0.5), "p95_ms": share(ours, 0.95), "against": found, "cpu": cpu()}


def _ours(held: Snapshot, asked: Sequence[Mapping[str, Any]], places: gazetteer.Gazetteer) -> list[float]:
    """Milliseconds of each whole search, reasons included."""
    words, took = vocabulary(), []
    gc.collect()
    gc.freeze()
    for one in asked:
        tries = []
        for _ in range(TRIES):
            begun = time.perf_counter()
            find.match(one, snapshot=held, gazetteer=places, vocabulary=words, now=NOW)
            tries.append((time.perf_counter() - begun) * 1000)
        took.append(share(tries, 0.5))
    gc.unfreeze()
    return took


def _bandwidth(held: Snapshot, asked: Sequence[Mapping[str, Any]], ours: Sequence[float]) -> dict[str, Any]:
    """Searches that must look at every row, beside reading the columns once as fast as memory gives them."""
    run = np.ones(BYTES // 8)
    seconds = []
    for _ in range(PASSES):
        begun = time.perf_counter()
        run.sum()
        seconds.append(time.perf_counter() - begun)
    per_second = BYTES / min(seconds)
    least = sum(part.columns.hot_bytes for part in held.parts) / per_second * 1000
    whole = [took for one, took in zip(asked, ours, strict=True) if not one.get("formats_required")]
    return {"gb_per_second": round(per_second / 1e9, 1), "columns_ms": round(least, 2),
            "whole_scans": len(whole), "ratio_whole_scan": round(share(whole, 0.5) / least, 2)}


def _naive(size: int, loops: Loops, asked: Sequence[Mapping[str, Any]], places: gazetteer.Gazetteer) -> dict[str, Any]:
    """All published programs by the ORM's tables for each search, left out and counted in Python."""
    note(f"The plain query over {size:,} listings …")
    held, _ = build(size, loops)
    ours, took = _ours(held, asked, places), []
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.db'}")
        database.upgrade()
        with database.transaction() as session:
            fill(session, size)
        for one in asked:
            begun = time.perf_counter()
            place, _ = find.place_of(one.get("near"), places)
            with database.reading(long=True) as session:
                best = sorted(((_points(each.document or {}, one, place), str(each.id))
                               for each in queries.published(session)), reverse=True)
            assert len(best) == size
            took.append((time.perf_counter() - begun) * 1000)
        database.close()
    return {"size": size, "p50_ms": share(took, 0.5), "ratio_total": round(sum(took) / sum(ours), 1)}


def _points(listing: Mapping[str, Any], one: Mapping[str, Any], place: Any) -> float:
    """A rough score, as somebody would write it first."""
    points = 10.0 * len(set(listing.get("focus") or ()) & set(one["needs"]))
    points += 2.0 * bool(set(listing.get("languages") or ()) & set(one["languages"]))
    points += 1.0 * bool((listing.get("cost") or {}).get("free"))
    near = [session["location"] for session in listing.get("sessions") or () if session.get("location")]
    if place is not None and near:
        points -= sphere_miles(place.latitude, place.longitude, near[0]["latitude"], near[0]["longitude"]) / 10
    return points


def _postgis(size: int, asked: Sequence[Mapping[str, Any]], places: gazetteer.Gazetteer, ours: Sequence[float],
             address: str | None) -> dict[str, Any]:
    if address is None:
        return {"skipped": "No server was named: --database ADDRESS of an empty database where PostGIS can be had."}
    database = Database(address)
    try:
        note(f"Copying {size:,} listings to PostGIS …")
        seconds = bench_postgis.load(database, size)
        note(f"{len(asked)} searches by PostGIS …")
        return {"load_s": round(seconds, 1), **bench_postgis.compare(database, asked, places, ours)}
    except Failure:
        raise
    except Exception as wrong:  # noqa: BLE001 - a server without PostGIS is no failure of ours
        return {"skipped": str(wrong).splitlines()[0]}
    finally:
        database.close()
