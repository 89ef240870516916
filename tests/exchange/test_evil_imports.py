"""Whatever is sent in place of a source: what is listed already stays, and it is said what is wrong. Never a crash."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy import text as statement

from finder.db import Database
from finder.exchange import taking
from finder.exchange.reading import FORMATS
from finder.exchange.taking import Ground, Origin, Unreadable
from finder.listings.edits import ImportReport
from finder.vocabulary import vocabulary
from tests.exchange import evil
from tests.exchange.make import gazetteer
from tests.listings.database import NOW, make_database

MOST_SECONDS = 10
CODES = frozenset((
    "not_json", "not_a_list", "not_text", "not_a_workbook", "no_table", "no_mapping", "unreadable_file", "too_large",
    "too_deep", "repeated", "one_page", "not_changes", "no_listing"))


class _Undone(Exception):
    pass


def origin(path: Path, fmt: str) -> Origin:
    return Origin(path, fmt, f"A source in {fmt}", evil.PLANS.get(fmt))


def ground() -> Ground:
    return Ground(vocabulary(), gazetteer())


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A source of each format with a handful of published listings."""
    folder = tmp_path_factory.mktemp("instance")
    made = make_database(folder)
    for fmt in FORMATS:
        name, body = evil.packed(fmt, evil.text(fmt).encode())
        (folder / name).write_bytes(body)
        with made.transaction() as session:
            assert taking.take(session, origin(folder / name, fmt), ground(), now=NOW).added == len(evil.NAMES)
    yield made
    made.close()


def everything(database: Database) -> str:
    """A name for all rows of all tables."""
    found = hashlib.sha256()
    with database.reading() as session:
        for name in sorted(inspect(session.connection()).get_table_names()):
            rows = session.execute(statement(f'SELECT * FROM "{name}"')).all()  # noqa: S608 - a name of ours
            for one in sorted(repr(tuple(row)) for row in rows):  # a server gives them in any order
                found.update(one.encode("utf-8", "backslashreplace"))
    return found.hexdigest()


def outcome(database: Database, path: Path, fmt: str) -> ImportReport | str:
    """The report of an import that is taken back, or the code of why there was none; everything is as it was."""
    before = everything(database)
    begun = time.process_time()
    report = ImportReport()
    found: ImportReport | str = report
    try:
        with database.transaction() as session:
            taking.take(session, origin(path, fmt), ground(), now=NOW, report=report)
            raise _Undone
    except _Undone:
        assert report.gone == 0
        assert report.changed == 0
    except Unreadable as broken:
        found = broken.code
    assert isinstance(found, ImportReport) or found in CODES
    assert time.process_time() - begun < MOST_SECONDS
    assert everything(database) == before
    return found


def saved(folder: Path, name: str, body: bytes, fmt: str) -> Path:
    """The file of a source, or the folder where the format is one of tables."""
    path = folder / ("source." + name.split(".", 1)[1])
    if fmt == "bmlt-tables" and ".csv" in name:
        (folder / "tables").mkdir()
        (folder / "tables" / ("meetings_main." + name.split(".", 1)[1])).write_bytes(body)
        return folder / "tables"
    path.write_bytes(body)
    return path


def none_taken(found: ImportReport | str) -> bool:
    return isinstance(found, str) or found.added == found.changed == found.gone == 0


def likely(name: str) -> tuple[str, ...]:
    """The formats that a file of such a name may be taken for."""
    kind = name.split(".", 1)[1].removesuffix(".gz")
    return {"json": evil.JSON, "jsonl": ("listing", "hsds"), "ndjson": ("listing", "hsds"), "zip": ("hsds", "samhsa"),
            "xlsx": ("samhsa", "hsds"), "csv": (*evil.TABLES, "bmlt-tables"), "html": FORMATS}[kind]


