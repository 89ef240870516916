import os
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import text

from finder.catalog import bulk, queries
from finder.errors import Unavailable
from finder.matching.builder import build
from finder.search import indexes, snapshot
from finder.search import text as text_index
from finder.search.snapshot import READY_ZONES, Keeper
from finder.search.synthetic import documents
from finder.sharing import making, sections, shared
from finder.sharing.shared import Shared
from tests.listings.database import NOW, make_database, take
from tests.matching import generate
from tests.matching.comparing import differences
from tests.search.test_snapshot import listing, match, names

TODAY = NOW.date()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(shared, "FROM", 1)
    return tmp_path


@pytest.fixture
def database(folder):
    return make_database(folder)


class Here(Shared):
    """Makes the file in this process: to start one of its own takes longer than most tests."""

    def make(self, today, zones, tags, *, aside):
        making.make(self.database.url, self.folder, today, zones, tags, hands=1)
        return True


def keep(database, folder, now=NOW, kind=Here):
    return Keeper(database, lambda: now, shared=kind(folder, database))


def made(database, folder):
    """The file, and the number its disk knows it by."""
    keep(database, folder).current()
    return (folder / making.NAME).stat().st_ino


def picture(database, folder, today=TODAY):
    return Shared(folder, database).picture(today, None, {})


def damage(path, at):
    with path.open("r+b") as file:
        file.seek(at, os.SEEK_END if at < 0 else os.SEEK_SET)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 64]))


def place_of(path, name):
    """Where an array stands in the file."""
    with path.open("rb") as file:
        return sections._contents(file.fileno())["arrays"][name][2]


# -- the same listings and the same answers ----------------------------------------------------------------------------


@pytest.mark.parametrize(("seed", "hands"), [(0, 1), (1, 1), (2, 1), (3, 2)])
def test_the_file_answers_as_the_reference_does(database, folder, seed, hands):
    pool = generate.pool(seed, 60)
    take(database, pool.listings)
    if hands == 1:
        making.make(database.url, folder, pool.today, READY_ZONES, {}, hands)
    else:
        assert Shared(folder, database).make(pool.today, READY_ZONES, {}, aside=True)
    columns = picture(database, folder, pool.today).columns
    columns = replace(columns, names=[orjson.loads(one)["id"] for one in columns.documents])
    assert sorted(columns.names) == sorted(one["id"] for one in pool.listings)
    found = {number: unlike for number in range(25)
             if (unlike := differences(pool, columns, generate.need(seed * 1000 + number, pool)))}
    assert found == {}


@pytest.mark.parametrize("seed", range(3))
def test_texts_written_in_bulk_are_the_canonical_documents(database, seed):
    source = {"name": "Register", "url": "https://example.org/x", "license": "CC0", "retrieved": "2026-11-01"}
    odd = listing(0, description='She said "no"\n\\ \t \u2028 Ñandú 👍', source=source, x={"a": [1, {"b": None}]},
                  organization={"name": "O’Neill & Söhne", "email": "a@example.org"}, starts_on="2026-12-01",
                  sessions=[{"format": "hybrid", "repeats": "FREQ=WEEKLY;BYDAY=MO", "start_time": "10:00",
                             "timezone": "America/Chicago", "valid_from": "2026-01-05", "except_dates": ["2026-12-07"],
                             "location": {"city": "X", "state": "IL", "latitude": 41.0, "longitude": -0.00001,
                                          "hidden": True}, "join_url": "https://example.org/j"},
                            {"format": "self_paced", "anytime": True}],
                  verified={"on": "2026-10-01", "method": "phone", "field_dates": {"cost": "2026-09-01"}})
    take(database, [odd, *generate.pool(seed, 120).listings, *documents(80, seed)])
    with database.reading() as session:
        expected = {one.id.hex: one.document for one in queries.published(session)}
        found = {name.replace("-", ""): orjson.loads(text) for ids, texts in bulk.documents(session)
                 for name, text in zip(ids, texts, strict=True)}
    assert found == expected
    assert len(found) == 201


