from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug import Response

from finder.accounts import sign_ins
from finder.accounts.permissions import Role, Scope
from finder.outbox import Message
from finder.referrals.models import AnswerTally
from finder.web.answers import Answers
from tests.make import make_session
from tests.pages import Page
from tests.referrals.samples import make_team
from tests.web.account.letters import last_link
from tests.web.people import Person
from tests.web.site import Site, group

HERE = {"city": "Durham", "state": "NC", "latitude": 35.99, "longitude": -78.9, "precision": "exact"}
MAIL = {"email": "hello@river.example.org"}
LISTINGS = [
    group(1, focus=["depression"], contact=MAIL, capacity={"status": "open", "as_of": "2026-09-01"},
          sessions=[make_session(format="in_person", location=HERE)], severity={"min": 1, "max": 3}),
    group(2, focus=["depression"], contact={"phone": "919-555-0142"}, severity={"min": 0, "max": 1},
          sessions=[make_session(format="online_video")]),
    group(3, focus=["depression"], contact=MAIL, sessions=[make_session(format="online_video")],
          capacity={"status": "waitlist", "as_of": "2026-11-01"}),
    group(4, focus=["depression"], age={"min": 60}, contact=MAIL),
    group(5, focus=["gambling"], sessions=[make_session(format="online_video")]),
]
KNOWN = {"needs_text": "depression", "near.text": "27701"}


class Clinic:
    """A site with five groups and a provider of a team."""

    def __init__(self, folder: Path) -> None:
        self.site = Site(folder, LISTINGS)
        self.keys, self.ids = self.site.keys, [uuid.UUID(one) for one in self.site.ids]
        with self.site.database.transaction() as session:
            team, _ = make_team(session)
            self.team = team.id
        self.ana = Person(self.site, "ana@example.org", (Role.PROVIDER, Scope.TEAM, str(self.team)), second_step=False)

    def say(self, form: Mapping[str, Any] | None = None, **more: str) -> Page:
        """Sends the form as it stands on the page, with these fields changed."""
        return self.ana.send(self.ana.get("/provider/new"), "/provider/new", {**KNOWN, **(form or {}), **more})

    def letters(self) -> list[Message]:
        with self.site.database.reading() as session:
            return list(session.scalars(select(Message)))

    def ask(self, place: int) -> Page:
        page = self.ana.get("/provider/new")
        return self.ana.send(page, "/provider/ask", {"program": self.keys[place]})


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path)


def groups(page: Page) -> list[str]:
    return [row.all("a")[0].text for row in page.all("tbody")[0].all("tr")]


def row(page: Page, name: str) -> str:
    return next(one.text for one in page.all("tbody")[0].all("tr") if name in one.text)


def test_what_is_typed_gives_a_shortlist_with_reasons_and_what_was_left_out(clinic: Clinic) -> None:
    page = clinic.say(age="30")
    assert groups(page)[0] == "River Circle 1"
    assert "Understood: Depression or low mood" in page.main.text
    first = row(page, "River Circle 1")
    for words in ("Durham, NC", "mile", "Why this may fit", "Check first", "Open to new people", "fit"):
        assert words in first
    assert "River Circle 4" not in page.main.text
    assert "What is not shown, and why" in page.main.text


def test_nothing_of_a_person_is_in_an_address_or_a_title(clinic: Clinic) -> None:
    page = clinic.say({"scores.phq9": "14", "scores.phq9_item9": "1"}, code="K7-41")
    assert page.heading == "Client code K7-41"
    assert "K7-41" not in page.title
    assert clinic.ana.pages.seen[-1] == "/provider/new"


def test_an_empty_page_asks_and_a_seekers_own_answers_do_not_fill_it(clinic: Clinic) -> None:
    clinic.ana.pages.post("/", {"need": "gambling", "place": "27701"})
    page = clinic.ana.get("/provider/new")
    assert page.one("input", name="needs_text")["value"] == ""
    assert not page.all("table")


