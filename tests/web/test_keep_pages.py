from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from finder.web.saved import LIFETIME_SECONDS
from tests.pages import Page
from tests.web.site import Site, group

EVENING = {"format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:00",
           "timezone": "America/New_York", "location": {"city": "Durham", "state": "NC"}}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1, sessions=[EVENING], cost={"free": True}, contact={"phone": "919-555-0142"}),
                           group(2, cost={"free": False, "amount": 20}), group(3), group(4), group(5)])


def _save(site: Site, number: int, **more: str) -> Page:
    return site.pages.post("/saved", {"g": site.keys[number], "action": "add", "back": "/programs", **more})


def _cookies(site: Site) -> list[str]:
    return [cookie.key for cookie in site.pages.client._cookies.values()]


def _names(page: Page) -> list[str]:
    return [tag.text for tag in page.main.all("h3")]


def test_nothing_is_kept_before_the_reader_says_yes(site: Site) -> None:
    asked = _save(site, 0)
    assert asked.heading == "Keep saved groups on this device?"
    assert _cookies(site) == []
    kept = _save(site, 0, yes="1")
    assert kept.path == "/programs"
    assert _cookies(site) == ["saved"]


def test_browsing_keeps_nothing(site: Site) -> None:
    for path in ("/", "/programs", f"/programs/{site.slugs[0]}", "/saved", f"/list?g={site.keys[0]}",
                 f"/compare?g={site.keys[0]}&g={site.keys[1]}", f"/handout?g={site.keys[0]}"):
        site.pages.get(path)
    assert _cookies(site) == []


def test_saved_groups_are_listed_removed_and_cleared(site: Site) -> None:
    _save(site, 0, yes="1")
    _save(site, 2)
    page = site.pages.get("/saved")
    assert page.heading == "2 saved groups"
    assert _names(page) == ["1 River Circle 1", "2 River Circle 3"]
    assert "Saved (2)" in page.source
    site.pages.post("/saved", {"g": site.keys[0], "action": "remove", "back": "/saved"})
    assert _names(site.pages.get("/saved")) == ["1 River Circle 3"]
    assert site.pages.post("/saved", {"action": "clear"}).heading == "Nothing saved yet"
    assert _cookies(site) == []


def test_the_cookie_is_unreadable_locked_and_short(site: Site) -> None:
    response = site.pages.client.post("/saved", data={"g": site.keys[0], "yes": "1"})
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert site.keys[0] not in cookie
    assert site.ids[0] not in cookie


def test_what_is_saved_goes_after_ninety_days_and_no_page_with_it_is_stored(site: Site) -> None:
    _save(site, 0, yes="1")
    assert site.pages.get("/programs").response.headers["Cache-Control"] == "no-store"
    site.clock.at += timedelta(seconds=LIFETIME_SECONDS + 1)
    assert site.pages.get("/saved").heading == "Nothing saved yet"


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)",
                                  "evil", "/" + "a" * 600, "/a\nb"])
def test_the_way_back_never_leaves_the_site(site: Site, back: str) -> None:
    response = site.pages.client.post("/saved", data={"g": site.keys[0], "yes": "1", "back": back})
    assert response.headers["Location"] == "/saved"


def test_a_damaged_cookie_is_no_cookie(site: Site) -> None:
    site.pages.client.set_cookie("saved", "nonsense")
    assert site.pages.get("/saved").heading == "Nothing saved yet"


def test_two_groups_stand_side_by_side_and_differences_are_said(site: Site) -> None:
    page = site.pages.get(f"/compare?g={site.keys[0]}&g={site.keys[1]}")
    assert page.heading == "2 groups, side by side"
    rows = {row.all("th")[0].text: row for row in page.main.all("tr") if row.all("th") and row.all("td")[1:]}
    assert rows["Cost (they differ)"].has_class("differs")
    assert [cell.text for cell in rows["Cost (they differ)"].all("td")] == ["Free", "$20 each time"]
    assert "Not stated. You can ask." in rows["Language"].text
    assert "919-555-0142" in page.main.text


@pytest.mark.parametrize("count", [1, 5])
def test_one_or_five_groups_cannot_be_compared_and_may_be_chosen_from(site: Site, count: int) -> None:
    page = site.pages.get("/compare?" + "&".join(f"g={one}" for one in site.keys[:count]))
    assert page.status == 422
    assert len(page.all("input", name="g")) == count


def test_a_shared_list_holds_ids_only_and_says_what_is_gone(site: Site) -> None:
    page = site.pages.get(f"/list?g={site.keys[0]}&g={site.keys[1]}&g={'A' * 22}")
    assert page.heading == "A list of 2 groups"
    assert "1 group of this list is not here any more." in page.main.text
    address = page.one("input", id="address").attributes["value"]
    assert address.endswith(f"/list?g={site.keys[0]}&g={site.keys[1]}")
    assert "River" not in address


