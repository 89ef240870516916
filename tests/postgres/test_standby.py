"""D8: the machine of the primary dies under load, a standby takes its place, and neither a write that was confirmed nor
a person who looks for a group is lost. As the page for operators says it: replication that is waited for, and one
address with both machines."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from finder.cli.intakes import intakes
from finder.db import Database
from finder.errors import Unavailable
from finder.search import synthetic
from finder.search.snapshot import Keeper
from tests.clusters import Cluster
from tests.listings.database import NOW, take
from tests.load.serving import Line, Served
from tests.postgres.test_durability import Writers, kept
from tests.postgres.test_moving import proved

LISTINGS = 300
PATIENCE = 5.0  # seconds; who looks for a group would have gone


def told(server: Cluster, *statements: str) -> list[Any]:
    """Statements to a server, each by itself; gives the values of the last one."""
    engine = create_engine(server.address(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements[:-1]:
            connection.execute(text(statement))
        found = connection.execute(text(statements[-1])).all()
    engine.dispose()
    return [row[0] for row in found]


def both(*servers: Cluster) -> str:
    """One address of several servers, of which the one that takes writes is found."""
    hosts, ports = (",".join(str(one) for one in some) for some in zip(*((s.folder, s.port) for s in servers),
                                                                       strict=True))
    return f"postgresql://finder@/postgres?host={hosts}&port={ports}&target_session_attrs=read-write"


@contextmanager
def standing_by(primary: Cluster, folder: Path) -> Iterator[Cluster]:
    """A standby of a server; from now on a write is confirmed when it is on the disk of both."""
    base = folder / "base"
    primary.run("pg_basebackup", "--pgdata", base, "--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf")
    second = Cluster(lasting=True, data=base)
    try:
        second.start()
        told(primary, "ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)'", "SELECT pg_reload_conf()")
        for _ in range(600):
            if told(primary, "SELECT sync_state FROM pg_stat_replication") == ["quorum"]:
                break
            time.sleep(0.05)
        else:
            raise AssertionError("nobody stands by")
        yield second
    finally:
        second.remove()


@contextmanager
def paired(folder: Path) -> Iterator[tuple[Cluster, Cluster, Database]]:
    """A primary, a standby of it, and the database with its tables."""
    primary = Cluster(lasting=True)
    try:
        primary.start()
        database = Database(primary.address())
        database.upgrade()
        with standing_by(primary, folder) as second:
            yield primary, second, database
        database.close()
    finally:
        primary.remove()


class Seekers:
    """Some who ask for matches all the time."""

    def __init__(self, port: int, many: int = 2) -> None:
        self.over, self.took, self.wrong = threading.Event(), list[float](), list[object]()
        self._bodies = [orjson.dumps(one) for one in intakes(50)]
        self._threads = [threading.Thread(target=self._ask, args=(port,)) for _ in range(many)]
        for one in self._threads:
            one.start()

    def _ask(self, port: int) -> None:
        line, turn = Line(port), 0
        while not self.over.is_set():
            begun, turn = time.monotonic(), turn + 1
            try:
                status, _, _ = line.ask("POST", "/api/v1/match", self._bodies[turn % 50],
                                        Content_Type="application/json")
            except OSError as broken:
                self.wrong.append(broken)
                return
            self.took.append(time.monotonic() - begun)
            if status != 200:
                self.wrong.append(status)
            time.sleep(0.01)
        line.close()

    def end(self) -> None:
        self.over.set()
        for one in self._threads:
            one.join()


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder where a server's own user may write."""
    made = Path("/tmp") / f"standby-{tmp_path_factory.mktemp('base').name}-{time.monotonic_ns()}"
    made.mkdir(mode=0o777)
    made.chmod(0o777)
    yield made
    shutil.rmtree(made)


def enough(writers: Writers, more: int) -> None:
    """Waits until so many more writes were confirmed."""
    before = sum(writers.confirmed)
    for _ in range(6000):
        if sum(writers.confirmed) >= before + more:
            return
        time.sleep(0.01)
    raise AssertionError(f"only {sum(writers.confirmed) - before} of {more} writes: {writers.wrong}")


@pytest.mark.turns(3)
@pytest.mark.parametrize("load", [20, pytest.param(400, marks=pytest.mark.soak)])
def test_D8_a_primary_that_is_killed_under_load_loses_nothing_and_keeps_nobody_waiting(
        load: int, folder: Path, tmp_path: Path, record_property: Any) -> None:
    primary = Cluster(lasting=True)
    try:
        primary.start()
        database = Database(primary.address())
        database.upgrade()
        take(database, list(synthetic.documents(LISTINGS)))
        database.close()
        with standing_by(primary, folder) as second:
            site = Served(tmp_path, FINDER_DATABASE_URL=both(primary, second), FINDER_WORKERS="1")
            site.start()
            site.ready()
            writers, seekers = Writers(both(primary, second)), Seekers(site.port)
            try:
                enough(writers, load)
                primary.kill()
                confirmed = list(writers.confirmed)
                time.sleep(2)  # nobody takes writes
                asked = len(seekers.took)
                time.sleep(1)
                assert len(seekers.took) > asked, "matches are found meanwhile"
                second.run("pg_ctl", "promote", "-D", second.data, "-w")
                promoted = time.monotonic()
                enough(writers, 1)
                again = time.monotonic()
                enough(writers, load)
                time.sleep(1)
            finally:
                seekers.end()
                writers.end()
                site.stop()
            back = Database(second.address())
            assert (seekers.wrong, writers.wrong) == ([], [])
            assert max(seekers.took) < PATIENCE
            for who, last in enumerate(confirmed):
                assert kept(back, who, last) == last
            for who, last in enumerate(writers.confirmed):
                assert kept(back, who, last) == last
            proved(back)
            back.close()
        record_property("figure", f"{sum(confirmed):,} writes confirmed before and {sum(writers.confirmed):,} in all, "
                                  f"0 lost; {len(seekers.took):,} matches, the slowest {max(seekers.took):.2f} s; "
                                  f"writes went on {again - promoted:.2f} s after the promotion")
    finally:
        primary.remove()


def test_a_snapshot_is_read_from_a_standby_that_has_what_was_committed_and_else_from_the_primary(folder: Path) -> None:
    with paired(folder) as (primary, second, database):
        replica = Watched(second.address())
        take(database, list(synthetic.documents(5)))
        assert Keeper(database, lambda: NOW, replica=replica).current().size == 5
        assert replica.asked
        told(second, "SELECT pg_wal_replay_pause()")
        take(database, list(synthetic.documents(3)), source="Another feed")
        late = Keeper(database, lambda: NOW, replica=replica)
        assert late.current().size == 8, "the standby does not have it yet"
        told(second, "SELECT pg_wal_replay_resume()")
        second.stop()
        told(primary, "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
        assert Keeper(database, lambda: NOW, replica=replica).current().size == 8, "there is none any more"
        replica.close()


class Watched(Database):
    """Tells whether anything was read from it."""

    asked = False

    @contextmanager
    def reading(self, *, long: bool = False) -> Iterator[Session]:
        self.asked = True
        with super().reading(long=long) as session:
            yield session


def test_a_server_that_stands_by_tells_that_it_takes_no_writes(folder: Path) -> None:
    with paired(folder) as (_, second, database):
        take(database, list(synthetic.documents(5)))
        there = Database(second.address())
        assert not there.can_write()
        with pytest.raises(Unavailable) as why:
            take(there, list(synthetic.documents(6)))
        assert why.value.code == "read_only"
        there.close()
