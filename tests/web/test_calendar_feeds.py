from __future__ import annotations

import logging
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import icalendar
import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from finder.catalog import queries
from finder.catalog.models import DELETED, Program
from finder.schedules.recurrence import Rule, occurrences
from finder.search.query_schema import FACETS
from finder.web import calendar_token
from finder.web.calendar_feeds import MOST_FOUND
from finder.web.filters import NAMES, number_of
from tests.exchange.ical_readers import first_reader, modules, second_reader, utc  # noqa: F401 - a fixture
from tests.listings.database import take
from tests.pages import Page, Pages
from tests.web.sample import DURHAM, EASTERN
from tests.web.site import Site, group

GRIEF = number_of("focus", "grief")
EVERYTHING = {f"{NAMES[facet]}{kind}": [str(number + 1) for number in range(len(codes))]
              for facet, codes in FACETS.items() for kind in ("", "-not")}
CARE = {"name": "Lantern Street Neighbors", "kind": "peer_run"}


def session(rule: str, **more: Any) -> dict[str, Any]:
    return {"format": "in_person", "repeats": rule, "start_time": "18:30", "duration_minutes": 90, "timezone": EASTERN,
            "location": {**DURHAM, "name": "Grief House", "address_1": "1180 Lantern Street"}, **more}


