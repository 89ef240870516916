from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from finder.accounts import people, tokens
from finder.accounts.permissions import Role, Scope
from finder.catalog.models import Program
from finder.listings import changes, reminders, review
from finder.listings.changes import Listing
from finder.listings.models import Pause, Proposal
from finder.listings.review import Sender, Trust
from finder.listings.writing import Author
from finder.outbox import Message, Silence
from tests.web.site import Site, group

MAIL = {"email": "joy@example.org", "phone": "919-555-0142"}
CHECKED = {"on": "2026-01-05", "method": "phone"}
DAY = 86_400


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1, contact=MAIL, verified=CHECKED, focus=["depression"])])


def there(site: Site) -> Listing:
    with site.database.reading() as session:
        return changes.find(session, site.ids[0])


def rows(site: Site, model: Any) -> list[Any]:
    with site.database.reading() as session:
        return list(session.scalars(select(model)))


@pytest.fixture
def secret(site: Site) -> str:
    """A link of a reminder for the first listing."""
    with site.database.transaction() as session:
        return reminders.new_link(session, there(site), reminders.Recipient("joy@example.org", "en"), site.clock())


def tap(site: Site, secret: str, what: str, **more: str) -> Any:
    page = site.pages.get(f"/mail/{secret}")
    version = page.all("input", name="version")[0]["value"]
    return site.pages.post(f"/mail/{secret}", {"what": what, "version": version, **more})


def test_opening_a_link_shows_the_facts_and_changes_nothing(site: Site, secret: str) -> None:
    before = there(site)
    page = site.pages.get(f"/mail/{secret}")
    assert page.status == 200
    assert page.heading == "Is this still right?"
    assert "River Circle 1" not in page.title
    assert {"River Circle 1", "919-555-0142"} <= {tag.text for tag in page.all("h2", "dd")}
    assert page.response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in page.response.headers
    site.pages.client.head(f"/mail/{secret}")
    assert there(site) == before


def test_one_tap_makes_the_date_fresh_in_the_next_request(site: Site, secret: str) -> None:
    assert "Checked today" not in site.pages.get(f"/programs/{site.slugs[0]}").main.text
    page = tap(site, secret, "right")
    assert page.status == 200
    assert "On November 24, 2026 you said: All of this is right." in page.main.text
    assert there(site).document["verified"] == {"on": "2026-11-24", "method": "operator"}
    assert "Checked today" in site.pages.get(f"/programs/{site.slugs[0]}").main.text


def test_a_link_opened_again_shows_what_was_said_and_can_say_more(site: Site, secret: str) -> None:
    tap(site, secret, "right")
    site.wait(7 * DAY)
    assert "On November 24, 2026 you said" in site.pages.get(f"/mail/{secret}").main.text
    page = tap(site, secret, "full")
    assert "On December 1, 2026 you said: You are full." in page.main.text
    assert there(site).document["capacity"] == {"status": "full", "as_of": "2026-12-01"}


@pytest.mark.parametrize(("what", "more", "stated"), [
    ("open", {}, {"status": "open", "as_of": "2026-11-24"}),
    ("waitlist", {"weeks": "5"}, {"status": "waitlist", "wait_weeks": 5, "as_of": "2026-11-24"}),
    ("waitlist", {"weeks": ""}, {"status": "waitlist", "as_of": "2026-11-24"}), ("ask", {}, None),
], ids=["open", "weeks", "no_weeks", "ask"])
def test_room_is_one_tap(site: Site, secret: str, what: str, more: dict[str, str], stated: Any) -> None:
    assert tap(site, secret, what, **more).status == 200
    assert there(site).document.get("capacity") == stated


def test_a_pause_has_a_day_and_can_be_ended_before(site: Site, secret: str) -> None:
    page = tap(site, secret, "paused", back_on="2027-01-14")
    assert "not meeting until January 14, 2027" in page.main.text
    assert [str(one.back_on) for one in rows(site, Pause)] == ["2027-01-14"]
    assert "not meeting" not in tap(site, secret, "back").main.text
    assert rows(site, Pause) == []
    assert "status" not in there(site).document


