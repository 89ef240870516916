import json
import re
import warnings

import pytest
from hypothesis import HealthCheck, given, seed, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from finder.accounts import api_tokens
from finder.api.problems import MACHINE_PATHS
from tests.api.conftest import app, client, services  # noqa: F401 - fixtures
from tests.referrals.samples import make_team

SHORT, LONG = 12, 1200  # cases per operation and phase
FIXED_SEED = 20261124
CHECKS = (not_a_server_error, content_type_conformance, status_code_conformance, response_schema_conformance)


@pytest.fixture
def described(client):  # noqa: F811
    return client.get("/openapi.json").json


def test_the_description_is_valid_openapi(described):
    assert described["openapi"].startswith("3.1")
    assert [str(one) for one in OpenAPIV31SpecValidator(described).iter_errors()] == []


def test_every_machine_route_is_described(app, described):  # noqa: F811
    routes = {(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
              for rule in app.url_map.iter_rules() if rule.rule.startswith(MACHINE_PATHS) and rule.methods is not None
              for method in rule.methods - {"HEAD", "OPTIONS"}}
    written = {(path, method) for path, operations in described["paths"].items()
               for method in operations if method != "parameters"}
    assert written == routes


def test_every_operation_says_what_it_is_and_how_it_fails(described):
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            if method != "parameters":
                assert operation["summary"], path
                assert "200" in operation["responses"], path
                assert {"400", "422"} & operation["responses"].keys(), path


def test_nothing_of_this_machine_is_in_the_description(described):
    said = json.dumps(described)
    assert "/root" not in said
    assert "localhost" not in said


def run_cases(app, cases, headers=None, only=""):  # noqa: F811
    """Sends generated requests, good and bad, to every operation, and checks the answers; gives how many were sent."""
    from schemathesis import GenerationMode, openapi

    headers = {"Accept-Encoding": "identity"} | (headers or {})  # the generator asks for gzip and cannot read it here
    sent = []
    for found in openapi.from_wsgi("/openapi.json", app).get_all_operations():
        operation = found.ok()
        if not operation.path.startswith(only):
            continue
        send_cases(operation, GenerationMode.POSITIVE, CHECKS, cases, sent, headers)
        if operation.query or operation.body or operation.path_parameters:
            send_cases(operation, GenerationMode.NEGATIVE, (*CHECKS, negative_data_rejection), cases, sent, headers)
    return len(sent)


def send_cases(operation, mode, checks, cases, sent, headers):
    @seed(FIXED_SEED)
    @settings(max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case):
        sent.append(case)
        case.call_and_validate(checks=list(checks), headers=headers)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the generator, not ours
        send()


def test_I1_generated_requests_get_described_answers(app):  # noqa: F811
    assert run_cases(app, SHORT) > 50


@pytest.fixture
def token(services):  # noqa: F811
    with services.database.transaction() as session:
        _, (account,) = make_team(session)
        secret = api_tokens.make(session, account, "Generated", list(api_tokens.TokenScope), days=1, now=services.now())
    return {"Authorization": f"Bearer {secret}"}


def test_I1_generated_requests_of_somebody_signed_in_get_described_answers(app, token):  # noqa: F811
    assert run_cases(app, SHORT, token, "/api/v1/referrals") > 50


@pytest.mark.soak
def test_I1_many_generated_requests_get_described_answers(app, record_property):  # noqa: F811
    cases = run_cases(app, LONG)
    assert cases > 10_000
    record_property("figure", f"{cases:,} requests, 0 errors of ours")
