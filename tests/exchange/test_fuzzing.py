"""I7: inputs that a search makes up, led by which lines they reach, and nothing comes out but our own refusals."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from finder.config import ROOT

FORMATS = ("listing", "csv", "meeting-guide", "bmlt", "bmlt-tables", "samhsa", "finder", "hsds-json", "hsds-lines",
           "hsds-tables", "hours", "rules")
SECONDS = int(os.environ.get("FINDER_TEST_FUZZ_SECONDS", "120"))  # for each parser
FEWEST = 100  # inputs; a search that makes fewer has not looked


@pytest.mark.soak
@pytest.mark.parametrize("parser", FORMATS)
def test_I7_what_a_search_led_by_coverage_makes_up_is_refused_or_valid(parser: str, tmp_path: Path,
                                                                       record_property: Any) -> None:
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("Atheris makes the inputs; pip install atheris==3.0.0")
    ran = subprocess.run([sys.executable, "-m", "tests.exchange.fuzzing", parser, str(tmp_path),
                          f"-max_total_time={SECONDS}"],
                         cwd=ROOT, capture_output=True, text=True, timeout=SECONDS + 300, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    tried = re.search(r"^Done (\d+) runs in (\d+) second", ran.stderr, re.M)
    assert tried is not None, ran.stderr[-3000:]
    record_property("figure", f"{parser}: {int(tried[1]):,} inputs in {tried[2]} s, 0 failures")
    assert int(tried[1]) >= FEWEST
