from __future__ import annotations

import logging
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from finder.referrals import own_view
from finder.referrals.keys import Keys, new_short_code
from finder.referrals.models import Consent, Referral
from finder.referrals.states import Move
from tests.pages import Page, Pages
from tests.referrals.samples import make_referral
from tests.web.asked import EVERYTHING, NEXT_MEETING, PERSON, AskedSite

FIVE_MINUTES = 300
HOUR = 3600


@pytest.fixture
def site(tmp_path: Path) -> AskedSite:
    return AskedSite(tmp_path, **EVERYTHING)


def enter(site: AskedSite, code: str = "", pages: Pages | None = None) -> Page:
    return (pages or site.pages).post("/next-step", {"code": code or site.code})


def press(site: AskedSite, page: Page, action: str, **more: str) -> Page:
    return site.pages.post(action, {**page.form(action), **more})


def test_the_page_asks_for_the_code_alone(site: AskedSite) -> None:
    page = site.pages.get("/next-step")
    assert page.title.startswith("Your next step")
    assert [tag["name"] for tag in page.main.all("input")] == ["code"]
    assert page.response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in page.response.headers


def test_the_code_opens_where_it_stands_and_travels_in_a_sealed_cookie(site: AskedSite) -> None:
    response = site.pages.client.post("/next-step", data={"code": site.code}, headers={
        "Origin": "null", "Sec-Fetch-Site": "same-origin"})
    assert (response.status_code, response.headers["Location"]) == (303, "/next-step")
    kept = response.headers["Set-Cookie"]
    assert kept.startswith("next=")
    assert {"HttpOnly", "SameSite=Strict", "Max-Age=1800"} <= set(kept.split("; "))
    assert site.code.replace("-", "") not in kept
    words = site.pages.get("/next-step").main.text
    for one in ("River Circle 1 has your request.", "They have until December 4 to answer.",
                "River Circle 2 is next in line.", "919-555-0101", "Eastside Family Clinic, 919-555-0100"):
        assert one in words


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", " "), lambda code: code.replace("-", ""),
                                   lambda code: f"  {code.replace('5', 's')} "], ids=["lower", "spaces", "bare", "S"])
def test_the_code_is_read_however_it_is_typed(site: AskedSite, typed: Any) -> None:
    assert "River Circle 1" in enter(site, typed(site.code)).main.text


def test_a_wrong_code_a_gone_one_and_none_get_the_same_answer(site: AskedSite) -> None:
    gone = site.code
    with site.database.transaction() as session:
        session.delete(session.get_one(Referral, site.key))
    answers = [enter(site, code) for code in (gone, new_short_code(), "x", "7KQF-2MXP-9DTW-7", "\x00", "ñ" * 12)]
    answers.append(site.pages.post("/next-step", {}))
    assert {page.status for page in answers} == {422}
    assert {page.of_class("errors")[0].text for page in answers} == {
        "Please check this We do not know this code. Please look at the paper again, or call the people who gave it to "
        "you."}
    assert all(page.title.startswith("Error:") for page in answers)


def test_the_look_up_is_the_same_deed_for_a_wrong_code_and_a_gone_one(site: AskedSite) -> None:
    keys: Keys = site.seal
    assert len({len(keys.code_hash(code)) for code in (site.code, "", "x" * 500)}) == 1


def test_ten_wrong_codes_of_one_network_are_enough_for_five_minutes(site: AskedSite) -> None:
    for _ in range(10):
        assert enter(site, new_short_code()).status == 422
    page = enter(site)
    assert page.status == 429
    assert 0 < int(page.response.headers["Retry-After"]) <= FIVE_MINUTES
    assert "There were many tries." in page.main.text
    elsewhere = Pages(site.app.test_client())
    elsewhere.client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert enter(site, pages=elsewhere).status == 200
    site.wait(FIVE_MINUTES)
    assert "River Circle 1" in enter(site).main.text


def test_right_codes_are_not_counted_for_many_share_a_network(site: AskedSite) -> None:
    assert {enter(site).status for _ in range(12)} == {200}


def test_a_thousand_wrong_codes_from_elsewhere_lock_nobody_out(site: AskedSite) -> None:
    with site.database.transaction() as session:
        for network in range(1001):
            own_view.was_wrong(session, network.to_bytes(32), site.clock())
    assert "River Circle 1" in enter(site).main.text


