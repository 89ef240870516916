from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from finder.catalog.listing_schema import load
from finder.exchange.entries import Entry
from finder.exchange.hsds import write
from finder.exchange.hsds.filed import filed, folded_code, serves
from finder.places.lookup import resolve_zip
from tests.exchange.hsds.documents import NOW, documents
from tests.exchange.hsds.test_supplied import CODES
from tests.exchange.make import gazetteer
from tests.exchange.published import FULL, changed, entry, seed


def terms(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "taxonomy_term" in value:
            yield value["taxonomy_term"]["id"]
        value = list(value.values())
    for one in value if isinstance(value, list) else ():
        yield from terms(one)


def check(one: Entry) -> None:
    found, service = filed(one, CODES), write.service(one, NOW, CODES)
    there = service.pop("service_at_locations", [])
    assert found.terms == set(terms(service))
    assert [place.id for place in found.places] == [row["id"] for row in there]
    for place, row in zip(found.places, there, strict=True):
        assert place.terms == set(terms(row))
        location = row["location"]
        point = (location["latitude"], location["longitude"]) if "latitude" in location else None
        assert place.point == point


def test_what_the_seed_is_found_by_is_what_it_says() -> None:
    for one in seed():
        check(one)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_what_any_listing_is_found_by_is_what_it_says(document: dict[str, Any]) -> None:
    check(entry(document))


def test_a_hidden_place_is_found_by_no_point_and_no_postal_code() -> None:
    here, *_ = filed(entry(load(changed("sessions.location.hidden", True)))).places
    assert (here.point, here.postal_code) == (None, "")
    shown, *_ = filed(entry(load(FULL))).places
    assert (shown.point, shown.postal_code) == ((44.94, -123.03), "97301")


@pytest.mark.parametrize(("code", "folded"), [("97301", "97301"), ("97301-1234", "97301"), ("973011234", "97301"),
                                              ("k1a 0b1", "K1A0B1"), ("", "")])
def test_postal_codes_are_compared_without_spaces_and_endings(code: str, folded: str) -> None:
    assert folded_code(code) == folded


@pytest.mark.parametrize(("area", "inside"), [
    ({"postal_codes": ["97301"]}, True), ({"postal_codes": ["97302"]}, False), ({"states": ["OR"]}, True),
    ({"states": ["WA"]}, False), ({"counties": ["OR:Marion"]}, True), ({"counties": ["WA:Marion"]}, False),
    ({"countries": ["US"]}, True), ({"countries": ["CA"], "states": ["OR"]}, True)])
def test_an_area_holds_the_postal_codes_within_it(area: dict[str, list[str]], inside: bool) -> None:
    assert serves(area, "97301", resolve_zip("97301", gazetteer())) is inside


def test_a_postal_code_that_is_nowhere_is_in_no_area_but_its_own() -> None:
    assert not serves({"countries": ["US"]}, "K1A0B1", None)
    assert serves({"postal_codes": ["K1A 0B1"]}, "K1A0B1", None)
