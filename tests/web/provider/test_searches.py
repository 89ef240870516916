from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from finder.accounts import people
from finder.accounts.permissions import Role, Scope
from finder.cli import search_jobs
from finder.db import Database
from finder.outbox import Message
from finder.teams import searches
from finder.teams.models import SavedSearch
from tests.listings.database import take
from tests.pages import Page
from tests.web.operator.desk import RICH
from tests.web.people import Person
from tests.web.provider.clinic import Clinic
from tests.web.site import group

PAGE = "/provider/searches"
KNOWN = {"needs_text": "depression, zqwords", "near.text": "27701", "age": "34", "scores.phq9": "17",
         "scores.phq9_item9": "2"}


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path)


def look_for(person: Person, **form: str) -> None:
    page = person.send(person.get("/provider/new"), "/provider/new", {**KNOWN, **form})
    assert page.status == 200


def keep(person: Person, name: str = "Low mood, Durham", **form: str) -> Page:
    look_for(person, **form)
    return person.send(person.get(PAGE), PAGE, {"name": name})


def kept(clinic: Clinic) -> list[SavedSearch]:
    with clinic.site.database.reading() as session:
        return searches.of_team(session, clinic.team)


def deed(person: Person, what: str, **form: str) -> Page:
    """Presses a button of the first search in the list."""
    page = person.get(PAGE)
    action = next(tag["action"] for tag in page.all("form") if tag["action"].startswith(f"{PAGE}/"))
    token = page.form(action)["form_token"]
    return person.pages.post(action, {"form_token": token, "deed": what, **form})


def add_group(clinic: Clinic, *numbers: int) -> None:
    take(clinic.site.database, [group(number, **RICH) for number in numbers], source=f"More {numbers}")


def work(clinic: Clinic) -> Any:
    app = clinic.site.app
    with app.app_context():
        return search_jobs.tell_of_new(app.extensions["finder"], clinic.site.clock())


def letters(database: Database) -> list[Message]:
    with database.reading() as session:
        return session.query(Message).filter_by(kind="new_groups").all()


def test_a_search_is_kept_under_a_name_and_without_the_person(clinic: Clinic) -> None:
    page = keep(clinic.joy)
    assert page.path == PAGE
    (one,) = kept(clinic)
    assert one.intake == {"age": 40, "needs": ["depression"], "stated_level": 3, "near": {"text": "Durham, NC 27701"}}
    words = page.main.text
    assert "Low mood, Durham" in words
    assert "Depression or low mood · 26 to 59 · Near Durham, NC 27701 · Support: heavier" in words
    assert "zqwords" not in page.source


def test_a_colleague_sees_it_and_a_stranger_does_not(clinic: Clinic) -> None:
    keep(clinic.joy)
    assert "Low mood, Durham" in clinic.sam.get(PAGE).main.text
    assert "Somebody else in your team gets letters" in clinic.sam.get(PAGE).main.text
    assert "Low mood" not in clinic.stranger.get(PAGE).main.text


@pytest.mark.parametrize(("name", "words"), [("", "Give the search a name."), ("x" * 101, "This is too long"),
                                             ("low mood, DURHAM", "Your team has a search of this name.")])
def test_a_name_that_cannot_be_is_said_at_the_field(clinic: Clinic, name: str, words: str) -> None:
    keep(clinic.joy)
    page = clinic.joy.send(clinic.joy.get(PAGE), PAGE, {"name": name})
    assert page.status == 422
    assert words in page.of_class("errors")[0].text
    assert page.one("input", id="name")["value"] == name
    assert len(kept(clinic)) == 1


def test_there_must_be_a_search_that_can_be_kept(clinic: Clinic) -> None:
    token = clinic.joy.get("/provider/team").form("/account/sign-out")
    page = clinic.joy.pages.post(PAGE, {**token, "name": "Nothing"})
    assert (page.status, kept(clinic)) == (422, [])
    assert "There is no search to save right now." in page.main.text
    look_for(clinic.joy, needs_text="zqwords zqmore", **{"near.text": "27701"})
    page = clinic.joy.send(clinic.joy.get(PAGE), PAGE, {"name": "Nothing"})
    assert (page.status, kept(clinic)) == (422, [])


