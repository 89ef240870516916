from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from finder.cli import bench_standards

Finder = Callable[..., tuple[int, str, str]]


@pytest.mark.soak  # every check of a change runs the command itself, for its figures
def test_a_benchmark_of_standards_times_every_door_in_hellos(finder: Finder) -> None:
    code, out, err = finder("bench", "standards", "--size", "150", "--json")
    assert code == 0, err
    figures = json.loads(out)
    assert figures["size"] == 150
    assert figures["hello"]["ratio"] == 1
    left_out = {name for name in (*bench_standards.PAGES, *bench_standards.WHOLE) if name not in figures}
    assert all(path.partition("?")[0] in err for name, path in (bench_standards.PAGES | bench_standards.WHOLE).items()
               if name in left_out)
    for name in (bench_standards.PAGES.keys() | bench_standards.WHOLE.keys()) - left_out:
        one = figures[name]
        assert 0 < one["p50_ms"] <= one["p95_ms"], name
        assert one["ratio"] == pytest.approx(one["p50_ms"] / figures["hello"]["p50_ms"], abs=0.06)
        assert one["bytes"] > 0
    assert not any(name.startswith("hsds") for name in left_out)
    assert figures["hsds_lines_full"]["bytes"] > figures["hsds_lines"]["bytes"]
    assert figures["hsds_lines"]["known_ms"] > 0


@pytest.mark.soak
def test_a_door_that_is_not_there_is_left_out_with_a_word(finder: Finder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_standards, "PAGES", {"hello": "/hello/", "nowhere": "/hsds/nowhere?x=1"})
    monkeypatch.setattr(bench_standards, "WHOLE", {"nothing": "/hsds/nothing"})
    code, out, err = finder("bench", "standards", "--size", "1")
    assert code == 0, err
    assert "nowhere" not in out
    assert "nothing" not in out
    assert "/hsds/nowhere answers 404" in err
    assert "/hsds/nothing answers 404" in err
