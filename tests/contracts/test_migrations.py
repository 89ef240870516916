from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from finder import limits, outbox
from finder.accounts import models as account_models
from finder.catalog import models as catalog_models
from finder.db import Base, Database, is_ready
from finder.listings import models as listing_models

ROOMS_WITH_TABLES = (account_models, catalog_models, limits, listing_models, outbox)


def test_migrations_give_the_tables_of_the_models(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'finder.db'}")
    database.upgrade()
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_twice_changes_nothing_and_down_and_up_again_works(tmp_path):
    from alembic import command

    database = Database(f"sqlite:///{tmp_path / 'finder.db'}")
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
    assert len(ScriptDirectory.from_config(database.migrations()).get_heads()) == 1
