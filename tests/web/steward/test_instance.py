from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from finder import instance
from finder.accounts.permissions import Role
from finder.errors import Conflict
from tests.pages import Page
from tests.web.people import Person
from tests.web.site import Site, group

PICTURE = instance.PNG + b"rest"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1)])


@pytest.fixture
def steward(site: Site) -> Person:
    return Person(site, "joy@example.org", Role.ADMINISTRATOR)


def save(person: Person, **fields: Any) -> Page:
    page = person.get("/steward/instance")
    return person.send(page, "/steward/instance", fields)


def test_the_first_page_leads_on_to_the_first_import(steward: Person) -> None:
    page = save(steward, name="Harbor Groups", operator="Harbor County", contact="help@example.org")
    assert page.heading == "Your site is set up"


def test_what_is_saved_shows_on_every_page_at_once(site: Site, steward: Person) -> None:
    save(steward, name="Harbor Groups", operator="Harbor County", contact="help@example.org")
    response = site.app.test_client().get("/about").get_data(as_text=True)
    assert "Harbor Groups</title>" in response.replace("\n", "")
    assert "This copy of the site is run by Harbor County." in response
    assert "mailto:help@example.org" in response


def test_a_color_is_used_by_all_pages_and_asked_from_this_site_only(site: Site, steward: Person) -> None:
    save(steward, name="Open Seat", color="#004f9e")
    page = site.pages.get("/")
    (sheet,) = [tag["href"] for tag in page.all("link", rel="stylesheet") if "brand" in tag["href"]]
    style = site.app.test_client().get(sheet)
    assert style.mimetype == "text/css"
    assert "--plum:#004f9e" in style.get_data(as_text=True)
    assert "brand" not in steward.get("/steward/instance/versions").main.text


@pytest.mark.parametrize(("fields", "words"), [
    ({"name": ""}, "Give the site a name."), ({"color": "#ffcc00"}, "hard to read"),
    ({"color": "red"}, "Choose a color"),
    ({"url": "example.org"}, "https://"), ({"unpublish_after_days": "5"}, "from 180 to 3650"),
    ({"unpublish_after_days": "soon"}, "from 180 to 3650"), ({"policy-en": "x" * 5001}, "too long"),
    ({"license": "x" * 101}, "too long"), ({"license": "CC-BY\u202e-4.0"}, "signs we cannot show"),
    ({"logo": (io.BytesIO(b"<svg onload=alert(1)>"), "a.png")}, "PNG file"),
    ({"logo": (io.BytesIO(PICTURE + b"x" * instance.LARGEST_LOGO), "a.png")}, "PNG file"),
], ids=["no name", "pale", "no color", "no url", "too soon", "no number", "long policy", "long license",
        "turned license", "no picture", "large picture"])
def test_what_does_not_fit_comes_back_with_the_reason_and_all_that_was_typed(
        steward: Person, fields: dict[str, Any], words: str) -> None:
    page = save(steward, operator="Harbor County", **fields)
    assert page.status == 422
    assert words in page.of_class("errors")[0].text
    assert page.one("input", id="operator")["value"] == "Harbor County"


def test_a_picture_is_shown_beside_the_name_and_can_go_again(site: Site, steward: Person) -> None:
    save(steward, name="Open Seat", logo=(io.BytesIO(PICTURE), "logo.png"))
    (picture,) = site.pages.get("/").all("img")
    response = site.app.test_client().get(picture["src"])
    assert (response.mimetype, response.data) == ("image/png", PICTURE)
    save(steward, name="Open Seat", without_logo="1")
    assert site.pages.get("/").all("img") == []
    assert site.app.test_client().get("/brand.png").status_code == 404


