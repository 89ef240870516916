from __future__ import annotations

import threading
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from finder import postgres
from finder.catalog.models import Source
from finder.db import Base, Database, condition, is_ready
from finder.errors import Invalid, Unavailable
from tests.clusters import Cluster
from tests.postgres.conftest import Make


def number(database: Database, statement: str) -> Any:
    with database.reading() as session:
        return session.execute(text(statement)).scalar()


def test_C7_migrations_give_the_tables_of_the_models_there_and_back_again(address: str, make: Make) -> None:
    from alembic import command

    database = make(address)
    assert not is_ready(database)
    for _ in range(2):
        database.upgrade()
        database.upgrade()
        assert is_ready(database)
        with database.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Base.metadata) == []
            connection.rollback()
            command.downgrade(database.migrations(connection), "base")
            assert inspect(connection).get_table_names() == ["alembic_version"]
            assert connection.execute(text("SELECT count(*) FROM pg_proc WHERE proname LIKE 'audit%'")).scalar() == 0
        assert not is_ready(database)


def test_C3_writers_take_turns_and_a_reader_waits_for_none_and_sees_nothing_half_done(database: Database) -> None:
    inside, go_on, began = threading.Event(), threading.Event(), list[str]()

    def write(name: str) -> None:
        with database.transaction() as session:
            session.execute(text("UPDATE catalog_state SET version = version + 1"))
            began.append(name)
            inside.set()
            assert go_on.wait(10)

    writers = [threading.Thread(target=write, args=(name,)) for name in ("first", "second")]
    writers[0].start()
    assert inside.wait(10)
    writers[1].start()
    with database.reading() as session:
        assert session.execute(text("SELECT version FROM catalog_state")).scalar() == 0
        assert not database.at_leisure(Session.connection)
        assert began == ["first"]
        go_on.set()
        for one in writers:
            one.join()
        assert session.execute(text("SELECT version FROM catalog_state")).scalar() == 0  # one view, to the end
    assert database.catalog_version() == 2
    assert database.at_leisure(lambda session: session.execute(text("UPDATE catalog_state SET version = 7")))
    assert database.catalog_version() == 7


def write(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("UPDATE catalog_state SET version = version + 1"))


def busy_writer(database: Database) -> Session:
    session = Session(database.engine.execution_options(finder_write=True))
    session.execute(text("UPDATE catalog_state SET version = version + 1"))
    return session


def test_C3_who_waits_too_long_for_their_turn_is_told_that_it_is_busy(database: Database) -> None:
    soon = database.engine.execution_options(finder_write=True, finder_wait_milliseconds=50)
    with busy_writer(database), pytest.raises(Unavailable) as told, Session(soon) as session:
        session.connection()
    assert told.value.code == "busy"


def test_a_visitor_s_statement_is_cut_short_and_the_wait_for_a_turn_and_a_snapshot_are_not(database: Database) -> None:
    def limit(session: Session) -> str:
        return str(session.execute(text("SHOW statement_timeout")).scalar())

    with database.transaction() as session:
        assert limit(session) == "10min"
    database.serve()
    for opened in (database.transaction, database.reading):
        with opened() as session:
            assert limit(session) == "2s"
    with database.reading(long=True) as session:
        assert limit(session) == "10min"
    with database.reading() as session:
        session.execute(text("SET LOCAL statement_timeout = 20"))
        with pytest.raises(Unavailable) as told:
            session.execute(text("SELECT pg_sleep(5)"))
    assert told.value.code == "busy"


def test_D6_a_server_that_takes_no_writes_is_told_as_one_that_can_only_be_read(database: Database) -> None:
    with database.reading() as session:
        session.execute(text("SET TRANSACTION READ ONLY"))
        with pytest.raises(Unavailable) as told:
            session.execute(text("UPDATE catalog_state SET version = 9"))
    assert told.value.code == "read_only"


def test_a_broken_rule_of_a_table_stays_what_it_is_and_says_no_value(database: Database) -> None:
    from sqlalchemy.exc import IntegrityError

    twice = Base.metadata.tables["source"].insert().values(
        [{"name": "CANARY", "demonstration": False, "created_at": text("now()")}] * 2)
    with pytest.raises(IntegrityError) as told, database.transaction() as session:
        session.execute(twice)
    assert "hide_parameters" in str(told.value)


@pytest.mark.parametrize(("state", "code"), [
    ("53100", "read_only"), ("55P03", "busy"), ("53300", "busy"), ("40P01", "busy"), ("57P01", "database"),
    ("08006", "database"), ("XX001", "database_damaged"), ("23505", None), ("42P01", None)])
def test_failures_are_told_by_what_they_mean(state: str, code: str | None) -> None:
    from psycopg.errors import lookup

    found = postgres.meaning(lookup(state)())
    assert (found and found.code) == code


def test_a_server_that_was_started_anew_is_found_again_by_everybody() -> None:
    own = Cluster()
    try:
        own.start()
        database = Database(own.address())
        database.upgrade()
        assert database.catalog_version() == 0
        assert number(database, "SELECT 1") == 1
        own.stop()
        for ask in (database.catalog_version, lambda: number(database, "SELECT 1"), lambda: write(database)):
            with pytest.raises(Unavailable) as told:
                ask()
            assert told.value.code == "database"
        assert not is_ready(database)
        own.start()
        assert database.catalog_version() == 0
        assert number(database, "SELECT 1") == 1
        assert is_ready(database)
        database.close()
    finally:
        own.remove()


def test_D2_each_change_is_on_the_disk_before_it_is_confirmed_or_the_doctor_says_so(database: Database) -> None:
    with database.reading() as session:
        assert condition(session) == (True, False)  # the tests' own server is quick and forgetful
        assert session.query(Source).count() == 0


def test_I5_a_text_with_a_nul_is_refused_as_bad_text(database: Database) -> None:
    with database.reading() as session, pytest.raises(Invalid) as told:
        session.execute(text("SELECT 1 WHERE 'x' = :words"), {"words": "a\0b"})
    assert told.value.errors[""][0].code == "bad_text"
