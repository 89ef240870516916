import dataclasses
import shutil

import pytest
from sqlalchemy import event, select, text

from finder import crisis
from finder.app import create_app
from finder.audit.chain import ENTRY
from finder.db import Database
from finder.search.snapshot import Keeper
from tests import databases
from tests.web.site import Site, group


@pytest.fixture
def broken(services, tmp_path):
    """An app whose database has no tables."""
    database = Database(databases.address(tmp_path / "empty.db"))
    keeper = Keeper(database, services.now)
    yield create_app(services.settings, services=dataclasses.replace(
        services, database=database, snapshot=keeper.current)).test_client()
    database.close()


def test_O1_a_living_process_says_so(client):
    answer = client.get("/healthz")
    assert answer.json == {"status": "ok"}
    assert answer.headers["Cache-Control"] == "no-store"


def test_O1_Y2_readiness_tells_what_is_served(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["status"] == "ready"
    assert answer.json["programs"] == 8
    assert answer.json["crisis_lines_sha256"] == crisis.sha256()


def test_O1_without_a_database_it_lives_but_is_not_ready(broken):
    assert broken.get("/healthz").status_code == 200
    answer = broken.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["code"] == "unavailable"
    assert int(answer.headers["Retry-After"]) > 0


def test_W7_without_a_database_a_match_is_a_problem_and_no_crash(broken):
    answer = broken.post("/api/v1/match", json={"format": "finder-intake/1", "needs": ["grief"]})
    assert answer.status_code == 503
    assert answer.mimetype == "application/problem+json"


def ready(site):
    return site.app.test_client().get("/readyz")


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path, [group(1)])


def test_O1_the_probe_begins_a_change_and_leaves_nothing_of_it(site):
    before = site.database.catalog_version()
    answer = ready(site)
    assert (answer.status_code, answer.json["status"], answer.json["writes"]) == (200, "ready", True)
    assert site.database.catalog_version() == before
    with site.database.reading() as session:
        assert session.scalars(select(ENTRY.c.number)).all() == []


def test_O1_while_somebody_else_writes_it_is_ready(site):
    with site.database.transaction():
        answer = ready(site)
    assert (answer.status_code, answer.json["writes"]) == (200, True)


def test_O1_a_database_that_cannot_be_written_is_told_and_people_are_served(site):
    said = "SET default_transaction_read_only = on" if databases.ON_SERVER else "PRAGMA query_only = ON"
    event.listen(site.database.engine, "connect", lambda driver, _: (driver.execute(said), driver.commit()))
    site.database.engine.dispose()
    answer = ready(site)
    assert (answer.status_code, answer.json["status"], answer.json["writes"]) == (200, "limited", False)


def test_O1_a_disk_with_less_than_a_twentieth_free_is_told(site, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(100, 95, 5))
    answer = ready(site)
    assert (answer.status_code, answer.json["status"], answer.json["room"]) == (200, "limited", False)


def test_O1_tables_of_another_program_are_not_ready(site):
    with site.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert ready(site).status_code == 503


def test_O1_Y2_crisis_lines_that_nobody_reviewed_are_told(site, monkeypatch):
    monkeypatch.setattr(crisis, "REVIEWED", "0" * 64)
    answer = ready(site)
    assert (answer.json["status"], answer.json["crisis_lines_reviewed"]) == ("limited", False)


def test_O1_many_who_ask_make_one_probe_a_second(site):
    begun = []
    event.listen(site.database.engine, "begin", lambda connection: begun.append(
        connection.get_execution_options().get("finder_write")))
    client = site.app.test_client()
    assert {client.get("/readyz").status_code for _ in range(20)} == {200}
    assert begun.count(True) <= 2
