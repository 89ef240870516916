from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.places import outlines
from finder.places.lookup import STATES
from finder.places.outlines import COUNTY, STATE, Array


def test_the_file_is_the_one_that_its_note_describes() -> None:
    note = outlines.FILE.with_suffix(".txt").read_text(encoding="utf-8")
    said = re.findall(r"^sha256 +([0-9a-f]{64})$", note, re.M)
    assert said == [hashlib.sha256(outlines.FILE.read_bytes()).hexdigest()]
    assert "us-atlas 3.0.1" in note
    assert "Permission to use, copy, modify" in note


def test_every_state_and_county_has_an_outline() -> None:
    held = outlines.load()
    assert set(held.states.names) == set(STATES) - {"FM", "MH", "PW"}
    assert len(held.counties.names) == 3_231
    # Falls Church, Virginia, is so small that the source's own grid leaves two corners of it.
    flat = [name for areas in (held.states, held.counties) for name, rings in zip(areas.names, areas.rings, strict=True)
            if max(map(len, rings)) < 3]
    assert flat == ["51610"]


def test_the_plane_is_that_of_web_maps() -> None:
    made = outlines.on_plane(np.array([0.0, 85.051129, -85.051129]), np.array([0.0, 180.0, -180.0]))
    assert np.allclose(made, [[0.5, 0.5], [1, 0], [0, 1]], atol=1e-5)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_one_point_lies_where_it_lies_among_others(latitude: float, longitude: float) -> None:
    among = outlines.on_plane(np.array([latitude]), np.array([longitude]))[0]
    assert outlines.on_plane_alone(latitude, longitude) == pytest.approx(among, abs=1e-9)


def test_a_line_divides_states_counties_or_nothing() -> None:
    held = outlines.load()
    carolina = held.states.boxes[held.states.names.index("NC")]
    inside = (held.boxes[:, :2] > carolina[:2]).all(axis=1) & (held.boxes[:, 2:] < carolina[2:]).all(axis=1)
    assert (held.divides[inside] == COUNTY).sum() > 200
    assert 0 < (held.divides == STATE).sum() < (held.divides == COUNTY).sum()


def test_joined_lines_walk_every_step_of_the_pieces_once() -> None:
    def steps(lines: Sequence[Array]) -> Counter[frozenset[tuple[float, ...]]]:
        return Counter(frozenset(map(tuple, step)) for line in lines
                       for step in zip(line.tolist(), line[1:].tolist(), strict=False))

    pieces = [np.array(one, float) for one in ([[0, 0], [1, 0]], [[2, 0], [1, 0]], [[2, 0], [2, 1], [2, 2]],
                                               [[1, 0], [1, 5]], [[7, 7], [8, 8], [7, 7]])]
    whole = outlines.joined(pieces)
    assert steps(whole) == steps(pieces)
    assert len(whole) == 3
