"""What every page that changes something tells the audit: its own forms, sent as they stand, for whoever may."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from werkzeug.routing import Rule

from finder.audit.chain import ENTRY
from finder.errors import FinderError
from finder.web.desk import GUARDS
from tests.contracts.test_matrix import OWN, World, path_of, rules, world  # noqa: F401 - the fixture
from tests.pages import Page, Tag

SENDERS = ("administrator", "steward", "operator", "provider", "signed in")
BY_ITSELF = {"account.sign_out", "account.end_others", "account.delete"}  # ends what the next form needs
# What is done in two steps, each a transaction of its own so that nobody waits for the long reading in between.
SEVERAL = {"steward.import_columns"}  # the columns are kept, then what the file holds
# The forms that can be sent as they stand. Others need more than a filled-in field; that no deed goes without an entry
# holds for them as well, for the recorder sees the database and not the page.
REACHED = {
    "account.asked_ways_back", "account.change_email", "account.invite", "account.lost", "account.person",
    "operator.copy", "operator.delete", "operator.editors", "operator.organization_editors", "operator.pause",
    "steward.check", "steward.country", "steward.decide_claim", "steward.hook_secret", "steward.import_discard",
    "steward.proposal", "steward.report", "steward.tag", "steward.tag_retire", "steward.team"}
FILLED = {"text": "Tea and talk", "email": "new@example.org", "search": "Tea", "tel": "919-555-0100",
          "url": "https://example.org/tea", "number": "3", "date": "2026-12-01", "time": "18:30"}


def filled(page: Page, form: Tag) -> dict[str, Any]:
    """A form as it stands, its empty fields filled in, and its first button pressed."""
    values: dict[str, list[str]] = {}
    for one in form.all("input", "select", "textarea", "button"):
        kind, name = one["type"] or "text", one["name"]
        if not name or "disabled" in one.attributes:
            continue
        if one.name == "select":
            options = one.all("option")
            chosen = [two["value"] for two in options if "selected" in two.attributes]
            values.setdefault(name, chosen or [two["value"] for two in options if two["value"]][:1])
        elif one.name == "button":
            values.setdefault(name, [one["value"]])
        elif one.name == "textarea":
            values.setdefault(name, [one.text or "Tea and talk"])
        elif kind in ("checkbox", "radio"):
            if "checked" in one.attributes or (kind == "radio" and name not in values) or "required" in one.attributes:
                values[name] = [*(values.get(name, []) if kind == "checkbox" else []), one["value"]]
        elif kind not in ("file", "submit"):
            values.setdefault(name, [one["value"] or FILLED.get(kind, "")])
    return values


def told(world: World) -> int:  # noqa: F811
    with world.site.database.reading() as session:
        return session.execute(select(func.count()).select_from(ENTRY)).scalar_one()


def opened(world: World, name: str, rule: Rule) -> Page | None:  # noqa: F811
    """The page with the forms of an address, if there is one for this person."""
    try:
        path = path_of(world, rule, OWN)
    except FinderError:  # an earlier form has taken its subject away
        return None
    response = world.people[name].client.get(path) if "GET" in rule.methods else None
    if response is None or response.status_code != 200 or response.mimetype != "text/html":
        return None
    return Page(response, path)


def unsafe(world: World) -> list[Rule]:  # noqa: F811
    return [rule for rule in rules(world.site) if "POST" in rule.methods and GUARDS[rule.endpoint] is not None
            and rule.endpoint not in BY_ITSELF]


def test_O3_no_form_of_a_desk_is_more_than_one_entry(world: World) -> None:  # noqa: F811
    reached: set[str] = set()
    wrong = []
    adapter = world.site.app.url_map.bind("localhost")
    for name in SENDERS:
        person = world.people[name]
        for rule in unsafe(world):
            page = opened(world, name, rule)
            if page is None:
                continue
            for form in page.all("form", method="post"):
                action = form["action"] or page.path
                endpoint = adapter.match(action.partition("?")[0], method="POST")[0]
                if endpoint in BY_ITSELF or endpoint in reached:
                    continue
                before = told(world)
                sent = person.client.post(action, data=filled(page, form), headers={
                    "Origin": "null", "Sec-Fetch-Site": "same-origin"})
                many = told(world) - before
                if many > 1 or (many and sent.status_code >= 400 and sent.status_code not in (403, 404)):
                    wrong.append((name, endpoint, sent.status_code, many))
                if many == 1 and sent.status_code < 400:
                    reached.add(endpoint)
    assert [one for one in wrong if one[1] not in SEVERAL] == []
    assert reached >= REACHED, REACHED - reached
