from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from finder.api.sync.calls import EXAMPLES, WEBHOOKS
from finder.hooks import calling, keeping, telling
from finder.hooks.signing import mark_of, new_message_id
from tests.hooks.site import HookSite


@pytest.fixture
def site(tmp_path: Path) -> HookSite:
    return HookSite(tmp_path)


def described(site: HookSite) -> dict[str, Any]:
    found: dict[str, Any] = site.app.test_client().get("/openapi.json").get_json()
    return found


def wrong(description: dict[str, Any], name: str, value: Any) -> list[str]:
    schema = {"$ref": f"#/components/schemas/{name}", "components": description["components"]}
    return [str(one) for one in Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(value)]


def test_the_description_tells_what_is_sent_and_every_example_fits(site: HookSite) -> None:
    description = described(site)
    assert set(description["webhooks"]) == {"listings.changed", "ping"}
    for name, example in EXAMPLES.items():
        assert wrong(description, name, example) == []
        assert wrong(description, name, {**example, "type": "other"}) != []
    assert {one["post"]["requestBody"]["content"]["application/json"]["example"]["type"]
            for one in description["webhooks"].values()} == set(WEBHOOKS)


def test_what_is_really_sent_is_as_described(site: HookSite) -> None:
    description = described(site)
    site.bring(*range(2, 200))
    with site.app.app_context():
        site.round()
    (call,) = site.receiver.calls
    assert wrong(description, "ListingsChanged", call.said) == []
    with site.database.reading() as session:
        body = telling.ping(session, telling.Here("A", "https://finder.example"), now=site.clock())
        line = calling.line_of(site.see(), site.app.extensions["finder_hooks"])
    calling.call(line, new_message_id(), body, now=site.clock(), post=site.receiver)
    assert wrong(description, "Ping", site.receiver.calls[-1].said) == []


@pytest.mark.parametrize("renewals", [0, 1, 2])
def test_its_headers_are_as_described(site: HookSite, renewals: int) -> None:
    seal = site.app.extensions["finder_hooks"]
    for _ in range(renewals):
        with site.database.transaction() as session:
            hook = keeping.find(session, str(site.hook.id))
            keeping.renew_secret(session, seal, hook, seen=mark_of(hook.secret), now=site.clock())
    site.bring(2)
    with site.app.app_context():
        site.round()
    parameters = described(site)["webhooks"]["listings.changed"]["post"]["parameters"]
    assert {one["name"] for one in parameters} == set(site.receiver.calls[0].headers)
    for one in parameters:
        assert re.fullmatch(one["schema"]["pattern"], site.receiver.calls[0].headers[one["name"]])


def test_an_address_in_a_message_leads_to_what_changed(site: HookSite) -> None:
    site.bring(2)
    with site.app.app_context():
        site.round()
    said = site.receiver.calls[0].said
    assert said["changes_url"].startswith(f"{said['instance']['address']}/")
    answer = site.app.test_client().get(said["changes_url"].removeprefix(said["instance"]["address"]))
    assert answer.status_code == 200
    assert [one["id"] for one in answer.get_json()["changes"]] == [one["id"] for one in said["changes"]]
