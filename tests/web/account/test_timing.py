"""A7: how long signing in, a new password and a first letter take, whether an account is there or not."""

from __future__ import annotations

import math
import os
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient

from finder.accounts import people
from finder.accounts.entering import MOST_IN_A_ROW
from finder.accounts.models import ACTIVE, DISABLED
from tests.web.people import Person
from tests.web.site import Site, group

TIMES = int(os.environ.get("FINDER_TEST_TRIES", "300"))  # of each kind
CHANCE = 0.01  # that a run fails where nothing differs
SEED = 20261127
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


KINDS = ("with a password", "no password", "locked", "disabled", "nobody")
NOBODY = KINDS[-1]


class Accounts:
    """A site with an account of each kind but the last, each under an address as long as the others."""

    def __init__(self, folder: Path) -> None:
        self.site = Site(folder, [group(1)])
        self.emails = {kind: f"{'abcde'[place] * 3}@example.org" for place, kind in enumerate(KINDS)}
        for kind in KINDS[:-1]:
            Person(self.site, self.emails[kind])
        self.kept = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(PASSWORD)
        self.put_back()

    def put_back(self) -> None:
        """Each account as its kind is, whatever was tried before."""
        with self.site.database.transaction() as session:
            for kind in KINDS[:-1]:
                account = people.find(session, self.emails[kind])
                assert account is not None
                account.password_hash = None if kind == "no password" else self.kept
                account.failures = MOST_IN_A_ROW if kind == "locked" else 0
                account.state = DISABLED if kind == "disabled" else ACTIVE

    def take(self, way: str, kind: str) -> tuple[float, float, int]:
        """Seconds by the clock, seconds of work, and the status of one try from a network where nobody tried."""
        self.site.wait(DAY)
        client = self.site.app.test_client()
        began, worked = time.perf_counter(), time.thread_time()
        status = WAYS[way](client, self.emails[kind])
        return time.perf_counter() - began, time.thread_time() - worked, status


@pytest.mark.soak
@pytest.mark.parametrize("way", WAYS)
def test_A7_times_of_accounts_of_every_kind_and_of_none(tmp_path: Path, way: str, record_property: Any) -> None:
    accounts, dice = Accounts(tmp_path), random.Random(SEED)
    for kind in KINDS:
        accounts.take(way, kind)  # what is made once and kept
    took: dict[str, list[tuple[float, float]]] = {kind: [] for kind in KINDS}
    statuses = set()
    for _ in range(TIMES):
        accounts.put_back()
        for kind in dice.sample(KINDS, len(KINDS)):
            by_clock, worked, status = accounts.take(way, kind)
            took[kind].append((by_clock, worked))
            statuses.add(status)
    assert len(statuses) == 1
    told, least = [], 1.0
    nobody = list(zip(*took[NOBODY], strict=True))
    for kind in KINDS[:-1]:
        for mine, theirs in zip(zip(*took[kind], strict=True), nobody, strict=True):
            least = min(least, mann_whitney(list(mine), list(theirs)))
        told.append(f"{kind} {statistics.median(one for one, _ in took[kind]) * 1000:.2f}")
    record_property("figure", f"{way}, {TIMES} each: medians in ms nobody {statistics.median(nobody[0]) * 1000:.2f}, "
                              f"{', '.join(told)}; least of {2 * len(told)} Mann-Whitney p = {least:.3f}")
    assert least > CHANCE / (2 * len(told)), told  # Bonferroni: so many comparisons are made
