"""Listings that other instances keep: taken over once, by the nearest way, and taken down on their word."""

import uuid

import pytest
from sqlalchemy import select, update

from finder.catalog.models import CatalogState, Program, Source
from finder.listings import changes, removals
from finder.listings.edits import Departure, ImportReport, Incoming, compare, import_listings
from finder.listings.models import ImportRun, Revision
from finder.listings.undo import undo_import
from finder.listings.writing import Author
from tests.listings.database import NOW, make_database, take

HERE, A, B, C = (uuid.UUID(int=number) for number in range(1, 5))
BY = Author("steward:1", None)


def listing(number=1, **more):
    return {"format": "finder-listing/1", "id": f"g{number}", "name": f"Group {number}", "group_type": "peer_support",
            **more}


@pytest.fixture
def database(tmp_path):
    database = make_database(tmp_path)
    with database.transaction() as session:
        session.execute(update(CatalogState).values(instance_id=HERE))
    return database


def bring(database, *documents, source="From A", origin=A, direct=True, gone=(), **how):
    """One page of another instance's changes."""
    with database.transaction() as session:
        return import_listings(
            session, [Incoming(one, row, origin=origin, direct=direct) for row, one in enumerate(documents, 1)],
            source=source, now=NOW, **{"complete": False, "departed": gone, "idle": False, **how})


def rows(database, model=Program):
    with database.reading() as session:
        return list(session.scalars(select(model)))


def shown(database):
    """State and source of every program by its id there."""
    with database.reading() as session:
        return {key: (state, source) for key, state, source in session.execute(
            select(Program.source_key, Program.state, Source.name).join(Source))}


def gone(number, origin=A, direct=True, into=None):
    return Departure(f"g{number}", origin, direct, into)


def test_a_listing_knows_the_instance_that_keeps_it(database):
    report = bring(database, listing(1))
    assert (report.added, report.held) == (1, 0)
    assert [(one.origin, one.source_key) for one in rows(database)] == [(A, "g1")]


def test_what_is_not_named_stays(database):
    bring(database, listing(1), listing(2))
    report = bring(database, listing(2, name="New"))
    assert (report.changed, report.gone) == (1, 0)
    assert shown(database)["g1"] == ("published", "From A")


def test_a_page_that_changes_nothing_leaves_no_trace(database):
    bring(database, listing(1))
    version, imports = database.catalog_version(), len(rows(database, ImportRun))
    report = bring(database, listing(1), gone=[gone(7)])
    assert (report.unchanged, report.import_id) == (1, "")
    assert (database.catalog_version(), len(rows(database, ImportRun))) == (version, imports)


def test_a_page_with_rows_that_break_a_rule_is_noted(database):
    report = bring(database, {**listing(1), "group_type": "none"})
    assert report.import_id
    assert [one.field for one in report.refused] == ["group_type"]


# -- no echo ---------------------------------------------------------------------------------------------------------


def test_a_listing_of_this_instance_does_not_come_back(database):
    take(database, [listing(1)], source="Ours")
    (own,) = rows(database)
    report = bring(database, {**listing(9), "id": str(own.id), "name": "As others tell it"}, origin=HERE, direct=False)
    assert (report.held_why, report.added, len(rows(database))) == ({"echo": 1}, 0, 1)


def test_a_listing_that_is_here_by_another_way_does_not_come_twice(database):
    bring(database, listing(1))
    report = bring(database, listing(1, name="By another way"), source="From B", direct=False)
    assert report.held_why == {"elsewhere": 1}
    assert shown(database) == {"g1": ("published", "From A")}
    assert rows(database)[0].name == "Group 1"


@pytest.mark.parametrize("state", ["gone", "withheld", "deleted"])
def test_nor_when_it_is_out_of_sight_here(database, state):
    bring(database, listing(1))
    with database.transaction() as session:
        session.execute(update(Program).values(state=state))
    assert bring(database, listing(1), source="From B", direct=False).held_why == {"elsewhere": 1}
    assert shown(database) == {"g1": (state, "From A")}


def test_listings_of_two_instances_may_have_one_id(database):
    bring(database, listing(1), source="From A")
    report = bring(database, listing(1, name="Another group"), source="From B", origin=B)
    assert report.added == 1
    assert sorted((one.origin, one.name) for one in rows(database)) == [(A, "Group 1"), (B, "Another group")]


def test_of_two_listings_of_one_id_in_one_source_its_own_stays(database):
    bring(database, listing(1, name="Passed on"), source="From B", origin=A, direct=False)
    assert bring(database, listing(1, name="Passed on too"), source="From B", origin=C, direct=False).held_why == {
        "elsewhere": 1}
    report = bring(database, listing(1, name="Its own"), source="From B", origin=B)
    assert (report.changed, [(one.origin, one.name) for one in rows(database)]) == (1, [(B, "Its own")])
    assert bring(database, listing(1, name="Passed on"), source="From B", origin=A, direct=False).held_why == {
        "elsewhere": 1}
    assert bring(database, source="From B", gone=[gone(1, A, direct=False)]).gone == 0


