import dataclasses
import logging

import pytest

from finder.app import create_app
from finder.errors import Conflict, FinderError, Forbidden, NotFound


def raising(services, error):
    def snapshot():
        raise error

    return create_app(services.settings, services=dataclasses.replace(services, snapshot=snapshot)).test_client()


@pytest.mark.parametrize("path", ["/api/", "/api/v1", "/api/v1/nothing", "/api/v2/match", "/healthz/x"])
def test_a_machine_path_that_leads_nowhere_is_a_problem(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert set(answer.json) == {"type", "title", "status", "code", "errors", "request_id"}
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]


def test_a_page_that_leads_nowhere_stays_a_page(client):
    answer = client.get("/no/such/page")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize(("method", "path", "allowed"), [
    ("GET", "/api/v1/match", {"POST", "OPTIONS"}), ("POST", "/api/v1/programs", {"GET", "HEAD", "OPTIONS"}),
    ("DELETE", "/healthz", {"GET", "HEAD", "OPTIONS"}), ("TRACE", "/openapi.json", {"GET", "HEAD", "OPTIONS"}),
])
def test_a_wrong_method_names_the_right_ones(client, method, path, allowed):
    answer = client.open(path, method=method)
    assert answer.status_code == 405
    assert answer.json["code"] == "method_not_allowed"
    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize(("error", "status", "code"), [
    (NotFound(), 404, "not_found"), (Conflict("stale"), 409, "conflict"), (Forbidden(), 403, "forbidden"),
    (FinderError("odd"), 500, "internal_error"),
], ids=["not found", "conflict", "forbidden", "other"])
def test_W7_a_broken_promise_becomes_a_problem(services, error, status, code):
    answer = raising(services, error).get("/api/v1/programs")
    assert (answer.status_code, answer.json["code"], answer.json["errors"]) == (status, code, {})


def test_W7_P2_an_unforeseen_error_tells_nothing_and_logs_no_answer(services, caplog):
    caplog.set_level(logging.DEBUG)
    client = raising(services, RuntimeError("SELECT canary FROM answers"))
    answer = client.post("/api/v1/match", json={"format": "finder-intake/1", "needs": ["grief"]})
    assert answer.status_code == 500
    assert answer.json["code"] == "internal_error"
    for said in (answer.text, caplog.text):
        assert "canary" not in said
        assert "grief" not in said
    assert "Traceback" not in answer.text
    assert "RuntimeError" in caplog.text
    assert answer.json["request_id"] in caplog.text
