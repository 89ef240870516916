from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from finder.crosswalks import Crosswalk, Row
from finder.db import Database
from finder.exchange import shelf
from finder.exchange.fhir import finding
from finder.exchange.fhir.directory import Directory
from finder.exchange.fhir.facts import KEPT, ON_CARDS, Facts
from finder.exchange.fhir.finding import Making
from finder.exchange.fhir.parameters import PARAMETERS
from finder.exchange.fhir.searching import read
from finder.search import synthetic
from tests.exchange.fhir.shelved import SITE
from tests.exchange.published import FULL, OTHERS, changed
from tests.listings.database import make_database, take

TERMS = Crosswalk("211", [Row("RP-1400", "Grief Groups", "focus_areas", "depression")])


def documents() -> Iterator[dict[str, Any]]:
    """One full listing changed in each of its fields, and made-up ones."""
    yield FULL
    for path, values in OTHERS.items():
        for number, value in enumerate(values):
            yield changed(path, value) | {"id": f"{path}-{number}"}
    yield from synthetic.documents(60)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    made = make_database(tmp_path_factory.mktemp("facts"))
    take(made, list(documents()))
    yield made
    made.close()


def directory(session: Any, facts: Facts) -> Directory:
    found = Directory(shelf.read(session).cards, b"a secret")
    facts.bring_up(session)
    found.facts = facts
    return found


def test_what_is_read_in_few_columns_is_what_the_resources_say(database: Database) -> None:
    with database.reading() as session:
        held = directory(session, Facts(SITE, TERMS))
        making = Making(lambda cards: shelf.listings(session, cards), SITE, TERMS)
        for type_ in ON_CARDS:
            total, ids = held.page(read(type_, [("_count", "200")]))
            assert total == len(ids) > 5
            resources = finding.resources(held, type_, ids, making)
            assert [one["id"] for one in resources] == ids
            for name, parameter in PARAMETERS[type_].items():
                if name == "_profile" and type_ == "HealthcareService":
                    continue  # a program has two shapes, and meets what either does
                said = [set(parameter.read(one)) for one in resources]
                assert [set(values) for values in held._values(type_, name)] == said, name


def test_every_parameter_is_either_on_the_cards_or_kept() -> None:
    for type_, names in ON_CARDS.items():
        assert {*names, *KEPT[type_]} == set(PARAMETERS[type_])
        assert not set(names) & set(KEPT[type_])


def test_after_a_change_only_what_changed_is_read(tmp_path: Path) -> None:
    database = make_database(tmp_path)
    listings = [FULL | {"id": f"n{number}", "name": f"Circle {number}"} for number in range(5)]
    take(database, listings)
    facts = Facts(SITE)
    with database.reading() as session:
        assert facts.bring_up(session) == 5
    with database.reading() as session:
        assert facts.bring_up(session) == 0
    moved = changed("sessions.location.city", "Keizer") | {"id": "n1", "name": "Moved"}
    take(database, [listings[0], moved, *listings[2:4]])
    with database.reading() as session:
        assert facts.bring_up(session) == 1
        held = directory(session, facts)
    assert held.page(read("HealthcareService", [("name", "moved")]))[0] == 1
    assert held.page(read("HealthcareService", [("location.address-city", "keizer")]))[0] == 1
    assert held.page(read("HealthcareService", [("name", "circle")]))[0] == 3
    assert len(facts.of_program) == 4
    database.close()


def test_a_hidden_place_tells_no_search_where_it_is(tmp_path: Path) -> None:
    database = make_database(tmp_path)
    place = {**FULL["sessions"][0]["location"], "name": "Secret House", "hidden": True}
    take(database, [FULL | {"sessions": [{**FULL["sessions"][0], "location": place}]}])
    with database.reading() as session:
        held = directory(session, Facts(SITE))
    for name, value in (("name", "secret"), ("name:contains", "secret"), ("address", "1 elm"), ("address", "97301"),
                        ("address-postalcode", "97301"), ("near", "44.94|-123.03|20000|km")):
        assert held.page(read("Location", [(name, value)]))[0] == 0, name
        assert held.page(read("HealthcareService", [(f"location.{name}", value)]))[0] == 0, name
    assert held.page(read("Location", [("address-city", "salem")]))[0] == 1
    assert "Secret" not in repr(held.facts)
    assert "Elm" not in repr(held.facts)
    database.close()


def test_what_is_not_published_is_not_found(tmp_path: Path) -> None:
    database = make_database(tmp_path)
    take(database, [FULL], publish=False)
    facts = Facts(SITE)
    with database.reading() as session:
        held = directory(session, facts)
        assert facts.of_program == {}
    for type_ in ON_CARDS:
        assert held.page(read(type_, [])) == (0, [])
    database.close()
