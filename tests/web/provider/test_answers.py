from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from finder.listings import changes
from finder.referrals.models import AnswerTally
from tests.pages import Page
from tests.web.provider.clinic import Clinic

PAGE = "/provider/answers"


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path)


def tell(clinic: Clinic, group: int, *, team: uuid.UUID | None = None, month: str = "2026-11", **counts: int) -> None:
    with clinic.site.database.transaction() as session:
        session.add(AnswerTally(team_id=team or clinic.team, program_id=uuid.UUID(clinic.site.ids[group]), month=month,
                                **counts))


def cells(page: Page, name: str) -> list[str]:
    rows = [tag for tag in page.all("tr") if tag.all("th") and name in tag.all("th")[0].text]
    return [one.text for one in rows[0].all("td")]


def test_a_team_that_asked_nobody_is_told_what_comes_here(clinic: Clinic) -> None:
    page = clinic.joy.get(PAGE)
    assert "Your team has not asked any group yet." in page.main.text
    assert page.all("table") == []


def test_each_group_has_counts_times_and_shares(clinic: Clinic) -> None:
    tell(clinic, 0, sent=7, answered=6, accepted=3, waiting=2, declined=1, no_answer=0, attended=2, missed=1, hours=288)
    tell(clinic, 0, month="2026-10", sent=4, answered=2, accepted=1, declined=1, no_answer=2, hours=96)
    page = clinic.joy.get(PAGE)
    assert cells(page, "River Circle 1") == ["11", "8", "2 days", "40%", "20%", "2 of 3", "1"]
    assert {tag.all("dt")[0].text: tag.all("dd")[0].text for tag in page.of_class("tally")[0].all("div")} == {
        "Asked": "11", "Answered": "8", "Said yes": "4", "No answer": "2", "Open or taken back": "1"}


def test_a_few_requests_say_nothing_but_their_number(clinic: Clinic) -> None:
    tell(clinic, 1, sent=2, answered=1, accepted=1, no_answer=1, hours=5)
    page = clinic.joy.get(PAGE)
    assert cells(page, "River Circle 2") == ["2", "1", "5 hours", "–", "–", "–", "0"]
    assert page.of_class("gauge") == []
    assert "so few say little" in page.main.text


def test_a_group_that_often_does_not_answer_is_named_with_its_own_counts(clinic: Clinic) -> None:
    tell(clinic, 2, sent=4, answered=1, accepted=1, no_answer=3, hours=2)
    words = clinic.joy.get(PAGE).of_class("notice--wait")[0].text
    assert "River Circle 3 : 3 of 4 of your requests got no answer." in words


def test_what_other_teams_saw_is_said_without_numbers(clinic: Clinic) -> None:
    tell(clinic, 3, sent=1)
    tell(clinic, 3, team=clinic.other_team, sent=12, answered=2, accepted=2, no_answer=10, hours=2)
    page = clinic.joy.get(PAGE)
    assert "River Circle 4 : Teams that ask here often get no answer." in page.of_class("notice--wait")[0].text
    assert cells(page, "River Circle 4")[0] == "1"
    assert "River Circle 1" not in page.main.text


def test_a_group_that_is_gone_keeps_its_counts_and_no_link(clinic: Clinic) -> None:
    tell(clinic, 4, sent=3, answered=3, accepted=3, hours=3)
    with clinic.site.database.transaction() as session:
        there = changes.find(session, clinic.site.slugs[4])
        changes.delete(session, there.id, base=there.version, author=changes.Author("a test"), now=clinic.site.clock())
    page = clinic.joy.get(PAGE)
    assert cells(page, "River Circle 5")[0] == "3"
    assert not any("/programs/" in tag for tag in page.links)


def test_a_table_is_named_and_its_headings_are_headings(clinic: Clinic) -> None:
    tell(clinic, 0, sent=1)
    page = clinic.joy.get(PAGE)
    assert page.one("caption").text == "How each group answered"
    assert all(tag["scope"] in ("col", "row") for tag in page.all("th"))
