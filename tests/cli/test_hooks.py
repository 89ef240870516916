from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook

from finder.db import Database
from finder.hooks.models import Hook
from finder.outbox import HOOK, LEASE, Message
from tests import databases
from tests.cli.conftest import listing
from tests.hooks.receiver import served

ROOT = Path(__file__).resolve().parents[2]
URL = "https://example.org/in?key=canary"
COMMANDS = ("add", "list", "pause", "resume", "remove", "rotate", "ping")


@pytest.fixture
def made(finder):
    """An instance with one listing."""
    bring(finder, 1)
    return finder


def bring(finder, *numbers):
    code, _, err = finder("import", finder.file("a.json", [listing(one) for one in numbers]), "--format", "listing",
                          "--source", "test")
    assert code == 0, err


def database(finder):
    return Database(databases.address(finder.folder / "instance" / "finder.db"))


def add(finder, url=URL, name="County line", *more):
    code, out, err = finder("hook", "add", url, "--name", name, *more)
    assert code == 0, err
    return out.strip()


def hooks(finder):
    return json.loads(finder("hook", "list", "--json")[1])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(finder, command):
    code, out, err = finder("hook", command, "--help")
    assert (code, err) == (0, "")
    assert f"finder hook {command}" in out.partition("Example:\n")[2].splitlines()[0]


def test_there_must_be_an_instance(finder):
    code, _, err = finder("hook", "list")
    assert code == 1
    assert "finder init" in err


@pytest.mark.sqlite  # it looks into the file
def test_the_secret_is_printed_once_alone_on_the_output(made):
    code, out, err = made("hook", "add", URL, "--name", " County line ")
    assert code == 0
    assert Webhook(out.strip())
    assert out.startswith("whsec_")
    assert "whsec_" not in err
    assert "whsec_" not in "".join(made("hook", "list")[1:] + made("hook", "list", "--json")[1:])
    assert out.strip().encode() not in (made.folder / "instance" / "finder.db").read_bytes()


def test_the_list_says_how_each_is_doing_and_no_password_in_an_address(made):
    add(made)
    code, out, err = made("hook", "list")
    assert (code, out) == (0, "County line  https://example.org/in?…  is told\n")
    assert "1 in all" in err
    (one,) = hooks(made)
    assert (one["name"], one["url"], one["state"], one["anywhere"], one["error"]) == (
        "County line", "https://example.org/in?…", "on", False, None)
    bring(made, 1, 2)
    assert "behind" in made("hook", "list")[1]


@pytest.mark.parametrize(("url", "name", "said"), [
    ("http://example.org/in", "A", "--anywhere"), ("https://10.0.0.1/in", "A", "--anywhere"),
    ("https://example.org:8443/", "A", "--anywhere"), ("ftp://example.org/", "A", "https://"),
    ("nonsense", "A", "https://"), ("", "A", "web address"), ("https://a@example.org/", "A", "plain web address"),
    ("https://example.org/b", "", "--name"), ("https://example.org/b", "a" * 101, "100"),
    ("https://example.org/b", "a\x01", "signs"), ("https://example.org/b", "COUNTY LINE", "that name"),
    (URL, "B", "already")], ids=str)
def test_what_does_not_fit_is_said_in_one_sentence(made, url, name, said):
    add(made)
    code, out, err = made("hook", "add", url, "--name", name)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert said in err
    assert len(hooks(made)) == 1


def test_a_hook_is_paused_resumed_given_a_new_secret_and_removed(made):
    first = add(made)
    assert made("hook", "pause", "county line")[0] == 0
    assert hooks(made)[0]["state"] == "off"
    assert made("hook", "resume", hooks(made)[0]["id"])[0] == 0
    assert hooks(made)[0]["state"] == "on"
    code, out, _ = made("hook", "rotate", "County line")
    assert code == 0
    assert out.startswith("whsec_")
    assert out.strip() != first
    assert made("hook", "remove", "County line")[0] == 0
    assert hooks(made) == []


