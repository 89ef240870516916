from __future__ import annotations

from typing import Any

import pytest

from finder.places import gazetteer
from finder.search import find, fitting, intake_schema
from finder.search.snapshot import Snapshot, from_documents
from finder.search.synthetic import documents
from finder.vocabulary import vocabulary
from tests.listings.database import NOW

WORLD: dict[str, Any] = {"gazetteer": gazetteer.load(), "now": NOW}
SEARCHES: dict[str, dict[str, Any]] = {
    "near": {"needs": ["grief"], "near": {"text": "Chicago, IL"}, "radius_miles": 50},
    "point": {"needs": ["anxiety", "alcohol"], "near": {"latitude": 40.71, "longitude": -74.01}, "stated_level": 2},
    "online": {"needs": ["depression"], "formats": ["online_video"], "formats_required": True, "languages": ["es"]},
    "weighed": {"needs": ["trauma_ptsd"], "near": {"text": "60601"}, "emphasis": {"reach": 0.5, "cost": 2}, "age": 40},
    "nowhere": {"needs": ["grief"], "near": {"latitude": 71.29, "longitude": -156.79}, "radius_miles": 1,
                "formats": ["in_person"], "formats_required": True},
}


@pytest.fixture(scope="module")
def listings() -> Snapshot:
    return from_documents(list(documents(400)), NOW.date())


@pytest.mark.parametrize("name", SEARCHES)
def test_those_fit_well_that_a_search_shows_in_its_two_best_bands(listings: Snapshot, name: str) -> None:
    intake = intake_schema.load({"format": "finder-intake/1", **SEARCHES[name]})
    found = fitting.ids(intake, snapshot=listings, **WORLD)
    shown = find.match(intake, snapshot=listings, vocabulary=vocabulary(), per_page=None, **WORLD)["matches"]
    assert sorted(found) == sorted(one["id"] for one in shown if one["band"] in ("strong", "good"))
    assert bool(found) is (name != "nowhere")
