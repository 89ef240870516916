"""Another instance's address, its pages as they are brought, and its listings as they come in."""

import json
import uuid
from datetime import UTC, date, datetime

import pytest

from finder.exchange import peers
from finder.exchange.changes import Change, Into, Keeper, Origin, Page, written
from finder.exchange.fetching import Fetched, Unfetchable
from finder.exchange.files import Broken
from finder.exchange.rows import Listing, OutOfScope
from finder.listings.outcomes import Departure

A, B = uuid.UUID(int=1), uuid.UUID(int=2)
AT, TODAY = datetime(2026, 11, 24, 12, tzinfo=UTC), date(2026, 11, 24)
ONE = Keeper(A, "One", "https://one.example", "CC0-1.0")
CHANGES = "https://one.example/api/v1/changes"


def change(key, origin=A, listing=True, into=None, **more):
    return Change(uuid.uuid5(A, key), f"group-{key}", AT, Origin(origin, key),
                  {"name": f"Group {key}", "id": "as there", **more} if listing else None,
                  Into(B, "x", Origin(*into)) if into else None)


def page(*changes, keeper=ONE, after="n", more=False, complete=True):
    return json.dumps(written(Page(keeper, changes, after, more, complete))).encode()


def folder(tmp_path, *pages):
    for number, body in enumerate(pages, 1):
        (tmp_path / f"page-{number:05}.json").write_bytes(body)
    return tmp_path


@pytest.mark.parametrize("url", [
    "https://one.example", "https://one.example/", "https://one.example/?a=1#b", CHANGES, f"{CHANGES}/",
    f"{CHANGES}?after=x&limit=3"])
def test_the_address_of_an_instance_leads_to_its_changes(url):
    assert peers.address(url) == CHANGES
    assert peers.page_address(url, None) == f"{CHANGES}?limit=500"
    assert peers.page_address(url, "a_-b") == f"{CHANGES}?limit=500&after=a_-b"


def test_an_instance_may_live_below_a_path():
    assert peers.address("https://county.example/groups/") == "https://county.example/groups/api/v1/changes"


# -- listings --------------------------------------------------------------------------------------------------------


def read(tmp_path, *pages, base=""):
    return list(peers.read(folder(tmp_path, *pages), today=TODAY, base=base))


def test_a_listing_keeps_the_source_it_states(tmp_path):
    stated = {"name": "County", "url": "https://county.example/", "license": "CC BY 4.0", "retrieved": "2020-01-01"}
    (found,) = read(tmp_path, page(change("g1", source=stated)))
    assert found.document["source"] == {**stated, "retrieved": "2026-11-24"}


@pytest.mark.parametrize("stated", [None, {}, {"retrieved": "2020-01-01"}, {"name": ""}])
def test_one_that_states_none_has_its_page_there_as_its_source(tmp_path, stated):
    (found,) = read(tmp_path, page(change("g1", source=stated)))
    assert found.document["source"] == {"name": "One", "url": "https://one.example/programs/group-g1",
                                        "license": "CC0-1.0", "retrieved": "2026-11-24"}


def test_an_instance_that_does_not_say_where_it_is_is_where_it_was_fetched_from(tmp_path):
    pages = page(change("g1"), keeper=Keeper(A)), "https://one.example/api/v1/changes"
    (found,) = read(tmp_path, pages[0], base=pages[1])
    assert found.document["source"] == {"name": "one.example", "url": "https://one.example/programs/group-g1",
                                        "retrieved": "2026-11-24"}
    (found,) = peers.read(tmp_path, today=TODAY, base="https://one.example/")
    assert found.document["source"]["url"] == "https://one.example/programs/group-g1"
    (found,) = peers.read(tmp_path, today=TODAY)
    assert found.document["source"] == {"retrieved": "2026-11-24"}


def test_a_source_that_is_none_is_left_for_the_validator(tmp_path):
    (found,) = read(tmp_path, page(change("g1", source="County")))
    assert found.document["source"] == "County"


def test_whose_listing_it_is_and_whether_they_say_so_themselves(tmp_path):
    own, passed_on = read(tmp_path, page(change("g1"), change("g2", origin=B)))
    assert (own.key, own.origin, own.direct, own.document["id"]) == ("g1", A, True, "g1")
    assert (passed_on.key, passed_on.origin, passed_on.direct) == ("g2", B, False)


def test_the_last_word_about_a_listing_counts(tmp_path):
    pages = (page(change("g1"), change("g2"), change("g3", listing=False), more=True),
             page(change("g1", name="New"), change("g2", listing=False), change("g3")))
    found = read(tmp_path, *pages)
    assert [(one.document["name"], one.rows) for one in found] == [("New", (4,)), ("Group g3", (6,))]
    assert [(one.key, one.row) for one in peers.departed(tmp_path)] == [("g2", 5)]


def test_of_two_listings_of_one_id_that_of_the_instance_itself_comes(tmp_path):
    found = read(tmp_path, page(change("g1", origin=B), change("g1")))
    assert found == [OutOfScope(1, "elsewhere"), found[1]]
    assert isinstance(found[1], Listing)
    assert found[1].direct


