from __future__ import annotations

import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from finder.catalog.listing_schema import load
from finder.exchange.hsds import own, write
from tests.exchange.hsds.documents import NOW, documents, errors, kept, through_json, through_tables
from tests.exchange.published import FULL, OTHERS, changed, entry, judge_losses, seed

WAYS = pytest.mark.parametrize("way", [through_json, through_tables], ids=["json", "tables"])


@WAYS
def test_the_seed_comes_back_as_it_was(way: Any, tmp_path: Path) -> None:
    entries = seed()
    assert way(entries, tmp_path) == [kept(one) for one in entries]


def check(document: dict[str, Any]) -> None:
    one = entry(document)
    with tempfile.TemporaryDirectory() as folder:
        assert through_json([one], Path(folder)) == [kept(one)]
        assert through_tables([one], Path(folder)) == [kept(one)]
    assert errors(write.service(one, NOW), "service.min.json") == []


@pytest.mark.turns(2)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_any_listing_comes_back_as_it_was(document: dict[str, Any]) -> None:
    check(document)


@pytest.mark.soak
@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_a_thousand_listings_come_back_as_they_were(document: dict[str, Any]) -> None:
    check(document)


def test_the_table_of_losses_says_the_truth() -> None:
    judge_losses(write.LOST, lambda one: write.service(one, NOW))


def bare(value: Any) -> Any:
    """A document as somebody reads it who knows none of our terms and properties."""
    if isinstance(value, dict):
        return {name: bare(one) for name, one in value.items() if name not in ("attributes", "timezone_name")}
    return [bare(one) for one in value] if isinstance(value, list) else value


def said(path: str, document: dict[str, Any]) -> Any:
    found: Any = document
    for name in path.split("."):
        found = found[0] if isinstance(found, list) and found else found
        found = (found or {}).get(name)
    return found


def read_without_our_terms(document: dict[str, Any]) -> dict[str, Any]:
    return own.listing(bare(deepcopy(write.service(entry(load(document)), NOW))))


@pytest.mark.parametrize("path", sorted(write.IN_OUR_TERMS))
def test_what_the_second_table_names_is_gone_for_others(path: str) -> None:
    document = changed("verified", {"on": "2026-10-01", "method": "phone", "field_dates": {"cost": "2026-01-01"}})
    if path == "sessions.repeats":
        document = changed(path, "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1")
    assert said(path, document) not in (None, [], {})
    assert said(path, read_without_our_terms(document)) in (None, [], {})


OURS = ("id", "x", *write.IN_OUR_TERMS, "sessions.location.hidden")


@pytest.mark.parametrize("path", [one for one in OTHERS if not one.startswith(OURS) and one not in (
    "cost", "capacity", "verified", "status", "sessions.anytime")])
def test_what_the_second_table_does_not_name_is_there_for_all(path: str) -> None:
    document = load(FULL)
    read = read_without_our_terms(FULL)
    if path.startswith("sessions.location.country"):
        assert said(path, read) == "US"
        return
    assert said(path, read) == said(path, document)