# -- the instance that keeps it --------------------------------------------------------------------------------------


def test_the_instance_that_keeps_a_listing_takes_it_over_with_its_history(database):
    organization = {"name": "Open Door"}
    bring(database, listing(1, organization=organization), source="From B", direct=False)
    (before,) = rows(database)
    report = bring(database, listing(1, name="As A says", organization=organization))
    (after,) = rows(database)
    assert (report.changed, report.added, report.held) == (1, 0, 0)
    assert shown(database) == {"g1": ("published", "From A")}
    assert (after.id, after.slug, after.name, after.version) == (before.id, before.slug, "As A says", 2)
    assert len(rows(database, Revision)) == 2
    assert bring(database, listing(1, name="As B says"), source="From B", direct=False).held_why == {"elsewhere": 1}


def test_taking_over_a_listing_that_says_the_same_is_done_once(database):
    bring(database, listing(1), source="From B", direct=False)
    assert bring(database, listing(1)).import_id
    assert shown(database) == {"g1": ("published", "From A")}
    assert bring(database, listing(1)).import_id == ""


def test_a_word_of_the_instance_that_keeps_it_counts_against_those_who_pass_it_on(database):
    bring(database, listing(1), source="From B", direct=False)
    assert bring(database, gone=[gone(1)]).gone == 1
    assert shown(database) == {"g1": ("gone", "From A")}
    assert bring(database, listing(1), source="From B", direct=False).held_why == {"elsewhere": 1}


def test_those_who_pass_it_on_take_down_only_what_they_brought(database):
    bring(database, listing(1))
    assert bring(database, source="From B", gone=[gone(1, direct=False)]).gone == 0
    assert shown(database)["g1"] == ("published", "From A")


def test_a_listing_that_a_person_deleted_is_not_taken_over(database):
    bring(database, listing(1), source="From B", direct=False)
    (there,) = rows(database)
    with database.transaction() as session:
        changes.delete(session, there.id, base=1, author=BY, now=NOW)
    assert bring(database, listing(1)).held_why == {"deleted": 1}
    assert shown(database) == {"g1": ("deleted", "From B")}


def test_what_a_person_set_stays_when_it_is_taken_over(database):
    bring(database, listing(1), source="From B", direct=False)
    (there,) = rows(database)
    with database.transaction() as session:
        changes.change(session, there.id, base=1, author=BY, now=NOW, document=listing(1, name="Ours"))
    bring(database, listing(1, name="As A says", description="New"))
    (after,) = rows(database)
    assert (after.name, after.description) == ("Ours", "New")


def test_a_listing_of_before_takes_its_origin_from_the_first_page(database):
    take(database, [listing(1)], source="From A")
    assert bring(database, listing(1)).import_id
    assert rows(database)[0].origin == A


# -- those that are gone ---------------------------------------------------------------------------------------------


def test_what_the_source_says_is_gone_goes(database):
    bring(database, listing(1), listing(2))
    report = bring(database, gone=[gone(1), gone(99)])
    assert (report.gone, report.held) == (1, 0)
    assert shown(database) == {"g1": ("gone", "From A"), "g2": ("published", "From A")}
    assert bring(database, gone=[gone(1)]).import_id == ""


def test_what_is_gone_and_comes_again_is_published_again(database):
    bring(database, listing(1), listing(2))
    bring(database, gone=[gone(1)])
    assert bring(database, listing(1)).changed == 1
    assert shown(database)["g1"][0] == "published"


def test_many_that_go_at_once_are_held(database):
    bring(database, *(listing(number) for number in range(30)))
    leaving = [gone(number) for number in range(4)]
    report = bring(database, gone=leaving)
    assert (report.gone, report.held_why) == (0, {"many_gone": 4})
    assert bring(database, gone=leaving[:3]).gone == 3
    assert bring(database, gone=[gone(number) for number in range(10)], take_down_all=True).gone == 7


def test_a_listing_that_a_person_brought_back_stays(database):
    bring(database, listing(1), listing(2))
    bring(database, gone=[gone(1)])
    with database.transaction() as session:
        there = next(one for one in session.scalars(select(Program)) if one.source_key == "g1")
        changes.change(session, there.id, base=there.version, author=BY, now=NOW, state="published")
    assert bring(database, gone=[gone(1)]).held_why == {"person": 1}


def test_a_group_that_asked_not_to_be_listed_does_not_come_from_elsewhere(database):
    contact = {"phone": "919-555-0147"}
    take(database, [listing(5, name="Quiet Lantern", contact=contact)], source="Ours")
    (there,) = rows(database)
    with database.transaction() as session:
        removals.remove(session, there.id, base=1, author=BY, now=NOW)
    assert bring(database, listing(1, name="Quiet Lantern", contact=contact)).held_why == {"removed": 1}


