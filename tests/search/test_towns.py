from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from finder.search import indexes, towns
from finder.search.snapshot import Snapshot, from_documents


def _group(number: int, *places: tuple[str | None, str | None], way: str = "in_person", **more: Any) -> dict[str, Any]:
    sessions = [{"format": way, "location": {"city": city, "state": state}} for city, state in places]
    return {"id": f"g{number}", "name": f"Group {number}", "group_type": "peer_support", "sessions": sessions, **more}


def _snapshot(*groups: dict[str, Any]) -> Snapshot:
    return from_documents(groups, date(2026, 11, 24))


def _counts(held: Snapshot) -> dict[str, dict[str, int]]:
    return towns.counts((indexes.of_towns(part), part.dead) for part in held.parts)


def test_groups_are_counted_once_in_each_town_where_they_meet() -> None:
    held = _snapshot(_group(1, ("Durham", "NC"), ("Durham", "NC")), _group(2, ("Durham", "NC"), ("Raleigh", "NC")),
                     _group(3, ("Durham", "NH"), way="hybrid"))
    assert _counts(held) == {"NC": {"Durham": 2, "Raleigh": 1}, "NH": {"Durham": 1}}


def test_a_town_written_in_several_ways_is_one_town() -> None:
    held = _snapshot(_group(1, ("St. Paul", "MN")), _group(2, ("Saint Paul", "MN")), _group(3, ("Saint Paul", "MN")))
    assert _counts(held) == {"MN": {"Saint Paul": 3}}


def test_what_does_not_meet_or_says_no_town_is_not_counted() -> None:
    held = _snapshot(_group(1, ("Durham", "NC"), status="paused"), _group(2, ("Durham", "NC"), way="phone"),
                     _group(3, (None, "NC")), _group(4, ("Toronto", "ON")), _group(5))
    assert _counts(held) == {}


def test_rows_that_a_newer_part_replaces_are_not_counted() -> None:
    held = _snapshot(_group(1, ("Durham", "NC")), _group(2, ("Raleigh", "NC")))
    part = replace(held.parts[0], dead=np.array([held.parts[0].rows["g2"]]))
    assert _counts(replace(held, parts=(part,))) == {"NC": {"Durham": 1}}
