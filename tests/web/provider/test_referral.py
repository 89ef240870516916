from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from finder.referrals import moving, reading
from finder.referrals.moving import CLOCK, RECEIVER
from finder.referrals.states import Move, State
from tests.pages import Page
from tests.web.provider.clinic import YES, Clinic

FIRST = "2026-12-01"


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path)


def answer(clinic: Clinic, move: Move, **said: Any) -> None:
    """What the group says by its link."""
    with clinic.site.database.transaction() as session:
        task = reading.find(session, clinic.the_one().key).tasks[0]
        moving.move(session, task, move, RECEIVER, now=clinic.site.clock(), **said)


def shown(clinic: Clinic, person: Any = None, query: str = "") -> Page:
    return (person or clinic.joy).get(f"/provider/referrals/{clinic.the_one().key}{query}")


def steps(page: Page) -> list[tuple[str, str]]:
    """The line of the present program: drawing and title."""
    return [(one["class"], one.all("h3")[0].text) for one in page.of_class("line")[0].all("li")]


def test_the_line_says_what_was_done_and_what_is_waited_for(clinic: Clinic) -> None:
    page = clinic.refer(0)
    assert steps(page) == [("", "The person said yes to sharing"), ("", "Sent to River Circle 1"),
                           ("next", "Waiting for an answer"), ("later", "First visit")]
    assert "we remind them and tell you" in page.of_class("next")[0].text


def test_a_group_without_an_address_is_to_be_called(clinic: Clinic) -> None:
    page = clinic.refer(4)
    assert ("next", "Call them") in steps(page)
    assert "919-555-0177" in page.main.text


@pytest.mark.parametrize(("form", "status"), [
    ({"deed": "decline"}, 422), ({"deed": "close", "as_of": "x"}, 409)], ids=["a wrong form", "an old one"])
def test_a_colleague_who_is_shown_it_because_a_form_is_refused_has_read_it(clinic: Clinic, form: dict[str, str],
                                                                           status: int) -> None:
    clinic.refer(0)
    there = clinic.the_one()
    sent = {"task": there.tasks[0].key, "version": str(there.tasks[0].version), **form}
    for person, readers in ((clinic.joy, []), (clinic.sam, [clinic.sam.id])):
        token = person.get("/provider/new").all("input", name="form_token")[0]["value"]
        page = person.pages.post(f"/provider/referrals/{there.key}", {"form_token": token, **sent})
        assert page.status == status
        with clinic.site.database.reading() as session:
            assert [one.account_id for one in reading.history(session, there.key) if one.kind == "read"] == readers


@pytest.mark.parametrize(("move", "said", "step"), [
    (Move.OPEN, {}, ("", "Opened")), (Move.RECEIVE, {}, ("", "They have it")),
    (Move.ASK, {"asked": ["age"]}, ("next", "They ask you something")),
    (Move.WAIT, {"weeks": 5}, ("next", "Waiting for a place")),
    (Move.DECLINE, {"reason": "full"}, ("next", "What next")),
], ids=lambda one: str(one) if isinstance(one, Move) else "")
def test_what_a_group_answers_is_on_the_line(clinic: Clinic, move: Move, said: dict[str, Any],
                                             step: tuple[str, str]) -> None:
    clinic.refer(0)
    answer(clinic, move, **said)
    assert step in steps(shown(clinic))


def test_times_on_the_line_are_those_of_the_group(clinic: Clinic) -> None:
    words = clinic.refer(0).of_class("line")[0].text
    local = clinic.site.clock() - timedelta(hours=5)
    assert f"{(local.hour - 1) % 12 + 1}:{local.minute:02d}" in words


@pytest.mark.parametrize(("deed", "form", "state"), [
    ("receive", {}, State.RECEIVED), ("accept", {"first_on": FIRST}, State.ACCEPTED),
    ("wait", {"weeks": "5"}, State.WAITING), ("wait", {"weeks": ""}, State.WAITING),
    ("decline", {"reason": "full"}, State.DECLINED), ("ask", {"asked": ["age", "times"]}, State.ASKED),
    ("withdraw", {}, State.WITHDRAWN), ("attend", {}, State.ATTENDED),
], ids=lambda one: one if isinstance(one, str) else "")
def test_what_they_said_by_phone_is_written_down(clinic: Clinic, deed: str, form: dict[str, Any],
                                                 state: State) -> None:
    clinic.refer(0)
    assert clinic.do(deed, form).status == 200
    assert clinic.the_one().tasks[0].state == state


