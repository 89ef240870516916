from __future__ import annotations

import uuid
from typing import Any

import pytest

from finder.accounts.permissions import Role, Scope
from finder.listings import changes
from finder.listings.writing import Author
from tests.api.listings.conftest import AWAY, HERE, Program, editor, steward
from tests.make import make_session
from tests.web.site import Site, group

ABROAD = {"city": "Nice", "state": "NC", "country": "FR"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("reading")
    there = [group(number, sessions=[make_session(location=HERE)], organization={"name": "River House"},
                   **({"status": "paused"} if number == 3 else {})) for number in range(1, 6)]
    return Site(folder, [*there, group(6, sessions=[make_session(location=AWAY)]),
                         group(7, sessions=[make_session(location={**HERE, "latitude": 35.9, "longitude": -78.9,
                                                                   "precision": "street", "hidden": True})]),
                         group(8, sessions=[make_session(location=ABROAD)])], instance=folder)


def listed(program: Program, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program.send("GET", query).json["listings"]
    return found


def test_an_editor_sees_their_own_listings_and_no_other(site: Site) -> None:
    program = Program(site, *((Role.OPERATOR, Scope.PROGRAM, key) for key in (site.ids[0], site.ids[5])))
    assert {one["id"] for one in listed(program)} == {site.ids[0], site.ids[5]}


def test_an_editor_of_an_organization_sees_all_of_its_listings(site: Site) -> None:
    with site.database.reading() as session:
        there = changes.find(session, site.ids[0])
    program = Program(site, (Role.OPERATOR, Scope.ORGANIZATION, str(there.organization_id)))
    assert {one["id"] for one in listed(program)} == set(site.ids[:5])


def test_a_steward_sees_those_of_their_states_alone(site: Site) -> None:
    """NC of another country is another state."""
    assert {one["id"] for one in listed(steward(site))} == {*site.ids[:5], site.ids[6]}
    assert {one["id"] for one in listed(steward(site, "US:NV"))} == {site.ids[5]}
    assert {one["id"] for one in listed(steward(site, ""))} == set(site.ids)
    assert listed(steward(site, "US:PA")) == []


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 8, 100])
def test_pages_together_are_the_whole_list_each_once(site: Site, limit: int) -> None:
    program, found, after = steward(site, ""), [], ""
    while True:
        page = program.send("GET", f"?limit={limit}{after}").json
        assert len(page["listings"]) <= limit
        found += [one["id"] for one in page["listings"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == sorted(site.ids)


def test_a_page_beyond_the_last_is_empty(site: Site) -> None:
    assert steward(site, "").send("GET", "?after=ffffffff-ffff-ffff-ffff-ffffffffffff").json == {
        "listings": [], "next": None}


def test_a_list_tells_where_each_stands(site: Site) -> None:
    one = next(one for one in listed(steward(site)) if one["id"] == site.ids[2])
    assert one == {"id": site.ids[2], "slug": site.slugs[2], "name": "River Circle 3", "state": "published",
                   "status": "paused", "version": 1, "updated_at": "2026-11-24T12:00:00+00:00", "verified_on": None,
                   "back_on": None, "source": "A feed", "merged_into": None, "waiting": []}


def test_only_one_state_is_listed_where_one_is_asked_for(site: Site) -> None:
    program = editor(site, site.ids[4])
    with site.database.transaction() as session:
        there = changes.find(session, site.ids[4])
        changes.change(session, there.id, base=there.version, author=Author("x"), now=site.clock(), state="withheld")
    assert [one["state"] for one in listed(program)] == ["withheld"]
    assert [one["id"] for one in listed(program, "?state=withheld")] == [site.ids[4]]
    assert listed(program, "?state=published") == []


def test_its_people_see_what_visitors_do_not(site: Site) -> None:
    key = site.ids[6]
    shown = site.app.test_client().get(f"/api/v1/programs/{key}").json["listing"]["sessions"][0]["location"]
    assert "latitude" not in shown
    assert editor(site, key).get(key)["listing"]["sessions"][0]["location"]["latitude"] == 35.9


def test_a_listing_is_found_by_its_slug_too(site: Site) -> None:
    program = editor(site, site.ids[0])
    answer = program.send("GET", f"/{site.slugs[0]}")
    assert answer.json == program.get(site.ids[0])
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("query", ["?lang=es", "?state=everything", "?limit=0", "?limit=101", "?limit=x", "?limit=",
                                   "?after=x", "?after=", "?limit=1&limit=2", "?limit=%D9%A3", "?page=2"])
def test_a_wrong_parameter_is_named(site: Site, query: str) -> None:
    answer = editor(site, site.ids[0]).send("GET", query)
    assert answer.status_code == 422
    assert set(answer.json["errors"]) <= {"lang", "state", "limit", "after", "page"}


def test_no_other_site_may_read_an_answer(site: Site) -> None:
    program = editor(site, site.ids[0])
    for path in ("", f"/{site.ids[0]}", "/sent"):
        answer = program.client.get(f"/api/v1/listings{path}",
                                    headers={**program.headers, "Origin": "https://elsewhere.example"})
        assert answer.status_code == 200
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_what_waits_is_the_accounts_own_alone(site: Site) -> None:
    key = site.ids[1]
    one, other = editor(site, key), editor(site, key)
    (waits,) = one.patch(key, {"contact": {"phone": "919-555-0150"}}).json["waiting"]
    assert other.get(key)["waiting"] == []
    assert other.send("GET", "/sent").json == {"sent": []}
    for method in ("GET", "DELETE"):
        assert other.send(method, f"/sent/{waits['id']}").status_code == 404
        assert other.send(method, f"/sent/{uuid.uuid4()}").status_code == 404
    assert one.send("DELETE", f"/sent/{waits['id']}").json["state"] == "withdrawn"
    assert one.send("DELETE", f"/sent/{waits['id']}").json["code"] == "decided"
    assert one.get(key)["waiting"] == []
