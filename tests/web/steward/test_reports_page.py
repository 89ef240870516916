from __future__ import annotations

from pathlib import Path

import pytest

from finder.listings import notes
from finder.listings import reports as kept
from tests.pages import Page
from tests.web.steward.desk import StewardSite


@pytest.fixture
def site(tmp_path: Path) -> StewardSite:
    return StewardSite(tmp_path)


def do(site: StewardSite, number: str, deed: str, **form: str) -> Page:
    path = f"/steward/reports/{number}"
    return site.sam.send(site.sam.get(path), path, {"deed": deed, **form})


def open_reports(site: StewardSite) -> list[str]:
    with site.database.reading() as session:
        return [str(one.number) for one in kept.waiting(session)]


def test_reports_stand_in_one_list_unsafe_ones_first(site: StewardSite) -> None:
    site.report(0, "time", "It is at seven.")
    site.report(1, "unsafe")
    page = site.sam.get("/steward/reports")
    assert [tag.one_heading for tag in page.all("article")] == ["River Circle 2", "River Circle 1"]
    assert [tag.one_heading for tag in site.of_ohio.get("/steward/reports").all("article")] == ["River Circle 2"]


def test_a_report_stands_beside_its_listing(site: StewardSite) -> None:
    page = site.sam.get(f"/steward/reports/{site.report(0, 'time', 'It is at seven.')}")
    assert "It is at seven." in page.main.text
    assert "919-555-0190" in page.all("aside")[-1].text


def test_an_answer_goes_to_who_left_an_address_and_closes_the_report(site: StewardSite) -> None:
    number = site.report(0, "time", reply_to="visitor@example.org")
    page = do(site, number, "answer", answer="It is right now.")
    assert "The report is closed." in page.main.text
    assert open_reports(site) == []
    letters = site.letters("report_thanks") + site.letters("report_answer")
    assert [(one.address, one.facts["answer"]) for one in letters] == [("visitor@example.org", "It is right now.")]


def test_a_question_goes_to_the_editors_with_a_way_to_change_it_and_the_report_stays(site: StewardSite) -> None:
    number = site.report(0, "time", "It is at seven.")
    do(site, number, "ask", question="Do you meet at six or seven?")
    (letter,) = site.letters("question")
    assert letter.address == "joy@desk.example.org"
    assert (letter.facts["question"], letter.facts["slug"]) == ("Do you meet at six or seven?", site.slugs[0])
    assert open_reports(site) == [number]
    with site.database.reading() as session:
        assert "six or seven" in notes.of_listing(session, site.see(0).id)[0].text


def test_a_question_without_anybody_to_ask_says_so(site: StewardSite) -> None:
    page = do(site, site.report(1), "ask", question="Where is it?")
    assert "There is no address to write to." in page.main.text
    assert site.letters("question") == []


def test_a_dismissal_needs_a_reason(site: StewardSite) -> None:
    number = site.report()
    page = do(site, number, "dismiss")
    assert page.status == 422
    assert "Say why there is nothing to do." in page.main.text
    assert open_reports(site) == [number]
    do(site, number, "dismiss", reason="We called. It is right.")
    assert open_reports(site) == []


@pytest.mark.parametrize(("deed", "state", "status"), [
    ("pause", "published", "paused"), ("unpublish", "withheld", None)])
def test_a_listing_can_be_paused_or_taken_out(site: StewardSite, deed: str, state: str, status: str | None) -> None:
    do(site, site.report(), deed)
    assert (site.see(0).state, site.see(0).document.get("status")) == (state, status)
    assert open_reports(site) == []


def hide(site: StewardSite) -> str:
    site.report(0, "unsafe", mark="a")
    number = site.report(0, "unsafe", "Again.", mark="b")
    assert site.see(0).state == "withheld"
    return number


def test_Y8_a_listing_that_two_called_unsafe_is_shown_again_by_a_steward(site: StewardSite) -> None:
    number = hide(site)
    assert "Hidden" in site.sam.get("/steward/reports").main.text
    do(site, number, "show")
    assert site.see(0).state == "published"
    assert open_reports(site) == []


def test_or_it_is_kept_hidden(site: StewardSite) -> None:
    do(site, hide(site), "keep_hidden")
    assert site.see(0).state == "withheld"
    assert open_reports(site) == []


@pytest.mark.parametrize(("form", "status"), [
    ({"deed": ""}, 422), ({"deed": "burn"}, 422), ({"deed": "show"}, 409), ({"deed": "pause", "version": "9"}, 409),
    ({"deed": "pause", "version": ""}, 428), ({"deed": "answer", "answer": "a\x00b"}, 422),
    ({"deed": "ask", "question": "x" * 1001}, 422),
])
def test_odd_forms_change_nothing_and_break_nothing(site: StewardSite, form: dict[str, str], status: int) -> None:
    number = site.report()
    path = f"/steward/reports/{number}"
    assert site.sam.send(site.sam.get(path), path, form).status == status
    assert open_reports(site) == [number]
    assert site.see(0).version == 1


@pytest.mark.parametrize("number", ["0", "99", "x", "9" * 30, "%00"])
def test_reports_that_are_not_there_are_not_found(site: StewardSite, number: str) -> None:
    assert site.sam.get(f"/steward/reports/{number}").status == 404


def test_a_closed_report_shows_what_was_answered(site: StewardSite) -> None:
    number = site.report()
    do(site, number, "answer", answer="It is right now.")
    page = site.sam.get(f"/steward/reports/{number}")
    assert "This report is closed. It is right now." in page.main.text


def test_others_regions_are_not_there(site: StewardSite) -> None:
    assert site.of_ohio.get(f"/steward/reports/{site.report(0)}").status == 404
    assert site.joy.get("/steward/reports").status == 404
