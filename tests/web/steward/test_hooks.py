from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from finder.accounts.permissions import Role, Scope
from finder.exchange.posting import Posted
from finder.hooks import keeping
from finder.hooks.models import HELD, OFF, ON, Hook
from tests.hooks.receiver import Receiver
from tests.pages import Page
from tests.web.people import Person
from tests.web.site import Site, group

LIST, NEW = "/steward/hooks", "/steward/hooks/new"
URL = "https://example.org/in?key=canary"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    found = Site(tmp_path, [group(1)])
    found.app.extensions["finder_post"] = Receiver()
    return found


@pytest.fixture
def steward(site: Site) -> Person:
    return Person(site, "joy@example.org", Role.STEWARD)


def add(person: Person, **fields: Any) -> Page:
    return person.send(person.get(NEW), NEW, {"name": "County line", "url": URL, **fields})


def hooks(site: Site) -> list[Hook]:
    with site.database.reading() as session:
        return list(keeping.every(session))


def at(site: Site, page: str) -> str:
    return f"{LIST}/{hooks(site)[0].id}/{page}"


def change(site: Site, **values: Any) -> None:
    with site.database.transaction() as session:
        for name, value in values.items():
            setattr(keeping.every(session)[0], name, value)


def secret_on(page: Page) -> str:
    return page.of_class("secret")[0].text


def test_a_program_is_added_and_its_secret_shown_on_one_page_once(site: Site, steward: Person) -> None:
    page = add(steward)
    assert (page.status, page.heading) == (200, "The secret")
    assert Webhook(secret_on(page))
    assert page.response.headers["Cache-Control"] == "no-store"
    for path in (LIST, at(site, "secret"), NEW):
        assert "whsec_" not in steward.get(path).response.text.replace("whsec_ in the secret", "")


def test_the_page_of_the_secret_says_how_a_message_is_checked(steward: Person) -> None:
    said = add(steward).main.text
    for words in ("webhook-id", "webhook-timestamp", "webhook-signature", "HMAC-SHA256", "Standard Webhooks 1.0.0"):
        assert words in said


def test_the_list_says_how_each_is_doing_and_no_password_in_an_address(site: Site, steward: Person) -> None:
    assert "No program is told yet." in steward.get(LIST).main.text
    add(steward)
    said = steward.get(LIST).main.text
    for words in ("County line", "https://example.org/in?…", "Is told", "Knows the newest listings Yes",
                  "Last message it took None yet", "joy@example.org"):
        assert words in said
    assert "canary" not in said
    change(site, told=0)
    assert "Knows the newest listings Not yet" in steward.get(LIST).main.text


@pytest.mark.parametrize(("code", "words"), [
    ("status 503", "It answered with the code 503. Something is wrong on their side."),
    ("status 404", "It answered with the code 404. Ask whoever runs it whether the address is still right."),
    ("status 302", "sent us on to another address (code 302)"),
    ("too_slow", "took too long"), ("private_address", "not on the public internet"),
    ("unknown_host", "cannot find this site"), ("unreachable", "cannot reach this site"),
    ("not_safe", "no valid certificate"), ("sealed", "secret cannot be opened"), ("port", "port number"),
    ("not_https", "https://"), ("broken RuntimeError", "wrong on our side"), ("what nobody knows", "on our side")])
def test_what_went_wrong_last_is_said_in_words(site: Site, steward: Person, code: str, words: str) -> None:
    add(steward)
    change(site, error=code)
    said = steward.get(LIST).main.text
    assert words in said
    assert "Cannot be reached" in said


@pytest.mark.parametrize(("fields", "field", "words"), [
    ({"name": " "}, "name", "Write what the program is called"), ({"url": ""}, "url", "that the program gave you"),
    ({"url": "http://example.org/"}, "url", "starts with https://"),
    ({"url": "https://example.org:8443/"}, "url", "port number"),
    ({"url": "https://10.0.0.1/"}, "url", "not on the public internet"),
    ({"url": "https://169.254.169.254/latest/meta-data/"}, "url", "not on the public internet"),
    ({"url": "javascript:alert(1)"}, "url", "starts with https://"), ({"name": "a" * 101}, "name", "too long"),
    ({"url": "https://a@example.org/"}, "url", "not a plain web address"), ({"url": "x" * 3000}, "url", "plain web")])
