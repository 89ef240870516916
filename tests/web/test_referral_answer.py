from __future__ import annotations

import logging
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from finder.accounts import people
from finder.accounts.permissions import Role, Scope
from finder.listings import changes
from finder.listings.writing import Author
from finder.mail import letters
from finder.outbox import Message
from finder.referrals import letters as referral_letters
from finder.referrals import moving
from finder.referrals.models import Referral
from finder.referrals.states import RECALL_AFTER, REMIND_AFTER, Move
from tests.web.asked import BROWSER, EVERYTHING, HAND_OFF, NEXT_MEETING, PERSON, AskedSite

HOUR = 3600
PATIENCE = 10  # seconds, less than a writer waits for another


@pytest.fixture
def site(tmp_path: Path) -> AskedSite:
    return AskedSite(tmp_path, **EVERYTHING)


def test_the_page_says_who_asks_what_may_be_known_and_until_when(site: AskedSite) -> None:
    page = site.open()
    assert page.status == 200
    assert page.title.startswith("A question about a place")
    for words in ("Eastside Family Clinic", "919-555-0100", "River Circle 1", "Until February 22, 2027", "low mood",
                  "Medium support", "Call", "Not safe to leave a message", HAND_OFF["time"], HAND_OFF["note"],
                  "To ask for a place"):
        assert words.lower() in page.main.text.lower(), words
    assert page.response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in page.response.headers
    assert [tag["content"] for tag in page.all("meta", name="robots")] == ["noindex"]


def test_what_the_consent_does_not_name_is_not_on_the_page(tmp_path: Path) -> None:
    kept = {key: value for key, value in EVERYTHING.items() if key != "identity"}
    site = AskedSite(tmp_path, **{**kept, "consent": {"what": []}})
    words = site.open().main.text
    assert "Only that a place is asked for" in words
    assert not [one for one in ("low mood", "Medium support", HAND_OFF["note"], HAND_OFF["time"])
                if one.lower() in words.lower()]


def test_a_group_for_substance_use_is_told_of_part_2_and_others_are_not(tmp_path: Path, site: AskedSite) -> None:
    notice = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
    assert notice not in site.open().main.text
    (tmp_path / "other").mkdir()
    other = AskedSite(tmp_path / "other", needs=["alcohol"], consent={"what": ["needs"]})
    assert notice in other.open().main.text
    spanish = other.open(f"/es{other.path}")
    assert [tag.text for tag in spanish.main.all("p", lang="en")] == [notice]


def test_from_the_letter_to_a_yes_is_two_clicks(site: AskedSite) -> None:
    page = site.open()
    form = page.form(site.path)
    assert page.all("input", id="first_on")[0]["value"] == NEXT_MEETING
    assert page.all("button", name="what")[0]["value"] == "accept"
    sent = {"what": "accept", "version": form["version"][0], "first_on": NEXT_MEETING}
    page = site.pages.post(site.path, sent)
    assert page.status == 200
    assert "Yes. The first day is December 1, 2026." in page.of_class("notice--good")[0].text
    assert (site.task().state, site.task().first_on) == ("accepted", date(2026, 12, 1))


@pytest.mark.parametrize(("what", "more", "state", "said"), [
    ("receive", {}, "received", "You have it."),
    ("accept", {"first_on": "2027-01-14"}, "accepted", "The first day is January 14, 2027."),
    ("wait", {"weeks": "5"}, "waiting", "On your waiting list, about 5 weeks."),
    ("wait", {"weeks": ""}, "waiting", "On your waiting list."),
    ("ask", {"asked": ["age", "times"], "note": "Mornings?"}, "asked", "You need to know more: The person’s age"),
    ("decline", {"reason": "full", "note": "Try in May."}, "declined", "You said no: No place is free"),
], ids=["received", "yes", "weeks", "waiting", "asked", "no"])
def test_each_answer_is_taken_told_to_the_sender_and_shown_when_the_link_is_opened_again(
        site: AskedSite, what: str, more: dict[str, Any], state: str, said: str) -> None:
    assert said in site.say(what, **more).main.text
    assert site.task().state == state
    assert [one.address for one in site.letters("referral_news")] == ["sam@example.org"]
    site.wait(HOUR)
    assert said in site.open().main.text
    assert site.events(what)[0].who == "receiver"


