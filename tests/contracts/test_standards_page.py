from __future__ import annotations

from tests.contracts.standards_page import PAGE, TABLES, made, named


def test_the_page_of_standards_says_what_is_lost_as_the_writers_hold_it() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert made(text) == text, "python -m tests.contracts.standards_page writes the tables anew"


def test_every_table_of_losses_stands_in_the_page_once() -> None:
    assert sorted(named(PAGE.read_text(encoding="utf-8"))) == sorted(TABLES)
