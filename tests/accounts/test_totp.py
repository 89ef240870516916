from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from finder.accounts import people, totp
from tests.listings.database import NOW, make_database

# RFC 6238, appendix B, SHA-1, the last six of eight digits.
VECTORS = [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
           (2000000000, "279037"), (20000000000, "353130")]
RFC = b"12345678901234567890"
SEAL = Fernet(Fernet.generate_key())


@pytest.mark.parametrize(("second", "code"), VECTORS)
def test_codes_are_those_of_the_standard(second: int, code: str) -> None:
    assert totp.step_of(RFC, code, now=datetime.fromtimestamp(second, UTC)) == second // 30


def test_A10_a_code_is_good_one_step_before_and_after_and_no_further() -> None:
    at = datetime.fromtimestamp(1111111111, UTC)
    found = [totp.step_of(RFC, "050471", now=at + timedelta(seconds=30 * off)) is not None for off in range(-3, 4)]
    assert found == [False, False, True, True, True, False, False]


@pytest.mark.parametrize("code", ["", "05047", "0504711", "abcdef", "٠٥٠٤٧١", "05047\u0661"])
def test_what_is_no_code_is_refused(code: str) -> None:
    assert totp.step_of(RFC, code, now=datetime.fromtimestamp(1111111111, UTC)) is None


def test_the_picture_says_what_apps_expect() -> None:
    said = totp.address(RFC, email="joy@example.org", site="Open Seat")
    assert said.startswith("otpauth://totp/Open%20Seat:joy%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&")
    assert "issuer=Open%20Seat" in said


def test_A10_a_code_is_good_once_also_for_two_at_the_same_time(tmp_path: Path) -> None:
    database = make_database(tmp_path)
    with database.transaction() as session:
        account = people.find_or_make(session, "joy@example.org", now=NOW).id
        totp.add(session, account, RFC, seal=SEAL, step=0, name=None, now=NOW)
    code = totp.TOTP(RFC, 6, totp.SHA1(), 30).generate(int(NOW.timestamp())).decode()
    results: list[bool] = []

    def enter() -> None:
        with database.transaction() as session:
            results.append(totp.check(session, account, code, seal=SEAL, now=NOW))

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(results) == [False, False, False, True]


@pytest.mark.sqlite
def test_A10_the_secret_of_an_app_is_sealed_in_the_database(tmp_path: Path) -> None:
    database = make_database(tmp_path)
    with database.transaction() as session:
        account = people.find_or_make(session, "joy@example.org", now=NOW).id
        totp.add(session, account, RFC, seal=SEAL, step=0, name=None, now=NOW)
        other = Fernet(Fernet.generate_key())
        code = totp.TOTP(RFC, 6, totp.SHA1(), 30).generate(int(NOW.timestamp())).decode()
        assert not totp.check(session, account, code, seal=other, now=NOW)
    assert RFC not in (tmp_path / "finder.db").read_bytes() + (tmp_path / "finder.db-wal").read_bytes()
