from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finder.api.hsds import answers
from finder.errors import Unavailable
from finder.exchange import shelf as shelves
from finder.exchange.hsds import indexes, marks
from finder.exchange.hsds.indexes import Indexes
from finder.exchange.hsds.supplied import NONE
from finder.exchange.hsds.terms import term_id
from finder.listings.edits import Incoming, import_listings
from tests.api.feeds.publishing import Publisher, seed
from tests.api.hsds.door import LISTS, Door
from tests.exchange.hsds.test_supplied import CODES
from tests.listings.database import NOW, make_database, take
from tests.web.site import group

GRIEF = term_id("focus_areas", "grief")
TABLE = "theirs,label,list,ours\nXX-1000,Groups about grief,focus_areas,grief\n"


def change(door: Door, *documents: dict[str, Any], complete: bool = False) -> None:
    with door.publisher.database.transaction() as session:
        import_listings(session, [Incoming(one, row) for row, one in enumerate(documents, 1)], source="A feed",
                        now=door.publisher.clock.at, complete=complete, take_down_all=complete)


@pytest.fixture
def own(tmp_path: Path) -> Door:
    return Door(Publisher(tmp_path, [group(number, focus=["grief"] if number % 2 else []) for number in range(9)]))


PATHS = [*(f"/{name}" for name in LISTS), "/services?full=true", "/services?search=river", "/services?format=ndjson",
         "/services?format=ndjson&search=river", "/organizations?full_service=true", "/package.zip",
         f"/services?taxonomy_term_id={GRIEF}", f"/taxonomy_terms/{GRIEF}"]


@pytest.mark.parametrize("path", PATHS)
def test_who_has_an_answer_is_told_that_nothing_changed(own: Door, path: str) -> None:
    first = own.get(path)
    name = first.headers["ETag"]
    assert first.status_code == 200
    assert name.startswith("W/")
    for sent in (name, f'"other", {name}', name.removeprefix("W/")):
        again = own.get(path, {"If-None-Match": sent})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", name)
        assert again.headers["Access-Control-Allow-Origin"] == "*"
    change(own, group(1, description="New words."))
    later = own.get(path, {"If-None-Match": name})
    assert later.status_code == 200
    assert later.headers["ETag"] != name


def test_the_name_of_an_answer_is_another_one_on_the_next_day(own: Door) -> None:
    name = own.get("/services").headers["ETag"]
    own.publisher.clock.at += timedelta(days=1)
    assert own.get("/services", {"If-None-Match": name}).status_code == 200


def test_nothing_is_read_for_who_has_the_answer(own: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    name = own.get("/services", full=True).headers["ETag"]
    monkeypatch.setattr(shelves, "listings", lambda *given: pytest.fail("listings were read"))
    monkeypatch.setattr(indexes, "Index", lambda *given: pytest.fail("an index was made"))
    assert own.get("/services", {"If-None-Match": name}, full=True).status_code == 304
    assert own.get(f"/services?taxonomy_term_id={GRIEF}", {"If-None-Match": name}).status_code == 304


def test_what_changes_comes_and_goes_is_found_at_once(own: Door) -> None:
    def found() -> list[str]:
        return sorted(row["name"][-1] for row in own.rows("services", taxonomy_term_id=GRIEF))

    assert found() == ["1", "3", "5", "7"]
    change(own, group(2, focus=["grief"]), group(3, focus=["panic"]))
    assert found() == ["1", "2", "5", "7"]
    change(own, *(group(number, focus=["grief"]) for number in (1, 2)), complete=True)
    assert found() == ["1", "2"]
    change(own, group(10, focus=["grief"], name="River Circle X"))
    assert found() == ["1", "2", "X"]
    assert own.page("services")["total_items"] == 3


def test_one_that_is_gone_answers_404(own: Door) -> None:
    key = own.ids("services")[0]
    change(own, group(99), complete=True)
    assert own.get(f"/services/{key}").status_code == 404
    assert own.get(f"/services/{own.ids('services')[0]}").status_code == 200


_groups = st.dictionaries(st.integers(0, 12), st.sampled_from([
    {"focus": ["grief"]}, {"focus": ["panic"], "sessions": [{"format": "online_video"}]},
    {"sessions": [{"format": "in_person", "location": {"city": "Salem", "state": "OR", "postal_code": "97301"}},
                  {"format": "online_video"}]}, {}]), min_size=1, max_size=12)


@pytest.mark.turns(3)
@settings(max_examples=25, deadline=None)
@given(st.lists(_groups, min_size=2, max_size=4))
def test_an_index_made_of_the_one_before_is_that_made_anew(steps: list[dict[int, dict[str, Any]]]) -> None:
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        database = make_database(Path(folder))
        lasting = Indexes(database, lambda entry: entry)
        for step in steps:
            take(database, [group(number, **more) for number, more in step.items()], take_down_all=True)
            with database.reading() as session:
                shelf = shelves.read(session)
            one, anew = lasting.current(shelf, NONE), Indexes(database, lambda entry: entry).current(shelf, NONE)
            assert said(one) == said(anew)
        database.close()


def said(index: Any) -> Any:
    """All that an index can be asked, with nothing of how it holds it."""
    terms = sorted({*index._terms, *index._place_terms})
    named = {term: (index.with_terms([term]), index.places_with_terms([term])) for term in terms}
    return ({term: held for term, held in named.items() if any(held)}, index.size, index.places,
            bytes(index.columns.ids), index.in_area("97301", None),
            [index.listing_of(place) for place in range(index.places)])


def test_a_request_of_a_moment_ago_gets_the_index_of_its_own_shelf(own: Door) -> None:
    database = own.publisher.database
    lasting = Indexes(database, lambda entry: entry)
    with database.reading() as session:
        old = shelves.read(session)
    change(own, group(20, focus=["grief"]))
    with database.reading() as session:
        new = shelves.read(session)
    latest = lasting.current(new, NONE)
    assert lasting.current(old, NONE).size == len(old.cards) == len(new.cards) - 1
    assert lasting.current(new, NONE) is latest


def test_codes_that_are_supplied_make_another_index(own: Door) -> None:
    lasting = Indexes(own.publisher.database, lambda entry: entry)
    with own.publisher.database.reading() as session:
        shelf = shelves.read(session)
    key = CODES.term("XX-9000")["id"]
    assert lasting.current(shelf, NONE).with_terms([key]) == 0
    assert lasting.current(shelf, CODES).with_terms([key]).bit_count() == 4
    assert lasting.current(shelf, NONE).with_terms([key]) == 0


def test_nobody_waits_for_the_first_index_of_a_large_catalog(own: Door) -> None:
    lasting = Indexes(own.publisher.database, lambda entry: entry, prompt=5)
    with own.publisher.database.reading() as session:
        shelf = shelves.read(session)
    with pytest.raises(Unavailable):
        lasting.current(shelf, NONE)
    making = lasting._making
    assert making is not None
    making.join(30)
    assert lasting.current(shelf, NONE).size == 9


def test_a_door_whose_index_is_being_made_says_when_to_come_back(own: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*given: Any) -> None:
        raise Unavailable("index")

    monkeypatch.setattr(Indexes, "current", busy)
    answer = own.get("/services", taxonomy_term_id=GRIEF)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert own.get("/services").status_code == 200


def test_only_so_many_long_answers_are_sent_at_a_time(own: Door) -> None:
    asked = "/services?format=ndjson&search=river"
    # One after the other there may be any number.
    assert all(len(own.get(asked).data) > 1000 for _ in range(3 * answers.MOST_AT_ONCE))
    held = [answers._Turn() for _ in range(answers.MOST_AT_ONCE)]
    busy = own.get(asked)
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "5")
    assert own.get("/services").status_code == 200
    for one in held:
        one.end()
        one.end()
    assert own.get(asked).status_code == 200


