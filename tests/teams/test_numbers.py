from __future__ import annotations

import pytest

from finder.errors import Invalid
from finder.teams import joining, numbers
from finder.teams.numbers import Numbers


@pytest.mark.parametrize(("sent", "kept"), [
    ({}, Numbers()),
    ({"npi": "  ", "register": " ", "number": ""}, Numbers()),
    ({"npi": "123-456-7893"}, Numbers("1234567893")),
    ({"register": " NC Board ", "number": "C-12 "}, Numbers(None, "NC Board", "C-12")),
], ids=["nothing", "blanks", "an NPI", "another register"])
def test_all_numbers_are_optional(sent: dict[str, str], kept: Numbers) -> None:
    assert numbers.read(sent) == kept


@pytest.mark.parametrize(("sent", "wrong"), [
    ({"npi": "12345"}, {"npi": "npi_digits"}),
    ({"npi": "1234567890"}, {"npi": "npi_check"}),
    ({"register": "NC Board"}, {"number": "required"}),
    ({"number": "C-12"}, {"register": "required"}),
    ({"register": "x" * 101, "number": "1"}, {"register": "too_long"}),
    ({"register": "NC\u202e", "number": "1\x00"}, {"register": "bad_text", "number": "bad_text"}),
    ({"npi": "\ud800", "register": "\ud800", "number": "1"}, {"npi": "npi_digits", "register": "bad_text"}),
])
def test_what_does_not_fit_is_told_at_its_field(sent: dict[str, str], wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid) as caught:
        numbers.read(sent)
    assert {field: many[0].code for field, many in caught.value.errors.items()} == wrong


def test_all_that_is_wrong_with_a_team_is_told_at_once_in_the_order_of_the_form() -> None:
    with pytest.raises(Invalid) as caught:
        joining.read({"npi": "1", "phone": "none", "note": "x" * 1001})
    assert [(field, many[0].code) for field, many in caught.value.errors.items()] == [
        ("name", "required"), ("phone", "not_a_phone"), ("npi", "npi_digits"), ("note", "too_long")]
