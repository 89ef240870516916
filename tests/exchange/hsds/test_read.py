from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finder.catalog.listing_schema import load
from finder.exchange.hsds import write
from finder.exchange.mapping import parse
from finder.exchange.rows import Listing, OutOfScope, Refused, Row
from tests.exchange.hsds.documents import NOW, answered, kept, through_tables
from tests.exchange.make import counts, listings, only, read
from tests.exchange.published import FULL, entry, seed
from tests.shared import shared

ANY_GROUP = parse({"fixed": {"group_type": "structured_therapy"}, "timezone": "America/New_York"})
ZONE = parse({"timezone": "America/New_York"})
KEY = "7d3b6a1e-52f9-4c0b-9d0e-1f2a3b4c5d6e"


def foreign(**fields: Any) -> dict[str, Any]:
    """A service of a directory that knows none of our terms."""
    return {
        "id": KEY, "name": "Evening support group", "status": "active", "description": "Tea and talk.",
        "organization": {"id": KEY, "name": "RIVER CARE INC", "description": "x", "website": "www.river.example.org"},
        "attributes": [{"id": KEY, "taxonomy_term": {"id": KEY, "name": "Alcohol Use Disorder Support Groups",
                                                     "code": "X", "description": ""}}],
        "service_at_locations": [{"id": KEY, "location": {
            "id": KEY, "location_type": "physical", "name": "Old Library", "latitude": 40.7375, "longitude": -74.0026,
            "addresses": [{"id": KEY, "address_1": "100 Example Street", "city": "New York", "state_province": "NY",
                           "postal_code": "10011", "country": "US", "address_type": "physical"}]},
            "schedules": [{"id": KEY, "freq": "WEEKLY", "byday": "TU", "opens_at": "18:00", "closes_at": "19:30"}]}],
        **fields}


def taken(folder: Path, value: Any, plan: Any = None, name: str = "services.json") -> list[Row]:
    (folder / name).write_text(json.dumps(value), encoding="utf-8")
    return read(folder / name, "hsds", plan)


def test_a_foreign_group_becomes_a_listing(tmp_path: Path) -> None:
    found = only(taken(tmp_path, [foreign()]))
    assert {name: found[name] for name in ("id", "group_type", "focus", "status")} == {
        "id": KEY, "group_type": "peer_support", "focus": ["alcohol"], "status": "active"}
    assert found["organization"] == {"name": "River Care Inc", "url": "https://www.river.example.org"}
    (session,) = found["sessions"]
    assert session["location"]["address_1"] == "100 Example Street"
    assert {**session, "location": 0} == {
        "format": "in_person", "location": 0, "repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:00",
        "duration_minutes": 90, "timezone": "America/New_York"}
    assert found["x"]["taxonomy_terms"] == ["Alcohol Use Disorder Support Groups"]


@pytest.mark.parametrize(("name", "group_type"), [
    ("Food bank", None), ("Tenants' advocacy group", None), ("Grief Support Groups", "grief_group"),
    ("Families of Inmates Support Groups", "family_peer"), ("Group Counseling", "process"),
    ("Emotions Anonymous Meetings", "mutual_aid"), ("Cancer survivors support group", "peer_support"),
    ("Peer warm line", "warmline"), ("Intensive Outpatient Program", "iop")])
def test_only_services_that_state_a_group_are_listings(name: str, group_type: str | None, tmp_path: Path) -> None:
    (row,) = taken(tmp_path, [foreign(name=name, attributes=[])])
    if group_type is None:
        assert row == OutOfScope(1, "no_group_stated")
    else:
        assert isinstance(row, Listing)
        assert row.document["group_type"] == group_type


@pytest.mark.parametrize(("status", "ours", "shown"), [
    ("active", "active", "publish"), ("temporarily closed", "paused", "publish"), ("inactive", "closed", "withhold"),
    ("defunct", "closed", "withhold"), ("", "active", "publish")])
