from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest
from sqlalchemy import select
from werkzeug import Response

from finder.limits import Allowance
from finder.referrals import pace
from finder.web.answers import Answers
from tests.pages import Page
from tests.web.provider.clinic import Clinic


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path)


def address(clinic: Clinic, *groups: int, more: str = "") -> str:
    return "/provider/handout?" + "&".join(f"g={clinic.keys[one]}" for one in groups) + more


def test_the_sheet_says_who_gave_it_and_begins_with_the_crisis_line(clinic: Clinic) -> None:
    (sheet,) = clinic.joy.get(address(clinic, 0, 1)).of_class("hand")
    assert "988" in sheet.text[:60]
    assert "You got this sheet from: Eastside Family Clinic, 919-555-0100" in sheet.text
    assert sheet.text.index("River Circle 1") < sheet.text.index("River Circle 2")


def test_the_sheet_holds_the_persons_own_code_only_right_after_it_was_made_and_never_the_teams(clinic: Clinic) -> None:
    page = clinic.refer(0, code="K7-41", need="depression", level="3")
    code = page.main.of_class("legend")[0].text
    to = next(one["href"] for one in page.all("a") if "code=" in one["href"])
    (sheet,) = clinic.joy.get(to).of_class("hand")
    assert code in sheet.text
    assert "K7-41" not in clinic.joy.get(to).source
    assert not [word for word in ("depression", "low mood", "heav") if word in sheet.text]
    assert code not in clinic.joy.get(address(clinic, 0)).source
    assert code not in clinic.sam.get(to).source
    clinic.site.wait(601)
    assert code not in clinic.joy.get(to).source


def test_the_code_of_one_person_is_not_printed_for_another(clinic: Clinic) -> None:
    first = clinic.refer(0)
    to = next(one["href"] for one in first.all("a") if "code=" in one["href"])
    second = clinic.refer(0).main.of_class("legend")[0].text
    assert second not in clinic.joy.get(to).source


def test_size_words_and_language_are_of_the_address(clinic: Clinic) -> None:
    page = clinic.joy.get(address(clinic, 0, more="&size=large&words=plain"))
    assert page.of_class("hand--large")
    assert "Usual print" in page.main.text
    assert clinic.joy.get("/es" + address(clinic, 0)).one("html")["lang"] == "es"


@pytest.mark.parametrize("path", ["/provider/handout", "/provider/handout?g=nothing"])
def test_without_a_group_the_page_says_to_choose_one(clinic: Clinic, path: str) -> None:
    assert "Choose one group or several first" in clinic.joy.get(path).main.text


def test_a_pdf_of_no_group_leads_to_the_page(clinic: Clinic) -> None:
    assert clinic.joy.client.get("/provider/handout.pdf").status_code == 303


def test_the_list_is_sent_with_ids_of_groups_and_nothing_else(clinic: Clinic) -> None:
    page = clinic.joy.get(address(clinic, 0, 1))
    sent = send(clinic, page, "Mary@example.org")
    assert "The letter goes out in a minute" in sent.main.text
    assert "mary" not in sent.path.lower()
    (letter,) = clinic.letters("list")
    assert letter.address == "mary@example.org"
    assert letter.facts == {"keys": clinic.keys[:2]}


def test_a_wrong_address_is_said_at_the_field(clinic: Clinic) -> None:
    page = clinic.joy.get(address(clinic, 0))
    again = send(clinic, page, "nobody")
    assert again.status == 422
    assert again.one(id="email-error")
    assert again.one("input", id="email")["value"] == "nobody"
    assert clinic.letters("list") == []


def test_more_than_twenty_lists_in_an_hour_are_not_sent(clinic: Clinic) -> None:
    page = clinic.joy.get(address(clinic, 0))
    with clinic.site.database.transaction() as session:
        for _ in range(pace.LISTS.most):
            pace.take_turn(session, clinic.team, clinic.site.clock(), pace.LISTS)
    full = send(clinic, page, "mary@example.org")
    assert full.status == 429
    assert full.response.headers["Retry-After"]
    assert clinic.letters("list") == []


def test_one_address_gets_two_lists_a_day_of_a_team_and_is_kept_nowhere_to_know_it(clinic: Clinic) -> None:
    page = clinic.joy.get(address(clinic, 0))
    for typed in ("mary@example.org", "Mary@example.org "):
        assert send(clinic, page, typed).status == 200
    full = send(clinic, page, "MARY@example.org")
    assert full.status == 429
    assert "two lists to this address today" in full.main.text
    assert full.one("input", id="email")["value"] == "MARY@example.org"
    assert len(clinic.letters("list")) == 2
    assert send(clinic, page, "lou@example.org").status == 200
    with clinic.site.database.reading() as session:
        assert not any(b"mary" in one.key for one in session.scalars(select(Allowance)))


def test_the_link_to_copy_and_the_message_hold_the_list_only(clinic: Clinic) -> None:
    page = clinic.joy.get(address(clinic, 0))
    link = page.one("input", id="address")["value"]
    assert link.endswith(f"/list?g={clinic.keys[0]}")
    (message,) = [one["href"] for one in page.all("a") if one["href"].startswith("sms:?")]
    assert unquote(message) == f"sms:?&body={link}"


def send(clinic: Clinic, page: Page, email: str) -> Page:
    """Sends the form with the address, to where the form goes."""
    (form,) = [one for one in page.all("form") if "/handout/send" in one["action"]]
    return clinic.joy.pages.post(form["action"], {**page.form("/provider/handout/send"), "email": email})


def test_where_violence_was_named_no_letter_and_no_message_are_offered(clinic: Clinic) -> None:
    response = Response()
    cookie = clinic.site.app.extensions["finder_answers"]
    cookie.seal(response, Answers({"format": "finder-intake/1", "needs": ["domestic_violence"]}), clinic.site.clock())
    clinic.joy.client.set_cookie(cookie.name, response.headers["Set-Cookie"].partition("=")[2].partition(";")[0])
    page = clinic.joy.get(address(clinic, 0))
    assert not page.all("input", id="email")
    assert not [one for one in page.all("a") if one["href"].startswith("sms:?")]
    assert "Give the paper by hand." in page.main.text