def crossed(names: dict[str, object], formats: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each name with one format, in turn, so that every name and every format is met."""
    return [(name, formats[place % len(formats)]) for place, name in enumerate(names)]


FILES = [(name, likely(name)[place % len(likely(name))]) for place, name in enumerate(evil.FILES)]
VALUES = crossed(dict(evil.VALUES), (*evil.JSON, "bmlt-tables"))
TEXTS = crossed(dict(evil.TEXTS), (*evil.JSON, "csv", "samhsa"))
PLACES = crossed(dict(evil.PLACES), FORMATS)


def check_file(database: Database, folder: Path, name: str, fmt: str) -> None:
    found = outcome(database, saved(folder, name, evil.FILES[name](), fmt), fmt)
    assert none_taken(found) or name == evil.WELL_FORMED


def check_value(database: Database, folder: Path, name: str, fmt: str) -> None:
    body = evil.text(fmt, evil.VALUES[name]()).encode("utf-8", "surrogatepass")
    found = outcome(database, saved(folder, "source.json", body, fmt), fmt)
    assert isinstance(found, str) or (found.unchanged, found.added < 2) == (len(evil.NAMES), True)


def check_text(database: Database, folder: Path, name: str, fmt: str) -> None:
    long = evil.TEXTS[name]()
    sent = long[:120_000] if fmt in evil.TABLES else f'"{long}"'
    path, body = evil.packed(fmt, evil.text(fmt, sent).encode())
    found = outcome(database, saved(folder, path, body, fmt), fmt)
    assert not isinstance(found, str)
    assert found.unchanged == len(evil.NAMES)


def check_place(database: Database, folder: Path, name: str, fmt: str) -> None:
    assert isinstance(outcome(database, evil.PLACES[name](folder), fmt), str)


@pytest.mark.parametrize(("name", "fmt"), FILES, ids=lambda one: one)
def test_M1_an_evil_file_changes_nothing(database: Database, tmp_path: Path, name: str, fmt: str) -> None:
    check_file(database, tmp_path, name, fmt)


@pytest.mark.parametrize(("name", "fmt"), VALUES, ids=lambda one: one)
def test_M7_an_evil_value_costs_its_own_row_or_the_file(database: Database, tmp_path: Path, name: str,
                                                        fmt: str) -> None:
    check_value(database, tmp_path, name, fmt)


@pytest.mark.parametrize(("name", "fmt"), TEXTS, ids=lambda one: one)
def test_I6_a_text_made_to_be_slow_is_read_quickly(database: Database, tmp_path: Path, name: str, fmt: str) -> None:
    check_text(database, tmp_path, name, fmt)


@pytest.mark.parametrize(("name", "fmt"), PLACES, ids=lambda one: one)
def test_what_is_no_file_is_refused_and_not_waited_for(database: Database, tmp_path: Path, name: str, fmt: str) -> None:
    check_place(database, tmp_path, name, fmt)


@pytest.mark.soak
@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize(("names", "check"), [
    (evil.FILES, check_file), (evil.VALUES, check_value), (evil.TEXTS, check_text), (evil.PLACES, check_place)],
    ids=["files", "values", "texts", "places"])
def test_nothing_evil_breaks_any_format(database: Database, tmp_path: Path, fmt: str, names: dict[str, object],
                                        check: object) -> None:
    for place, name in enumerate(names):
        if check is check_value and fmt in evil.TABLES:
            continue
        folder = tmp_path / str(place)
        folder.mkdir()
        check(database, folder, name, fmt)  # type: ignore[operator]


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("encoding", evil.ENCODINGS)
def test_another_encoding_is_refused_or_read_as_it_stands(database: Database, tmp_path: Path, fmt: str,
                                                          encoding: str) -> None:
    for place, body in enumerate((evil.text(fmt).encode(encoding), evil.text(fmt, '"é"').encode(encoding)[:-1])):
        (tmp_path / str(place)).mkdir()
        found = outcome(database, saved(tmp_path / str(place), *evil.packed(fmt, body), fmt), fmt)
        assert none_taken(found) or encoding == "utf-7"


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_mark_at_the_start_and_ends_of_lines_of_any_kind_are_read(database: Database, tmp_path: Path,
                                                                   fmt: str) -> None:
    text = evil.text(fmt)
    ends = [text.replace("\r\n", end) for end in ("\n", "\r", "\r\n\n", "\n\r")]
    for place, body in enumerate([text.encode("utf-8-sig"), *(one.encode() for one in ends)]):
        (tmp_path / str(place)).mkdir()
        found = outcome(database, saved(tmp_path / str(place), *evil.packed(fmt, body), fmt), fmt)
        assert not isinstance(found, str)
        assert (found.unchanged, found.added) == (len(evil.NAMES), 0)


@pytest.mark.parametrize("fmt", FORMATS)
def test_bytes_that_are_no_text_cost_no_other_row(database: Database, tmp_path: Path, fmt: str) -> None:
    for place, odd in enumerate((b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80" * 1000)):
        body = evil.text(fmt, '"@"' if fmt not in evil.TABLES else "@").encode().replace(b"@", odd)
        (tmp_path / str(place)).mkdir()
        found = outcome(database, saved(tmp_path / str(place), *evil.packed(fmt, body), fmt), fmt)
        assert not isinstance(found, str)
        assert found.unchanged == len(evil.NAMES)
