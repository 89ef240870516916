"""What is logged: one line an event that a program can read, whatever was sent or typed."""

from __future__ import annotations

import ast
import io
import json
import logging
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder import journal
from finder.journal import EVENTS, KEYS, Lines, Logged

ROOT = Path(journal.__file__).parent
EVIL = st.text(max_size=400) | st.sampled_from([
    "a\r\nERROR all is well", "\x1b[2J\x1b[31mred", "a\u2028b\u2029c", "\x85next", "\x0b\x0c\x1c\x1e", "%s %d %(x)s",
    '{"level": "info"}', "\x00", "\u202egnirts", "\udc80", "{at}", "\U0001f4a5" * 400])
FIELDS = st.dictionaries(st.sampled_from([*sorted(KEYS), "query", "address"]),
                         EVIL | st.integers() | st.none() | st.floats(), max_size=6)
EVENT = st.tuples(st.sampled_from(sorted(EVENTS)), FIELDS, EVIL)
ALWAYS = {"ts", "level", "event"}


class Kept:
    """A logger of its own that writes lines as a server does."""

    def __init__(self, as_json: bool) -> None:
        self.written = io.StringIO()
        handler = logging.StreamHandler(self.written)
        handler.setFormatter(Lines(as_json))
        self.log = logging.Logger("anything")
        self.log.addHandler(handler)

    def lines(self) -> list[str]:
        return self.written.getvalue().split("\n")[:-1]


def log_all(log: logging.Logger, events: list[tuple[str, dict[str, Any], str]]) -> int:
    """Each event as ours, as another library's, and as a failure whose message says what was sent."""
    for event, fields, words in events:
        log.error(Logged(event, **fields))
        log.warning("A library says %s", words)
        try:
            raise RuntimeError(words)
        except RuntimeError:
            log.exception(words.replace("%", "%%"))
    return 3 * len(events)


@given(st.lists(EVENT, max_size=5))
def test_O2_so_many_events_are_so_many_lines_that_can_be_read(events: list[tuple[str, dict[str, Any], str]]) -> None:
    kept = Kept(as_json=True)
    many = log_all(kept.log, events)
    lines = kept.lines()
    assert len(lines) == many
    for line in lines:
        assert line.isascii()
        assert line.isprintable()
        read = json.loads(line)
        assert ALWAYS <= set(read) <= ALWAYS | KEYS
        assert read["event"] in EVENTS


@given(st.lists(EVENT, max_size=5))
def test_O2_on_a_terminal_an_event_is_one_line_too(events: list[tuple[str, dict[str, Any], str]]) -> None:
    kept = Kept(as_json=False)
    many = log_all(kept.log, events)
    lines = kept.lines()
    assert len(lines) == many
    assert all(line.isprintable() and len(line.splitlines()) == 1 for line in lines)


@given(words=EVIL.filter(lambda words: len(words) > 3))
def test_P3_of_what_others_log_only_kind_and_place_are_kept(words: str) -> None:
    kept = Kept(as_json=True)
    log_all(kept.log, [("server", {}, f"zqcanary {words}")])
    assert "zqcanary" not in kept.written.getvalue()
    failed = json.loads(kept.lines()[2])
    assert failed["error"] == "RuntimeError"
    assert failed["at"].startswith("test_journal.py:")
    assert all(step.count(":") == 2 for step in failed["at"].split(" < "))


def test_O2_every_event_and_field_in_the_code_is_a_known_one() -> None:
    seen = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Logged":
                event = node.args[0]
                assert isinstance(event, ast.Constant), path
                seen.add(event.value)
                assert {one.arg for one in node.keywords} <= KEYS, (path, node.lineno)
    assert seen == set(EVENTS)


def test_O2_no_line_is_longer_than_what_a_pipe_takes_in_one_piece() -> None:
    longest = Logged("request_failed", **{name: "\U0001f4a5" * 9_999 if name == "rid" else "x" * 9_999
                                        for name in sorted(KEYS - {"counts", "says", "job", "letter", "source"})})
    record = logging.LogRecord("finder", logging.ERROR, "", 0, longest, (), None)
    assert len(Lines(True).format(record)) < 8_192


@pytest.fixture
def begun() -> Iterator[None]:
    with journal.kept():
        yield


def fail() -> None:
    raise ValueError("zqcanary\nand more")


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize("deed", [
    lambda: sys.excepthook(*_caught()), lambda: _in_a_thread(), lambda: warnings.warn("zqcanary", stacklevel=1),
    lambda: logging.getLogger("sqlalchemy.pool").error("zqcanary %s", "more", exc_info=_caught())])
@pytest.mark.filterwarnings("always")
def test_O2_what_nobody_caught_is_one_line_too(deed: Callable[[], None], capsys: pytest.CaptureFixture[str]) -> None:
    deed()
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] in ("crashed", "other")
    assert "zqcanary" not in line


def _caught() -> Any:
    try:
        fail()
    except ValueError:
        return sys.exc_info()


def _in_a_thread() -> None:
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()


def test_O2_a_worker_that_cannot_start_says_so_in_lines_that_can_be_read(tmp_path: Path) -> None:
    code = ("from finder.cli.server import Server, free_port\nfrom finder import journal\n"
            "def broken():\n    raise RuntimeError('zqcanary\\nmore')\n"
            "with journal.kept():\n    Server(broken, '127.0.0.1', free_port('127.0.0.1'), 1).run()\n")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT.parent, capture_output=True, text=True, timeout=60,
                          check=False)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert {"crashed", "server"} <= {line["event"] for line in lines}
    assert any("broken" in line.get("at", "") for line in lines)
    assert "zqcanary" not in done.stderr