def test_what_its_own_directory_does_not_show_is_not_shown_here(status: str, ours: str, shown: str,
                                                                tmp_path: Path) -> None:
    (row,) = taken(tmp_path, [foreign(status=status)])
    assert isinstance(row, Listing)
    assert (row.document["status"], row.status) == (ours, shown)


def test_opening_hours_are_no_session(tmp_path: Path) -> None:
    (row,) = taken(tmp_path, [foreign(schedules=[{"id": KEY, "freq": "WEEKLY", "byday": "MO,TU", "opens_at": "9:00",
                                                  "closes_at": "17:00"}],
                                      service_at_locations=[{"location": {"location_type": "physical"}}])], ZONE)
    assert isinstance(row, Listing)
    assert row.document["sessions"] == [{"format": "in_person"}]
    assert "Opening hours: MO, TU 09:00-17:00" in row.document["description"]
    assert "opening_hours" in row.flags


@pytest.mark.parametrize("schedule", [
    {"freq": "WEEKLY", "opens_at": "18:00"}, {"freq": "WEEKLY", "byday": "2TU", "opens_at": "18:00"},
    {"freq": "YEARLY", "byday": "TU", "opens_at": "18:00"}, {"freq": "WEEKLY", "interval": 2, "byday": "TU",
                                                             "opens_at": "18:00"},
    {"freq": "WEEKLY", "byday": "TU", "byweekno": "3", "opens_at": "18:00"},
    {"freq": "WEEKLY", "byday": "TU", "until": "2027-01-01", "count": 3, "opens_at": "18:00"},
    {"freq": "WEEKLY", "byday": "Tuesday", "opens_at": "18:00"}],
    ids=["no day", "ordinal week", "yearly", "no first day", "weeks of a year", "two ends", "a word"])
def test_a_rule_that_is_not_clear_promises_no_time(schedule: dict[str, Any], tmp_path: Path) -> None:
    found = foreign()
    found["service_at_locations"][0]["schedules"] = [schedule]
    (row,) = taken(tmp_path, [found])
    assert isinstance(row, Listing)
    assert "repeats" not in row.document["sessions"][0]
    assert "recurrence_unclear" in row.flags


def test_named_persons_are_not_read(tmp_path: Path) -> None:
    person = {"id": KEY, "name": "Ann Persona", "email": "ann@example.org", "phones": [{"number": "212-555-0177"}]}
    found = json.dumps(only(taken(tmp_path, [foreign(contacts=[person], email="ann@example.org")])))
    assert not any(one in found for one in ("Persona", "ann@", "5550177"))


@pytest.mark.parametrize(("fields", "cost"), [
    ({"cost_options": [{"amount": 15, "currency": "usd"}]}, {"free": False, "amount": 15.0, "currency": "USD"}),
    ({"cost_options": [{"amount": "0"}]}, {"free": True}), ({"fees_description": "No fee"}, {"free": True}),
    ({"fees_description": "Ask us"}, None), ({"cost_options": [{"amount": "NaN"}]}, None)])
def test_a_price_is_read_only_where_it_is_stated(fields: dict[str, Any], cost: Any, tmp_path: Path) -> None:
    assert only(taken(tmp_path, [foreign(**fields)])).get("cost") == cost


@pytest.mark.parametrize("made", [
    lambda one: one, lambda one: [one], lambda one: {"contents": [one], "total_items": 1},
    lambda one: {"id": KEY, "name": "River Care", "description": "x", "services": [one]},
    lambda one: {**one["service_at_locations"][0], "service": {**one, "service_at_locations": None}},
], ids=["one", "list", "page", "organization", "service_at_location"])
def test_answers_of_every_shape_are_read(made: Any, tmp_path: Path) -> None:
    found = only(taken(tmp_path, made(foreign())))
    assert (found["name"], len(found["sessions"])) == ("Evening support group", 1)


