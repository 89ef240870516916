from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.listings.diff import Part, lines, words


def marked(parts: list[Part]) -> str:
    return "".join(f"[{one.text}]" if one.changed else one.text for one in parts)


@pytest.mark.parametrize(("was", "would_be", "old", "new"), [
    ("919-555-0190", "919-555-0146", "919-555-[0190]", "919-555-[0146]"),
    ("Saturdays, every week", "Saturdays, 1st and 3rd", "Saturdays, [every week]", "Saturdays, [1st and 3rd]"),
    ("Free", "Free, gift welcome", "Free", "Free[, gift welcome]"),
    ("Tea is on.", "Tea is on.", "Tea is on.", "Tea is on."),
    ("", "New", "", "[New]"),
    ("A b c d", "A x c y", "A [b] c [d]", "A [x] c [y]"),
], ids=["a number", "words", "added", "same", "from nothing", "two places"])
def test_what_changed_is_marked_and_nothing_else(was: str, would_be: str, old: str, new: str) -> None:
    assert tuple(map(marked, words(was, would_be))) == (old, new)


@given(st.text(), st.text())
def test_no_text_loses_a_letter(was: str, would_be: str) -> None:
    old, new = words(was, would_be)
    assert ("".join(one.text for one in old), "".join(one.text for one in new)) == (was, would_be)
    for side in (old, new):
        assert all(one.changed != other.changed for one, other in zip(side, side[1:], strict=False))


@given(st.text())
def test_equal_texts_have_no_change(text: str) -> None:
    assert not any(one.changed for side in words(text, text) for one in side)


def test_two_long_texts_without_a_common_word_are_one_change() -> None:
    old, new = words("a b " * 1500, "c d " * 1500)
    assert [(one.text.strip() != "", one.changed) for one in old + new] == [(True, True), (False, False)] * 2


def test_a_line_that_stays_is_whole_and_one_that_came_is_marked() -> None:
    old, new = lines(["Tuesday at 6", "Friday at 7"], ["Tuesday at 6", "Saturday at 7", "Sunday at 5"])
    assert [*map(marked, old)] == ["Tuesday at 6", "[Friday] at 7"]
    assert [*map(marked, new)] == ["Tuesday at 6", "[Saturday] at 7", "[Sunday at 5]"]


def test_a_line_among_others_that_went_is_marked_whole() -> None:
    assert [*map(marked, lines(["a", "b", "c"], ["a", "c"])[0])] == ["a", "[b]", "c"]
