"""Many at the same moment. Where it says "without turns", writers do not wait for one another as they do in the
program, so that what holds is held by the statement itself at READ COMMITTED."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from finder import limits, outbox
from finder.audit import verifying
from finder.catalog.models import Program
from finder.db import Database, is_ready
from finder.errors import Conflict
from finder.limits import Limit
from finder.listings import changes
from finder.listings.writing import Author
from tests.audit.chains import KEY, extend
from tests.backup.forked import alone, at_once
from tests.contracts.test_migrations import ROWS, counted, reflected
from tests.listings.database import NOW, take
from tests.postgres.conftest import Make, new_database

WRITERS, STARTS = 8, 8


def together(count: int, deed: Callable[[int], Any]) -> list[Any]:
    """What the same deed gave, done by so many at the same moment."""
    start = threading.Barrier(count)

    def run(number: int) -> Any:
        start.wait()
        return deed(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def without_turns(database: Database) -> Session:
    return Session(database.engine, expire_on_commit=False)


def listing(number: int) -> dict[str, Any]:
    return {"format": "finder-listing/1", "id": "g1", "name": f"Circle {number}", "group_type": "peer_support"}


@pytest.mark.parametrize("each", [10, pytest.param(200, marks=pytest.mark.soak)])
@pytest.mark.parametrize("in_turn", [True, False], ids=["in turn", "without turns"])
def test_C1_C2_of_changes_from_the_same_version_one_wins_and_none_is_lost(
        database: Database, each: int, in_turn: bool, record_property: Any) -> None:
    take(database, [listing(0)])
    with database.reading() as session:
        key = session.scalars(select(Program.id)).one()

    def write(who: int) -> int:
        done, refused = 0, 0
        while done < each:
            with database.reading() as session:
                base = changes.find(session, key).version
            try:
                with database.transaction() if in_turn else without_turns(database) as session:
                    changes.change(session, key, base=base, document=listing(1000 * who + done), author=Author("x"),
                                   now=NOW)
                    session.commit()
                done += 1
            except Conflict:
                refused += 1
        return refused

    refused = sum(together(WRITERS, write))
    with database.reading() as session:
        there, past = changes.find(session, key), changes.history(session, key)
    assert there.version == WRITERS * each + 1
    assert [one.version for one in past] == list(range(there.version, 0, -1))
    record_property("figure", f"{WRITERS * each} changes, {refused} refused and made again, 0 lost")


def test_C2_the_version_is_asked_by_the_update_itself(database: Database) -> None:
    take(database, [listing(0)])
    with database.reading() as session:
        key = session.scalars(select(Program.id)).one()
    with without_turns(database) as first, without_turns(database) as second:
        for session in (first, second):
            assert session.scalar(select(Program.version)) == 1  # both have read the same
        changes._take_turn(first, key, 1)
        first.execute(text("UPDATE program SET version = 2"))
        waiting = threading.Thread(target=first.commit)
        threading.Timer(0.2, waiting.start).start()
        with pytest.raises(Conflict):
            changes._take_turn(second, key, 1)  # waits for the row, and finds it changed


def test_A9_a_limit_that_all_share_lets_in_as_many_as_it_says(database: Database) -> None:
    limit, allowed = Limit("sign_in", 20, 3600), []

    def spend(_: int) -> None:
        for _ in range(5):
            with without_turns(database) as session:
                allowed.append(limits.spend(session, limit, b"somebody", NOW) == 0)
                session.commit()

    together(WRITERS, spend)
    assert sum(allowed) == 20


def test_a_letter_is_taken_by_one_worker_and_nobody_waits_for_another(database: Database) -> None:
    with database.transaction() as session:
        for number in range(24):
            outbox.write(session, "note", f"a{number}@b.example", {}, now=NOW)
    later, taken = NOW + timedelta(minutes=1), []

    def work(who: int) -> None:
        while True:
            with without_turns(database) as session:
                found = outbox.take(session, later, f"<{who}@x>")
                session.commit()
            if found is None:
                return
            taken.append(found.id)

    together(4, work)
    assert Counter(Counter(taken).values()) == {1: 24}
    with database.transaction() as session:
        outbox.write(session, "note", "one@b.example", {}, now=NOW)
        outbox.write(session, "note", "two@b.example", {}, now=NOW)
    with without_turns(database) as first, without_turns(database) as second:
        one, two = (outbox.take(session, later, "<x@x>") for session in (first, second))
        assert {one.address, two.address} == {"one@b.example", "two@b.example"}  # type: ignore[union-attr]


@pytest.mark.parametrize("in_turn", [True, False], ids=["in turn", "without turns"])
def test_O3_the_chain_of_eight_writers_is_whole(database: Database, in_turn: bool) -> None:
    def write(_: int) -> None:
        for _ in range(10):
            with database.transaction() if in_turn else without_turns(database) as session:
                extend(session.connection(), 1)
                session.commit()

    together(WRITERS, write)
    with verifying.view(database.engine) as connection:
        found = verifying.verify(connection, key=KEY)
    assert (found.entries, found.broken) == (WRITERS * 10, None)


def test_C6_no_reader_sees_an_older_catalog_after_a_newer_one(database: Database, make: Make) -> None:
    take(database, [listing(0)])
    over, wrong = threading.Event(), list[str]()
    others = [make(database.engine.url.render_as_string(hide_password=False)) for _ in range(3)]  # other machines

    def read(where: Database) -> None:
        last = 0
        while not over.is_set():
            told = where.catalog_version()
            with where.reading() as session:
                seen, changed = session.execute(text(
                    "SELECT (SELECT version FROM catalog_state), (SELECT max(changed_version) FROM program)")).one()
            if not last <= told <= seen or changed > seen:
                wrong.append(f"{last} {told} {seen} {changed}")
            last = seen

    readers = [threading.Thread(target=read, args=(one,)) for one in others]
    for one in readers:
        one.start()

    def write(who: int) -> None:
        for number in range(8):
            take(database, [{**listing(number), "id": f"w{who}"}], source=f"Feed {who}")

    try:
        together(4, write)
    finally:
        over.set()
        for one in readers:
            one.join()
    assert wrong == []
    assert database.catalog_version() >= 4 * 8


def upgrade(address: str) -> None:
    database = Database(address)
    database.upgrade()
    database.close()


def shape(database: Database) -> list[Any]:
    with database.reading() as session:
        return [session.execute(text(one)).all() for one in (
            "SELECT version_num FROM alembic_version", "SELECT id, version FROM catalog_state",
            "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns "
            "WHERE table_schema = 'public' ORDER BY 1, 2",
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint ORDER BY 1, 2",
            "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2",
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2")]


@pytest.mark.parametrize("rounds", [1, pytest.param(50, marks=pytest.mark.soak)])
def test_C5_eight_first_starts_at_the_same_moment_make_one_schema(cluster: Any, make: Make, database: Database,
                                                                  rounds: int) -> None:
    for _ in range(rounds):
        address = new_database(cluster)
        assert at_once([lambda address=address: upgrade(address)] * STARTS) == [0] * STARTS  # type: ignore[misc]
        assert shape(make(address)) == shape(database)


def upgrade_until(address: str, statement: int) -> int:
    """An upgrade that kills its own process before a statement, counted from the start."""
    database, said = Database(address), 0

    def watch(*_: Any) -> None:
        nonlocal said
        said += 1
        if said == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(database.engine, "before_cursor_execute", watch)
    database.upgrade()
    database.close()
    return said


@pytest.mark.parametrize("kills", [3, pytest.param(40, marks=pytest.mark.soak)])
def test_C7_an_upgrade_that_is_killed_has_done_nothing_and_the_next_one_does_it_all(
        cluster: Any, make: Make, kills: int, record_property: Any) -> None:
    old = make(new_database(cluster))
    old.upgrade("0001")
    with old.engine.begin() as connection:
        tables = reflected(connection)
        for name, row in ROWS.items():
            if name in tables:
                connection.execute(tables[name].insert().values(row))
    before, was = counted(old), shape(old)
    old.close()
    kept = old.engine.url.database or ""
    said = upgrade_until(new_database(cluster, kept), 0)
    for number in range(kills):
        address = new_database(cluster, kept)
        at = said - number if number < 2 else said * number // kills
        assert alone(lambda address=address, at=at: upgrade_until(address, at)) == -signal.SIGKILL  # type: ignore[misc]
        database = make(address)
        assert shape(database) == was
        database.upgrade()
        after = counted(database)
        assert is_ready(database)
        assert {name: after[name] for name in before} == before
        database.close()
    record_property("figure", f"{kills} kills among {said} statements")


def test_nobody_s_clock_counts(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("SET LOCAL timezone = 'Asia/Tokyo'"))
        outbox.write(session, "note", "a@b.example", {}, now=datetime(2026, 1, 1, tzinfo=UTC))
    with database.reading() as session:
        assert session.execute(text("SELECT made_at::text FROM message")).scalar() == "2026-01-01 00:00:00"
