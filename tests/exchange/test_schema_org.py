from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import extruct
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.catalog.listing_schema import load
from finder.catalog.public import public
from finder.exchange import schema_org
from tests.exchange.published import FULL, SITE, changed, judge_losses, seed

PAGE = "https://finder.example/programs/full"


def said(document: dict[str, Any]) -> dict[str, Any]:
    return schema_org.graph(public(load(document)), page=PAGE)


def read(data: dict[str, Any]) -> Any:
    """What a reader from outside finds in a page that holds the data."""
    page = f'<!doctype html><title>A</title><script type="application/ld+json">{schema_org.embedded(data)}</script>'
    return extruct.extract(page, base_url="https://finder.example", syntaxes=["json-ld"])["json-ld"]


def events(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in data["@graph"] if one["@type"] == "EventSeries"]


def test_a_reader_from_outside_reads_every_listing_of_the_seed_back() -> None:
    for one in seed():
        data = schema_org.graph(one.document, page=SITE.page(one.slug))
        assert read(data) == [data]


def test_a_listing_is_a_service_of_an_organization_with_series_of_events() -> None:
    service, organization, first, second = said(FULL)["@graph"]
    assert (service["@type"], service["provider"]["@id"]) == ("Service", organization["@id"])
    assert (organization["@type"], organization["name"]) == ("Organization", "River Care")
    assert first["eventSchedule"] == {
        "@type": "Schedule", "startTime": "18:00:00", "repeatFrequency": "P1W",
        "byDay": ["https://schema.org/Tuesday"], "startDate": "2026-01-06", "exceptDate": ["2026-12-29"],
        "duration": "PT60M", "scheduleTimezone": "America/Los_Angeles"}
    assert [one["@type"] for one in first["location"]] == ["Place", "VirtualLocation"]
    assert second["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"
    assert len({one["@id"] for one in said(FULL)["@graph"]}) == 4


@pytest.mark.parametrize(("rule", "wanted"), [
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO", {"repeatFrequency": "P2W", "byDay": [
        "https://schema.org/Sunday", "https://schema.org/Monday"]}),
    ("FREQ=MONTHLY;BYDAY=2WE,-1FR", {"repeatFrequency": "P1M", "byDay": ["2WE", "-1FR"]}),
    ("FREQ=MONTHLY;BYMONTHDAY=15", {"repeatFrequency": "P1M", "byMonthDay": [15]}),
    ("FREQ=DAILY;UNTIL=20261231T000000Z", {"repeatFrequency": "P1D", "endDate": "2026-12-31"}),
    ("FREQ=WEEKLY;BYDAY=MO;COUNT=8", {"repeatCount": 8})], ids=str)
def test_rules_become_schedules(rule: str, wanted: dict[str, Any]) -> None:
    schedule = events(said(changed("sessions.repeats", rule)))[0]["eventSchedule"]
    assert schedule | wanted == schedule


def test_no_medical_type_and_no_code_of_a_condition_is_said() -> None:
    types = {kind for one in seed() for kind in named(schema_org.graph(one.document, page=SITE.page(one.slug)))}
    assert types == {"Service", "Organization", "EventSeries", "ServiceChannel", "ContactPoint", "Offer", "State",
                     "Country", "Place", "PostalAddress", "GeoCoordinates", "VirtualLocation", "Schedule"}
    assert not {"cooccurring", "depression", "lgbtq"} & set(json.dumps(said(FULL)).split('"'))


def named(value: Any) -> Iterator[str]:
    """Every type that is named anywhere in the data."""
    if isinstance(value, dict):
        if "@type" in value:
            yield value["@type"]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from named(one)


def test_links_to_join_mailboxes_and_hidden_addresses_stay_out() -> None:
    text = json.dumps(said(changed("sessions.location.hidden", True)))
    for private in ("zoom.us", "+16465550100", "@river", "@example.org", "1 Elm St", "44.94", "Old Library", "97301"):
        assert private not in text, private
    assert "Salem" in text


@pytest.mark.parametrize("status", ["paused", "closed"])
def test_a_group_that_does_not_meet_has_no_events(status: str) -> None:
    assert events(said(changed("status", status))) == []


@given(st.text() | st.sampled_from(["</script><script>", "<!--", "]]>", "\u2028\u2029", "&lt;", "\ud800"]))
def test_no_text_ends_the_element_it_stands_in(text: str) -> None:
    found = schema_org.embedded({"name": text})
    assert not set(found) & set("<>&\u2028\u2029")
    assert found.isascii()
    assert json.loads(found) == {"name": text}


def test_the_table_of_losses_is_true() -> None:
    def without_ids(one: Any) -> object:
        graph = schema_org.graph(one.document, page=PAGE)["@graph"]
        return [{key: value for key, value in part.items() if key != "@id"} for part in graph]
    judge_losses(schema_org.LOST, without_ids)
