"""The sheet as a browser prints it: four groups on one, and none torn in two where it takes more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.conftest import Start, served
from tests.reading_pdf import pages
from tests.web.sheets import FOUR, MORE
from tests.web.site import Site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Site]]:
    made = Site(tmp_path_factory.mktemp("site"), FOUR + MORE)
    running = served(made.app)
    yield next(running), made
    next(running, None)


def _sheets(start: Start, printed: tuple[str, Site], *, count: int, paper: str, look: str = "",
            prefix: str = "") -> list[str]:
    visit = start(390, 740, color_scheme="dark")
    visit.site, site = printed
    visit.go(f"{prefix}/handout?{'&'.join(f'g={one}' for one in site.keys[:count])}{look}")
    return pages(visit.page.pdf(format=paper))


@pytest.mark.parametrize("paper", ["Letter", "A4"])
@pytest.mark.parametrize("prefix", ["", "/es"])
def test_four_groups_are_one_sheet_with_the_crisis_line_first(start: Start, printed: tuple[str, Site], paper: str,
                                                              prefix: str) -> None:
    (sheet,) = _sheets(start, printed, count=4, paper=paper, prefix=prefix)
    assert "988" in sheet[:60]
    assert "919-555-0163" in sheet


def test_no_group_is_torn_in_large_print(start: Start, printed: tuple[str, Site]) -> None:
    sheets = _sheets(start, printed, count=8, paper="Letter", look="&size=large")
    assert len(sheets) > 2
    for number in range(200, 204):
        assert [f"919-555-0{number}" in sheet for sheet in sheets] == [f"E Circle {number}" in sheet
                                                                       for sheet in sheets]
