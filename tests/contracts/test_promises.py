from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from finder import promises

TESTS = Path(__file__).resolve().parents[1]
# How many there are about each subject; the ids run from 1 without a gap.
COUNTS = {"P": 12, "A": 12, "I": 7, "W": 7, "L": 5, "C": 7, "D": 9, "M": 7, "V": 6, "O": 5, "S": 6, "Y": 9}
EVERY = [f"{letter}{number}" for letter, count in COUNTS.items() for number in range(1, count + 1)]
HELD = [one for section in promises.sections() for one in section.promises]


def names() -> Iterator[tuple[str, str]]:
    """Every test by its file and name, read and not run."""
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                yield path.name, node.name


@pytest.fixture(scope="module")
def carried() -> set[str]:
    return {one for _, name in names() for one in promises.carried(name)}


def test_every_promise_is_there_once_and_in_order() -> None:
    assert [one.id for one in HELD] == EVERY
    assert len(EVERY) == 92


def test_a_promise_is_a_sentence() -> None:
    for one in HELD:
        for text in (one.says, one.not_yet):
            assert not text or text.endswith("."), one.id
        assert len(one.says.split()) > 5, one.id


def test_what_is_promised_is_shown_by_a_test(carried: set[str]) -> None:
    assert [one.id for one in HELD if not one.not_yet and one.id not in carried] == []


def test_no_test_carries_an_id_that_is_none() -> None:
    letters = tuple(COUNTS)
    assert [(file, name) for file, name in names() for one in promises.carried(name)
            if one.startswith(letters) and one not in EVERY] == []
