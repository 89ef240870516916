from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from finder.__main__ import _build_services, _create_app
from finder.audit import chain
from finder.audit.chain import ENTRY, Deed
from finder.cli import audit as commands
from finder.cli.script import Instance
from finder.config import Settings
from finder.db import Database
from finder.secret import instance_secret, key_for
from tests import databases
from tests.audit.chains import UNGUARDED
from tests.cli.conftest import listing


@pytest.fixture
def instance(finder):
    finder("init")
    finder("import", finder.file("a.json", [listing(1), listing(2)]), "--format", "listing", "--source", "test")
    finder("user", "add", "joy@example.org", "--role", "administrator")
    return finder


def entries(finder, *more):
    return json.loads(finder("audit", "show", "--json", *more)[1])


def meddle(finder, *statements):
    database = Database(databases.address(finder.folder / "instance" / "finder.db"))
    with database.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    database.close()


def test_O3_commands_are_told_once_by_name_and_an_import_by_its_run(instance):
    code, out, err = instance("audit", "verify")
    assert code == 0, err
    found = entries(instance)
    names = [one["what"] for one in found if one["what"] != "command.init"]
    assert names == ["command.user.add", "command.import.source"]
    assert {one["channel"] for one in found} == {"command"}
    run = found[1]
    assert run["kind"] in ("run", "listing")
    assert run["facts"]["rows"]["program"] == 2
    assert instance("audit", "verify")[1] == out, "proving writes nothing"


def test_M6_an_import_that_changes_nothing_but_its_note_is_one_entry_at_most(instance):
    before = len(entries(instance))
    instance("import", instance.folder / "a.json", "--format", "listing", "--source", "test")
    assert len(entries(instance)) - before <= 1


def test_O3_no_address_and_no_name_is_in_the_audit(instance):
    said = json.dumps(entries(instance))
    assert "joy" not in said
    assert "Group number" not in said


def test_O3_entries_are_found_by_account_thing_and_day(instance):
    assert entries(instance, "--actor", "joy@example.org") == []
    assert entries(instance, "--since", "2999-01-01") == []
    assert len(entries(instance, "--since", "2020-01-01")) == len(entries(instance))
    one = next(one for one in entries(instance) if one["kind"] is not None)
    assert one in entries(instance, "--about", f"{one['kind']}:{one['about']}")
    assert "command.import" in instance("audit", "show")[1]


@pytest.mark.parametrize("wrong", [("--since", "yesterday"), ("--actor", "nobody@example.org"), ("--about", "listing")])
def test_what_cannot_be_looked_up_is_said_in_one_sentence(instance, wrong):
    code, out, err = instance("audit", "show", *wrong)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1


def test_O3_a_changed_entry_is_named_and_ends_with_an_error(instance):
    meddle(instance, UNGUARDED, "UPDATE audit_entry SET account_id = 7 WHERE number = 1")
    code, out, err = instance("audit", "verify", "--json")
    assert code == 1
    assert json.loads(out)["broken"] == 1
    assert "Entry 1 was changed" in err


def test_O3_a_database_put_back_is_told_and_taken_when_somebody_says_so(instance):
    assert instance("audit", "verify")[0] == 0
    last = entries(instance)[0]["number"]
    file = instance.folder / "instance" / "audit_head"
    file.write_text(json.dumps({"number": last + 3, "hash": "1" * 64}), encoding="utf-8")
    code, _, err = instance("audit", "verify")
    assert code == 1
    assert f"from {last + 1} on" in err
    assert instance("audit", "verify", "--after-restore")[0] == 0
    assert instance("audit", "verify")[0] == 0
    newest = entries(instance)[0]
    assert (newest["what"], newest["facts"]) == ("audit.restored", {"was": last + 3, "is": last})


def test_O3_another_secret_is_told_and_a_changed_entry_is_not_taken_for_a_restore(instance):
    (instance.folder / "instance" / "secret").write_text("x" * 40, encoding="utf-8")
    assert instance("audit", "verify")[0] == 1
    assert instance("audit", "verify", "--after-restore")[0] == 0
    meddle(instance, UNGUARDED, "UPDATE audit_entry SET account_id = 7 WHERE number = 1")
    assert instance("audit", "verify", "--after-restore")[0] == 1


def test_P11_the_daily_job_drops_what_is_two_years_old_and_proves_the_rest(instance):
    opened = Instance(instance.environ, _create_app, _build_services)
    services = opened.services
    later = datetime.now(UTC) + chain.KEPT + timedelta(days=1)
    before = len(entries(instance))
    assert commands.look_after(services, later) == {"dropped": before, "broken": 0}
    with services.database.reading() as session:
        assert session.execute(ENTRY.select()).mappings().one()["what"] == chain.PURGED
    with services.database.transaction() as session:
        chain.append(session.connection(), Deed("x", "job"), now=later, key=b"somebody else's")
    assert commands.look_after(services, later) == {"dropped": 0, "broken": 1}
    services.database.close()


def test_O3_work_tells_of_its_jobs_and_a_quiet_round_of_none(instance):
    instance("work", "--once")
    before = len(entries(instance))
    instance("work", "--once")
    assert len(entries(instance)) == before
    assert {one["what"].partition(".")[0] for one in entries(instance)} <= {"command", "job"}


def test_P11_a_referral_is_looked_up_by_its_id_though_the_audit_does_not_hold_it(instance):
    services = _build_services(Settings.from_env(instance.environ))
    secret = key_for(instance_secret(services.settings), "audit")
    with services.database.transaction() as session:
        chain.append(session.connection(), Deed("referral.read", "page", kind="referral", about="sWvSgjIdr5ItTLJmPEY"),
                     now=services.now(), key=secret)
    services.database.close()
    (found,) = entries(instance, "--about", "referral:sWvSgjIdr5ItTLJmPEY")
    assert found["what"] == "referral.read"
    assert "sWvSgjIdr5ItTLJmPEY" not in json.dumps(entries(instance))
    assert entries(instance, "--about", "referral:another") == []