def test_a_phq9_without_item_9_comes_back_with_all_that_was_typed(clinic: Clinic) -> None:
    page = clinic.say({"scores.phq9": "14", "scores.gad7": "11"}, code="K7-41", note="Call me")
    assert page.status == 422
    assert page.title.startswith("Error:")
    assert "Give item 9 too." in page.of_class("errors")[0].text
    assert page.of_class("errors")[0].all("a")[0]["href"] == "#" + page.one("select", name="scores.phq9_item9")["id"]
    for name, value in (("scores.phq9", "14"), ("scores.gad7", "11"), ("code", "K7-41"), ("note", "Call me")):
        assert page.one("input", name=name)["value"] == value


def test_item_9_above_zero_puts_help_first_and_hides_nothing(clinic: Clinic) -> None:
    page = clinic.say({"scores.phq9": "6", "scores.phq9_item9": "1"})
    assert page.source.index('class="first"') < page.source.index('class="lampline"')
    assert "Item 9 is above zero." in page.main.text
    assert groups(page)
    assert "These totals suggest: medium." in page.main.text
    assert "It comes from: PHQ-9 item 9." in page.main.text


def test_help_is_first_also_while_another_field_is_wrong(clinic: Clinic) -> None:
    page = clinic.say({"scores.phq9_item9": "2"}, **{"near.text": ""})
    assert page.status == 422
    assert page.of_class("first")


def test_a_lower_level_brings_lighter_groups_and_notices_stay_those_of_the_answers(clinic: Clinic) -> None:
    totals = {"scores.phq9": "21", "scores.phq9_item9": "0"}
    before = clinic.say(totals)
    assert "Please see a" in before.main.text or before.of_class("offer")
    after = clinic.say(totals, level="1", reason="old_totals")
    assert "These totals suggest: close." in after.main.text
    assert "You chose: mild." in after.main.text
    assert len(after.of_class("offer")) == len(before.of_class("offer"))
    order = [groups(one).index("River Circle 2") for one in (after, before)]
    assert order[0] < order[1]


def test_a_level_goes_not_below_what_item_9_asks_for(clinic: Clinic) -> None:
    clinic.say({"scores.phq9": "21", "scores.phq9_item9": "0"}, level="0", reason="wish")
    page = clinic.say({"scores.phq9": "21", "scores.phq9_item9": "1"})
    assert "Not below medium, because of PHQ-9 item 9." in page.main.text
    assert [one["value"] for one in page.one("select", name="level").all("option")] == ["", "2", "3", "4"]


def test_another_level_wants_a_reason(clinic: Clinic) -> None:
    page = clinic.say({"scores.gad7": "11"}, level="4")
    assert page.status == 422
    assert "Say why you choose another level." in page.of_class("errors")[0].text


def test_a_name_is_no_code(clinic: Clinic) -> None:
    page = clinic.say(code="Ana Morales")
    assert page.status == 422
    assert page.one("input", name="code")["value"] == "Ana Morales"


def test_an_unclear_place_is_asked_back_and_settled_with_one_tap(clinic: Clinic) -> None:
    page = clinic.say({"near.text": "Springfield"})
    taps = [one for one in page.all("button", name="near.text") if one["form"] == "intake"]
    assert len(taps) > 1
    sent = clinic.ana.pages.post("/provider/new", {**page.form("/provider/new"), "near.text": taps[0]["value"]})
    assert not sent.all("button", name="near.text")


def test_a_must_that_leaves_groups_out_is_taken_back_with_one_tap(clinic: Clinic) -> None:
    page = clinic.say({"formats.in_person": "must"})
    tap = next(one for one in page.all("button", name="change"))
    sent = clinic.ana.pages.post("/provider/new", {**page.form("/provider/new"), "change": tap["value"]})
    assert len(groups(sent)) > len(groups(page))


@pytest.mark.parametrize(("wanted", "ticked", "leads_to"), [
    ("handout", [], "/provider/handout?g="), ("handout", [1], "/provider/handout?g="),
    ("compare", [0, 1], "/compare?g="),
    ("refer", [0, 1], "/provider/refer?g="),
], ids=["handout of the first", "handout of the ticked", "compare", "refer"])
def test_ticked_groups_go_on_in_the_order_of_the_list(clinic: Clinic, wanted: str, ticked: list[int],
                                                      leads_to: str) -> None:
    page = clinic.say()
    keys = [one["value"] for one in page.all("input", type="checkbox", form="pick")]
    chosen = "".join(f"&g={keys[one]}" for one in ticked)
    to = clinic.ana.client.get(f"/provider/choose?do={wanted}{chosen}").headers["Location"]
    assert to.startswith(leads_to)
    assert [one for one in keys if one in to] == ([keys[one] for one in ticked] or keys[:3])