def test_sessions_keep_their_order_whatever_order_their_rows_have(database, folder):
    sessions = [{"format": "online_video", "start_time": f"1{number}:00", "timezone": "UTC",
                 "repeats": "FREQ=WEEKLY;BYDAY=MO"} for number in range(4)]
    take(database, [listing(1, sessions=sessions)])
    with database.transaction() as session:
        session.execute(text("UPDATE session SET position = 3 - position"))
    columns = picture_of(database, folder)
    assert [one["start_time"] for one in orjson.loads(columns.documents[0])["sessions"]] == [
        "13:00", "12:00", "11:00", "10:00"]
    assert [rule.start_time for rule, _ in (columns.schedules[at] for at in columns.waysets.schedule)] == [
        "13:00", "12:00", "11:00", "10:00"]


def picture_of(database, folder):
    made(database, folder)
    return picture(database, folder).columns


def test_mapped_columns_are_those_of_documents(database, folder):
    take(database, [*documents(150)])
    columns = picture_of(database, folder)
    plain = build([orjson.loads(one) for one in columns.documents], TODAY)
    assert (columns.size, columns.grid_size) == (plain.size, plain.grid_size)
    assert sorted(columns.tiebreak.tolist()) == sorted(plain.tiebreak.tolist())
    expected = {replace(rule, duration_minutes=None): starts  # of equal times, which length stands there is chance
                for (rule, _), starts in zip(plain.schedules, plain.starts, strict=True)}
    assert {rule: starts for (rule, _), starts in zip(columns.schedules, columns.starts, strict=True)} == expected


def test_listings_are_found_by_id_and_by_address_and_nothing_else(database, folder):
    take(database, [listing(number) for number in range(40)])
    held = keep(database, folder).current()
    for part in held.parts:
        for name in part.columns.names:
            assert held.find(name.id) == held.find(name.slug)
            assert held.find(name.id)[0] == name
            assert held.find(name.id.upper().replace("-", "")) is None
    assert held.find("no-such-group") is None
    assert held.find("\udcff") is None


# -- one file for all ------------------------------------------------------------------------------------------------


def test_a_second_worker_maps_what_the_first_one_made(database, folder):
    take(database, [listing(1), listing(2)])
    number = made(database, folder)
    second = keep(database, folder)
    assert names(second.current()) == ["Group 1", "Group 2"]
    assert (folder / making.NAME).stat().st_ino == number


def test_changes_stand_beside_the_file_and_it_stays_as_it_is(database, folder):
    take(database, [listing(1), listing(2), listing(3)])
    first, number = keep(database, folder), made(database, folder)
    for turn in range(5):
        take(database, [listing(1, name=f"Renamed {turn}"), listing(2), listing(4)])
        assert names(first.current()) == ["Group 2", "Group 4", f"Renamed {turn}"]
        assert names(keep(database, folder).current()) == names(first.current())
        assert match(first.current()) == match(snapshot.read(database, TODAY))
    assert (folder / making.NAME).stat().st_ino == number


def test_when_too_much_has_changed_one_worker_makes_it_anew_and_the_others_take_it(database, folder, monkeypatch):
    monkeypatch.setattr(snapshot, "MOST_BESIDE", 6)
    take(database, [listing(number) for number in range(8)])
    one, other, number = keep(database, folder), keep(database, folder), made(database, folder)
    other.current()
    one.current()
    take(database, [listing(number, name=f"Renamed {number}") for number in range(8)])
    assert names(one.current()) == [f"Renamed {number}" for number in range(8)]
    assert (folder / making.NAME).stat().st_ino != number
    anew = (folder / making.NAME).stat().st_ino
    assert names(other.current()) == names(one.current())
    assert (folder / making.NAME).stat().st_ino == anew


