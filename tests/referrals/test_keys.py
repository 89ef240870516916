import math
import re
from collections import Counter

import pytest
from cryptography.fernet import Fernet

from finder.referrals.draft import ClientCode
from finder.referrals.keys import (
    KEY_LENGTH,
    LETTERS,
    Keys,
    is_key,
    new_client_code,
    new_key,
    new_short_code,
    plain_code,
)
from tests.referrals.samples import KEYS

MANY = 10_000


def test_A2_ten_thousand_keys_are_all_different_and_hold_128_bits(record_property):
    keys = [new_key() for _ in range(MANY)]
    assert len(set(keys)) == MANY
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", one) for one in keys)
    # 21 letters of 6 bits and one of 2: the counts of each letter are even. Chi-square of 63 degrees of freedom is
    # over 140 once in ten million times.
    counts = Counter("".join(one[:21] for one in keys))
    expected = 21 * MANY / 64
    assert len(counts) == 64
    assert sum((count - expected) ** 2 / expected for count in counts.values()) < 140
    assert {one[21] for one in keys} == set("AQgw")
    assert 21 * math.log2(64) + 2 == 128
    record_property("figure", f"{MANY:,} keys of 128 bits")


@pytest.mark.parametrize("text", ["", "a", "A" * 21, "A" * 23, "é" * 22, "A" * 21 + "\0", "A" * 21 + " ",
                                  "A" * 21 + "\ud800", "A" * 21 + "%"])
def test_what_can_be_no_key_is_told_without_the_database(text):
    assert not is_key(text)


def test_every_key_can_be_a_key():
    assert all(is_key(new_key()) for _ in range(100))
    assert is_key("_" * 10 + "a" * (KEY_LENGTH - 10))


def test_short_codes_are_different_and_are_read_however_they_are_typed():
    codes = {new_short_code() for _ in range(MANY)}
    assert len(codes) == MANY
    assert SHORT.fullmatch(next(iter(codes)))
    assert plain_code(" 7kqf 2mxp-9dtw") == plain_code("7KQF-2MXP-9DTW") == "7KQF2MXP9DTW"
    assert plain_code("SKQF-2MXP-9DTW") == "5KQF2MXP9DTW"


SHORT = re.compile(rf"[{LETTERS}]{{4}}(-[{LETTERS}]{{4}}){{2}}")


@pytest.mark.parametrize("typed", ["", "7KQF", "7KQF-2MXP-9DTW-7KQF", "7KQF-2MXP-9DT0", "7KQF-2MXP-9DTİ"])
def test_what_can_be_no_short_code_is_nothing(typed):
    assert plain_code(typed) == ""


def test_the_code_for_a_client_comes_from_nothing_and_may_be_typed():
    codes = [new_client_code() for _ in range(1000)]
    assert all(re.fullmatch(r"[A-HJKMNP-RT-Z][0-9]-[0-9]{2}", one) for one in codes)
    assert all(ClientCode().read(one) == one for one in codes)
    assert len(set(codes)) > 900


def test_what_is_sealed_opens_with_the_same_secret_only():
    sealed = KEYS.hidden({"name": "Canary"})
    assert b"Canary" not in sealed
    assert KEYS.opened(sealed) == {"name": "Canary"}
    assert Keys(Fernet(Fernet.generate_key()), b"other").opened(sealed) is None
    assert KEYS.opened(None) is None


def test_a_short_code_is_hashed_with_the_secret():
    assert KEYS.code_hash("7kqf2mxp9dtw") == KEYS.code_hash("7KQF-2MXP-9DTW")
    assert KEYS.code_hash("7KQF-2MXP-9DTW") != Keys(KEYS.seal, b"other").code_hash("7KQF-2MXP-9DTW")
