"""`finder bench match --against postgis`: the same searches over the same made-up listings, asked of PostGIS.

Tables made for nothing but this: ways to attend with a GiST index over their points, listings with codes as bits and as
arrays with a GIN index, one statement for a search. It does less than a match, and each thing it leaves out is in its
favor: no reasons for what is hidden, no facets that ignore their own choice, slots in the zone of the group and not of
the seeker, the plain half of the rules of who is left out, scores without gates and safety order. So the ratio that is
told is the least it can be.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from finder.catalog.rows import digest
from finder.cli.bench import NOW, share
from finder.db import Database
from finder.intake import severity
from finder.intake.need import need_from_answers
from finder.matching.eligibility import applies
from finder.matching.scoring import match_levels
from finder.matching.traits import FOCUS, FOCUS_BITS, GROUP_TYPES, LEADERS, PAYER_BITS, PAYERS, POPULATION_BITS
from finder.matching.types import Need
from finder.places.gazetteer import Gazetteer
from finder.schedules.availability import slots
from finder.schedules.recurrence import Rule
from finder.search import find, synthetic

KINDS = ("in_person", "online_video", "phone", "text_chat", "self_paced")
SLOTS = {"early": 1, "weekday_daytime": 2, "evening": 4, "weekend": 8}
METERS_PER_MILE = 1609.344
_LISTING = ("id", "status", "capacity", "age_min", "age_max", "attendees", "gender_mix", "low", "high", "led_by",
            "group_type", "main", "focus", "focuses", "populations", "restricted", "languages", "free", "amount",
            "sliding", "payers", "states", "checked", "tie")
_TABLES = """
CREATE TABLE postgis.listing (id int PRIMARY KEY, status smallint, capacity smallint, age_min smallint,
  age_max smallint, attendees smallint, gender_mix smallint, low smallint, high smallint, led_by smallint,
  group_type smallint, main smallint, focus bigint, focuses smallint[], populations bigint, restricted bigint,
  languages text[], free boolean, amount real, sliding boolean, payers int, states text[], checked date, tie bigint);
CREATE TABLE postgis.way (listing int, kind smallint, hybrid boolean, slots smallint, at geography(Point));
"""
_INDEXES = """
CREATE INDEX ON postgis.way USING gist (at);
CREATE INDEX ON postgis.way (kind, listing);
CREATE INDEX ON postgis.listing USING gin (focuses);
CREATE INDEX ON postgis.listing USING gin (languages);
"""
# One statement for a search. `near` is made by the way in which distance is asked, the variants below.
_SEARCH = """
WITH near AS MATERIALIZED ({near}), passed AS MATERIALIZED (
  SELECT l.id, l.tie, l.focuses, l.languages, l.group_type, l.led_by, l.free, n.slots, n.kinds,
    5.0 * {need} + 1.5 * CASE WHEN l.low IS NULL OR %(level)s::int IS NULL THEN 0.6
      WHEN %(level)s::int BETWEEN l.low AND l.high THEN 1 WHEN %(level)s::int > l.high THEN 0.45 ELSE 0.75 END
    + 2.0 * CASE WHEN n.meters IS NULL THEN 0.8 ELSE greatest(0, 1 - n.meters / %(meters)s::float8) END
    + 1.5 * CASE WHEN %(slots)s::int = 0 OR n.slots IS NULL THEN 0.6
      WHEN n.slots & %(slots)s::int <> 0 THEN 1 ELSE 0.2 END
    + 1.0 * CASE WHEN l.free OR l.amount = 0 OR l.payers & %(payers)s::int <> 0 THEN 1 WHEN l.free IS NULL THEN 0.6
      WHEN l.amount <= %(most)s::float8 THEN 0.8 WHEN l.sliding THEN 0.6 ELSE 0.2 END
    + 1.0 * CASE WHEN l.populations & %(mine)s::bigint <> 0 THEN 1
      WHEN l.populations & %(other)s::bigint <> 0 THEN 0.2 ELSE 0.5 END
    + 0.5 * CASE WHEN l.led_by IS NULL THEN 0.6 WHEN l.led_by = ANY (%(leaders)s::int[]) THEN 1 ELSE 0.3 END
    + 0.5 * exp(-(%(today)s::date - coalesce(l.checked, %(today)s::date - 400)) / 365.0) AS score
  FROM near n JOIN postgis.listing l ON l.id = n.listing
  WHERE l.status = 0 AND l.capacity <> 3
    AND (%(age)s::int IS NULL OR %(age)s::int BETWEEN l.age_min AND l.age_max)
    AND (%(role)s::int = 0 OR l.attendees IN (0, %(role)s::int)) AND l.restricted & %(other)s::bigint = 0
    AND (l.gender_mix <> %(not_gender)s::int)
    AND (%(languages)s::text[] = '{{}}' OR l.languages = '{{}}' OR l.languages && %(languages)s::text[])
    AND (l.states = '{{}}' OR %(state)s::text = ANY (l.states))
    AND NOT (%(free_only)s::boolean AND l.free = false AND l.amount > 0 AND NOT l.sliding
      AND l.payers & %(payers)s::int = 0))
