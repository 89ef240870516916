from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from finder.web import embed_headers
from finder.web.headers import CONTENT_SECURITY_POLICY
from tests.conftest import MakeApp
from tests.web.embed_pages import FRAMED_POLICY

FRAMED = {"/embed", "/es/embed"}
ABOUT = {"/embed/about", "/es/embed/about"}
PIECES = {"accent": "00695c", "background": "ffffff", "filename": "site.css"}


def _addresses(app: Flask) -> list[tuple[str, str]]:
    """One address of every rule and method there is, and one that nothing answers."""
    found = {(re.sub(r"<(?:[^<>]*:)?([^<>]+)>", lambda hit: PIECES.get(hit[1], "lantern-street"), rule.rule), method)
             for rule in app.url_map.iter_rules() for method in (rule.methods or ()) if method != "OPTIONS"}
    return sorted(found | {("/nowhere", "GET"), ("/embed/nowhere", "GET"), ("/embed/", "GET"), ("/embed", "PUT"),
                           ("/es/embed/about/x", "GET"), ("/xx/embed", "GET")})


def test_W1_W2_no_page_but_the_finder_for_other_sites_may_stand_in_a_frame(app_with: MakeApp, tmp_path: Path,
                                                                           record_property: Any) -> None:
    app = app_with(instance=tmp_path)
    client, asked, framed = app.test_client(), _addresses(app), set()
    assert len(asked) > 200
    for path, method in asked:
        answer = client.open(path, method=method)
        headers = answer.headers
        policy = headers["Content-Security-Policy"]
        if "frame-ancestors 'none'" not in policy or headers.get("X-Frame-Options") != "DENY":
            framed.add(path)
            assert method != "PUT"
            assert policy == FRAMED_POLICY
            assert "X-Frame-Options" not in headers
        elif path not in ABOUT:
            assert policy == CONTENT_SECURITY_POLICY, path
        if answer.mimetype == "text/html" and path not in FRAMED | {"/embed/colors.css"}:
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin", path
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin", path
    assert framed == FRAMED
    record_property("figure", f"{len(asked)} addresses and methods")


def test_the_page_about_it_shows_a_frame_and_stands_in_none(client: FlaskClient) -> None:
    headers = client.get("/embed/about").headers
    assert headers["Content-Security-Policy"] == f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
    assert headers["X-Frame-Options"] == "DENY"


def test_a_page_in_a_frame_names_our_own_origin_where_it_is_known(app_with: MakeApp) -> None:
    client = app_with(base_url="https://seat.example/").test_client()
    policy = client.get("/embed", base_url="https://seat.example").headers["Content-Security-Policy"]
    assert "script-src 'self' https://seat.example;" in policy
    assert "form-action 'self' https://seat.example;" in policy
    assert "frame-ancestors *;" in policy
    other = client.get("/", base_url="https://seat.example").headers["Content-Security-Policy"]
    assert other == CONTENT_SECURITY_POLICY


def test_W1_no_page_in_a_frame_has_an_origin_or_may_lead_the_host_away() -> None:
    flags = set(embed_headers.SANDBOX.split())
    assert flags == {"allow-forms", "allow-popups", "allow-popups-to-escape-sandbox", "allow-scripts"}


@pytest.mark.parametrize(("name", "policy"), [("embed.css", "cross-origin"), ("embed.page.js", "cross-origin"),
                                              ("embed.js", "cross-origin"), ("site.css", "same-origin"),
                                              ("none.css", "same-origin")])
def test_only_files_of_the_frame_may_be_loaded_by_other_sites(client: FlaskClient, name: str, policy: str) -> None:
    assert client.get(f"/static/{name}").headers["Cross-Origin-Resource-Policy"] == policy


@pytest.mark.parametrize(("endpoint", "page"), [("embed.finder", "finder"), ("embed_es.finder", "finder"),
                                                ("embed_pt-BR.about", "about"), ("seeker.finder", ""), (None, ""),
                                                ("embed_script", ""), ("static", "")])
def test_a_page_of_the_area_is_known_in_every_language(endpoint: str | None, page: str) -> None:
    assert embed_headers.page_of(endpoint) == page
