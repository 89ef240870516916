from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask import Flask

from finder.api.feeds.meetings import meetings_file
from finder.config import Settings
from finder.errors import Invalid
from finder.exchange import weekly
from finder.exchange.reading import Listing
from tests.api.conftest import app, client, listing, services  # noqa: F401 - fixtures
from tests.api.feeds.publishing import ADDRESS, Publisher, seed
from tests.contracts.test_openapi import run_cases
from tests.exchange.display import ACTIVE, states
from tests.exchange.make import read
from tests.exchange.published import FULL
from tests.exchange.test_meeting_guide_feed import SCHEMA
from tests.listings.database import take

PATH = "/meetings.json"


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Publisher]:
    held = Publisher(tmp_path_factory.mktemp("seed"), seed())
    yield held
    held.database.close()


def hosts(publisher: Publisher) -> list[str]:
    with publisher.app.test_request_context():
        found: list[str] = meetings_file().facts["hosts"]
        return found


def test_the_feed_is_a_bare_list_that_any_site_may_read(seeded: Publisher) -> None:
    answer = seeded.get(PATH)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    jsonschema.validate(answer.json, SCHEMA)
    assert len(answer.json) > 300


def test_every_meeting_of_the_seed_is_shown_and_none_as_inactive(seeded: Publisher) -> None:
    assert hosts(seeded) == ["finder.example"]
    assert set(states(seeded.get(PATH).json, hosts(seeded)).values()) == {ACTIVE}


def test_what_cannot_be_said_is_counted_beside_the_file(seeded: Publisher) -> None:
    with seeded.app.test_request_context():
        facts = meetings_file().facts
    assert facts["meetings"] == len(seeded.get(PATH).json)
    assert {"monthly", "alternating", "ends"} <= facts["left_out"].keys() <= set(weekly.REASONS)


def test_W6_addresses_are_those_of_the_instance_whatever_host_is_asked(seeded: Publisher) -> None:
    answer = seeded.client.get(PATH, base_url="http://localhost:1234")
    assert {one["url"].split("/programs/")[0] for one in answer.json} == {ADDRESS}


@pytest.mark.parametrize("query", ["1764185999123", "action=tsml_meetings", "action=meetings&mode=search&key=x",
                                   "_=1&day=2", "%00", "%ff=%ff", "a[]=1&a[]=2"])
def test_whatever_readers_put_behind_the_address_the_feed_is_the_same(seeded: Publisher, query: str) -> None:
    answer = seeded.get(f"{PATH}?{query}")
    assert (answer.status_code, answer.data) == (200, seeded.get(PATH).data)


def test_an_address_that_goes_on_and_on_is_refused(seeded: Publisher) -> None:
    answer = seeded.get(f"{PATH}?{'a' * 1001}")
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")


def test_who_has_the_newest_feed_is_told_so(seeded: Publisher) -> None:
    first = seeded.get(PATH)
    tag = first.headers["ETag"]
    again = seeded.get(PATH, If_None_Match=tag)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    assert seeded.get(PATH, If_None_Match='W/"other"').status_code == 200
    assert first.headers["Cache-Control"] == "no-cache"


def test_the_feed_comes_squeezed_to_who_can_read_that(seeded: Publisher) -> None:
    squeezed = seeded.get(PATH, Accept_Encoding="gzip")
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(squeezed.data) == seeded.get(PATH).data
    assert "Accept-Encoding" in squeezed.headers["Vary"]
    assert len(squeezed.data) * 4 < len(seeded.get(PATH).data)


def test_the_feed_changes_with_a_listing_and_with_the_day(tmp_path: Path) -> None:
    later = listing(1, sessions=[{**listing(1)["sessions"][0], "valid_from": "2026-11-25"}])
    held = Publisher(tmp_path, [listing(2)])
    tags = [held.get(PATH).headers["ETag"]]
    take(held.database, [listing(2), later])
    assert len(held.get(PATH).json) == 1  # that one has not begun
    tags.append(held.get(PATH).headers["ETag"])
    held.clock.at = held.clock.at.replace(day=25)
    assert len(held.get(PATH).json) == 2
    tags.append(held.get(PATH).headers["ETag"])
    assert len(set(tags)) == 3