def test_pages_in_a_folder_and_lines_are_read_in_order(tmp_path: Path) -> None:
    entries = seed()[:4]
    for number, pair in enumerate((entries[:2], entries[2:]), 1):
        (tmp_path / f"page-{number}.json").write_text(json.dumps(answered(pair)))
    assert [load(one.document) for one in listings(read(tmp_path, "hsds"))] == [kept(one) for one in entries]
    lines = tmp_path / "lines" / "services.ndjson"
    lines.parent.mkdir()
    lines.write_text("\n".join(json.dumps(write.service(one, NOW)) for one in entries) + "\n{\n")
    rows = read(lines, "hsds")
    assert (len(listings(rows)), rows[-1]) == (4, Refused(5, "row", "not_json"))


def test_a_page_alone_is_not_taken_for_the_whole_list(tmp_path: Path) -> None:
    page = {"total_pages": 2, "page_number": 1, "contents": [foreign()]}
    assert taken(tmp_path, page)[-1] == Refused(0, "file", "one_page")
    (tmp_path / "second.json").write_text(json.dumps({**page, "page_number": 2, "contents": [foreign(id="other")]}))
    assert len(listings(read(tmp_path, "hsds"))) == len(read(tmp_path, "hsds")) == 2


@pytest.mark.parametrize(("row", "refusal"), [
    (7, ("row", "not_an_object")), ({"name": "A support group"}, ("id", "required")),
    ({"id": "a b", "name": "A support group"}, ("id", "not_an_id")), ({"id": "a"}, ("name", "required")),
    (foreign(), ("id", "repeated"))], ids=["number", "no id", "blank", "no name", "twice"])
def test_a_row_that_cannot_be_read_is_refused_and_the_others_go_on(row: Any, refusal: tuple[str, str],
                                                                   tmp_path: Path) -> None:
    found = taken(tmp_path, [foreign(), row, foreign(id="other")])
    assert found[1] == Refused(2, *refusal)
    assert len(listings(found)) == 2


EXAMPLES = ("service_full.json", "service_at_location_full.json", "organization_full.json", "service_list.json")


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_of_the_standard_are_read(name: str) -> None:
    path = shared("standards", "hsds-3.0", "examples", name)
    assert read(path, "hsds")[0] == OutOfScope(1, "no_group_stated")
    found = only(read(path, "hsds", ANY_GROUP))
    assert (found["name"], found["id"]) == ("Community Counselling", "ac148810-d857-441c-9679-408f346de14b")
    assert found["organization"]["name"] == "Example Organization Inc."
    if name != "service_list.json":
        assert found["age"] == {"min": 12}
        assert {"recurrence_unclear", "opening_hours"} & set(found["x"]["review"])


@pytest.mark.parametrize("version", ["hsds-3.0", "hsds-3.1-dev"])
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_the_example_tables_of_the_standard_are_read(version: str, packed: bool, tmp_path: Path) -> None:
    folder = shared("standards", version, "examples", "csv")
    if packed:
        shutil.make_archive(str(tmp_path / "csv"), "zip", folder)
    found = only(read(tmp_path / "csv.zip" if packed else folder, "hsds", ANY_GROUP))
    assert found["name"] == "Community Counselling"
    assert found["organization"]["name"] == "Example Organization Inc."
    assert found["languages"] == ["ur"]
    assert found["cost"] == {"free": False, "amount": 35.0, "currency": "GBP"}


def test_the_package_of_a_whole_county_is_read() -> None:
    rows = read(shared("data", "hsds-miami-2019"), "hsds", ZONE)
    taken_in, out, refused = counts(rows)
    assert (taken_in + out, refused) == (4089, 0)
    assert taken_in == len(listings(rows)) == 278
    kinds = Counter(one.document["group_type"] for one in rows if isinstance(one, Listing))
    assert kinds == {"peer_support": 152, "process": 81, "grief_group": 29, "family_peer": 5, "php": 5, "iop": 3,
                     "mutual_aid": 2, "warmline": 1}
    assert sum("repeats" in session for one in listings(rows) for session in one.document["sessions"]) == 24
    assert sum("[removed]" in json.dumps(one.document) for one in listings(rows)) == 0


