"""Imports and undos that are killed in the middle leave the state before or the state after, and nothing else."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time

import orjson
import pytest

from finder.catalog import queries
from finder.listings import undo
from finder.search import synthetic
from tests import databases
from tests.listings.database import make_database, take

ROWS, KILLS = 1500, 5
WORKER = textwrap.dedent("""
    import sys
    from datetime import UTC, datetime
    from uuid import UUID

    from finder.db import Database
    from finder.listings import undo
    from finder.listings.edits import Incoming, import_listings
    from finder.listings.writing import Author
    from finder.search import synthetic

    address, what = sys.argv[1:3]
    database, now = Database(address), datetime(2026, 11, 24, 12, tzinfo=UTC)
    documents = [{**one, "name": one["name"] + " II"} for one in synthetic.documents(int(sys.argv[3]))]
    print("begun", flush=True)
    with database.transaction() as session:
        if what == "import":
            import_listings(session, [Incoming(one) for one in documents], source="A feed", now=now)
        else:
            undo.undo_import(session, UUID(what), author=Author("x"), now=now)
    print("done", flush=True)
""")


def state(database):
    """All that a half-done import or undo could leave behind."""
    with database.reading() as session:
        documents = {one.slug: orjson.dumps(one.document) for one in queries.published(session)}
        return documents, queries.version(session), [(one.id, one.undone_at) for one in undo.past(session)]


def killed(database, what, seconds):
    """Runs a worker and kills it after so long; whether it had ended before."""
    running = subprocess.Popen([sys.executable, "-c", WORKER, database.url, what, str(ROWS)], stdout=subprocess.PIPE,
                               text=True)
    assert running.stdout is not None
    assert running.stdout.readline() == "begun\n"
    time.sleep(seconds)
    os.kill(running.pid, signal.SIGKILL)
    rest = running.communicate()[0]
    return "done" in rest


def whole(database):
    database.close()
    if databases.ON_SERVER:  # it sees to that by itself
        return
    with sqlite3.connect(database.url.removeprefix("sqlite:///")) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert plain.execute("PRAGMA foreign_key_check").fetchall() == []
    plain.close()


@pytest.mark.soak
def test_M5_a_killed_import_leaves_the_state_before_or_after(tmp_path):
    database, chance, ended = make_database(tmp_path), random.Random(7), []
    take(database, list(synthetic.documents(ROWS)))
    before = state(database)
    for _ in range(KILLS):
        ended.append(killed(database, "import", chance.uniform(0.1, 1.5)))
        whole(database)
        if ended[-1] or state(database)[0] != before[0]:
            assert all(b" II" in one for one in state(database)[0].values())
            break
        assert state(database) == before
    assert not all(ended), "every import was quicker than its killer"
    database.close()


@pytest.mark.soak
def test_M5_a_killed_undo_leaves_the_state_before_or_after(tmp_path):
    database, chance, ended = make_database(tmp_path), random.Random(8), []
    take(database, list(synthetic.documents(ROWS)))
    first = state(database)[0]
    report = take(database, [{**one, "name": one["name"] + " II"} for one in synthetic.documents(ROWS)])
    before = state(database)
    for _ in range(KILLS):
        ended.append(killed(database, report.import_id, chance.uniform(0.1, 1.2)))
        whole(database)
        if ended[-1] or state(database)[0] != before[0]:
            assert state(database)[0] == first
            break
        assert state(database) == before
    assert not all(ended), "every undo was quicker than its killer"
    database.close()
