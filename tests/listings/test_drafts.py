from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from finder.accounts import people
from finder.errors import Conflict, Invalid, NotFound
from finder.listings import changes, drafts
from finder.listings.writing import Author
from tests.listings.database import NOW, make_database
from tests.make import make_listing

FORM = {"name": ["River Circle"], "focus": ["", "grief"]}


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with make_database(tmp_path).transaction() as session:
        yield session


@pytest.fixture
def joy(session: Session) -> int:
    return people.find_or_make(session, "joy@example.org", now=NOW).id


@pytest.fixture
def kim(session: Session) -> int:
    return people.find_or_make(session, "kim@example.org", now=NOW).id


def test_a_draft_is_kept_to_the_letter(session: Session, joy: int) -> None:
    kept = drafts.save(session, joy, FORM, now=NOW, base={"name": "Before"})
    found = drafts.find(session, kept.id, joy)
    assert (found.form, found.base, found.name) == (FORM, {"name": "Before"}, "River Circle")


def test_saving_again_changes_the_draft_and_its_mark_and_keeps_its_base(session: Session, joy: int) -> None:
    first = drafts.save(session, joy, FORM, now=NOW, base={"name": "Before"})
    second = drafts.save(session, joy, {"name": ["New"]}, now=NOW + timedelta(seconds=1), key=first.id)
    assert (second.id, second.base, second.form) == (first.id, {"name": "Before"}, {"name": ["New"]})
    assert second.mark != first.mark


def test_each_account_has_one_draft_of_a_listing(session: Session, joy: int, kim: int) -> None:
    listing = changes.add(session, make_listing(), author=Author("a test"), now=NOW)
    first = drafts.save(session, joy, FORM, now=NOW, program=listing.id, version=1)
    again = drafts.save(session, joy, {"name": ["New"]}, now=NOW, program=listing.id, version=2)
    assert (again.id, again.version) == (first.id, 2)
    assert drafts.of_listing(session, kim, listing.id) is None
    assert drafts.save(session, kim, FORM, now=NOW, program=listing.id, version=1).id != first.id


@pytest.mark.parametrize("deed", ["find", "save", "discard"])
def test_nobody_reaches_anothers_draft(session: Session, joy: int, kim: int, deed: str) -> None:
    key = drafts.save(session, joy, FORM, now=NOW).id
    with pytest.raises(NotFound):
        {"find": lambda: drafts.find(session, key, kim), "discard": lambda: drafts.discard(session, key, kim),
         "save": lambda: drafts.save(session, kim, FORM, now=NOW, key=key)}[deed]()
    assert drafts.find(session, key, joy).form == FORM


def test_there_is_an_end_to_the_length_and_the_number_of_drafts(session: Session, joy: int) -> None:
    with pytest.raises(Invalid):
        drafts.save(session, joy, {"description": ["a" * drafts.LONGEST]}, now=NOW)
    for _ in range(drafts.MOST_NEW):
        drafts.save(session, joy, FORM, now=NOW)
    with pytest.raises(Conflict):
        drafts.save(session, joy, FORM, now=NOW)


def test_a_discarded_draft_is_gone(session: Session, joy: int) -> None:
    key = drafts.save(session, joy, FORM, now=NOW).id
    drafts.discard(session, str(key), joy)
    with pytest.raises(NotFound):
        drafts.find(session, key, joy)


def test_drafts_that_nobody_touched_for_long_go(session: Session, joy: int) -> None:
    drafts.save(session, joy, FORM, now=NOW - drafts.KEPT - timedelta(days=1))
    fresh = drafts.save(session, joy, FORM, now=NOW)
    assert drafts.forget(session, NOW) == 1
    assert [one.id for one in drafts.of_account(session, joy)] == [fresh.id]


def test_what_is_no_id_names_no_draft(session: Session, joy: int) -> None:
    with pytest.raises(NotFound):
        drafts.find(session, "nothing", joy)
