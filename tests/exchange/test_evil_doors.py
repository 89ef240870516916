"""Hostile files at the doors and within their room: a clear word, nothing half done, and never much memory."""

from __future__ import annotations

import gzip
import io
import json
import resource
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from finder.accounts.permissions import Role
from finder.catalog import queries
from finder.exchange import files, weight
from tests.cli.conftest import Command, listing
from tests.exchange import evil
from tests.exchange.test_evil_imports import everything, saved
from tests.web.people import Person
from tests.web.site import Site, group

MOST_MEMORY = 300 * 1024 * 1024
# Each in the format that takes most room for it.
HEAVIEST = {
    "a million keys.json": "listing", "a million columns.csv": "csv", "a million cells.csv": "samhsa",
    "rows of nothing.csv": "samhsa", "tight.csv.gz": "csv", "numbers.json": "bmlt", "a million rows.json": "finder",
    "gzip bomb.json.gz": "meeting-guide", "zip bomb.xlsx": "samhsa", "package bomb.zip": "hsds",
    "package many columns.zip": "hsds", "lines.jsonl": "listing", "one long line.csv": "csv",
}
SAMPLE = ("a million keys.json", "a million columns.csv", "tight.csv.gz")
TOLD = ("gzip bomb.json.gz", "deep.json", "zip bomb.xlsx", "package upwards.zip", "empty.json", "NUL.csv", "page.html")
FORMAT = {"json": "listing", "csv": "samhsa", "xlsx": "samhsa", "zip": "hsds", "html": "meeting-guide"}