def test_answers_that_somebody_gave_about_themselves_are_not_the_teams(clinic: Clinic) -> None:
    need = clinic.joy.get("/find/need")
    clinic.joy.pages.post("/find/need", {**need.form("/find/need"), "needs": ["depression"]})
    where = clinic.joy.get("/find/where")
    clinic.joy.pages.post("/find/where", {**where.form("/find/where"), "near.text": "27701"})
    assert "may fit" in clinic.joy.get("/results").heading
    page = clinic.joy.get(PAGE)
    assert page.all("input", id="name") == []
    token = page.form("/account/sign-out")
    assert clinic.joy.pages.post(PAGE, {**token, "name": "Mine"}).status == 422
    assert kept(clinic) == []


def test_opening_it_begins_a_search_for_somebody_new(clinic: Clinic) -> None:
    keep(clinic.joy, code="K7-41")
    page = deed(clinic.joy, "open")
    assert page.path == "/provider/new"
    form = page.form("/provider/new")
    assert form["near.text"] == ["Durham, NC 27701"]
    assert form["code"] == [""]
    assert form["scores.phq9"] == [""]
    assert "River Circle 1" in page.main.text


def test_what_is_new_stands_there_until_somebody_looks(clinic: Clinic) -> None:
    keep(clinic.joy)
    assert clinic.joy.get(PAGE).of_class("tag") == []
    add_group(clinic, 7, 8)
    page = clinic.sam.get(PAGE)
    assert page.of_class("tag")[0].text == "2 new"
    assert "River Circle 7" in page.main.text
    deed(clinic.sam, "seen")
    assert clinic.joy.get(PAGE).of_class("tag") == []


def test_letters_are_written_once_and_can_be_turned_off(clinic: Clinic) -> None:
    keep(clinic.joy)
    assert work(clinic) == {"told": 0}
    add_group(clinic, 7)
    assert work(clinic) == {"told": 1}
    assert work(clinic) == {"told": 0}
    (letter,) = letters(clinic.site.database)
    assert (letter.address, letter.facts) == ("joy@example.org", {"count": 1, "searches": 1})
    deed(clinic.sam, "no_letters")
    assert "Nobody gets letters" in clinic.joy.get(PAGE).main.text
    add_group(clinic, 8)
    clinic.site.wait(90_000)
    assert work(clinic) == {"told": 0}
    deed(clinic.colleague("sam"), "letters")
    assert work(clinic) == {"told": 1}
    assert [one.address for one in letters(clinic.site.database)] == ["joy@example.org", "sam@example.org"]


def test_a_search_is_renamed_and_deleted(clinic: Clinic) -> None:
    keep(clinic.joy)
    deed(clinic.joy, "rename", name="Other name")
    assert kept(clinic)[0].name == "Other name"
    page = deed(clinic.joy, "rename", name=" ")
    assert page.status == 422
    assert "Give the search a name." in page.of_class("errors")[0].text
    assert deed(clinic.joy, "nonsense").status == 404
    deed(clinic.joy, "delete")
    assert kept(clinic) == []


def test_a_search_that_no_intake_can_be_any_more_breaks_nothing(clinic: Clinic) -> None:
    keep(clinic.joy)
    with clinic.site.database.transaction() as session:
        searches.of_team(session, clinic.team)[0].intake = {"needs": ["gone_topic"]}
    assert "0 groups fit well now." in clinic.joy.get(PAGE).main.text
    assert work(clinic) == {"told": 0}
    assert deed(clinic.joy, "open").path == "/provider/new"


def test_who_has_left_the_team_is_not_said_to_get_letters(clinic: Clinic) -> None:
    keep(clinic.sam)
    with clinic.site.database.transaction() as session:
        people.take(session, clinic.sam.id, Role.PROVIDER, scope=Scope.TEAM, value=str(clinic.team))
    assert "Nobody gets letters" in clinic.joy.get(PAGE).main.text


def test_a_search_is_saved_from_the_shortlist_itself(clinic: Clinic) -> None:
    look_for(clinic.joy)
    page = clinic.joy.send(clinic.joy.get("/provider/new"), PAGE, {"name": "Low mood, Durham"})
    assert page.path == PAGE
    assert [one.name for one in kept(clinic)] == ["Low mood, Durham"]
