from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from finder.listings import pieces as pieces_of
from finder.wordings import pieces

SEED = Path(__file__).resolve().parents[1] / "seed_data" / "listings.jsonl"
HIDDEN = {"format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=SA", "start_time": "10:00",
          "timezone": "America/New_York",
          "location": {"name": "Hall", "address_1": "1 Main Street", "city": "Erie", "state": "PA", "hidden": True}}


@pytest.mark.parametrize(("row", "document", "lines"), [
    ("contact.phone", {"contact": {"phone": "919-555-0142"}}, ["919-555-0142"]),
    ("contact.phone", {}, []),
    ("cost", {"cost": {"free": True, "note": "Gifts welcome."}}, ["Free", "Gifts welcome."]),
    ("open_group", {"open_group": False}, ["Only at the start"]),
    ("focus", {"focus": ["grief"]}, ["Grief and loss"]),
    ("sessions", {"sessions": [HIDDEN]},
     ["Every Saturday, 10:00 am Eastern · In person · Hall, 1 Main Street, Erie, PA, the address is not shown"]),
    ("policies", {"policies": {"walk_in": True, "group_size": 12}},
     ["Coming without a sign-up: Yes", "People in the group: 12"]),
    ("age", {"age": {"min": 18}}, ["18 and older"]),
    ("verified", {"verified": {"on": "2026-10-01", "method": "phone"}}, ["October 1, 2026", "Somebody called"]),
    ("x", {"x": {"tags": ["a", "b"], "deep": {"n": 1}}}, ["tags: a, b", "deep: n: 1"]),
], ids=lambda value: value if isinstance(value, str) else None)
def test_a_piece_is_said_in_lines_of_words(row: str, document: dict[str, Any], lines: list[str]) -> None:
    assert pieces.lines(row, document) == lines


def test_every_piece_of_the_seed_has_a_name_and_words() -> None:
    for line in SEED.read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        for name in pieces_of.pieces(document):
            row = pieces.row_of(name)
            assert pieces.title(row) != "Something else", name
            said = pieces.lines(row, document)
            assert said, name
            assert all(words and words == words.strip() for words in said), (name, said)


def test_all_parts_of_the_cost_stand_in_one_row() -> None:
    assert {pieces.row_of(name) for name in ("cost.free", "cost.amount", "cost.note")} == {"cost"}
    assert pieces.row_of("contact.phone") == "contact.phone"
