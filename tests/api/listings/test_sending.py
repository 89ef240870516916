from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
from sqlalchemy import func, select

from finder.accounts.models import Account
from finder.catalog.models import Program as Listed
from finder.listings import by_program, changes, review
from finder.listings.models import Proposal
from finder.listings.writing import Author
from tests.api.listings.conftest import AWAY, HERE, Program, editor, steward
from tests.listings.database import NOW
from tests.make import make_session
from tests.web.account.letters import letters
from tests.web.site import Site, group

NAMES = iter(f"{first} {second}" for first in ("Amber", "Birch", "Cedar", "Dune", "Ember", "Fjord", "Glade", "Heron")
             for second in ("Lantern", "Meadow", "Nook", "Orchard", "Pier", "Quarry", "Ridge", "Spring"))


def new(**more: Any) -> dict[str, Any]:
    return {"format": "finder-listing/1", "name": next(NAMES), "group_type": "peer_support",
            "sessions": [make_session(location=HERE)], **more}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("sending")
    return Site(folder, [group(1, name="River Circle", contact={"phone": "919-555-0142"},
                               sessions=[make_session(location=HERE)])], instance=folder)


@pytest.fixture(autouse=True)
def turned_back(site: Site) -> None:
    site.clock.at = NOW


@pytest.fixture
def sync(site: Site) -> Program:
    return editor(site, site.ids[0])


def send(program: Program, document: Any, once: str | None = None, query: str = "") -> Any:
    return program.send("POST", query, document, Idempotency_Key=once or uuid.uuid4().hex)


def count(site: Site) -> tuple[int, int]:
    """How many listings there are, and proposals."""
    with site.database.reading() as session:
        return tuple(session.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[return-value]
                     for table in (Listed, Proposal))


def test_Y5_a_new_group_waits_for_a_steward_and_is_nowhere_before(site: Site, sync: Program) -> None:
    before, text = count(site), new()
    answer = send(sync, text)
    assert answer.status_code == 202
    (waits,) = answer.json["waiting"]
    assert (waits["kind"], waits["state"], waits["listing"], waits["name"]) == ("new", "waiting", None, text["name"])
    assert waits["fields"] == ["name", "group_type", "sessions"]
    assert {name: answer.json[name] for name in ("id", "slug", "state", "version", "applied")} == {
        "id": None, "slug": None, "state": None, "version": None, "applied": []}
    assert answer.headers["Location"] == f"/api/v1/listings/sent/{waits['id']}"
    assert count(site) == (before[0], before[1] + 1)
    assert sync.client.get(answer.headers["Location"], headers=sync.headers).json == waits


def test_a_stewards_new_group_is_in_the_list_at_once(site: Site) -> None:
    keeper, text = steward(site), new()
    answer = send(keeper, text)
    assert (answer.status_code, answer.json["state"], answer.json["waiting"]) == (201, "published", [])
    assert answer.json["applied"] == ["name", "group_type", "sessions"]
    assert answer.headers["Location"] == f"/api/v1/listings/{answer.json['id']}"
    assert keeper.client.get(f"/api/v1/programs/{answer.json['id']}").json["listing"]["name"] == text["name"]
    assert keeper.get(answer.json["id"])["source"] == changes.OWN_SOURCE


def test_a_stewards_new_group_in_another_state_waits(site: Site) -> None:
    assert send(steward(site, "US:PA"), new(sessions=[make_session(location=AWAY)])).status_code == 202


@pytest.mark.parametrize("kind", [editor, steward])
def test_C4_the_same_key_makes_one_and_tells_what_became_of_it(site: Site, kind: Any) -> None:
    program = editor(site, site.ids[0]) if kind is editor else steward(site)
    text, before = new(), count(site)
    first, second = send(program, text, "one"), send(program, text, "one")
    assert (first.status_code, second.status_code) == (202 if kind is editor else 201, 200)
    assert second.json["waiting"] == first.json["waiting"]
    assert second.json["id"] == first.json["id"]
    assert sum(count(site)) == sum(before) + 1
    other = send(program, {**text, "description": "Tea."}, "one")
    assert (other.status_code, other.json["code"]) == (409, "key_reused")


