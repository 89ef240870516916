"""Generated requests about listings that are there, with their present version: what is described is what is answered.

tests/contracts/test_openapi.py sends them about made-up ones; there nearly all are not found.
"""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from jsonschema import Draft202012Validator, FormatChecker
from schemathesis import GenerationMode, openapi
from schemathesis.specs.openapi.checks import negative_data_rejection
from sqlalchemy import delete

from finder.api.listings import shapes
from finder.limits import Allowance
from finder.listings import changes
from tests.api.listings.conftest import HERE, PATH, Program, steward
from tests.contracts.test_openapi import CHECKS, FIXED_SEED, run_cases
from tests.make import make_session
from tests.web.site import Site, group

SHORT, LONG = 12, 500
_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("described")
    return Site(folder, [group(1, sessions=[make_session(location=HERE)], contact={"phone": "919-555-0142"},
                               cost={"free": True})], instance=folder)


@pytest.fixture(scope="module")
def program(site: Site) -> Program:
    return steward(site, "")


def fitted(site: Site, case: Any) -> dict[str, str]:
    """The headers of a case about the listing that is there; sixty changes an hour are no matter here."""
    with site.database.transaction() as session:
        session.execute(delete(Allowance))
        version = changes.find(session, site.ids[0]).version
    if "key" in (case.path_parameters or {}) and "sent" not in case.operation.path:
        case.path_parameters["key"] = site.ids[0]
    return {"If-Match": f'"{version}"', "Idempotency-Key": f"case-{next(_NUMBERS)}"}


def send(site: Site, program: Program, cases: int) -> dict[int, int]:
    """Sends generated requests to every operation and gives how many had which status."""
    had: dict[int, int] = {}
    for found in openapi.from_wsgi("/openapi.json", site.app).get_all_operations():
        operation = found.ok()
        if operation.path.startswith(PATH):
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)[:1 + bool(operation.body)]:
                one_mode(site, program, operation, mode, cases, had)
    return had


def one_mode(site: Site, program: Program, operation: Any, mode: GenerationMode, cases: int,
             had: dict[int, int]) -> None:
    @seed(FIXED_SEED)
    @settings(max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def each(case: Any) -> None:
        headers = {**program.headers, **fitted(site, case)}
        body_is_wrong = mode is GenerationMode.NEGATIVE and case.meta.components.get("body") is not None \
            and case.meta.components["body"].mode is GenerationMode.NEGATIVE
        answer = case.call_and_validate(checks=[*CHECKS, *([negative_data_rejection] if body_is_wrong else [])],
                                        headers=headers)
        had[answer.status_code] = had.get(answer.status_code, 0) + 1

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the generator, not ours
        each()


@pytest.mark.turns(3)
def test_I1_generated_requests_about_a_listing_that_is_there_get_described_answers(site: Site,
                                                                                  program: Program) -> None:
    had = send(site, program, SHORT)
    assert had[200] > 20
    assert max(had) < 500


@pytest.mark.turns(3)
def test_I1_generated_requests_get_described_answers(site: Site, program: Program) -> None:
    assert run_cases(site.app, SHORT, program.headers, PATH) > 150


@pytest.mark.soak
def test_I1_many_generated_requests_get_described_answers(site: Site, program: Program) -> None:
    assert sum(send(site, program, LONG).values()) > 5_000


EXAMPLES = {"KeptListings": shapes.LIST_EXAMPLE, "KeptListing": shapes.WHOLE_EXAMPLE,
            "ListingSent": shapes.SENT_EXAMPLE, "ListingsSent": shapes.SENT_LIST_EXAMPLE,
            "ListingText": shapes.TEXT_EXAMPLE,
            "ListingNew": shapes.NEW_EXAMPLE, "ListingPatch": shapes.PATCH_EXAMPLE,
            "ListingPause": shapes.PAUSE_EXAMPLE, "ListingCheck": shapes.CHECK_EXAMPLE}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_examples_are_what_their_schemas_say(site: Site, name: str) -> None:
    components = site.app.test_client().get("/openapi.json").json["components"]
    schema = {"$ref": f"#/components/schemas/{name}", "components": components}
    judge = Draft202012Validator(schema, format_checker=FormatChecker())
    assert [one.message for one in judge.iter_errors(EXAMPLES[name])] == []


def test_every_example_of_an_answer_is_what_its_schema_says(site: Site) -> None:
    described = site.app.test_client().get("/openapi.json").json
    judged = 0
    for path, operations in described["paths"].items():
        for operation in operations.values() if path.startswith(PATH) else ():
            for answer in operation.get("responses", {}).values() if isinstance(operation, dict) else ():
                content = answer.get("content", {}).get("application/json", {})
                if "example" in content:
                    schema = {**content["schema"], "components": described["components"]}
                    assert list(Draft202012Validator(schema).iter_errors(content["example"])) == []
                    judged += 1
    assert judged >= 13


def test_the_text_of_the_example_can_be_sent(site: Site, program: Program) -> None:
    answer = program.send("POST", "?sure=1", shapes.NEW_EXAMPLE, Idempotency_Key="example")
    assert answer.status_code == 201, answer.json
    patched = program.patch(answer.json["id"], shapes.PATCH_EXAMPLE)
    assert patched.json["applied"] == ["description", "contact.phone"]