def room_taken(path: Path, fmt: str) -> int:
    """The most bytes that reading a source took, in a process of its own."""
    program = textwrap.dedent(f"""
        from datetime import date
        from pathlib import Path
        import openpyxl
        from finder.exchange import reading
        from finder.vocabulary import vocabulary
        from tests.exchange import evil
        for row in reading.read(Path({str(path)!r}), {fmt!r}, vocabulary=vocabulary(), today=date(2026, 11, 24),
                                mapping=evil.PLANS.get({fmt!r})):
            pass
        print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=90, check=False,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (15, 15)))
    assert done.returncode == 0, done.stderr
    return int(done.stdout) * 1024


linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells how much room was taken")


@pytest.mark.turns(3)
@linux
@pytest.mark.parametrize("name", [
    one if one in SAMPLE else pytest.param(one, marks=pytest.mark.soak) for one in HEAVIEST])
def test_M1_no_source_takes_more_than_its_room(tmp_path: Path, name: str) -> None:
    assert room_taken(saved(tmp_path, name, evil.FILES[name](), HEAVIEST[name]), HEAVIEST[name]) < MOST_MEMORY


@linux
@pytest.mark.soak
@pytest.mark.parametrize("fmt", evil.JSON)
@pytest.mark.parametrize("name", ["a million keys", "one key a million times", "many short objects", "100,000 deep"])
def test_no_value_takes_more_than_its_room(tmp_path: Path, name: str, fmt: str) -> None:
    path = saved(tmp_path, "source.json", evil.text(fmt, evil.VALUES[name]()).encode(), fmt)
    assert room_taken(path, fmt) < MOST_MEMORY


# -- what is heavy and what is not -----------------------------------------------------------------------------------


@pytest.mark.turns(3)
@pytest.mark.parametrize("fmt", evil.JSON)
def test_a_large_feed_of_real_shape_is_not_heavy(tmp_path: Path, fmt: str) -> None:
    rows = [evil.row(fmt, number, f"River Circle {number}") for number in range(20_000)]
    body = json.dumps({"changes": rows} if fmt == "finder" else rows, separators=(",", ":")).encode()
    path = tmp_path / "feed.json.gz"
    path.write_bytes(gzip.compress(body))
    assert len(body) > weight.LITTLE
    assert len(files.read_json(path)) == (1 if fmt == "finder" else 20_000)


@pytest.mark.parametrize("text", [
    json.dumps({f"k{one}": "a long enough text to be honest" for one in range(40_000)}),
    json.dumps([{f"k{row}-{one}": "a long enough text to be honest" for one in range(400)} for row in range(200)]),
    "[" + '{"a":1},' * 200_000 + "0]", "[" + "[]," * 500_000 + "0]", "[" + "1," * 900_000 + "0]",
    '{"a": "' + "\\\"" * 300_000 + '", ' + ", ".join('"name": "of no use to anybody"' for _ in range(40_000)) + "}",
    '[{"x": {}, ' + ", ".join('"name": {"of": "no use to anybody at all"}' for _ in range(40_000)) + "}]",
], ids=["an object", "many objects", "small objects", "lists", "numbers", "one key", "one key around others"])
def test_shapes_that_no_feed_has_are_heavy(text: str) -> None:
    assert weight.is_heavy(text)


def test_keys_within_texts_do_not_count() -> None:
    rows = [{"name": "River", "notes": ", ".join(f"at {one}: yes, {{ok}}" for one in range(60))} for _ in range(2000)]
    text = json.dumps(rows)
    assert len(text) > weight.LITTLE
    assert not weight.is_heavy(text)


# -- the doors -------------------------------------------------------------------------------------------------------


def at_desk(steward: Person, path: Path, fmt: str) -> Any:
    page = steward.get("/steward/imports/new")
    fields = {**page.form("/steward/imports/new"), "name": "A feed", "format": fmt, "file": (
        io.BytesIO(path.read_bytes()), path.name)}
    return steward.pages.post("/steward/imports/new", fields, content_type="multipart/form-data")


def test_the_command_says_in_one_line_what_is_wrong(tmp_path: Path, capfdbinary: Any) -> None:
    finder = Command(tmp_path, capfdbinary)
    honest = finder.file("list.json", [listing(1), listing(2)])
    assert finder("import", honest, "--format", "listing", "--source", "County", "--json")[0] == 0
    for place, name in enumerate(TOLD):
        folder = tmp_path / str(place)
        folder.mkdir()
        fmt = FORMAT[name.removesuffix(".gz").rpartition(".")[2]]
        path = saved(folder, name, evil.FILES[name](), fmt)
        code, out, err = finder("import", path, "--format", fmt, "--source", "County", "--json")
        assert (name, code, out) == (name, 1, "")
        assert err.strip().count("\n") == 0
        assert "Nothing was changed" in err
        assert "Traceback" not in err
    report = json.loads(finder("import", honest, "--format", "listing", "--source", "County", "--json")[1])
    assert (report["unchanged"], report["added"]) == (2, 0)


@pytest.mark.parametrize("name", ["pipe", "folder of pipes", "zeros", "link to nothing", "folder of links",
                                  "empty folder", "long name"])
def test_the_command_waits_for_nothing_that_is_no_file(tmp_path: Path, capfdbinary: Any, name: str) -> None:
    finder = Command(tmp_path, capfdbinary)
    code, out, err = finder("import", evil.PLACES[name](tmp_path), "--format", "samhsa", "--source", "County")
    assert (code, out, "Traceback" in err) == (1, "", False)


@pytest.mark.turns(3)
def test_the_desk_shows_what_is_wrong_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    site = Site(tmp_path, [group(1), group(2)], instance=tmp_path / "instance")
    steward = Person(site, "joy@example.org", Role.STEWARD)
    for place, name in enumerate(TOLD):
        folder = tmp_path / str(place)
        folder.mkdir()
        fmt = FORMAT[name.removesuffix(".gz").rpartition(".")[2]]
        page = at_desk(steward, saved(folder, name, evil.FILES[name](), fmt), fmt)
        assert page.status < 500, name
        assert not [tag for tag in page.all("form") if tag["action"].endswith("/apply")], name
    with site.database.reading() as session:
        assert queries.count(session) == 2
    assert everything(site.database)
