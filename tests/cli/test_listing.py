import json
from datetime import UTC, datetime

import pytest

from finder.accounts import people
from finder.catalog.rows import program_id
from finder.db import Database
from finder.listings import changes
from finder.listings.writing import Author
from tests import databases
from tests.cli.conftest import listing

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PROGRAM = program_id("test", "l1")


@pytest.fixture
def instance(finder):
    """Two listings; Joy has changed both."""
    finder("import", finder.file("a.json", [listing(1), listing(2)]), "--format", "listing", "--source", "test")
    database = Database(databases.address(finder.folder / "instance" / "finder.db"))
    with database.transaction() as session:
        joy = people.find_or_make(session, "joy@example.org", now=NOW).id
        for number in (1, 2):
            there = changes.find(session, program_id("test", f"l{number}"))
            changes.change(session, there.id, base=1, author=Author(f"operator:{joy}", joy), now=NOW,
                           document={**there.document, "name": "Buy pills"}, reason="Better")
    finder.database = database
    return finder


def name_of(instance):
    with instance.database.reading() as session:
        return changes.find(session, PROGRAM).document["name"]


def test_history_shows_every_change(instance):
    code, out, _ = instance("listing", "history", PROGRAM)
    assert code == 0
    newest, reason, first = out.splitlines()
    assert newest.split()[0] == "2"
    assert newest.endswith("operator:1  name")
    assert reason.strip() == "Better"
    assert "import:test" in first
    steps = json.loads(instance("listing", "history", PROGRAM, "--json")[1])
    assert [one["after"]["name"] for one in steps] == ["Buy pills", "Group number 1"]


def test_any_version_is_shown(instance):
    assert json.loads(instance("listing", "show", PROGRAM)[1])["name"] == "Buy pills"
    assert json.loads(instance("listing", "show", PROGRAM, "--version", 1)[1])["name"] == "Group number 1"


def test_O4_a_version_is_put_back(instance):
    code, _, err = instance("listing", "restore", PROGRAM, 1, "--reason", "Defaced")
    assert (code, err.strip()) == (0, "It is as in version 1 again (published). That is version 3.")
    assert name_of(instance) == "Group number 1"
    assert "It was like that already." in instance("listing", "restore", PROGRAM, 1)[2]


def test_O4_what_an_account_did_is_first_shown_then_taken_back(instance):
    code, out, err = instance("listing", "revert-account", "Joy@example.org", "--dry-run")
    assert (code, len(out.splitlines())) == (0, 2)
    assert "Nothing was changed." in err
    assert name_of(instance) == "Buy pills"
    code, _, err = instance("listing", "revert-account", "joy@example.org", "--reason", "Stolen account")
    assert (code, err.strip()) == (0, "2 listings are as they were.")
    assert name_of(instance) == "Group number 1"


@pytest.mark.parametrize(("since", "changed"), [("2026-11-24", 2), ("2026-11-25", 0)])
def test_only_what_came_since_a_day_is_taken_back(instance, since, changed):
    err = instance("listing", "revert-account", "joy@example.org", "--since", since)[2]
    assert f"{changed} listings are as they were." in err


@pytest.mark.parametrize(("arguments", "said"), [
    (["history", "nothing"], "There is no listing nothing."),
    (["show", "nothing"], "There is no listing nothing."),
    (["show", PROGRAM, "--version", 9], "This listing has no version 9."),
    (["restore", PROGRAM, 9], "This listing has no version 9."),
    (["revert-account", "nobody@example.org"], "There is no account nobody@example.org."),
    (["revert-account", "joy@example.org", "--since", "soon"], "Write the day as in 2027-01-14."),
], ids=str)
def test_what_cannot_be_done_is_said_in_one_sentence(instance, arguments, said):
    code, out, err = instance("listing", *arguments)
    assert (code, out, err.strip()) == (1, "", said)


def test_without_an_instance_nothing_is_there(finder):
    assert "There is no instance here yet." in finder("listing", "show", "x")[2]