def test_a_long_answer_that_nobody_reads_gives_its_turn_back(own: Door) -> None:
    for _ in range(2 * answers.MOST_AT_ONCE):
        answer = own.publisher.client.head("/hsds/services?format=ndjson&search=river", base_url="https://finder.example")
        assert answer.status_code == 200
        answer.close()
    assert own.get("/services?format=ndjson&search=river").status_code == 200


def test_many_who_ask_at_once_get_the_same(own: Door) -> None:
    paths = [f"/services?taxonomy_term_id={GRIEF}", "/service_at_locations", "/organizations?full=true",
             "/services?full=true", "/services?search=river"]
    expected = {path: own.get(path).text for path in paths}
    fresh = Door(own.publisher)
    fresh.publisher.app = own.publisher.with_settings()
    found: list[tuple[str, str]] = []

    def ask(path: str) -> None:
        client = fresh.publisher.app.test_client()
        found.append((path, client.get(f"/hsds{path}", base_url="https://finder.example").text))

    threads = [threading.Thread(target=ask, args=(path,)) for path in paths * 4]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert all(text == expected[path] for path, text in found)
    assert len(found) == len(threads)


def test_211_codes_are_there_as_long_as_the_file_is(own: Door, caplog: pytest.LogCaptureFixture) -> None:
    folder = own.publisher.folder / "crosswalks"
    folder.mkdir()
    before = own.get("/services").headers["ETag"]
    assert own.ids("taxonomies", search="211") == []
    (folder / "211.csv").write_text(TABLE)
    (taxonomy,) = own.rows("taxonomies", search="211")
    (term,) = own.rows("taxonomy_terms", taxonomy_id=taxonomy["id"])
    assert (term["code"], own.one("taxonomy_terms", term["id"])) == ("XX-1000", term)
    assert own.get("/services", {"If-None-Match": before}).status_code == 200
    for asked in ({"taxonomy_term_id": term["id"]}, {"taxonomy_id": taxonomy["id"]}):
        found = own.rows("services", full=True, **asked)
        assert [row["id"] for row in found] == own.ids("services", taxonomy_term_id=GRIEF)
        assert all(term in [one["taxonomy_term"] for one in row["attributes"]] for row in found)
    (folder / "211.csv").write_text("broken")
    assert own.ids("taxonomies", search="211") == []
    assert own.ids("services", taxonomy_term_id=term["id"]) == []
    assert caplog.text.count("211 codes is left out") == 1
    (folder / "211.csv").unlink()
    assert own.get("/services").status_code == 200


@settings(max_examples=200, deadline=None)
@given(st.sets(st.integers(0, 9000)), st.integers(0, 400), st.integers(0, 400) | st.none())
def test_marks_give_their_rows_in_order(rows: set[int], start: int, count: int | None) -> None:
    held = marks.of(rows, 9001)
    wanted = sorted(rows)[start:None if count is None else start + count]
    assert (list(marks.rows(held, start, count)), held.bit_count()) == (wanted, len(rows))
    assert marks.every(9001) & held == held


def test_ids_of_any_letters_find_their_thing(own: Door) -> None:
    key = own.ids("services")[0]
    assert own.one("services", key.upper())["id"] == key
    assert str(uuid.UUID(key)) == key
    assert NOW == own.publisher.clock.at


def test_the_seed_has_places_enough_to_page_through() -> None:
    assert len(seed()) > 100
