from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from finder.exchange.fhir.elements import HSD, PLAN_NET_LOCATION, PLAN_NET_SERVICE
from finder.search import synthetic
from finder.strict_json import read
from tests.api.conftest import LISTINGS
from tests.api.fhir.asking import Asking
from tests.api.fhir.conftest import make_app
from tests.exchange.fhir.plain_filter import SAID, Everything
from tests.exchange.fhir_judges import faults, judged
from tests.exchange.published import FULL
from tests.shared import ROOT, shared

TYPES = ("HealthcareService", "Location", "Organization")
GENERATED = 300
EACH = 6  # values of each parameter that are searched for


def listings() -> Iterator[dict[str, Any]]:
    """Generated ones, most with an organization, and the seed."""
    for number, document in enumerate(synthetic.documents(GENERATED)):
        of = {"name": f"House {number % 60}", "kind": ("public", "faith", "peer_run")[number % 3],
              "url": f"https://house{number % 60}.example.org"}
        yield {**document, **({"organization": of} if number % 4 else {})}
    yield from (read(line) for line in (ROOT / "seed_data" / "listings.jsonl").read_bytes().splitlines())
    yield from (*LISTINGS, FULL)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    made = make_app(tmp_path_factory.mktemp("judged"), list(listings()))
    yield made
    made.extensions["finder"].database.close()


@pytest.fixture(scope="module")
def served(app: Flask) -> dict[str, list[dict[str, Any]]]:
    """Every Bundle of every page, by type; programs in both shapes."""
    asking = Asking(app)
    found = {type_: list(asking.pages(type_, {"_count": "200"})) for type_ in TYPES}
    return found | {"other shape": list(asking.pages("HealthcareService", {"_count": "200", "_profile": HSD}))}


def resources(bundles: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one["resource"] for bundle in bundles for one in bundle["entry"]]


@pytest.mark.parametrize("least", [300, pytest.param(1000, marks=pytest.mark.soak)])
def test_two_judges_and_the_profiles_find_nothing_wrong_with_resources_as_they_are_served(
        served: dict[str, list[dict[str, Any]]], least: int) -> None:
    pages = [bundle for bundles in served.values() for bundle in (bundles if least >= 1000 else bundles[-1:])]
    every = resources(pages)
    assert len(every) >= least
    assert {profile for one in every for profile in one["meta"].get("profile", ())} == {
        PLAN_NET_SERVICE, PLAN_NET_LOCATION, HSD}
    profiles = shared("standards", "fhir", "plan-net-1.1.0"), shared("standards", "fhir", "hsd-1.0.0")
    assert faults(pages, profiles) == []


def test_pages_hold_every_resource_once_in_the_order_of_ids(served: dict[str, list[dict[str, Any]]]) -> None:
    for type_ in TYPES:
        ids = [one["id"] for one in resources(served[type_])]
        assert ids == sorted(set(ids))
        assert {bundle["total"] for bundle in served[type_]} == {len(ids)}


def test_whatever_a_resource_refers_to_is_there(served: dict[str, list[dict[str, Any]]]) -> None:
    there = {f"{one['resourceType']}/{one['id']}" for type_ in TYPES for one in resources(served[type_])}
    meant = {reference["reference"] for one in resources(served["HealthcareService"])
             for reference in [*one.get("location", ()), *([one["providedBy"]] if "providedBy" in one else ())]}
    meant |= {one["managingOrganization"]["reference"] for one in resources(served["Location"])
              if "managingOrganization" in one}
    assert meant <= there
    assert {one for one in there if not one.startswith("HealthcareService")} <= meant


@pytest.mark.turns(3)
def test_every_parameter_of_the_statement_finds_what_a_plain_look_finds(
        app: Flask, served: dict[str, list[dict[str, Any]]]) -> None:
    asking = Asking(app)
    everything = Everything([one for type_ in TYPES for one in resources(served[type_])],
                            resources(served["other shape"]))
    tried = 0
    for stated in asking.read("metadata")["rest"][0]["resource"]:
        type_ = stated["type"]
        for parameter in stated["searchParam"] if type_ in SAID else ():
            for value in sample(everything, type_, parameter["name"]):
                expected = everything.found(type_, [(parameter["name"], value)])
                found = asking.all(type_, {parameter["name"]: value, "_count": "200"})
                assert [one["id"] for one in found] == expected, (type_, parameter["name"])
                tried += 1
        for link in stated.get("searchInclude", ()):
            name = link.partition(":")[2]
            target = {"location": "Location", "organization": "Organization"}[name]
            for value in sample(everything, target, "name"):
                chain = f"{name}.name"
                found = asking.all(type_, {chain: value, "_count": "200"})
                assert [one["id"] for one in found] == everything.found(type_, [(chain, value)])
                tried += 1
    assert tried > 100


def sample(everything: Everything, type_: str, name: str) -> list[str]:
    """Some values of a parameter, from all over the directory, as a query says them."""
    kind, read_ = SAID[type_][name]
    said = sorted({each for one in everything.of[type_] for each in read_(one)})
    chosen = said[::max(1, len(said) // EACH)][:EACH]
    if kind == "token":
        return [f"{system.replace(',', chr(92) + ',')}|{code}" for system, code in chosen]
    return [f"{one[0]}|{one[1]}|25|[mi_us]" if kind == "special" else one.replace(",", "\\,") for one in chosen]


def test_the_other_answers_are_valid_too(app: Flask) -> None:
    asking = Asking(app)
    lenient = asking.answered("/fhir/Location?color=red&_count=1&_include=Location:organization",
                          headers={"Prefer": "handling=lenient"}).json
    bundles = [lenient, asking.read("Questionnaire", {"_count": "0"}), asking.read("Location", {"name": "nothing"}),
               asking.read("HealthcareService", {"_count": "3", "_include": "HealthcareService:location"})]
    outcomes = [asking.answered(path, status=status, **more).json for path, status, more in (
        ("/fhir/Location?color=red&name=&near=x", 400, {}), ("/fhir/x", 404, {}),
        ("/fhir/metadata", 405, {"method": "PUT"}),
        ("/fhir/Location?_format=xml", 406, {}), ("/fhir/Location/_search", 415, {"method": "POST", "json": {}}))]
    alone = [asking.read("metadata"), *outcomes]
    assert faults([*bundles, {"resourceType": "Bundle", "type": "collection",
                              "entry": [{"resource": one} for one in alone]}]) == []


@pytest.mark.turns(3)
def test_both_questionnaires_are_valid(app: Flask) -> None:
    bundle = Asking(app).read("Questionnaire")
    assert bundle["total"] == 2
    # npm's fhir takes an answer that is false for one that is missing.
    true = json.loads(json.dumps(bundle).replace('"answerBoolean": false', '"answerBoolean": true'))
    assert faults([true]) == []
    assert [verdict["medplum"] or [] for verdict in judged([bundle])] == [[]]
