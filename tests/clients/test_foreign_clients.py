"""Clients that are only a repository: tsml-ui reads the Meeting Guide feed, two others the answers of BMLT."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.clients.conftest import Elsewhere, Instance, Open, checkout

pytestmark = pytest.mark.browser
of_query_client = pytest.mark.usefixtures("query_client")  # first, so that a test without it is skipped at once
FEED = "/meetings.json"
SEARCH = "/bmlt/client_interface/json/?switcher=GetSearchResults"
# What an operator writes into the page, as the README of the client says: hosts of links that open a meeting.
TSML_PAGE = """<div id="tsml-ui" data-src="{feed}" data-timezone="America/New_York"></div>
<script>var tsml_react_config = {{conference_providers: {{"{host}": "Group page"}}}};</script>
<script src="/app.js"></script>"""
CRUMB_PAGE = """<div id="crumb-widget" data-server="{server}"></div><script src="/app.js"></script>"""
QUERY_PAGE = """<script type="module">
import * as client from "/app.js";
window.client = client;
window.server = new client.BmltClient({{serverURL: "{server}", enableGeocoding: false}});
</script>"""


@pytest.fixture(scope="session")
def tsml_ui() -> Path:
    return checkout("tsml-ui", "public/app.js") / "public"


@pytest.fixture(scope="session")
def crumb() -> Path:
    return checkout("crumb-widget", "dist/app.js") / "dist"


@pytest.fixture(scope="session")
def query_client() -> Path:
    return checkout("bmlt-query-client", "dist/app.js") / "dist"


def tsml(files: Path, instance: Instance, elsewhere: Open, path: str = "/") -> Elsewhere:
    host = instance.address.removeprefix("http://")
    return elsewhere(TSML_PAGE.format(feed=instance.address + FEED, host=host), files, path=path)


def scrolled(page: Page, selector: str, count: int) -> Any:
    """All of a list that grows while one scrolls."""
    rows = page.locator(selector)
    rows.first.wait_for()
    for _ in range(count):
        there = rows.count()
        if there >= count:
            break
        for place in ("0", "document.body.scrollHeight"):
            page.evaluate(f"scrollTo(0, {place})")
            page.wait_for_timeout(50)
    return rows


def weekly_programs(instance: Instance) -> dict[str, str]:
    """Names of the seed's programs that meet every week without an end, by the id they have in the feed: worked out
    from the documents alone."""
    found = {}
    for one in instance.listings:
        waits = one.get("open_group") is False and one.get("starts_on", "") > "2026-11-24"
        for session in one.get("sessions") or ():
            rule = session.get("repeats") or ""
            if (one.get("status", "active") == "active" and not waits and session.get("start_time")
                    and rule.startswith(("FREQ=WEEKLY", "FREQ=DAILY")) and not session.get("valid_until")
                    and not {"COUNT", "INTERVAL", "UNTIL"} & {part.split("=")[0] for part in rule.split(";")}
                    and session.get("valid_from", "") <= "2026-11-24"):
                found[one["id"]] = one["name"]
    return found


def test_tsml_ui_lists_every_weekly_meeting_and_none_as_inactive(tsml_ui: Path, instance: Instance,
                                                                        elsewhere: Open) -> None:
    there, feed = tsml(tsml_ui, instance, elsewhere), instance.get(FEED)
    rows = scrolled(there.page, "tbody tr:has(.tsml-name a)", len(feed))
    links = rows.locator(".tsml-name a").evaluate_all("all => all.map(one => one.hash.slice(2).split('?')[0])")
    assert sorted(links) == sorted(one["slug"] for one in feed)
    assert [text for text in rows.locator(".tsml-address").all_inner_texts() if "Inactive" in text or not text] == []
    names = set(rows.locator(".tsml-name a").all_inner_texts())
    programs = weekly_programs(instance)
    assert len(programs) > 100
    assert set(programs.values()) - names == set()
    assert there.page.get_by_role("button", name="Inactive").count() == 0
    # Nothing was dropped or not understood; meetings of more than two hours are pointed out and shown.
    assert [text for text in there.complaints if "TSML UI" in text and "unusually long" not in text] == []


def test_tsml_ui_takes_meetings_online_for_inactive_where_it_is_not_told_the_host(tsml_ui: Path, instance: Instance,
                                                                                  elsewhere: Open) -> None:
    page = TSML_PAGE.format(feed=instance.address + FEED, host="elsewhere.example")
    there = elsewhere(page, tsml_ui, path="/#/?type=inactive")
    there.page.locator("tbody tr .tsml-address", has_text="Inactive").first.wait_for()
    assert any("unknown conference_url" in text for text in there.complaints)


def test_every_detail_page_of_tsml_ui_opens(tsml_ui: Path, instance: Instance, elsewhere: Open) -> None:
    there, feed = tsml(tsml_ui, instance, elsewhere), instance.get(FEED)
    there.page.locator(".tsml-name a").first.wait_for()
    for one in feed:
        there.page.evaluate("slug => { location.hash = '#/' + slug; }", one["slug"])
        there.page.wait_for_function("name => document.title === name", arg=one["name"])
        text = there.page.locator("#tsml-ui").inner_text()
        assert one["name"] in text
        if one["attendance_option"] == "in_person":
            assert "Get Directions" in text, one["slug"]
        elif one.get("conference_url"):
            assert there.page.get_by_role("link", name="Group page").get_attribute("href") == one["conference_url"]


def test_a_link_to_one_meeting_of_tsml_ui_opens_it(tsml_ui: Path, instance: Instance, elsewhere: Open) -> None:
    one = instance.get(FEED)[7]
    there = tsml(tsml_ui, instance, elsewhere, f"/?meeting={one['slug']}")
    there.page.get_by_role("heading", name=one["name"]).first.wait_for()
    assert there.page.get_by_text("Loading error").count() == 0


def test_crumb_widget_shows_as_many_meetings_as_are_answered(crumb: Path, instance: Instance, elsewhere: Open) -> None:
    meetings = instance.get(SEARCH)
    for server in ("/bmlt/", "/bmlt"):
        there = elsewhere(CRUMB_PAGE.format(server=instance.address + server), crumb)
        there.page.get_by_text(f"{len(meetings)} meetings", exact=True).wait_for()
        shown = there.page.locator("#crumb-widget").inner_text()
        assert {one["meeting_name"] for one in meetings if one["meeting_name"] not in shown} == set()
        assert there.complaints == []


def test_crumb_widget_opens_a_meeting_and_names_its_formats_in_spanish(crumb: Path, instance: Instance,
                                                                            elsewhere: Open) -> None:
    one = next(one for one in instance.get(SEARCH) if one["venue_type"] == "1" and "grief" in one["formats"].split(","))
    formats = instance.get("/bmlt/client_interface/json/?switcher=GetFormats&lang_enum=es&key_strings=grief")
    there = elsewhere(CRUMB_PAGE.format(server=instance.address + "/bmlt/"), crumb, locale="es-US",
                      path=f"/#/x-{one['id_bigint']}")
    there.page.get_by_text(one["meeting_name"]).first.wait_for()
    there.page.get_by_text(one["location_street"]).first.wait_for()
    assert formats[0]["name_string"] in there.page.locator("#crumb-widget").inner_text()


@pytest.fixture
def client(query_client: Path, instance: Instance, elsewhere: Open) -> Page:
    page = elsewhere(QUERY_PAGE.format(server=instance.address + "/bmlt"), query_client).page
    page.wait_for_function("window.server !== undefined")
    return page


@of_query_client
def test_bmlt_query_client_finds_as_many_meetings_as_are_answered(instance: Instance, client: Page) -> None:
    meetings = instance.get(SEARCH)
    found = client.evaluate("server.searchMeetings()")
    assert len(found) == len(meetings)
    assert {one["weekday_tinyint"] for one in found} == set(range(1, 8))
    both = client.evaluate("server.searchMeetingsWithFormats({page_size: 5000, lang_enum: 'en'})")
    assert len(both["meetings"]) == len(meetings)
    used = {key for one in meetings for key in one["formats"].split(",")}
    assert {one["key_string"] for one in both["formats"]} == used


@of_query_client
@pytest.mark.parametrize(("asked", "is_wanted"), [
    ("onWeekdays(1, 2, 3)", lambda one: one["weekday_tinyint"] in "123"),
    ("notOnWeekdays(1, 7)", lambda one: one["weekday_tinyint"] not in "17"),
    ("inPersonOnly()", lambda one: one["venue_type"] == "1"),
    ("virtualOrHybrid()", lambda one: one["venue_type"] in "23"),
    ("startingAfter(17, 30)", lambda one: one["start_time"] > "17:30:00"),
    ("startingBefore(12)", lambda one: one["start_time"] < "12:00:00"),
    ("maximumDuration(1)", lambda one: one["duration_time"] <= "01:00:00"),
    ("fieldValue('location_province', ['NC', 'IL'])", lambda one: one["location_province"] in ("NC", "IL")),
    ("searchText('grief')", lambda one: "grief" in " ".join(one.values()).casefold()),
    ("includeUnpublished()", lambda one: True), ("unpublishedOnly()", lambda one: False),
], ids=lambda one: one if isinstance(one, str) else "")
def test_bmlt_query_client_chooses_as_it_says(instance: Instance, client: Page, asked: str, is_wanted: Any) -> None:
    wanted = [one["id_bigint"] for one in instance.get(SEARCH) if is_wanted(one)]
    found = client.evaluate(f"new client.MeetingQueryBuilder(server).{asked}.execute()")
    ids = [one["id_bigint"] for one in found]
    if asked.startswith("searchText"):  # words are sought in fewer fields than this list of wanted ones looks at
        assert ids
        assert set(ids) <= set(wanted)
    else:
        assert ids == wanted


@of_query_client
def test_bmlt_query_client_finds_what_is_near_the_nearest_first(client: Page) -> None:
    found = client.evaluate("""server.searchMeetingsByCoordinates({latitude: 41.88, longitude: -87.63}, 40)""")
    far = [one["distance_in_miles"] for one in found]
    assert far
    assert far == sorted(far)
    assert far[-1] <= 40


@of_query_client
def test_bmlt_query_client_reads_what_the_server_is(instance: Instance, client: Page) -> None:
    info, area = client.evaluate("server.getServerInfo()"), client.evaluate("server.getCoverageArea()")
    assert (info["versionInt"], info["distanceUnits"]) == (3_000_000, "mi")
    assert area["se_corner_latitude"] < info["centerLatitude"] < area["nw_corner_latitude"]
    assert len(client.evaluate("server.getServiceBodies()")) > 10
    assert client.evaluate("server.getFormats({key_strings: ['O', 'VM'], lang_enum: 'es'})")[0]["lang"] == "es"
    keys = [one["key"] for one in client.evaluate("server.getFieldKeys()")]
    assert "location_municipality" in keys
    assert client.evaluate("server.getFieldValues({meeting_key: 'location_province'})")
    assert client.evaluate("server.getChanges()") == []
    script = client.evaluate("server.searchMeetings({format: 'jsonp', weekdays: [2]})")
    assert len(script) == len(instance.get(f"{SEARCH}&weekdays=2"))
