from __future__ import annotations

import dataclasses
import json
import re
import sqlite3
from datetime import UTC, datetime, timedelta

import pyrage
import pytest

from finder import outbox
from finder.__main__ import _build_services
from finder.app import create_app
from finder.backup import keeping, quiet
from finder.cli import backup_jobs
from finder.cli.work import JOBS, Worker
from finder.config import Settings
from finder.db import Database
from finder.errors import Invalid
from tests.cli.conftest import listing
from tests.cli.test_work import OLD, database, take
from tests.web.test_disk_full import full_disk

pytestmark = pytest.mark.sqlite  # a server has its own backups

NIGHT = datetime(2026, 11, 27, backup_jobs.NIGHT_HOUR, 20, tzinfo=UTC)


def names(finder, *other):
    return [row[0] for row in sqlite3.connect(finder.folder.joinpath("instance", "finder.db", *other))
            .execute("SELECT name FROM program ORDER BY name")]


def backup(finder, *options):
    code, out, err = finder("backup", *options)
    assert code == 0, err
    return out.strip(), err


def test_D5_a_backup_is_made_proved_put_back_and_let_go_on(finder):
    take(finder, listing(1, **OLD))
    path, err = backup(finder)
    assert path.startswith(str(finder.folder / "instance" / "backups"))
    assert "not encrypted" in err
    take(finder, listing(1), listing(2))
    assert len(names(finder)) == 2
    code, out, err = finder("restore", path, "--verify")
    assert (code, out) == (0, "")
    assert "Every byte and every table" in err
    assert len(names(finder)) == 2
    code, _, err = finder("restore", path)
    assert code == 0, err
    assert "finder.db.before-" in err
    assert names(finder) == ["Group number 1"]
    code, out, err = finder("work", "--once", "--json")
    assert code == 0
    assert set(json.loads(out)) == {"backups"}
    assert "finder restore --confirm" in err
    assert finder("restore", "--confirm")[0] == 0
    assert set(json.loads(finder("work", "--once", "--json")[1])) == {job.name for job in JOBS}
    code, _, err = finder("restore", "--confirm")
    assert code == 1
    assert "Nothing waits here" in err


def waiting(finder):
    database_here = database(finder)
    with database_here.reading() as session:
        found = outbox.waiting(session, datetime(2100, 1, 1, tzinfo=UTC))
    database_here.close()
    return found


def wait(finder):
    database_here = database(finder)
    with database_here.transaction() as session:
        outbox.write(session, "sign_in", "joy@example.org", {}, now=datetime(2026, 1, 1, tzinfo=UTC))
        outbox.write(session, outbox.HOOK, "1", {}, now=datetime(2026, 1, 1, tzinfo=UTC))
    database_here.close()


@pytest.mark.parametrize(("options", "left"), [((), 1), (("--send-waiting",), 2)])
def test_D5_letters_that_waited_in_the_backup_go_only_when_a_steward_says_so(finder, options, left):
    take(finder, listing(1))
    wait(finder)
    path, _ = backup(finder)
    assert finder("restore", path)[0] == 0
    assert waiting(finder) == 2
    assert finder("restore", "--confirm", *options)[0] == 0
    assert waiting(finder) == left


def test_D5_browsers_that_were_signed_in_are_signed_out_and_links_to_sign_in_are_dead(finder):
    take(finder, listing(1))
    assert finder("user", "add", "joy@example.org", "--role", "administrator")[0] == 0
    path = finder.folder / "instance" / "finder.db"
    plain = sqlite3.connect(path)
    plain.execute("INSERT INTO sign_in (id, account_id, made_at, seen_at, fresh_at, second_step) SELECT x'00', id, "
                  "'2026-01-01', '2026-01-01', '2026-01-01', 1 FROM account")
    plain.commit()
    plain.close()
    assert finder("restore", backup(finder)[0])[0] == 0
    plain = sqlite3.connect(path)
    assert plain.execute("SELECT count(*) FROM sign_in").fetchone() == (0,)
    assert plain.execute("SELECT count(*) FROM token WHERE purpose IN ('sign_in', 'setup')").fetchone() == (0,)
    assert plain.execute("SELECT count(*) FROM account").fetchone() == (1,)
    plain.close()


def exported(path):
    """What an export says, but for the second in which it was written."""
    return re.sub(r"T\d\d:\d\d:\d\dZ", "T", path.read_text(encoding="utf-8"))


def test_D5_a_backup_is_put_back_into_an_empty_folder(finder):
    take(finder, listing(1))
    assert finder("export", "--format", "listing", "--out", finder.folder / "before.jsonl")[0] == 0
    path, _ = backup(finder)
    finder.environ["FINDER_INSTANCE"] = str(finder.folder / "elsewhere")
    code, _, err = finder("restore", path)
    assert code == 0, err
    code, out, _ = finder("restore", path, "--verify", "--json")
    assert json.loads(out)["tables"]["program"] == 1
    assert finder("export", "--format", "listing", "--out", finder.folder / "after.jsonl")[0] == 0
    before, after = (exported(finder.folder / f"{name}.jsonl") for name in ("before", "after"))
    assert after == before
    services = _build_services(Settings(instance=finder.folder / "elsewhere"))
    ready = create_app(services.settings, services=services).test_client().get("/readyz")
    assert (ready.status_code, ready.get_json()["programs"]) == (200, 1)
    services.database.close()


def test_D5_a_running_site_keeps_its_database(finder):
    take(finder, listing(1))
    path, _ = backup(finder)
    site = database(finder)
    site.catalog_version()
    code, _, err = finder("restore", path)
    assert code == 1
    assert "Stop both" in err
    site.close()
    assert quiet.found(finder.folder / "instance") is None


