from __future__ import annotations

import pytest

from finder.errors import Invalid
from finder.listings import numbers

GOOD = ["919-555-0142", "+1 (919) 555-0142", "1-800-273-8255", "1-800-QUIT-NOW", "988", "919-555-0142 ext. 900",
        "919-555-0142 x976", "787-555-0100", "+1 646 558 8656,,900123#", "604-555-0142", "800-FLOWERS-NOW"]
PREMIUM = ["900-555-0142", "1 (900) 555 0142", "+1-900-555-0142", "1-900-CALL-NOW", "900-CALLNOWX", "212-976-0142",
           "1900 555 0142 ext 3", "+1 900 555 0142,,123#"]
FOREIGN = ["+44 20 7946 0000", "011 44 20 7946 0000", "876-555-0142", "+1 (809) 555-0142", "1-284-555-0142"]


@pytest.mark.parametrize("phone", GOOD)
def test_usual_numbers_may_stand_in_a_listing(phone: str) -> None:
    assert numbers.bad(phone) is None


@pytest.mark.parametrize("phone", PREMIUM)
def test_Y4_numbers_that_cost_the_caller_may_not(phone: str) -> None:
    assert numbers.bad(phone) == "premium_number"


@pytest.mark.parametrize("phone", FOREIGN)
def test_Y4_numbers_that_ring_abroad_may_not(phone: str) -> None:
    assert numbers.bad(phone) == "foreign_number"


def test_elsewhere_nothing_is_known_about_numbers() -> None:
    assert numbers.bad("+44 20 7946 0000", "GB") is None


def test_Y4_every_new_number_of_a_listing_is_looked_at_and_old_ones_are_left() -> None:
    bad = "900-555-0142"
    before = {"contact": {"phone": "900-555-0199"}}
    after = {"contact": {"phone": "900-555-0199"}, "organization": {"phone": bad},
             "sessions": [{"format": "phone"}, {"format": "phone", "dial_in": bad}]}
    with pytest.raises(Invalid) as wrong:
        numbers.check(before, after, "US")
    assert set(wrong.value.errors) == {"organization.phone", "sessions.1.dial_in"}
    numbers.check(after, after, "US")