def test_what_does_not_fit_is_told_at_its_field_and_nothing_typed_is_lost(
        site: Site, steward: Person, fields: dict[str, str], field: str, words: str) -> None:
    page = add(steward, **fields)
    assert page.status == 422
    assert words in page.one(id=f"{field}-error").text
    assert page.form(NEW)["url"] == [fields.get("url", URL)]
    assert hooks(site) == []


def test_a_form_that_is_sent_twice_adds_one_program(site: Site, steward: Person) -> None:
    form = steward.get(NEW)
    for status in (200, 422):
        assert steward.send(form, NEW, {"name": "County line", "url": URL}).status == status
    assert len(hooks(site)) == 1


def test_the_command_lines_freedom_is_not_to_be_had_at_the_desk(site: Site, steward: Person) -> None:
    page = add(steward, url="http://127.0.0.1:9000/", anywhere="1")
    assert page.status == 422
    add(steward, anywhere="1")
    assert [one.anywhere for one in hooks(site)] == [False]
    change(site, anywhere=True)
    assert "allowed on the command line" in steward.get(LIST).main.text


def test_there_are_twenty_at_most(steward: Person) -> None:
    for number in range(20):
        assert add(steward, name=f"Line {number}", url=f"https://example.org/{number}").status == 200
    page = add(steward)
    assert page.status == 422
    assert "There are 20 programs already" in page.of_class("errors")[0].text


def test_it_is_paused_switched_on_and_removed(site: Site, steward: Person) -> None:
    add(steward)
    page = steward.send(steward.get(LIST), at(site, "pause"))
    assert "not told for now" in page.main.text
    assert hooks(site)[0].state == OFF
    page = steward.send(page, at(site, "resume"))
    assert hooks(site)[0].state == ON
    page = steward.send(page, at(site, "remove"))
    assert "Removed" in page.main.text
    assert hooks(site) == []


def test_of_two_presses_the_second_one_leads_back_to_the_desk(site: Site, steward: Person) -> None:
    add(steward)
    page, remove = steward.get(LIST), at(site, "remove")
    steward.send(page, remove)
    again = steward.send(page, remove)
    assert again.status == 404
    assert "It may have been removed meanwhile" in again.main.text
    assert again.main.all("a", href="/account/")


def test_what_an_address_says_of_a_test_message_is_told_of_a_hook_that_is_there_only(site: Site, steward: Person,
                                                                                    ) -> None:
    add(steward)
    (hook,) = hooks(site)
    for said in (f"said=lost&hook={hook.id}x&why=status+404", "said=arrived&hook=", "said=lost&why=too_slow"):
        assert "test message" not in " ".join(one.text for one in steward.get(f"{LIST}?{said}").of_class("notice"))
    page = steward.get(f"{LIST}?said=lost&hook={hook.id}&why=%3Cb%3Enonsense")
    assert "did not arrive: County line. Something went wrong on our side." in page.main.text


def test_one_that_waits_for_somebody_can_be_switched_on(site: Site, steward: Person) -> None:
    add(steward)
    change(site, state=HELD, error="unreachable")
    page = steward.get(LIST)
    assert "Waits for you" in page.main.text
    assert "Switch it on" in page.main.text
    steward.send(page, at(site, "resume"))
    assert (hooks(site)[0].state, hooks(site)[0].error) == (ON, None)


def test_a_test_message_is_sent_signed_and_what_came_of_it_is_said(site: Site, steward: Person) -> None:
    site.clock.at = datetime.now(UTC)
    steward = Person(site, "kim@example.org", Role.STEWARD)
    receiver: Receiver = site.app.extensions["finder_post"]
    secret = secret_on(add(steward))
    page = steward.send(steward.get(LIST), at(site, "ping"))
    assert "The test message has arrived: County line." in page.main.text
    assert page.path.startswith(f"{LIST}?"), "a page that can be read again sends nothing"
    (call,) = receiver.calls
    assert Webhook(secret).verify(call.body, dict(call.headers))["type"] == "ping"
    assert receiver.urls == [(URL, False)]
    receiver.answer = Posted(404)
    page = steward.send(page, at(site, "ping"))
    assert "did not arrive: County line. It answered with the code 404." in page.main.text
    assert hooks(site)[0].state == ON


def test_test_messages_are_no_way_to_bother_a_site(site: Site, steward: Person) -> None:
    add(steward)
    page = steward.get(LIST)
    for _ in range(20):
        assert steward.send(page, at(site, "ping")).status == 200
    assert steward.send(page, at(site, "ping")).status == 429
    assert len(site.app.extensions["finder_post"].calls) == 20


