import contextlib
import hashlib
import random
import signal
import subprocess
import sys
import time
from datetime import datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, func, inspect, select, text

from finder import instance, limits, outbox
from finder.accounts import models as account_models
from finder.catalog import models as catalog_models
from finder.db import Base, Database, is_ready, newest
from finder.hooks import models as hook_models
from finder.listings import models as listing_models
from tests import databases
from tests.shared import ROOT

ROOMS_WITH_TABLES = (account_models, catalog_models, hook_models, instance, limits, listing_models, outbox)


def test_migrations_give_the_tables_of_the_models(tmp_path):
    database = Database(databases.address(tmp_path / "finder.db"))
    database.upgrade()
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_twice_changes_nothing_and_down_and_up_again_works(tmp_path):
    from alembic import command

    database = Database(databases.address(tmp_path / "finder.db"))
    database.upgrade()
    database.upgrade()
    assert is_ready(database)
    with database.engine.connect() as connection:
        command.downgrade(database.migrations(connection), "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    assert not is_ready(database)
    database.upgrade()
    assert is_ready(database)


def test_there_is_one_newest_migration():
    database = Database("sqlite://")
    heads = ScriptDirectory.from_config(database.migrations()).get_heads()
    assert len(heads) == 1
    assert newest() == set(heads)  # which a start finds without reading Alembic


def test_C7_an_upgrade_from_every_earlier_state_keeps_every_row(tmp_path):
    script = ScriptDirectory.from_config(Database("sqlite://").migrations())
    for revision in [one.revision for one in script.walk_revisions()][1:]:
        database = Database(databases.address(tmp_path / f"{revision}.db"))
        database.upgrade(revision)
        with database.engine.begin() as connection:
            tables = reflected(connection)
            for name in ROWS:
                if name in tables:
                    connection.execute(tables[name].insert().values(ROWS[name]))
        before = counted(database)
        assert before["session"] == before["revision"] == 1
        database.upgrade()
        after = counted(database)
        assert {name: after[name] for name in before} == before
        database.close()


@pytest.mark.soak
@pytest.mark.parametrize("revision", ["0001", "0003", "0005"])
def test_C7_an_upgrade_of_100_000_listings_is_soon_done_and_one_that_is_killed_has_done_nothing(
        tmp_path, revision, record_property):
    kept, database = tmp_path / "old.db", Database(databases.address(tmp_path / "old.db"))
    database.upgrade(revision)
    fill(database)
    before, said = counted(database), checksums(database)
    database.close()
    began = time.perf_counter()
    assert upgraded(databases.copied(kept, tmp_path / "new.db"), None) == 0
    seconds = time.perf_counter() - began
    assert_kept(tmp_path / "new.db", before, said)
    assert seconds < MOST_SECONDS
    dice, killed = random.Random(revision), 0
    for number in range(KILLS):
        path = tmp_path / f"{number}.db"
        address = databases.copied(kept, path)
        killed += upgraded(address, dice.uniform(0.2, 1) * seconds) == -signal.SIGKILL
        reopened = Database(address)
        if not is_ready(reopened) or not reopened.is_current():
            assert (counted(reopened), checksums(reopened)) == (before, said)
        reopened.upgrade()
        reopened.close()
        assert_kept(path, before, said)
        path.unlink()
    record_property("figure", f"from {revision}, {LISTINGS:,} listings with a session and a version each: "
                              f"{seconds:.1f} s with the start of the program, every row as it was; {killed} killed on "
                              f"the way, each upgraded afterwards")


LISTINGS, KILLS, MOST_SECONDS = 100_000, 6, 60
LIKE = {"program": ("id", "slug", "source_key", "name"), "session": ("id", "program_id"),
        "revision": ("id", "program_id")}


def fill(database):
    """LISTINGS rows of each table that LIKE names, told apart by those columns, and one of what they point to."""
    with database.engine.begin() as connection:
        tables = reflected(connection)
        for name in ("source", "import_run"):
            connection.execute(tables[name].insert().values(ROWS[name]))
        for name, columns in LIKE.items():
            connection.execute(tables[name].insert(), [
                {**ROWS[name], **{one: number if (name, one) == ("revision", "id") else f"{number:032x}"
                                  for one in columns}} for number in range(1, LISTINGS + 1)])


def checksums(database):
    """Of every listing, session and version, in the columns that were filled in."""
    found = {}
    with database.engine.connect() as connection:
        tables = reflected(connection)
        for name in LIKE:
            digest = hashlib.sha256()
            columns = [tables[name].c[one] for one in sorted(ROWS[name])]
            for row in connection.execute(select(*columns).order_by(tables[name].c.id)):
                digest.update(repr(tuple(row)).encode())
            found[name] = digest.hexdigest()
    return found


def upgraded(address, seconds):
    """The status of a program that upgrades, and is killed after so many seconds."""
    child = subprocess.Popen([sys.executable, "-c", "import sys; from finder.db import Database; "
                              "Database(sys.argv[1]).upgrade()", address], cwd=ROOT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(seconds)
    child.kill()
    return child.wait()


def assert_kept(path, before, said):
    database = Database(databases.address(path))
    assert database.is_current()
    after = counted(database)
    assert {name: after[name] for name in before} == before
    assert checksums(database) == said
    if database.engine.dialect.name == "sqlite":
        with database.reading() as session:
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
            assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    database.close()


UUID = "0" * 31 + "1"  # as SQLite keeps one
AT = datetime(2026, 1, 1)  # noqa: DTZ001 - the tables' instants have no zone
# One row of every table that others point to and of those that point to them, in that order.
ROWS = {
    "source": {"id": 1, "name": "A feed", "demonstration": False, "created_at": AT},
    "program": {"id": UUID, "slug": "a", "state": "published", "changed_version": 1, "content_hash": b"1",
                "created_at": AT, "updated_at": AT, "source_id": 1, "source_key": "a", "name": "A group",
                "group_type": "peer_support"},
    "session": {"id": UUID, "program_id": UUID, "position": 0, "format": "in_person"},
    "import_run": {"id": UUID, "source_id": 1, "at": AT, "counts": {}},
    "revision": {"id": 1, "program_id": UUID, "import_id": UUID, "at": AT, "actor": "import",
                 "state_after": "published"},
    "report": {"id": 1, "program_id": UUID, "kind": "time", "sent_on": AT.date(), "sent_hour": 1},
}


def reflected(connection):
    metadata = MetaData()
    metadata.reflect(connection)
    return metadata.tables


def counted(database):
    with database.engine.connect() as connection:
        return {name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in reflected(connection).items() if name != "alembic_version"}
