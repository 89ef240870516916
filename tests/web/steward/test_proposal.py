from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from finder.accounts import people
from finder.accounts.permissions import Role
from finder.listings import changes, review
from finder.listings.review import Trust
from tests.pages import Page
from tests.web.people import Person
from tests.web.steward.desk import CONTACT, NEW_PHONE, StewardSite, meets


@pytest.fixture
def site(tmp_path: Path) -> StewardSite:
    return StewardSite(tmp_path)


def sides(page: Page) -> dict[str, tuple[str, str]]:
    """Title -> was and would be, with what is underlined in brackets."""
    def words(tag):
        return "".join(f"[{part.text}]" if not isinstance(part, str) else part for part in tag.parts).strip()
    return {row.of_class("diff__field")[0].text: (words(row.all("del")[0]), words(row.all("ins")[0]))
            for row in page.of_class("diff__row") if row.all("del")}


def state(site: StewardSite, key: str) -> str:
    with site.database.reading() as session:
        return review.find(session, key).state


def test_what_differs_stands_side_by_side_with_the_words_underlined(site: StewardSite) -> None:
    key = site.propose(name="River Table 1", contact=NEW_PHONE, cost={"free": True, "note": "Gifts welcome."},
                       sessions=[meets("Erie", "PA", repeats="FREQ=MONTHLY;BYDAY=1TU,3TU")])
    page = site.sam.get(f"/steward/proposals/{key}")
    found = sides(page)
    assert found["Name"] == ("River [Circle] 1", "River [Table] 1")
    assert found["Phone"] == ("919-555-[0190]", "919-555-[0146]")
    assert found["Cost"][0] == "Not stated"
    assert "Gifts welcome." in found["Cost"][1]
    assert "[1st and 3rd] Tuesday [of the month]" in found["Day, time and place"][1]


def test_pieces_are_accepted_and_rejected_one_by_one_and_the_sender_hears(site: StewardSite) -> None:
    key = site.propose(name="Creek", led_by="peer", contact=NEW_PHONE)
    page = site.decide(key, **{"choice-name": "accept", "choice-led_by": "later", "choice-contact.phone": "reject",
                               "words": "Nobody answered."})
    assert page.path.startswith("/steward/")
    assert site.see(0).document["name"] == "Creek"
    assert site.letters("decision") == []
    site.decide(key, **{"choice-led_by": "accept"})
    (letter,) = site.letters("decision")
    assert (letter.facts["accepted"], letter.facts["rejected"]) == (["name", "led_by"], ["contact.phone"])
    assert letter.facts["reason"] == "Nobody answered."


def test_all_pieces_of_the_cost_are_decided_as_one(site: StewardSite) -> None:
    key = site.propose(cost={"free": False, "amount": 5, "note": "Cash only."})
    site.decide(key, **{"choice-cost": "accept"})
    assert site.see(0).document["cost"] == {"free": False, "amount": 5, "note": "Cash only."}
    assert state(site, key) == "accepted"


def test_one_button_accepts_all(site: StewardSite) -> None:
    key = site.propose(name="Creek", contact=NEW_PHONE)
    site.decide(key, all="accept")
    assert site.see(0).document["contact"] == NEW_PHONE
    assert state(site, key) == "accepted"


def test_a_rejection_without_a_reason_comes_back_with_nothing_lost(site: StewardSite) -> None:
    key = site.propose(name="Creek", contact=NEW_PHONE)
    page = site.decide(key, **{"choice-name": "reject", "choice-contact.phone": "accept"})
    assert page.status == 422
    assert "Say why, so that whoever sent it knows what to do." in page.main.text
    form = page.form(f"/steward/proposals/{key}")
    assert (form["choice-name"], form["choice-contact.phone"]) == (["reject"], ["accept"])
    assert state(site, key) == "waiting"


@pytest.mark.parametrize("words", ["x" * 901, "a\x07b", "a\x00b"], ids=["too long", "bell", "nul"])
def test_a_note_that_cannot_be_sent_comes_back(site: StewardSite, words: str) -> None:
    key = site.propose(name="Creek")
    assert site.decide(key, **{"choice-name": "reject", "words": words}).status == 422
    assert state(site, key) == "waiting"


def test_a_rule_can_be_the_reason_and_is_told_in_the_senders_language(site: StewardSite) -> None:
    key = site.propose_new()
    site.decide(key, **{"choice-": "reject", "policy": "paid", "words": "Please see our rules."})
    (letter,) = site.letters("decision")
    assert letter.facts["reason"] == \
        "We list no group that pays or is paid to send people to a clinic.\nPlease see our rules."


@pytest.mark.parametrize("form", [
    {"choice-name": "maybe"}, {"choice-nothing": "accept"}, {"policy": "nothing", "words": "x"}, {"all": "reject"},
    {"choice-": ["accept", "reject"]},
])
def test_odd_forms_decide_nothing_and_break_nothing(site: StewardSite, form: dict[str, str]) -> None:
    key = site.propose(name="Creek")
    assert site.decide(key, **{"choice-name": "later", **form}).status in (200, 422)
    assert state(site, key) == "waiting"


def test_a_form_that_says_no_version_is_refused(site: StewardSite) -> None:
    key = site.propose(name="Creek")
    page = site.decide(key, version="")
    assert page.status == 428
    assert state(site, key) == "waiting"


