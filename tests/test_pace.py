"""Budgets of networks, shared by all processes of one machine."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finder.pace import SALT, Budget, Pace, network

NOW = 1_790_000_000.0
FEW = Budget("few", 60, 60, 10)


@pytest.fixture
def pace(tmp_path: Path) -> Pace:
    return Pace(tmp_path / "pace")


def test_L1_as_many_as_may_come_at_once_are_allowed_and_then_one_at_a_time(pace: Pace) -> None:
    assert [pace.spend(FEW, "a", NOW) for _ in range(10)] == [0] * 10
    assert pace.spend(FEW, "a", NOW) == pytest.approx(1.0)
    assert pace.spend(FEW, "a", NOW + 1) == 0
    assert pace.spend(FEW, "a", NOW + 1) > 0
    assert [pace.spend(FEW, "a", NOW + 100) for _ in range(11)].count(0) == 10


def test_L1_who_is_refused_may_come_when_it_was_said(pace: Pace) -> None:
    for _ in range(10):
        pace.spend(FEW, "a", NOW)
    wait = pace.spend(FEW, "a", NOW)
    assert pace.spend(FEW, "a", NOW + wait) == 0


def test_L1_networks_and_kinds_have_budgets_of_their_own(pace: Pace) -> None:
    other = Budget("other", 60, 60, 10)
    for _ in range(10):
        pace.spend(FEW, "a", NOW)
    assert pace.spend(FEW, "a", NOW) > 0
    assert (pace.spend(FEW, "b", NOW), pace.spend(other, "a", NOW)) == (0, 0)


@given(st.lists(st.floats(0, 30), min_size=1, max_size=200))
def test_L1_in_no_stretch_of_time_are_more_allowed_than_the_budget_says(tmp_path_factory: pytest.TempPathFactory,
                                                                        pauses: list[float]) -> None:
    pace = Pace(tmp_path_factory.mktemp("pace") / "pace")
    at, allowed = NOW, []
    for pause in pauses:
        at += pause / 30
        if not pace.spend(FEW, "a", at):
            allowed.append(at)
    pace.close()
    for start in allowed:
        for end in (0.5, 5.0, 30.0):
            assert sum(start <= one <= start + end for one in allowed) <= FEW.burst + end + 1


def test_a_clock_that_was_set_back_keeps_nobody_waiting_for_long(pace: Pace) -> None:
    for _ in range(10):
        pace.spend(FEW, "a", NOW + 50_000)
    assert pace.spend(FEW, "a", NOW) <= 10


def _ask(path: str, asked: int, results: multiprocessing.Queue[int]) -> None:
    pace = Pace(Path(path))
    results.put(sum(not pace.spend(Budget("shared", 1, 3600, 300), "a", NOW) for _ in range(asked)))


def test_L1_several_processes_share_a_budget(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    children = [context.Process(target=_ask, args=(str(tmp_path / "pace"), 300, results)) for _ in range(4)]
    for child in children:
        child.start()
    allowed = sum(results.get(timeout=60) for _ in children)
    for child in children:
        child.join(60)
    assert allowed == 300


def test_the_file_names_no_network_and_is_its_owners_alone(pace: Pace, tmp_path: Path) -> None:
    pace.spend(FEW, "198.51.100.0/24", NOW)
    held = (tmp_path / "pace").read_bytes()
    assert b"198.51" not in held
    assert (tmp_path / "pace").stat().st_mode & 0o777 == 0o600
    salt = held[8:8 + SALT]
    assert salt != bytes(SALT)
    pace.spend(FEW, "198.51.100.0/24", NOW + 86_400)
    assert (tmp_path / "pace").read_bytes()[8:8 + SALT] != salt


@pytest.mark.parametrize(("address", "found"), [
    ("198.51.100.7", "198.51.100.0/24"), ("198.51.100.200", "198.51.100.0/24"), ("127.0.0.1", ""), ("::1", ""),
    ("::ffff:127.0.0.1", ""), ("::ffff:198.51.100.7", "198.51.100.0/24"), ("2001:db8:1:2ff::1", "2001:db8:1:200::/56"),
    ("fe80::1%eth0", "fe80::/56"), ("", ""), (None, ""), ("not an address", ""), ("10.0.0.5", "10.0.0.0/24")])
def test_an_address_stands_for_its_network(address: str | None, found: str) -> None:
    assert network(address) == found


def test_nothing_is_written_before_something_is_counted(tmp_path: Path) -> None:
    pace = Pace(tmp_path / "pace")
    pace.close()
    assert not (tmp_path / "pace").exists()
