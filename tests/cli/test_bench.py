import json

import pytest

from finder.cli.bench import build, share
from finder.cli.bench_referrals import told_apart
from finder.cli.intakes import intakes
from finder.search.intake_schema import load
from tests import databases
from tests.cli.conftest import listing


@pytest.mark.soak  # every check of a change runs the command itself, for its figures
def test_a_match_benchmark_prints_its_figures(finder):
    code, out, err = finder("bench", "match", "--size", "300", "--json")
    assert code == 0
    figures = json.loads(out)
    assert figures["size"] == 300
    assert 0 < figures["p50_ms"] <= figures["p95_ms"]
    assert figures["bytes_per_program"] > 0
    assert figures["build_s"] > 0
    assert figures["refresh_ms"] > 0
    assert figures["mean_found"] > 0
    assert "300" in err


def test_an_import_benchmark_imports_twice(finder):
    code, out, _ = finder("bench", "import", "--size", "200", "--json")
    assert code == 0
    figures = json.loads(out)
    assert figures["rows"] == 200
    assert figures["seconds"] > 0


@pytest.mark.soak  # every check of a change runs the command itself, for its figures
def test_an_http_benchmark_compares_with_hello(finder):
    code, out, err = finder("bench", "http", "--size", "200")
    assert code == 0, err
    assert "ratio_to_hello " in out
    assert "ratio_to_hello_with_text " in out


@pytest.mark.soak  # every check of a change runs the command itself, for its figures
def test_a_benchmark_of_pages_times_results_a_list_and_a_listing(finder):
    code, out, err = finder("bench", "pages", "--size", "300", "--json")
    assert code == 0, err
    figures = json.loads(out)
    assert figures["size"] == 300
    assert 0 < figures["results_p50_ms"] <= figures["results_p95_ms"]
    assert figures["mean_shown"] > 1  # the answers arrive, or no group would be shown
    assert 1_000 < figures["results_bytes_sent_at_most"] <= 60_000
    assert figures["browse_p95_ms"] > 0
    assert figures["listing_p95_ms"] > 0
    assert 0 < figures["handout_pdf"]["p50_ms"] <= figures["handout_pdf"]["p95_ms"]
    assert 1_000 < figures["handout_pdf"]["bytes_at_most"] <= 200 * 1024


def test_made_up_intakes_are_valid_and_the_same_each_time():
    asked = intakes(200)
    assert asked == intakes(200)
    for one in asked:
        load(one)
    ways = [tuple(one["formats"]) for one in asked]
    assert {(), ("in_person",), ("online_video", "phone"), ("in_person", "online_video")} <= set(ways)


def test_a_snapshot_of_made_up_listings_has_their_number():
    held, seconds = build(50)
    assert held.size == 50
    assert seconds >= 0


def test_a_share_of_measurements_is_the_value_they_lie_below():
    took = [float(one) for one in range(1, 101)]
    assert share(took, 0.5) == 51
    assert share(took, 0.95) == 96
    assert share([7.0], 0.95) == 7


@pytest.mark.soak  # every check of a change runs the command itself, for its figures
def test_a_benchmark_of_referrals_times_what_is_not_ones_own(finder):
    code, out, err = finder("bench", "referrals", "--json")
    figures = json.loads(out)
    assert code == 0
    assert 0 < figures["another_teams_told_from_purged"] < 1
    assert figures["ratio_of_medians"] >= 1


@pytest.mark.parametrize(("some", "others", "share"), [
    ([1.0, 2.0], [1.0, 2.0], 0.5), ([2.0, 3.0], [0.0, 1.0], 1.0), ([0.0], [1.0, 2.0], 0.0), ([5.0], [5.0, 4.0], 0.75)])
def test_two_kinds_of_answers_are_told_apart_as_often_as_one_is_slower(some, others, share):
    assert told_apart(some, others) == share


@pytest.mark.soak  # eight servers; the command itself is run for its figures
def test_a_changed_listing_is_what_every_worker_of_two_hosts_answers_with(finder):
    code, out, err = finder("bench", "visible", "--size", "300", "--json")
    assert code == 0, err
    figures = json.loads(out)
    assert (figures["workers"], figures["hosts"], figures["stale"]) == (8, 2, 0)
    assert figures["first_p99_ms"] >= figures["first_p50_ms"] > 0


def test_a_benchmark_refuses_a_database_that_holds_listings(finder, tmp_path):
    finder("init")
    finder("import", finder.file("a.json", [listing(1)]), "--format", "listing", "--source", "test")
    where = databases.address(tmp_path / "instance" / "finder.db")
    for name in ("import", "visible"):
        code, out, err = finder("bench", name, "--database", where)
        assert (code, out) == (1, "")
        assert "Name an empty one" in err


def test_a_comparison_with_other_means_says_why_one_of_them_is_not_there(finder):
    code, out, err = finder("bench", "match", "--size", "200", "--against", "bandwidth,postgis,naive", "--json")
    assert code == 0, err
    figures = json.loads(out)["against"]
    assert figures["bandwidth"]["gb_per_second"] > 0
    assert figures["naive"]["ratio_total"] > 1
    assert "--database" in figures["postgis"]["skipped"]


@pytest.mark.parametrize("wrong", [("match", "--against", "tea"), ("all", "--sizes", "many"), ("all", "--sizes", "0")])
def test_what_cannot_be_timed_is_said_in_one_sentence(finder, wrong):
    code, out, err = finder("bench", *wrong)
    assert code != 0
    assert out == ""
    assert "Traceback" not in err


@pytest.mark.soak  # it runs them all
def test_all_benchmarks_together_are_one_table_and_one_file(finder, tmp_path):
    code, out, err = finder("bench", "all", "--sizes", "300,600", "--out", tmp_path / "bench.json")
    assert code == 0, err
    figures = json.loads((tmp_path / "bench.json").read_text())
    assert {"match_300", "match_600", "against", "import", "http", "pages", "referrals", "standards", "visible",
            "start", "duplicates"} == set(figures)
    assert figures["against"]["size"] == 600
    assert figures["start"]["start_s"] > 0
    assert all(name in out for name in figures)