@pytest.mark.parametrize(("what", "field", "typed"), [
    ("paused", "back_on", ""), ("paused", "back_on", "soon"), ("paused", "back_on", "2026-11-24"),
    ("paused", "back_on", "2031-01-01"), ("waitlist", "weeks", "a few"), ("waitlist", "weeks", "9999"),
])
def test_what_does_not_fit_is_said_at_its_field_and_stays(site: Site, secret: str, what: str, field: str,
                                                          typed: str) -> None:
    page = tap(site, secret, what, **{field: typed})
    assert page.status == 422
    assert page.title.startswith("Error:")
    box = page.one("input", id=field)
    assert box["value"] == typed
    assert f"{field}-error" in box["aria-describedby"].split()
    assert there(site).version == 1


@pytest.mark.parametrize("form", [{}, {"what": "delete"}, {"what": "right\x00"}, {"what": "right", "version": "-1"},
                                  {"what": "right", "version": "9" * 40}], ids=str)
def test_no_form_breaks_the_page(site: Site, secret: str, form: dict[str, str]) -> None:
    assert site.pages.post(f"/mail/{secret}", form).status in (409, 422)
    assert there(site).version == 1


def test_what_changed_meanwhile_is_shown_before_it_is_confirmed(site: Site, secret: str) -> None:
    found = there(site)
    with site.database.transaction() as session:
        changes.change(session, found.id, base=1, author=Author("somebody"), now=site.clock(),
                       document={**found.document, "contact": {**MAIL, "phone": "919-555-0100"}})
    page = site.pages.post(f"/mail/{secret}", {"what": "right", "version": "1"})
    assert page.status == 409
    assert "919-555-0100" in page.main.text
    assert page.of_class("notice")[0].text.startswith("Somebody changed the listing")
    assert there(site).document["verified"] == CHECKED


def test_a_form_of_another_site_says_nothing(site: Site, secret: str) -> None:
    foreign = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    assert site.pages.client.post(f"/mail/{secret}", data={"what": "open"}, headers=foreign).status_code == 403
    assert "capacity" not in there(site).document


def test_the_wish_not_to_be_listed_is_asked_once_more_and_goes_to_a_steward(site: Site, secret: str) -> None:
    page = site.pages.get(f"/mail/{secret}/not-listed")
    assert page.heading == "Should we take your group off the list?"
    assert rows(site, Proposal) == []
    page = site.pages.post(f"/mail/{secret}/not-listed", {"words": "We have ended."})
    assert "You do not want to be in this list." in page.main.text
    (waits,) = rows(site, Proposal)
    assert (waits.kind, waits.note) == ("delete", "We have ended.")
    assert there(site).state == "published"


def test_words_that_are_too_long_are_kept_in_the_box(site: Site, secret: str) -> None:
    page = site.pages.post(f"/mail/{secret}/not-listed", {"words": "word " * 300})
    assert page.status == 422
    assert page.one("textarea", id="words").text == ("word " * 300).strip()


def test_an_old_link_says_so_and_sends_a_new_one_to_the_group_alone(site: Site, secret: str) -> None:
    site.wait(31 * DAY)
    page = site.pages.get(f"/mail/{secret}")
    assert (page.status, page.heading) == (410, "This link has ended")
    assert "joy@example.org" not in page.main.text
    assert site.pages.post(f"/mail/{secret}", {"what": "open"}).status == 410
    for _ in range(3):
        assert site.pages.post(f"/mail/{secret}/again").heading == "A new link is on its way"
    assert site.pages.post(f"/mail/{secret}/again").status == 429
    assert [one.address for one in rows(site, Message)] == ["joy@example.org"] * 3
    new = rows(site, Message)[0].facts["listings"][0]["link"]
    assert tap(site, new, "open").status == 200


def test_nothing_is_sent_for_a_group_without_an_address(site: Site, secret: str) -> None:
    found = there(site)
    with site.database.transaction() as session:
        document = {**found.document, "contact": {"phone": "919-555-0142"}}
        changes.change(session, found.id, base=1, author=Author("somebody"), now=site.clock(), document=document)
    assert site.pages.post(f"/mail/{secret}/again").heading == "We cannot send a new link"