def test_the_license_of_the_data_is_kept_with_the_other_settings_and_comes_back_with_them(
        site: Site, steward: Person) -> None:
    save(steward, name="Harbor Groups", license="CC-BY-4.0")
    assert steward.get("/steward/instance").one("input", id="license")["value"] == "CC-BY-4.0"
    save(steward, name="Harbor Groups", license="")
    page = steward.get("/steward/instance/versions")
    assert "License of the data" in page.main.text
    steward.send(page, "/steward/instance/versions", {"restore": "1"})
    with site.database.reading() as session:
        assert instance.newest(session).license == "CC-BY-4.0"


def test_the_first_form_holds_the_license_of_the_environment(tmp_path: Path) -> None:
    made = Site(tmp_path, [group(1)], data_license="CC0-1.0")
    person = Person(made, "joy@example.org", Role.ADMINISTRATOR)
    assert person.get("/steward/instance").one("input", id="license")["value"] == "CC0-1.0"


def test_two_people_who_save_at_once_do_not_overwrite_each_other(site: Site, steward: Person) -> None:
    old = steward.get("/steward/instance")
    save(steward, name="Harbor Groups")
    page = steward.send(old, "/steward/instance", {"name": "Another name"})
    assert page.status == 409
    assert page.one("input", id="name")["value"] == "Another name"
    assert "Harbor Groups" in site.app.test_client().get("/").get_data(as_text=True)


def test_every_version_is_kept_and_can_come_back(site: Site, steward: Person) -> None:
    save(steward, name="Harbor Groups", operator="Harbor County")
    save(steward, name="Defaced")
    page = steward.get("/steward/instance/versions")
    assert "Name of the site" in page.main.text
    back = steward.send(page, "/steward/instance/versions", {"restore": "1"})
    assert back.status == 200
    with site.database.reading() as session:
        now = instance.newest(session)
        assert (now.version, now.name, now.operator) == (3, "Harbor Groups", "Harbor County")


def test_a_site_that_nobody_has_set_up_has_no_versions(steward: Person) -> None:
    assert "Nothing has been saved yet." in steward.get("/steward/instance/versions").main.text


def test_the_country_is_one_of_those_with_lines_and_changes_the_line_on_every_page(site: Site, steward: Person) -> None:
    page = steward.get("/steward/instance/country")
    assert steward.send(page, "/steward/instance/country", {"country": "XX"}).status == 422
    assert steward.send(page, "/steward/instance/country", {"country": "CA"}).status == 200
    with site.database.reading() as session:
        assert instance.newest(session).country == "CA"


def test_a_change_of_the_country_asks_for_a_recent_proof(site: Site, steward: Person) -> None:
    site.wait(6 * 60)
    assert steward.client.get("/steward/instance/country").headers["Location"].startswith("/account/confirm")
    assert steward.client.get("/steward/instance").status_code == 200


def test_V6_pages_show_what_was_known_when_the_database_is_away(site: Site, steward: Person) -> None:
    save(steward, name="Harbor Groups")
    assert "Harbor Groups" in site.app.test_client().get("/crisis").get_data(as_text=True)
    site.database.engine.dispose()
    site.database.catalog_version = lambda: 1 / 0  # type: ignore[method-assign,assignment,return-value]
    page = site.app.test_client().get("/crisis")
    assert page.status_code == 200
    assert "Harbor Groups" in page.get_data(as_text=True)


def test_going_back_to_a_version_that_never_was_is_refused(site: Site) -> None:
    with site.database.transaction() as session, pytest.raises(Conflict):
        instance.restore(session, 7, base=3, account_id=None, now=site.clock())


@pytest.mark.parametrize("number", ["0", "7", "9" * 25, "x"])
def test_a_number_that_no_version_has_changes_nothing(site: Site, steward: Person, number: str) -> None:
    save(steward, name="Harbor Groups")
    save(steward, name="Harbor Circles")
    page = steward.send(steward.get("/steward/instance/versions"), "/steward/instance/versions", {"restore": number})
    assert page.status == 422
    with site.database.reading() as session:
        assert instance.newest(session).name == "Harbor Circles"
