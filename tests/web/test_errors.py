from __future__ import annotations

import logging

import pytest
from flask import Flask, abort

from finder.errors import Conflict, FinderError, Forbidden, Invalid, NotFound, Problem, Unavailable
from tests.conftest import MakeApp
from tests.pages import Pages

CANARY = "zq-canary-91"


def _broken(app: Flask, error: Exception | int) -> Pages:
    def fail() -> str:
        if isinstance(error, int):
            abort(error)
        raise error
    app.add_url_rule("/broken/<thing>", endpoint="broken", view_func=lambda thing: fail(), methods=["GET", "POST"])
    return Pages(app.test_client())


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 422, 429, 500, 503])
@pytest.mark.parametrize("prefix", ["", "/es"])
def test_Y1_W7_every_number_has_a_page_with_the_crisis_line(app_with: MakeApp, status: int, prefix: str) -> None:
    app = app_with()
    app.add_url_rule("/es/broken", endpoint="es", view_func=lambda: abort(status))
    app.add_url_rule("/broken", endpoint="en", view_func=lambda: abort(status))
    page = Pages(app.test_client()).get(f"{prefix}/broken")
    assert page.status == status
    assert page.response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("error", "status"), [
    (NotFound("x"), 404), (Invalid({"a": [Problem("b")]}), 422), (Conflict(), 409), (Forbidden(), 403),
    (Unavailable(), 503), (FinderError("x"), 400), (RuntimeError(CANARY), 500), (OSError(CANARY), 500),
], ids=lambda value: getattr(type(value), "__name__", value))
def test_W7_broken_promises_become_pages(app_with: MakeApp, error: Exception, status: int) -> None:
    assert _broken(app_with(), error).get("/broken/x").status == status


def test_W7_P2_failure_is_logged_without_what_people_typed(app_with: MakeApp, caplog: pytest.LogCaptureFixture) -> None:
    pages = _broken(app_with(), RuntimeError(CANARY))
    with caplog.at_level(logging.DEBUG):
        page = pages.post(f"/broken/{CANARY}?x={CANARY}", {"near": CANARY})
    assert page.status == 500
    assert CANARY not in page.source
    assert CANARY not in caplog.text
    assert page.response.headers["X-Request-ID"] in caplog.text
    assert page.response.headers["X-Request-ID"] in page.source
    assert "RuntimeError" in caplog.text


def test_wrong_method_names_the_right_one(pages: Pages) -> None:
    page = pages.get("/answers/clear")
    assert page.status == 405
    assert "POST" in page.response.headers["Allow"]


def test_page_that_is_not_there_is_in_the_language_of_its_address(pages: Pages) -> None:
    assert pages.get("/es/nada").one("html")["lang"] == "es"
    assert pages.get("/nothing").one("html")["lang"] == "en"


def test_L2_too_large_a_form_is_a_413_page(pages: Pages) -> None:
    assert pages.post("/", {"need": "x" * 300_000}).status == 413
    assert pages.post("/", {f"f{number}": "x" for number in range(3000)}).status in (413, 422)


@pytest.mark.parametrize("path", ["/%00", "/programs/%00", "/programs/%ff%fe", "/programs/" + "a" * 5000,
                                  "/find/..%2f..%2fetc", "/es", "/es/es/", "//evil.example/", "/programs/%0d%0aX:1"])
def test_W7_odd_addresses_are_never_a_fault_of_ours(pages: Pages, path: str) -> None:
    assert pages.client.get(path).status_code < 500


def test_V6_pages_stand_when_the_listings_are_away(app_with: MakeApp) -> None:
    def away() -> None:
        raise Unavailable("database")
    pages = Pages(app_with(snapshot=away).test_client())
    assert pages.get("/programs").status == 503
    for path in ("/privacy", "/crisis", "/accessibility", "/how-matching-works"):
        assert pages.get(path).status == 200
