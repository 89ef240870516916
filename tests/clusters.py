"""A PostgreSQL server of the tests' own: made in a temporary folder, asked through a socket, and gone afterwards."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

REQUIRED = "FINDER_REQUIRE_DATABASE"  # set where a missing server is a failure, as in checks of a change
PEOPLE = ("postgres", "nobody")  # a server refuses to run as root
USER = "finder"
SECONDS = 60


def programs() -> Path:
    """The folder of the newest server's programs (version 15 or later), by its own rules or Debian's. Skips the test
    where there is none."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: -int(one.parent.name))
    for folder in (*folders, *newest):
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    if os.environ.get(REQUIRED):
        pytest.fail(f"{REQUIRED} is set and there is no PostgreSQL server: apt-get install postgresql")
    pytest.skip("no PostgreSQL server on this machine; apt-get install postgresql")


class Cluster:
    """One server. `lasting`: each change reaches the disk, for tests that end it by force; others are quicker without.

    `settings` are lines of postgresql.conf.
    """

    def __init__(self, *, lasting: bool = False, settings: Sequence[str] = (), data: Path | None = None) -> None:
        self.bin, self.folder = programs(), Path(mkdtemp(prefix="finder-pg-", dir="/tmp"))  # a socket's path is short
        self._who = _somebody()
        self.folder.chmod(0o755)
        self.own(self.folder)
        self.data, self.port = self.folder / "data", _free_port()
        if data is None:
            self.run("initdb", "-D", self.data, "-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C.UTF-8", "-N")
        else:
            shutil.copytree(data, self.data)
            for one in (self.data, *self.data.rglob("*")):
                self.own(one)
        quick = () if lasting else ("fsync = off", "full_page_writes = off", "synchronous_commit = off")
        own = (f"port = {self.port}", f"unix_socket_directories = '{self.folder}'", "listen_addresses = ''",
               "max_connections = 200", *quick, *settings)
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\n" + "\n".join(own) + "\n")

    def start(self) -> None:
        """Starts it. After a kill it may take a moment until the last of its processes has let go of its memory."""
        until = time.monotonic() + SECONDS
        while True:
            try:
                self.run("pg_ctl", "-D", self.data, "-w", "-t", SECONDS, "-l", self.folder / "log", "start")
                return
            except subprocess.CalledProcessError as wrong:
                said = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
                if time.monotonic() > until or "shared memory block" not in " ".join(said.splitlines()[-3:]):
                    raise RuntimeError(f"{wrong.stderr}\n{said[-2000:]}") from wrong
                time.sleep(0.2)

    def stop(self) -> None:
        """Ends it, whether it runs or not."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self.run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")

    def kill(self) -> None:
        """kill -9 of the whole server, as a power cut ends it; waits until none of its processes is left."""
        first = int((self.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        children = [int(one) for one in subprocess.run(["/usr/bin/pgrep", "-P", str(first)], capture_output=True,
                                                       text=True, check=False).stdout.split()]
        for number in (first, *children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        while any(_runs(number) for number in (first, *children)):
            time.sleep(0.01)
        for left in (self.data / "postmaster.pid", *self.folder.glob(".s.PGSQL.*.lock")):
            left.unlink()  # where nobody buries the dead, as in a container, the number that it names stays taken

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def address(self, name: str = "postgres") -> str:
        """The SQLAlchemy address of one of its databases."""
        return f"postgresql://{USER}@/{name}?host={self.folder}&port={self.port}"

    def run(self, program: str, *arguments: object, **how: Any) -> subprocess.CompletedProcess[str]:
        """Runs one of the server's programs as the user that the server runs as. Raises CalledProcessError."""
        keep = {**os.environ, "PGHOST": str(self.folder), "PGUSER": USER, **how.pop("env", {})}
        if hasattr(self, "port"):
            keep["PGPORT"] = str(self.port)
        who = {} if self._who is None else {"user": self._who.pw_uid, "group": self._who.pw_gid, "extra_groups": []}
        return subprocess.run([str(self.bin / program), *map(str, arguments)], check=True, text=True, cwd=self.folder,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=keep,
                              timeout=SECONDS * 5, **who, **how)

    def own(self, path: Path) -> None:
        """Gives a file to the user that the server runs as."""
        if self._who is not None:
            os.chown(path, self._who.pw_uid, self._who.pw_gid)


def _somebody() -> pwd.struct_passwd | None:
    if os.getuid() != 0:
        return None
    for name in PEOPLE:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("a server refuses to run as root, and there is nobody else")


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def _runs(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state != "Z"
