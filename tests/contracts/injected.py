"""sqlmap, a tool that looks for places where a statement of the database can be changed from outside, and what it is
let loose on: addresses of every kind with all that they take."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

SECONDS = 1_800  # the longest that one address may take
HOLE = re.compile(r"identified the following injection|is vulnerable|appears to be '[^\n]*injectable|"
                  r"shows that [^\n]* might be (?:injectable|vulnerable)")
TRIED = re.compile(r"parameter '(?:JSON )?([^']+)' (?:does not seem to be injectable|appears to be ')")


def command() -> str | None:
    """Where the tool is; it lives beside, in an environment of its own."""
    return os.environ.get("FINDER_TEST_SQLMAP") or shutil.which("sqlmap")


@dataclass(frozen=True, slots=True)
class Target:
    """An address with what it takes: a query, a form, or JSON. A star in the path marks a part that is tried too."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    intake: Mapping[str, object] = field(default_factory=dict)
    kept: tuple[str, ...] = ()  # fields without which nothing behind the door is reached

    def arguments(self, site: str, headers: Mapping[str, str]) -> Iterator[str]:
        yield f"--url={site}{self.path}" + (f"?{urlencode(self.query)}" if self.query else "")
        if self.form:
            yield f"--data={urlencode(self.form)}"
        if self.intake:
            yield f"--data={json.dumps(self.intake)}"
        more = {"Origin": "null", "Sec-Fetch-Site": "same-origin"} if self.form else {}
        yield "--headers=" + "\n".join(f"{name}: {value}" for name, value in {**more, **headers}.items())
        yield "--skip=" + ",".join(("user-agent", "referer", "host", "cookie", *self.kept))

    @property
    def names(self) -> set[str]:
        """The parameters that must have been tried."""
        return (self.query.keys() | self.form.keys()) - set(self.kept)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the tool said: which parameters it tried, and what it takes for a hole."""

    tried: frozenset[str]
    holes: tuple[str, ...]
    said: str


def attack(folder: Path, arguments: Iterator[str], *, more: tuple[str, ...] = ()) -> Verdict:
    """Lets the tool loose on one address. Every test for SQLite of level 3 and risk 2, as fast as answers come."""
    tool = command()
    assert tool is not None
    ran = subprocess.run(
        [tool, *arguments, "--batch", "--level=3", "--risk=2", "--dbms=SQLite", "--ignore-redirects", "--ignore-code=*",
         "--threads=4", "--flush-session", "--disable-coloring", "--ignore-proxy", f"--output-dir={folder}", *more],
        capture_output=True, text=True, timeout=SECONDS, check=False, env={**os.environ, "HOME": str(folder)})
    holes = tuple(one for one in ran.stdout.splitlines() if HOLE.search(one))
    return Verdict(frozenset(TRIED.findall(ran.stdout)), holes, ran.stdout + ran.stderr)
