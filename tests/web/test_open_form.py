from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from finder.web.open_form import MARK_LETTERS, OLDEST_SECONDS, Stamp
from tests.make import NOW

STAMP = Stamp(Fernet.generate_key())
ONE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


def test_a_stamp_says_how_long_a_form_was_open_until_it_is_too_old() -> None:
    made = STAMP.of(NOW)
    assert STAMP.seconds(made, NOW + timedelta(seconds=7)) == 7
    assert STAMP.seconds(made, NOW + timedelta(seconds=OLDEST_SECONDS + 1)) is None
    assert STAMP.seconds("made up \ud800", NOW) is None
    assert Stamp(Fernet.generate_key()).seconds(made, NOW) is None


@pytest.mark.parametrize(("one", "other", "same"), [
    ("203.0.113.9", "203.0.113.200", True), ("203.0.113.9", "203.0.114.9", False),
    ("2001:db8:0:100::1", "2001:db8:0:1ff::2", True), ("2001:db8:0:100::1", "2001:db8:0:200::1", False),
], ids=["one /24", "two /24", "one /56", "two /56"])
def test_senders_are_told_apart_by_their_network(one: str, other: str, same: bool) -> None:
    assert (STAMP.sender(one, NOW) == STAMP.sender(other, NOW)) is same


def test_a_sender_is_another_one_the_next_day_and_a_mark_is_not() -> None:
    address = "203.0.113.9"
    assert STAMP.sender(address, NOW) != STAMP.sender(address, NOW + timedelta(days=1))
    assert STAMP.mark(address, ONE) == STAMP.mark(address, ONE)
    assert address not in STAMP.sender(address, NOW)


def test_a_mark_is_shared_by_many_networks_and_differs_by_listing() -> None:
    addresses = [f"10.{number // 256}.{number % 256}.1" for number in range(3 * 16 ** MARK_LETTERS)]
    marks = {STAMP.mark(one, ONE) for one in addresses}
    assert len(marks) <= 16 ** MARK_LETTERS
    assert sum(STAMP.mark(one, ONE) == STAMP.mark(one, OTHER) for one in addresses[:1000]) < 10


@pytest.mark.parametrize("address", [None, "", "unix:", "999.1.1.1"])
def test_an_address_that_nobody_can_read_is_nobodys(address: str | None) -> None:
    assert STAMP.sender(address, NOW) == STAMP.mark(address, ONE) == ""
