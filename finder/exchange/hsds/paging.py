"""The envelope that HSDS puts around every list: which page this is, of how many, and whether more follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_PER_PAGE = 500


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was asked for, counted from 1. One beyond the last is empty, not an error."""

    number: int
    per_page: int

    @property
    def start(self) -> int:
        """How many rows stand before it."""
        return (self.number - 1) * self.per_page


def envelope(total: int, page: Page, contents: Sequence[Any]) -> dict[str, Any]:
    """The list as HSDS gives it. `contents` are the rows of this page; `total` counts those of all pages.

    `size` counts the rows of this page (HSDS 3.0, API reference). A list without rows has no pages, and its first page
    is the last one too.
    """
    pages = -(-total // page.per_page)
    return {"total_items": total, "total_pages": pages, "page_number": page.number, "size": len(contents),
            "first_page": page.number == 1, "last_page": page.number == max(1, pages), "empty": not contents,
            "contents": list(contents)}


def following(answer: Mapping[str, Any]) -> int | None:
    """The number of the page after this one; None when it is the last, or says nothing that can be counted."""
    number, pages = answer.get("page_number"), answer.get("total_pages")
    if isinstance(number, bool) or not isinstance(number, int) or not isinstance(pages, int):
        return None
    return number + 1 if 1 <= number < pages and answer.get("contents") else None