@pytest.mark.parametrize("command", ["pause", "resume", "remove", "rotate", "ping"])
def test_one_that_is_not_there_is_named(made, command):
    code, out, err = made("hook", command, "Nobody")
    assert (code, out) == (1, "")
    assert "Nobody" in err


def test_a_ping_arrives_signed_and_says_who_sends_it(made):
    with served() as (url, calls):
        secret = add(made, url, "Near", "--anywhere")
        code, _, err = made("hook", "ping", "Near")
    assert code == 0
    assert "has taken" in err
    (call,) = calls
    said = Webhook(secret).verify(call.body, dict(call.headers))
    assert set(said) == {"type", "timestamp", "instance"}
    assert said["type"] == "ping"
    assert call.path == "/in"


@pytest.mark.parametrize(("status", "said"), [(500, "500"), (302, "302"), (410, "410")])
def test_a_ping_that_is_not_taken_says_why(made, status, said):
    with served(status) as (url, _):
        add(made, url, "Near", "--anywhere")
        code, _, err = made("hook", "ping", "Near")
    assert code == 1
    assert said in err
    assert hooks(made)[0]["state"] == "on"


def test_a_ping_to_where_nobody_is_says_so(made):
    add(made, "http://127.0.0.1:1/", "Near", "--anywhere")
    code, _, err = made("hook", "ping", "Near")
    assert code == 1
    assert "no answer" in err


def test_work_tells_what_was_imported_and_the_server_can_verify_it(made):
    with served() as (url, calls):
        secret = add(made, url, "Near", "--anywhere")
        bring(made, 1, 2, 3)
        code, out, err = made("work", "--once", "--json")
    assert code == 0
    assert json.loads(out)["hooks"] == {"written": 1, "sent": 1, "later": 0, "failed": 0}
    (call,) = calls
    assert len(Webhook(secret).verify(call.body, dict(call.headers))["changes"]) == 2


def test_both_secrets_sign_while_the_other_side_changes_over(made):
    with served() as (url, calls):
        first = add(made, url, "Near", "--anywhere")
        second = made("hook", "rotate", "Near")[1].strip()
        made("hook", "ping", "Near")
    for secret in (first, second):
        assert Webhook(secret).verify(calls[0].body, dict(calls[0].headers))


def test_another_secret_of_the_instance_opens_nothing_and_is_said(made):
    add(made, "https://example.org/in", "Near")
    made.environ["FINDER_SECRET_KEY"] = "another secret of more than thirty-two letters"
    code, _, err = made("hook", "ping", "Near")
    assert code == 1
    assert "finder hook rotate" in err
    assert made("hook", "rotate", "Near")[0] == 0


@pytest.mark.sqlite  # a process of its own, which keeps a file
@pytest.mark.turns(3)
def test_a_process_that_is_killed_after_the_message_arrived_sends_it_again_by_the_same_name(made):
    came, running = [], []
    arrived = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            came.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            if len(came) == 1:
                arrived.wait(30)
                os.kill(running[0].pid, signal.SIGKILL)
                return
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        secret = add(made, f"http://127.0.0.1:{server.server_port}/", "Near", "--anywhere")
        bring(made, 1, 2)
        environ = {**made.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        running.append(subprocess.Popen([sys.executable, "-m", "finder", "work"], cwd=ROOT, env=environ,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        arrived.set()
        assert running[0].wait(timeout=60) == -signal.SIGKILL
        assert json.loads(made("work", "--once", "--json")[1])["hooks"]["sent"] == 0  # it may be on its way
        with database(made).transaction() as session:
            message = session.scalars(select(Message).where(Message.kind == HOOK)).one()
            assert (message.state, message.tries) == ("waiting", 1)
            message.due_at -= LEASE
        assert json.loads(made("work", "--once", "--json")[1])["hooks"]["sent"] == 1
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert len(came) == 2
    assert len({(headers["webhook-id"], body) for headers, body in came}) == 1
    for headers, body in came:
        assert Webhook(secret).verify(body, headers)
    with database(made).reading() as session:
        hook = session.scalars(select(Hook)).one()
    assert hook.told == database(made).catalog_version()
    assert hook.good_at - hook.made_at < timedelta(minutes=5)
