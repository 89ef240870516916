from __future__ import annotations

import itertools
from typing import Any

import pytest

from finder.accounts.passwords import SHORTEST
from finder.accounts.weak_passwords import is_weak

WORDS = ("password", "welcome", "letmein", "iloveyou", "sunshine", "princess", "football", "baseball", "superman",
         "monkey", "dragon", "master", "shadow", "michael", "jennifer", "freedom", "whatever", "qwerty", "starwars",
         "summer", "winter", "admin", "secret", "cheese", "jordan")
ENDS = ("", "1", "12", "123", "1234", "12345", "123456", "1234567", "12345678", "123456789", "2024", "2025", "2026",
        "!", "!!", "1!", "123!", "@123", "#1", "00", "007", "69", "99", "01", "11")


def common() -> set[str]:
    """Passwords of 15 characters and more as lists of leaked ones hold them."""
    pairs = itertools.product(WORDS, WORDS, ENDS)
    made = {one + two + end for one, two, end in pairs}
    made |= {one.capitalize() + two.capitalize() + end for one, two, end in itertools.product(WORDS, WORDS, ENDS)}
    made |= {one * times for one in (*WORDS, "abc", "abc123", "test1", "qwe123", "1q2w") for times in range(2, 8)}
    made |= {digit * size for digit in "0123456789abcxyz" for size in range(15, 40)}
    return {one for one in made if len(one) >= SHORTEST}


def test_A4_more_than_ten_thousand_common_passwords_are_refused(record_property: Any) -> None:
    made = common()
    assert len(made) >= 10_000
    assert [one for one in sorted(made) if not is_weak(one)] == []
    record_property("figure", f"{len(made):,} common passwords refused")


@pytest.mark.parametrize("password", [
    "1234567890123456", "123456789012345", "9876543210987654", "qwertyuiopasdfgh", "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv", "1q2w3e4r5t6y7u8i", "zaq12wsxcde34rfv", "abcdefghijklmnop", "qazwsxedcrfvtgb",
    "aaaabbbbccccdddd",
    "passwordpassword", "password12345678", "p@ssw0rdp@ssw0rd", "P@55w0rd12345678", "iloveyouforever",
    "ILoveYou12345678",
    "thisismypassword", "maytheforcebewithyou", "correcthorsebatterystaple", "correct horse battery staple",
    "letmeinletmein12", "administrator123", "changemechangeme", "welcome to 2026!!", "121212121212121",
    "abcabcabcabcabc"])
def test_A4_what_everybody_tries_first_is_refused(password: str) -> None:
    assert is_weak(password)


@pytest.mark.parametrize("password", [
    "seven quiet herons cross the ford", "mop bucket violin trout", "Tr4vel-by-slow-night-train",
    "ochre kite over Delft",
    "my cat is afraid of the blue kettle", "grüne Tomaten am Fenster", "kd83-lsQ9_zmW2pLt", "839201748392765",
    "nine of us at the kitchen table", "the heron stands in cold water"])
def test_A4_words_of_ones_own_are_taken(password: str) -> None:
    assert not is_weak(password)


@pytest.mark.parametrize("password", [
    "joy.harper@example.org", "joyharper joyharper", "JoyHarper2026!!!", "openseat-openseat", "Open Seat 12345!!"])
def test_A4_the_persons_and_the_sites_own_name_are_refused(password: str) -> None:
    assert is_weak(password, email="joy.harper@example.org", site="Open Seat")
