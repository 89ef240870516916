from __future__ import annotations

import uuid

import icalendar
import pytest
from flask.testing import FlaskClient

from finder.web import listing_ids
from tests.pages import Pages


def _slug_with_times(pages: Pages) -> str:
    for path in [one for one in pages.get("/programs").links if one.startswith("/programs/")]:
        if any(link.endswith(".ics") for link in pages.get(path).links):
            return path
    raise AssertionError("no listing has a calendar")


def test_a_listing_leads_to_its_calendar(pages: Pages, client: FlaskClient) -> None:
    path = _slug_with_times(pages)
    response = client.get(f"{path}.ics")
    assert response.mimetype == "text/calendar"
    assert response.headers["Content-Disposition"] == "attachment; filename=group.ics"
    assert icalendar.Calendar.from_ical(response.data).walk("VEVENT")


def test_a_calendar_is_in_the_readers_language_and_sets_no_cookie(pages: Pages, client: FlaskClient) -> None:
    response = client.get(f"/es{_slug_with_times(pages)}.ics")
    assert "X-WR-CALNAME:Grupos" in response.text
    assert "Set-Cookie" not in response.headers


def test_a_calendar_that_has_not_changed_is_not_sent_again(pages: Pages, client: FlaskClient) -> None:
    path = f"{_slug_with_times(pages)}.ics"
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("path", ["/programs/none.ics", "/calendar/none.ics", "/calendar/.ics",
                                  f"/calendar/{listing_ids.encode(str(uuid.UUID(int=7)))}.ics"])
def test_what_is_not_there_is_a_page_that_says_so(pages: Pages, path: str) -> None:
    assert pages.get(path).status == 404


def test_an_id_is_short_and_comes_back() -> None:
    one = str(uuid.uuid4())
    short = listing_ids.encode(one)
    assert len(short) == 22
    assert listing_ids.decode(short) == one


@pytest.mark.parametrize("text", ["", "x" * 22 + "=", "a" * 21, "é" * 22, "+" * 22, "A" * 21 + "B",
                                  "../../../../etc/passwd"])
def test_what_is_no_id_is_none(text: str) -> None:
    assert listing_ids.decode(text) is None


def test_ids_of_a_list_are_kept_once_and_in_order() -> None:
    first, second = (str(uuid.uuid4()) for _ in range(2))
    shorts = [listing_ids.encode(one) for one in (second, first, second)]
    assert listing_ids.decoded([*shorts, "nonsense"]) == [second, first]
