from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest

from finder.listings import changes, pauses
from finder.listings.models import Reminder
from tests.api.listings.conftest import HERE, Program, added, editor, steward
from tests.listings.database import NOW
from tests.make import make_session
from tests.web.site import Site, group

TODAY = NOW.date().isoformat()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("deeds")
    return Site(folder, [], instance=folder)


@pytest.fixture
def key(site: Site) -> str:
    return added(site, group(1, sessions=[make_session(location=HERE)], contact={"phone": "919-555-0142"},
                             capacity={"status": "open", "as_of": "2026-10-01"},
                             verified={"on": "2026-05-01", "method": "phone"}))


@pytest.fixture
def sync(site: Site, key: str) -> Program:
    return editor(site, key)


# -- pausing ---------------------------------------------------------------------------------------------------------


def test_a_group_pauses_until_a_day_and_meets_again(site: Site, key: str, sync: Program) -> None:
    paused = sync.deed(key, "pause", {"back_on": "2026-12-24"})
    assert (paused.status_code, paused.json["applied"], paused.json["listing"]["status"]) == (200, ["status"], "paused")
    assert sync.get(key)["back_on"] == "2026-12-24"
    assert sync.deed(key, "pause", {"back_on": "2027-01-12"}).json["applied"] == []
    assert sync.get(key)["back_on"] == "2027-01-12"
    again = sync.deed(key, "resume")
    assert (again.status_code, again.json["applied"]) == (200, ["status"])
    with site.database.reading() as session:
        assert pauses.back_on(session, uuid.UUID(key)) is None


def test_a_pause_ends_by_itself_on_its_day(site: Site, key: str, sync: Program) -> None:
    sync.deed(key, "pause", {"back_on": "2026-11-25"})
    with site.database.transaction() as session:
        assert uuid.UUID(key) in pauses.due(session, date(2026, 11, 25))


@pytest.mark.parametrize("body", [{}, {"back_on": TODAY}, {"back_on": "2026-11-23"}, {"back_on": "2027-12-01"},
                                  {"back_on": None}, {"back_on": 5}, {"back_on": "soon"}, {"back_on": "2026-02-30"},
                                  {"back_on": "2026-12-24", "why": "rest"}])
def test_a_pause_needs_a_day_within_the_year_ahead(key: str, sync: Program, body: dict[str, Any]) -> None:
    answer = sync.deed(key, "pause", body)
    assert answer.status_code == 422
    assert set(answer.json["errors"]) <= {"back_on", "why"}
    assert sync.get(key)["status"] == "active"


def test_only_a_paused_group_meets_again(site: Site, key: str, sync: Program) -> None:
    assert sync.deed(key, "resume").json["code"] == "not_paused"
    sync.patch(key, {"status": "closed"})
    answer = sync.deed(key, "resume")
    assert (answer.status_code, answer.json["code"]) == (409, "not_paused")
    assert sync.get(key)["status"] == "closed"


# -- checks ----------------------------------------------------------------------------------------------------------


def test_its_own_people_say_that_all_is_still_right(site: Site, key: str, sync: Program) -> None:
    answer = sync.deed(key, "verify", {})
    assert answer.json["applied"] == ["capacity", "verified"]
    assert answer.json["listing"]["verified"] == {"on": TODAY, "method": "operator"}
    assert answer.json["listing"]["capacity"]["as_of"] == TODAY
    assert sync.deed(key, "verify", {"method": "operator"}).json["applied"] == []
    with site.database.reading() as session:
        assert session.get_one(Reminder, uuid.UUID(key)).last_on == NOW.date()


def test_a_stewards_ways_to_check_are_a_stewards(key: str, sync: Program) -> None:
    before = sync.get(key)["listing"]
    for method in ("phone", "email", "web", "visit"):
        answer = sync.deed(key, "verify", {"method": method})
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["method"])
    assert sync.get(key)["listing"] == before


def test_a_steward_says_what_was_confirmed_and_how(site: Site, key: str) -> None:
    keeper = steward(site)
    answer = keeper.deed(key, "verify", {"method": "phone", "fields": ["status", "sessions", "contact"]})
    assert answer.json["listing"]["verified"]["on"] == TODAY
    assert answer.json["listing"]["verified"]["method"] == "phone"
    assert answer.json["listing"]["verified"]["field_dates"]["name"] == "2026-05-01"
    whole = keeper.deed(key, "verify", {"method": "web"})
    assert whole.json["listing"]["verified"] == {"on": TODAY, "method": "web"}


@pytest.mark.parametrize("body", [{"method": "import"}, {"method": "guess"}, {"method": None}, {"on": "2026-11-01"},
                                  {"method": "operator", "fields": ["contact"]}, {"method": "phone", "fields": []},
                                  {"method": "phone", "fields": ["x"]}, {"method": "phone", "fields": "contact"},
                                  {"method": "phone", "fields": ["contact", "contact"]}])
def test_a_check_that_says_more_or_less_is_refused(site: Site, key: str, body: dict[str, Any]) -> None:
    keeper = steward(site)
    assert keeper.deed(key, "verify", body).status_code == 422
    assert keeper.get(key)["listing"]["verified"] == {"on": "2026-05-01", "method": "phone"}


def test_a_change_is_nobodys_check(key: str, sync: Program) -> None:
    sync.patch(key, {"description": "Tea.", "status": "closed", "sessions": []})
    assert sync.get(key)["verified_on"] == "2026-05-01"


def test_a_deed_without_a_body_needs_none(key: str, sync: Program) -> None:
    sync.deed(key, "pause", {"back_on": "2026-12-24"})
    assert sync.deed(key, "resume", None).status_code == 200
    assert sync.deed(key, "verify", None).status_code == 415


def test_a_deed_is_written_once_in_history(site: Site, key: str, sync: Program) -> None:
    sync.deed(key, "pause", {"back_on": "2026-12-24"})
    with site.database.reading() as session:
        kinds = [one.kind for one in changes.history(session, uuid.UUID(key))]
    assert kinds == ["paused", "import"]
