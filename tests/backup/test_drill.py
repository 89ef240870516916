"""The restore drill: backups made under writers, put back elsewhere, and compared table by table."""

from __future__ import annotations

import itertools
import os
import random
import signal
import stat
from contextlib import ExitStack

import pytest

from finder.backup import making, restoring
from finder.db import Database
from finder.errors import Conflict, Unavailable
from tests.backup import making as samples
from tests.backup.forked import alone, at_once
from tests.backup.making import NOW, SOFTWARE, bear, borne, made, programs, whole


class Writers:
    """Processes that change listings without end, each telling through a pipe what was acknowledged."""

    def __init__(self, path, many, pause=0.0):
        self.path, self.many = path, many
        self.read, self.write = os.pipe()
        os.set_blocking(self.read, False)
        self.acknowledged, self._rest = [], b""

    def __enter__(self):
        self.children = [self._start(number) for number in range(self.many)]
        return self

    def _start(self, number):
        child = os.fork()
        if child:
            return child
        try:
            chosen = itertools.cycle(programs(self.path)[number::self.many])
            for count in itertools.count():
                text = f"w{number}-{count}"
                bear(self.path, next(chosen), text)
                os.write(self.write, f"{text}\n".encode())
        finally:
            os._exit(1)

    def listen(self):
        while True:
            try:
                piece = os.read(self.read, 65536)
            except BlockingIOError:
                break
            *lines, self._rest = (self._rest + piece).split(b"\n")
            self.acknowledged += [one.decode() for one in lines]
        return list(self.acknowledged)

    def __exit__(self, *_):
        for child in self.children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        self.listen()
        os.close(self.read)
        os.close(self.write)


@pytest.mark.parametrize(("writers", "rounds"), [(4, 4), pytest.param(8, 60, marks=pytest.mark.soak)])
def test_D3_a_backup_under_writers_is_one_moment_and_holds_all_that_was_acknowledged_before(tmp_path, writers, rounds,
                                                                                            record_property):
    path = made(tmp_path / "instance", 40)
    chance = random.Random(11)
    with Writers(path, writers) as at_work:
        while len(at_work.listen()) < 20:
            pass
        for number in range(rounds):
            before = at_work.listen()
            done = making.make(path, tmp_path / "backups", now=NOW, software=SOFTWARE)
            elsewhere = tmp_path / f"elsewhere{number}" / "finder.db"
            restored = restoring.restore(done.path, elsewhere, instance=elsewhere.parent, now=NOW)
            assert restored.aside is None
            found = borne(elsewhere)
            assert set(before) <= set(found), "an acknowledged change is missing"
            after = at_work.listen()
            assert restoring.verify(done.path) == done.manifest
            if chance.random() < 0.5:
                assert len(after) > len(before), "writers stood still while a backup was made"
    assert set(at_work.acknowledged) <= set(borne(path))
    written = len(at_work.acknowledged)
    record_property("figure", f"{rounds} backups under {writers} writers, {written:,} acknowledged writes")


def test_D3_every_table_comes_back_as_it_was_and_only_the_catalog_leaps(tmp_path):
    path = made(tmp_path / "instance")
    bear(path, programs(path)[0], "a change")
    with samples.open_by_hand(path) as plain:
        plain.execute("PRAGMA user_version = 1")  # a sweep that is owed
    before = whole(path)
    done = making.make(path, tmp_path / "backups", now=NOW, software=SOFTWARE)
    assert done.manifest.contents == before
    elsewhere = tmp_path / "elsewhere" / "finder.db"
    restoring.restore(done.path, elsewhere, instance=elsewhere.parent, now=NOW)
    after = whole(elsewhere)
    differing = {name for name in before.tables if before.tables[name] != after.tables[name]}
    assert differing == {"catalog_state"}
    with samples.open_by_hand(elsewhere) as plain:
        assert plain.execute("PRAGMA user_version").fetchone() == (1,)
    old, new = Database(f"sqlite:///{path}"), Database(f"sqlite:///{elsewhere}")
    assert new.catalog_version() == old.catalog_version() + restoring.LEAP
    old.close()
    new.close()


def test_D3_the_files_of_backups_and_databases_are_for_their_owner_only(tmp_path):
    path = made(tmp_path / "instance")
    done = making.make(path, tmp_path / "backups", now=NOW, software=SOFTWARE)
    elsewhere = tmp_path / "elsewhere" / "finder.db"
    restoring.restore(done.path, elsewhere, instance=elsewhere.parent, now=NOW)
    assert [stat.S_IMODE(one.stat().st_mode) for one in (done.path, elsewhere)] == [0o600, 0o600]
    assert sorted(one.name for one in (tmp_path / "backups").iterdir()) == [
        ".finder-backups", "finder-2026-11-27T043000Z.backup"]


def test_D3_two_backups_at_once_do_not_meet(tmp_path):
    path = made(tmp_path / "instance", 200)
    refused = []

    def make():
        try:
            making.make(path, tmp_path / "backups", now=NOW, software=SOFTWARE)
        except Unavailable as wrong:
            refused.append(wrong.code)
            assert refused == ["busy"]

    assert at_once([make] * 4) == [0] * 4
    for one in (tmp_path / "backups").glob("*.backup"):
        restoring.verify(one)