SELECT (SELECT count(*) FROM passed),
  (SELECT array_agg(id) FROM (SELECT id FROM passed ORDER BY round(score * 7) DESC, tie LIMIT 20) page),
  (SELECT array_agg((value, many)) FROM (SELECT value, count(*) AS many FROM passed, unnest(focuses) AS value
     GROUP BY value) facet),
  (SELECT array_agg((value, many)) FROM (SELECT value, count(*) AS many FROM passed, unnest(languages) AS value
     GROUP BY value) facet),
  (SELECT array_agg((group_type, led_by, free, kinds, slots, many)) FROM (
     SELECT group_type, led_by, free, kinds, slots, count(*) AS many FROM passed
     GROUP BY GROUPING SETS ((group_type), (led_by), (free), (kinds), (slots))) facet)
"""
_WAYS = """SELECT listing, min({meters}) AS meters, bit_or(slots) AS slots, bit_or((1 << kind)::smallint) AS kinds
  FROM postgis.way WHERE {suits} AND (%(must_slots)s::int = 0 OR slots IS NULL OR slots & %(must_slots)s::int <> 0)
    AND kind = ANY (%(kinds)s::int[]) GROUP BY listing"""
_HERE = "%(here)s::geography"
_METERS = f"ST_Distance(at, {_HERE}, false)"
_WITHIN = f"ST_DWithin(at, {_HERE}, %(meters)s::float8, false)"
# Distance by the index over points and by a look at every way; which is faster depends on the radius.
VARIANTS = {
    "index": _WAYS.format(meters=_METERS, suits=f"(kind <> 0 OR at IS NULL OR {_WITHIN})"),
    "apart": f"""SELECT listing, min(meters) AS meters, bit_or(slots) AS slots, bit_or(kinds) AS kinds FROM (
      SELECT listing, {_METERS} AS meters, slots, 1::smallint AS kinds FROM postgis.way
        WHERE 0 = ANY (%(kinds)s::int[]) AND kind = 0 AND {_WITHIN}
          AND (%(must_slots)s::int = 0 OR slots IS NULL OR slots & %(must_slots)s::int <> 0)
      UNION ALL SELECT listing, NULL, slots, (1 << kind)::smallint FROM postgis.way
        WHERE kind <> 0 AND kind = ANY (%(kinds)s::int[])
          AND (%(must_slots)s::int = 0 OR slots IS NULL OR slots & %(must_slots)s::int <> 0)) one GROUP BY listing""",
    "anywhere": _WAYS.format(meters="NULL::float8", suits="true"),
}


def load(database: Database, size: int) -> float:
    """Fills the tables, which are made anew; gives the seconds that COPY and the indexes took. Raises what the driver
    does where PostGIS is not there."""
    begun = time.perf_counter()
    with database.engine.begin() as connection:
        driver: Any = connection.connection.dbapi_connection
        driver.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        driver.execute(f"DROP SCHEMA IF EXISTS postgis CASCADE; CREATE SCHEMA postgis; {_TABLES}", prepare=False)
        driver.execute("SET LOCAL statement_timeout = 0")
        _copy(driver, "postgis.listing", (_listing(number, one) for number, one in
                                          enumerate(synthetic.documents(size))))
        _copy(driver, "postgis.way", (way for number, one in enumerate(synthetic.documents(size))
                                      for way in _ways(number, one)))
        driver.execute(_INDEXES, prepare=False)
        driver.execute("ANALYZE postgis.listing, postgis.way")
    return time.perf_counter() - begun


def _copy(driver: Any, table: str, rows: Iterator[Sequence[Any]]) -> None:
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as to:
        for row in rows:
            to.write_row(row)


def _listing(number: int, one: Mapping[str, Any]) -> tuple[Any, ...]:
    focus, cost = [FOCUS.index(code) for code in one.get("focus") or ()], one.get("cost") or {}
    severe, age = one.get("severity") or {}, one.get("age") or {}
    capacity = (one.get("capacity") or {}).get("status", "open")
    checked = (one.get("verified") or {}).get("on")
    return (number, int(one.get("status") == "paused"), 3 if capacity == "full" else 0, age.get("min", 0),
            age.get("max", 150), ("anyone", "person", "relatives").index(one.get("attendees") or "anyone"),
            ("mixed", "women", "men").index(one.get("gender_mix") or "mixed"), severe.get("min"), severe.get("max"),
            LEADERS.index(one["led_by"]) if "led_by" in one else None, GROUP_TYPES.index(one["group_type"]),
            focus[0] if focus else None, FOCUS_BITS(one.get("focus") or ()), focus,
            POPULATION_BITS(one.get("populations") or ()), POPULATION_BITS(one.get("restricted_to") or ()),
            list(one.get("languages") or ()), cost.get("free"), cost.get("amount"), cost.get("sliding_scale", False),
            PAYER_BITS(set(cost.get("insurance") or ()) & set(PAYERS)),
            list((one.get("coverage") or {}).get("states", ())),
            date.fromisoformat(checked) if checked else None, int.from_bytes(digest({"id": one["id"]})[:7], "big"))


def _ways(number: int, one: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for session in one.get("sessions") or ():
        seen, where, hybrid = _slots(session), session.get("location") or {}, session["format"] == "hybrid"
        at = f"SRID=4326;POINT({where['longitude']} {where['latitude']})" if "latitude" in where else None
        for kind in ("in_person", "online_video") if hybrid else (session["format"],):
            yield number, KINDS.index(kind), hybrid, seen, at if kind == "in_person" else None


_known_slots: dict[tuple[Any, ...], int | None] = {}


def _slots(session: Mapping[str, Any]) -> int | None:
    key = tuple(session.get(name) for name in ("anytime", "repeats", "start_time", "timezone"))
    if key not in _known_slots:
        _known_slots[key] = slots(Rule.of(session), NOW.date(), None)
    return _known_slots[key]


# -- searches --------------------------------------------------------------------------------------------------------


def compare(database: Database, asked: Sequence[Mapping[str, Any]], places: Gazetteer,
            ours_ms: Sequence[float]) -> dict[str, Any]:
    """What the best variant of each search took, and how many times as long as ours, over all and in person alone."""
    best, near_theirs, near_ours, found = [], 0.0, 0.0, 0
    with _connected(database) as driver:
        for one, ours in zip(asked, ours_ms, strict=True):
            need = _need(one, places)
            took, many = _fastest(driver, need)
            best.append(took)
            found += many
            if need.formats_required and "in_person" in need.formats_required:
                near_theirs, near_ours = near_theirs + took, near_ours + ours
    return {"p50_ms": share(best, 0.5), "p95_ms": share(best, 0.95), "mean_found": found // len(best),
            "searches": len(best), "ratio_total": round(sum(best) / sum(ours_ms), 1),
            "ratio_in_person": round(near_theirs / near_ours, 1) if near_ours else None}


@contextmanager
def _connected(database: Database) -> Iterator[Any]:
    with database.engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        driver.execute("SET statement_timeout = 0; SET jit = off; SET work_mem = '128MB'; "
                       "SET max_parallel_workers_per_gather = 2", prepare=False)
        yield driver


def _fastest(driver: Any, need: Need) -> tuple[float, int]:
    """Milliseconds of the fastest variant, each once to bring its pages into memory and once for its time."""
    values, took, found = _values(need), [], 0
    names = ("index", "apart") if need.place is not None and need.radius_miles else ("anywhere",)
    for name in names:
        statement = _SEARCH.format(near=VARIANTS[name], need=_need_sql(need))
        for _ in range(2):
            begun = time.perf_counter()
            found = driver.execute(statement, values, prepare=False).fetchone()[0]  # planned for these values
            last = (time.perf_counter() - begun) * 1000
        took.append(last)
    return min(took), int(found)


def _need(intake: Mapping[str, Any], places: Gazetteer) -> Need:
    place, _ = find.place_of(intake.get("near"), places)
    return need_from_answers(intake, needs=tuple(intake.get("needs") or ()), place=place,
                             level=severity.assess(intake).level, now=NOW)


def _need_sql(need: Need) -> str:
    """How well a listing's focus answers the first need, or another one a little less: whole numbers of ours only."""
    if not need.needs:
        return "0.5"
    parts = []
    for place, code in enumerate(need.needs):
        cases = [f"WHEN l.main = {FOCUS.index(code)} THEN 1", f"WHEN l.focus & {FOCUS_BITS((code,))} <> 0 THEN 0.9"]
        cases += [f"WHEN l.focus & {mask} <> 0 THEN {match}" for match, mask in match_levels(code) if mask]
        parts.append(f"{1 if place == 0 else 0.85} * CASE {' '.join(cases)} ELSE 0 END")
    return f"greatest({', '.join(parts)})"