def test_a_note_is_kept_sealed_and_shown(site: AskedSite) -> None:
    page = site.say("ask", asked=["times"], note="Can he come in the morning?")
    note = site.task().note
    assert b"morning" not in note
    assert site.seal.opened(note) == "Can he come in the morning?"
    assert "Can he come in the morning?" in page.main.text


def test_after_a_yes_it_is_said_whether_they_came(site: AskedSite) -> None:
    page = site.say("accept", first_on=NEXT_MEETING)
    assert {"attend", "miss"} <= {tag["value"] for tag in page.all("button", name="what")}
    page = site.say("miss")
    assert "They did not come." in page.main.text
    assert [tag["value"] for tag in page.all("button", name="what")] == ["attend"]
    page = site.say("attend")
    assert "They came." in page.main.text
    assert page.all("button", name="what") == []
    assert site.referral.outcome == "attended"


def test_a_place_on_the_waiting_list_can_become_a_yes(site: AskedSite) -> None:
    page = site.say("wait", weeks="3")
    assert [tag.text for tag in page.main.all("h2")][-3:-1] == ["Is there a place now?",
                                                                "After their first time: did they come?"]
    site.say("accept", first_on=NEXT_MEETING)
    assert site.task().state == "accepted"


def test_who_the_person_is_stands_on_no_page_before_a_yes_and_on_the_page_after_it(site: AskedSite) -> None:
    before = [site.open(), site.say("receive"), site.say("ask", asked=["age"])]
    assert not [page.path for page in before if any(word in page.source for word in (*PERSON.values(), "Zqcanary"))]
    after = site.say("accept", first_on=NEXT_MEETING)
    assert PERSON["name"] in after.main.text
    assert "tel:+19195550177" in [tag["href"] for tag in after.all("a")]
    assert PERSON["name"] not in site.say("decline", reason="other").source


@pytest.mark.parametrize(("what", "more", "field"), [
    ("accept", {"first_on": ""}, "first_on"), ("accept", {"first_on": "soon"}, "first_on"),
    ("accept", {"first_on": "2026-11-22"}, "first_on"), ("accept", {"first_on": "2031-01-01"}, "first_on"),
    ("wait", {"weeks": "a few"}, "weeks"), ("wait", {"weeks": "9999"}, "weeks"),
    ("ask", {"note": "Mornings?"}, "asked"), ("ask", {"asked": ["everything"]}, "asked"),
    ("ask", {"asked": ["age"], "note": "x" * 501}, "note-ask"), ("decline", {"note": "No."}, "reason"),
    ("decline", {"reason": "full", "note": "a\u202eb"}, "note-decline"),
])
def test_what_does_not_fit_is_said_at_its_field_and_stays(site: AskedSite, what: str, more: dict[str, Any],
                                                          field: str) -> None:
    page = site.say(what, **more)
    assert page.status == 422
    assert page.title.startswith("Error:")
    assert [tag["href"] for tag in page.of_class("errors")[0].all("a")] == [f"#{field}"]
    assert page.all("p", id=f"{field}-error")
    folded = [tag for tag in page.all("details") if tag.of_class("error")]
    assert all("open" in tag.attributes for tag in folded)
    typed = more.get("first_on") or more.get("weeks") or more.get("note", "")
    assert typed in page.source
    assert site.task().state == "seen"


@pytest.mark.parametrize("form", [{}, {"what": "open"}, {"what": "send"}, {"what": "accept\x00"}, {"what": "attend"},
                                  {"what": "receive", "version": "-1"}, {"what": "receive", "version": "9" * 40},
                                  {"what": "receive"}], ids=str)
def test_no_form_breaks_the_page_or_moves_what_it_may_not(site: AskedSite, form: dict[str, str]) -> None:
    site.open()
    assert site.pages.post(site.path, form).status in (409, 422)
    assert site.task().state == "seen"


def test_a_move_that_is_not_the_receivers_is_refused(site: AskedSite) -> None:
    version = site.open().all("input", name="version")[0]["value"]
    page = site.pages.post(site.path, {"what": "attend", "version": version})
    assert page.status == 409
    assert site.task().state == "seen"


def test_of_two_who_answer_at_once_one_wins_and_the_other_sees_how_it_stands(site: AskedSite) -> None:
    version = site.open().all("input", name="version")[0]["value"]
    site.pages.post(site.path, {"what": "accept", "version": version, "first_on": NEXT_MEETING})
    page = site.pages.post(site.path, {"what": "decline", "version": version, "reason": "full"})
    assert page.status == 409
    assert page.of_class("notice--wait")[0]["role"] == "alert"
    assert site.task().state == "accepted"