@pytest.mark.parametrize(("move", "more", "words"), [
    (Move.RECEIVE, {}, ["River Circle 1 has your request."]),
    (Move.ASK, {"asked": ["age"]}, ["River Circle 1 has a question first.", "Eastside Family Clinic answers it."]),
    (Move.WAIT, {"weeks": 5}, ["You are on the waiting list of River Circle 1.", "about 5 weeks"]),
    (Move.WAIT, {}, ["They did not say how long it takes."]),
    (Move.ACCEPT, {"first_on": date(2027, 1, 14)}, ["River Circle 1 has a place for you.",
                                                   "Your first day: January 14, 2027"]),
    (Move.DECLINE, {"reason": "full"}, ["River Circle 1 has no place for you this time.",
                                        "That is about their places or rules, not about you.",
                                        "Another group is asked for you.", "River Circle 2 has your request."]),
    (Move.WITHDRAW, {}, ["River Circle 1 is not asked any more."]),
    (Move.ATTEND, {}, ["You went to River Circle 1.", "River Circle 2 did not need to be asked."]),
], ids=str)
def test_where_it_stands_is_said_in_plain_words(site: AskedSite, move: Move, more: dict[str, Any],
                                                words: list[str]) -> None:
    site.move(move, **more)
    text = enter(site).main.text
    assert [one for one in words if one not in text] == []
    assert PERSON["name"] not in text
    assert "K7-41" not in text


def test_a_no_from_the_last_group_says_who_looks_further(tmp_path: Path) -> None:
    site = AskedSite(tmp_path, groups=1)
    site.move(Move.DECLINE, reason="full")
    assert "Eastside Family Clinic looks for another group with you." in enter(site).main.text


def test_who_went_says_so_and_the_clinic_hears_of_it(site: AskedSite) -> None:
    site.move(Move.ACCEPT, first_on=date(2026, 11, 24))
    page = press(site, enter(site), "/next-step/went")
    assert "You went to River Circle 1." in page.main.text
    assert (site.task().state, site.referral.outcome) == ("attended", "attended")
    assert [(one.who, one.account_id) for one in site.events("attend")] == [("client", None)]
    assert [one.address for one in site.letters("referral_news")] == ["sam@example.org"]
    assert not [tag for tag in page.all("form") if tag["action"].endswith("/went")]


def test_who_is_said_not_to_have_come_can_say_that_they_did(site: AskedSite) -> None:
    site.move(Move.ACCEPT, first_on=date(2026, 11, 24))
    site.move(Move.MISS)
    page = enter(site)
    assert "River Circle 1 says that you did not come." in page.main.text
    assert "You went" in press(site, page, "/next-step/went").main.text


def test_no_more_of_one_group_is_asked_once_more_and_the_next_in_line_is_asked(site: AskedSite) -> None:
    enter(site)
    page = site.pages.get("/next-step/stop")
    assert page.heading == "What do you not want any more?"
    assert [tag.text for tag in page.of_class("choice")] == ["River Circle 1", "River Circle 2", "All of them"]
    assert site.task().state == "sent"
    page = site.pages.post("/next-step/stop", {"step": site.task().key})
    assert "River Circle 1 is not asked any more." in page.main.text
    assert [site.task(place).state for place in (0, 1)] == ["withdrawn", "sent"]
    assert [one.address for one in site.letters("referral_over")] == ["joy1@example.org"]


def test_no_more_of_all_asks_nobody_new_and_ends_every_consent(site: AskedSite) -> None:
    enter(site)
    page = site.pages.post("/next-step/stop", {"step": "all"})
    assert page.status == 200
    assert [site.task(place).state for place in (0, 1)] == ["withdrawn", "withdrawn"]
    assert len(site.letters("referral")) == 1
    assert all(one.ended_at is not None for one in site.rows(Consent))
    assert (site.referral.state, site.referral.outcome, site.referral.identity) == ("closed", "withdrawn", None)
    assert site.pages.get("/next-step/stop").heading == "There is nothing to stop"
    assert site.pages.post("/next-step/stop", {"step": "all"}).status == 409


def test_one_group_needs_no_choice_and_none_chosen_is_said(tmp_path: Path, site: AskedSite) -> None:
    enter(site)
    page = site.pages.post("/next-step/stop", {})
    assert (page.status, [tag["href"] for tag in page.of_class("errors")[0].all("a")]) == (422, ["#step"])
    (tmp_path / "one").mkdir()
    single = AskedSite(tmp_path / "one", groups=1)
    enter(single)
    page = single.pages.get("/next-step/stop")
    assert page.heading == "Do you not want this any more?"
    assert press(single, page, "/next-step/stop").status == 200
    assert single.referral.outcome == "withdrawn"


def test_a_yes_to_telling_is_taken_back_and_a_promised_place_stays(site: AskedSite) -> None:
    site.move(Move.ACCEPT, first_on=date(2027, 1, 14))
    page = enter(site)
    assert [tag.text for tag in page.of_class("bullets")[0].all("li")] == [
        "River Circle 1 and River Circle 2, until February 22, 2027: what you need help with, how much support you "
        "look for, how to reach you, and your name and number, once they say yes"]
    page = site.pages.get("/next-step/consent")
    assert page.heading == "Do you want to take back your yes?"
    page = press(site, page, "/next-step/consent")
    assert "What groups may know about you" not in page.main.text
    assert [site.task(place).state for place in (0, 1)] == ["accepted", "withdrawn"]
    assert all(one.ended_at is not None and one.ended_by == "client" for one in site.rows(Consent))
    assert site.referral.identity is None
    assert site.open().status == 410
    assert len(site.letters("referral_news")) >= 1
    assert site.pages.get("/next-step/consent").heading == "There is nothing to take back"
    assert site.pages.post("/next-step/consent").status == 409


