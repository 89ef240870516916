from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from finder.web import crowded
from finder.web.crowded import HELP, LONGEST_READ, LONGEST_WRITE, READ, WAITED, WRITE

LATE: dict[str, Any] = {WAITED: LONGEST_READ + 0.1}


@pytest.mark.parametrize("path", ["/", "/results", "/programs", "/es/programs", "/api/v1/vocabulary"])
def test_V2_who_waited_for_too_long_is_asked_to_come_back_soon(client: FlaskClient, path: str) -> None:
    answer = client.get(path, environ_base=LATE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, str(crowded.RETRY_SECONDS))
    assert client.get(path, environ_base={WAITED: LONGEST_READ}).status_code < 400


def test_V2_Y1_a_page_that_asks_to_come_back_has_the_lines_of_help(client: FlaskClient) -> None:
    page = client.get("/programs", environ_base=LATE).get_data(as_text=True)
    assert 'href="tel:988"' in page
    assert 'href="tel:911"' in page
    assert "Many people are asking right now" in page


@pytest.mark.parametrize("path", ["/crisis", "/es/crisis", "/healthz", "/static/site.css"])
def test_V2_Y3_nobody_waits_so_long_for_help_that_they_are_turned_away(client: FlaskClient, path: str) -> None:
    assert client.get(path, environ_base={WAITED: 1000.0}).status_code == 200
    assert crowded.lane("GET", path) == HELP


def test_V2_a_search_that_is_turned_away_can_be_sent_again_with_one_press(client: FlaskClient) -> None:
    page = client.post("/", data={"need": "feeling down", "place": "online"}, environ_base=LATE,
                       headers={"Sec-Fetch-Site": "same-origin"}).get_data(as_text=True)
    assert '<input type="hidden" name="need" value="feeling down">' in page


@pytest.mark.parametrize(("method", "path", "lane"), [
    ("GET", "/", READ), ("POST", "/", READ), ("POST", "/es/", READ), ("POST", "/find/needs", READ),
    ("POST", "/es/find/needs", READ), ("POST", "/api/v1/match", READ), ("GET", "/programs/x/report", READ),
    ("POST", "/programs/x/report", WRITE), ("POST", "/es/programs/x/report", WRITE),
    ("PATCH", "/api/v1/listings/x", WRITE), ("POST", "/account/sign-in", WRITE), ("GET", "/es/crisis", HELP)])
def test_V4_what_may_write_waits_apart(method: str, path: str, lane: str) -> None:
    assert crowded.lane(method, path) == lane


def test_V4_words_that_somebody_typed_wait_longer_and_are_not_lost(client: FlaskClient) -> None:
    sent: dict[str, Any] = {"path": "/programs/x/report", "data": {"note": "It is closed."},
                            "headers": {"Sec-Fetch-Site": "same-origin"}}
    assert client.post(**sent, environ_base=LATE).status_code == 404
    late = client.post(**sent, environ_base={WAITED: LONGEST_WRITE + 1})
    assert late.status_code == 503
    assert '<input type="hidden" name="note" value="It is closed.">' in late.get_data(as_text=True)
