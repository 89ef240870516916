from __future__ import annotations

import os
import uuid
from datetime import date
from pathlib import Path

import pytest

from finder.exchange import kept_facts
from finder.exchange.shelf import Shelf

DAY = date(2026, 11, 24)
SHELF = Shelf(7, uuid.UUID(int=1), (), None)
STATE = f"00000000-7-{DAY.toordinal()}"


def read(folder: Path) -> object:
    return kept_facts.facts(folder, "meetings", "json", shelf=SHELF, day=DAY)


def test_facts_of_the_present_state_are_read_the_newest_where_there_are_two(tmp_path: Path) -> None:
    for mark, count, age in (("aaaaaaaa", 1, 50), ("bbbbbbbb", 2, 10), ("cccccccc", 3, 90)):
        path = tmp_path / f"meetings-{mark}.json.{STATE}.facts"
        path.write_text(f'{{"meetings": {count}}}', encoding="utf-8")
        os.utime(path, (1_000 - age, 1_000 - age))
    assert read(tmp_path) == {"meetings": 2}


@pytest.mark.parametrize("name", [
    f"meetings-aaaaaaaa.json.00000000-6-{DAY.toordinal()}.facts",
    f"meetings-aaaaaaaa.json.00000000-7-{DAY.toordinal() - 1}.facts",
    f"meetings-aaaaaaaa.json.11111111-7-{DAY.toordinal()}.facts", f"listings-aaaaaaaa.json.{STATE}.facts",
    f"meetings-aaaaaaaa.csv.{STATE}.facts", f"meetings-aaaaaaaa.json.{STATE}.gz"],
    ids=["earlier state", "yesterday", "another instance", "another file", "another ending", "the file itself"])
def test_facts_of_anything_else_are_not(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{}", encoding="utf-8")
    assert read(tmp_path) is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b"7"])
def test_facts_that_cannot_be_read_are_none(tmp_path: Path, body: bytes) -> None:
    (tmp_path / f"meetings-aaaaaaaa.json.{STATE}.facts").write_bytes(body)
    assert read(tmp_path) is None


def test_there_are_none_before_anybody_asked(tmp_path: Path) -> None:
    assert read(tmp_path) is None
    assert read(tmp_path / "nowhere") is None
