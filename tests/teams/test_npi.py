from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.teams import npi

NINE = st.builds(lambda first, rest: first + rest, st.sampled_from("12"), st.text("0123456789", min_size=8, max_size=8))
GOOD = NINE.map(lambda nine: nine + npi.check_digit(nine))


def test_the_example_of_the_standard_has_its_digit() -> None:
    assert npi.check_digit("123456789") == "3"


@pytest.mark.parametrize("typed", ["1234567893", "123 456 7893", " 1234-567-893 ", "123\u2011456\u20137893",
                                   "1234567893\t"])
def test_what_people_type_between_digits_is_left_out(typed: str) -> None:
    assert npi.plain(typed) == "1234567893"
    assert npi.is_valid(npi.plain(typed))


@pytest.mark.parametrize(("number", "wrong"), [
    ("", npi.NOT_TEN_DIGITS), ("123456789", npi.NOT_TEN_DIGITS), ("12345678933", npi.NOT_TEN_DIGITS),
    ("3234567893", npi.NOT_TEN_DIGITS), ("0234567893", npi.NOT_TEN_DIGITS), ("123456789x", npi.NOT_TEN_DIGITS),
    ("\u0661234567893", npi.NOT_TEN_DIGITS), ("123456789\u00b3", npi.NOT_TEN_DIGITS),
    ("1234567890", npi.WRONG_DIGIT), ("1234567983", npi.WRONG_DIGIT)])
def test_what_is_wrong_with_a_number_is_told(number: str, wrong: str) -> None:
    assert npi.problem(number) == wrong


@given(GOOD)
def test_a_number_with_its_digit_is_good(number: str) -> None:
    assert npi.problem(number) is None


@given(GOOD, st.integers(0, 9), st.integers(1, 9))
def test_any_one_wrong_digit_is_told(number: str, place: int, more: int) -> None:
    wrong = str((int(number[place]) + more) % 10)
    assert not npi.is_valid(number[:place] + wrong + number[place + 1:])


@given(GOOD, st.integers(0, 8))
def test_any_two_neighbors_changed_about_are_told_but_for_0_and_9(number: str, place: int) -> None:
    one, other = number[place], number[place + 1]
    swapped = number[:place] + other + one + number[place + 2:]
    assert npi.is_valid(swapped) is (one == other or ({one, other} == {"0", "9"} and place > 0))
