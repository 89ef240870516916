from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.api.feeds.publishing import ADDRESS, Publisher
from tests.api.hsds.door import LISTS, Door
from tests.listings.database import take
from tests.web.site import group

STREET, POINT, HOUSE, CODE, LINK, MAIL, NOTE, WITHHELD = (
    "77 Canary Lane", "35.98765", "Canary House", "27788", "canary-room-4711", "canary-office@example.org",
    "canary-of-the-publisher", "Canary Withheld")
HIDDEN = {"name": HOUSE, "address_1": STREET, "city": "Durham", "state": "NC", "postal_code": CODE,
          "latitude": float(POINT), "longitude": -78.98765, "hidden": True}
LISTINGS = [
    group(1, name="Kept Apart", sessions=[{"format": "in_person", "location": HIDDEN}], x={"note": NOTE}),
    group(2, name="By Video", sessions=[{"format": "online_video", "join_url": f"https://zoom.us/j/{LINK}",
                                         "dial_in": "+16465550100"}]),
    group(3, name="With An Office", contact={"email": "group@example.org"},
          organization={"name": "River Care", "email": MAIL, "phone": "+15035550100"}),
]
CANARIES = (STREET, POINT, HOUSE, CODE, LINK, MAIL, NOTE, WITHHELD)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Door:
    publisher = Publisher(tmp_path_factory.mktemp("guarded"), LISTINGS)
    take(publisher.database, [group(9, name=WITHHELD)], source="Another feed", publish=False)
    return Door(publisher)


def everything(door: Door) -> str:
    """All that any route tells."""
    told = []
    for name in LISTS:
        for asked in ({}, {"full": True}, {"full": True, "full_service": True}, {"minimal": True}):
            known = {"services": ("full", "minimal"), "service_at_locations": ("full",),
                     "organizations": ("full", "full_service")}.get(name, ())
            if set(asked) <= set(known):
                told += [door.get(f"/{name}", per_page=100, **asked).text, door.get(f"/{name}", format="ndjson",
                                                                                  **asked).text]
        told += [door.get(f"/{name}/{key}").text for key in door.ids(name)[:20]]
    told += [door.get(f"/organizations/{key}", full_service=True).text for key in door.ids("organizations")]
    return "\n".join(told)


def test_P9_P10_what_is_hidden_or_not_published_or_behind_a_button_is_nowhere(guarded: Door) -> None:
    told = everything(guarded)
    assert "Kept Apart" in told
    assert [one for one in CANARIES if one in told] == []


def test_the_package_holds_none_of_it_either(guarded: Door) -> None:
    import io
    import zipfile
    with zipfile.ZipFile(io.BytesIO(guarded.get("/package.zip").data)) as held:
        told = "\n".join(held.read(name).decode() for name in held.namelist())
    assert "Kept Apart" in told
    assert [one for one in CANARIES if one in told] == []


def test_the_pages_of_the_groups_show_neither_link_nor_office_mail(guarded: Door) -> None:
    """Which is why this door does not."""
    for row in guarded.rows("services"):
        slug = guarded.publisher.client.get(f"/api/v1/programs/{row['id']}", base_url=ADDRESS).json["slug"]
        page = guarded.publisher.client.get(f"/programs/{slug}", base_url=ADDRESS).text
        assert row["name"] in page
        assert [one for one in (LINK, MAIL, STREET, HOUSE) if one in page] == []


def test_a_link_to_join_is_the_page_of_the_group(guarded: Door) -> None:
    (row,) = [one for one in guarded.rows("service_at_locations") if one["location"].get("url")]
    slug = guarded.publisher.client.get(f"/api/v1/programs/{row['service_id']}", base_url=ADDRESS).json["slug"]
    assert row["location"]["url"] == f"{ADDRESS}/programs/{slug}"


def test_the_group_has_its_own_mail_where_it_states_one(guarded: Door) -> None:
    (row,) = [one for one in guarded.rows("services") if one["name"] == "With An Office"]
    assert row["email"] == "group@example.org"


@pytest.mark.parametrize("meters", [1, 100, 5000, 100_000])
def test_P9_nobody_finds_out_where_a_hidden_place_is_by_asking_from_all_sides(guarded: Door, meters: int) -> None:
    for code in ("27788", "27701", "27705", "27707"):
        assert guarded.ids("service_at_locations", postcode=code, proximity=meters) == []
    assert guarded.ids("service_at_locations", postcode=CODE) == []
    for words in (STREET, HOUSE, "canary"):
        assert guarded.ids("services", search=words) == []
    assert len(guarded.ids("services", search="durham")) == 1


def test_no_person_is_named_as_a_contact(door: Door) -> None:
    assert not re.search(r'"contacts"', door.get("/services", full=True, per_page=100).text)


@pytest.mark.parametrize("path", ["", "/services", "/services/nope", "/organizations?page=x", "/taxonomy_terms"])
def test_pages_of_other_sites_may_read_it(door: Door, path: str) -> None:
    answer = door.publisher.client.get(f"/hsds{path}", headers={"Origin": "https://elsewhere.example"},
                                       base_url=ADDRESS)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Set-Cookie" not in answer.headers


def test_pages_of_other_sites_may_ask_by_post(door: Door) -> None:
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST",
             "Access-Control-Request-Headers": "content-type"}
    answer = door.publisher.client.options("/hsds/services", headers=asked, base_url=ADDRESS)
    assert answer.status_code == 200
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]
    sent = door.post("/services", json={"search": "group"}, headers={"Origin": "https://elsewhere.example"})
    assert (sent.status_code, sent.headers["Access-Control-Allow-Origin"]) == (200, "*")


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("key", ["nope", "00000000-0000-4000-8000-000000000000", "..%2f..", "%00", "é", "' OR 1=1 --",
                                 "{00000000-0000-4000-8000-000000000000}", "0" * 5000])
def test_an_id_of_nothing_is_told_so_in_the_words_of_every_error(door: Door, name: str, key: str) -> None:
    answer = door.publisher.client.get(f"/hsds/{name}/{key}", base_url=ADDRESS)
    assert answer.status_code == 404
    if "%" not in key:
        # The standard's own description has this as plain JSON.
        assert (answer.mimetype, answer.json["code"], answer.json["status"]) == ("application/json", "not_found", 404)


@pytest.mark.parametrize("path", ["/nothing", "/services/", "/locations", "/services/a/b"])
def test_a_path_that_is_none_is_a_problem_and_no_page(door: Door, path: str) -> None:
    answer = door.publisher.client.get(f"/hsds{path}", base_url=ADDRESS)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_nothing_can_be_written_here(door: Door, method: str) -> None:
    for path in ("/services", f"/services/{door.ids('services')[0]}"):
        answer: Any = door.publisher.client.open(f"/hsds{path}", method=method, base_url=ADDRESS)
        assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
        assert "GET" in answer.headers["Allow"]


def test_P2_words_that_are_looked_for_are_in_no_log_and_no_file(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    secret = "panicattackcanary"
    door.post("/services", json={"search": secret})
    door.post("/services", json={"search": secret, "format": "ndjson"})
    door.post("/services", json={"search": secret, "nope": secret})
    assert secret not in caplog.text
    kept = [one for one in Path(door.publisher.folder).rglob("*") if one.is_file()]
    assert not any(secret in one.name or secret.encode() in one.read_bytes() for one in kept)
