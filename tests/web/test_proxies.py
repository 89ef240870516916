from __future__ import annotations

from flask import Flask, Response, jsonify, request
from flask.testing import FlaskClient

from tests.conftest import MakeApp

FORGED = {"X-Forwarded-For": "203.0.113.7, 198.51.100.2", "X-Real-IP": "203.0.113.7",
          "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https",
          "Forwarded": "for=203.0.113.7;host=evil.example;proto=https",
          "X-Forwarded-Prefix": "/evil"}


def told(app: Flask) -> FlaskClient:
    def tell() -> Response:
        return jsonify(sender=request.remote_addr, host=request.host, scheme=request.scheme, root=request.script_root)

    app.add_url_rule("/told", view_func=tell)
    return app.test_client()


def test_L5_what_a_request_says_about_proxies_is_not_believed(app_with: MakeApp) -> None:
    client = told(app_with())
    assert client.get("/told", headers=FORGED).json == {
        "sender": "127.0.0.1", "host": "localhost", "scheme": "http", "root": ""}


def test_L5_with_one_proxy_the_last_word_of_that_one_counts(app_with: MakeApp) -> None:
    client = told(app_with(proxy_count=1))
    assert client.get("/told", headers=FORGED).json == {
        "sender": "198.51.100.2", "host": "evil.example", "scheme": "https", "root": ""}


def test_L5_a_forged_host_is_refused_where_the_own_one_is_known(app_with: MakeApp) -> None:
    client = app_with(proxy_count=1, base_url="https://seat.example").test_client()
    forged = {"X-Forwarded-Host": "evil.example"}
    assert client.get("/", base_url="https://seat.example", headers=forged).status_code == 400
    assert client.get("/", base_url="https://seat.example").status_code == 200
