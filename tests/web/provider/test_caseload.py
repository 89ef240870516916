from __future__ import annotations

import gc
import io
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from finder.db import Base
from finder.limits import Allowance
from finder.listings import changes
from finder.referrals import caseload, consents, pace
from finder.web.provider import caseload as pages
from tests.pages import Page
from tests.web.people import Person
from tests.web.provider.clinic import Clinic

PAGE, SEND = "/provider/caseload", "/provider/caseload/send"
HEAD = "code,need,place,phq9,phq9_item9,gad7,level\n"
THREE = HEAD + "K7-41,depression,27701,,,,\nB2-18,loneliness,27701,17,2,,\nC3,depression,27701,,,11,\n"
YES = {"what": ["level"], "purpose": "join", "way": "written", "confirmed": "1", "substance": "1"}


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path)


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Clinic:  # for tests that send nothing
    return Clinic(tmp_path_factory.mktemp("caseload"))


def look(person: Person, body: str | bytes, usual: str = "refer", path: str = PAGE) -> Page:
    page = person.get(path)
    content = body.encode() if isinstance(body, str) else body
    fields = {**page.form(path), "usual": usual, "file": (io.BytesIO(content), "list.csv")}
    return person.pages.post(path, fields, content_type="multipart/form-data")


def send(person: Person, page: Page, **form: Any) -> Page:
    return person.send(page, SEND, {**YES, **form})


def row(page: Page, number: int) -> Any:
    return next(one for one in page.of_class("item") if one.all("h2", id=f"row-{number}"))


def counts(clinic: Clinic) -> dict[str, int]:
    """Rows by table, but for what counts how often somebody did something."""
    with clinic.site.database.reading() as session:
        return {name: session.scalar(select(func.count()).select_from(table)) or 0
                for name, table in Base.metadata.tables.items() if name != Allowance.__tablename__}


