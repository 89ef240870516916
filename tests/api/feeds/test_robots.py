from urllib.robotparser import RobotFileParser

import pytest

from finder.web.account import desk as account
from finder.web.operator import desk as operator
from finder.web.provider import desk as provider
from finder.web.steward import desk as steward
from tests.web.site import Site, group


@pytest.fixture
def rules(client):
    found = RobotFileParser()
    found.parse(client.get("/robots.txt").text.splitlines())
    return found


@pytest.mark.parametrize("path", ["/", "/programs", "/programs/durham-nc-1a2b", "/crisis", "/learn/", "/about",
                                  "/data", "/data/listings.csv", "/calendar", "/topics", "/places/nc"])
@pytest.mark.parametrize("before", ["", "/es"])
def test_pages_that_are_the_same_for_everybody_may_be_looked_through(rules, before, path):
    assert rules.can_fetch("anybody", f"http://127.0.0.1:8000{before}{path}")


@pytest.mark.parametrize("path", [
    "/account/sign-in", "/operator/", "/provider/join", "/steward/queue", "/results", "/find/need", "/saved",
    "/mail/a-secret", "/mail/answer/a-secret", "/claims/a-secret", "/referrals/a-secret", "/next-step", "/compare?g=a",
    "/list?g=a", "/list/text?g=a", "/handout?g=a", "/answers/cleared", "/leave",
    "/calendar/search/a-token"])
@pytest.mark.parametrize("before", ["", "/es"])
def test_desks_answers_and_mailed_links_are_left_alone(rules, before, path):
    assert not rules.can_fetch("anybody", f"http://127.0.0.1:8000{before}{path}")


def test_every_page_behind_a_secret_or_a_desk_is_among_what_is_left_alone(app, rules):
    kinds = {"secret", "token"}
    for rule in app.url_map.iter_rules():
        behind = kinds & rule.arguments or rule.rule.startswith(tuple(
            one.url_prefix for one in (account, operator, provider, steward)))
        if behind and not rule.rule.endswith(".ics"):
            path = app.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, "x"))
            assert not rules.can_fetch("anybody", f"http://127.0.0.1:8000{path}"), rule.rule


def test_lists_that_are_narrowed_and_forms_about_a_listing_are_left_alone(client):
    lines = client.get("/robots.txt").text.splitlines()
    assert {"Disallow: /programs?*=", "Disallow: /es/programs?*=", "Disallow: /programs/*/"} <= set(lines)
    assert not [line for line in lines if line.endswith("?")]


def test_calendars_stay_open_for_the_programs_that_fetch_them_for_a_person(client):
    lines = client.get("/robots.txt").text.splitlines()
    assert {"Allow: /calendar/*.ics", "Allow: /es/calendar/*.ics"} <= set(lines)


def test_the_sitemap_is_named_by_the_address_of_the_instance(tmp_path):
    site = Site(tmp_path, [group(1)], instance=tmp_path, base_url="https://finder.example/")
    found = site.app.test_client().get("/robots.txt", headers={"Host": "finder.example"})
    assert found.text.endswith("\nSitemap: https://finder.example/sitemap.xml\n")
    assert found.mimetype == "text/plain"


def test_it_is_for_everybody_and_not_sent_twice(client):
    found = client.get("/robots.txt")
    assert found.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get("/robots.txt", headers={"If-None-Match": found.headers["ETag"]}).status_code == 304
    assert client.get("/robots.txt?x=1").status_code == 422