def test_D4_a_damaged_database_makes_no_backup_and_pushes_none_out(tmp_path):
    path = made(tmp_path / "instance", 60)
    done = making.make(path, tmp_path / "backups", now=NOW, software=SOFTWARE)
    with path.open("r+b") as file:
        for page in range(5, 60):
            file.seek(page * 4096 + 8)
            file.write(b"\xff" * 64)
    with pytest.raises(Unavailable) as told:
        making.make(path, tmp_path / "backups", now=NOW, software=SOFTWARE)
    assert told.value.code == "database_damaged"
    assert list((tmp_path / "backups").glob("*.backup")) == [done.path]
    restored = restoring.restore(done.path, path, instance=path.parent, now=NOW)
    assert restored.aside is not None
    assert whole(path).tables["program"] == done.manifest.contents.tables["program"]


def test_D5_the_old_database_is_set_aside_whole_and_each_time_anew(tmp_path):
    path = made(tmp_path / "instance")
    done = making.make(path, tmp_path / "backups", now=NOW, software=SOFTWARE)
    bear(path, programs(path)[0], "made after the backup")
    before = whole(path)
    first = restoring.restore(done.path, path, instance=path.parent, now=NOW)
    second = restoring.restore(done.path, path, instance=path.parent, now=NOW)
    assert first.aside != second.aside
    assert whole(first.aside) == before
    assert "made after the backup" in borne(first.aside)
    assert "made after the backup" not in borne(path)


def test_D5_a_restore_is_refused_while_the_site_or_anything_else_has_the_database_open(tmp_path):
    path = made(tmp_path / "instance")
    done = making.make(path, tmp_path / "backups", now=NOW, software=SOFTWARE)
    before = whole(path)
    site = Database(f"sqlite:///{path}")
    site.catalog_version()
    with ExitStack() as others:
        for open_one in (lambda: None, lambda: others.enter_context(samples.open_by_hand(path))):
            open_one()
            with pytest.raises(Conflict) as told:
                restoring.restore(done.path, path, instance=path.parent, now=NOW)
            assert told.value.code == "running"
            site.close()  # and now only the other one has it open
    assert whole(path) == before
    assert not (path.parent / "restored").exists()
    restoring.restore(done.path, path, instance=path.parent, now=NOW)


def test_D5_a_backup_of_a_newer_program_is_refused_and_an_older_one_is_brought_up(tmp_path):
    older = tmp_path / "older" / "finder.db"
    older.parent.mkdir()
    database = Database(f"sqlite:///{older}")
    database.upgrade("0003")
    database.close()
    done = making.make(older, tmp_path / "backups", now=NOW, software=SOFTWARE)
    assert done.manifest.contents.revision == "0003"
    path = tmp_path / "instance" / "finder.db"
    restoring.restore(done.path, path, instance=path.parent, now=NOW)
    database = Database(f"sqlite:///{path}")
    assert database.is_current()
    database.close()
    with samples.open_by_hand(older) as plain:
        plain.execute("UPDATE alembic_version SET version_num = '9999'")
        plain.commit()
    newer = making.make(older, tmp_path / "backups", now=NOW, software=SOFTWARE)
    before = whole(path)
    with pytest.raises(Conflict) as told:
        restoring.restore(newer.path, path, instance=path.parent, now=NOW)
    assert told.value.code == "newer_schema"
    assert whole(path) == before


@pytest.mark.parametrize("kills", [12, pytest.param(150, marks=pytest.mark.soak)])
def test_D4_a_backup_that_is_killed_leaves_the_older_ones_and_no_half_one(tmp_path, kills):
    path, folder = made(tmp_path / "instance", 60), tmp_path / "backups"
    first = making.make(path, folder, now=NOW, software=SOFTWARE)
    deed = lambda: making.make(path, folder, now=NOW, software=SOFTWARE)  # noqa: E731 - the same for each kill
    ends = samples.killed_all_along(deed, kills)
    assert -signal.SIGKILL in ends
    for one in folder.glob("*.backup"):
        assert restoring.verify(one).contents == first.manifest.contents
    assert whole(path) == first.manifest.contents
    assert alone(deed) == 0
    assert list(folder.glob(".finder-draft-*")) == []


@pytest.mark.turns(2)
@pytest.mark.parametrize("kills", [12, pytest.param(150, marks=pytest.mark.soak)])
def test_D5_a_restore_that_is_killed_leaves_the_old_or_the_new_database_and_the_next_one_works(tmp_path, kills):
    path = made(tmp_path / "instance", 60)
    done = making.make(path, tmp_path / "backups", now=NOW, software=SOFTWARE)
    bear(path, programs(path)[0], "made after the backup")
    old = whole(path)
    kept = path.read_bytes()
    new = None

    def put_back():
        restoring.restore(done.path, path, instance=path.parent, now=NOW)

    assert alone(put_back) == 0
    new = whole(path)

    def again():
        for one in path.parent.iterdir():
            if one.is_file():
                one.unlink()
        path.write_bytes(kept)

    def look(end):
        assert whole(path) in (old, new)
        asides = list(path.parent.glob("finder.db.before-*"))
        assert all(whole(one) == old for one in asides if one.suffix not in (".wal", ".shm"))
        if whole(path) == new:
            assert asides
            assert (path.parent / "restored").exists(), "new, and not quiet"
        assert alone(put_back) == 0
        assert whole(path) == new
        assert list(path.parent.glob(".finder-restoring-*")) == []

    ends = samples.killed_all_along(put_back, kills, before=again, after=look)
    assert -signal.SIGKILL in ends