def test_C4_what_a_steward_made_of_it_is_told_under_its_key(site: Site, sync: Program) -> None:
    text = new()
    (waits,) = send(sync, text, "mine").json["waiting"]
    with site.database.transaction() as session:
        review.decide(session, uuid.UUID(waits["id"]), {"": "accept"}, author=Author("steward:99"), now=site.clock())
    again = send(sync, text, "mine")
    assert (again.status_code, again.json["state"], again.json["waiting"][0]["state"]) == (200, "published", "accepted")
    assert again.json["listing"]["name"] == text["name"]


def test_C4_a_key_is_the_accounts_own(site: Site, sync: Program) -> None:
    text, other = new(), editor(site, site.ids[0])
    assert send(sync, text, "k").json["waiting"] != send(other, text, "k").json["waiting"]


def test_C4_of_many_at_once_with_one_key_one_is_made(site: Site, sync: Program) -> None:
    text, before, codes = new(), count(site), []
    threads = [threading.Thread(target=lambda: codes.append(send(sync, text, "all").status_code)) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(codes) == [200, 200, 200, 200, 200, 202]
    assert count(site) == (before[0], before[1] + 1)


@pytest.mark.parametrize("once", ["", "a b", "x" * 65, "é"])
def test_C4_sending_needs_a_key(sync: Program, once: str) -> None:
    answer = sync.client.post("/api/v1/listings", json=new(), headers={
        **sync.headers, **({"Idempotency-Key": once} if once else {})})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["Idempotency-Key"])


@pytest.mark.parametrize(("field", "value"), [
    ("id", "mine"), ("verified", {"on": "2026-11-24", "method": "phone"}), ("source", {"name": "Me"}),
    ("x", {"owner": 1}), ("state", "published"), ("capacity", {"status": "open", "as_of": "2027-01-01"})])
def test_A3_a_new_group_says_nothing_that_is_not_for_programs_to_say(site: Site, sync: Program, field: str,
                                                                    value: Any) -> None:
    before = count(site)
    answer = send(sync, new(**{field: value}))
    assert answer.status_code == 422
    assert [name.partition(".")[0] for name in answer.json["errors"]] == [field]
    assert count(site) == before


def test_one_that_looks_like_a_listing_is_sent_only_by_somebody_who_is_sure(site: Site, sync: Program) -> None:
    text = new(name="River Circle", contact={"phone": "919-555-0142"})
    before = count(site)
    answer = send(sync, text, "double")
    assert (answer.status_code, answer.json["code"]) == (409, "looks_alike")
    assert answer.headers["Link"] == f'</api/v1/programs/{site.ids[0]}>; rel="related"'
    assert count(site) == before
    assert send(sync, text, "double", "?sure=1").status_code == 202
    assert send(sync, text, "double").status_code == 200  # it was made, so nobody needs to be sure again


def test_the_answer_goes_in_the_language_of_the_account(site: Site) -> None:
    program = editor(site, site.ids[0])
    with site.database.transaction() as session:
        session.get_one(Account, program.account).locale = "es"
    (waits,) = send(program, new()).json["waiting"]
    with site.database.transaction() as session:
        review.decide(session, uuid.UUID(waits["id"]), {"": "reject"}, author=Author("steward:99"), now=site.clock(),
                      reason="It has no phone.")
    assert [one["locale"] for one in letters(site, program.email, "decision")] == ["es"]


def test_L1_new_groups_count_among_the_changes_of_an_hour(site: Site, sync: Program) -> None:
    with site.database.transaction() as session:
        for _ in range(by_program.WRITES.most):
            by_program.take_turn(session, sync.account, site.clock())
    before = count(site)
    answer = send(sync, new())
    assert (answer.status_code, answer.json["code"]) == (429, "too_often")
    assert count(site) == before


def test_a_new_group_of_a_program_is_named_so_in_history(site: Site) -> None:
    keeper = steward(site, name="Intake form")
    made = send(keeper, new()).json["id"]
    with site.database.reading() as session:
        assert changes.history(session, uuid.UUID(made))[0].actor == f"steward:{keeper.account} by program Intake form"
