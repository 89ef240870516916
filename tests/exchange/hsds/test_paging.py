from __future__ import annotations

from typing import Any

import pytest

from finder.exchange.hsds.paging import Page, envelope, following


def page(total: int, number: int, per_page: int = 10) -> dict[str, Any]:
    asked = Page(number, per_page)
    return envelope(total, asked, list(range(total))[asked.start:asked.start + per_page])


@pytest.mark.parametrize(("total", "number", "said"), [
    (25, 1, {"total_pages": 3, "size": 10, "first_page": True, "last_page": False, "empty": False}),
    (25, 2, {"total_pages": 3, "size": 10, "first_page": False, "last_page": False, "empty": False}),
    (25, 3, {"total_pages": 3, "size": 5, "first_page": False, "last_page": True, "empty": False}),
    (25, 4, {"total_pages": 3, "size": 0, "first_page": False, "last_page": False, "empty": True}),
    (20, 2, {"total_pages": 2, "size": 10, "first_page": False, "last_page": True, "empty": False}),
    (7, 1, {"total_pages": 1, "size": 7, "first_page": True, "last_page": True, "empty": False}),
    (0, 1, {"total_pages": 0, "size": 0, "first_page": True, "last_page": True, "empty": True}),
], ids=["first", "middle", "last", "beyond", "last is full", "only one", "none"])
def test_the_envelope_says_which_page_it_is(total: int, number: int, said: dict[str, Any]) -> None:
    found = page(total, number)
    assert {name: found[name] for name in said} == said
    assert (found["total_items"], found["page_number"], found["size"]) == (total, number, len(found["contents"]))


def test_every_row_stands_on_one_page() -> None:
    found, number = [], 1
    while number:
        answer = page(25, number)
        found += answer["contents"]
        number = following(answer) or 0
    assert found == list(range(25))


@pytest.mark.parametrize("answer", [
    {}, {"page_number": True, "total_pages": 3, "contents": [1]},
    {"page_number": 1, "total_pages": "3", "contents": [1]},
    {"page_number": 1, "total_pages": 3, "contents": []}, {"page_number": 0, "total_pages": 3, "contents": [1]},
    {"page_number": 3, "total_pages": 3, "contents": [1]}], ids=["bare", "truth", "text", "empty", "nought", "last"])
def test_no_page_follows_where_none_can_be_counted(answer: dict[str, Any]) -> None:
    assert following(answer) is None
