"""What holds for every address there is, found in the map of addresses: a new page cannot be forgotten here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from werkzeug.test import TestResponse

from finder.accounts.permissions import Role
from finder.web import embed_headers
from finder.web.headers import PERMISSIONS_POLICY
from tests.make import make_session
from tests.web.people import Person
from tests.web.site import Site, group

SAME, CROSS = "same-origin", "cross-origin"
OUTSIDE = re.compile(r"https?:")
PERSONAL = ("find", "results", "compare", "saved", "referrals", "account", "operator", "provider", "steward")
ELSEWHERE = ("//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "//evil.example/%2f..",
             "/%0d%0aLocation:%20//evil.example", "https:evil.example", "///evil.example", "/%5cevil.example",
             "javascript:alert(1)", "data:text/html,x", "//localhost@evil.example", "/\t/evil.example",
             "http://localhost.evil.example", "\u2044\u2044evil.example", "//evil。example", "%2f%2fevil.example",
             "/.//evil.example", "?//evil.example", "#//evil.example")
NAMES = ("to", "next", "return_to", "return", "url", "back", "r", "redirect", "continue", "dest")


class Links(HTMLParser):
    """The links of a page, as pairs of address and rel."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, set[str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag in ("a", "area"):
            self.found.append((held.get("href") or "", set((held.get("rel") or "").split())))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("answers")
    place = {"city": "Durham", "state": "NC", "postal_code": "27701", "address_1": "1180 Lantern Street"}
    return Site(folder, [group(
        number, sessions=[make_session(location=place)], organization={"name": "One", "url": "https://one.example/"},
        contact={"phone": "919-555-0142", "email": "hello@one.example", "url": "https://one.example/join"},
        source={"name": "A list", "url": "https://list.example/"}) for number in (1, 2)], instance=folder)