def test_an_older_form_comes_back_with_what_changed_since(site: StewardSite) -> None:
    key = site.propose(name="Creek")
    old = site.sam.get(f"/steward/proposals/{key}")
    site.propose(trust=Trust.STEWARD, account=site.sam.id, led_by="peer")
    page = site.sam.send(old, f"/steward/proposals/{key}", {"choice-name": "accept", "words": "Thank you."})
    assert page.status == 409
    assert "The listing changed while you looked" in page.main.text
    assert "Who leads it" in page.of_class("errors")[0].text
    form = page.form(f"/steward/proposals/{key}")
    assert (form["version"], form["words"], form["choice-name"]) == (["2"], ["Thank you."], ["accept"])
    assert site.see(0).document["name"] == "River Circle 1"
    assert site.sam.send(page, f"/steward/proposals/{key}").status == 200
    assert site.see(0).document["name"] == "Creek"


def test_what_somebody_else_decided_first_is_said(site: StewardSite) -> None:
    key = site.propose(name="Creek")
    old = site.sam.get(f"/steward/proposals/{key}")
    site.decide(key, all="accept")
    page = site.sam.send(old, f"/steward/proposals/{key}", {"choice-name": "reject", "words": "No."})
    assert page.status == 409
    assert "Somebody else decided this meanwhile" in page.main.text
    assert site.see(0).document["name"] == "Creek"


def test_nobody_decides_about_what_they_sent(site: StewardSite) -> None:
    both = Person(site, "both@example.org", Role.STEWARD)
    key = site.propose(trust=Trust.EDITOR, account=both.id, contact=NEW_PHONE)
    path = f"/steward/proposals/{key}"
    page = both.get(path)
    assert "Another steward decides about it." in page.main.text
    assert not [tag for tag in page.all("form") if tag["action"] == path]
    token = both.get("/account/").form("/account/sign-out")["form_token"]
    assert both.pages.post(path, {"form_token": token, "version": "1", "all": "accept"}).status == 403
    assert site.see(0).document["contact"]["phone"] == "919-555-0190"


def test_a_new_listing_shows_the_whole_card_and_what_it_may_repeat(site: StewardSite) -> None:
    key = site.propose_new(name="River Circle 1", sessions=[meets("Erie", "PA")], contact=CONTACT,
                           description="Tea is on.")
    page = site.sam.get(f"/steward/proposals/{key}")
    assert "Tea is on." in page.main.text
    assert "It may be in the list already" in page.main.text
    assert f"/programs/{site.slugs[0]}" in page.links


def test_an_accepted_new_listing_is_there_in_the_next_request(site: StewardSite) -> None:
    site.decide(site.propose_new(), all="accept")
    assert "Creek Circle" in site.pages.get("/programs").main.text


def test_whoever_runs_a_new_listing_can_be_let_to_look_after_it(site: StewardSite) -> None:
    person = Person(site, "new@example.org")
    key = site.propose_new(account=person.id)
    site.decide(key, editor="1", **{"choice-": "accept"})
    with site.database.reading() as session:
        found = review.find(session, key).program_id
        assert [one.value for one in people.grants_of(session, person.id)] == [str(found)]


def test_a_rejected_new_listing_gives_no_right(site: StewardSite) -> None:
    person = Person(site, "new@example.org")
    site.decide(site.propose_new(account=person.id), editor="1", words="No.", **{"choice-": "reject"})
    with site.database.reading() as session:
        assert people.grants_of(session, person.id) == ()


def test_pieces_that_do_not_fit_together_are_named(site: StewardSite) -> None:
    key = site.propose(organization={"name": "Open Door", "phone": "919-555-0100"})
    page = site.decide(key, **{"choice-organization.name": "later", "choice-organization.phone": "accept"})
    assert page.status == 422
    assert "Name of who runs it" in page.of_class("errors")[0].text


def test_an_appeal_shows_both_sides(site: StewardSite) -> None:
    key = site.propose(name="Creek")
    site.decide(key, **{"choice-name": "reject", "words": "That is not its name."})
    site.wait(60)
    with site.database.transaction() as session:
        review.appeal(session, uuid.UUID(key), "It is, since May.", now=site.clock())
    page = site.sam.get(f"/steward/proposals/{key}")
    assert "That is not its name." in page.main.text
    assert "It is, since May." in page.main.text
    assert "Appeal" in site.sam.get("/steward/").main.text


def test_a_decided_proposal_shows_what_came_of_it(site: StewardSite) -> None:
    key = site.propose(name="Creek")
    site.decide(key, **{"choice-name": "reject", "words": "That is not its name."})
    page = site.sam.get(f"/steward/proposals/{key}")
    assert "Rejected" in page.main.text
    assert "That is not its name." in page.main.text


def test_a_proposal_about_a_deleted_listing_can_still_be_decided(site: StewardSite) -> None:
    key = site.propose(name="Creek")
    with site.database.transaction() as session:
        there = site.see(0)
        changes.delete(session, there.id, base=there.version, author=review.Sender(Trust.STEWARD).author,
                       now=site.clock())
    assert "This listing is not in the list right now." in site.sam.get(f"/steward/proposals/{key}").main.text
    assert site.decide(key, all="accept").status == 200
    assert site.see(0).state == "deleted"


@pytest.mark.parametrize("key", ["none", "1", "00000000-0000-0000-0000-000000000000", "%00"])
def test_what_is_not_there_is_not_found(site: StewardSite, key: str) -> None:
    assert site.sam.get(f"/steward/proposals/{key}").status == 404
    token = site.sam.get("/account/").form("/account/sign-out")["form_token"]
    for path in (f"/steward/proposals/{key}", f"/steward/proposals/{key}/assign"):
        assert site.sam.pages.post(path, {"form_token": token, "version": "1"}).status == 404