def test_D6_an_encrypted_backup_needs_its_key(finder, tmp_path):
    take(finder, listing(1))
    identity, other = (pyrage.x25519.Identity.generate() for _ in range(2))
    finder.environ["FINDER_BACKUP_KEY"] = str(identity.to_public())
    path, err = backup(finder, "--to", tmp_path / "far")
    assert path.startswith(str(tmp_path / "far"))
    assert "not encrypted" not in err
    key = finder.file("key.txt", f"# created: today\n# public key: {identity.to_public()}\n{identity}\n")
    assert finder("restore", path, "--verify", "--identity", key)[0] == 0
    wrong = finder.file("wrong.txt", f"{other}\n")
    for options, words in (((), "--identity"), (("--identity", wrong), "does not open this backup")):
        code, out, err = finder("restore", path, *options)
        assert (code, out) == (1, "")
        assert words in err
        assert len(err.strip().splitlines()) == 1


def test_D4_what_is_no_backup_is_refused_in_one_plain_sentence(finder):
    take(finder, listing(1))
    for name, text, words in (("a", "hello", "is no backup"), ("b", "finder-backup/1\nrest", "not as it was written")):
        code, _, err = finder("restore", finder.file(name, text))
        assert code == 1
        assert words in err
        assert len(err.strip().splitlines()) == 1
    assert names(finder) == ["Group number 1"]
    assert finder("backup", "--encrypt-to", "age1nonsense")[0] == 1
    assert finder("restore")[0] == finder("restore", finder.file("c", "x"), "--confirm")[0] == 2


def test_D8_a_database_on_a_server_is_told_its_own_way(finder):
    finder.environ["FINDER_DATABASE_URL"] = "postgresql+psycopg://finder:geheim@db.example/finder"
    code, _, err = finder("backup")
    assert code == 1
    assert "pg_dump --format=custom --file=finder.dump postgresql://finder@db.example/finder" in err
    code, _, restoring = finder("restore", finder.file("c", "x"))
    assert code == 1
    assert "pg_restore --exit-on-error --dbname=postgresql://finder@db.example/finder FILE" in restoring
    assert "geheim" not in err + restoring


def test_D6_a_night_brings_one_backup_however_often_work_is_started(finder):
    take(finder, listing(1))
    made = [json.loads(finder("work", "--once", "--json")[1])["backups"] for _ in range(3)]
    assert made == [{"made": 1, "deleted": 0}, {"made": 0, "deleted": 0}, {"made": 0, "deleted": 0}]
    finder.environ["FINDER_BACKUP_DIR"] = "off"
    assert json.loads(finder("work", "--once", "--json")[1])["backups"] == {"made": 0, "deleted": 0}


def test_D6_backups_come_at_night_and_a_missed_night_is_made_up_for():
    due = backup_jobs.is_due
    assert due(None, NIGHT)
    assert due(NIGHT - timedelta(days=1), NIGHT)
    assert due(NIGHT - timedelta(hours=12), NIGHT)
    assert not due(NIGHT, NIGHT + timedelta(minutes=30))
    assert not due(NIGHT, NIGHT + timedelta(hours=20))
    assert due(NIGHT, NIGHT + timedelta(hours=24))
    assert due(NIGHT + timedelta(days=400), NIGHT)


def test_D6_a_year_of_nights_keeps_no_more_than_it_should(finder, tmp_path):
    take(finder, listing(1))
    services = _build_services(Settings(instance=finder.folder / "instance", backup_dir=str(tmp_path / "far")))
    for day in range(60):
        counts = backup_jobs.look_after(services, NIGHT + timedelta(days=day))
        assert counts["made"] == 1
    kept = keeping.in_folder(tmp_path / "far")
    assert 9 <= len(kept) <= 17
    assert kept[-1].made_at == NIGHT + timedelta(days=59)
    services.database.close()


def test_D5_a_worker_that_runs_falls_quiet_when_an_instance_is_restored(finder, caplog):
    take(finder, listing(1))
    services = _build_services(Settings(instance=finder.folder / "instance"))
    jobs = [dataclasses.replace(job, run=lambda *_: {}) for job in JOBS]
    worker = Worker(services, jobs)
    quiet.begin(finder.folder / "instance", "2026-11-26T08:00:00+00:00", now=NIGHT)
    assert set(worker.round()) == {"backups"}
    assert worker.round() == {}
    quiet.end(finder.folder / "instance")
    assert set(worker.round()) == {job.name for job in JOBS} - {"backups"}
    assert caplog.text.count("restored from a backup") == 1
    services.database.close()


def test_D7_a_command_on_a_full_disk_says_that_the_disk_is_why(finder):
    take(finder, listing(1))
    with full_disk(4096):  # what is captured here goes into files, too
        code, _, err = finder("work", "--once")
    assert (code, "cannot be written: its disk is full" in err) == (1, True)
    path = finder.folder / "instance" / "finder.db"
    path.write_bytes(b"nothing of a database" * 1000)
    code, _, err = finder("work", "--once")
    assert (code, "`finder restore` puts a backup" in err) == (1, True)


def test_a_secret_key_is_never_taken_for_the_public_one():
    with pytest.raises(Invalid) as told:
        Settings.from_env({"FINDER_BACKUP_KEY": str(pyrage.x25519.Identity.generate())})
    assert "SECRET" not in repr(told.value.errors)


def test_a_note_made_by_hand_keeps_an_instance_quiet(tmp_path):
    (tmp_path / quiet.NOTE).touch()
    assert quiet.found(tmp_path) is not None
    assert quiet.end(tmp_path)
    assert not quiet.end(tmp_path)
    assert Database("sqlite://").knows("0001")
    assert not Database("sqlite://").knows("9999")
