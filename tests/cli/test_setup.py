import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing

import pytest

from finder.cli.probing import Unanswered, steps
from finder.cli.script import Failure
from finder.cli.server import address, check_port, free_port
from finder.config import ROOT
from tests.cli.conftest import listing

HOST = "127.0.0.1"
START_SECONDS = 60


@pytest.mark.sqlite  # it looks for the file
def test_an_instance_is_made_once_and_again_without_harm(finder):
    for _ in range(2):
        code, out, err = finder("init")
        assert code == 0
        assert re.fullmatch(r"http://127\.0\.0\.1:8000/account/setup/[\w-]{43}\n", out)  # one line for whoever is first
        assert "ready" in err
    assert (finder.folder / "instance" / "finder.db").exists()


def test_running_without_an_instance_says_how_to_make_one(finder):
    code, _, err = finder("run")
    assert code == 1
    assert "finder init" in err


@pytest.mark.sqlite  # it writes into the file
@pytest.mark.parametrize("command", ["init", "run", "demo"])
def test_C7_an_older_program_leaves_a_newer_database_alone_and_says_so(finder, command):
    finder("init")
    held = sqlite3.connect(finder.folder / "instance" / "finder.db")
    with closing(held), held:
        held.execute("UPDATE alembic_version SET version_num = '9999_later'")
    code, _, err = finder(command)
    assert code == 1
    assert "newer Finder" in err
    assert len(err.splitlines()) == 1


def test_a_demonstration_does_not_mix_with_real_listings(finder):
    finder("import", finder.file("real.json", [listing(1)]), "--format", "listing", "--source", "real")
    code, _, err = finder("demo")
    assert code == 1
    assert "real listings" in err


def test_a_port_in_use_is_told_plainly():
    with socket.socket() as held:
        held.bind((HOST, 0))
        held.listen()
        with pytest.raises(Failure, match="--port"):
            check_port(HOST, held.getsockname()[1])


def test_a_free_port_can_be_used():
    check_port(HOST, free_port(HOST))


@pytest.mark.parametrize(("host", "shown"), [
    ("127.0.0.1", "http://127.0.0.1:8000/"), ("0.0.0.0", "http://127.0.0.1:8000/"), ("::1", "http://[::1]:8000/"),
    ("::", "http://[::1]:8000/"), ("example.org", "http://example.org:8000/"),
])
def test_the_address_is_one_a_browser_understands(host, shown):
    assert address(host, 8000) == shown


def test_a_silent_site_fails_the_check():
    with pytest.raises(Unanswered):
        list(steps(address(HOST, free_port(HOST))))


def start(folder, *arguments):
    env = {**os.environ, "FINDER_INSTANCE": str(folder), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-m", "finder", *arguments], env=env, cwd=folder, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.turns(3)
def test_the_demonstration_checks_itself_twice_over(tmp_path):
    for _ in range(2):
        child = start(tmp_path, "demo", "--check")
        out, err = child.communicate(timeout=120)
        assert child.returncode == 0, err
        assert out == ""
        assert re.search(r"A search finds [1-9][0-9]* programs", err)
        assert "works" in err


def test_P3_a_served_instance_logs_no_visitor_and_stops_when_told(tmp_path):
    port = free_port(HOST)
    start(tmp_path, "init").communicate(timeout=60)
    child = start(tmp_path, "run", "--port", str(port), "--workers", "1")
    try:
        wait_for(child, port)
        with socket.create_connection((HOST, port), 10) as sent:
            sent.sendall(b"GET /api/v1/programs?q=canary\xff HTTP/1.1\r\nHost: x\r\n\r\n")
            assert sent.recv(100).startswith(b"HTTP/1.1 400")
        with urllib.request.urlopen(f"{address(HOST, port)}api/v1/programs?q=canary", timeout=20) as answer:
            assert answer.status == 200
        with urllib.request.urlopen(f"{address(HOST, port)}data", timeout=20) as answer:
            assert f"{address(HOST, port)}data/listings.csv" in answer.read().decode()
    finally:
        child.send_signal(signal.SIGTERM)
        out, err = child.communicate(timeout=30)
    assert child.returncode == 0
    assert address(HOST, port) in out
    assert "canary" not in out + err
    assert HOST not in err


def wait_for(child, port):
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and child.poll() is None:
        try:
            urllib.request.urlopen(f"{address(HOST, port)}healthz", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server did not start")
