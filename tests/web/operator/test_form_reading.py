from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.catalog import listing_schema
from finder.errors import Invalid
from finder.places import gazetteer
from finder.web.operator import form_reading
from finder.web.operator.editing import arranged
from finder.web.operator.form_fields import fields
from finder.web.operator.form_kinds import Sent
from finder.web.operator.form_sessions import Reading
from tests.catalog.test_seed import LISTINGS as SEED
from tests.make import make_listing, make_session

TODAY = date(2026, 11, 26)
HOUSE = {"name": "Blue House", "address_1": "1 Elm Street", "city": "Durham", "state": "NC", "postal_code": "27701",
         "latitude": 35.99, "longitude": -78.9, "precision": "street"}


def reading(language: str = "en") -> Reading:
    return Reading(gazetteer.load(), language, TODAY)


def sent(document: Mapping[str, Any], **typed: Any) -> dict[str, Any]:
    """The listing that the form of a listing makes, with some boxes filled in anew."""
    form: Sent = form_reading.show(document, "en")
    form |= {name: [one] if isinstance(one, str) else one for name, one in typed.items()}
    return form_reading.checked(form_reading.read(form, document, reading()))


def wrong(document: Mapping[str, Any], **typed: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as found:
        sent(document, **typed)
    return {name: [one.code for one in many] for name, many in found.value.errors.items()}


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_form_of_every_listing_sent_back_unchanged_changes_nothing(language: str) -> None:
    for one in SEED:
        document = listing_schema.load(one)
        form = form_reading.show(document, language)
        assert form_reading.checked(form_reading.read(form, document, reading(language))) == document, one["id"]


def test_every_field_of_a_listing_has_a_box() -> None:
    asked = {one.path for one in fields()}
    for one in SEED:
        for key, value in listing_schema.load(one).items():
            if key in ("format", "id", "verified", "source", "x", "sessions"):
                continue
            parts = {f"{key}.{name}" for name in value} if isinstance(value, dict) else {key}
            assert parts - {"capacity.as_of"} <= asked or key in asked, (one["id"], parts - asked)


def test_a_form_that_asks_for_a_part_leaves_the_rest_alone() -> None:
    document = listing_schema.load(SEED[0])
    found = form_reading.checked(form_reading.read({"name": ["Another name"]}, document, reading()))
    assert found == {**document, "name": "Another name"}


CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "text": ({"description": " Tea is on.\r\nAnd cake. "}, {"description": "Tea is on.\nAnd cake."}),
    "main topic first": ({"focus.main": "grief", "focus": ["", "anxiety", "grief"]}, {"focus": ["grief", "anxiety"]}),
    "ages": ({"age.min": "18", "age.max": ""}, {"age": {"min": 18}}),
    "posts": ({"severity": ["", "1", "3"]}, {"severity": {"min": 1, "max": 3}}),
    "a fee is not free": ({"cost.amount": "$12.50"}, {"cost": {"free": False, "amount": 12.5}}),
    "takes no insurance": ({"cost.free": "no", "cost.insurance": ["", "none"]},
                           {"cost": {"free": False, "insurance": []}}),
    "other languages": ({"languages": ["", "en"], "languages.more": "Tamil, wo"}, {"languages": ["en", "ta", "wo"]}),
    "states by name": ({"licensed_states": "North Carolina, va"}, {"licensed_states": ["NC", "VA"]}),
    "counties": ({"coverage.counties": "Montgomery County, PA\nBucks, Pennsylvania"},
                 {"coverage": {"counties": ["PA:Montgomery", "PA:Bucks"]}}),
    "ZIP codes": ({"coverage.postal_codes": "27701, 27703"}, {"coverage": {"postal_codes": ["27701", "27703"]}}),
    "places as of today": ({"capacity.status": "waitlist", "capacity.wait_weeks": "5"},
                           {"capacity": {"status": "waitlist", "wait_weeks": 5, "as_of": "2026-11-26"}}),
    "access": ({"accessibility.step_free": "on_request"}, {"accessibility": {"step_free": "on_request"}}),
    "yes or no": ({"policies.one_to_one": "no", "open_group": "yes"},
                  {"policies": {"one_to_one": False}, "open_group": True}),
    "tags": ({"x.tags": "river late"}, {"x": {"tags": ["river", "late"]}}),
    "who runs it": ({"organization.name": "Lantern", "organization.kind": "library"},
                    {"organization": {"name": "Lantern", "kind": "library"}}),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_typed_becomes_the_listing(name: str) -> None:
    typed, expected = CASES[name]
    before = make_listing()
    assert sent(before, **typed) == {**before, **expected}


def test_what_is_emptied_is_not_stated() -> None:
    before = make_listing(age={"min": 18}, focus=["grief"], cost={"free": True}, contact={"phone": "919-555-0100"},
                          policies={"walk_in": True}, capacity={"status": "open", "as_of": "2026-01-01"})
    found = sent(before, **{"age.min": "", "focus.main": "", "cost.free": "", "contact.phone": "",
                            "policies.walk_in": "", "capacity.status": ""})
    assert set(found) == {"format", "id", "name", "group_type"}


WRONG: dict[str, tuple[dict[str, Any], dict[str, list[str]]]] = {
    "no name": ({"name": " "}, {"name": ["required"]}),
    "not a number": ({"age.min": "old"}, {"age.min": ["not_a_number"]}),
    "ages crossed": ({"age.min": "30", "age.max": "20"}, {"age.min": ["min_above_max"]}),
    "phone": ({"contact.phone": "call us"}, {"contact.phone": ["not_a_phone"]}),
    "link": ({"contact.url": "javascript:alert(1)"}, {"contact.url": ["not_a_url"]}),
    "free with a fee": ({"cost.free": "yes", "cost.amount": "5"}, {"cost.amount": ["free_with_amount"]}),
    "free not said": ({"cost.note": "Bring snacks"}, {"cost.free": ["required"]}),
    "county without a state": ({"coverage.counties": "Montgomery"}, {"coverage.counties": ["not_a_code"]}),
    "insurance and none": ({"cost.free": "no", "cost.insurance": ["none", "va"]}, {"cost.insurance": ["not_a_code"]}),
    "wait without a word": ({"capacity.wait_weeks": "3"}, {"capacity.status": ["required"]}),
    "no such level": ({"severity": ["9"]}, {"severity": ["out_of_range"]}),
    "organization without a name": ({"organization.url": "https://a.example.org"}, {"organization.name": ["required"]}),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_stands_at_its_field(name: str) -> None:
    typed, expected = WRONG[name]
    assert wrong(make_listing(), **typed) == expected


# -- sessions --------------------------------------------------------------------------------------------------------


def test_a_time_as_people_say_it_becomes_a_rule() -> None:
    before = make_listing(sessions=[make_session(location=HOUSE, timezone="America/New_York")])
    found = sent(before, **{"sessions.0.when": "2nd and 4th Tuesday, 6–7:30 pm"})
    assert found["sessions"] == [{
        "format": "in_person", "repeats": "FREQ=MONTHLY;BYDAY=2TU,4TU", "start_time": "18:00", "duration_minutes": 90,
        "timezone": "America/New_York", "location": HOUSE}]


def test_two_times_in_one_box_become_two_sessions() -> None:
    before = make_listing(sessions=[make_session(location=HOUSE)])
    found = sent(before, **{"sessions.0.when": "Mondays 6–7 pm and Thursdays 7–8 pm"})
    assert [one["start_time"] for one in found["sessions"]] == ["18:00", "19:00"]
    assert all(one["location"] == HOUSE for one in found["sessions"])


def test_a_place_gives_its_zone_to_a_new_time() -> None:
    before = make_listing(sessions=[make_session(location=HOUSE)])
    assert sent(before, **{"sessions.0.when": "Mondays 6 pm"})["sessions"][0]["timezone"] == "America/New_York"


def test_a_time_that_is_not_understood_stands_at_its_box() -> None:
    before = make_listing(sessions=[make_session(), make_session(format="phone")])
    found = wrong(before, **{"sessions.1.when": "whenever the moon is right"})
    assert {name: set(codes) for name, codes in found.items()} == {"sessions.1.when": {"not_understood"}}


def test_a_rule_that_no_phrase_says_is_kept_until_words_take_its_place() -> None:
    odd = {"repeats": "FREQ=YEARLY;BYMONTH=3,9;BYDAY=1SA", "start_time": "10:00", "timezone": "America/New_York"}
    before = make_listing(sessions=[make_session(**odd)])
    assert form_reading.show(before, "en")["sessions.0.when"] == [""]
    assert sent(before, name="Other")["sessions"] == before["sessions"]
    assert sent(before, **{"sessions.0.when": "Mondays 6 pm"})["sessions"][0]["repeats"] == "FREQ=WEEKLY;BYDAY=MO"


def test_a_moved_house_loses_its_exact_point_and_gets_that_of_its_zip() -> None:
    before = make_listing(sessions=[make_session(location=HOUSE)])
    found = sent(before, **{"sessions.0.location.address_1": "9 Oak Street"})["sessions"][0]["location"]
    assert found["precision"] == "postal_code"
    assert (found["latitude"], found["longitude"]) != (HOUSE["latitude"], HOUSE["longitude"])


def test_a_new_name_of_a_place_leaves_its_point_alone() -> None:
    before = make_listing(sessions=[make_session(location=HOUSE)])
    found = sent(before, **{"sessions.0.location.name": "Red House"})["sessions"][0]["location"]
    assert found == {**HOUSE, "name": "Red House"}


@pytest.mark.parametrize(("typed", "precision"), [
    ({"postal_code": "27701"}, "postal_code"), ({"city": "Durham", "state": "North Carolina"}, "city"),
    ({"latitude": "36.01", "longitude": "-78.91"}, "exact"), ({"city": "Nowhere at all", "state": "NC"}, None)],
    ids=["zip", "town", "typed", "unknown"])
def test_a_place_gets_the_best_point_that_is_known(typed: dict[str, str], precision: str | None) -> None:
    before = make_listing(sessions=[make_session()])
    found = sent(before, **{f"sessions.0.location.{name}": one for name, one in typed.items()})
    assert found["sessions"][0]["location"].get("precision") == precision


def test_the_point_of_a_place_that_is_new_can_be_set() -> None:
    typed = {"city": "Durham", "state": "NC", "latitude": "36.01", "longitude": "-78.91"}
    found = sent(make_listing(), **{"sessions.0.format": "in_person", **{
        f"sessions.0.location.{name}": one for name, one in typed.items()}})
    assert found["sessions"][0]["location"] == {
        "city": "Durham", "state": "NC", "latitude": 36.01, "longitude": -78.91, "precision": "exact"}


def test_sessions_shown_on_another_order_of_them_stay_to_the_letter() -> None:
    unsaid = make_session(location=HOUSE, repeats="FREQ=MONTHLY;BYMONTHDAY=-3;BYMONTH=2,5", start_time="18:07")
    base = make_listing(sessions=[make_session(repeats="FREQ=WEEKLY;BYDAY=TH"), unsaid])
    wanted = {**base, "sessions": [{**unsaid, "duration_minutes": 50}, make_session(format="phone")]}
    for document in (wanted, {**base, "sessions": [unsaid]}):
        form = form_reading.show_on(document, base, "en")
        found = form_reading.read(form, base, reading()).document["sessions"]
        assert [one.get("location") for one in found] == [one.get("location") for one in document["sessions"]]
    assert found == [unsaid]


def test_a_zip_alone_names_its_town() -> None:
    found = sent(make_listing(sessions=[make_session()]), **{"sessions.0.location.postal_code": "27701"})
    assert found["sessions"][0]["location"] | {"city": "Durham", "state": "NC"} == found["sessions"][0]["location"]


def test_a_hidden_place_is_never_known_exactly() -> None:
    before = make_listing(sessions=[make_session(location=HOUSE)])
    found = sent(before, **{"sessions.0.location.hidden": ["", "yes"]})["sessions"][0]["location"]
    assert found["hidden"] is True
    assert found["precision"] in ("postal_code", "city")
    assert (found["latitude"], found["longitude"]) != (HOUSE["latitude"], HOUSE["longitude"])


def test_one_coordinate_is_an_error_at_the_point() -> None:
    before = make_listing(sessions=[make_session()])
    assert wrong(before, **{"sessions.0.location.latitude": "36"}) == {
        "sessions.0.location.longitude": ["one_coordinate"]}


def test_an_empty_new_time_is_left_out() -> None:
    before = make_listing()
    assert sent(before, **{"sessions": "1", "sessions.0.format": "", "sessions.0.when": ""}) == before


@pytest.mark.parametrize(("button", "names"), [
    ("add", ["a", "b", "c", ""]), ("remove:1", ["a", "c"]), ("up:2", ["a", "c", "b"]), ("down:0", ["b", "a", "c"]),
    ("up:0", ["a", "b", "c"]), ("remove:9", ["a", "b", "c"])])
def test_sessions_are_added_moved_and_removed_and_nothing_typed_is_lost(button: str, names: list[str]) -> None:
    form: Sent = {"name": ["Typed"], "sessions": ["3"]}
    for number, name in enumerate("abc"):
        form |= {f"sessions.{number}.format": ["in_person"], f"sessions.{number}.location.name": [name]}
    found = arranged(form, button)
    assert found is not None
    assert found["name"] == ["Typed"]
    assert found["sessions"] == [str(len(names))]
    assert [found.get(f"sessions.{at}.location.name", [""])[0] for at in range(len(names))] == names


NAMES = [name for one in fields() for name in one.kind.names(one.path)] + [
    f"sessions.{number}.{name}" for number in (0, 1, 70) for name in (
        "was", "format", "when", "timezone", "location.city", "location.state", "location.postal_code",
        "location.latitude", "location.longitude", "location.country", "join_url", "dial_in")] + ["sessions"]


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(st.text(max_size=30) | st.sampled_from(
    ["yes", "no", "in_person", "0", "1e400", "-1", "nan", "27701", "Mondays 6 pm", "٣"]), min_size=1, max_size=3)))
def test_no_form_breaks_the_reading(form: dict[str, list[str]]) -> None:
    base = listing_schema.load(SEED[1])
    with suppress(Invalid):
        document = form_reading.checked(form_reading.read(form, base, reading()))
        assert listing_schema.load(document) == document
