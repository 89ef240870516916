"""The shape of a change: written and read back, and read with care when somebody else wrote it."""

import json
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.exchange.changes import Change, Into, Keeper, Origin, Page, instant, read, written, written_change
from finder.exchange.files import Broken
from finder.exchange.rows import Refused

A, B = uuid.UUID(int=1), uuid.UUID(int=2)
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
LISTING = {"format": "finder-listing/1", "id": "g1", "name": "Group", "group_type": "peer_support"}
SHOWN = Change(B, "group-1", AT, Origin(A, str(B), "https://one.example/programs/group-1"), LISTING)
GONE = Change(A, "group-2", AT, Origin(A, "g 2".replace(" ", "-")), None, Into(B, "group-1", Origin(A, str(B))))


def page(*changes, **more):
    return Page(Keeper(A, "One", "https://one.example", "CC0-1.0"), changes, **{
        "next": "abc", "more": False, "complete": True, **more})


def told(**more):
    """A page of one published and one gone listing as JSON, with other values in it."""
    return {**json.loads(json.dumps(written(page(SHOWN, GONE)))), **more}


def test_what_is_written_is_read_back():
    for one in (page(), page(SHOWN), page(GONE, SHOWN, more=True, complete=False)):
        assert read(json.loads(json.dumps(written(one)))) == one


def test_a_listing_stands_only_where_it_is_published():
    assert written_change(SHOWN) == {
        "id": str(B), "state": "published", "slug": "group-1", "changed_at": "2026-11-24T12:00:00Z",
        "origin": {"instance": str(A), "id": str(B), "address": "https://one.example/programs/group-1"},
        "listing": LISTING}
    assert written_change(GONE)["into"] == {"id": str(B), "slug": "group-1",
                                            "origin": {"instance": str(A), "id": str(B)}}
    assert written_change(Change(A, "x", AT, Origin(A, "x")))["into"] is None


@pytest.mark.parametrize(("at", "text"), [
    (AT, "2026-11-24T12:00:00Z"), (AT.replace(microsecond=5), "2026-11-24T12:00:00.000005Z"),
    (datetime.fromisoformat("2026-11-24T07:00:00-05:00"), "2026-11-24T12:00:00Z")])
def test_instants_are_written_in_utc(at, text):
    assert instant(at) == text


def test_what_is_added_one_day_is_left_alone():
    more = told(weather="fine")
    more["changes"][0]["color"] = more["instance"]["mood"] = "green"
    assert read(more) == page(SHOWN, GONE)


@pytest.mark.parametrize("value", [
    None, [], "a", 7, {}, told(instance=None), told(instance={"id": "x"}), told(instance={"id": 7}), told(changes=None),
    told(changes={}), told(next=None), told(next=""), told(next="a b"), told(next="ä"), told(next="a" * 201),
    told(more=None), told(more=0), told(complete="yes"), told(instance=[]), told(changes="ab")])
def test_what_is_no_page_is_refused_whole(value):
    with pytest.raises(Broken, match="not_changes"):
        read(value)


def test_a_page_without_end_is_refused_whole():
    with pytest.raises(Broken, match="too_large"):
        read(told(changes=[{}] * 5001))


@pytest.mark.parametrize("wrong", [
    None, 7, "a", [], {}, {"id": "x"}, {"id": None}, {"state": "new"}, {"state": None}, {"listing": None},
    {"listing": []}, {"state": "gone"}, {"changed_at": "yesterday"}, {"changed_at": None}, {"changed_at": "9" * 99},
    {"origin": None}, {"origin": {}}, {"origin": {"instance": "x", "id": "y"}}, {"origin": {"instance": str(A)}},
    {"origin": {"instance": str(A), "id": ""}}, {"origin": {"instance": str(A), "id": "a" * 201}},
    {"origin": {"instance": str(A), "id": "a b"}}, {"origin": {"instance": str(A), "id": "a\u202eb"}},
    {"origin": {"instance": str(A), "id": 7}}])
def test_a_change_that_cannot_be_read_is_refused_alone(wrong):
    value = told()
    value["changes"][0] = {**value["changes"][0], **wrong} if isinstance(wrong, dict) and wrong else wrong
    assert read(value).changes == (Refused(1, "change", "not_a_change"), GONE)


@pytest.mark.parametrize("into", ["x", 7, {"id": "x"}, {"id": str(A)}, {"id": str(A), "origin": {}}])
def test_one_that_leads_to_what_cannot_be_read_is_refused_alone(into):
    value = told()
    value["changes"][1]["into"] = into
    assert read(value).changes == (SHOWN, Refused(2, "change", "not_a_change"))


@pytest.mark.parametrize("address", [
    7, "ftp://one.example", "javascript:alert(1)", "https://", "https://user:word@one.example", "https://[", "//a",
    "https://one.example/" + "a" * 500, "https://öne.example", "https://one.example/a b", "https://one\n.example"])
def test_an_address_that_is_none_is_left_out(address):
    value = told()
    value["instance"]["address"] = value["changes"][0]["origin"]["address"] = address
    found = read(value)
    assert found.keeper.address == ""
    assert found.changes[0].origin.address is None


@pytest.mark.parametrize("text", [7, None, "a" * 201, "a\nb", "\u202ea", "\ud800"])
def test_a_name_that_cannot_be_shown_is_left_out(text):
    value = told()
    value["instance"]["name"] = value["instance"]["license"] = text
    keeper = read(value).keeper
    assert (keeper.name, keeper.license) == ("", None)


_KEYS = ("id", "instance", "changes", "next", "more", "complete", "origin", "listing", "state", "slug", "changed_at",
         "into", "name", "address")
_JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
                     lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                         st.sampled_from(_KEYS), inner, max_size=6),
                     max_leaves=20)


@given(_JSON, _JSON, _JSON)
def test_nothing_that_anybody_sends_breaks_the_reader(whole, change, keeper):
    for value in (whole, told(changes=[change]), told(instance=keeper)):
        try:
            read(value)
        except Broken:
            pass
