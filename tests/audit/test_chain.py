from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from finder.audit import chain, verifying
from finder.audit.chain import ENTRY, HEAD, Deed, End, Head
from finder.audit.verifying import Witness
from finder.db import Database
from tests import databases
from tests.audit.chains import BEGAN, KEY, deed, extend, grow, look, look_at, make, meddling

LENGTH = 12
_OTHER: dict[str, Any] = {
    "at": datetime(2020, 1, 1), "account_id": 99, "channel": "other", "what": "other", "kind": "other",  # noqa: DTZ001
    "about": "other", "facts": {"rows": {"program": 2}}, "previous": "1" * 64, "hash": "1" * 64}


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A chain that tests change and put back."""
    database = make(tmp_path_factory.mktemp("grown"))
    grow(database, LENGTH)
    assert look(database) == verifying.Verdict(LENGTH, look(database).end)
    yield database
    assert look(database) == verifying.Verdict(LENGTH, look(database).end)
    database.close()


def end_of(database: Database) -> End:
    with database.reading() as session:
        head = chain.found_head(session.connection())
    return End(head.number, head.hash)


@settings(deadline=None)  # a busy disk is no fault of the chain
@given(number=st.integers(1, LENGTH), column=st.sampled_from(sorted(_OTHER)))
def test_O3_any_change_of_an_entry_is_found_where_it_is(grown: Database, number: int, column: str) -> None:
    with meddling(grown) as connection:
        connection.execute(update(ENTRY).where(ENTRY.c.number == number).values({column: _OTHER[column]}))
        found = look_at(connection)
        assert (found.broken, found.why) == (number, verifying.CHANGED)


@settings(deadline=None)
@given(number=st.integers(1, LENGTH), column=st.sampled_from(sorted(set(_OTHER) - {"hash", "previous"})))
def test_O3_a_change_with_its_hash_made_anew_is_found_at_the_next_entry(grown: Database, number: int,
                                                                        column: str) -> None:
    with meddling(grown) as connection:
        row = dict(connection.execute(select(ENTRY).where(ENTRY.c.number == number)).mappings().one())
        row[column] = _OTHER[column]
        row["hash"] = chain.digest(row)
        connection.execute(update(ENTRY).where(ENTRY.c.number == number).values(row))
        assert look_at(connection).broken == number + 1


@settings(deadline=None)
@given(first=st.integers(1, LENGTH), many=st.integers(1, LENGTH))
def test_O3_entries_taken_out_are_missed(grown: Database, first: int, many: int) -> None:
    with meddling(grown) as connection:
        connection.execute(ENTRY.delete().where(ENTRY.c.number.between(first, first + many - 1)))
        found = look_at(connection)
        assert found.broken == first
        assert found.why == (verifying.GAP if first + many <= LENGTH else verifying.CUT)


@settings(deadline=None)
@given(first=st.integers(1, LENGTH), many=st.integers(1, LENGTH))
def test_O3_entries_taken_out_are_missed_also_when_the_others_move_up(grown: Database, first: int, many: int) -> None:
    with meddling(grown) as connection:
        connection.execute(ENTRY.delete().where(ENTRY.c.number.between(first, first + many - 1)))
        for number in range(first + many, LENGTH + 1):
            connection.execute(update(ENTRY).where(ENTRY.c.number == number).values(number=number - many))
        assert look_at(connection).broken == first


@settings(deadline=None)
@given(numbers=st.sets(st.integers(1, LENGTH), min_size=2, max_size=2))
def test_O3_entries_in_another_order_are_found(grown: Database, numbers: set[int]) -> None:
    one, other = sorted(numbers)
    with meddling(grown) as connection:
        for was, becomes in ((one, 0), (other, one), (0, other)):
            connection.execute(update(ENTRY).where(ENTRY.c.number == was).values(number=becomes))
        assert look_at(connection).broken == one


@settings(deadline=None)
@given(after=st.integers(0, LENGTH), is_linked=st.booleans())
def test_O3_an_entry_put_in_between_is_found(grown: Database, after: int, is_linked: bool) -> None:
    with meddling(grown) as connection:
        for number in range(LENGTH, after, -1):
            connection.execute(update(ENTRY).where(ENTRY.c.number == number).values(number=number + 1))
        before = connection.execute(select(ENTRY.c.hash).where(ENTRY.c.number == after)).scalar() or "0" * 64
        row = {**_OTHER, "number": after + 1, "previous": before}
        row["hash"] = chain.digest(row) if is_linked else "1" * 64
        connection.execute(ENTRY.insert().values(row))
        assert look_at(connection).broken in (after + 1, after + 2)


@settings(deadline=None)
@given(left=st.integers(0, LENGTH - 1))
def test_O3_a_chain_cut_short_is_found_with_its_end_written_anew_without_the_key(grown: Database, left: int) -> None:
    with meddling(grown) as connection:
        connection.execute(ENTRY.delete().where(ENTRY.c.number > left))
        last = connection.execute(select(ENTRY.c.hash).where(ENTRY.c.number == left)).scalar() or "0" * 64
        connection.execute(update(HEAD).values(number=left, hash=last))
        assert look_at(connection).why == verifying.SEAL


@settings(deadline=None)
@given(start=st.integers(1, LENGTH))
def test_O3_a_beginning_moved_without_the_key_is_found(grown: Database, start: int) -> None:
    with grown.reading() as session:  # with all triggers in place: this is the way a purge goes
        connection = session.connection()
        last = connection.execute(select(ENTRY.c.hash).where(ENTRY.c.number == start)).scalar_one()
        connection.execute(update(HEAD).values(start_number=start, start_hash=last))
        connection.execute(ENTRY.delete().where(ENTRY.c.number <= start))
        assert look_at(connection).why == verifying.SEAL


def test_O3_a_chain_written_anew_by_somebody_without_the_key_is_found(grown: Database) -> None:
    with meddling(grown) as connection:
        connection.execute(ENTRY.delete())
        connection.execute(update(HEAD).values(number=0, hash="0" * 64, seal=""))
        extend(connection, LENGTH, key=b"another key")
        assert look_at(connection).why == verifying.SEAL


@settings(deadline=None)
@given(before=st.integers(0, LENGTH - 1))
def test_O3_a_database_put_back_to_an_earlier_day_is_told_by_the_end_seen_last(grown: Database, before: int) -> None:
    seen = end_of(grown)
    with meddling(grown) as connection:
        connection.execute(ENTRY.delete().where(ENTRY.c.number > before))
        last = connection.execute(select(ENTRY.c.hash).where(ENTRY.c.number == before)).scalar() or "0" * 64
        chain.put_head(connection, Head(before, last, 0, "0" * 64), KEY)  # as the head of that day was, seal and all
        assert look_at(connection).broken is None
        assert look_at(connection, seen=seen).why == verifying.BACK
        extend(connection, LENGTH, began=BEGAN + timedelta(days=1))
        assert look_at(connection, seen=seen).why == verifying.OTHER


BY_THE_WAY = ["UPDATE audit_entry SET what = 'x' WHERE number = 3", "DELETE FROM audit_entry WHERE number = 3",
              "DELETE FROM audit_entry"]
SQLITE = ["REPLACE INTO audit_entry SELECT * FROM audit_entry WHERE number = 3",
          "UPDATE OR IGNORE audit_entry SET number = 4 WHERE number = 3"]
SERVER = ["TRUNCATE audit_entry", "INSERT INTO audit_entry SELECT * FROM audit_entry WHERE number = 3 "
          "ON CONFLICT (number) DO UPDATE SET what = 'x'"]


@pytest.mark.parametrize("statement", [*BY_THE_WAY, *(SERVER if databases.ON_SERVER else SQLITE)])
def test_O3_nobody_changes_or_takes_out_an_entry_by_the_way(grown: Database, statement: str) -> None:
    with grown.reading() as session, pytest.raises(SQLAlchemyError, match="only added to"):
        session.execute(text(statement))
    assert look(grown).broken is None


def test_a_missing_head_is_a_broken_seal(grown: Database) -> None:
    with meddling(grown) as connection:
        connection.execute(HEAD.delete())
        assert look_at(connection).why == verifying.SEAL


def test_a_chain_in_which_nothing_was_written_is_whole(tmp_path: Path) -> None:
    database = make(tmp_path)
    assert look(database) == verifying.Verdict(0, End(0, "0" * 64))
    database.close()


def test_O3_an_entry_goes_with_its_deed_when_that_is_rolled_back(grown: Database) -> None:
    before = end_of(grown)
    with grown.reading() as session:
        chain.append(session.connection(), deed(1), now=BEGAN, key=KEY)
        session.rollback()
    assert end_of(grown) == before


@settings(deadline=None)
@given(days=st.integers(0, 20), more=st.integers(0, 3), more_gone=st.integers(1, 10))
def test_P11_after_a_purge_the_rest_is_still_proved(grown: Database, days: int, more: int, more_gone: int) -> None:
    with meddling(grown) as connection:
        connection.execute(ENTRY.delete())
        chain.put_head(connection, Head(0, "0" * 64, 0, "0" * 64), KEY)
        for day in range(10):
            chain.append(connection, deed(day), now=BEGAN + timedelta(days=day), key=KEY)
        now, gone = BEGAN + chain.KEPT + timedelta(days=days), min(days, 10)
        assert chain.purge(connection, now=now, key=KEY) == gone
        assert chain.purge(connection, now=now, key=KEY) == 0
        extend(connection, more, began=now)
        found = look_at(connection)
        assert (found.broken, found.entries) == (None, 10 - gone + bool(gone) + more)
        oldest = connection.execute(select(func.min(ENTRY.c.at))).scalar()
        assert oldest is None or oldest >= (now - chain.KEPT).replace(tzinfo=None)
        connection.execute(ENTRY.delete().where(ENTRY.c.number == gone + more_gone))
        assert look_at(connection).broken == gone + more_gone or gone + more_gone > found.end.number


def test_P11_a_purge_goes_through_the_triggers(tmp_path: Path) -> None:
    database = make(tmp_path)
    grow(database, 3)
    with database.transaction() as session:
        assert chain.purge(session.connection(), now=BEGAN + chain.KEPT + timedelta(days=1), key=KEY) == 3
    assert look(database).entries == 1
    assert look(database).broken is None
    database.close()


def test_after_a_backup_the_chain_is_taken_as_it_stands_and_says_so(grown: Database) -> None:
    seen = End(LENGTH + 5, "2" * 64)
    assert look(grown, key=b"a new key", seen=seen).why == verifying.SEAL
    with meddling(grown) as connection:
        chain.accept(connection, seen=seen, now=BEGAN, key=b"a new key")
        found = look_at(connection, key=b"a new key")
        assert (found.broken, found.entries) == (None, LENGTH + 1)
        last = connection.execute(select(ENTRY).order_by(ENTRY.c.number.desc()).limit(1)).mappings().one()
        assert (last["what"], last["facts"]) == (chain.RESTORED, {"was": LENGTH + 5, "is": LENGTH})


def test_O3_eight_that_write_at_once_make_one_chain(tmp_path: Path) -> None:
    database = make(tmp_path)
    written_by_eight(database, 10)
    assert look(database).entries == 80
    assert look(database).broken is None
    database.close()


@pytest.mark.soak
def test_O3_eight_that_write_long_make_one_chain(tmp_path: Path) -> None:
    database = make(tmp_path)
    written_by_eight(database, 1000)
    assert look(database).entries == 8000
    assert look(database).broken is None
    database.close()


def written_by_eight(database: Database, each: int) -> None:
    wrong: list[BaseException] = []

    def write() -> None:
        try:
            for number in range(each):
                with database.transaction() as session:
                    chain.append(session.connection(), deed(number), now=BEGAN, key=KEY)
        except BaseException as broken:  # noqa: B036 - a thread's failure is the test's
            wrong.append(broken)
    threads = [threading.Thread(target=write) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert wrong == []


@pytest.mark.benchmark
def test_how_long_a_hundred_thousand_entries_take(tmp_path: Path) -> None:
    database = make(tmp_path)
    grow(database, 100_000)
    began = time.perf_counter()
    found = look(database)
    print(f"audit verify: {found.entries} entries in {time.perf_counter() - began:.2f} s")  # noqa: T201
    assert found.broken is None
    database.close()


def test_the_end_seen_last_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    witness = Witness(tmp_path / "audit_head")
    assert witness.seen() is None
    witness.keep(End(3, "a" * 64))
    assert witness.seen() == End(3, "a" * 64)
    assert witness.path.stat().st_mode & 0o777 == 0o600
    witness.keep(End(4, "b" * 64))
    assert witness.seen() == End(4, "b" * 64)


@pytest.mark.parametrize("said", ["", "{", "[]", "{}", '{"number": "x", "hash": "y"}', "null"])
def test_a_file_that_says_nothing_of_use_is_no_witness(tmp_path: Path, said: str) -> None:
    path = tmp_path / "audit_head"
    path.write_text(said, encoding="utf-8")
    assert Witness(path).seen() is None


def test_the_spelling_that_is_hashed_stays_what_it_is() -> None:
    row = {"number": 1, "at": datetime(2026, 1, 2, 3, 4, 5), "account_id": None, "channel": "page",  # noqa: DTZ001
           "what": "é", "kind": None, "about": None, "facts": {"b": 1, "a": 2}, "previous": "0" * 64}
    spelled = '[1,"2026-01-02T03:04:05.000000",null,"page","\\u00e9",null,null,{"a":2,"b":1},"' + "0" * 64 + '"]'
    assert chain.digest(row) == hashlib.sha256(spelled.encode()).hexdigest()
    assert json.loads(spelled)[4] == "é"
    assert Deed("a", "page").facts == {}
