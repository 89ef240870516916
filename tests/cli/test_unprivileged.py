"""A whole instance by somebody without rights: it works over code it cannot change, and nobody else can read it."""

import os
import stat
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest

from finder.cli.server import free_port

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
CHECK = "import os, finder.app; print(os.access(finder.app.__file__, os.W_OK))"


class Somebody:
    """Runs the script as nobody where the tests run as root, else as whoever runs them, who is not root."""

    def __init__(self, folder):
        self.dropped = os.geteuid() == 0
        if self.dropped:
            os.chown(folder, NOBODY, NOBODY)
        packages = [one for one in sys.path if one.endswith("site-packages")]
        self.environment = {"FINDER_INSTANCE": str(folder / "instance"), "PYTHONDONTWRITEBYTECODE": "1",
                            "PYTHONPATH": os.pathsep.join([str(ROOT), *packages]), "PATH": "/usr/bin:/bin",
                            "HOME": str(folder), "NUMBA_DISABLE_JIT": "1"}
        self.python = next((one for one in (sys.executable, "/usr/bin/python3") if self._can(one)), None)

    def start(self, *arguments, python=None, **more):
        who = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if self.dropped else {}
        return subprocess.Popen([python or self.python, *arguments], cwd="/", env=self.environment, umask=0o022,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **who, **more)

    def run(self, *arguments):
        child = self.start("-m", "finder", *arguments)
        said, wrong = child.communicate(timeout=120)
        assert child.returncode == 0, wrong.decode()
        return said.decode()

    def _can(self, python):
        try:
            child = self.start("-c", CHECK, python=python)
        except OSError:
            return False
        said, _ = child.communicate(timeout=60)
        if child.returncode:
            return False
        assert said.decode().strip() == str(not self.dropped)  # as nobody, the code may be read and not written
        return True


@pytest.fixture
def folder():
    """Not below pytest's own, which only whoever runs the tests may pass."""
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


@pytest.fixture
def somebody(folder):
    one = Somebody(folder)
    if one.python is None:
        pytest.skip("nobody may read this Python")
    return one


def until_answered(url, child):
    until = time.monotonic() + 90
    while time.monotonic() < until:
        assert child.poll() is None, child.stderr.read().decode()
        try:
            return urllib.request.urlopen(url, timeout=20).status
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer")


def open_to_others(instance):
    return {str(one.relative_to(instance.parent)): oct(stat.S_IMODE(one.lstat().st_mode))
            for one in (instance, *instance.rglob("*")) if stat.S_IMODE(one.lstat().st_mode) & 0o077}


@pytest.mark.turns(3)
def test_S6_an_instance_of_somebody_without_rights_works_and_is_for_its_owner_only(somebody, folder):
    somebody.run("init")
    port = free_port("127.0.0.1")
    server = somebody.start("-m", "finder", "run", "--port", str(port), "--workers", "1")
    try:
        for path in ("", "programs", "hsds/services?format=ndjson", "readyz"):
            assert until_answered(f"http://127.0.0.1:{port}/{path}", server) == 200
        assert open_to_others(folder / "instance") == {}
    finally:
        server.terminate()
        server.communicate(timeout=60)
    somebody.run("backup")
    there = {one.name for one in (folder / "instance").iterdir()}
    assert {"finder.db", "secret", "backups"} <= there
    assert open_to_others(folder / "instance") == {}
    assert {one.stat().st_uid for one in (folder / "instance").rglob("*")} == {
        NOBODY if somebody.dropped else os.geteuid()}
