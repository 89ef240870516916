from __future__ import annotations

from pathlib import Path

import pytest

from finder.accounts.permissions import Role, Scope
from finder.listings import changes
from finder.listings.writing import Author
from finder.referrals.models import ReferralTask
from finder.referrals.states import Move
from tests.pages import Page
from tests.web.asked import BROWSER, EVERYTHING, NEXT_MEETING, PERSON, AskedSite
from tests.web.people import Person

LIST = "/operator/referrals"


@pytest.fixture
def site(tmp_path: Path) -> AskedSite:
    return AskedSite(tmp_path, **EVERYTHING)


@pytest.fixture
def joy(site: AskedSite) -> Person:
    return Person(site, "joy@example.org", (Role.OPERATOR, Scope.PROGRAM, str(site.ids[0])))


def path(site: AskedSite, place: int = 0) -> str:
    return f"{LIST}/{site.task(place).key}"


def say(site: AskedSite, joy: Person, what: str, **more: str) -> Page:
    page = joy.get(path(site))
    token = page.all("input", name="form_token")[0]["value"]
    version = page.main.all("input", name="version")[0]["value"]
    return joy.pages.post(path(site), {"form_token": token, "version": version, "what": what, **more})


def test_what_waits_is_told_on_the_desk_and_leads_to_the_question(site: AskedSite, joy: Person) -> None:
    page = joy.get("/operator/")
    assert [tag.text for tag in page.main.all("a", href=LIST)] == ["1 person asks for a place"]
    page = joy.get(LIST)
    assert [tag["href"] for tag in page.main.all("a")] == [path(site)]
    assert "Waits for your answer" in page.main.text
    assert joy.get(path(site)).heading == "Is there a place for somebody?"


def test_an_answer_at_the_desk_is_noted_with_the_account(site: AskedSite, joy: Person) -> None:
    page = say(site, joy, "accept", first_on=NEXT_MEETING)
    assert "Yes. The first day is December 1, 2026." in page.main.text
    assert PERSON["name"] in page.main.text
    assert [(one.who, one.account_id) for one in site.events("accept")] == [(f"operator:{joy.id}", joy.id)]
    assert "You said yes" in joy.get(LIST).main.text
    assert "Who asks for a place" in [tag.text for tag in joy.get("/operator/").main.all("a", href=LIST)]


def test_each_look_is_noted_with_the_account_and_a_browser_says_that_it_was_seen(site: AskedSite, joy: Person) -> None:
    joy.get(path(site))
    assert site.task().state == "sent"
    joy.pages.get(path(site), headers=BROWSER)
    assert site.task().state == "seen"
    assert [(one.who, one.account_id, one.facts) for one in site.events("read")] == \
        [(f"operator:{joy.id}", joy.id, {"how": "page"})] * 2
    joy.client.head(path(site))
    assert len(site.events("read")) == 2


@pytest.mark.parametrize(("form", "status"), [({"what": ""}, 422), ({"what": "receive", "version": "99"}, 409)],
                         ids=["a wrong form", "an old one"])
def test_who_is_shown_it_because_an_answer_is_refused_has_read_it(site: AskedSite, joy: Person, form: dict[str, str],
                                                                  status: int) -> None:
    token = joy.get("/account/").all("input", name="form_token")[0]["value"]
    assert joy.pages.post(path(site), {"form_token": token, **form}).status == status
    assert [one.account_id for one in site.events("read")] == [joy.id]
    assert site.task().state == "sent"


def test_who_the_person_is_is_not_on_the_desk_before_a_yes(site: AskedSite, joy: Person) -> None:
    for page in (joy.get("/operator/"), joy.get(LIST), joy.get(path(site)), say(site, joy, "receive")):
        assert not [word for word in (*PERSON.values(), "K7-41") if word in page.source]


