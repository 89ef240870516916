from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from finder.catalog.listing_schema import ORGANIZATION_KINDS, load
from finder.exchange.entries import Entry
from finder.exchange.fhir.elements import (
    CAPACITY,
    DELIVERY,
    HSD,
    NEW_PATIENTS,
    PLAN_NET_LOCATION,
    PLAN_NET_ORGANIZATION,
    PLAN_NET_SERVICE,
    ours,
)
from finder.exchange.fhir.healthcare_service import LOST, SHAPES, healthcare_service
from finder.exchange.fhir.location import locations
from finder.exchange.fhir.organization import organization
from finder.search import synthetic
from tests.exchange.fhir_judges import faults, judged
from tests.exchange.published import FULL, entry, judge_losses, seed
from tests.shared import shared

SITE = "https://finder.example"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def folders() -> tuple[Path, ...]:
    return shared("standards", "fhir", "plan-net-1.1.0"), shared("standards", "fhir", "hsd-1.0.0")


def resources(one: Entry, shapes: Sequence[str] = SHAPES) -> Iterator[dict[str, Any]]:
    yield from (healthcare_service(one, site=SITE, shape=shape) for shape in shapes)
    yield from locations(one, site=SITE)
    of = organization(one, site=SITE)
    if of:
        yield of


def bundle(*many: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in many]}


def service(**fields: Any) -> dict[str, Any]:
    return healthcare_service(entry(load(FULL | fields)), site=SITE)


def codes(element: Any) -> set[str]:
    return {code["code"] for one in element for code in one["coding"]}


ODD = ("", "Tea & <b>talk</b>", "Línea\n\notra línea", "茶话会 🫖", "a" * 5000, " . ")


def made(many: int) -> Iterator[Entry]:
    """Made-up listings, most with an organization, some with odd words."""
    for number, document in enumerate(synthetic.documents(many)):
        of = {"name": f"House {number % 40}", "kind": ORGANIZATION_KINDS[number % len(ORGANIZATION_KINDS)],
              "phone": "212-555-0140"}
        more = {"description": ODD[number % len(ODD)]} | ({"organization": of} if number % 5 else {})
        yield entry(load({**document, **more}))


@pytest.mark.parametrize("many", [100, pytest.param(1000, marks=pytest.mark.soak)])
def test_two_judges_and_the_profiles_find_nothing_wrong_with_generated_listings(many: int) -> None:
    found = [one for each in made(many) for one in resources(each)]
    assert len(found) >= 2 * many
    assert {profile for one in found for profile in one["meta"].get("profile", ())} == {
        PLAN_NET_SERVICE, PLAN_NET_LOCATION, HSD}
    assert faults([bundle(*found[start:start + 200]) for start in range(0, len(found), 200)], folders()) == []


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.soak)])
def test_two_judges_and_the_profiles_find_nothing_wrong_with_the_seed(step: int) -> None:
    found = [one for each in [*seed()[::step], entry(load(FULL))] for one in resources(each)]
    claimed = {profile for one in found for profile in one["meta"].get("profile", ())}
    assert claimed == {PLAN_NET_SERVICE, PLAN_NET_LOCATION, HSD}
    assert faults([bundle(*found[start:start + 200]) for start in range(0, len(found), 200)], folders()) == []


FULL_SERVICE = healthcare_service(entry(load(FULL)), site=SITE)
FULL_HSD = healthcare_service(entry(load(FULL)), site=SITE, shape=HSD)
FULL_PLACE = next(locations(entry(load(FULL)), site=SITE))


