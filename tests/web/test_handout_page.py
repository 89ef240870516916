"""The sheet for paper: what is on it and what never is, at two sizes and two reading levels, as a page and as a PDF."""

from __future__ import annotations

import dataclasses
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from finder import limits
from finder.paper import Press
from finder.web import handout_page
from finder.web.account.keys import network_key
from finder.web.calendar_page import listings_of
from tests.pages import Page
from tests.reading_pdf import opened, pages, points
from tests.web.provider.clinic import Clinic
from tests.web.sheets import FOUR, MORE, ROOM
from tests.web.site import Site, group

LARGEST = 200 * 1024  # bytes of a PDF
VIETNAMESE, ARABIC = "Nhóm hỗ trợ của chị Nguyễn Thị Ánh", "مجموعة الدعم في المدينة"
SPANISH = "Mañanas sin prisa, corazón"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("site"), FOUR + MORE)


def _query(site: Site, count: int = 4) -> str:
    return "&".join(f"g={one}" for one in site.keys[:count])


def _paper(site: Site, more: str = "", *, count: int = 4, prefix: str = "") -> str:
    return site.pages.get(f"{prefix}/handout?{_query(site, count)}{more}").of_class("hand")[0].text


def _pdf(site: Site, more: str = "", *, count: int = 4, prefix: str = "") -> bytes:
    answer = site.app.test_client().get(f"{prefix}/handout.pdf?{_query(site, count)}{more}")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    return answer.data


def _link(page: Page, words: str) -> str:
    return next(tag["href"] for tag in page.main.all("a") if tag.text == words)


def test_it_says_when_where_whom_to_call_how_to_join_how_to_get_there_and_what_the_first_time_is_like(
        site: Site) -> None:
    text = _paper(site, count=1)
    for words in ("1 place to start", "Every Tuesday, 6:00–7:30 pm. Next: Tuesday, ",
                  "Garden House, 1180 Lantern Street", "Free", "919-555-0142", "Just come. No sign-up.",
                  "Getting there: A bus or train stops near it.",
                  "Ask for help with a ride.", "The first time: People take turns", "Come ten minutes early.",
                  "Facts checked on November 1, 2026.", "What to say", "It holds nothing about you."):
        assert words in text, words


def test_the_crisis_line_comes_before_everything_else(site: Site) -> None:
    assert _paper(site).startswith("In crisis? Call or text 988")
    assert pages(_pdf(site))[0].startswith("In crisis? Call or text 988")


def test_what_is_not_stated_is_said_and_asked(site: Site) -> None:
    text = _paper(site)
    for words in ("How to join is not stated. Please ask first.", "Getting there: Not stated. Ask when you call.",
                  "Cost not stated", "Facts not checked yet. Please ask first.", "hello@example.org",
                  "Facts last checked on November 1, 2025. Please ask if they still hold.",
                  "This group is not meeting for now. Call before you plan on it."):
        assert words in text, words


def test_a_group_from_home_needs_no_way_there_and_keeps_its_room_to_itself(site: Site) -> None:
    text = _paper(site)
    assert "Getting there: No need to travel. You join from where you are." in text
    assert "Your camera can stay off." in text
    assert ROOM not in site.pages.get(f"/handout?{_query(site)}").source
    assert ROOM not in str([dict(one) for page in opened(_pdf(site)).pages for one in page.get("/Annots", [])])
    assert ROOM not in " ".join(pages(_pdf(site)))


def test_of_several_times_the_soonest_is_next(site: Site) -> None:
    assert "Next: Wednesday, November 25, 6:00 pm" in _paper(site)


def test_a_number_is_a_link_to_call_and_the_code_is_drawn(site: Site) -> None:
    page = site.pages.get(f"/handout?{_query(site, 1)}")
    assert "tel:+19195550142" in [tag["href"] for tag in page.of_class("hand")[0].all("a")]
    assert page.of_class("qr")


def test_it_holds_nothing_of_the_reader(tmp_path: Path) -> None:
    fresh = Site(tmp_path, FOUR[:1])
    fresh.pages.post("/", {"need": "zqcanary", "place": "Raleigh, NC"})
    text = fresh.pages.get(f"/handout?{_query(fresh)}").main.text
    for words in ("zqcanary", "Raleigh", "fit", "score"):
        assert words not in text, words


