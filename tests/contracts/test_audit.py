"""What every page that changes something tells the audit: its own forms, sent as they stand, for whoever may."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule

from finder.audit.chain import ENTRY
from finder.audit.recording import line_of, sealed_of
from finder.errors import FinderError
from finder.listings import changes
from finder.listings.models import Report, Revision
from finder.listings.writing import Author
from finder.web.desk import GUARDS
from tests.contracts.test_matrix import OWN, World, path_of, rules, world  # noqa: F401 - the fixture
from tests.make import NOW
from tests.pages import Page, Tag
from tests.web.site import Site, group

SENDERS = ("administrator", "steward", "operator", "provider", "signed in")
BY_ITSELF = {"account.sign_out", "account.end_others", "account.delete"}  # ends what the next form needs
# What is done in two steps, each a transaction of its own so that nobody waits for the long reading in between.
TWO_ENTRIES = {"steward.import_columns"}  # the columns are kept, then what the file holds
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
    assert [one for one in wrong if one[1] not in TWO_ENTRIES] == []
    assert reached >= REACHED, REACHED - reached


# -- every unsafe route there is ---------------------------------------------------------------------------------------

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def unsafe_routes(app: Flask) -> list[tuple[str, Rule]]:
    return [(method, rule) for rule in app.url_map.iter_rules() for method in UNSAFE if method in (rule.methods or ())]


@pytest.fixture(scope="module")
def writing(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site whose every view writes one row of one table in a transaction, and does nothing else. Guards and hooks of
    requests are taken away, so that each view is reached."""
    site = Site(tmp_path_factory.mktemp("writing"), [group(1)])

    def write(**values: Any) -> str:
        with site.database.transaction() as session:
            session.add(Report(program_id=uuid.UUID(site.ids[0]), kind="time", sent_on=NOW.date(), sent_hour=1))
        return "written"

    def read(**values: Any) -> str:
        with site.database.reading() as session:
            session.scalars(select(Report)).all()
        return "read"

    site.app.view_functions = dict.fromkeys(site.app.view_functions, write)
    site.app.before_request_funcs = {}
    site.app.extensions["reading"] = dict.fromkeys(site.app.view_functions, read)
    return site


def entries(site: Site, after: int) -> list[Any]:
    with site.database.reading() as session:
        return list(session.execute(select(ENTRY).where(ENTRY.c.number > after).order_by(ENTRY.c.number)).mappings())


def sent(site: Site, method: str, rule: Rule) -> int:
    adapter = site.app.url_map.bind("localhost")
    values = {name: "7" if "int" in str(kind) else "a" for name, kind in rule._converters.items()}
    return site.app.test_client().open(adapter.build(rule.endpoint, values, method=method), method=method).status_code


def test_O3_what_any_unsafe_route_writes_is_exactly_one_entry_that_names_the_route(
        writing: Site, record_property: Any) -> None:
    routes, last, wrong = unsafe_routes(writing.app), 0, []
    for method, rule in routes:
        status = sent(writing, method, rule)
        found = entries(writing, last)
        last += len(found)
        area, _, view = rule.endpoint.partition(".")
        name = f"{area.partition('_')[0]}.{view}"
        if status != 200 or [one["what"] for one in found] != [name] or found[0]["facts"]["rows"] != {"report": 1}:
            wrong.append((method, rule.rule, status, [one["what"] for one in found]))
    assert wrong == []
    assert len(routes) > 90
    record_property("figure", f"{len(routes)} unsafe routes of every door, in each language")


def test_O3_what_only_reads_is_no_entry(writing: Site) -> None:
    last = len(entries(writing, 0))
    views, writing.app.view_functions = writing.app.view_functions, writing.app.extensions["reading"]
    try:
        for method, rule in unsafe_routes(writing.app)[::7]:
            assert sent(writing, method, rule) == 200
    finally:
        writing.app.view_functions = views
    assert entries(writing, last) == []


def test_O3_a_file_that_names_people_is_an_entry(world: World) -> None:  # noqa: F811
    for name, path, table in (("steward", "/steward/tables/reports.csv", "reports"),
                              ("administrator", "/steward/tables/people.csv", "people"),
                              ("steward", "/steward/tables/listings.csv", None), ("steward", "/account/copy", "")):
        before = told(world)
        assert world.people[name].client.get(path).status_code == 200, path
        found = [one for one in entries(world.site, before) if one["what"] == "export.done"]
        assert len(found) == (table is not None), path
        if table is not None:
            assert found[0]["account_id"] == world.people[name].id
            assert found[0]["facts"].get("table", "") == table


def test_O3_what_was_before_and_after_can_be_told_from_the_entry_with_the_key(world: World) -> None:  # noqa: F811
    recorder = world.site.app.extensions["finder"].audit
    before = told(world)
    with world.site.database.reading() as session:
        last = session.scalar(select(func.max(Revision.id)))
        there = changes.find(session, world.ids[OWN])
    now = world.site.clock()
    with world.site.app.test_request_context("/"), world.site.database.transaction() as session:
        changes.change(session, there.id, base=there.version, author=Author("a test"), now=now,
                       document={**there.document, "description": "Tea for who needs it."})
    (entry,) = entries(world.site, before)
    with world.site.database.reading() as session:
        rows = session.execute(select(Revision.__table__).where(Revision.id > last)).mappings().all()

    def hashed(rows: list[dict[str, Any]], key: bytes) -> str:
        return sealed_of(hashlib.sha256(b"".join(line_of("revision", one) for one in rows)).digest(), key)

    kept = [dict(one) for one in rows]
    assert entry["facts"]["history"] == hashed(kept, recorder.key)
    assert entry["facts"]["history"] != hashed(kept, b"another key")
    kept[0]["after"] = kept[0]["after"].replace("Tea", "Gin")
    assert entry["facts"]["history"] != hashed(kept, recorder.key)
    assert "Tea" not in str(dict(entry))
