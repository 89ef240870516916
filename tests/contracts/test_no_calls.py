from __future__ import annotations

import socket
from typing import Any

import pytest
from flask import Flask

from tests.pages import Pages

INTAKE = {"format": "finder-intake/1", "needs": ["grief"], "near": {"text": "Durham, NC"}, "formats": {"phone": "must"}}


def test_P5_the_server_calls_nobody_on_a_visitors_request(shared_app: Flask, monkeypatch: pytest.MonkeyPatch,
                                                          record_property: Any) -> None:
    called: list[Any] = []

    def refuse(*given: Any, **more: Any) -> Any:
        called.append(given[-1])
        raise OSError("nobody is there")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "gethostbyname", refuse)
    pages = Pages(shared_app.test_client())
    paths = [rule.rule for rule in shared_app.url_map.iter_rules()
             if "GET" in (rule.methods or ()) and not rule.arguments
             and rule.rule.split("/")[1] not in ("account", "operator", "provider", "steward")]
    for path in paths:
        assert shared_app.test_client().get(path).status_code < 500 or path.endswith(".pdf"), path
    pages.post("/find/need", {"needs": "depression"})
    pages.post("/find/where", {"near.text": "Durham, NC"})
    assert pages.get("/results").of_class("match")
    assert pages.post("/", {"need": "I feel low on Tuesdays in Raleigh", "place": "27701"}).status == 200
    for near in ("Durham", "27701", "Nowhere At All", "35.99,-78.9"):
        assert pages.client.get("/programs", query_string={"near": near}).status_code < 500
    assert pages.client.post("/api/v1/match", json=INTAKE).status_code in (200, 422)
    assert called == []
    record_property("figure", f"{len(paths) + 9} requests, 0 calls")
