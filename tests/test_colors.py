from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder import colors


@pytest.mark.parametrize(("one", "other", "expected"), [
    ("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#767676", "#ffffff", 4.54),
    ("#5a2f66", "#f7f5f3", 9.5),
], ids=["black on white", "white on white", "the palest gray that passes", "the plum of the design"])
def test_contrast_is_as_the_guidelines_measure_it(one: str, other: str, expected: float) -> None:
    assert colors.contrast(one, other) == pytest.approx(expected, abs=0.05)
    assert colors.contrast(one, other) == colors.contrast(other, one)


@pytest.mark.parametrize(("color", "code"), [
    ("#5a2f66", None), ("#004f9e", None), ("#ffcc00", "too_pale"), ("#ffffff", "too_pale"), ("red", "not_a_color"),
    ("#5A2F66", "not_a_color"), ("#5a2f6", "not_a_color"), ("", "not_a_color"), ("#5a2f66;}", "not_a_color"),
])
def test_a_color_is_taken_only_where_people_can_read_with_it(color: str, code: str | None) -> None:
    found = colors.problem(color)
    assert (found.code if found else None) == code


@given(st.tuples(*[st.integers(0, 255)] * 3).map(lambda parts: "#{:02x}{:02x}{:02x}".format(*parts)))
def test_the_shades_of_every_color_that_passes_can_be_read_in_both_themes(color: str) -> None:
    if colors.problem(color) is not None:
        return
    found = colors.shades(color)
    assert all(colors.is_color(one) for one in found.values())
    assert colors.contrast(found["plum"], found["on-plum"]) >= colors.TEXT_CONTRAST
    assert colors.contrast(found["plum-deep"], colors.PAPER) >= colors.TEXT_CONTRAST
    assert colors.contrast(found["dark-plum"], colors.DARK_PAPER) >= colors.DARK_CONTRAST
    assert colors.contrast(found["dark-plum"], found["dark-on-plum"]) >= colors.DARK_CONTRAST
