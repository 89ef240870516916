"""How many people live in a ZIP code, from the Census of 2010 as the `zipsearch` package carries it. Asks no network.

Only the page of gaps needs this, so it is read on the first question and never at start.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from finder.places.outlines import Array

YEAR = 2010  # of the count. Source: Census Bureau, 2010 Census, Summary File 1, by ZIP code tabulation area


class _Plain(pickle.Unpickler):
    """Reads numbers, words, lists and tables only: a file that names any code to run is refused."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is no plain value")


def of_zips(codes: Sequence[str]) -> Array:
    """The people of each ZIP code (int64), 0 where none are known, as in Puerto Rico and on the islands."""
    known, people = _counted()
    asked = np.array([int(one) for one in codes], np.int64)
    at = np.searchsorted(known, asked).clip(max=len(known) - 1)
    found: Array = np.where(known[at] == asked, people[at], 0)
    return found


@cache
def _counted() -> tuple[Array, Array]:
    """The numbers of the ZIP codes in order, and the people of each. Takes half a second, once a process.

    The file is read as it is: the package's own search keeps three copies of it in memory and takes four times as long.
    """
    package = find_spec("zipsearch")  # looked up and not run: only its file of numbers is wanted
    assert package is not None
    assert package.origin is not None
    with (Path(package.origin).parent / "bin" / "indices.bin").open("rb") as file:
        rows = _Plain(file).load()["zipcode_index"]
    counts = sorted((int(code), row["population"]) for code, row in rows.items() if row["population"])
    table = np.array(counts, np.int64)
    return table[:, 0].copy(), table[:, 1].copy()
