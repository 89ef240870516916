"""How heavy pages are with the listings that ship, as a browser gets them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import orjson
import pytest

from finder.cli.intakes import intakes
from finder.intake.questionnaire import intake_to_form, questionnaire
from tests.pages import Pages
from tests.shared import ROOT
from tests.web.site import Site

PLAIN_BYTES = 105_000  # of twenty results, before they are squeezed
SQUEEZED_BYTES = 60_000  # of any page
PEOPLE = 12


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    lines = (ROOT / "seed_data" / "listings.jsonl").read_bytes().splitlines()
    site = Site(tmp_path_factory.mktemp("seed"), [orjson.loads(line) for line in lines])
    yield site
    site.database.engine.dispose()


@pytest.mark.parametrize("language", ["", "/es"])
def test_twenty_results_are_no_heavier_than_agreed(seeded: Site, language: str) -> None:
    full = 0
    for intake in intakes(PEOPLE):
        visitor = Pages(seeded.app.test_client())
        for page in questionnaire().pages:
            visitor.client.post(f"{language}/find/{page.id}", data=intake_to_form(intake))
        answer = visitor.client.get(f"{language}/results", headers={"Accept-Encoding": "gzip"})
        page = gzip.decompress(answer.data)
        assert len(page) <= PLAIN_BYTES
        assert len(answer.data) <= SQUEEZED_BYTES
        full += page.count(b'class="match"') == 20
    assert full


def test_every_other_page_is_light(seeded: Site) -> None:
    keys = "&g=".join(seeded.keys[:20])
    paths = ["/", "/programs", "/programs?near=60601&far=50", "/topics", "/kinds", "/places", "/places/il", "/learn/",
             "/about", "/privacy", "/accessibility", "/how-matching-works", "/crisis", "/offline", "/saved", "/nowhere",
             f"/list?g={keys}", f"/list/text?g={keys}", f"/handout?g={keys}",
             f"/compare?g={'&g='.join(seeded.keys[:4])}", *(f"/find/{page.id}" for page in questionnaire().pages),
             *(f"/programs/{slug}" for slug in seeded.slugs[::16]), f"/programs/{seeded.slugs[0]}/report"]
    client = seeded.app.test_client()
    for path in [*paths, *(f"/es{path}" for path in paths)]:
        answer = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code in (200, 404), path
        assert answer.headers.get("Content-Encoding") == "gzip", path
        assert len(answer.data) <= SQUEEZED_BYTES, path


def test_a_drawing_stands_once_in_a_page(seeded: Site) -> None:
    page = Pages(seeded.app.test_client()).get("/programs")
    drawn = [tag["id"] for tag in page.all("symbol")]
    assert len(drawn) == len(set(drawn))
    assert len(page.all("use")) > 5 * len(drawn)
    assert {tag["href"] for tag in page.all("use")} == {f"#{name}" for name in drawn}