def change(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda resource: resource.update(fields)


def drop(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda resource: resource.pop(name)


BREAKING: dict[str, tuple[str, dict[str, Any], Callable[[dict[str, Any]], None]]] = {
    "a wrong boolean": ("fhir", FULL_SERVICE, change(active="yes")),
    "a wrong day": ("fhir", FULL_SERVICE, change(availableTime=[{"daysOfWeek": ["monday"]}])),
    "a wrong status": ("fhir", FULL_PLACE, change(status="open")),
    "an unknown field": ("medplum", FULL_HSD, change(color="red")),
    "Plan-Net without a category": ("medplum", FULL_SERVICE, drop("category")),
    "Plan-Net, paused": ("medplum", FULL_SERVICE, change(active=False)),
    "Plan-Net without its moment": ("medplum", FULL_SERVICE, change(meta={"profile": [PLAN_NET_SERVICE]})),
    "HSD without a provider": ("medplum", FULL_HSD, drop("providedBy")),
    "HSD with two categories": ("medplum", FULL_HSD, change(category=FULL_HSD["category"] * 2)),
    "HSD with a phone at home": ("medplum", FULL_HSD, change(telecom=[{"system": "phone", "value": "1",
                                                                       "use": "home"}])),
    "a Plan-Net place without a name": ("medplum", FULL_PLACE, drop("name")),
    "a Plan-Net place, suspended": ("medplum", FULL_PLACE, change(status="suspended")),
}


@pytest.fixture(scope="module")
def verdicts() -> dict[str, dict[str, list[str] | None]]:
    broken = []
    for _, resource, breaking in BREAKING.values():
        broken.append(copy.deepcopy(resource))
        breaking(broken[-1])
    return dict(zip(BREAKING, judged([bundle(one) for one in broken], folders()), strict=True))


@pytest.mark.parametrize("case", BREAKING)
def test_each_judge_can_say_no(case: str, verdicts: dict[str, dict[str, list[str] | None]]) -> None:
    found = verdicts[case][BREAKING[case][0]]
    if found is None:
        pytest.skip("medplum needs Node 20.19")
    assert found


def test_what_is_lost_is_what_the_table_says() -> None:
    def said(one: Entry) -> str:
        return _UUID.sub("id", json.dumps(list(resources(one, SHAPES[:1]))))

    judge_losses(LOST, said)


def test_what_the_table_says_is_in_words_changes_no_code() -> None:
    def coded(one: Entry) -> str:
        found = list(resources(one, SHAPES[:1]))
        for name in ("extraDetails", "availabilityExceptions"):
            found[0].pop(name, None)
        found[0]["eligibility"] = [each for each in found[0]["eligibility"] if "code" in each]
        return _UUID.sub("id", json.dumps(found))

    judge_losses({path: "" if how.startswith("in words") else how for path, how in LOST.items()}, coded)


def test_the_second_shape_leaves_out_what_its_profile_forbids() -> None:
    urls = {one["url"] for one in FULL_HSD["extension"]}
    assert urls == {CAPACITY}
    assert {one["url"] for one in FULL_SERVICE["extension"]} == {CAPACITY, DELIVERY, NEW_PATIENTS}
    assert {one["use"] for one in FULL_HSD["telecom"]} == {"work"}


@pytest.mark.parametrize(("shape", "fields", "profile"), [
    (PLAN_NET_SERVICE, {}, [PLAN_NET_SERVICE]), (HSD, {}, [HSD]), (PLAN_NET_SERVICE, {"status": "paused"}, None),
    (HSD, {"status": "paused"}, None), (PLAN_NET_SERVICE, {"organization": None}, [PLAN_NET_SERVICE]),
    (HSD, {"organization": None}, None)])
def test_a_profile_is_claimed_only_where_it_is_met(shape: str, fields: dict[str, Any], profile: object) -> None:
    found = healthcare_service(entry(load(FULL | fields)), site=SITE, shape=shape)
    assert found["meta"].get("profile") == profile
    assert found["active"] is ("status" not in fields)


def test_an_organization_without_an_address_never_claims_its_profile() -> None:
    found = organization(entry(load(FULL)), site=SITE)
    assert found is not None
    assert "profile" not in found["meta"]
    assert [one["code"] for one in found["type"][0]["coding"]] == ["atyprv", "peer_run"]
    assert organization(entry(load(FULL | {"organization": None})), site=SITE) is None
    assert PLAN_NET_ORGANIZATION not in json.dumps(found)


def test_a_hidden_place_has_a_town_and_neither_street_nor_point() -> None:
    place = {**FULL["sessions"][0]["location"], "hidden": True}
    document = load(FULL | {"sessions": [{**FULL["sessions"][0], "location": place}]})
    one = entry(document)
    careless = Entry(one.id, one.slug, document, one.organization_id, one.meetings, one.changed_at)
    for each in (one, careless):  # public() takes the street out; were it left in, this would not show it
        found = next(locations(each, site=SITE))
        assert found["address"] == {"city": "Salem", "state": "OR", "country": "US"}
        assert (found["name"], "position" in found) == ("Salem, OR", False)
        assert found["description"]
        assert not re.search("Elm|97301|44[.]94", json.dumps(list(resources(each))))


def test_only_features_of_a_place_that_are_there_are_said_of_it() -> None:
    place = next(locations(entry(load(FULL | {"accessibility": {
        "step_free": "yes", "transit": "on_request", "sensory": "no"}})), site=SITE))
    assert codes([one["valueCodeableConcept"] for one in place["extension"]]) == {"handiaccess"}


def test_a_place_is_said_once_and_online_has_none() -> None:
    first = {**FULL["sessions"][0]}
    one = entry(load(FULL | {"sessions": [first, {**first, "start_time": "20:00"}, {"format": "phone"}]}))
    assert [each["id"] for each in locations(one, site=SITE)] == [str(one.meetings[0].location_id)]
    assert len(healthcare_service(one, site=SITE)["location"]) == 1


def session(**fields: Any) -> dict[str, Any]:
    return {"format": "phone", "timezone": "America/Denver", "start_time": "18:00", "repeats": "FREQ=WEEKLY;BYDAY=TU",
            **fields}


@pytest.mark.parametrize(("fields", "hours", "words"), [
    ({"duration_minutes": 90}, [(["tue"], "18:00:00", "19:30:00")], ""),
    ({}, [(["tue"], "18:00:00", None)], ""),
    ({"repeats": "FREQ=DAILY"}, [(["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "18:00:00", None)], ""),
    ({"start_time": "23:30", "duration_minutes": 60}, [(["tue"], "23:30:00", None)], "60 minutes"),
    ({"repeats": "FREQ=MONTHLY;BYDAY=2TU"}, [], "starts at 18:00; repeats by the rule FREQ=MONTHLY;BYDAY=2TU"),
    ({"repeats": "FREQ=WEEKLY;BYDAY=TU;INTERVAL=2", "valid_from": "2026-11-03"}, [], "INTERVAL=2"),
    ({"valid_until": "2027-05-04"}, [(["tue"], "18:00:00", None)], "until 2027-05-04"),
    ({"repeats": None}, [], "starts at 18:00"),
], ids=["weekly", "no end", "daily", "past midnight", "monthly", "every other week", "to a date", "no rule"])
def test_weekly_hours_are_elements_and_the_rest_is_a_sentence(fields: dict[str, Any], hours: list[Any],
                                                              words: str) -> None:
    found = service(sessions=[session(**fields)])
    assert [(one["daysOfWeek"], one["availableStartTime"], one.get("availableEndTime"))
            for one in found.get("availableTime", ())] == hours
    assert words in found["availabilityExceptions"]
    assert "times are in the zone America/Denver" in found["availabilityExceptions"]


def test_what_is_always_open_is_open_all_day() -> None:
    found = service(sessions=[{"format": "text_chat", "anytime": True}])
    assert [(len(one["daysOfWeek"]), one["allDay"]) for one in found["availableTime"]] == [(7, True)]
    assert "availabilityExceptions" not in found


def test_dates_without_a_meeting_are_named() -> None:
    assert service()["notAvailable"] == [
        {"description": "No meeting", "during": {"start": "2026-12-29", "end": "2026-12-29"}}]


@pytest.mark.parametrize(("status", "new", "capacity"), [
    ("open", "newpt", "capacity"), ("waitlist", "newpt", "waitlist"), ("full", "nopt", "no-capacity"),
    ("assessment_first", None, "additional-assessment-required")])
def test_room_for_new_people_is_said_in_both_lists(status: str, new: str | None, capacity: str) -> None:
    found = {one["url"]: one["extension"][0]["valueCodeableConcept"]["coding"][0]["code"]
             for one in service(capacity={"status": status, "as_of": "2026-11-01"})["extension"]}
    assert (found.get(NEW_PATIENTS), found[CAPACITY]) == (new, capacity)


def test_languages_are_tags_of_bcp_47() -> None:
    assert codes(service(languages=["asl", "zh", "en", "de"])["communication"]) == {"ase", "cmn", "en", "de"}


def test_kinds_of_group_and_needs_are_types_in_our_words_and_in_hl7s() -> None:
    found = service(focus=["alcohol", "grief"])["type"]
    assert ours("focus_areas", "grief") in found
    assert codes(found) == {"peer_support", "alcohol", "grief", "224", "552"}


@pytest.mark.parametrize(("cost", "code"), [({"free": True}, "free"), ({"free": False, "sliding_scale": True}, "disc"),
                                            ({"free": False, "amount": 20}, "cost")])
def test_what_it_costs_has_a_code(cost: dict[str, Any], code: str) -> None:
    assert codes(service(cost=cost)["serviceProvisionCode"]) == {code}
