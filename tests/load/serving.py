"""The site as operators run it (`finder run`), started, killed, reloaded and stopped by tests, and what it uses."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from finder.cli import probing
from finder.cli.server import address, free_port
from finder.config import ROOT
from finder.matching.compiled import Loops
from tests.conftest import SECRET

HOST = "127.0.0.1"
STOP_SECONDS, READY_SECONDS = 30, 240
PATIENCE = 70  # seconds; more than the longest wait for a turn to write
Answer = tuple[int, bytes, "http.client.HTTPMessage"]


class Line:
    """One line to the server, kept open and made anew where it broke."""

    def __init__(self, port: int, patience: float = PATIENCE) -> None:
        self.port, self._line = port, http.client.HTTPConnection(HOST, port, timeout=patience)

    def close(self) -> None:
        self._line.close()

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """Raises OSError or HTTPException where no whole answer comes."""
        try:
            self._line.request(method, path, body, {name.replace("_", "-"): one for name, one in headers.items()})
            answer = self._line.getresponse()
            return answer.status, answer.read(), answer.headers
        except (OSError, http.client.HTTPException):
            self._line.close()
            raise


@cache
def _compile() -> None:
    """Sees to it that servers find code and loops of a search compiled, as where Finder is installed: it is done once
    for a checkout, and would take the processor from what is measured."""
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(ROOT / "finder")], check=True)
    Loops().load()


class Served:
    """One instance and the server over it, in a group of processes of its own."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder, self.port = folder, free_port(HOST)
        self.url = address(HOST, self.port)
        # What programs ask for is limited by network, and here all come from one.
        self.environ = {**os.environ, "FINDER_INSTANCE": str(folder), "FINDER_SECRET_KEY": SECRET,
                        "FINDER_RATE_LIMITS": "off", "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1",
                        **environ}
        self.child: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "finder", *arguments]

    def start(self, *, wait: bool = True) -> None:
        _compile()
        with (self.folder / "said").open("ab") as said:
            self.child = subprocess.Popen(self.command("run", "--port", str(self.port)), env=self.environ,
                                          cwd=self.folder, stdout=said, stderr=said, start_new_session=True)
        if wait:
            probing.wait_until_alive(self.url, self.child)

    def ask(self, path: str) -> Answer:
        """One page on a line of its own; a file of all listings may take its time."""
        line = Line(self.port, READY_SECONDS)
        try:
            return line.ask("GET", path)
        finally:
            line.close()

    def ready(self) -> dict[str, Any]:
        """What /readyz says when all is there."""
        found: dict[str, Any] = {}

        def is_ready() -> bool:
            try:
                status, said, _ = self.ask("/readyz")
            except OSError:
                return False
            found.update(json.loads(said))
            return status == 200
        assert until(is_ready, READY_SECONDS), self.words()
        return found

    @property
    def pid(self) -> int:
        assert self.child is not None
        return self.child.pid

    def workers(self) -> list[int]:
        """The processes that answer."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(one) for one in children.read_text().split() if lives(int(one))]

    def kill(self) -> None:
        """Every process at once, as when the power fails but for what the machine itself remembers."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        if self.child is not None:
            self.child.wait()

    def stop(self) -> int:
        """Gently; gives the exit code, and leaves nothing behind however it went."""
        assert self.child is not None
        self.child.terminate()
        try:
            return self.child.wait(STOP_SECONDS)
        finally:
            self.kill()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another command of the same instance."""
        return subprocess.run(self.command(*arguments), env=self.environ, cwd=self.folder, capture_output=True,
                              text=True, check=False)

    def resident(self) -> int:
        """Bytes of memory of all processes that answer."""
        page = os.sysconf("SC_PAGE_SIZE")
        return sum(int(Path(f"/proc/{one}/statm").read_text().split()[1]) * page for one in self.workers())

    def files(self) -> int:
        """How many files and lines the processes that answer have open."""
        return sum(len(os.listdir(f"/proc/{one}/fd")) for one in self.workers())

    def log_bytes(self) -> int:
        """The size of SQLite's log."""
        log = self.folder / "finder.db-wal"
        return log.stat().st_size if log.exists() else 0

    def words(self) -> str:
        """What the server said since it was first started."""
        return (self.folder / "said").read_text(encoding="utf-8", errors="replace")


def lives(pid: int) -> bool:
    """Whether a process is there and has not ended, though nobody may have asked yet how."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


@contextmanager
def served(folder: Path, **environ: str) -> Iterator[Served]:
    """A server that runs, and is gone after the block."""
    site = Served(folder, **environ)
    try:
        site.start()
        yield site
    finally:
        if site.child is not None:
            site.kill()


def until(done: object, seconds: float) -> bool:
    """Whether something came true in time."""
    assert callable(done)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if done():
            return True
        time.sleep(0.05)
    return bool(done())