def test_a_group_that_is_not_shown_cannot_be_changed(site: Site, secret: str) -> None:
    with site.database.transaction() as session:
        changes.delete(session, there(site).id, base=1, author=Author("steward"), now=site.clock())
    assert site.pages.get(f"/mail/{secret}").heading == "This group is not on the list now"
    assert site.pages.post(f"/mail/{secret}", {"what": "back"}).status == 410
    assert site.pages.post(f"/mail/{secret}/not-listed").status == 410
    assert site.pages.post(f"/mail/{secret}/again").heading == "We cannot send a new link"


def test_a_link_that_never_was_or_is_for_something_else_is_not_found(site: Site, secret: str) -> None:
    with site.database.transaction() as session:
        sign_in = tokens.make(session, "sign_in", now=site.clock())
    for path in ("/mail/none", f"/mail/{sign_in}", f"/mail/change/{secret}", f"/mail/answer/{secret}",
                 f"/mail/stop/{secret}", "/mail/none/not-listed", "/es/mail/%F0%9F%98%80"):
        assert site.pages.get(path).status == 404, path


def test_the_page_is_in_spanish_under_its_address(site: Site, secret: str) -> None:
    page = site.pages.get(f"/es/mail/{secret}")
    assert page.one("html")["lang"] == "es"
    assert [tag["action"] for tag in page.main.all("form")][0] == f"/es/mail/{secret}"


# -- no more letters -------------------------------------------------------------------------------------------------


@pytest.fixture
def stop(site: Site) -> str:
    with site.database.transaction() as session:
        return tokens.make(session, "stop", now=site.clock(), facts={"address": "joy@example.org"})


def test_opening_the_stop_link_stops_nothing_and_its_button_does(site: Site, stop: str) -> None:
    page = site.pages.get(f"/mail/stop/{stop}")
    assert rows(site, Silence) == []
    site.pages.post(f"/mail/stop/{stop}", page.form(f"/mail/stop/{stop}"))
    assert {one.kind for one in rows(site, Silence)} == {"check", "capacity", "paused"}
    assert site.pages.get(f"/mail/stop/{stop}").heading == "No more letters like this"


