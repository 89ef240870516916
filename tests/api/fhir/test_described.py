from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from finder.exchange.fhir.parameters import LINKS, PARAMETERS
from finder.exchange.fhir.searching import CONTROLS
from tests.api.conftest import LISTINGS
from tests.api.fhir.conftest import FHIR, make_app
from tests.contracts.test_openapi import run_cases
from tests.exchange.published import FULL


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    made = make_app(tmp_path_factory.mktemp("described"), [*LISTINGS, FULL])
    yield made
    made.extensions["finder"].database.close()


def test_every_parameter_of_a_search_is_described(app: Flask) -> None:
    paths = app.test_client().get("/openapi.json", base_url="https://finder.example").json["paths"]
    for type_, parameters in PARAMETERS.items():
        said = {one["name"] for one in paths[f"/fhir/{type_}"]["get"]["parameters"]}
        assert {*parameters, *CONTROLS} - said == (set() if LINKS[type_] else {"_include"})
        form = paths[f"/fhir/{type_}/_search"]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
        assert set(form["schema"]["properties"]) == said


def test_every_answer_is_described_as_a_resource(app: Flask) -> None:
    paths = app.test_client().get("/openapi.json", base_url="https://finder.example").json["paths"]
    ours = {path: operations for path, operations in paths.items() if path.startswith("/fhir/")}
    assert len(ours) == 13
    for operations in ours.values():
        for method, operation in operations.items():
            for status, response in operation["responses"].items() if method != "parameters" else ():
                assert status == "304" or list(response["content"]) == [FHIR]


@pytest.mark.parametrize("cases", [8, pytest.param(300, marks=pytest.mark.soak)])
def test_generated_requests_get_described_answers(app: Flask, cases: int) -> None:
    assert run_cases(app, cases, only="/fhir") > 13 * cases
