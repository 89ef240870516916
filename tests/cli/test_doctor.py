"""`finder doctor` on instances in good and in bad order."""

import json
import os
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from finder.audit import checking
from finder.backup import keeping
from tests.cli.conftest import listing

pytestmark = pytest.mark.sqlite  # of a file, its mode and its backups; of a server, see tests/postgres


@pytest.fixture
def made(finder):
    assert finder("import", finder.file("a.json", [listing(1)]), "--format", "listing", "--source", "County")[0] == 0
    assert finder("backup")[0] == 0
    (finder.folder / "instance" / "secret").write_text("s" * 48)
    (finder.folder / "instance" / "secret").chmod(0o600)
    return finder


def looked_at(finder):
    code, out, err = finder("doctor", "--json")
    assert err == "", err
    return code, {one["about"]: one for one in json.loads(out)}


def change(finder, *statements):
    with sqlite3.connect(finder.folder / "instance" / "finder.db") as database:
        for statement in statements:
            database.execute(statement)
    database.close()


def test_an_instance_in_good_order_is_told_so(made):
    code, found = looked_at(made)
    assert [one["says"] for one in found.values() if not one["good"]] == []
    assert code == 0
    assert {"secret", "address", "clock", "database", "durability", "disk", "files", "backup", "crisis lines", "queue",
            "letters"} <= set(found)


def test_people_read_a_line_of_each(made):
    code, _, err = made("doctor")
    assert (code, "LOOK" in err) == (0, False)
    assert "good  database: It is whole." in err


def test_without_an_instance_it_says_how_to_make_one(finder):
    code, out, _ = finder("doctor", "--json")
    assert (code, "finder init" in json.loads(out)[0]["says"]) == (1, True)


def without_backups(finder):
    for path in (finder.folder / "instance" / "backups").glob("finder-*"):
        path.unlink()


def with_old_backups(finder):
    folder = finder.folder / "instance" / "backups"
    old = datetime.now(UTC) - keeping.STALE - timedelta(hours=1)
    for path in folder.glob("finder-*"):
        path.rename(folder / keeping.name(old))


BAD = {
    "open to others": ("files", lambda finder: (finder.folder / "instance" / "finder.db").chmod(0o644)),
    "no secret": ("secret", lambda finder: (finder.folder / "instance" / "secret").unlink()),
    "no backup": ("backup", without_backups), "an old backup": ("backup", with_old_backups),
    "a letter that did not go": ("letters", lambda finder: change(
        finder, "INSERT INTO message (kind, address, locale, facts, state, tries, made_at, due_at) VALUES "
                "('entry', 'a@example.org', 'en', '{}', 'waiting', 0, '2020-01-01', '2020-01-01')")),
    "a change of tomorrow": ("clock", lambda finder: change(finder, "UPDATE revision SET at = '2999-01-01 00:00:00'")),
    "a report that waits": ("queue", lambda finder: change(
        finder, "INSERT INTO report (program_id, kind, sent_on, sent_hour) SELECT id, 'time', '2020-01-01', 0 "
                "FROM program LIMIT 1")),
}


@pytest.mark.parametrize("name", BAD)
def test_what_has_to_be_done_is_named_and_nothing_else(made, name):
    about, harm = BAD[name]
    harm(made)
    code, found = looked_at(made)
    assert (code, [one["about"] for one in found.values() if not one["good"]]) == (1, [about])


def test_O1_a_full_disk_is_told(made, monkeypatch):
    usage = type("Usage", (), {"total": 100, "free": 4})
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    assert looked_at(made)[1]["disk"]["says"] == "4% of it is free."
    assert looked_at(made)[0] == 1


def test_a_damaged_database_is_told(made):
    path = made.folder / "instance" / "finder.db"
    change(made, "PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(os.path.getsize(path) // 2)
        file.write(b"\xff" * 40_000)
    code, out, err = made("doctor", "--json")
    assert code == 1
    assert "damaged" in out + err


@pytest.mark.parametrize(("environ", "good"), [
    ({"FINDER_BASE_URL": "https://finder.example"}, True), ({"FINDER_BASE_URL": "http://finder.example"}, False),
    ({"FINDER_HOST": "0.0.0.0"}, False), ({}, True)])
def test_whether_others_may_read_along_is_told(made, environ, good):
    made.environ = {**made.environ, **environ}
    assert looked_at(made)[1]["address"]["good"] is good


def test_O5_what_is_out_of_the_ordinary_is_told_with_an_exit_code(made, monkeypatch):
    code, found = looked_at(made)
    assert (code, found["alarms"]["good"]) == (0, True)
    checking._keep(made.folder / "instance", checking.Seen(datetime.now(UTC), 7))
    code, found = looked_at(made)
    assert code == 1
    assert "broken at entry 7" in found["alarms"]["says"]


def test_O5_Y2_crisis_lines_that_nobody_reviewed_are_told(made, monkeypatch):
    monkeypatch.setattr("finder.crisis.REVIEWED", "0" * 64)
    code, found = looked_at(made)
    assert (code, found["crisis lines"]["good"]) == (1, False)
