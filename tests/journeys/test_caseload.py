"""What a team does for many: a file of codes looked at and sent, a search kept, and how groups answer."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from finder.referrals.models import AnswerTally
from finder.teams import searches
from tests.journeys.conftest import Start, Visit, served
from tests.journeys.test_operator import enter
from tests.web.provider.clinic import Clinic

pytestmark = pytest.mark.browser

ROWS = ("code,need,place,phq9,phq9_item9,level\nK7-41,depression,27701,17,2,\nB2-18,alcohol,27701,11,0,3\n"
        "C3,loneliness,online,,,\nMaria,depression,27701,,,\nD4,loneliness,27701,,,\n")
SCREENS = [pytest.param(320, "dark", "/es", id="phone"), pytest.param(1280, "light", "", id="desk")]


class Running(Clinic):
    """The clinic with its pages served."""

    address = ""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    made = Running(tmp_path_factory.mktemp("caseload"))
    running = served(made.site.app)
    made.address = next(running)
    yield made
    next(running, None)


def visit_of(start: Start, clinic: Running, width: int, theme: str) -> Visit:
    return enter(start(width=width, color_scheme=theme), clinic.address, clinic.joy)


@pytest.mark.parametrize(("width", "theme", "prefix"), SCREENS)
def test_a_file_is_looked_at_and_sent(start: Start, clinic: Running, width: int, theme: str, prefix: str) -> None:
    visit = visit_of(start, clinic, width, theme)
    page = visit.page
    page.goto(f"{visit.site}{prefix}/provider/caseload")
    page.set_input_files("#file", files=[{"name": "a.csv", "mimeType": "text/csv", "buffer": ROWS.encode()}])
    page.check("input[name=usual][value=refer]")
    page.click("main .actions button")
    visit.check()
    assert page.locator(".item").count() == 4
    assert page.locator(".offer a[href='#row-2']").is_visible()
    page.click("main .actions button")
    expect(page.locator(".errors a").first).to_be_visible()
    page.wait_for_load_state()
    visit.complaints.clear()  # the browser's own, of a page with status 422
    visit.check()
    assert page.locator(".errors a").first.is_visible()
    page.check("input[name=do-6][value=handout]")
    page.check("input[name=way][value=written]")
    page.check("#substance")
    page.check("#confirmed")
    page.click("main .actions button")
    visit.check()
    assert page.locator("tbody tr").count() == 2


@pytest.mark.parametrize(("width", "theme", "prefix"), SCREENS)
def test_kept_searches_and_answers_are_sound_when_they_are_full(start: Start, clinic: Running, width: int, theme: str,
                                                                prefix: str) -> None:
    services = clinic.site.app.extensions["finder"]
    with clinic.site.database.transaction() as session:
        searches.keep(session, clinic.team, clinic.joy.id, f"Low mood {width}", {
            "needs": ["depression"], "near": {"text": "27701"}, "radius_miles": 25, "formats": ["in_person"],
            "formats_required": True, "times": ["evening"], "age": 40, "stated_level": 2, "cost": {"kind": "free_only"},
        }, fits=(), gazetteer=services.gazetteer, vocabulary=services.vocabulary, now=clinic.site.clock())
        session.merge(AnswerTally(
            team_id=clinic.team, program_id=uuid.UUID(clinic.site.ids[0]), month="2026-11", sent=9, answered=4,
            accepted=2, waiting=1, declined=1, no_answer=4, attended=1, missed=1, hours=190))
    visit = visit_of(start, clinic, width, theme)
    for page in ("searches", "answers"):
        visit.page.goto(f"{visit.site}{prefix}/provider/{page}")
        visit.check()
    visit.page.goto(f"{visit.site}{prefix}/provider/searches")
    visit.page.locator("details summary").last.click()
    visit.check()
