"""A start reads what a server needs to answer, and nothing else: after a crash, people wait for it (TRUST D1)."""

import gc
import json
import subprocess
import sys
from pathlib import Path

from finder.cli import garbage
from finder.cli.relief import READING
from finder.db import Database

# Large, and needed by a few commands and pages only, which read them when they are asked.
LATER = ("alembic", "geopy", "numba", "openpyxl", "pyrage", "requests", "rich",
         "weasyprint", "webauthn")


def test_D1_a_server_reads_nothing_that_only_a_few_pages_need() -> None:
    program = f"{READING}\nimport json, sys\nprint(json.dumps([*sys.modules]))"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    read = {name.partition(".")[0] for name in json.loads(said.stdout)}
    assert read & set(LATER) == set()


def test_D1_every_machine_route_is_read_before_the_processes_part() -> None:
    program = (f"{READING}\nimport sys\nfrom finder.app import create_app\nfrom finder.config import Settings\n"
               "before = {one for one in sys.modules if one.startswith('finder.')}\n"
               "create_app(Settings.from_env({'FINDER_SECRET_KEY': 'k' * 48}))\n"
               "print(sorted({one for one in sys.modules if one.startswith('finder.')} - before))")
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_D1_tables_that_are_as_they_should_be_are_found_so_without_alembic(tmp_path: Path) -> None:
    path = tmp_path / "instance.db"
    made = Database(f"sqlite:///{path}")
    made.upgrade()
    made.close()
    program = (f"import sys; from finder.db import Database; held = Database('sqlite:///{path}'); held.upgrade(); "
               "print(held.is_current(), 'alembic' in sys.modules)")
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout == "True False\n"


def test_the_collector_waits_for_the_end_of_the_outermost_block() -> None:
    with garbage.untouched():
        with garbage.untouched():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_a_server_was_made_of_is_never_looked_through_again() -> None:
    program = ("import gc; from finder.cli import garbage; garbage.stays(); "
               "print(gc.get_freeze_count() > 1000, len(gc.get_objects()) < 1000)")
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout == "True True\n"