def test_very_plain_words_say_the_same_in_short_sentences(site: Site) -> None:
    text = _paper(site, "&words=plain")
    for words in ("Just come. You do not need to sign up.", "You do not have to go out. You join at home.",
                  "We do not know how to join. Ask first.", "Do you have room? When can I start? What does it cost?",
                  "This group does not meet now. Call first."):
        assert words in text, words


def test_controls_lead_to_the_other_size_and_words_and_keep_the_rest(site: Site) -> None:
    page = site.pages.get(f"/handout?{_query(site)}")
    assert not page.of_class("hand--large")
    large = site.pages.get(_link(page, "Large print"))
    assert large.of_class("hand--large")
    both = site.pages.get(_link(large, "Very plain words"))
    assert both.of_class("hand--large")
    assert "We do not know how to join." in both.main.text
    assert "size=large&words=plain" in _link(both, "As a PDF")
    assert _link(both, "Español").startswith("/es/handout?g=")
    assert _link(site.pages.get(_link(both, "Usual print")), "Usual words") == f"/handout?{_query(site)}"


@pytest.mark.parametrize("more", ["&size=huge", "&words=loud", "&size=", "&words=%00", "&size=large%0d", "&x=1"])
def test_looks_that_nobody_knows_are_the_usual_ones(site: Site, more: str) -> None:
    assert _paper(site, more) == _paper(site)


@pytest.mark.parametrize(("prefix", "language", "title"), [("", "en", "4 places to start"),
                                                           ("/es", "es", "4 lugares para empezar")], ids=["en", "es"])
def test_the_pdf_is_tagged_named_and_in_the_readers_language(site: Site, prefix: str, language: str,
                                                             title: str) -> None:
    made = opened(_pdf(site, prefix=prefix))
    assert made.Root.MarkInfo.Marked
    assert made.Root.StructTreeRoot.K
    assert made.Root.ViewerPreferences.DisplayDocTitle
    assert str(made.Root.Lang) == language
    assert str(made.docinfo["/Title"]) == title
    assert {str(one.S) for one in made.objects if _is_tag(one)} >= {"/H1", "/H2", "/L", "/LI", "/P", "/Link", "/Figure"}
    assert all("/Alt" in one for one in made.objects if _is_tag(one) and one.S == "/Figure")


def _is_tag(one: Any) -> bool:
    return getattr(one, "get", None) is not None and one.get("/Type") == "/StructElem"


def test_the_pdf_has_a_name_that_says_nothing_and_no_browser_keeps_it(site: Site) -> None:
    headers = site.app.test_client().get(f"/handout.pdf?{_query(site)}").headers
    assert headers["Content-Disposition"] == "inline; filename=list.pdf"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("prefix", ["", "/es"])
@pytest.mark.parametrize("words", ["usual", "plain"])
def test_four_groups_are_one_sheet(site: Site, prefix: str, words: str) -> None:
    assert len(pages(_pdf(site, f"&words={words}", prefix=prefix))) == 1


def test_large_print_is_eighteen_points_and_more_throughout(site: Site) -> None:
    assert min(points(_pdf(site, "&size=large"))) >= 18
    assert min(points(_pdf(site))) < 18


@pytest.mark.parametrize("prefix", ["", "/es"])
def test_no_group_is_split_over_two_sheets(site: Site, prefix: str) -> None:
    sheets = pages(_pdf(site, "&size=large", count=8, prefix=prefix))
    assert len(sheets) > 2
    for number in range(200, 204):
        assert [f"919-555-0{number}" in sheet for sheet in sheets] == [f"E Circle {number}" in sheet
                                                                       for sheet in sheets]


@pytest.mark.parametrize("name", [VIETNAMESE, ARABIC, SPANISH], ids=["Vietnamese", "Arabic", "Spanish"])
def test_names_come_out_of_the_pdf_as_they_were_written(tmp_path: Path, name: str) -> None:
    fresh = Site(tmp_path, [group(1, name=name)])
    for size in ("usual", "large"):
        assert unicodedata.normalize("NFC", name) in pages(_pdf(fresh, f"&size={size}", count=1))[0]