def test_that_somebody_else_opened_the_letter_does_not_spoil_an_answer(site: AskedSite) -> None:
    version = site.pages.get(site.path).all("input", name="version")[0]["value"]
    site.open()
    assert site.pages.post(site.path, {"what": "receive", "version": version}).status == 200
    assert site.task().state == "received"


@pytest.mark.parametrize(("method", "headers"), [
    ("GET", {}), ("GET", {"Sec-Fetch-Dest": "empty"}), ("GET", {**BROWSER, "Sec-Purpose": "prefetch"}),
    ("HEAD", BROWSER), ("HEAD", {})], ids=["program", "script", "prefetch", "head_of_browser", "head"])
def test_a_program_that_looks_through_mail_says_nothing(site: AskedSite, method: str, headers: dict[str, str]) -> None:
    assert site.pages.client.open(site.path, method=method, headers=headers).status_code == 200
    assert (site.task().state, site.task().version, site.task().seen_at) == ("sent", 2, None)
    assert site.letters("referral_news") == []


def test_a_browser_says_once_that_it_was_seen(site: AskedSite) -> None:
    site.open()
    site.open()
    assert site.task().state == "seen"
    assert len(site.events("open")) == 1
    assert site.letters("referral_news") == []


def test_reads_are_noted_once_an_hour_for_each_link(site: AskedSite) -> None:
    site.open()
    site.open()
    site.pages.client.head(site.path)
    assert [(one.who, one.facts) for one in site.events("read")] == [("receiver", {"how": "link"})]
    site.wait(HOUR)
    site.open()
    assert len(site.events("read")) == 2


def withdrawn(site: AskedSite) -> None:
    site.move(Move.WITHDRAW)


def recalled(site: AskedSite) -> None:
    with site.database.transaction() as session:
        moving.move(session, moving.find(session, site.task().key), Move.EXPIRE, moving.CLOCK, now=site.clock())


def consent_taken_back(site: AskedSite) -> None:
    site.end_consent()


def consent_over(site: AskedSite) -> None:
    site.end_consent(until=date(2026, 11, 23))


def too_old(site: AskedSite) -> None:
    site.wait(61 * 86_400)


def purged(site: AskedSite) -> None:
    with site.database.transaction() as session:
        session.delete(session.get_one(Referral, site.key))


def address_gone(site: AskedSite) -> None:
    with site.database.transaction() as session:
        found = changes.find(session, site.ids[0])
        changes.change(session, found.id, base=found.version, author=Author("somebody"), now=site.clock(),
                       document={**found.document, "contact": {"email": "new@example.org"}})


@pytest.mark.parametrize("end", [withdrawn, recalled, consent_taken_back, consent_over, too_old, purged, address_gone])
def test_a_link_that_has_ended_says_so_and_nothing_about_anybody(site: AskedSite, end: Any) -> None:
    path = site.path
    version = site.open().all("input", name="version")[0]["value"]
    end(site)
    pages = [site.open(path), site.pages.post(path, {"what": "accept", "version": version, "first_on": NEXT_MEETING}),
             site.pages.post(path, {})]
    assert [page.status for page in pages] == [410, 410, 410]
    bodies = {page.main.text for page in pages}
    assert len(bodies) == 1
    assert bodies.pop().startswith("This question is over")
    for words in ("Eastside", "River Circle", "919-555"):
        assert words not in pages[0].main.text


def test_a_wrong_secret_is_answered_as_for_nothing(site: AskedSite) -> None:
    for secret in ("A" * 43, "x", site.secret[:-1], site.letters("referral")[0].facts["name"]):
        for page in (site.open(f"/referrals/{secret}"), site.pages.post(f"/referrals/{secret}", {"what": "receive"})):
            assert page.status == 404
            assert page.heading == site.open("/nowhere").heading


def test_a_link_of_another_letter_opens_no_question(site: AskedSite) -> None:
    assert site.pages.get(f"/mail/{site.secret}").status == 404


def test_an_answer_from_another_site_says_nothing(site: AskedSite) -> None:
    foreign = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    assert site.pages.client.post(site.path, data={"what": "receive"}, headers=foreign).status_code == 403
    assert site.task().state == "sent"


def test_the_days_in_the_letters_are_those_of_the_clock() -> None:
    assert (RECALL_AFTER.days, (RECALL_AFTER - REMIND_AFTER).days) == (10, 5)