@pytest.mark.parametrize(("deed", "form", "field"), [
    ("accept", {"first_on": ""}, "t0-first_on"), ("accept", {"first_on": "tomorrow"}, "t0-first_on"),
    ("accept", {"first_on": "2020-01-01"}, "t0-first_on"), ("wait", {"weeks": "many"}, "t0-weeks"),
    ("wait", {"weeks": "9999"}, "t0-weeks"), ("decline", {}, "t0-reason"), ("ask", {}, "t0-asked"),
    ("close", {"outcome": "won"}, "outcome"),
], ids=lambda one: one if isinstance(one, str) else "")
def test_what_is_missing_is_said_at_the_field_in_its_fold(clinic: Clinic, deed: str, form: dict[str, Any],
                                                          field: str) -> None:
    clinic.refer(0)
    page = clinic.do(deed, form)
    assert page.status == 422
    assert page.one(id=f"{field}-error").text
    around = [above for above in page.one(id=field).ancestors if above.name == "details"]
    assert all("open" in one.attributes for one in around)
    assert clinic.the_one().tasks[0].state == State.SENT


def test_a_question_is_answered_with_words_that_are_kept_sealed(clinic: Clinic) -> None:
    clinic.refer(0)
    answer(clinic, Move.ASK, asked=["age"])
    assert clinic.do("tell", {"note": " "}).status == 422
    clinic.do("tell", {"note": "Over fifty"})
    task = clinic.the_one().tasks[0]
    assert task.state == State.SENT
    assert task.note is not None
    assert b"fifty" not in task.note


def test_only_what_may_be_done_is_offered(clinic: Clinic) -> None:
    page = clinic.refer(0, 1)
    offered = {one["value"] for one in page.all("button", "input", name="deed")}
    assert {"receive", "accept", "wait", "decline", "ask", "withdraw", "send", "close", "new_code",
            "end_consent"} == offered
    answer(clinic, Move.ACCEPT, first_on=clinic.site.clock().date())
    offered = {one["value"] for one in shown(clinic).all("button", "input", name="deed")}
    assert {"attend", "miss"} <= offered
    assert not {"receive", "ask"} & offered


def test_who_was_slower_sees_how_it_stands_now(clinic: Clinic) -> None:
    clinic.refer(0)
    late = clinic.the_one().tasks[0].version
    answer(clinic, Move.ACCEPT, first_on=clinic.site.clock().date())
    page = clinic.do("decline", {"reason": "full", "version": str(late)})
    assert page.status == 409
    assert "This changed while you looked" in page.main.text
    assert "They said yes" in page.main.text
    assert clinic.the_one().tasks[0].state == State.ACCEPTED


def test_a_move_that_is_not_allowed_changes_nothing(clinic: Clinic) -> None:
    clinic.refer(0)
    clinic.do("withdraw")
    page = clinic.do("accept", {"first_on": FIRST})
    assert page.status == 409
    assert clinic.the_one().tasks[0].state == State.WITHDRAWN


def test_a_form_must_say_what_it_showed(clinic: Clinic) -> None:
    clinic.refer(0)
    assert clinic.do("receive", {"version": ""}).status == 428
    assert clinic.do("close", {"as_of": "", "outcome": "other"}).status == 428


@pytest.mark.parametrize("form", [{"deed": "burn"}, {"deed": ""}, {"task": "AAAA"}], ids=str)
def test_what_is_no_deed_and_no_task_of_it_is_not_found(clinic: Clinic, form: dict[str, str]) -> None:
    clinic.refer(0)
    assert clinic.do("receive", form).status == 404


def test_the_next_group_of_the_order_can_be_asked_now_or_taken_out(clinic: Clinic) -> None:
    clinic.refer(0, 1, 2)
    clinic.do("send", task=1)
    clinic.do("withdraw", task=2)
    assert [one.state for one in clinic.the_one().tasks] == [State.SENT, State.SENT, State.WITHDRAWN]


def test_after_a_no_the_next_best_is_offered_and_needs_a_new_yes(clinic: Clinic) -> None:
    clinic.refer(0, short=[clinic.keys[0], clinic.keys[1]])
    clinic.do("decline", {"reason": "full"})
    page = shown(clinic)
    to = next(link["href"] for link in page.all("a") if "ask=" in link["href"])
    assert clinic.keys[1] in to
    form = clinic.joy.get(to.partition("#")[0])
    key = clinic.the_one().key
    refused = clinic.joy.send(form, f"/provider/referrals/{key}", ask_form(form, confirmed=None))
    assert refused.status == 422
    assert refused.one(id="way-error")
    made = clinic.joy.send(refused, f"/provider/referrals/{key}", {**ask_form(refused), **YES})
    assert made.status == 200
    assert [one.state for one in clinic.the_one().tasks] == [State.DECLINED, State.SENT]


def ask_form(page: Page, **changed: Any) -> dict[str, Any]:
    """The fields of the form that asks one more group."""
    form = page.one("form", id="ask")
    return {one["name"]: one["value"] for one in form.all("input")
            if one["type"] in ("hidden", "date")} | {"purpose": "join"} | {
                name: value for name, value in changed.items() if value is not None}


