from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from finder.catalog.listing_schema import load
from finder.exchange.hsds import places, write
from finder.exchange.hsds.terms import FACTS, nested
from tests.exchange.hsds.documents import NOW, errors
from tests.exchange.published import FULL, changed, entry, seed

VERSIONS = pytest.mark.parametrize("version", ["hsds-3.0", "hsds-3.1-dev"])


def service(document: dict[str, Any], now: datetime = NOW) -> dict[str, Any]:
    return write.service(entry(load(document)), now)


def ids(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (one for name, one in value.items() if name == "id")
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from ids(one)


@pytest.mark.turns(3)
@VERSIONS
def test_every_listing_of_the_seed_is_a_service_that_validates(version: str) -> None:
    assert {one.slug: found for one in seed() if (found := errors(write.service(one, NOW), "service.min.json",
                                                                  version))} == {}


@VERSIONS
def test_organizations_places_and_lists_validate(version: str) -> None:
    entries = seed()[:40]
    for one in entries:
        assert errors(write.organization(one), "organization.min.json", version) == []
        for there in write.service_at_locations(one, NOW):
            assert errors(there, "service_at_location.min.json", version) == []
        assert errors(write.short_service(one), "service_list.json", version) == []
        assert errors(write.short_organization(one), "organization_list.json", version) == []


def test_every_id_is_a_uuid_that_stays_the_same() -> None:
    first, again = service(FULL), service(FULL, datetime(2027, 6, 1, tzinfo=UTC))
    assert [str(uuid.UUID(one)) for one in ids(first)] == list(ids(first)) == list(ids(again))


def test_no_two_attributes_share_an_id() -> None:
    found = [one["id"] for one in service(FULL)["attributes"]]
    assert len(found) == len(set(found)) > 20


@pytest.mark.parametrize(("status", "said"), [
    ("active", "active"), ("paused", "temporarily closed"), ("closed", "inactive")])
def test_status_is_said_in_the_words_of_the_standard(status: str, said: str) -> None:
    assert service(changed("status", status))["status"] == said


def test_a_hidden_place_has_no_address_and_no_point() -> None:
    (there, *_) = service(changed("sessions.location.hidden", True))["service_at_locations"]
    location = there["location"]
    assert not {"addresses", "latitude", "longitude", "name"} & location.keys()
    assert location["description"] == "The address is given after you get in touch."
    assert "1 Elm St" not in json.dumps(location)


def test_a_place_that_is_not_public_yet_is_kept_back_all_the_same() -> None:
    location = {**FULL["sessions"][0]["location"], "hidden": True}
    told = json.dumps(places.physical(nested("a", "b"), location, {}))
    assert not any(one in told for one in ("1 Elm St", "97301", "44.94", "-123.03"))


@pytest.mark.parametrize(("now", "offset", "opens"), [
    (datetime(2026, 11, 26, tzinfo=UTC), -8, "18:00-08:00"), (datetime(2027, 6, 1, tzinfo=UTC), -7, "18:00-07:00"),
    (datetime(2027, 3, 13, tzinfo=UTC), -7, "18:00-07:00")], ids=["winter", "summer", "next one after the change"])
def test_the_offset_is_that_of_the_next_meeting(now: datetime, offset: int, opens: str) -> None:
    schedule = service(FULL, now)["service_at_locations"][0]["schedules"][0]
    assert (schedule["timezone"], schedule["opens_at"], schedule["timezone_name"]) == (
        offset, opens, "America/Los_Angeles")


@pytest.mark.parametrize(("repeats", "said"), [
    ("FREQ=WEEKLY;BYDAY=TU", {"freq": "WEEKLY", "interval": 1, "byday": "TU", "dtstart": "2026-01-06"}),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", {"freq": "WEEKLY", "interval": 2, "byday": "TH", "dtstart": "2026-01-08"}),
    ("FREQ=MONTHLY;BYDAY=-1FR", {"freq": "MONTHLY", "interval": 1, "byday": "-1FR", "dtstart": "2026-01-30"}),
    ("FREQ=DAILY", {"freq": "WEEKLY", "interval": 1, "byday": "MO,TU,WE,TH,FR,SA,SU", "dtstart": "2026-01-06"}),
    ("FREQ=WEEKLY;UNTIL=20270301;BYDAY=TU", {"freq": "WEEKLY", "interval": 1, "byday": "TU", "until": "2027-03-01",
                                             "dtstart": "2026-01-06"}),
    ("FREQ=YEARLY", {"description": "Repeats by the RFC 5545 rule FREQ=YEARLY"}),
    ("FREQ=WEEKLY;BYMONTH=5", {"description": "Repeats by the RFC 5545 rule FREQ=WEEKLY;BYMONTH=5"}),
])
def test_a_rule_is_said_whole_or_in_words(repeats: str, said: dict[str, Any]) -> None:
    schedule = service(changed("sessions.repeats", repeats))["service_at_locations"][0]["schedules"][0]
    names = ("freq", "interval", "byday", "until", "dtstart", "description")
    assert {name: schedule[name] for name in names if name in schedule} == said


def test_a_hybrid_session_stands_at_both_of_its_places() -> None:
    here, away, online = service(FULL)["service_at_locations"]
    assert (here["location"]["location_type"], away["location"]["location_type"]) == ("physical", "virtual")
    assert away["location"]["url"] == "https://zoom.us/j/5550100"
    assert here["schedules"][0]["id"] != away["schedules"][0]["id"]
    assert "url" not in online["location"]


@pytest.mark.parametrize(("url", "said"), [
    ("https://a.example.org/caf\u00e9?x=[1]", "https://a.example.org/caf%C3%A9?x=%5B1%5D"),
    ("https://a.example.org/a%20b?x=1&y=(2)#top", "https://a.example.org/a%20b?x=1&y=(2)#top")],
    ids=["other signs", "plain already"])
def test_web_addresses_are_uris(url: str, said: str) -> None:
    assert service(changed("contact.url", url))["url"] == said


def test_links_to_join_can_be_kept_behind_the_page() -> None:
    page = "https://finder.example/programs/full"
    told = json.dumps(write.service(write.guarded(entry(load(FULL)), page), NOW))
    assert ("zoom.us" in told, told.count(page)) == (False, 1)


def test_sessions_at_one_place_share_it() -> None:
    session = FULL["sessions"][0] | {"format": "in_person", "join_url": None, "dial_in": None}
    (there,) = service(FULL | {"sessions": [session, session | {"start_time": "20:00"}]})["service_at_locations"]
    assert [one["opens_at"] for one in there["schedules"]] == ["18:00-08:00", "20:00-08:00"]


def test_levels_are_said_in_a_sentence_that_names_no_diagnosis() -> None:
    assert service(FULL)["eligibility_description"] == (
        "Suits people for whom things feel mild to moderate. This is not a diagnosis.")


def test_seats_are_a_capacity_of_the_draft() -> None:
    (one,) = service(FULL)["capacities"]
    assert (one["unit"]["name"], one["available"], one["updated"]) == ("Seat", 3, "2026-11-01T00:00:00.000Z")


def test_nobody_is_named_and_an_unknown_organization_is_no_name_of_ours() -> None:
    found = service(FULL | {"organization": None})
    assert "contacts" not in found
    assert found["organization"]["id"] == nested(found["id"], "organization")
    assert found["organization"]["name"] == "Evening Circle"


def test_every_term_that_is_used_stands_in_the_lists() -> None:
    terms = {one["id"]: one for one in write.taxonomy_terms()}
    lists = {one["id"] for one in write.taxonomies()}
    used = [one["taxonomy_term"] for listing in seed() for one in write.service(listing, NOW)["attributes"]]
    assert all(terms[one["id"]] == one for one in used)
    assert {one["taxonomy_detail"]["id"] for one in terms.values()} == lists
    assert len({one["code"] for one in terms.values()}) == len(terms)
    assert any(one["code"].startswith(f"{FACTS}:") for one in terms.values())


def test_terms_have_the_same_ids_in_every_instance() -> None:
    found = {one["code"]: one["id"] for one in write.taxonomy_terms()}
    assert found["focus_areas:depression"] == str(uuid.UUID(found["focus_areas:depression"]))
    assert uuid.UUID(found["focus_areas:depression"]).version == 5