def test_a_new_secret_is_made_and_the_old_one_counts_for_a_day(site: Site, steward: Person) -> None:
    first = secret_on(add(steward))
    page = steward.get(at(site, "secret"))
    assert "24 hours" in page.main.text
    page = steward.send(page, at(site, "secret"))
    assert secret_on(page) != first
    assert "The old secret still counts for 24 hours." in page.main.text
    kept = site.app.extensions["finder_hooks"].opened(hooks(site)[0].secret)
    assert (kept.newest, kept.old[0][0]) == (secret_on(page), first)


def test_a_new_secret_is_made_once_however_often_the_form_is_sent(site: Site, steward: Person) -> None:
    add(steward)
    form = steward.get(at(site, "secret"))
    secret = secret_on(steward.send(form, at(site, "secret")))
    page = steward.send(form, at(site, "secret"))
    assert "replaced meanwhile" in page.main.text
    assert site.app.extensions["finder_hooks"].opened(hooks(site)[0].secret).newest == secret


def test_two_who_ask_for_a_new_secret_at_once_get_one(site: Site, steward: Person) -> None:
    add(steward)
    others = [steward, Person(site, "kim@example.org", Role.STEWARD), Person(site, "sam@example.org", Role.STEWARD)]
    forms = [one.get(at(site, "secret")) for one in others]
    path, shown = at(site, "secret"), []

    def work(person: Person, form: Page) -> None:
        page = person.send(form, path)
        shown.extend(one.text for one in page.of_class("secret"))
        site.database.close()

    workers = [threading.Thread(target=work, args=pair) for pair in zip(others, forms, strict=True)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert shown == [site.app.extensions["finder_hooks"].opened(hooks(site)[0].secret).newest]


@pytest.mark.parametrize("path", [lambda site: NEW, lambda site: at(site, "secret")], ids=["new", "secret"])
def test_secrets_ask_for_a_recent_proof(site: Site, steward: Person, path: Callable[[Site], str]) -> None:
    add(steward)
    form = steward.get(path(site))
    before = hooks(site)[0].secret
    site.wait(301)
    assert steward.client.get(path(site)).headers["Location"].startswith("/account/confirm")
    sent = steward.client.post(path(site), data={**form.form(path(site)), "name": "B", "url": "https://example.org/b"},
                               headers={"Sec-Fetch-Site": "same-origin"})
    assert sent.headers["Location"].startswith("/account/confirm")
    assert [one.secret for one in hooks(site)] == [before]
    assert steward.get(LIST).status == 200


@pytest.mark.parametrize("grants", [(), ((Role.STEWARD, Scope.STATE, "US:NC"),), (Role.OPERATOR,)],
                         ids=["nobody", "steward of a state", "operator"])
def test_only_who_keeps_the_whole_site_sees_this(site: Site, steward: Person, grants: tuple[Any, ...]) -> None:
    add(steward)
    other = Person(site, "other@example.org", *grants)
    for path in (LIST, NEW, at(site, "secret")):
        assert other.client.get(path).status_code == 404
    assert NEW not in steward.get("/").links


def test_an_administrator_does_and_finds_the_way_from_imports(site: Site) -> None:
    ann = Person(site, "ann@example.org", Role.ADMINISTRATOR)
    assert LIST in ann.get("/steward/imports").links
    assert LIST in ann.get("/steward/feeds").links
    assert add(ann).status == 200


@pytest.mark.parametrize("path", ["nothing/secret", "00000000-0000-4000-8000-000000000000/secret"])
def test_there_is_no_page_for_one_that_is_not_there(steward: Person, path: str) -> None:
    assert steward.get(f"{LIST}/{path}").status == 404


def test_a_deed_that_there_is_not_is_none(site: Site, steward: Person) -> None:
    add(steward)
    assert steward.pages.post(at(site, "explode"), steward.get(LIST).form(at(site, "pause"))).status == 404


def test_names_cannot_bring_marks_of_their_own(site: Site, steward: Person) -> None:
    add(steward, name='<b>"x"</b>')
    page = steward.get(LIST)
    assert '<b>"x"</b>' in page.main.text
    assert page.main.all("b") == []


def test_the_desk_speaks_spanish(site: Site, steward: Person) -> None:
    add(steward)
    page = steward.get("/es/steward/hooks")
    assert page.one("html")["lang"] == "es"
    assert "County line" in page.main.text
