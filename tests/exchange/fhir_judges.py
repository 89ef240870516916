"""Two readers of FHIR from outside, under Node: what each finds wrong with a list of Bundles."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def modules() -> str:
    """Where npm `fhir` is; skips a test where it is not, and fails where checks of a change are run."""
    folder = os.environ.get("FINDER_TEST_NODE_MODULES", "")
    if not (shutil.which("node") and folder and Path(folder, "fhir").is_dir()):
        if os.environ.get("CI"):
            pytest.fail("node and npm's fhir are needed here")
        pytest.skip("node or npm's fhir is not here (FINDER_TEST_NODE_MODULES)")
    return folder


def judged(bundles: Sequence[dict[str, Any]], profiles: Sequence[Path] = ()) -> list[dict[str, list[str] | None]]:
    """For each Bundle what `fhir` and `medplum` say is wrong; medplum's is None where it cannot run (Node < 20.19).

    `profiles`: folders of profiles that medplum holds the resources to that claim them.
    """
    done = subprocess.run(["node", str(HERE / "judge_fhir.mjs"), modules(), *map(str, profiles)],
                          input=json.dumps(bundles), text=True, capture_output=True, check=True, timeout=300)
    found: list[dict[str, list[str] | None]] = json.loads(done.stdout)
    assert len(found) == len(bundles)
    return found


def faults(bundles: Sequence[dict[str, Any]], profiles: Sequence[Path] = ()) -> list[str]:
    """All that either finds wrong with any of them."""
    return [line for one in judged(bundles, profiles) for lines in one.values() for line in lines or ()]
