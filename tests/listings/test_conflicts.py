import pytest

from finder.errors import Conflict, NotFound
from finder.listings import changes, conflicts
from finder.listings.writing import Author
from tests.listings.database import NOW, make_database, take
from tests.listings.test_edits import listing, published

STEWARD, OPERATOR = Author("steward:1"), Author("operator:7")


@pytest.fixture
def database(tmp_path):
    database = make_database(tmp_path)
    take(database, [listing(description="Old.", languages=["en"]), listing(2)])
    edit(database, description="Ours.", languages=["es"])
    take(database, [listing(description="Theirs.", languages=["en", "es"], led_by="peer"), listing(2)])
    return database


def edit(database, **fields):
    program = published(database)["g1"].id
    with database.transaction() as session:
        there = changes.find(session, program)
        changes.change(session, program, base=there.version, author=OPERATOR, now=NOW,
                       document={**there.document, **fields})


def waiting(database):
    with database.reading() as session:
        assert conflicts.count(session) >= len(conflicts.waiting(session))
        return conflicts.waiting(session)


def settle(database, *theirs, base=None):
    program = published(database)["g1"].id
    with database.transaction() as session:
        there = changes.find(session, program)
        return conflicts.settle(session, program, theirs=theirs, base=base or there.version, author=STEWARD, now=NOW)


def test_what_a_person_set_and_the_source_has_otherwise_waits(database):
    (one,) = waiting(database)
    assert one.fields == ("description", "languages")
    assert (one.listing.document["description"], one.feed["description"]) == ("Ours.", "Theirs.")


def test_the_source_decides_about_a_field_from_then_on(database):
    there = settle(database, "description")
    assert (there.document["description"], there.document["languages"]) == ("Theirs.", ["es"])
    assert list(there.kept_fields) == ["languages"]
    take(database, [listing(description="Newer.", languages=["en", "es"], led_by="peer"), listing(2)])
    found = published(database)["g1"].document
    assert (found["description"], found["languages"]) == ("Newer.", ["es"])


def test_taking_all_leaves_nothing_of_the_person(database):
    there = settle(database, "description", "languages")
    assert there.kept_fields == {}
    assert waiting(database) == []
    again = take(database, [listing(description="Theirs.", languages=["en", "es"], led_by="peer"), listing(2)])
    assert again.changed == 0


def test_keeping_ours_is_not_asked_again_until_the_source_says_something_new(database):
    settle(database)
    assert waiting(database) == []
    take(database, [listing(description="Theirs.", languages=["en", "es"], led_by="peer"), listing(2)])
    take(database, [listing(name="Renamed", description="Theirs.", languages=["en", "es"]), listing(2)])
    assert published(database)["g1"].document["description"] == "Ours."
    take(database, [listing(description="Again new.", languages=["en", "es"]), listing(2)])
    assert [one.feed["description"] for one in waiting(database)] == ["Again new."]


def test_choosing_on_an_older_version_is_refused(database):
    with pytest.raises(Conflict, match="stale"):
        settle(database, "description", base=1)
    assert published(database)["g1"].document["description"] == "Ours."


def test_where_both_agree_there_is_nothing_to_choose(database):
    with pytest.raises(NotFound), database.transaction() as session:
        conflicts.settle(session, published(database)["g2"].id, theirs=(), base=1, author=STEWARD, now=NOW)
    edit(database, description="Theirs.", languages=["en", "es"])
    assert waiting(database) == []


def test_the_choice_stands_in_history_under_the_stewards_name(database):
    settle(database, "description")
    with database.reading() as session:
        entry = changes.history(session, published(database)["g1"].id)[0]
    assert (entry.kind, entry.actor) == ("feed", "steward:1")