def test_a_yes_that_is_taken_back_ends_what_nobody_answered(site: AskedSite) -> None:
    enter(site)
    site.pages.post("/next-step/consent")
    assert [site.task(place).state for place in (0, 1)] == ["withdrawn", "withdrawn"]
    assert site.referral.state == "closed"
    assert len(site.letters("referral")) == 1


def test_a_code_moves_nothing_of_another_referral(site: AskedSite) -> None:
    with site.database.transaction() as session:
        other = make_referral(session, site.team, site.account, [site.ids[2]], keys=site.seal).referral
        session.flush()
        theirs = other.tasks[0].key
    enter(site)
    for path in ("/next-step/went", "/next-step/stop"):
        for step in (theirs, "x", "\x00", "A" * 500):
            assert site.pages.post(path, {"step": step}).status == 404
    with site.database.reading() as session:
        assert session.get_one(Referral, other.key).tasks[0].state == "sent"


@pytest.mark.parametrize("path", ["/next-step/went", "/next-step/stop", "/next-step/consent", "/next-step/forget"])
def test_without_a_code_every_button_leads_to_the_question_for_it(site: AskedSite, path: str) -> None:
    page = site.pages.post(path, {"step": site.task().key})
    assert page.all("input", id="code")
    assert site.task().state == "sent"


def test_a_form_of_another_site_does_nothing(site: AskedSite) -> None:
    enter(site)
    foreign = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    for path in ("/next-step", "/next-step/went", "/next-step/stop", "/next-step/consent"):
        assert site.pages.client.post(path, data={"step": "all"}, headers=foreign).status_code == 403
    assert site.task().state == "sent"


@pytest.mark.parametrize("way", ["/next-step/forget", "/answers/clear", "/leave"])
def test_the_code_is_forgotten_by_each_way_out(site: AskedSite, way: str) -> None:
    page = enter(site)
    assert page.of_class("exit")[0]["href"].endswith("/leave")
    assert page.one("form", class_="clear")["action"] == "/next-step/forget"
    if way == "/leave":
        site.pages.client.get(way)
    else:
        site.pages.client.post(way, headers={"Sec-Fetch-Site": "same-origin"})
    assert site.pages.get("/next-step").all("input", id="code")


def test_the_code_is_forgotten_after_half_an_hour_and_when_a_new_one_was_made(site: AskedSite) -> None:
    enter(site)
    site.wait(31 * 60)
    assert site.pages.get("/next-step").all("input", id="code")
    enter(site)
    with site.database.transaction() as session:
        session.get_one(Referral, site.key).short_code = site.seal.code_hash(new_short_code())
    assert site.pages.get("/next-step").all("input", id="code")


@pytest.mark.parametrize("value", ["", "x", "é", "A" * 900], ids=["empty", "short", "strange", "long"])
def test_a_cookie_that_is_not_ours_opens_nothing(site: AskedSite, value: str) -> None:
    site.pages.client.set_cookie("next", value)
    assert site.pages.get("/next-step").all("input", id="code")


def test_reads_are_noted_once_an_hour(site: AskedSite) -> None:
    enter(site)
    site.pages.get("/next-step/stop")
    assert [(one.who, one.facts) for one in site.events("read")] == [("client", {"how": "code"})]
    site.wait(20 * 60)
    site.pages.get("/next-step")
    assert len(site.events("read")) == 1


def test_it_is_all_there_in_spanish(site: AskedSite) -> None:
    page = site.pages.post("/es/next-step", {"code": site.code})
    assert page.one("html")["lang"] == "es"
    assert {tag["action"] for tag in page.main.all("form")} == {"/es/next-step/went", "/es/next-step/forget"}


def test_nothing_is_told_by_an_address_a_title_or_a_log(site: AskedSite, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        pages = [enter(site, "7KQF-2MXP-ZQCA"), enter(site)]
        pages += [site.pages.get(f"/next-step/{one}") for one in ("stop", "consent")]
        site.move(Move.ACCEPT, first_on=date.fromisoformat(NEXT_MEETING))
        pages.append(press(site, site.pages.get("/next-step"), "/next-step/went"))
    assert {page.title.removeprefix("Error: ").partition(" –")[0] for page in pages} == {"Your next step"}
    told = [*site.pages.seen, caplog.text]
    for word in (site.code, site.code.replace("-", ""), "ZQCA", "K7-41", "River", *PERSON.values(), site.key):
        assert [one for one in told if word in one] == []
        assert word in ("River", "ZQCA") or not [page for page in pages if word in page.source]