def test_a_new_day_is_a_new_file(database, folder):
    take(database, [listing(1)])
    number = made(database, folder)
    assert picture(database, folder, TODAY + timedelta(days=1)) is None
    assert keep(database, folder, NOW + timedelta(days=1)).current().today == TODAY + timedelta(days=1)
    assert (folder / making.NAME).stat().st_ino != number


def test_the_file_is_its_owners_alone_and_holds_what_is_published_only(database, folder):
    take(database, [listing(1, name="Shown to all")])
    take(database, [listing(2, name="Not for anybody")], source="Another", publish=False)
    made(database, folder)
    file = folder / making.NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"Shown to all" in file.read_bytes()
    assert b"Not for anybody" not in file.read_bytes()


def test_a_small_catalog_makes_no_file(tmp_path):
    database = make_database(tmp_path)
    take(database, [listing(1)])
    assert names(keep(database, tmp_path).current()) == ["Group 1"]
    assert not (tmp_path / making.NAME).exists()


# -- what is not served ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["xyz", "keys", "known", "tiebreak", "wayset", "name/id", "text/start", "pack/0/rows"])
def test_a_damaged_array_is_found_before_anything_is_asked_and_made_anew(database, folder, name):
    take(database, [listing(number, sessions=[{"format": "in_person", "location": {
        "city": "Philadelphia", "state": "PA", "latitude": 39.95, "longitude": -75.16}}]) for number in range(30)])
    number, file = made(database, folder), folder / making.NAME
    damage(file, place_of(file, name))
    assert picture(database, folder) is None
    assert match(keep(database, folder).current()) == match(snapshot.read(database, TODAY))
    assert file.stat().st_ino != number


@pytest.mark.parametrize("what", ["cut", "empty", "head", "contents", "readable by others", "of another kind",
                                  "longer"])
def test_what_is_no_whole_file_of_ours_is_made_anew(database, folder, what):
    take(database, [listing(1), listing(2)])
    made(database, folder)
    file = folder / making.NAME
    if what in ("cut", "empty"):
        os.truncate(file, file.stat().st_size - 9 if what == "cut" else 0)
    elif what in ("head", "contents"):
        damage(file, 20 if what == "head" else -40)
    elif what == "readable by others":
        file.chmod(0o644)
    elif what == "longer":
        with file.open("ab") as more:
            more.write(b"more")
    else:
        file.write_bytes(b"x" * 5_000)
    assert picture(database, folder) is None
    assert names(keep(database, folder).current()) == ["Group 1", "Group 2"]
    assert picture(database, folder) is not None


def test_a_damaged_text_is_not_shown_and_the_file_is_made_anew(database, folder):
    take(database, [listing(1), listing(2)])
    made(database, folder)
    file = folder / making.NAME
    damage(file, 64 + 30)
    keeper = keep(database, folder)
    held = keeper.current()
    with pytest.raises(Unavailable):
        [held.find(name.id) for name in held.parts[0].columns.names]
    assert names(keeper.current()) == ["Group 1", "Group 2"]


@pytest.mark.parametrize("change", [{"made_for": "older"}, {"version": 10**9}, {"database": ["other", 0, 0]},
                                    {"version": -10**6}])
def test_what_was_made_for_something_else_is_made_anew(database, folder, change):
    take(database, [listing(1)])
    made(database, folder)
    held = sections.mapped(folder / making.NAME)
    writer = sections.Writer(folder / making.NEW)
    writer.file.write(held.run)
    writer.ended(len(held.run))
    for name, array in held.arrays.items():
        writer.array(name, array)
    writer.finish({**held.facts, **change}, folder / making.NAME)
    assert picture(database, folder) is None
    assert names(keep(database, folder).current()) == ["Group 1"]


def test_the_file_of_a_database_that_was_put_back_is_not_used(database, folder):
    take(database, [listing(1)])
    made(database, folder)
    other = folder / "other"
    other.mkdir()
    back = make_database(other)
    take(back, [listing(2, name="Of last week")])
    assert names(keep(back, folder).current()) == ["Of last week"]