def test_what_does_not_fit_is_said_and_two_at_once_see_how_it_stands(site: AskedSite, joy: Person) -> None:
    page = say(site, joy, "decline")
    assert (page.status, [tag["href"] for tag in page.of_class("errors")[0].all("a")]) == (422, ["#reason"])
    token = page.all("input", name="form_token")[0]["value"]
    version = page.main.all("input", name="version")[0]["value"]
    site.say("accept", first_on=NEXT_MEETING)
    page = joy.pages.post(path(site), {"form_token": token, "version": version, "what": "receive"})
    assert page.status == 409
    assert site.task().state == "accepted"


def test_an_answer_without_the_token_of_the_page_is_refused(site: AskedSite, joy: Person) -> None:
    assert joy.pages.post(path(site), {"what": "receive", "version": "2"}).status == 403
    assert site.task().state == "sent"


def test_others_questions_those_whose_turn_it_is_not_and_none_are_answered_alike(site: AskedSite, joy: Person) -> None:
    lou = Person(site, "lou@example.org", (Role.OPERATOR, Scope.PROGRAM, str(site.ids[1])))
    bodies = set()
    for key in (site.task(0).key, site.task(1).key, "A" * 22, "x", "A" * 500):
        page = lou.get(f"{LIST}/{key}")
        assert page.status == 404
        bodies.add(page.main.text.replace(page.response.headers["X-Request-ID"], ""))
    assert len(bodies) == 1
    assert "Nobody asks for a place now." in lou.get(LIST).main.text
    site.move(Move.DECLINE, reason="full")
    assert lou.get(path(site, 1)).status == 200
    assert joy.get(path(site, 1)).status == 404


def test_a_steward_a_provider_and_an_operator_of_nothing_get_in_nowhere(site: AskedSite) -> None:
    for number, grants in enumerate(([Role.STEWARD], [Role.ADMINISTRATOR], [],
                                     [(Role.PROVIDER, Scope.TEAM, str(site.team.id))])):
        somebody = Person(site, f"p{number}@example.org", *grants)
        assert [somebody.get(one).status for one in (LIST, path(site))] == [404, 404]


def test_who_answers_for_an_organization_answers_for_its_groups(site: AskedSite) -> None:
    with site.database.transaction() as session:
        found = changes.find(session, site.ids[0])
        changes.change(session, found.id, base=found.version, author=Author("somebody"), now=site.clock(),
                       document={**found.document, "organization": {"name": "River House"}})
        house = str(changes.find(session, site.ids[0]).organization_id)
    pat = Person(site, "pat@example.org", (Role.OPERATOR, Scope.ORGANIZATION, house))
    assert [tag["href"] for tag in pat.get(LIST).main.all("a")] == [path(site)]
    assert pat.get(path(site)).status == 200


@pytest.mark.parametrize("how", ["withdrawn", "consent"])
def test_what_is_over_is_on_no_list_and_its_page_says_so(site: AskedSite, joy: Person, how: str) -> None:
    if how == "withdrawn":
        site.move(Move.WITHDRAW)
    else:
        site.end_consent()
    assert joy.get(LIST).main.all("a") == []
    assert [tag.text for tag in joy.get("/operator/").main.all("a", href=LIST)] == ["Who asks for a place"]
    page = joy.get(path(site))
    assert (page.status, page.heading) == (410, "This question is over")
    assert "Eastside" not in page.main.text
    token = page.all("input", name="form_token")[0]["value"]
    assert joy.pages.post(path(site), {"form_token": token, "what": "receive", "version": "2"}).status == 410


def test_what_was_answered_long_ago_leaves_the_list(site: AskedSite, joy: Person) -> None:
    say(site, joy, "decline", reason="full")
    assert "You said no" in joy.get(LIST).main.text
    site.wait(91 * 86_400)
    with site.database.reading() as session:
        assert session.get(ReferralTask, site.task().key) is not None
    late = Person(site, "joy@example.org")
    assert "Nobody asks for a place now." in late.get(LIST).main.text
