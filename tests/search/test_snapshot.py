import gc
import random
import threading
from datetime import timedelta

import pytest
from sqlalchemy import event

from finder.db import Database
from finder.errors import Unavailable
from finder.places.gazetteer import load as load_gazetteer
from finder.search import find, snapshot
from finder.search.snapshot import MOST_CHANGES, Keeper, from_documents
from finder.search.synthetic import documents
from finder.vocabulary import vocabulary
from tests import databases
from tests.listings.database import NOW, make_database, take

INTAKE = {"format": "finder-intake/1", "needs": ["anxiety", "depression"], "stated_level": 2, "age": 40,
          "near": {"text": "Philadelphia, PA"}, "radius_miles": 30, "times": ["evening"], "languages": ["en"]}


def listing(number, **more):
    return {"format": "finder-listing/1", "id": f"g{number}", "name": f"Group {number}", "group_type": "peer_support",
            **more}


@pytest.fixture
def database(tmp_path):
    return make_database(tmp_path)


@pytest.fixture
def keeper(database):
    return Keeper(database, lambda: NOW)


def match(held, intake=INTAKE, **how):
    return find.match(intake, snapshot=held, gazetteer=load_gazetteer(), vocabulary=vocabulary(), now=NOW, **how)


def names(held):
    found = match(held, {"format": "finder-intake/1"}, per_page=None)
    return sorted(one["listing"]["name"] for one in found["matches"])


def test_a_change_is_in_the_next_snapshot(database, keeper):
    take(database, [listing(1), listing(2)])
    assert names(keeper.current()) == ["Group 1", "Group 2"]
    take(database, [listing(1, name="Renamed"), listing(2), listing(3)])
    assert names(keeper.current()) == ["Group 2", "Group 3", "Renamed"]
    take(database, [listing(1, name="Renamed"), listing(2)])
    assert names(keeper.current()) == ["Group 2", "Renamed"]


def test_nothing_changed_gives_the_same_snapshot_for_one_statement(database, keeper):
    take(database, [listing(1)])
    first = keeper.current()
    statements = []
    event.listen(database.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    assert keeper.current() is first
    assert statements == []  # the version is asked on the bare connection, and nothing else is


def test_paused_listings_are_counted_and_never_among_the_results(database, keeper):
    take(database, [listing(1, status="paused"), listing(2)])
    found = match(keeper.current(), {"format": "finder-intake/1"})
    assert (found["total"], found["hidden"]) == (1, [{"reason": "program_closed", "count": 1}])
    key = next(name.id for part in keeper.current().parts for name in part.columns.names if "group-1" in name.slug)
    assert find.program(key, snapshot=keeper.current(), now=NOW)["status"] == "paused"


@pytest.mark.parametrize("seed", range(6))
def test_base_and_changes_answer_like_one_fresh_picture(database, keeper, seed):
    chance = random.Random(seed)
    held = list(documents(120, seed))
    take(database, held)
    match(keeper.current())
    for turn in range(5):
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(held))
            held[at] = {**next(documents(1, chance.randrange(10**6))), "id": held[at]["id"]}
        if chance.random() < 0.5:
            held.pop(chance.randrange(len(held)))
            held.append({**next(documents(1, chance.randrange(10**6))), "id": f"new-{turn}"})
        take(database, held)
        live, fresh = match(keeper.current(), per_page=None), match(snapshot.read(database, NOW.date()), per_page=None)
        live_hidden = match(keeper.current(), hidden_ids=True)["hidden"]
        assert len(keeper.current().parts) == 2
        assert live == fresh
        assert live_hidden == match(snapshot.read(database, NOW.date()), hidden_ids=True)["hidden"]


def test_many_changes_make_a_new_base(database, keeper):
    take(database, [listing(number) for number in range(MOST_CHANGES + 100)])
    keeper.current()
    take(database, [listing(number, description="New.") for number in range(MOST_CHANGES + 100)])
    assert len(keeper.current().parts) == 1
    assert keeper.current().size == MOST_CHANGES + 100


def test_a_new_day_is_a_new_picture(database):
    take(database, [listing(1, sessions=[{"format": "online_video", "repeats": "FREQ=DAILY", "start_time": "10:00",
                                          "timezone": "UTC", "valid_until": "2026-11-24"}])])
    clock = [NOW]
    keeper = Keeper(database, lambda: clock[0])
    assert names(keeper.current()) == ["Group 1"]
    clock[0] = NOW + timedelta(days=1)
    assert keeper.current().today == clock[0].date()
    found = find.match({"format": "finder-intake/1"}, snapshot=keeper.current(), gazetteer=load_gazetteer(),
                       vocabulary=vocabulary(), now=clock[0])
    assert found["hidden"] == [{"reason": "program_closed", "count": 1}]


