from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from finder.accounts import people
from finder.accounts.permissions import Role, Scope
from finder.catalog.models import Organization
from finder.errors import Conflict, Invalid, NotFound
from finder.listings import changes, organizations, review
from finder.listings.changes import Listing
from finder.listings.review import Sender, Trust
from finder.listings.writing import Author
from tests.listings.database import NOW, make_database
from tests.make import make_listing, make_session

STEWARD, EDITOR = Sender(Trust.STEWARD, 1), Sender(Trust.EDITOR, 2)
OLD = {"name": "Lantern Street", "kind": "peer_run"}


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with make_database(tmp_path).transaction() as session:
        for name in ("one", "two"):
            people.find_or_make(session, f"{name}@example.org", now=NOW)
        yield session


def add(session: Session, name: str, state: str = "NC", **more: Any) -> Listing:
    document = make_listing(name=name, organization=OLD, sessions=[make_session(location={"state": state})], **more)
    return changes.add(session, document, author=Author("a test"), now=NOW)


def edit(session: Session, organization: uuid.UUID, sender: Sender, **wanted: Any) -> organizations.Edited:
    there = organizations.find(session, organization)
    return organizations.edit(session, organization, {**there.fields, **wanted}, mark=there.mark, sender=sender,
                              now=NOW)


def of(session: Session, listing: Listing) -> tuple[uuid.UUID | None, dict[str, Any]]:
    there = changes.find(session, listing.id)
    return there.organization_id, there.document["organization"]


def test_an_edit_shows_in_every_listing_under_the_same_id(session: Session) -> None:
    one, two = add(session, "One"), add(session, "Two")
    assert one.organization_id == two.organization_id
    done = edit(session, one.organization_id, STEWARD, name="Lantern House", phone="919-555-0101")
    assert (done.listings, done.waiting) == (2, ())
    for listing in (one, two):
        assert of(session, listing) == (one.organization_id, {**OLD, "name": "Lantern House", "phone": "919-555-0101"})


def test_each_listing_has_the_change_in_its_history(session: Session) -> None:
    one, two = add(session, "One"), add(session, "Two")
    edit(session, one.organization_id, EDITOR, name="Lantern House")
    for listing in (one, two):
        last = changes.history(session, listing.id)[0]
        assert last.before["organization"]["name"] == "Lantern Street"
        assert last.after["organization"]["name"] == "Lantern House"


def test_a_new_number_of_an_editor_waits_for_each_listing(session: Session) -> None:
    one, two = add(session, "One"), add(session, "Two")
    done = edit(session, one.organization_id, EDITOR, phone="919-555-0101", name="Lantern House")
    assert done.waiting == ("organization.phone",)
    assert of(session, one)[1] == {**OLD, "name": "Lantern House"}
    assert {waits.program_id for waits in review.waiting(session)} == {one.id, two.id}


def test_an_edit_from_an_older_reading_is_refused(session: Session) -> None:
    one = add(session, "One")
    mark = organizations.find(session, one.organization_id).mark
    edit(session, one.organization_id, STEWARD, name="Lantern House")
    with pytest.raises(Conflict):
        organizations.edit(session, one.organization_id, OLD, mark=mark, sender=STEWARD, now=NOW)


def test_what_is_wrong_is_named_and_nothing_changes(session: Session) -> None:
    one = add(session, "One")
    with pytest.raises(Invalid) as wrong:
        edit(session, one.organization_id, STEWARD, url="not a link")
    assert list(wrong.value.errors) == ["organization.url"]


def test_a_region_is_one_that_holds_all_its_groups(session: Session) -> None:
    one = add(session, "One")
    assert organizations.find(session, one.organization_id).states == {"US:NC"}
    add(session, "Two", "VA")
    assert organizations.find(session, one.organization_id).states == frozenset()


@pytest.mark.parametrize("key", ["nonsense", str(uuid.UUID(int=1))], ids=["no id", "an id"])
def test_what_is_not_there_is_not_found(session: Session, key: str) -> None:
    with pytest.raises(NotFound):
        organizations.find(session, key)


# -- rights follow an organization -----------------------------------------------------------------------------------


def editors(session: Session, organization: uuid.UUID | None) -> int:
    return len(people.with_grant(session, Role.OPERATOR, Scope.ORGANIZATION, str(organization)))


def rename(session: Session, listing: Listing, **organization: Any) -> Listing:
    there = changes.find(session, listing.id)
    return changes.change(session, listing.id, base=there.version, author=Author("a test"), now=NOW,
                          document={**there.document, "organization": organization})


def test_whoever_edits_an_organization_keeps_a_listing_that_spells_it_anew(session: Session) -> None:
    one, _ = add(session, "One"), add(session, "Two")
    people.give(session, 1, Role.OPERATOR, by="a test", now=NOW, scope=Scope.ORGANIZATION,
                value=str(one.organization_id))
    after = rename(session, one, name="Lantern Street, Inc.")
    assert after.organization_id != one.organization_id
    assert editors(session, after.organization_id) == editors(session, one.organization_id) == 1


def test_spelling_anothers_name_takes_over_nothing(session: Session) -> None:
    big = changes.add(session, make_listing(organization={"name": "Big Hospital"}), author=Author("a test"), now=NOW)
    small = add(session, "Small")
    people.give(session, 1, Role.OPERATOR, by="a test", now=NOW, scope=Scope.ORGANIZATION,
                value=str(small.organization_id))
    after = rename(session, small, name="Big Hospital")
    assert after.organization_id == big.organization_id
    assert editors(session, big.organization_id) == 0


def test_no_row_and_no_right_is_left_behind(session: Session) -> None:
    one = add(session, "One")
    people.give(session, 1, Role.OPERATOR, by="a test", now=NOW, scope=Scope.ORGANIZATION,
                value=str(one.organization_id))
    edit(session, one.organization_id, STEWARD, name="Lantern House")
    assert [row.id for row in session.query(Organization)] == [one.organization_id]
    assert [(one.scope, one.value) for one in people.grants_of(session, 1)] == [
        (Scope.ORGANIZATION, str(one.organization_id))]