def test_whoever_is_killed_while_making_it_leaves_the_one_before(database, folder):
    take(database, [listing(1)])
    number = made(database, folder)
    take(database, list(documents(400)), source="More")
    task = {"url": database.url, "folder": str(folder), "today": TODAY.isoformat(), "zones": [], "tags": {},
            "aside": False}
    for delay in (0.3, 0.9):
        with subprocess.Popen([sys.executable, "-m", making.__name__], stdin=subprocess.PIPE) as working:
            working.stdin.write(orjson.dumps(task))
            working.stdin.close()
            time.sleep(delay)
            working.send_signal(signal.SIGKILL)
        left = picture(database, folder)  # that, or where it was done sooner, a whole new one
        assert left.columns.size == (1 if (folder / making.NAME).stat().st_ino == number else 401)
    assert keep(database, folder).current().size == 401


def test_where_no_file_can_be_made_listings_are_read_from_the_database(database, folder, monkeypatch):
    take(database, [listing(1)])
    monkeypatch.setattr(making, "__name__", "finder.no_such_module")
    held = keep(database, folder, kind=Shared).current()
    assert names(held) == ["Group 1"]
    assert not (folder / making.NAME).exists()


def test_whoever_comes_second_waits_for_the_first(database, folder):
    take(database, [listing(1)])
    program = ("import sys, datetime; from pathlib import Path; from finder.db import Database; "
               "from finder.sharing import shared; from finder.search.snapshot import Keeper; shared.FROM = 1; "
               f"now = datetime.datetime.fromisoformat({NOW.isoformat()!r}); "
               f"base, folder = Database({database.url!r}), Path({str(folder)!r}); "
               "held = Keeper(base, lambda: now, shared=shared.Shared(folder, base)).current(); "
               f"print(held.size, (folder / {making.NAME!r}).stat().st_ino)")
    both = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [one.communicate()[0] for one in both]
    assert said[0] == said[1]
    assert said[0].startswith("1 ")


def test_what_was_changed_again_and_again_stands_beside_the_file_once(database, folder, monkeypatch):
    monkeypatch.setattr(snapshot, "MOST_BESIDE", 6)
    take(database, [listing(1), listing(2)])
    keeper, number = keep(database, folder), made(database, folder)
    for turn in range(15):
        take(database, [listing(1, name=f"Renamed {turn}"), listing(2)])
        assert names(keeper.current()) == ["Group 2", f"Renamed {turn}"]
        assert len(keeper.current().parts[1].columns.names) <= 6
    assert (folder / making.NAME).stat().st_ino == number


@pytest.mark.parametrize("words", ["depression", "serenty", '"support group"', "group -grief", "anxiety OR alcohol",
                                   "phila"])
def test_words_are_found_in_the_file_as_in_listings_read_alone(database, folder, words):
    take(database, [listing(number, name=name, focus=[focus], description="We meet. Support group for all.")
                    for number, (name, focus) in enumerate([("Serenity", "depression"), ("Grief Group", "grief"),
                                                            ("Philadelphia Night", "alcohol"), ("Calm", "anxiety")])])
    held = keep(database, folder).current()
    stored = held.parts[0].columns.words["text"][1]
    plain = text_index.index(orjson.loads(one) for one in held.parts[0].columns.documents)
    assert stored.scores(words).tolist() == plain.scores(words).tolist()
    assert stored.scores(words).any()


def test_other_words_of_a_tag_are_a_new_file(database, folder):
    take(database, [listing(1, x={"tags": ["hosts"]}), listing(2)])
    said = {"hosts": ["welcome"]}
    keeper = Keeper(database, lambda: NOW, None, lambda _: said, Here(folder, database))
    for word in ("welcome", "coffee"):
        said = {"hosts": [word]}
        take(database, [listing(1, x={"tags": ["hosts"]}), listing(2, name=f"Group of {word}")])
        held = keeper.current()
        assert (indexes.of_words(held.parts[0], held.tags).scores(word) > 0).sum() >= 1
        assert Shared(folder, database).picture(TODAY, None, said) is not None
