"""What has a budget, and that help has none."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask

from finder.app import create_app
from finder.pace import Pace
from finder.web import pacing
from tests.web.sample import LISTINGS
from tests.web.site import Site

STRANGER = {"REMOTE_ADDR": "198.51.100.7"}


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("paced")
    site = Site(folder, [dict(one) for one in LISTINGS])
    held = dataclasses.replace(site.app.extensions["finder"], pace=Pace(folder / "pace"))
    return create_app(held.settings, services=held)


@pytest.mark.parametrize(("path", "budget"), [
    ("/api/v1/match", pacing.MATCH), ("/api/v1/programs", pacing.SEARCH), ("/hsds/services", pacing.DATA),
    ("/fhir/Location", pacing.DATA), ("/meetings.json", pacing.DATA), ("/es/data/listings.csv", pacing.DATA),
    ("/", None), ("/crisis", None), ("/es/crisis", None), ("/find/need", None), ("/results", None), ("/healthz", None),
    ("/embed", None), ("/programs", None), ("/static/site.css", None)])
def test_what_programs_ask_for_has_a_budget_and_pages_for_people_have_none(path: str,
                                                                           budget: pacing.Budget | None) -> None:
    assert pacing.budget_of(path) == budget


def test_everything_at_once_has_a_smaller_budget() -> None:
    assert pacing.budget_of("/hsds/services", "NDJSON ") == pacing.WHOLE


def test_L1_who_asks_too_often_is_told_when_to_come_again_and_nobody_else_is(limited: Flask) -> None:
    client = limited.test_client()
    answers = [client.get("/api/v1/places?q=27701", environ_base=STRANGER) for _ in range(pacing.SEARCH.burst + 1)]
    assert {one.status_code for one in answers[:-1]} == {200}
    last = answers[-1]
    assert (last.status_code, last.mimetype, last.get_json()["code"]) == (429, "application/problem+json", "too_often")
    assert 1 <= int(last.headers["Retry-After"]) <= 2
    for address in ("203.0.113.9", "127.0.0.1"):
        assert client.get("/api/v1/places?q=27701", environ_base={"REMOTE_ADDR": address}).status_code == 200


def test_L5_an_address_that_a_client_makes_up_is_not_believed(limited: Flask) -> None:
    client = limited.test_client()
    where = {"REMOTE_ADDR": "192.0.2.7"}
    codes = [client.get("/api/v1/places?q=27701", environ_base=where, headers={"X-Forwarded-For": f"203.0.113.{turn}"})
             .status_code for turn in range(pacing.SEARCH.burst + 1)]
    assert codes[-1] == 429


def test_Y3_with_every_budget_used_up_help_and_answers_go_on(limited: Flask) -> None:
    client = limited.test_client()
    for _ in range(pacing.DATA.burst + 1):
        client.get("/meetings.json", environ_base=STRANGER)
    for path in ("/crisis", "/", "/find/safety", "/healthz", "/embed"):
        assert client.get(path, environ_base=STRANGER).status_code == 200
    said = client.post("/find/safety", data={"safety": "active"}, environ_base=STRANGER, follow_redirects=True)
    assert said.status_code == 200
    assert "988" in said.text


def test_D7_where_nothing_can_be_counted_nothing_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("nowhere")
    site = Site(folder, [])
    held = dataclasses.replace(site.app.extensions["finder"], pace=Pace(folder / "missing" / "pace"))
    client = create_app(held.settings, services=held).test_client()
    assert client.get("/api/v1/places?q=27701", environ_base=STRANGER).status_code == 200