def test_nothing_of_the_person_is_in_an_address_a_title_a_log_or_a_letter(
        site: AskedSite, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        pages = [site.open(), site.say("ask", asked=["age"], note="Zqcanary says hello")]
        site.move(Move.TELL, note=site.seal.hidden("Zqcanary is forty"))
        pages += [site.say("wait", weeks="x"), site.say("accept", first_on=NEXT_MEETING), site.say("miss")]
        path = site.path
        site.move(Move.ATTEND)
        pages.append(site.open(path))
    told = [*site.pages.seen, *(page.title for page in pages), caplog.text, *letters_of(site)]
    telling = (*PERSON.values(), "Zqcanary", "K7-41", HAND_OFF["note"], site.code, site.code.replace("-", ""))
    assert len(letters_of(site)) >= 8
    assert [(word, text) for word in telling for text in told if word in text] == []


def letters_of(site: AskedSite) -> list[str]:
    """Every letter that was written, in both languages."""
    with site.app.app_context():
        found = [letters.compose(site.app, one.kind, one.facts, language, today=site.clock().date())
                 for one in site.rows(Message) for language in ("en", "es")]
    return [f"{one.subject}\n{one.text}" for one in found]


def test_no_more_letters_is_said_on_the_page_and_the_sender_sees_that_they_call(site: AskedSite) -> None:
    page = site.pages.post(f"{site.path}/letters", {"letters": "stop"})
    assert "We do not write to this address any more" in page.main.text
    assert (site.task().state, site.task().way) == ("sent", "phone")
    assert [(one.address, one.facts["what"]) for one in site.letters("referral_news")] == [("sam@example.org", "call")]
    with site.database.reading() as session:
        assert referral_letters.recipients(session, site.task()) == []
        assert referral_letters.readers(session, site.task(1).program_id) != []
    site.say("accept", first_on=NEXT_MEETING)
    assert site.task().state == "accepted", "the link still answers"


def test_letters_can_be_had_again(site: AskedSite) -> None:
    site.pages.post(f"{site.path}/letters", {"letters": "stop"})
    page = site.pages.post(f"{site.path}/letters", {"letters": "again"})
    assert page.all("button", value="stop") != []
    with site.database.reading() as session:
        assert [address for address, _ in referral_letters.recipients(session, site.task())] == ["joy1@example.org"]


def test_who_is_left_at_a_group_goes_on_getting_letters(site: AskedSite) -> None:
    with site.database.transaction() as session:
        editor = people.find_or_make(session, "lou@example.org", now=site.clock())
        people.give(session, editor.id, Role.OPERATOR, by="a test", now=site.clock(), scope=Scope.PROGRAM,
                    value=str(site.task().program_id))
        task = moving.find(session, site.task().key)
        task.written_to = [*task.written_to, referral_letters.digest("lou@example.org")]  # the sender asked both
    site.pages.post(f"{site.path}/letters", {"letters": "stop"})
    assert site.task().way == "mail"
    assert site.letters("referral_news") == []
    with site.database.reading() as session:
        assert [address for address, _ in referral_letters.recipients(session, site.task())] == ["lou@example.org"]


def test_a_link_that_has_ended_stops_no_letters(site: AskedSite) -> None:
    site.move(Move.WITHDRAW)
    assert site.pages.post(f"{site.path}/letters", {"letters": "stop"}).status == 410
    with site.database.reading() as session:
        assert not referral_letters.is_stopped(session, "joy1@example.org")


@pytest.mark.parametrize(("form", "status"), [({"what": ""}, 422), ({"what": "receive", "version": "99"}, 409)],
                         ids=["a wrong form", "an old one"])
def test_who_is_shown_it_because_an_answer_is_refused_has_read_it(site: AskedSite, form: dict[str, str],
                                                                  status: int) -> None:
    assert site.pages.post(site.path, form).status == status
    assert [one.facts for one in site.events("read")] == [{"how": "link"}]
    assert site.task().state == "sent"


def test_a_link_that_opens_nothing_waits_for_no_writer(site: AskedSite) -> None:
    over = site.path
    site.move(Move.WITHDRAW)
    with site.database.transaction():  # whoever wants to write now waits for fifteen seconds
        begun = time.monotonic()
        answers = [site.pages.get(f"/referrals/{'A' * 43}"), site.open(over),
                   site.pages.post(over, {"what": "receive"})]
    assert [one.status for one in answers] == [404, 410, 410]
    assert time.monotonic() - begun < PATIENCE
