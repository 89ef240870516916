"""D8: what an operator of a server does with its own tools, as the page for operators says it, and a server killed."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from finder.backup import moving
from finder.db import Database, condition
from finder.errors import Unavailable
from finder.search import synthetic
from tests.audit.chains import extend
from tests.clusters import Cluster
from tests.listings.database import take
from tests.postgres.conftest import Make, new_database
from tests.postgres.test_moving import proved

WRITERS = 8
KILLS = 20  # TRUST D8


def all_of(database: Database) -> dict[str, Any]:
    """Rows and checksums of every table."""
    with database.engine.connect() as connection:
        return {table.name: moving.contents.table_of(moving._rows(connection, table, table.columns.keys()))
                for table in moving._tables(connection)}


def test_D8_a_dump_put_back_into_an_empty_database_is_what_it_was(cluster: Cluster, database: Database, make: Make,
                                                                 record_property: Any) -> None:
    take(database, list(synthetic.documents(50)))
    with database.transaction() as session:
        extend(session.connection(), 12)
    before, dump, began = all_of(database), cluster.folder / "finder.dump", time.monotonic()
    cluster.run("pg_dump", "--format=custom", f"--file={dump}", database.engine.url.database)
    other = make(new_database(cluster))
    cluster.run("pg_restore", "--exit-on-error", f"--dbname={other.engine.url.database}", dump)
    assert all_of(other) == before
    assert proved(other) == 12
    assert other.is_current()
    take(other, list(synthetic.documents(3)), source="Another feed")
    with pytest.raises(Exception, match="only added to"), other.transaction() as session:
        session.execute(text("TRUNCATE audit_entry"))
    record_property("figure", f"{sum(one.rows for one in before.values())} rows in {time.monotonic() - began:.1f} s")


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder where a server's own user may write."""
    made = Path("/tmp") / tmp_path_factory.mktemp("archive").name
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(mode=0o777)
    made.chmod(0o777)
    yield made
    shutil.rmtree(made)


def test_D8_a_server_is_put_back_to_the_moment_before_a_mistake(folder: Path, record_property: Any) -> None:
    archive = (f"archive_command = 'test ! -f {folder}/%f && cp %p {folder}/%f'", "archive_mode = on",
               "wal_level = replica")
    first, base = Cluster(lasting=True, settings=archive), folder / "base"
    second: Cluster | None = None
    try:
        first.start()
        database = Database(first.address())
        database.upgrade()
        take(database, list(synthetic.documents(10)))
        first.run("pg_basebackup", "--pgdata", base, "--checkpoint=fast", "--wal-method=none")
        first.run("pg_verifybackup", "--no-parse-wal", base)
        take(database, list(synthetic.documents(20)), source="After the copy")
        with database.transaction() as session:
            extend(session.connection(), 5)
        good = all_of(database)
        with database.reading() as session:
            moment = session.execute(text("SELECT clock_timestamp()::text")).scalar()
        time.sleep(0.05)
        with database.transaction() as session:
            session.execute(text("DELETE FROM session"))  # the mistake
        with database.engine.begin() as connection:
            connection.execute(text("SELECT pg_switch_wal()"))
        arrived(database)
        database.close()
        first.kill()
        began = time.monotonic()
        second = Cluster(lasting=True, data=base, settings=(
            f"restore_command = 'cp {folder}/%f %p'", f"recovery_target_time = '{moment}'",
            "recovery_target_action = 'promote'", "archive_mode = off"))
        (second.data / "recovery.signal").touch()
        second.own(second.data / "recovery.signal")
        second.start()
        back = Database(second.address())
        writable(back)
        assert all_of(back) == good
        assert proved(back) == 5
        back.close()
        record_property("figure", f"put back in {time.monotonic() - began:.1f} s")
    finally:
        first.remove()
        if second is not None:
            second.remove()


def arrived(database: Database) -> None:
    """Waits until all that was written is in the archive."""
    with database.engine.connect() as connection:
        last = connection.execute(text("SELECT pg_walfile_name(pg_current_wal_lsn() - 1)")).scalar()
        for _ in range(600):
            found = connection.execute(text("SELECT last_archived_wal FROM pg_stat_archiver")).scalar()
            connection.rollback()
            if found is not None and found >= last:
                return
            time.sleep(0.05)
    raise AssertionError("nothing was archived")


def writable(database: Database) -> None:
    """Waits until a server that was put back takes writes."""
    for _ in range(600):
        with database.reading() as session:
            if not session.execute(text("SELECT pg_is_in_recovery()")).scalar():
                return
        time.sleep(0.05)
    raise AssertionError("it is still being put back")


class Writers:
    """Some who write all the time, each a number after the other, and what they were told is there."""

    def __init__(self, address: str) -> None:
        self.over, self.confirmed, self.wrong = threading.Event(), [0] * WRITERS, list[Exception]()
        self._threads = [threading.Thread(target=self._write, args=(Database(address), who)) for who in range(WRITERS)]
        for one in self._threads:
            one.start()

    def _write(self, database: Database, who: int) -> None:
        number = 1
        while not self.over.is_set():
            try:
                with database.transaction() as session:
                    session.execute(text("INSERT INTO allowance VALUES ('w', :who, :number, 1) ON CONFLICT DO NOTHING"),
                                    {"who": bytes([who]), "number": number})
                    extend(session.connection(), 1)
                self.confirmed[who], number = number, number + 1
            except Unavailable:
                time.sleep(0.01)
            except Exception as failed:  # noqa: BLE001 - told at the end, for a thread's own failure is lost
                self.wrong.append(failed)
                return
        database.close()

    def end(self) -> None:
        self.over.set()
        for one in self._threads:
            one.join()


def kept(database: Database, who: int, last: int) -> int:
    """How many of somebody's numbers are there, up to one."""
    with database.reading() as session:
        return int(session.execute(text('SELECT count(*) FROM allowance WHERE key = :who AND "window" <= :last'),
                                   {"who": bytes([who]), "last": last}).scalar_one())


@pytest.mark.parametrize("kills", [2, pytest.param(KILLS, marks=pytest.mark.soak)])
def test_D8_a_server_that_is_killed_loses_nothing_that_it_confirmed(kills: int, record_property: Any) -> None:
    own, slowest = Cluster(lasting=True), 0.0
    try:
        own.start()
        database = Database(own.address())
        database.upgrade()
        with database.reading() as session:
            assert condition(session) == (True, True)
        writers = Writers(own.address())
        try:
            for number in range(kills):
                before = sum(writers.confirmed)
                for _ in range(2000):
                    if sum(writers.confirmed) >= before + 20:
                        break
                    time.sleep(0.01)
                time.sleep(0.01 * (number % 7))
                own.kill()
                confirmed = list(writers.confirmed)
                own.start()
                began = time.monotonic()
                for who, last in enumerate(confirmed):
                    assert kept(database, who, last) == last
                while sum(writers.confirmed) == sum(confirmed) and time.monotonic() < began + 60:
                    time.sleep(0.005)
                slowest = max(slowest, time.monotonic() - began)
        finally:
            writers.end()
        assert writers.wrong == []
        entries = proved(database)
        with database.reading() as session:
            there = session.execute(text("SELECT count(*) FROM allowance")).scalar_one()
        # What was written while its answer was lost is written once more, and only the audit tells of both.
        assert 20 * kills < sum(writers.confirmed) <= there <= entries
        database.close()
        record_property("figure", f"{kills} kills, {sum(writers.confirmed):,} confirmed, 0 lost, the next one "
                                  f"{slowest:.1f} s after the server's start at the latest")
    finally:
        own.remove()
