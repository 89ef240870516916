"""Where the tests find the contract, the real listings and the standards, which stay outside the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def shared(*parts: str) -> Path:
    base = Path(os.environ.get("FINDER_TEST_SHARED", ROOT.parent / "shared"))
    path = base.joinpath(*parts)
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{path} is needed in CI")
        pytest.skip(f"{path} is not here; set FINDER_TEST_SHARED")
    return path
