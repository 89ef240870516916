import dataclasses

import pytest

from finder import crisis
from finder.app import create_app
from finder.db import Database
from finder.search.snapshot import Keeper
from tests import databases


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