def addresses(site: Site) -> list[str]:
    """One address of everything that can be read. Names of things are those of a listing where one is meant."""
    pieces = {"slug": site.slugs[0], "accent": "00695c", "background": "ffffff", "filename": "site.css"}
    found = {re.sub(r"<(?:[^<>]*:)?([^<>]+)>", lambda hit: pieces.get(hit[1], "1"), rule.rule)
             for rule in site.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    return sorted(found | {"/nowhere", "/es/nada", "/api/v1/nothing", f"/programs/{site.slugs[1]}"})


def read(site: Site, client: Any, *, after: str = "") -> Iterator[tuple[str, TestResponse]]:
    for path in addresses(site):
        yield path, client.get(path + after)


@pytest.fixture(scope="module")
def visited(site: Site) -> list[tuple[str, TestResponse]]:
    """Every address as a visitor gets it."""
    return list(read(site, site.app.test_client()))


@pytest.fixture(scope="module")
def looked_after(site: Site) -> list[tuple[str, TestResponse]]:
    """Every address as an administrator gets it who is also a steward."""
    client = Person(site, "ana@example.org", Role.ADMINISTRATOR, Role.STEWARD).client
    return [(path, answer) for path, answer in read(site, client) if "sign-out" not in path]


def test_W2_every_answer_tells_the_browser_the_same(visited: list[tuple[str, TestResponse]],
                                                    looked_after: list[tuple[str, TestResponse]],
                                                    record_property: Any) -> None:
    for path, answer in visited + looked_after:
        headers = answer.headers
        assert headers["Referrer-Policy"] == "no-referrer", path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Permissions-Policy"] == PERMISSIONS_POLICY, path
        assert headers["Cross-Origin-Resource-Policy"] in (SAME, CROSS), path
        if answer.mimetype == "text/html" and "/embed" not in path:
            assert headers["Cross-Origin-Resource-Policy"] == headers["Cross-Origin-Opener-Policy"] == SAME, path
        assert "Strict-Transport-Security" not in headers, path
    record_property("figure", f"{len(visited):,} addresses, each as a visitor and as a steward")


def test_W3_a_visitor_gets_no_cookie_anywhere(visited: list[tuple[str, TestResponse]], record_property: Any) -> None:
    set_by = {path: answer.headers["Set-Cookie"] for path, answer in visited if "Set-Cookie" in answer.headers}
    # To forget the answers is to take their cookie away; that one holds nothing and is over.
    assert {path for path, cookie in set_by.items() if "Max-Age=0" not in cookie} == set()
    record_property("figure", f"{len(visited):,} addresses, no cookie")


def test_W4_what_is_somebodys_own_is_never_stored(visited: list[tuple[str, TestResponse]],
                                                  looked_after: list[tuple[str, TestResponse]]) -> None:
    assert len(looked_after) > 200
    for path, answer in visited + looked_after:
        kept, first = answer.headers.get("Cache-Control", ""), path.removeprefix("/es").split("/")[1]
        if "Set-Cookie" in answer.headers or answer.status_code >= 400 and answer.mimetype == "text/html":
            assert "no-store" in kept, path
        if first in PERSONAL and answer.mimetype == "text/html" and answer.status_code == 200:
            assert "no-store" in kept, path
        if answer.mimetype == "text/html":
            assert {"Cookie", "Accept-Encoding"} <= set(answer.headers["Vary"].split(", ")), path


def test_W5_links_to_elsewhere_tell_nothing_and_are_of_known_kinds(visited: list[tuple[str, TestResponse]],
                                                                  looked_after: list[tuple[str, TestResponse]],
                                                                  record_property: Any) -> None:
    outside = 0
    for path, answer in visited + looked_after:
        if answer.mimetype != "text/html":
            continue
        for address, rel in Links(answer.get_data(as_text=True)).found:
            assert re.match(r"[/?#]|$|https?:|tel:|sms:|mailto:|webcal:|[\w.-]+$", address), (path, address)
            assert not address.startswith("//"), (path, address)
            if OUTSIDE.match(address) and not address.startswith("http://localhost"):
                outside += 1
                assert "noreferrer" in rel, (path, address)
    assert outside > 100
    record_property("figure", f"{outside:,} links")


def test_W6_no_parameter_leads_a_reader_elsewhere(site: Site, record_property: Any) -> None:
    visitor, person = site.app.test_client(), Person(site, "lee@example.org").client
    asked = [(person, path) for path in addresses(site) if path.startswith("/account")]
    asked += [(visitor, path) for path in ("/", "/programs", "/results", "/saved", "/account/sign-in", "/steward/")]
    for to in ELSEWHERE:
        for client, path in asked:
            answer = client.get(path, query_string={name: to for name in NAMES})
            where = answer.headers.get("Location", "/")
            assert re.match(r"/(?![/\\])|https://www\.weather\.gov/$", where), (path, to, where)
            assert not re.search(r"[\t\r\n\\]", where.partition("?")[0]), (path, to, where)
    record_property("figure", f"{len(ELSEWHERE) * len(asked) * len(NAMES):,} values of parameters")


def test_Y1_help_stands_on_every_page(site: Site, visited: list[tuple[str, TestResponse]],
                                      looked_after: list[tuple[str, TestResponse]], record_property: Any) -> None:
    pages = [(path, answer) for path, answer in visited + looked_after
             if answer.mimetype == "text/html" and answer.status_code not in (301, 302, 303, 307, 308)]
    for path, answer in pages:
        links = {address for address, _ in Links(answer.get_data(as_text=True)).found}
        assert {"tel:988", "tel:911"} <= links, path
        assert any(address.startswith("sms:988") for address in links) or "988" in answer.text, path
    assert len(pages) > 300
    record_property("figure", f"{len(pages):,} pages")


def test_W1_the_only_page_for_frames_is_the_finder_for_other_sites() -> None:
    assert embed_headers.FRAMED == {"finder"}


def test_every_folder_of_personal_pages_is_in_the_map(site: Site) -> None:
    firsts = {path.split("/")[1] for path in addresses(site)}
    assert set(PERSONAL) <= firsts