TABLES = {
    "services.csv": "id,organization_id,name,fees\n1,9,Grief support group,Free\n2,9,Food bank,\n",
    "organizations.csv": "id,name,url\n9,RIVER CARE INC,river.example.org\n",
    "services_at_location.csv": "id,service_id,location_id\n5,1,7\n", "locations.csv": "id,name\n7,Old Library\n",
    "physical_addresses.csv": "id,location_id,address_1,city,state_province,postal_code,country\n"
                              "3,7,100 Example Street,New York,NY ,10011,   \n",
    "regular_schedules.csv": "id,service_id,weekday,opens_at,closes_at\n,1,Monday,6:00pm,7:30pm\n"
                             ",1,Thursday,6 pm,7:30 PM\n,1,Someday,9,10\n,1,Friday,6:00 pm ,7:30pm\n",
    "languages.csv": "id,service_id,language\n1,1,Spanish\n",
    "eligibility.csv": "id,service_id,eligibility\n,1,Adults\n",
    "taxonomy.csv": "id,name\nA,Bereavement Support Groups\n",
    "services_taxonomy.csv": "id,service_id,taxonomy_id\n1,1,A\n",
}


def test_tables_of_version_two_are_read_under_their_names_of_three(tmp_path: Path) -> None:
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text)
    rows = read(tmp_path, "hsds")
    assert rows[1] == OutOfScope(3, "no_group_stated")
    found = only(rows[:1])
    assert {name: found[name] for name in ("group_type", "languages", "cost", "focus")} == {
        "group_type": "grief_group", "languages": ["es"], "cost": {"free": True}, "focus": ["grief"]}
    assert [(one["repeats"], one["start_time"], one["duration_minutes"]) for one in found["sessions"]] == [
        ("FREQ=WEEKLY;BYDAY=MO,TH,FR", "18:00", 90)]
    assert found["sessions"][0]["location"]["postal_code"] == "10011"
    assert "Who can come: Adults" in found["description"]


def test_a_package_with_tables_in_a_folder_of_its_own_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as made:
        for name, text in TABLES.items():
            made.writestr(f"export/{name}", "\ufeff" + text)
    assert only(read(tmp_path / "x.zip", "hsds")[:1])["name"] == "Grief support group"


def test_a_package_survives_without_most_of_its_tables(tmp_path: Path) -> None:
    (tmp_path / "services.csv").write_text(TABLES["services.csv"])
    assert only(read(tmp_path, "hsds")[:1]) == {
        "format": "finder-listing/1", "id": "1", "name": "Grief support group", "status": "active",
        "group_type": "grief_group", "focus": ["grief"], "cost": {"free": True},
        "x": {"review": ["topics_from_terms"]}}


ODD = st.one_of(st.none(), st.booleans(), st.integers(-5, 10**30), st.floats(), st.text(max_size=50), st.just("NaN"),
                st.lists(st.text(max_size=5), max_size=2),
                st.dictionaries(st.text(max_size=3), st.integers(), max_size=2))


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, one in inner for found in [(*path, key), *places_in(one, (*path, key))]]


OURS = write.service(entry(load(FULL)), NOW)


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from([foreign(), OURS]))
def test_any_change_of_a_service_is_refused_or_makes_a_listing(data: Any, service: dict[str, Any]) -> None:
    changed = deepcopy(service)
    for path in data.draw(st.lists(st.sampled_from(places_in(service)), min_size=1, max_size=3)):
        here: Any = changed
        try:
            for key in path[:-1]:
                here = here[key]
            here[path[-1]] = data.draw(ODD)
        except (TypeError, KeyError, IndexError):
            continue
    with tempfile.TemporaryDirectory() as folder:
        (row,) = taken(Path(folder), [changed])
    assert isinstance(row, Listing | OutOfScope | Refused)


def test_cells_that_would_run_come_back_as_they_were(tmp_path: Path) -> None:
    document = {**FULL, "name": "=1+1", "description": "-2 =x\n'+3"}
    (found,) = through_tables([entry(load(document))], tmp_path)
    assert (found["name"], found["description"]) == (document["name"], document["description"])


