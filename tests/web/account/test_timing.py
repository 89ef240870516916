"""A7: how long signing in, a new password and a first letter take, whether an account is there or not."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient

from finder.accounts import people
from tests.web.people import Person
from tests.web.site import Site, group

TIMES = 300
KNOWN, UNKNOWN = "joy@example.org", "nyx@example.org"
PASSWORD = "seven quiet herons cross the ford"
OWN = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
DAY = 24 * 3600 + 1  # seconds until limits are forgotten


def mann_whitney(one: list[float], other: list[float]) -> float:
    """The two-sided p of the hypothesis that neither is larger, by the normal approximation without ties (Mann and
    Whitney 1947); for twenty values or more of each."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(rank for rank, (_, which) in enumerate(ranked, 1) if which == 0)
    many, more = len(one), len(other)
    apart = ranks - many * (many + 1) / 2 - many * more / 2
    spread = math.sqrt(many * more * (many + more + 1) / 12)
    return math.erfc(abs(apart) / spread / math.sqrt(2))


def test_A7_the_judge_tells_times_apart_that_differ() -> None:
    same = [float(number % 17) + number / 1000 for number in range(100)]
    assert mann_whitney(same, [value + 0.0001 for value in same]) > 0.5
    assert mann_whitney(same, [value + 5 for value in same]) < 0.001
    # Values of a worked example: ranks 1 to 10 against 11 to 20 give z = 3.78.
    assert mann_whitney([float(one) for one in range(10)], [float(one) for one in range(10, 20)]) == \
        pytest.approx(0.000157, abs=2e-6)


def sign_in(client: FlaskClient, email: str) -> int:
    form = {"email": email, "way": "password", "password": "some words that are wrong"}
    return client.post("/account/sign-in", data=form, headers=OWN).status_code


def register(client: FlaskClient, email: str) -> int:
    return client.post("/account/sign-in", data={"email": email, "way": "link"}, headers=OWN).status_code


def reset(client: FlaskClient, email: str) -> int:
    return client.post("/account/forgotten", data={"email": email}, headers=OWN).status_code


WAYS: dict[str, Callable[[FlaskClient, str], int]] = {"sign in": sign_in, "register": register, "reset": reset}


@pytest.mark.soak
@pytest.mark.parametrize("way", WAYS)
def test_A7_times_of_known_and_unknown_accounts(tmp_path: Path, way: str, record_property: Any) -> None:
    site = Site(tmp_path, [group(1)])
    Person(site, KNOWN)
    with site.database.transaction() as session:
        account = people.find(session, KNOWN)
        assert account is not None
        account.password_hash = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(PASSWORD)
    took: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    statuses = set()
    for number in range(TIMES):
        for email in (KNOWN, UNKNOWN) if number % 2 else (UNKNOWN, KNOWN):
            site.wait(DAY)
            client = site.app.test_client()
            began = time.perf_counter()
            statuses.add(WAYS[way](client, email))
            took[email].append(time.perf_counter() - began)
    assert len(statuses) == 1
    known, unknown = took.values()
    p = mann_whitney(known, unknown)
    middles = [statistics.median(one) * 1000 for one in (known, unknown)]
    record_property("figure", f"{way}, {TIMES} each: medians {middles[0]:.2f} ms known, {middles[1]:.2f} ms unknown, "
                              f"Mann-Whitney p = {p:.3f}")
