import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from finder.accounts import tokens
from finder.accounts.models import Token
from finder.catalog.models import Program
from finder.cli.work import JOBS, Job, Worker
from finder.db import Database
from finder.listings.models import Pause
from tests import databases
from tests.cli.conftest import listing
from tests.mail.boxes import Rules, smtp_server
from tests.web.site import Site

OLD = {"verified": {"on": "2026-01-05", "method": "phone"}, "contact": {"email": "joy@example.org"}}
ROOT = Path(__file__).resolve().parents[2]


def take(finder, *listings):
    code, _, err = finder("import", finder.file("a.json", list(listings)), "--format", "listing", "--source", "test")
    assert code == 0, err


def database(finder):
    return Database(databases.address(finder.folder / "instance" / "finder.db"))


def test_once_asks_those_who_are_due_and_prints_the_letter(finder):
    take(finder, listing(1, **OLD))
    code, out, err = finder("work", "--once")
    assert code == 0
    assert "To: joy@example.org\n" in out
    assert "http://127.0.0.1:8000/mail/" in out
    done = {line["job"]: line["counts"] for line in map(json.loads, err.splitlines()) if line["event"] == "job_done"}
    assert done["reminders"] == "1 written"
    assert done["outbox"] == "1 sent"
    assert finder("work", "--once")[1] == ""


def test_once_as_json_prints_counts_and_letters_apart(finder):
    take(finder, listing(1, **OLD))
    code, out, err = finder("work", "--once", "--json")
    assert code == 0
    done = json.loads(out)
    assert set(done) == {job.name for job in JOBS}
    assert (done["reminders"], done["outbox"]) == ({"written": 1}, {"sent": 1, "later": 0, "failed": 0})
    assert "To: joy@example.org" in err


def test_letters_go_to_the_server_of_the_setting(finder):
    take(finder, listing(1, **OLD))
    rules = Rules()
    with smtp_server(rules) as at:
        finder.environ |= {"FINDER_MAIL_URL": f"smtp://{at}", "FINDER_MAIL_FROM": "Groups <list@example.org>"}
        code, out, _ = finder("work", "--once")
    (envelope,) = rules.letters
    assert (code, out) == (0, "")
    assert (envelope.mail_from, envelope.rcpt_tos) == ("list@example.org", ["joy@example.org"])


def test_a_server_that_is_away_is_no_failure_of_the_command(finder):
    take(finder, listing(1, **OLD))
    finder.environ["FINDER_MAIL_URL"] = "smtp://127.0.0.1:1"
    code, out, _ = finder("work", "--once", "--json")
    assert code == 0
    assert json.loads(out)["outbox"] == {"sent": 0, "later": 1, "failed": 0}


def test_a_pause_that_is_over_ends(finder):
    take(finder, listing(1, status="paused", **OLD))
    with database(finder).transaction() as session:
        program = session.query(Program).one()
        session.add(Pause(program_id=program.id, back_on=datetime.now(UTC).date(), by="contact"))
    code, out, _ = finder("work", "--once", "--json")
    assert json.loads(out)["pauses"] == {"ended": 1}
    with database(finder).reading() as session:
        assert session.query(Program).one().status is None


def test_links_that_ended_long_ago_are_forgotten(finder):
    take(finder, listing(1))
    with database(finder).transaction() as session:
        tokens.make(session, "check", now=datetime.now(UTC) - timedelta(days=61))
        tokens.make(session, "check", now=datetime.now(UTC))
    finder("work", "--once")
    with database(finder).reading() as session:
        assert session.query(Token).count() == 1


def test_there_must_be_an_instance(finder):
    code, _, err = finder("work", "--once")
    assert code == 1
    assert "finder init" in err


def test_json_goes_with_once(finder):
    assert finder("work", "--json")[0] == 2


# -- jobs ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path, [])


def test_P2_a_job_that_fails_stops_no_other_and_says_nothing_that_people_wrote(site, caplog):
    def break_down(services, now):
        raise ValueError("a canary that somebody typed")

    worker = Worker(site.app.extensions["finder"], [
        Job("broken", timedelta(minutes=1), break_down), Job("whole", timedelta(minutes=1), lambda *_: {"done": 1})])
    assert worker.round() == {"broken": None, "whole": {"done": 1}}
    assert worker.failed == 1
    (failed,) = [one.getMessage() for one in caplog.records if one.name == "finder.work"]
    assert failed.startswith("broken failed: ValueError at test_work.py:")
    assert "canary" not in caplog.text


def test_a_job_runs_when_it_is_its_time(site):
    worker = Worker(site.app.extensions["finder"], [
        Job("often", timedelta(minutes=1), lambda *_: {}), Job("seldom", timedelta(hours=1), lambda *_: {})])
    assert set(worker.round()) == {"often", "seldom"}
    assert worker.round() == {}
    site.wait(60)
    assert set(worker.round()) == {"often"}
    site.wait(3540)
    assert set(worker.round()) == {"often", "seldom"}


@pytest.mark.sqlite  # a process of its own, which keeps a file
def test_the_command_goes_on_until_it_is_told_to_end(finder):
    take(finder, listing(1, **OLD))
    letters = finder.folder / "letters"
    environ = {**finder.environ, "FINDER_MAIL_URL": letters.as_uri(), "PYTHONDONTWRITEBYTECODE": "1"}
    running = subprocess.Popen([sys.executable, "-m", "finder", "work"], cwd=ROOT, env=environ)
    try:
        until = time.monotonic() + 60
        while not list(letters.glob("*.eml")) and time.monotonic() < until:
            time.sleep(0.1)
        assert len(list(letters.glob("*.eml"))) == 1
        assert running.poll() is None
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=60) == 0
    finally:
        running.kill()