WEEKLY = session("FREQ=WEEKLY;BYDAY=TU", except_dates=["2026-12-22", "2027-01-05"])
MONTHLY = session("FREQ=MONTHLY;BYDAY=-1FR")
COHORT = session("FREQ=WEEKLY;BYDAY=TH", valid_from="2027-01-14", valid_until="2027-03-04")
GROUPS = [
    group(1, name="Opioid Recovery Circle", organization=CARE, focus=["opioids"], sessions=[WEEKLY]),
    group(2, name="Grief Table", organization=CARE, focus=["grief"], sessions=[MONTHLY]),
    group(3, name="Skills Course", organization=CARE, focus=["grief"], starts_on="2027-01-14", open_group=False,
          sessions=[COHORT]),
    group(4, name="Resting Circle", organization=CARE, status="paused", sessions=[WEEKLY]),
    group(5, name="Times Unknown", organization=CARE),
    group(6, name="By Itself", organization={"name": "Alone"}, sessions=[session("FREQ=WEEKLY;BYDAY=MO")]),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """For all that only look."""
    return Site(tmp_path_factory.mktemp("site"), GROUPS)


@pytest.fixture
def changing(tmp_path: Path) -> Site:
    return Site(tmp_path, GROUPS)


@pytest.fixture
def client(site: Site) -> FlaskClient:
    return site.app.test_client()


def at(site: Site, name: str) -> int:
    """Where a group stands among the slugs, ids and keys of its site."""
    return sorted(str(one["name"]) for one in GROUPS).index(name)


def subscribe(page: Page) -> str:
    """The path of the calendar that a page offers, which must be the same in its three places."""
    whole = page.one("input", id="address")["value"]
    (other,) = [tag["href"] for tag in page.all("a") if tag["href"].startswith("webcal:")]
    assert other == whole.replace("http:", "webcal:")
    path = urlsplit(whole).path
    assert path in page.links
    return path


def events(client: FlaskClient, path: str) -> list[Any]:
    response = client.get(path)
    assert (response.status_code, response.mimetype) == (200, "text/calendar")
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in response.headers
    return list(icalendar.Calendar.from_ical(response.data).walk("VEVENT"))


def searched(site: Site, path: str = "/programs", **more: Any) -> Page:
    page = site.pages.get(path)
    return site.pages.post("/calendar/search", {**page.form("/calendar/search"), **more})


def whose(found: list[Any]) -> set[str]:
    return {str(one["uid"])[:36] for one in found}


def starts(sessions: list[dict[str, Any]], site: Site) -> list[str]:
    """The next ten starts of some sessions, as our own rules have them."""
    now = site.clock()
    found = [one for each in sessions for one in occurrences(Rule.of(each), now.date(), 12) if one >= now]
    return sorted(map(utc, found))[:10]


def test_a_group_has_a_calendar_and_a_page_that_leads_on_to_its_organization(site: Site, client: FlaskClient) -> None:
    slug = site.slugs[at(site, "Grief Table")]
    page = site.pages.get(f"/programs/{slug}")
    assert f"/calendar/program/{slug}" in page.links
    page = site.pages.get(f"/calendar/program/{slug}")
    assert subscribe(page) == f"/calendar/program/{slug}.ics"
    assert whose(events(client, subscribe(page))) == {site.ids[at(site, "Grief Table")]}
    (more,) = [one for one in page.links if one.startswith("/calendar/organization/")]
    found = events(client, subscribe(site.pages.get(more)))
    assert whose(found) == {site.ids[at(site, name)] for name in ("Grief Table", "Opioid Recovery Circle",
                                                                   "Skills Course")}


def test_the_page_of_a_group_without_times_says_that_its_calendar_is_empty(site: Site) -> None:
    for name, empty in (("Times Unknown", True), ("Resting Circle", True), ("Skills Course", False)):
        text = site.pages.get(f"/calendar/program/{site.slugs[at(site, name)]}").main.text
        assert ("It is empty now" in text) is empty, name


def test_an_organization_with_one_group_has_no_link_of_its_own(site: Site) -> None:
    page = site.pages.get(f"/calendar/program/{site.slugs[at(site, 'By Itself')]}")
    assert not [one for one in page.links if one.startswith("/calendar/organization/")]


@pytest.mark.parametrize("name", ["Opioid Recovery Circle", "Grief Table", "Skills Course"])
def test_two_readers_find_the_same_next_starts_in_what_is_served(site: Site, client: FlaskClient, name: str,
                                                                  modules: str) -> None:  # noqa: F811
    body = client.get(f"/calendar/program/{site.slugs[at(site, name)]}.ics").data
    (document,) = [one for one in GROUPS if one["name"] == name]
    wanted = starts(document["sessions"], site)
    assert wanted
    assert first_reader(body, site.clock()) == second_reader(body, site.clock(), modules) == wanted


def test_two_readers_find_the_same_in_the_calendar_of_a_search(site: Site, client: FlaskClient,
                                                                modules: str) -> None:  # noqa: F811
    body = client.get(subscribe(searched(site))).data
    wanted = starts([one for each in GROUPS for one in each.get("sessions", ()) if "status" not in each], site)
    assert first_reader(body, site.clock()) == second_reader(body, site.clock(), modules) == wanted


def test_the_address_of_a_search_holds_no_word_place_or_filter(site: Site, client: FlaskClient,
                                                               caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        page = searched(site, "/programs?near=Durham, NC&far=50&day=1")
        found = events(client, subscribe(page))
    assert whose(found) == {site.ids[at(site, "Opioid Recovery Circle")]}
    for text in (subscribe(page), page.path, page.title, *(one.getMessage() for one in caplog.records
                                                           if "httpx" not in one.name)):
        for word in ("Durham", "27701", "near", "day", "Opioid", "50"):
            assert word not in text.replace(page.path.rpartition("/")[2], ""), text
    assert page.response.headers["Cache-Control"] == "no-store"
    assert page.one("meta", name="robots")["content"] == "noindex"
    assert client.get(subscribe(page)).headers["Cache-Control"] == "private, no-cache"


def test_no_event_names_a_group_an_organization_or_a_topic(site: Site, client: FlaskClient) -> None:
    text = client.get(subscribe(searched(site))).text
    for word in ("Opioid", "Grief", "Skills", "Lantern Street Neighbors", "Recovery"):
        assert word not in text
    assert "SUMMARY:Group in Durham" in text
    assert "X-WR-CALNAME:Groups" in text


def test_a_search_follows_the_list(changing: Site) -> None:
    site, client = changing, changing.app.test_client()
    path = subscribe(searched(site, f"/programs?topic={GRIEF}"))
    before = client.get(path)
    assert whose(events(client, path)) == {site.ids[at(site, "Grief Table")], site.ids[at(site, "Skills Course")]}
    assert client.get(path, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
    take(site.database, [*GROUPS[:2], {**GROUPS[2], "status": "paused"}, *GROUPS[3:],
                         group(7, focus=["grief"], sessions=[WEEKLY])])
    after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    found = whose(list(icalendar.Calendar.from_ical(after.data).walk("VEVENT")))
    assert len(found) == 2
    assert site.ids[at(site, "Skills Course")] not in found


def test_a_calendar_is_made_anew_on_another_day(changing: Site) -> None:
    site, client = changing, changing.app.test_client()
    path = subscribe(searched(site))
    tag = client.get(path).headers["ETag"]
    site.wait(2 * 24 * 3600)
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_groups_called_by_name_go_into_the_calendar(site: Site, client: FlaskClient) -> None:
    key, other = (site.keys[at(site, name)] for name in ("Grief Table", "By Itself"))
    page = searched(site, f"/programs?g={key}")
    assert whose(events(client, subscribe(page))) == {site.ids[at(site, "Grief Table")]}
    page = searched(site, f"/programs?g={other}&topic={GRIEF}")
    assert whose(events(client, subscribe(page))) == {
        site.ids[at(site, name)] for name in ("Grief Table", "By Itself", "Skills Course")}


def test_the_calendar_of_a_search_is_bounded_and_says_so(tmp_path: Path) -> None:
    site = Site(tmp_path, [group(number, sessions=[WEEKLY]) for number in range(MOST_FOUND + 7)])
    page = searched(site)
    assert "7 groups did not fit." in page.main.text
    assert len(events(site.app.test_client(), subscribe(page))) == MOST_FOUND


def test_saved_groups_have_a_calendar_whose_address_names_none(site: Site) -> None:
    pages = Pages(site.app.test_client())
    keys = [site.keys[at(site, name)] for name in ("Grief Table", "Resting Circle", "By Itself")]
    for key in keys:
        pages.post("/saved", {"g": key, "action": "add", "yes": "1"})
    assert "/calendar/saved" in pages.get("/saved").links
    page = pages.get("/calendar/saved")
    path = subscribe(page)
    assert not [key for key in (*keys, *site.ids) if key in path]
    assert page.response.headers["Cache-Control"] == "no-store"
    assert "2 groups are in it now." in page.main.text
    assert whose(events(site.app.test_client(), path)) == {
        site.ids[at(site, "Grief Table")], site.ids[at(site, "By Itself")]}


def test_nothing_saved_leads_to_the_page_of_saved_groups(site: Site) -> None:
    assert site.pages.get("/calendar/saved").path == "/saved"


def test_a_paused_group_has_no_events_and_one_that_is_gone_no_calendar(changing: Site) -> None:
    site, client = changing, changing.app.test_client()
    assert events(client, f"/calendar/program/{site.slugs[at(site, 'Resting Circle')]}.ics") == []
    slug = site.slugs[at(site, "By Itself")]
    take(site.database, GROUPS[:5])
    assert client.get(f"/calendar/program/{slug}.ics").status_code == 404


def test_the_calendar_of_a_group_that_was_merged_goes_on_with_the_one_that_stays(changing: Site) -> None:
    site, client = changing, changing.app.test_client()
    gone, stays = at(site, "By Itself"), at(site, "Grief Table")
    with site.database.transaction() as session:
        version = queries.next_version(session)
        session.execute(update(Program).where(Program.id == uuid.UUID(site.ids[gone])).values(
            state=DELETED, merged_into=uuid.UUID(site.ids[stays]), changed_version=version))
        queries.raise_version(session)
    assert whose(events(client, f"/calendar/program/{site.slugs[gone]}.ics")) == {site.ids[stays]}
    assert site.pages.get(f"/calendar/program/{site.slugs[gone]}").path == f"/calendar/program/{site.slugs[stays]}"


def test_an_event_is_the_same_one_in_every_calendar(site: Site, client: FlaskClient) -> None:
    slug, key = (part[at(site, "Grief Table")] for part in (site.slugs, site.keys))
    paths = (f"/programs/{slug}.ics", f"/calendar/program/{slug}.ics", f"/calendar/{key}.ics")
    (found,) = {tuple(str(one["uid"]) for one in events(client, path)) for path in paths}
    assert found[0] in {str(one["uid"]) for one in events(client, subscribe(searched(site)))}


def test_what_is_no_calendar_is_not_there(site: Site) -> None:
    with site.app.app_context():
        search, saved = calendar_token.of_search({"far": "25"}), calendar_token.of_ids(site.ids[:1])
        bad = calendar_token.of_search({"topic": ["9999"]})
        lost = calendar_token.of_search({"near": "Zzyqqx"})
    for path in ("program/none", "organization/none", f"organization/{uuid.UUID(int=7)}", "organization/%00",
                 f"search/{saved}", "search/x", f"search/{'A' * 5000}", f"search/{bad}", f"search/{lost}"):
        assert site.pages.get(f"/calendar/{path}").status == 404, path
        assert site.pages.get(f"/calendar/{path}.ics").status == 404, path
    for path in (f"saved/{search}.ics", "saved/x.ics", f"organization/{str(uuid.UUID(int=7)).upper()}.ics"):
        assert site.pages.get(f"/calendar/{path}").status == 404, path


@pytest.mark.parametrize("form", [{"near": "my sister’s house"}, {"topic": "9999"}, {"far": "-3", "near": "Durham, NC"},
                                  {"near": "Franklin"}, {"day": "9"}, EVERYTHING],
                         ids=["no place", "no topic", "no distance", "several places", "no day", "too much"])
def test_a_search_that_cannot_be_read_makes_no_address_and_stands_in_none(site: Site, form: dict[str, Any]) -> None:
    page = site.pages.post("/calendar/search", form)
    assert page.status == 422
    assert not [one for one in site.pages.seen if "sister" in one or "Franklin" in one]


def test_another_site_cannot_make_somebody_a_calendar(client: FlaskClient) -> None:
    headers = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    assert client.post("/calendar/search", data={"far": "25"}, headers=headers).status_code == 403


def test_the_list_of_groups_that_do_not_meet_offers_no_calendar(site: Site) -> None:
    page = site.pages.get("/programs?paused=1")
    assert "Resting Circle" in page.main.text
    assert not [tag for tag in page.all("form") if tag["action"].endswith("/calendar/search")]


def test_who_is_in_danger_is_offered_no_calendar_that_stays(site: Site) -> None:
    pages = Pages(site.app.test_client())
    pages.post("/find/safety", {"urgent": "violence"})
    for path in ("/programs", f"/programs/{site.slugs[at(site, 'Grief Table')]}"):
        assert "in my calendar" not in pages.get(path).main.text


def test_the_page_says_in_both_languages_what_the_address_tells(site: Site) -> None:
    page = site.pages.get("/calendar")
    assert "Whoever has the address can see which groups are in it." in page.main.text
    assert not page.all("meta", name="robots")
    assert site.pages.get("/es/calendar").status == 200
    path = searched(site).path
    spanish = site.pages.get(f"/es{path}")
    assert subscribe(spanish).startswith("/es/calendar/search/")
    assert "X-WR-CALNAME:Grupos" in site.app.test_client().get(subscribe(spanish)).text


def test_a_long_wait_changes_no_address(changing: Site) -> None:
    site, client = changing, changing.app.test_client()
    path = subscribe(searched(site))
    site.clock.at += timedelta(days=3000)
    assert client.get(path).status_code == 200
