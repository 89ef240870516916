import json
from datetime import UTC, datetime

from sqlalchemy import select

from finder.catalog.models import Program
from finder.db import Database
from finder.listings import reports
from tests import databases
from tests.cli.conftest import listing

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def report(finder, kind, note=""):
    database = Database(databases.address(finder.folder / "instance" / "finder.db"))
    with database.transaction() as session:
        program = session.scalars(select(Program.id)).first()
        reports.send(session, program, kind=kind, note=note, sender="", now=NOW)


def test_a_steward_sees_what_waits_and_closes_it(finder):
    finder("import", finder.file("a.json", [listing(1)]), "--format", "listing", "--source", "test")
    report(finder, "time", "At six\nnow")
    report(finder, "unsafe")
    code, out, _ = finder("reports", "--json")
    assert code == 0
    assert [(one["number"], one["kind"]) for one in json.loads(out)] == [(2, "unsafe"), (1, "time")]
    assert "    At six\n    now" in finder("reports")[1]
    assert finder("reports", "close", "2")[0] == 0
    assert [one["number"] for one in json.loads(finder("reports", "--json")[1])] == [1]


def test_a_number_that_does_not_exist_is_said(finder):
    finder("import", finder.file("a.json", [listing(1)]), "--format", "listing", "--source", "test")
    code, _, err = finder("reports", "close", "99")
    assert code == 1
    assert "There is no report 99." in err