def test_the_button_of_a_mail_program_stops_letters_in_one_step(site: Site, stop: str) -> None:
    answer = site.pages.client.post(f"/mail/stop/{stop}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert len(rows(site, Silence)) == 3


def test_the_check_page_stops_letters_too(site: Site, secret: str) -> None:
    assert "You want no more letters like this." in tap(site, secret, "stop").main.text
    assert {one.address for one in rows(site, Silence)} == {"joy@example.org"}


# -- a changed contact, and an answer --------------------------------------------------------------------------------


@pytest.fixture
def change(site: Site) -> str:
    found = there(site)
    with site.database.transaction() as session:
        editor = people.find_or_make(session, "sam@example.org", now=site.clock())
        document = {**found.document, "contact": {**MAIL, "phone": "919-555-0199"}, "sessions": [
            {"format": "in_person", "location": {"address_1": "5 Oak Street", "city": "Durham", "state": "NC"}}]}
        review.propose(session, found.id, document, base=1, now=site.clock(),
                       sender=Sender(Trust.EDITOR, account_id=editor.id))
    (letter,) = rows(site, Message)
    return str(letter.facts["link"])


def test_the_old_contact_sees_what_was_and_would_be_and_agrees(site: Site, change: str) -> None:
    page = site.pages.get(f"/mail/change/{change}")
    cards = {card["aria-label"]: [tag.text for tag in card.all("dd")] for card in page.main.all("section")}
    assert cards["Phone"] == ["919-555-0142", "919-555-0199"]
    was, would_be = cards["Day, time and place"]
    assert was == "Not stated"
    assert "5 Oak Street, Durham, NC" in would_be
    assert there(site).document["contact"] == MAIL
    page = site.pages.post(f"/mail/change/{change}", {"answer": "yes"})
    assert page.heading == "Thank you. The change is made"
    assert there(site).document["contact"]["phone"] == "919-555-0199"
    site.pages.post(f"/mail/change/{change}", {"answer": "no"})
    assert site.pages.get(f"/mail/change/{change}").heading == "Thank you. The change is made"


def test_what_they_did_not_ask_for_is_not_changed(site: Site, change: str) -> None:
    page = site.pages.post(f"/mail/change/{change}", {"answer": "no"})
    assert page.heading == "Thank you. Nothing was changed"
    assert there(site).document["contact"] == MAIL
    assert site.pages.get(f"/mail/change/{change}").heading == "Thank you. Nothing was changed"


def test_an_answer_that_is_none_decides_nothing(site: Site, change: str) -> None:
    assert site.pages.post(f"/mail/change/{change}", {"answer": "maybe"}).heading == "Did you ask for this change?"


def test_a_change_that_a_steward_decided_first_says_so(site: Site, change: str) -> None:
    with site.database.transaction() as session:
        (waits,) = session.scalars(select(Proposal)).all()
        review.decide(session, waits.id, {"": "accept"}, author=Author("steward", None), now=site.clock())
    page = site.pages.post(f"/mail/change/{change}", {"answer": "no"})
    assert page.heading == "This was decided already"


def test_an_old_question_about_a_change_has_ended(site: Site, change: str) -> None:
    site.wait(8 * DAY)
    assert site.pages.get(f"/mail/change/{change}").heading == "This link has ended"
    site.pages.post(f"/mail/change/{change}", {"answer": "yes"})
    assert there(site).document["contact"] == MAIL


@pytest.fixture
def answer(site: Site) -> str:
    found = there(site)
    with site.database.transaction() as session:
        made = review.propose(session, found.id, {**found.document, "name": "Lake Circle"}, base=1, now=site.clock(),
                              sender=Sender(Trust.ANYBODY, reply_to="kim@example.org"))
        assert made.waiting is not None
        review.decide(session, made.waiting, {"": "reject"}, author=Author("steward", None), now=site.clock(),
                      reason="They told us\ntheir name.")
    (letter,) = rows(site, Message)
    return str(letter.facts["link"])


def test_whoever_was_told_no_reads_why_and_asks_for_a_second_look_once(site: Site, answer: str) -> None:
    page = site.pages.get(f"/mail/answer/{answer}")
    assert "They told us" in page.main.text
    empty = site.pages.post(f"/mail/answer/{answer}", {"words": " "})
    assert empty.status == 422
    page = site.pages.post(f"/mail/answer/{answer}", {"words": "It is on their door."})
    assert "You asked for a second look." in page.main.text
    site.pages.post(f"/mail/answer/{answer}", {"words": "And again."})
    (waits,) = rows(site, Proposal)
    assert (waits.state, waits.appeal) == ("waiting", "It is on their door.")


def test_after_a_month_there_is_no_second_look(site: Site, answer: str) -> None:
    site.wait(31 * DAY)
    page = site.pages.get(f"/mail/answer/{answer}")
    assert page.main.all("form") == []
    site.pages.post(f"/mail/answer/{answer}", {"words": "It is on their door."})
    assert rows(site, Proposal)[0].appeal is None


def test_the_listing_is_found_by_the_id_that_letters_link_to(site: Site) -> None:
    with site.database.reading() as session:
        program = session.scalars(select(Program.id)).one()
    assert site.pages.get(f"/programs/{program}").status == 200


def test_a_link_to_an_address_that_is_the_listings_no_more_does_nothing(site: Site, secret: str) -> None:
    with site.database.transaction() as session:
        changes.change(session, there(site).id, base=there(site).version, author=Author("steward:1"), now=site.clock(),
                       document=there(site).document | {"contact": {"email": "new@example.org"}})
    before = there(site)
    assert site.pages.get(f"/mail/{secret}").status == 410
    assert site.pages.post(f"/mail/{secret}", {"what": "paused", "back_on": "2026-12-24"}).status == 410
    assert site.pages.post(f"/mail/{secret}/not-listed", {"words": ""}).status == 410
    assert there(site) == before
    assert rows(site, Proposal) == []


def test_an_account_that_edits_the_listing_still_answers_by_its_links(site: Site) -> None:
    with site.database.transaction() as session:
        account = people.find_or_make(session, "kim@example.org", now=site.clock())
        people.give(session, account.id, Role.OPERATOR, by="a test", now=site.clock(), scope=Scope.PROGRAM,
                    value=str(there(site).id))
        link = reminders.new_link(session, there(site), reminders.Recipient("kim@example.org", "en"), site.clock())
    assert site.pages.get(f"/mail/{link}").status == 200
