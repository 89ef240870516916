"""A start reads what a server needs to answer, and nothing else: after a crash, people wait for it (TRUST D1)."""

import gc
import json
import subprocess
import sys

import pytest

from finder.cli import garbage
from finder.cli.relief import READING

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


@pytest.fixture
def _collecting():
    yield
    gc.unfreeze()
    gc.enable()


@pytest.mark.usefixtures("_collecting")
def test_what_is_made_in_a_block_is_kept_out_of_later_rounds_of_the_collector() -> None:
    gc.unfreeze()
    before = gc.get_freeze_count()
    with garbage.untouched():
        with garbage.untouched():
            assert not gc.isenabled()
        assert not gc.isenabled()  # the outer block goes on
        assert gc.get_freeze_count() == before
    assert gc.isenabled()
    assert gc.get_freeze_count() > before