def test_a_word_that_a_listing_is_gone_names_the_one_in_its_place(tmp_path):
    pages = folder(tmp_path, page(change("g1", listing=False, into=(B, "g9")),
                                  change("g2", origin=B, listing=False)))
    assert peers.departed(pages) == [Departure("g1", A, True, (B, "g9"), 1), Departure("g2", B, False, None, 2)]
    assert list(peers.read(pages, today=TODAY)) == []


@pytest.mark.parametrize(("pages", "whole"), [
    ([page()], True), ([page(more=True)], False), ([page(complete=False)], False),
    ([page(change("a"), more=True), page()], True), ([page(change("a"), more=True), page(complete=False)], False)])
def test_pages_from_the_beginning_to_the_end_are_all_there_is(tmp_path, pages, whole):
    assert peers.is_whole(folder(tmp_path, *pages)) is whole


# -- bringing --------------------------------------------------------------------------------------------------------


class There:
    """An instance that gives these pages, one after the other."""

    def __init__(self, *pages):
        self.pages, self.asked, self.limits = list(pages), [], []

    def __call__(self, url, folder, *, etag=None, limits=None):
        self.asked.append((url.partition("?")[2], etag))
        self.limits.append(limits)
        body = self.pages.pop(0)
        if isinstance(body, Exception):
            raise body
        if body is None:
            return Fetched(None, url, etag)
        path = folder / "source"
        path.write_bytes(body)
        return Fetched(path, url, '"t"')


def first_of(count):
    return [page(change(f"g{number}"), after=f"c{number}", more=number < count) for number in range(1, count + 1)]


def test_pages_are_followed_to_the_end(tmp_path):
    there = There(*first_of(3))
    brought = peers.bring(CHANGES, None, tmp_path, there, etag='"e"')
    assert [path.name for path in brought.pages] == ["page-00001.json", "page-00002.json", "page-00003.json"]
    assert there.asked == [("limit=500", '"e"'), ("limit=500&after=c1", None), ("limit=500&after=c2", None)]
    assert (brought.more, brought.etag, brought.wrong) == (False, None, None)


def test_nothing_new_is_no_page(tmp_path):
    assert peers.bring(CHANGES, "c", tmp_path, There(None), etag='"e"').pages == ()


def test_the_tag_that_counts_is_that_of_nothing_new(tmp_path):
    nothing = page(after="c", complete=False)
    assert peers.bring(CHANGES, "c", tmp_path, There(nothing)).etag == '"t"'
    moved = page(after="d", complete=False)
    assert peers.bring(CHANGES, "c", tmp_path, There(moved)).etag is None
    assert peers.bring(CHANGES, "c", tmp_path, There(page(change("g1"), after="c"))).etag is None


@pytest.mark.parametrize("bounds", [{"pages": 2}, {"bytes": 700}])
def test_no_more_than_the_bounds_allow(tmp_path, bounds):
    brought = peers.bring(CHANGES, None, tmp_path, There(*first_of(9)), bounds=peers.Bounds(**bounds))
    assert (len(brought.pages), brought.more) == (2, True)


def test_after_its_time_a_round_ends_with_what_there_is(tmp_path):
    brought = peers.bring(CHANGES, None, tmp_path, There(*first_of(9)), bounds=peers.Bounds(seconds=-1.0))
    assert (len(brought.pages), brought.more) == (1, True)


def test_a_page_that_is_too_long_is_asked_for_in_shorter_ones(tmp_path):
    there = There(Unfetchable("too_large", max=1), Unfetchable("too_large", max=1), *first_of(2))
    assert len(peers.bring(CHANGES, None, tmp_path, there).pages) == 2
    assert [asked for asked, _ in there.asked] == ["limit=500", "limit=62", "limit=10", "limit=10&after=c1"]
    with pytest.raises(Unfetchable):
        peers.bring(CHANGES, None, tmp_path, There(*[Unfetchable("too_large", max=1)] * 3))


def test_a_round_that_has_no_room_left_is_no_failure(tmp_path):
    there = There(first_of(3)[0], Unfetchable("too_large", max=1))
    brought = peers.bring(CHANGES, None, tmp_path, there, bounds=peers.Bounds(bytes=900, page_bytes=800))
    assert (len(brought.pages), brought.more, brought.wrong) == (1, True, None)


def test_limits_are_handed_on(tmp_path):
    there = There(*first_of(2))
    peers.bring(CHANGES, None, tmp_path, there, bounds=peers.Bounds(bytes=5000, page_bytes=4900, anywhere=True))
    assert (there.limits[0].bytes, there.limits[0].anywhere) == (4900, True)
    assert there.limits[1].bytes < 4900


def test_a_line_that_breaks_leaves_the_pages_that_came(tmp_path):
    brought = peers.bring(CHANGES, None, tmp_path, There(*first_of(3)[:2], Unfetchable("unreachable")))
    assert (len(brought.pages), brought.more, brought.wrong.code) == (2, True, "unreachable")
    with pytest.raises(Unfetchable):
        peers.bring(CHANGES, None, tmp_path, There(Unfetchable("too_slow")))


@pytest.mark.parametrize("pages", [
    [b"{"], [b"{}"], [page(after="c", more=True)], [page(change("g1"), after="c", more=True)],
    [page(change("g1"), after="d", more=True), b"[]"]])
def test_what_leads_nowhere_is_refused(tmp_path, pages):
    with pytest.raises(Broken):
        peers.bring(CHANGES, "c", tmp_path, There(*pages))