def test_a_consent_that_is_taken_back_takes_the_request_back(clinic: Clinic) -> None:
    clinic.refer(0)
    page = clinic.do("end_consent")
    assert clinic.the_one().tasks[0].state == State.WITHDRAWN
    assert "The person’s yes was taken back" in page.main.text
    assert clinic.letters("referral_over")
    assert clinic.do("end_consent").status == 409


def test_the_words_that_were_agreed_to_can_be_read_later(clinic: Clinic) -> None:
    words = clinic.refer(0).main.text
    assert "Eastside Family Clinic may ask these groups for a place for me: River Circle 1, Lantern Street." in words


def test_the_sheet_leaves_out_a_group_that_said_no(clinic: Clinic) -> None:
    clinic.refer(0, 1)
    clinic.do("decline", {"reason": "full"})
    sheet = next(one["href"] for one in shown(clinic).all("a") if one["href"].startswith("/provider/handout?"))
    assert clinic.keys[1] in sheet
    assert clinic.keys[0] not in sheet


def test_a_new_code_ends_the_old_one(clinic: Clinic) -> None:
    old = clinic.refer(0).main.of_class("legend")[0].text
    before = clinic.the_one().short_code
    page = clinic.do("new_code")
    assert page.main.of_class("legend")[0].text != old
    assert clinic.the_one().short_code != before


def test_a_referral_is_closed_once(clinic: Clinic) -> None:
    clinic.refer(0, 1)
    page = clinic.do("close", {"outcome": "withdrawn"})
    assert "Closed." in page.main.text
    assert [one.state for one in clinic.the_one().tasks] == [State.WITHDRAWN, State.SKIPPED]
    assert clinic.do("close", {"outcome": "other"}).status == 409


def test_whoever_but_the_owner_looks_is_in_the_history(clinic: Clinic) -> None:
    clinic.refer(0)
    shown(clinic)
    assert "Looked at" not in shown(clinic).main.text
    shown(clinic, clinic.sam)
    assert "Looked at · sam@example.org" in shown(clinic).main.text


def test_a_colleague_can_look_after_it_from_now_on(clinic: Clinic) -> None:
    clinic.refer(0)
    assert "looked after by joy@example.org" in shown(clinic, clinic.sam).main.text
    clinic.do("take_over", who=clinic.sam)
    assert clinic.the_one().owner_id == clinic.sam.id
    assert "looked after by" not in shown(clinic, clinic.sam).main.text


def test_another_teams_referral_and_none_answer_alike(clinic: Clinic) -> None:
    clinic.refer(0)
    pages = [shown(clinic, clinic.stranger), clinic.stranger.get(f"/provider/referrals/{'A' * 22}"),
             clinic.stranger.get("/provider/referrals/short")]
    words = {page.main.text.replace(page.response.headers["X-Request-ID"], "") for page in pages}
    assert {page.status for page in pages} == {404}
    assert len(words) == 1


def test_a_deed_of_another_team_is_not_found_and_done_to_nothing(clinic: Clinic) -> None:
    clinic.refer(0)
    there = clinic.the_one()
    token = clinic.stranger.get("/provider/").all("input", name="form_token")[0]["value"]
    page = clinic.stranger.pages.post(f"/provider/referrals/{there.key}", {
        "form_token": token, "deed": "withdraw", "task": there.tasks[0].key, "version": "1"})
    assert page.status == 404
    assert clinic.the_one().tasks[0].state == State.SENT


def test_the_page_shows_how_to_reach_the_person_and_why_another_level_was_chosen(clinic: Clinic) -> None:
    page = clinic.refer(0, best_way="text", best_time="After 5 pm", voicemail="no", suggested="2", level="3",
                        source=["phq9"], reason="judgment", reason_note="Sleeps badly")
    words = page.main.text
    assert "Text message" in words
    assert "Not safe to leave a message" in words
    assert "What I see says more than the totals. Sleeps badly" in words
    assert "(PHQ-9)" in words


def test_neither_title_nor_address_says_who_it_is_about(clinic: Clinic) -> None:
    page = clinic.refer(0, code="K7-41")
    assert "K7-41" not in page.title
    assert "K7-41" not in page.path


def test_an_answer_that_did_not_come_is_said_with_what_can_be_done(clinic: Clinic) -> None:
    clinic.refer(0)
    with clinic.site.database.transaction() as session:
        task = reading.find(session, clinic.the_one().key).tasks[0]
        moving.move(session, task, Move.EXPIRE, CLOCK, now=clinic.site.clock())
    page = shown(clinic)
    assert ("next", "What next") in steps(page)
    assert "Call them, choose another group, or close it." in page.main.text