@pytest.mark.parametrize("address", ["do=compare", "do=compare&g={0}", "do=refer", "do=compare&g=x&g={0}"])
def test_too_few_ticks_are_said_and_kept(clinic: Clinic, address: str) -> None:
    clinic.say()
    page = clinic.ana.get("/provider/choose?" + address.format(*clinic.keys))
    assert page.status == 422
    assert page.of_class("errors")
    ticked = [one["value"] for one in page.all("input", type="checkbox", form="pick") if "checked" in one.attributes]
    assert ticked == [key for key in clinic.keys if key in page.path]


def test_nothing_to_choose_leads_back(clinic: Clinic) -> None:
    assert clinic.ana.client.get("/provider/choose?do=everything").headers["Location"] == "/provider/new"
    assert clinic.ana.get("/provider/choose?do=handout").status == 422


def test_a_group_from_the_search_is_added_with_why_it_is_not_in_the_list(clinic: Clinic) -> None:
    clinic.say(age="30")
    page = clinic.ana.get(f"/provider/new?g={clinic.keys[3]}")
    assert groups(page)[0] == "River Circle 4"
    assert "You added it." in row(page, "River Circle 4")
    assert "Not in the list by itself" in row(page, "River Circle 4")
    again = clinic.ana.send(page, "/provider/new", {"g": page.form("/provider/new")["g"]})
    assert groups(again)[0] == "River Circle 4"
    assert "River Circle 4" not in clinic.ana.get(f"/provider/new?g={'x' * 22}").one("h1").text


def test_the_results_offer_the_way_back_only_to_who_is_looking_for_somebody(clinic: Clinic) -> None:
    clinic.say()
    page = clinic.ana.get("/results")
    assert "/provider/new" in page.links
    assert [one for one in page.all("button") if one["formaction"] == "/provider/new"]
    clinic.site.pages.post("/", {"need": "depression", "place": "27701"})
    assert "/provider/new" not in clinic.site.pages.get("/results").links


def test_a_group_is_asked_about_room_by_letter_once_a_day_and_told_nothing_of_anybody(clinic: Clinic) -> None:
    clinic.say(code="K7-41")
    assert "They get a letter with one question" in clinic.ask(0).main.text
    (letter,) = clinic.letters()
    assert (letter.kind, letter.address) == ("capacity", MAIL["email"])
    assert "K7-41" not in str(letter.facts)
    assert "depression" not in str({**letter.facts, "listings": []})
    assert "asked today already" in clinic.ask(0).main.text
    assert len(clinic.letters()) == 1


def test_a_group_without_letters_is_called_and_one_that_has_just_said_is_not_asked(clinic: Clinic) -> None:
    page = clinic.say()
    assert "Ask if there is a place" in row(page, "River Circle 1")
    assert "You call them" in row(page, "River Circle 2")
    assert "Ask if there is a place" not in row(page, "River Circle 2")
    assert "No letter reaches them." in clinic.ask(1).main.text
    assert not clinic.letters()


def test_how_old_the_word_on_places_is_stands_beside_it(clinic: Clinic) -> None:
    page = clinic.say()
    assert "ago" in row(page, "River Circle 1")


def test_a_group_that_often_leaves_questions_unanswered_says_so(clinic: Clinic) -> None:
    with clinic.site.database.transaction() as session:
        session.add(AnswerTally(team_id=clinic.team, program_id=clinic.ids[0], month="2026-11", sent=6, answered=2,
                                no_answer=4))
    page = clinic.say()
    assert "Often no answer: 4 of 6 not answered" in row(page, "River Circle 1")
    assert groups(page)[0] == "River Circle 1"