def _values(need: Need) -> dict[str, Any]:
    mine, other = applies(need)
    kinds = [KINDS.index(code) for code in need.formats_required if code in KINDS] or list(range(len(KINDS)))
    wanted, must = (sum(SLOTS.get(name, 0) for name in some) for some in (need.times, need.times_required))
    place = need.place
    leaders = {"peer": ("peer", "certified_peer", "co_led"),
               "professional": ("licensed_clinician", "medical", "co_led")}.get(need.led_by or "", LEADERS)
    return {"here": f"SRID=4326;POINT({place.longitude} {place.latitude})" if place else None,
            "meters": (need.radius_miles or 25) * 1.01 * METERS_PER_MILE, "level": need.level, "slots": wanted,
            "must_slots": must, "kinds": kinds, "payers": PAYER_BITS(set(need.insurance) & set(PAYERS)),
            "most": need.cost_amount or 0, "mine": _signed(mine), "other": _signed(other), "age": need.age,
            "leaders": [LEADERS.index(code) for code in leaders], "today": NOW.date(),
            "role": {"person": 1, "relative": 2}.get(need.attending_as or "", 0),
            "not_gender": {"woman": 2, "man": 1}.get(need.gender or "", -1), "languages": sorted(need.languages),
            "state": place.state if place else None, "free_only": need.cost_kind == "free_only"}


def _signed(mask: int) -> int:
    return mask - (1 << 64) if mask >> 63 else mask