def codes(page: Page) -> list[str]:
    return re.findall(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", page.main.text)


def test_looking_at_a_file_shows_what_fits_and_stores_nothing(looked_at: Clinic,
                                                              caplog: pytest.LogCaptureFixture) -> None:
    before = counts(looked_at)
    page = look(looked_at.joy, THREE)
    look(looked_at.joy, "code,need,name\nK7-41,zqcanary,zqcanary\n")
    assert "zqcanary" not in caplog.text
    assert not any(b"zqcanary" in path.read_bytes() or b"K7-41" in path.read_bytes()
                   for path in Path(looked_at.site.database.engine.url.database or "").parent.glob("finder.db*"))
    assert page.status == 200
    assert [one.all("h2")[0].text for one in page.of_class("item")] == ["K7-41", "B2-18", "C3"]
    assert len(row(page, 2).all("ol")[0].all("li")) == 3
    assert "Support Heavier By PHQ-9." in row(page, 3).text
    assert counts(looked_at) == before


def test_item_nine_is_said_first_and_blocks_nothing(clinic: Clinic) -> None:
    page = look(clinic.joy, THREE)
    assert "Ask about safety today" in page.main.all("h2")[0].text
    assert page.main.of_class("offer")[0].all("a")[0]["href"] == "#row-3"
    assert "Ask about safety today." in row(page, 3).text
    assert "Ask about safety today." not in row(page, 2).text
    sent = send(clinic.joy, page)
    assert sent.heading == "3 referrals are made"


def test_no_total_is_in_what_travels_and_a_name_in_no_page(looked_at: Clinic) -> None:
    page = look(looked_at.joy, HEAD.replace("gad7", "notes") + "K7-41,depression,27701,19,1,zqname,\n")
    assert "zqname" not in page.source
    assert "19" not in [one["value"] for one in page.all("input")]
    assert "1 column was not read." in page.main.text


@pytest.mark.parametrize(("body", "words"), [
    ("", "Choose a CSV file"), ("code,need,name\nK7-41,grief,Ana\n", "a column that tells who people are: “name”"),
    ("nothing", "needs the columns code and need"), ("code,need\n" + "A1,grief\n" * 101, "more than 100 people"),
], ids=["nothing", "names", "no table", "many"])
def test_a_file_that_is_refused_is_said_at_its_field(looked_at: Clinic, body: str, words: str) -> None:
    page = look(looked_at.joy, body)
    assert page.status == 422
    assert words in page.of_class("errors")[0].text
    assert page.one("input", id="file")["aria-invalid"] == "true"
    assert page.one("input", value="refer", name="usual").attributes.get("checked") is not None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the test client's own file
def test_a_file_may_be_large_and_nothing_else_may(looked_at: Clinic) -> None:
    rows = "".join(f"A{number},depression,27701,{'x' * 3500}\n" for number in range(100))
    assert look(looked_at.joy, f"code,need,place,notes\n{rows}").status == 200
    page = looked_at.joy.get(PAGE)
    sent = looked_at.joy.pages.post(SEND, {**page.form(PAGE), "sealed": "x" * 300_000})
    assert sent.status == 413
    body = "code,need,notes\nA1,grief," + "x" * (caseload.MOST_BYTES + 100_000)
    assert look(looked_at.joy, body).status == 413
    gc.collect()


def test_rows_that_cannot_be_used_are_named_by_line_and_column(looked_at: Clinic) -> None:
    page = look(looked_at.joy, THREE + "Maria,depression,27701,,,,\nD4,xyzzy,Springfield,12,,99,7\n"
                "E5,depression,,40,0,,\nF6,depression,,,,,\n")
    words = page.main.text
    assert "4 rows cannot be used" in words
    assert "Line 5: code : Use a code such as K7-41" in words
    assert "Line 6: need : We do not know this word." in words
    assert "phq9_item9 : Give item 9 too." in words
    assert "Line 7: phq9 : Use a number from 0 to 27." in words
    assert "Line 8: place : Write a town or ZIP code" in words
    assert len(page.of_class("item")) == 3


def test_sending_makes_a_referral_for_each_with_its_consent_and_shows_its_code_once(clinic: Clinic) -> None:
    page = look(clinic.joy, THREE)
    sent = send(clinic.joy, page, **{"do-4": "handout"})
    assert sent.heading == "2 referrals are made"
    assert len(codes(sent)) == 2
    assert any(link.startswith("/provider/handout?g=") for link in sent.links)
    found = {one.code: one for one in clinic.all()}
    assert set(found) == {"K7-41", "B2-18"}
    assert (found["B2-18"].suggested, found["B2-18"].level) == (3, 3)
    assert found["K7-41"].owner_id == clinic.joy.id
    with clinic.site.database.reading() as session:
        given = consents.of_referral(session, found["K7-41"].key)
    assert [one.what for one in given] == [["level"]] * 3
    again = send(clinic.joy, page, **{"do-4": "handout"})
    assert codes(again) == []
    assert "Shown before." in again.main.text
    assert len(clinic.all()) == 2


def test_what_a_person_did_not_choose_is_left_alone(clinic: Clinic) -> None:
    page = look(clinic.joy, THREE, usual="handout")
    sent = send(clinic.joy, page, **{"do-2": "skip"})
    assert sent.heading == "Handouts to print"
    assert clinic.all() == []
    assert "Handout: B2-18" in sent.main.text
    assert "K7-41" not in sent.main.text
    none = send(clinic.joy, page, **{f"do-{number}": "skip" for number in (2, 3, 4)})
    assert none.status == 422
    assert "Choose what to do with one person at least." in none.of_class("errors")[0].text


def test_without_a_yes_nothing_is_sent_and_nothing_chosen_is_lost(clinic: Clinic) -> None:
    page = look(clinic.joy, THREE)
    form = {**page.form(SEND), "do-3": "handout", "what": ["needs"], "until": "2029-01-01"}
    again = clinic.joy.pages.post(SEND, form)
    assert (again.status, clinic.all()) == (422, [])
    errors = again.of_class("errors")[0]
    assert "Ask the person first." in errors.text
    assert "Choose how they said yes." in errors.text
    assert again.one("input", name="do-3", value="handout").attributes.get("checked") is not None
    assert again.one("input", id="until")["value"] == "2029-01-01"
    late = send(clinic.joy, again)
    assert "A yes can be good for one year at most." in late.of_class("errors")[0].text
    assert send(clinic.joy, late, until="2026-12-31").heading == "2 referrals are made"


def test_care_for_substance_use_needs_its_own_yes(clinic: Clinic) -> None:
    page = look(clinic.joy, "code,need,place\nK7-41,alcohol,27701\n")
    form = {**page.form(SEND), **YES}
    del form["substance"]
    again = clinic.joy.pages.post(SEND, form)
    assert (again.status, clinic.all()) == (422, [])
    assert "It needs its own yes." in again.of_class("errors")[0].text
    assert "42 CFR part 2" in again.main.text


def test_another_level_is_kept_with_its_reason(clinic: Clinic) -> None:
    page = look(clinic.joy, HEAD + "K7-41,depression,27701,11,0,,3\n")
    assert "Your choice. The totals suggest: Medium." in row(page, 2).text
    assert send(clinic.joy, page, **{"why-2": "wish"}).status == 200
    (one,) = clinic.all()
    assert (one.suggested, one.level, one.override) == (2, 3, "wish")


def test_a_page_is_good_for_an_hour_and_for_who_looked(clinic: Clinic) -> None:
    page = look(clinic.joy, THREE)
    theirs = clinic.sam.pages.post(SEND, {**page.form(SEND), **YES, "form_token":
                                          clinic.sam.get(PAGE).form(PAGE)["form_token"]})
    assert theirs.status == 422
    for sealed in ("", "nonsense", page.form(SEND)["sealed"][0][:-4] + "AAAA", "é" * 50):
        assert send(clinic.joy, page, sealed=sealed).status == 422
    for _ in range(4):
        clinic.site.wait(15 * 60 + 10)
        clinic.joy.get(PAGE)
    late = clinic.joy.pages.post(SEND, {**page.form(SEND), **YES})
    assert "Please send the file again." in late.of_class("errors")[0].text
    assert clinic.all() == []


def test_a_group_that_is_gone_meanwhile_fails_its_row_only(clinic: Clinic) -> None:
    page = look(clinic.joy, "code,need,place\nK7-41,depression,27701\nC3,alcohol,27701\n")
    gone = clinic.site.slugs[3]
    assert gone in "".join(tag["href"] for tag in row(page, 3).all("a"))
    with clinic.site.database.transaction() as session:
        there = changes.find(session, gone)
        changes.delete(session, there.id, base=there.version, author=changes.Author("a test"), now=clinic.site.clock())
    sent = send(clinic.joy, page)
    assert "C3" in sent.of_class("notice--wait")[0].text
    assert "not in the list any more" in sent.of_class("notice--wait")[0].text


def test_a_team_sends_two_hundred_a_day_and_the_rest_is_told(clinic: Clinic) -> None:
    with clinic.site.database.transaction() as session:
        for _ in range(pages.REFERRALS.most - 2):
            pace.take_turn(session, clinic.team, clinic.site.clock(), pages.REFERRALS)
    page = look(clinic.joy, THREE)
    sent = send(clinic.joy, page)
    assert sent.heading == "2 referrals are made"
    assert "200 referrals from files today" in sent.of_class("notice--wait")[0].text
    assert sorted(one.code for one in clinic.all()) == ["B2-18", "K7-41"]
    clinic.site.wait(600)
    assert len(codes(send(clinic.joy, page))) == 0
    assert len(clinic.all()) == 2


@pytest.mark.parametrize("language", ["", "/es"])
def test_the_empty_file_is_there_in_both_languages(looked_at: Clinic, language: str) -> None:
    response = looked_at.joy.client.get(f"{language}/provider/caseload.csv")
    assert response.mimetype == "text/csv"
    assert ("codigo" if language else "code,need") in response.get_data(as_text=True)
    assert look(looked_at.joy, response.data).status == 200


def test_all_of_it_works_in_spanish(clinic: Clinic) -> None:
    page = look(clinic.joy, THREE, path=f"/es{PAGE}")
    sent = clinic.joy.send(page, f"/es{SEND}", YES)
    assert sent.status == 200
    assert len(codes(sent)) == 3