# -- merged ones -----------------------------------------------------------------------------------------------------


def merged(database, number=1):
    there = {one.source_key: one for one in rows(database)}
    stands = there[f"g{number}"].merged_into
    return next((one.source_key for one in there.values() if one.id == stands), None)


def test_a_listing_that_was_made_one_with_another_leads_to_it_here(database):
    bring(database, listing(1), listing(2))
    bring(database, listing(2, name="Both"), gone=[gone(1, into=(A, "g2"))])
    assert (shown(database)["g1"][0], merged(database)) == ("gone", "g2")


def test_it_leads_nowhere_when_the_other_one_is_not_here(database):
    bring(database, listing(1), listing(2))
    bring(database, gone=[gone(1, into=(A, "g7"))])
    assert merged(database) is None


def test_it_leads_to_one_that_comes_with_the_same_page(database):
    bring(database, listing(1))
    bring(database, listing(2), gone=[gone(1, into=(A, "g2"))])
    assert merged(database) == "g2"


def test_it_leads_to_one_that_is_here_by_another_way(database):
    take(database, [listing(3)], source="Ours")
    (own,) = rows(database)
    bring(database, listing(1), listing(2))
    bring(database, listing(5), source="From B", origin=B)
    bring(database, source="From A", gone=[gone(1, into=(B, "g5")), gone(2, into=(HERE, str(own.id)))],
          take_down_all=True)
    assert (merged(database, 1), merged(database, 2)) == ("g5", "g3")


def test_one_that_is_told_apart_again_stands_for_itself(database):
    bring(database, listing(1), listing(2))
    bring(database, gone=[gone(1, into=(A, "g2"))])
    bring(database, listing(1))
    assert (shown(database)["g1"][0], merged(database)) == ("published", None)


def test_one_that_a_steward_made_one_with_another_stays_so(database):
    bring(database, listing(1), listing(2))
    there = {one.source_key: one for one in rows(database)}
    with database.transaction() as session:
        changes.change(session, there["g1"].id, base=1, author=BY, now=NOW, state="deleted",
                       more={"merged_into": there["g2"].id})
    assert bring(database, listing(1, name="New")).held_why == {"deleted": 1}
    assert merged(database) == "g2"


@pytest.mark.parametrize("how", ["undone", "restored"])
def test_one_that_is_brought_back_here_stands_for_itself(database, how):
    bring(database, listing(1), listing(2))
    report = bring(database, gone=[gone(1, into=(A, "g2"))])
    there = next(one for one in rows(database) if one.source_key == "g1")
    with database.transaction() as session:
        if how == "undone":
            undo_import(session, uuid.UUID(report.import_id), author=BY, now=NOW)
        else:
            changes.restore(session, there.id, 1, base=there.version, author=BY, now=NOW)
    assert (shown(database)["g1"][0], merged(database)) == ("published", None)


# -- all of them -----------------------------------------------------------------------------------------------------


def test_those_that_a_whole_walk_did_not_name_are_missing(database):
    bring(database, *(listing(number) for number in range(20)))
    report = bring(database, complete=True, seen={f"g{number}" for number in range(18)})
    assert (report.gone, report.unchanged) == (2, 0)
    report = bring(database, complete=True, seen={"g1"})
    assert report.held_why == {"many_gone": 17}


def test_a_look_says_what_the_page_will_do(database):
    bring(database, *(listing(number) for number in range(30)))
    bring(database, listing(50), source="From B", direct=False)
    page = [Incoming(listing(1, name="New"), 1, origin=A, direct=True), Incoming(listing(50), 2, origin=A, direct=True),
            Incoming(listing(51), 3, origin=HERE), Incoming(listing(52), 4, origin=A, direct=True)]
    leaving = [gone(2), gone(3)]
    said = ImportReport()
    with database.reading() as session:
        list(compare(session, page, source="From A", report=said, now=NOW, complete=False, departed=leaving))
    with database.transaction() as session:
        done = import_listings(session, page, source="From A", now=NOW, complete=False, departed=leaving,
                               expected=said.fingerprint)
    left_out = ("seconds", "import_id")
    assert {name: one for name, one in said.counts().items() if name not in left_out} == {
        name: one for name, one in done.counts().items() if name not in left_out}
    assert (done.added, done.changed, done.gone, done.held_why) == (1, 1, 2, {"echo": 1})


def test_a_listing_whose_place_another_one_took_with_it_does_not_come_again(database):
    bring(database, listing(1), source="From B", direct=False)
    bring(database, listing(1))  # which takes it over
    report = bring(database, listing(1), source="From B", origin=C, direct=False)  # A is called C by now
    assert (report.added, report.held_why) == (0, {"elsewhere": 1})