def test_the_next_person_starts_with_an_empty_page(clinic: Clinic) -> None:
    page = clinic.say({"scores.gad7": "11"}, code="K7-41")
    page = clinic.ana.send(page, "/provider/new/clear")
    assert page.one("input", name="code")["value"] == ""
    assert page.one("input", name="scores.gad7")["value"] == ""
    assert page.heading == "Groups for a person"


def test_after_half_an_hour_the_page_says_that_it_forgot(clinic: Clinic) -> None:
    clinic.say(code="K7-41")
    clinic.site.wait(31 * 60)
    page = clinic.ana.get("/provider/new")
    assert "forgotten after 30 minutes" in page.main.text
    assert page.one("input", name="code")["value"] == ""


def test_a_colleague_at_the_same_browser_does_not_see_the_case(clinic: Clinic) -> None:
    clinic.say(code="K7-41")
    sam = Person(clinic.site, "sam@example.org", (Role.PROVIDER, Scope.TEAM, str(clinic.team)), second_step=False)
    clinic.ana.client.set_cookie("sid", sam.client.get_cookie("sid").value)  # type: ignore[union-attr]
    assert clinic.ana.get("/provider/new").one("input", name="code")["value"] == ""


def test_leaving_forgets_the_case_too(clinic: Clinic) -> None:
    clinic.say(code="K7-41")
    clinic.ana.client.get("/leave")
    assert clinic.ana.client.get_cookie("case") is None


CARRIED = ("case", "code", "answers")


def carried(clinic: Clinic) -> set[str]:
    return {name for name in CARRIED if clinic.ana.client.get_cookie(name) is not None}


@pytest.mark.parametrize("gone", [(), ("case",), ("code", "answers"), ("case", "answers")],
                         ids=lambda gone: " and ".join(gone) or "all are there")
def test_signing_out_and_leaving_forget_all_that_is_a_clients(clinic: Clinic, gone: tuple[str, ...]) -> None:
    for way in ("out", "away"):
        clinic.say(code="K7-41")
        clinic.ana.client.set_cookie("code", "a code")
        for one in gone:
            clinic.ana.client.delete_cookie(one)
        page = clinic.ana.get("/provider/new")
        assert page.of_class("exit")[0]["href"] == "/leave"
        if way == "away":
            clinic.ana.client.get(page.of_class("exit")[0]["href"])
        else:
            listing = clinic.ana.get(f"/programs/{clinic.site.slugs[0]}")
            assert listing.of_class("exit")[0]["href"] == "/leave"
            clinic.ana.send(page, "/account/sign-out")
            clinic.ana.client.set_cookie("sid", signed_in(clinic, clinic.ana.id))
        assert carried(clinic) == set()


def test_who_signs_in_after_somebody_else_gets_nothing_of_their_client(clinic: Clinic) -> None:
    clinic.say(code="K7-41")
    clinic.ana.client.set_cookie("code", "a code")
    clinic.ana.client.delete_cookie("sid")  # as after an idle hour: nobody signed out
    sign_in(clinic, "sam@example.org")
    assert carried(clinic) == set()


def test_answers_of_somebody_about_themselves_stay_when_they_sign_in(clinic: Clinic) -> None:
    clinic.ana.client.delete_cookie("sid")
    response, cookie = Response(), clinic.site.app.extensions["finder_answers"]
    cookie.seal(response, Answers({"format": "finder-intake/1", "needs": ["grief"]}), clinic.site.clock())
    clinic.ana.client.set_cookie(cookie.name, response.headers["Set-Cookie"].partition("=")[2].partition(";")[0])
    assert carried(clinic) == {"answers"}
    sign_in(clinic, "sam@example.org")
    assert carried(clinic) == {"answers"}


def sign_in(clinic: Clinic, address: str) -> None:
    pages = clinic.ana.pages
    pages.post("/account/sign-in", {"email": address, "way": "link"})
    pages.post(f"/account/link/{last_link(clinic.site, address)}", {})
    assert clinic.ana.client.get_cookie("sid") is not None


def signed_in(clinic: Clinic, account: int) -> str:
    with clinic.site.database.transaction() as session:
        return sign_ins.begin(session, account, now=clinic.site.clock(), second_step=False)
