from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from finder.accounts.permissions import ANYBODY, TABLE, Action
from finder.web.desk import GUARDS, Desk
from tests.web.people import Person
from tests.web.site import Site, group

DESKS = ("account", "operator", "provider", "steward")


def desk_rules(app: Flask) -> list[tuple[str, str]]:
    """Endpoint and rule of every desk page in the first language."""
    return [(rule.endpoint, rule.rule) for rule in app.url_map.iter_rules() if rule.endpoint.split(".")[0] in DESKS]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1)])


def test_A1_every_page_of_a_desk_says_who_may_open_it(shared_app: Flask) -> None:
    endpoints = {endpoint for endpoint, _ in desk_rules(shared_app)}
    assert endpoints
    assert endpoints == set(GUARDS)


def test_A1_every_action_is_in_the_table_of_permissions() -> None:
    assert ANYBODY | set(TABLE) == set(Action)
    assert not ANYBODY & set(TABLE)


def test_A1_a_page_with_a_variable_and_no_subject_is_refused_when_it_is_written() -> None:
    with pytest.raises(TypeError, match="does not say what it is about"):
        Desk("operator").page("/<slug>", Action.EDIT_LISTING)


def test_A1_nobody_gets_into_a_desk_without_signing_in(site: Site) -> None:
    client = site.app.test_client()
    own = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    for rule in site.app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] not in DESKS or GUARDS[rule.endpoint] is None:
            continue
        values = {name: "none" for name in rule.arguments}
        with site.app.test_request_context():
            path = site.app.url_map.bind("localhost").build(rule.endpoint, values)
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            response = client.open(path, method=method, headers=own)
            assert response.status_code == 303, (method, path)
            assert response.headers["Location"].startswith("/account/sign-in"), (method, path)


def test_A6_a_form_without_the_token_of_its_page_changes_nothing(site: Site) -> None:
    person = Person(site, "joy@example.org")
    assert person.pages.post("/account/sign-out").status == 403
    assert person.get("/account/").status == 200
    assert person.send(person.get("/account/"), "/account/sign-out").status == 200
    assert person.client.get("/account/").status_code == 303


def test_W3_seekers_get_no_cookie_and_are_not_looked_up(site: Site) -> None:
    page = site.pages.get("/")
    assert "Set-Cookie" not in page.response.headers


def test_I5_an_address_with_a_letter_that_no_text_can_hold_is_no_page(site: Site) -> None:
    for path in ("/programs/%00", "/steward/listing/%00", "/account/link/%00"):
        assert site.app.test_client().get(path).status_code == 404


def test_I5_bytes_in_a_query_that_are_no_text_are_refused_everywhere(site: Site) -> None:
    client = site.app.test_client()
    for path in ("/", "/programs", "/results", "/api/v1/programs", "/hsds/services", "/fhir/Location", "/nothing"):
        assert client.open(path, environ_overrides={"QUERY_STRING": "q=\xff\xfe"}).status_code == 400, path
