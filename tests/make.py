"""Valid documents by default; a test says only what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

import numpy as np

from finder.catalog.listing_schema import load
from finder.intake.need import need_from_answers, needs_of
from finder.intake.severity import assess
from finder.matching import chosen, ranking, ruleset
from finder.matching.builder import build
from finder.matching.columns import Columns
from finder.matching.engine import Found, search
from finder.matching.types import Need
from finder.places.lookup import Place

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday
HERE = Place("Philadelphia, PA", 39.95, -75.16, "city", "America/New_York", "PA", "US", "Philadelphia", "19103")
_numbers = count(1)


def make_session(**what_matters: Any) -> dict[str, Any]:
    """A session in person, time and place not stated."""
    return {"format": "in_person", **what_matters}


def make_listing(**what_matters: Any) -> dict[str, Any]:
    """A canonical listing that states nothing but what is given."""
    return load({"format": "finder-listing/1", "id": f"listing-{next(_numbers)}", "name": "A group",
                 "group_type": "peer_support", **what_matters})


def make_intake(**what_matters: Any) -> dict[str, Any]:
    """An intake that answers nothing but what is given."""
    return {"format": "finder-intake/1", **what_matters}


def make_need(intake: dict[str, Any] | None = None, *, place: Place | None = None, now: datetime = NOW) -> Need:
    answers = make_intake(**(intake or {}))
    return need_from_answers(answers, needs=needs_of(answers), place=place, level=assess(answers).level, now=now)


def run(listings: Sequence[dict[str, Any]], intake: dict[str, Any], *, place: Place | None = None,
        now: datetime = NOW) -> Found:
    """The engine's findings on these listings for this intake."""
    return run_need(listings, make_need(intake, place=place, now=now))


def run_need(listings: Sequence[dict[str, Any]], need: Need, columns: Columns | None = None) -> Found:
    """As `run` for a Need; `columns` if they are already built."""
    weights = ruleset.emphasized(ruleset.Ruleset(), need.emphasis)
    return search(need, columns or build(listings, need.today), weights)


def ids(found: Found) -> list[str]:
    """Ids of all that passed, in order."""
    spots = ranking.order(found.need, [found]).page(0, len(found.rows))
    return [found.columns.names[found.rows[index]] for _, index in spots]


def utilities(found: Found, index: int) -> dict[str, float]:
    """Every criterion of one passing row, by its place in `found.rows`; reach and schedule only if it has a way."""
    rows = found.rows[index : index + 1]
    of_row = {name: float(found.utility(name, trait, rows)[0])
              for trait, part in found.parts.items() for name in part.utility if name in ruleset.CRITERIA}
    way = chosen.way(found, index)
    if way is not None:
        of_row |= {"reach": way.reach, "schedule": way.schedule}
    return of_row


def numbers(rows: Sequence[int]) -> Any:
    """Row numbers as the engine takes them."""
    return np.array(sorted(rows), np.int64)
