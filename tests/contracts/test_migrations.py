from datetime import datetime

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, func, inspect, select

from finder import instance, limits, outbox
from finder.accounts import models as account_models
from finder.catalog import models as catalog_models
from finder.db import Base, Database, is_ready, newest
from finder.hooks import models as hook_models
from finder.listings import models as listing_models
from tests import databases

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