def test_the_feed_changes_with_the_settings_that_it_holds(tmp_path: Path) -> None:
    held = Publisher(tmp_path, [FULL])
    first = held.get(PATH)
    other = held.with_settings(base_url="https://moved.example").test_client().get(
        PATH, base_url="https://moved.example", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200
    assert "finder.example" not in other.text


def test_nothing_that_is_published_meets_weekly_is_an_error_with_a_code_of_its_own(tmp_path: Path) -> None:
    for held in (Publisher(tmp_path), Publisher(tmp_path, [listing(1, sessions=[])])):
        answer = held.get(PATH)
        assert (answer.status_code, answer.json["code"]) == (404, "empty_feed")
        assert answer.mimetype == "application/problem+json"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        with held.app.test_request_context():
            assert meetings_file().facts["meetings"] == 0
        held.database.close()


def test_P9_P10_no_link_to_join_no_contact_and_no_hidden_house_is_in_the_feed(tmp_path: Path) -> None:
    sessions = [{**FULL["sessions"][0], "location": {**FULL["sessions"][0]["location"], "hidden": True}},
                FULL["sessions"][1]]
    secret = {**FULL, "sessions": sessions, "description": "Tea is on. Led by Maria Gomez.\nZoom password: 5550100"}
    said = Publisher(tmp_path, [secret]).get(PATH).text
    for private in ("zoom.us", "Gomez", "password", "circle@example.org", "hello@river.example.org", "503-555-0101",
                    "Elm", "44.94", "Ring the bell"):
        assert private not in said, private
    assert "Tea is on." in said


def test_links_to_join_are_in_the_feed_where_the_operator_wants_them(tmp_path: Path) -> None:
    held = Publisher(tmp_path, [FULL], feed_links="direct")
    assert {one["conference_url"] for one in held.get(PATH).json} == {
        "https://zoom.us/j/5550100", f"{ADDRESS}/programs/{held.get(PATH).json[1]['url'].rsplit('/')[-1]}"}
    assert hosts(held) == ["finder.example", "zoom.us"]


def test_sentences_of_the_feed_are_in_the_language_of_the_instance(tmp_path: Path) -> None:
    first = FULL["sessions"][0]
    document = {**FULL, "sessions": [{**first, "location": {**first["location"], "hidden": True}}]}
    held = Publisher(tmp_path, [document])
    assert held.get(PATH).json[0]["notes"].startswith("The address is given after you get in touch.")
    spanish = held.with_settings(default_locale="es").test_client()
    for path in (PATH, f"{PATH}?lang=en"):
        said = spanish.get(path, base_url=ADDRESS, headers={"Accept-Language": "en"}).json
        assert said[0]["notes"].startswith("Le dan la dirección cuando usted se comunica.")


def test_many_who_ask_at_once_get_one_feed(tmp_path: Path) -> None:
    held = Publisher(tmp_path, [listing(number) for number in range(1, 60)])
    found: list[bytes] = []

    def ask() -> None:
        found.append(held.app.test_client().get(PATH, base_url=ADDRESS).data)
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert len(list((tmp_path / "public").glob("*.gz"))) == 1


def test_the_feed_goes_over_the_wire_into_our_own_importer_whole(seeded: Publisher, tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    path.write_bytes(seeded.get(PATH).data)
    back = list(read(path, "meeting-guide"))
    assert all(isinstance(one, Listing) for one in back)
    assert sum(len(one.rows) for one in back if isinstance(one, Listing)) == len(seeded.get(PATH).json)


@pytest.mark.parametrize("page", ["/", "/es/", "/programs", "/crisis", "/about", "/nowhere"])
def test_every_page_says_where_the_feed_is(seeded: Publisher, page: str) -> None:
    head = seeded.get(page).text.partition("</head>")[0]
    (link,) = re.findall(r'<link rel="alternate" type="application/json"[^>]*>', head)
    assert 'title="Meetings Feed"' in link
    assert f'href="{PATH}"' in link


def test_generated_requests_get_described_answers(app: Flask) -> None:  # noqa: F811
    assert run_cases(app, 12, only=PATH) > 0


def test_the_example_of_the_description_is_one(client: Any) -> None:  # noqa: F811
    operation = client.get("/openapi.json").json["paths"][PATH]["get"]
    content = operation["responses"]["200"]["content"]["application/json"]
    jsonschema.validate(content["example"], content["schema"])
    jsonschema.validate(content["example"], SCHEMA)
    jsonschema.validate(client.get(PATH).json, content["schema"])


@pytest.mark.parametrize(("name", "value"), [("FINDER_FEED_LINKS", "both"), ("FINDER_BMLT", "maybe")])
def test_a_setting_that_is_no_choice_is_refused_at_start(name: str, value: str) -> None:
    with pytest.raises(Invalid) as told:
        Settings.from_env({name: value})
    assert list(told.value.errors) == [name]
