"""V1 and V2: two hundred clients, at a rate that the site can bear and at one that it cannot."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.load.filling import instance
from tests.load.judging import ask, warm
from tests.load.serving import served

pytestmark = [pytest.mark.sqlite, pytest.mark.turns(3)]
LISTINGS, CLIENTS, SECONDS = 20_000, 200, 60  # TRUST V1 and V2
SHARE = 0.6  # of what the site can bear
MORE_THAN_IDLE, MOST_MILLISECONDS = 5, 250  # of the slowest in a hundred
MOST_AT_FULL, BACK_SECONDS, BACK = 2000, 5, 2
SIZES = pytest.mark.parametrize(("listings", "clients", "seconds"), [
    (200, 20, 1), pytest.param(LISTINGS, CLIENTS, SECONDS, marks=pytest.mark.soak)])


@SIZES
def test_V1_many_clients_at_a_rate_that_the_site_can_bear_meet_no_error_and_soon_an_answer(
        tmp_path: Path, listings: int, clients: int, seconds: int, record_property: Any) -> None:
    with served(instance(tmp_path / "instance", listings)) as site:
        most = warm(site, tmp_path, min(10, seconds))
        idle = ask(site, tmp_path, clients=1, seconds=min(15, seconds))
        rate = max(1, int(most.rate * SHARE))
        met = ask(site, tmp_path, clients=clients, seconds=seconds, rate=rate)
    record_property("figure", f"{listings:,} listings, {clients} clients, {rate} searches and pages a second of "
                              f"{most.rate:.0f}: {met.answers:,} answers, {met.bad + met.full} errors, p99 "
                              f"{met.p99:.0f} ms, of one client alone {idle.p99:.0f} ms")
    assert met.answers >= rate
    assert met.bad == 0
    if seconds == SECONDS:
        assert (met.full, met.dropped) == (0, 0)
        assert met.p99 <= min(MORE_THAN_IDLE * idle.p99, MOST_MILLISECONDS)


@SIZES
def test_V2_more_clients_than_can_be_answered_meet_no_error_but_a_word_when_to_come_back(
        tmp_path: Path, listings: int, clients: int, seconds: int, record_property: Any) -> None:
    with served(instance(tmp_path / "instance", listings)) as site:
        warm(site, tmp_path, min(10, seconds))
        idle = ask(site, tmp_path, clients=1, seconds=min(15, seconds))
        met = ask(site, tmp_path, clients=clients, seconds=seconds)
        time.sleep(BACK_SECONDS if seconds == SECONDS else 0)
        back = ask(site, tmp_path, clients=1, seconds=min(5, seconds))
    record_property("figure", f"{listings:,} listings, {clients} greedy clients, {seconds} s: {met.answers:,} answers, "
                              f"{met.full:,} of them to come back, {met.bad} errors, p99 {met.p99:.0f} ms; then one "
                              f"client alone {back.p99:.0f} ms, as before {idle.p99:.0f} ms")
    assert met.answers > met.full
    assert met.bad == 0
    if seconds == SECONDS:
        assert met.p99 <= MOST_AT_FULL
        assert back.p99 <= BACK * idle.p99