def test_a_large_catalog_is_rebuilt_aside_and_served_meanwhile(database, monkeypatch):
    monkeypatch.setattr(snapshot, "PROMPT_SIZE", 0)
    monkeypatch.setattr(snapshot, "MOST_CHANGES", 1)
    take(database, [listing(1), listing(2), listing(3)])
    keeper = Keeper(database, lambda: NOW)
    before = keeper.current()
    take(database, [listing(1, name="A"), listing(2, name="B"), listing(3, name="C")])
    assert keeper.current().version in (before.version, before.version + 1)
    _join_daemons()
    assert names(keeper.current()) == ["A", "B", "C"]


def _join_daemons():
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.daemon:
            thread.join(5)


def test_V4_a_small_catalog_that_became_large_is_read_aside(database, monkeypatch):
    monkeypatch.setattr(snapshot, "PROMPT_SIZE", 5)
    monkeypatch.setattr(snapshot, "MOST_CHANGES", 1)
    take(database, [listing(1)])
    keeper = Keeper(database, lambda: NOW)
    first = keeper.current()
    take(database, [listing(number) for number in range(1, 4)])
    assert keeper.current().size == 3  # at once: it is soon done
    take(database, [listing(number) for number in range(1, 9)])
    second = keeper.current()
    assert second.size in (3, 8)
    _join_daemons()
    assert (first.size, keeper.current().size) == (1, 8)


def test_a_server_keeps_its_listings_out_of_the_garbage_collectors_rounds(database, keeper):
    take(database, [listing(1)])
    keeper.settles = True
    try:
        held = keeper.current()
        assert gc.get_freeze_count() > 0
        assert not any(one is held.parts[0].columns.names for one in gc.get_objects())
        take(database, [listing(1), listing(2)])
        assert names(keeper.current()) == ["Group 1", "Group 2"]
    finally:
        gc.unfreeze()


def test_a_database_without_tables_is_unavailable(tmp_path):
    keeper = Keeper(Database(databases.address(tmp_path / "empty.db")), lambda: NOW)
    with pytest.raises(Unavailable):
        keeper.current()


def test_the_demonstration_is_known_until_it_is_replaced(database, keeper):
    take(database, [listing(1)], source="demonstration", demonstration=True)
    assert keeper.current().demo
    take(database, [listing(2)], source="A feed")
    assert not keeper.current().demo


def test_P9_hidden_places_keep_their_street_and_point_to_themselves():
    place = {"name": "Safe House", "address_1": "1 Secret Street", "city": "Philadelphia", "state": "PA",
             "latitude": 39.95, "longitude": -75.16, "hidden": True}
    held = from_documents([listing(1, sessions=[{"format": "in_person", "location": place}])], NOW.date())
    found = match(held, documents=True)["matches"][0]
    assert found["distance_miles"] is not None
    assert found["document"]["sessions"][0]["location"] == {"city": "Philadelphia", "state": "PA", "hidden": True}
    assert "address_after_contact" in [one["code"] for one in found["check_first"]]
    assert "Secret" not in str(find.program("g1", snapshot=held, now=NOW))
    assert find.browse({"text": "secret"}, snapshot=held, gazetteer=load_gazetteer(), vocabulary=vocabulary(),
                       now=NOW)["total"] == 0


class Silent(Database):
    """A database that can be made to give no answer."""

    silent = False
    asked = 0

    def catalog_version(self):
        self.asked += 1
        if self.silent:
            raise Unavailable("database")
        return super().catalog_version()


def test_while_the_database_gives_no_answer_people_find_what_was_there_and_it_is_asked_now_and_then(tmp_path,
                                                                                                   monkeypatch):
    silent = Silent(databases.with_tables(tmp_path / "finder.db"))
    keeper = Keeper(silent, lambda: NOW)
    silent.silent = True
    with pytest.raises(Unavailable):
        keeper.current()  # there is nothing yet
    silent.silent = False
    take(silent, [listing(1)])
    held = keeper.current()
    silent.silent, silent.asked = True, 0
    assert [keeper.current() for _ in range(20)] == [held] * 20
    assert silent.asked == 1
    take(silent, [listing(1), listing(2)])
    silent.silent = False
    monkeypatch.setattr(snapshot, "ASK_AGAIN_SECONDS", 0)
    assert keeper.current().size == 2
    silent.close()


def test_while_one_asks_a_silent_database_nobody_else_waits(tmp_path, monkeypatch):
    silent = Silent(databases.with_tables(tmp_path / "finder.db"))
    keeper = Keeper(silent, lambda: NOW)
    held = keeper.current()
    silent.silent = True
    assert keeper.current() is held
    monkeypatch.setattr(snapshot, "ASK_AGAIN_SECONDS", 0)
    with keeper._asking:  # somebody waits for an answer
        silent.asked = 0
        assert keeper.current() is held
        assert silent.asked == 0
    silent.close()