def test_the_pdf_is_small_and_takes_twelve_groups_at_most(site: Site) -> None:
    assert len(_pdf(site)) <= LARGEST
    assert len(_pdf(site, "&size=large", count=12, prefix="/es")) <= LARGEST
    assert site.pages.get(f"/handout.pdf?{_query(site, 13)}").status == 422
    page = site.pages.get(f"/handout?{_query(site, 13)}")
    assert page.status == 200
    assert "As a PDF" not in page.main.text


def test_where_no_pdf_can_be_made_none_is_offered_and_the_address_says_so(tmp_path: Path) -> None:
    fresh = Site(tmp_path, FOUR[:1])
    held = fresh.app.extensions["finder"]
    fresh.app.extensions["finder"] = dataclasses.replace(held, press=Press("a_library_that_is_not_there"))
    assert "As a PDF" not in fresh.pages.get(f"/handout?{_query(fresh)}").main.text
    refused = fresh.pages.get(f"/handout.pdf?{_query(fresh)}")
    assert (refused.status, refused.heading) == (501, "No PDF can be made here")


def test_what_a_listing_says_cannot_reach_into_the_sheet(tmp_path: Path) -> None:
    evil = '</h2><style>@import "file:///etc/passwd"</style><img src="file:///etc/passwd">'
    fresh = Site(tmp_path, [group(1, name=evil, contact={"note": evil})])
    assert evil.replace(" ", "") in pages(_pdf(fresh, count=1))[0].replace(" ", "")
    assert evil in _paper(fresh)


def test_a_desk_adds_who_gave_it_and_a_code_and_nothing_else(site: Site) -> None:
    with site.app.test_request_context("/es/"):
        usual = handout_page.sheet(listings_of(site.ids[:4]), site.clock())["hand"]
        values = handout_page.sheet(listings_of(site.ids[:4]), site.clock(), given_by="Eastside <b>, 919-555-0100",
                                    next_code="7KQF-2MXP-9D")
        sheets = pages(handout_page.pdf(values).data)
    assert {name for name in usual if usual[name] != values["hand"][name]} == {"given", "next", "next_code"}
    assert "Eastside <b>, 919-555-0100" in sheets[0]
    assert "7KQF-2MXP-9D" in sheets[0]
    assert "localhost/es/next-step" in sheets[0]
    assert len(sheets) == 1


def test_a_sheet_from_a_desk_in_plain_words_has_the_code_too(site: Site) -> None:
    with site.app.test_request_context("/"):
        values = handout_page.sheet(listings_of(site.ids[:1]), site.clock(), words="plain", size="large",
                                    next_code="7KQF-2MXP-9D")
        sheet = " ".join(pages(handout_page.pdf(values).data))
    assert "This code is yours." in sheet
    assert "7KQF-2MXP-9D" in sheet
    assert "You got this sheet from" not in sheet


@pytest.mark.parametrize(("country", "points_high"), [("US", 792), ("NZ", 842)], ids=["Letter", "A4"])
def test_the_paper_is_that_of_the_country(tmp_path: Path, country: str, points_high: int) -> None:
    fresh = Site(tmp_path, FOUR, country=country)
    made = opened(_pdf(fresh))
    assert [round(float(one.mediabox[3])) for one in made.pages] == [points_high]


def test_one_network_gets_so_many_pdfs_and_a_provider_among_them_all(tmp_path: Path) -> None:
    clinic = Clinic(tmp_path)
    with clinic.site.database.transaction() as session, clinic.site.app.test_request_context(
            environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        limits.spend(session, handout_page.FROM_ONE, network_key(), clinic.site.clock(), amount=20)
    path, client = f"/handout.pdf?g={clinic.keys[0]}", clinic.site.app.test_client()
    full = client.get(path)
    assert (full.status_code, full.mimetype) == (429, "text/html")
    assert 0 < int(full.headers["Retry-After"]) <= handout_page.FROM_ONE.seconds
    with clinic.site.database.transaction():  # nor while others write, when nobody can be counted
        assert client.get(path).status_code == 429
        assert client.get(path, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200
    assert clinic.joy.client.get(f"/provider{path}").status_code == 200
    clinic.site.wait(handout_page.FROM_ONE.seconds)
    assert client.get(path).status_code == 200
