from __future__ import annotations

import random
import string
import threading
import time

import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given, settings
from hypothesis import strategies as st

from finder.accounts.passwords import AT_ONCE, Passwords, problem
from finder.errors import Problem

QUICK = Passwords(PasswordHasher(1, 8, 1))
GOOD = "seven quiet herons cross the ford"


def test_A4_passwords_are_kept_as_argon2id_with_19_mib_and_two_passes_at_least() -> None:
    kept = Passwords().keep(GOOD)
    assert kept.startswith("$argon2id$")
    assert GOOD not in kept
    chosen = extract_parameters(kept)
    assert (chosen.memory_cost, chosen.time_cost, chosen.parallelism) >= (19 * 1024, 2, 1)


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=300))
def test_A4_any_text_that_is_kept_is_known_again_and_no_other(text: str) -> None:
    kept = QUICK.keep(text)
    assert QUICK.is_right(kept, text) is (len(text.encode("utf-8", "surrogatepass")) <= 1000)
    assert not QUICK.is_right(kept, text + "x")


def test_A4_nothing_is_cut_at_72_bytes() -> None:
    long = "a walk along the river " * 10
    assert not QUICK.is_right(QUICK.keep(long), long[:72])
    assert not QUICK.is_right(QUICK.keep(long[:72]), long)


@pytest.mark.parametrize("password", [
    "seven quiet herons cross the ford", "Übermorgen fällt der Schnee", "дождь стучит по старой крыше",
    "夜の川に赤い灯が五つ見える静かな橋", "🦉🌊🍞🎻🧭🪴🧵🛶🪁🧂🥁🪵🏮🧊🪺🐙", "kd83-lsQ9_zmW2pLt", "839201748392765"])
def test_A4_any_writing_will_do_and_no_kinds_of_signs_are_asked_for(password: str) -> None:
    assert problem(password) is None


def test_A4_one_letter_typed_in_two_ways_is_one() -> None:
    assert QUICK.is_right(QUICK.keep("caf\u00e9 on the corner"), "cafe\u0301 on the corner")


@pytest.mark.parametrize(("password", "found"), [
    ("", Problem("required")), ("14 characters!", Problem("too_short", min=15)), ("é" * 501, Problem("too_long")),
    ("passwordpassword", Problem("weak_password"))], ids=["empty", "short", "long", "common"])
def test_A4_what_is_refused_is_said(password: str, found: Problem) -> None:
    assert problem(password) == found


def test_A4_a_thousand_bytes_are_taken() -> None:
    words = "".join(random.Random(4).choices(string.ascii_lowercase, k=1000))
    assert problem(words) is None
    assert problem(words + "x") == Problem("too_long")


def test_A4_a_hash_with_older_parameters_is_to_be_made_anew() -> None:
    assert Passwords().has_grown(QUICK.keep(GOOD))
    assert not QUICK.has_grown(QUICK.keep(GOOD))


class Watched(PasswordHasher):
    """Notes how many hashes are checked at the same time."""

    def __init__(self) -> None:
        super().__init__(1, 8, 1)
        self.now = self.most = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.now += 1
        self.most = max(self.most, self.now)
        time.sleep(0.02)
        self.now -= 1
        return super().verify(hash, password)


def test_A4_no_more_than_two_hashes_are_made_at_once() -> None:
    hasher = Watched()
    passwords = Passwords(hasher)
    kept = passwords.keep(GOOD)
    threads = [threading.Thread(target=passwords.is_right, args=(kept, GOOD)) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert hasher.most <= AT_ONCE


def test_A7_where_nothing_is_kept_a_dummy_is_checked() -> None:
    hasher = Watched()
    assert not Passwords(hasher).is_right(None, GOOD)
    assert hasher.most == 1


def test_nobody_gets_in_with_the_dummys_own_words() -> None:
    assert not QUICK.is_right(None, "nobody's password")
