from __future__ import annotations

import io
import pickle
import subprocess
import sys

import numpy as np
import pytest

from finder.places import people


# Census Bureau, 2010 Census, Summary File 1, table P1.
def test_a_zip_code_has_the_people_that_the_census_counted() -> None:
    assert people.of_zips(["10001", "27701"]).tolist() == [21_102, 21_288]


@pytest.mark.parametrize("code", ["00000", "00907", "99999", "27702"],
                         ids=["below all", "Puerto Rico", "above all", "boxes only"])
def test_where_nobody_was_counted_there_are_none(code: str) -> None:
    assert people.of_zips([code]).tolist() == [0]


def test_of_no_zip_codes_there_are_no_numbers() -> None:
    assert people.of_zips([]).dtype == np.int64
    assert len(people.of_zips([])) == 0


def test_a_file_that_names_code_is_refused() -> None:
    with pytest.raises(pickle.UnpicklingError):
        people._Plain(io.BytesIO(pickle.dumps(print))).load()


def test_people_are_read_only_when_asked_for() -> None:
    start = "import sys, finder.app, finder.web.steward.insight; sys.exit('zipsearch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", start], check=False).returncode == 0