def test_a_list_reads_as_short_lines(site: Site) -> None:
    page = site.pages.get(f"/list/text?g={site.keys[0]}&g={site.keys[2]}")
    written = page.source.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0]
    first, second = written.split("\n\n")
    assert first.splitlines()[0] == "River Circle 1"
    assert first.splitlines()[-1] == "919-555-0142"
    assert second.startswith("River Circle 3")


@pytest.mark.parametrize("page", ["/list", "/list/text", "/handout", "/handout.pdf", "/compare"])
@pytest.mark.parametrize("query", ["", "?g=", "?g=nonsense", f"?g={'A' * 22}", "?g=%00"])
def test_a_list_of_nothing_is_not_found(site: Site, page: str, query: str) -> None:
    assert site.pages.get(page + query).status == 404


def test_saving_nothing_is_said(site: Site) -> None:
    assert site.pages.post("/saved", {"g": "nonsense"}).status == 422


def test_with_answers_that_speak_of_violence_nothing_offers_to_save_or_share(site: Site) -> None:
    listing = f"/programs/{site.slugs[0]}"
    assert "Pass it on" in site.pages.get(listing).main.text
    site.pages.post("/find/need", {"needs": "domestic_violence"})
    site.pages.post("/find/where", {"near.text": "Durham, NC"})
    results = site.pages.get("/results")
    for page in (results, site.pages.get(listing)):
        assert "Pass it on" not in page.main.text
        assert not page.all("input", name="g")


def test_who_types_that_somebody_hits_them_is_offered_nothing_to_save_or_share(site: Site) -> None:
    listing = f"/programs/{site.slugs[0]}"
    site.pages.post("/", {"need": "my husband hits me", "place": "Durham, NC"})
    for page in (site.pages.get("/results"), site.pages.get(listing)):
        assert "Pass it on" not in page.main.text
        assert not page.all("input", name="g")


@pytest.mark.parametrize(("prefix", "subject"), [("", "A list"), ("/es", "Una lista")], ids=["en", "es"])
def test_a_list_goes_by_mail_in_the_readers_words_and_names_no_group(site: Site, prefix: str, subject: str) -> None:
    page = site.pages.get(f"{prefix}/list?g={site.keys[0]}&g={site.keys[1]}")
    (letter,) = [urlsplit(tag["href"]) for tag in page.main.all("a") if tag["href"].startswith("mailto:")]
    said = parse_qs(letter.query)
    assert (letter.path, said["subject"]) == ("", [subject])
    assert said["body"][0].endswith(page.one("input", id="address")["value"])
    assert "River" not in said["body"][0]


@pytest.mark.parametrize(("page", "form"), [("safety", {"urgent": "violence"}),
                                            ("need", {"needs": "domestic_violence"})],
                         ids=["at home", "named as a need"])
def test_no_page_offers_to_save_or_share_to_somebody_who_may_be_watched(site: Site, page: str,
                                                                        form: dict[str, str]) -> None:
    paths = ["/programs", f"/programs/{site.slugs[0]}", f"/list?g={site.keys[0]}&g={site.keys[1]}",
             f"/compare?g={site.keys[0]}&g={site.keys[1]}", f"/handout?g={site.keys[0]}"]
    offers = ("Save", "Link to share", "Link to copy", "Send it by email", "Save them all on this device")
    before = " ".join(site.pages.get(path).main.text for path in paths)
    assert [one for one in offers if one not in before] == []
    site.pages.post(f"/find/{page}", form)
    for path in paths:
        text = site.pages.get(path).main.text
        assert [one for one in offers if one in text] == [], path


def test_groups_compared_say_how_they_fit_only_to_a_reader_with_answers(site: Site) -> None:
    address = f"/compare?g={site.keys[0]}&g={site.keys[1]}"
    assert "How it fits" not in site.pages.get(address).main.text
    site.pages.post("/", {"need": "grief", "place": "Durham, NC"})
    page = site.pages.get(address)
    assert "How it fits" in page.main.text
    assert "Check first" in page.main.text
    assert page.response.headers["Cache-Control"] == "no-store"


def test_a_list_names_the_address_that_a_calendar_can_follow(site: Site) -> None:
    page = site.pages.get(f"/list?g={site.keys[0]}")
    address = page.one("input", id="calendar")["value"]
    assert address.startswith("http://localhost/calendar/")
    response = site.pages.client.get(address.removeprefix("http://localhost"))
    assert response.mimetype == "text/calendar"
    assert b"RRULE:FREQ=WEEKLY" in response.data
    assert b"Circle" not in response.data
