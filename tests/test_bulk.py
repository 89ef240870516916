import uuid
from contextlib import suppress
from datetime import date, datetime

import pytest
from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Integer, LargeBinary, MetaData, Table, Text, Uuid, select
from sqlalchemy.exc import IntegrityError

from finder import bulk
from finder.db import Database
from tests import databases

ROW = {"id": uuid.UUID(int=7), "facts": {"é": [1, None]}, "day": date(2026, 2, 3),
       "at": datetime(2026, 11, 27, 9, 30, 1, 20),  # noqa: DTZ001 - UTC, as the tables keep it
       "open": True, "words": "tab\t, line\n, back \\ and \\N", "digest": bytes(range(16)), "many": None}


@pytest.fixture
def database(tmp_path):
    made = Database(databases.address(tmp_path / "bulk.db"))
    yield made
    made.close()


@pytest.fixture
def table(database):
    made = Table("made", MetaData(), Column("id", Uuid, primary_key=True), Column("facts", JSON(none_as_null=True)),
                 Column("at", DateTime), Column("day", Date), Column("open", Boolean),
                 Column("words", Text, unique=True), Column("digest", LargeBinary), Column("many", Integer),
                 Column("left", Integer, server_default="5"))
    with database.engine.begin() as connection:
        made.create(connection)
    return made


def test_rows_in_bulk_are_read_as_they_were_written_and_the_database_adds_what_was_left_out(database, table):
    other = {**ROW, "id": uuid.UUID(int=8), "facts": None, "at": None, "day": None, "open": False, "words": "",
             "many": 3}
    with database.engine.begin() as connection:
        bulk.insert(connection, table, [ROW, other])
        bulk.insert(connection, table, [])
    with database.engine.connect() as connection:
        found = connection.execute(select(table).order_by(table.c.id)).mappings().all()
    assert [dict(one) for one in found] == [{**ROW, "left": 5}, {**other, "left": 5}]


def test_a_rule_that_is_broken_in_bulk_is_told_as_any_other_and_nothing_is_kept(database, table):
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        bulk.insert(connection, table, [ROW, {**ROW, "id": uuid.UUID(int=9)}])
    with database.engine.connect() as connection:
        assert connection.execute(select(table)).all() == []


def test_who_listens_hears_of_rows_in_bulk(database, table):
    heard = []
    with database.engine.begin() as connection:
        bulk.hear(connection, lambda *told: heard.append(told))
        bulk.insert(connection, table, [ROW])
        bulk.insert(connection, table, [])
    assert heard == [(table, [ROW])]


@pytest.mark.sqlite
def test_a_file_gets_its_usual_room_back_when_many_rows_are_written(database, table):
    def room(connection):
        return connection.exec_driver_sql("PRAGMA cache_size").scalar_one()

    with database.engine.connect() as connection:
        with suppress(RuntimeError), bulk.roomy(connection):
            assert room(connection) == -bulk.ROOM_KB
            raise RuntimeError
        assert room(connection) == -bulk.USUAL_KB


@pytest.mark.skipif(not databases.ON_SERVER, reason="a file of SQLite counts nothing by itself")
def test_rows_that_are_counted_while_they_are_added_are_counted_by_nobody_else(database, table):
    def estimate(connection):
        return connection.exec_driver_sql("SELECT reltuples FROM pg_class WHERE relname = 'made'").scalar_one()

    with database.engine.begin() as connection:
        bulk.insert(connection, table, [{**ROW, "id": uuid.UUID(int=n), "words": str(n)} for n in range(700)])
        bulk.count_anew(connection, ["made"])
        assert estimate(connection) == 700
        with database.engine.begin() as other:
            bulk.count_anew(other, ["made"])
        assert estimate(connection) == 700
