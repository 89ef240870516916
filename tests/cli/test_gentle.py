import os
import threading
import time

import orjson
import pytest

from finder.cli.gentle import LEAST, NICENESS, gently
from finder.cli.reading import in_one_go
from finder.exchange.taking import EVERY, Ground, Origin, take
from finder.listings.edits import ImportReport
from finder.vocabulary import vocabulary
from tests.listings.database import NOW, make_database
from tests.listings.test_edits import listing


def test_long_work_lets_others_go_first_and_only_it() -> None:
    def pace() -> tuple[int, int]:
        return threading.get_native_id(), os.getpriority(os.PRIO_PROCESS, 0)

    thread, niceness = gently(pace)
    assert thread != threading.get_native_id()
    assert niceness == min(pace()[1] + NICENESS, LEAST)


def test_what_long_work_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        gently(lambda: 1 // 0)


def test_V4_nobody_who_writes_waits_while_an_import_reads_and_checks(tmp_path) -> None:
    database, path = make_database(tmp_path), tmp_path / "feed.jsonl"
    path.write_bytes(b"\n".join(orjson.dumps(listing(f"g{number}")) for number in range(2 * EVERY)))
    services = type("Held", (), {"database": database})()
    origin, ground = Origin(path, "listing", "A feed"), Ground(vocabulary(), None)
    reading, go_on = threading.Event(), threading.Event()

    def step(rows: int) -> None:
        reading.set()
        assert go_on.wait(20)

    reports: list[ImportReport] = []
    importing = threading.Thread(target=lambda: reports.append(in_one_go(
        services, origin, ground, NOW, lambda session, prepared, report: take(
            session, origin, ground, now=NOW, report=report, prepared=prepared), step)))
    importing.start()
    assert reading.wait(20)
    began = time.monotonic()
    with database.transaction():  # the writers' turn
        assert time.monotonic() - began < 1
    go_on.set()
    importing.join(60)
    assert [one.added for one in reports] == [2 * EVERY]
    database.close()
