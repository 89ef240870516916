from __future__ import annotations

import gzip

import pytest
from flask.testing import FlaskClient

from finder.web.headers import CONTENT_SECURITY_POLICY
from tests.conftest import MakeApp
from tests.pages import Pages

FIRST_VIEW_BYTES = 30_000


@pytest.mark.parametrize("path", ["/", "/programs", "/programs/bare", "/nowhere", "/static/site.css",
                                  "/static/none.css", "/favicon.ico", "/api/v1/vocabulary", "/healthz"])
def test_W1_W2_every_answer_forbids_foreign_content(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Request-ID"]


def test_W1_policy_is_the_agreed_text() -> None:
    assert CONTENT_SECURITY_POLICY == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; "
        "manifest-src 'self'")


def test_W2_strict_transport_is_asked_for_only_over_tls(app_with: MakeApp, client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/").headers
    secure = app_with(base_url="https://seat.example").test_client()
    answer = secure.get("/", base_url="https://seat.example")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_W6_foreign_host_is_refused_when_the_own_one_is_known(app_with: MakeApp) -> None:
    client = app_with(base_url="https://seat.example").test_client()
    assert client.get("/", base_url="https://evil.example").status_code == 400
    assert client.get("/", base_url="https://seat.example").status_code == 200
    assert client.get("/healthz", base_url="http://127.0.0.1:8000").status_code == 200


@pytest.mark.parametrize("path", ["/", "/programs?near=Durham", "/programs/lantern-street", "/privacy", "/topics"])
def test_W3_W4_browsing_sets_no_cookie_and_may_be_revalidated(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-cache"


def test_first_view_fits_a_weak_phone(client: FlaskClient) -> None:
    asked = {"Accept-Encoding": "gzip"}
    home = client.get("/", headers=asked)
    assert home.headers["Content-Encoding"] == "gzip"
    page = gzip.decompress(home.data).decode()
    total = len(home.data)
    for name in ("site.css", "site.js", "seat.svg"):
        address = page.split(f"/static/{name}")[1].split('"')[0]
        file = client.get(f"/static/{name}{address}", headers=asked)
        assert file.status_code == 200
        assert "immutable" in file.headers["Cache-Control"]
        assert file.headers["Content-Encoding"] == "gzip"
        total += len(file.data)
    assert total <= FIRST_VIEW_BYTES


def test_W4_page_seen_with_answers_is_not_kept_and_never_twice_of_one_length(client: FlaskClient) -> None:
    client.set_cookie("answers", "anything")
    answers = [client.get("/programs", headers={"Accept-Encoding": "gzip"}) for _ in range(12)]
    assert {one.headers["Cache-Control"] for one in answers} == {"no-store"}
    assert len({len(gzip.decompress(one.data)) for one in answers}) == 1
    assert len({len(one.data) for one in answers}) > 4


def test_W4_question_asked_for_the_first_time_is_small_and_not_kept(client: FlaskClient) -> None:
    answer = client.get("/find/about", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < 6_000


@pytest.mark.parametrize(("headers", "status"), [
    ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Sec-Fetch-Site": "none"}, 403),
    ({"Origin": "http://localhost"}, 303),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "http://localhost.evil.example"}, 403),
    ({"Origin": "http://[broken"}, 403),
    ({"Origin": "null"}, 303),
    ({}, 303),
], ids=lambda value: str(value))
def test_A6_form_of_another_site_is_refused(client: FlaskClient, headers: dict[str, str], status: int) -> None:
    assert client.post("/answers/clear", headers=headers).status_code == status


def test_refusal_is_a_page_with_the_crisis_line(pages: Pages) -> None:
    page = pages.post("/answers/clear", headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status == 403


def test_static_file_is_not_sent_twice(client: FlaskClient) -> None:
    first = client.get("/static/site.js")
    again = client.get("/static/site.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/",
                                  "/static/site.css/x"])
def test_static_gives_only_its_own_files(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
