import time

import pytest

from finder.errors import Conflict, NotFound
from finder.listings import changes, removals
from finder.listings.removals import Removals
from finder.listings.writing import Author
from finder.search import synthetic
from tests.listings.database import NOW, make_database, take
from tests.listings.test_edits import EVENING, listing, published

STEWARD = Author("steward:1")
HALL = {**EVENING, "location": {**EVENING["location"], "address_1": "12 Church Street", "postal_code": "28801"}}


def quiet(**more):
    return listing(1, name="Quiet Harbor Grief Circle", sessions=[HALL], contact={"phone": "828-555-0100"}, **more)


@pytest.fixture
def database(tmp_path):
    database = make_database(tmp_path)
    take(database, [quiet(), listing(2)], source="One")
    return database


def remove(database, key="g1"):
    program = published(database)[key]
    with database.transaction() as session:
        there = changes.find(session, program.id)
        return removals.remove(session, there.id, base=there.version, author=STEWARD, now=NOW, reason="They asked.").id


def test_a_group_that_asked_not_to_be_listed_is_not_brought_back_by_its_own_source(database):
    remove(database)
    report = take(database, [quiet(description="New."), listing(2)], source="One")
    assert (report.held, report.held_why, list(published(database))) == (1, {"deleted": 1}, ["g2"])


@pytest.mark.parametrize("other", [
    quiet(), quiet(description="As another list has it.", organization={"name": "Harbor House"}),
    listing(7, name="Quiet Harbor Grief Circle", contact={"phone": "(828) 555-0100"}),
    listing(7, name="QUIET HARBOR GRIEF CIRCLE", contact={"phone": "828-555-0100"}, sessions=[
        {**EVENING, "start_time": "10:00", "location": {"city": "Raleigh", "state": "NC"}}]),
], ids=["the same", "with other words", "name and number only", "moved to another town and time"])
def test_nor_by_any_other_source(database, other):
    remove(database)
    report = take(database, [other], source="Two")
    assert (report.added, report.held, report.held_why) == (0, 1, {"removed": 1})
    assert list(published(database)) == ["g2"]


@pytest.mark.parametrize("other", [
    listing(7, name="Quiet Harbor Grief Circle", sessions=[
        {**EVENING, "location": {"city": "Portland", "state": "OR", "address_1": "1 Elm Street"}}],
            contact={"phone": "503-555-0199"}),
    listing(7, name="Morning Recovery", sessions=[HALL]),
], ids=["a group of the same name far away", "another group in the same house"])
def test_other_groups_are_taken_in(database, other):
    remove(database)
    assert take(database, [other], source="Two").added == 1


def test_one_that_another_source_had_dropped_does_not_come_back_either(database):
    take(database, [quiet(), listing(5)], source="Two")
    take(database, [listing(5)], source="Two")
    remove(database)
    report = take(database, [quiet(), listing(5)], source="Two")
    assert (report.changed, report.held_why) == (0, {"removed": 1})


def test_a_lifted_removal_holds_nothing(database):
    number = remove(database)
    with database.transaction() as session:
        removals.lift(session, number, now=NOW)
    assert take(database, [quiet()], source="Two").added == 1
    with pytest.raises(NotFound), database.transaction() as session:
        removals.lift(session, number, now=NOW)


def test_taking_a_removal_back_brings_the_listing_back(database):
    before = published(database)["g1"].document
    number = remove(database)
    with database.transaction() as session:
        removals.undo(session, number, author=STEWARD, now=NOW)
    assert published(database)["g1"].document == before


def test_a_removal_by_somebody_who_read_an_older_version_is_refused(database):
    program = published(database)["g1"].id
    with pytest.raises(Conflict), database.transaction() as session:
        removals.remove(session, program, base=7, author=STEWARD, now=NOW)
    with database.reading() as session:
        assert removals.all_standing(session) == []


def test_removals_are_listed_with_their_reason(database):
    remove(database)
    with database.reading() as session:
        (found,) = removals.all_standing(session)
    assert (found.name, found.reason) == ("Quiet Harbor Grief Circle", "They asked.")


def test_comparing_costs_little_for_each_new_listing():
    held = Removals((number, one) for number, one in enumerate(synthetic.documents(20)))
    rows = list(synthetic.documents(600))[100:]
    begun = time.process_time()
    for one in rows:
        held.hold(one)
    assert (time.process_time() - begun) / len(rows) < 0.002
