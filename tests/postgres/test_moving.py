from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from finder.audit import verifying
from finder.backup import contents, moving
from finder.catalog import queries
from finder.db import Database
from finder.errors import Conflict, Unavailable
from finder.search import synthetic
from tests.audit.chains import KEY, extend
from tests.cli.conftest import Command
from tests.listings.database import take
from tests.postgres.conftest import Make

STRANGE = "Grupo «Ñandú» \U0001f331 tab\there, \\N and a \\. of COPY\nnew line, 'quotes\" and 100 %"


def filled(path: Path, listings: int = 40) -> Database:
    """A SQLite database in which people did all kinds of things."""
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    take(database, [*synthetic.documents(listings), {
        "format": "finder-listing/1", "id": "strange", "name": "Ñandú", "description": STRANGE,
        "group_type": "peer_support", "sessions": [{"format": "in_person", "location": {
            "city": "Durham", "latitude": 35.99400000000001, "longitude": -78.8986}}]}])
    with database.transaction() as session:
        extend(session.connection(), 12)
        one, two = session.execute(text("SELECT id FROM program ORDER BY id LIMIT 2")).scalars()
        session.execute(text("UPDATE program SET merged_into = :two WHERE id = :one"), {"one": one, "two": two})
        session.execute(text("INSERT INTO allowance VALUES ('x', x'00ff0a5c2e', 1, 2)"))
    return database


def tables(database: Database) -> dict[str, contents.Table]:
    with contents.opened(Path(database.engine.url.database or "")) as connection:
        found = contents.read(connection)
    assert found.is_whole
    return {name: one for name, one in found.tables.items() if name not in (contents.SCHEMA, moving.VERSION)}


def proved(database: Database) -> int:
    with verifying.view(database.engine) as connection:
        found = verifying.verify(connection, key=KEY)
    assert found.broken is None
    return found.entries


@pytest.mark.parametrize("listings", [40, pytest.param(20_000, marks=pytest.mark.soak)])
def test_C7_all_data_goes_to_a_server_and_back_and_is_what_it_was(
        tmp_path: Path, address: str, make: Make, listings: int, record_property: Any) -> None:
    first, server, last = filled(tmp_path / "first.db", listings), make(address), make(f"sqlite:///{tmp_path}/last.db")
    before, began = tables(first), time.monotonic()
    assert moving.move(first, server) == before
    there = time.monotonic()
    assert proved(server) == proved(first) == 12
    with first.reading() as session, server.reading() as other:
        assert [one.document for one in queries.published(other)] == [
            one.document for one in queries.published(session)]
    assert moving.move(server, last) == before
    assert tables(last) == tables(first) == before
    rows = sum(one.rows for one in before.values())
    record_property("figure", f"{rows:,} rows to PostgreSQL in {there - began:.1f} s, back and compared in "
                              f"{time.monotonic() - there:.1f} s")
    for database in (server, last):  # and life goes on behind what came along
        take(database, list(synthetic.documents(3)), source="Another feed")
        with database.transaction() as session:
            extend(session.connection(), 1)
        assert proved(database) == 13
        with pytest.raises(Exception, match="only added to"), database.transaction() as session:
            session.execute(text("UPDATE audit_entry SET what = 'x'"))
    first.close()


def test_a_database_with_rows_is_not_written_over(tmp_path: Path, database: Database) -> None:
    first = filled(tmp_path / "first.db", 2)
    take(database, list(synthetic.documents(1)))
    before = database.catalog_version()
    with pytest.raises(Conflict) as told:
        moving.move(first, database)
    assert told.value.code == "not_empty"
    assert database.catalog_version() == before
    first.close()


def test_what_did_not_arrive_as_it_was_is_not_kept(tmp_path: Path, database: Database) -> None:
    first = filled(tmp_path / "first.db", 2)
    with database.engine.begin() as connection:
        connection.execute(text("CREATE FUNCTION x() RETURNS trigger LANGUAGE plpgsql AS "
                                "$$ BEGIN NEW.name = NEW.name || ' '; RETURN NEW; END $$"))
        connection.execute(text("CREATE TRIGGER x BEFORE INSERT ON source FOR EACH ROW EXECUTE FUNCTION x()"))
    with pytest.raises(Unavailable) as told:
        moving.move(first, database)
    assert (told.value.code, told.value.values) == ("not_equal", {"table": "source"})
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM program")).scalar() == 0
        assert session.execute(text("SELECT count(*) FROM catalog_state")).scalar() == 1
    first.close()


def test_nobody_writes_to_the_old_one_meanwhile(tmp_path: Path, database: Database) -> None:
    first = filled(tmp_path / "first.db", 2)
    said = []
    moving.move(first, database, tell=lambda *_: said.append(first.at_leisure(
        lambda session: session.execute(text("UPDATE catalog_state SET version = 0")))))
    assert set(said) == {False}
    first.close()


@pytest.mark.sqlite  # that is where it moves from
def test_an_instance_moves_by_one_command_and_goes_on_with_its_secret(
        tmp_path: Path, address: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    finder = Command(tmp_path, capfdbinary)
    assert finder("init")[0] == 0
    code, _, err = finder("import", "seed_data/listings.jsonl", "--format", "listing", "--source", "Seed")
    assert code == 0, err
    old = f"sqlite:///{tmp_path}/instance/finder.db"
    code, _, err = finder("db", "move", old, address)
    assert code == 0, err
    assert "every one read again and equal" in err
    assert "Name an empty one" in finder("db", "move", old, address)[2]
    finder.environ["FINDER_DATABASE_URL"] = address
    assert finder("audit", "verify")[0] == 0
    found = {one["about"]: one["good"] for one in orjson.loads(finder("doctor", "--json")[1])}
    assert (found["database"], found["durability"], found["server log"]) == (True, False, False)  # a quick server
    server = Database(address)
    with server.transaction() as session:
        session.execute(text(f"ALTER DATABASE {server.engine.url.database} SET log_error_verbosity = terse"))
    server.close()
    found = {one["about"]: one["good"] for one in orjson.loads(finder("doctor", "--json")[1])}
    assert found["server log"]
    assert finder("import", "seed_data/listings.jsonl", "--format", "listing", "--source", "Seed")[0] == 0
