"""Sums of requests that all processes of an instance share, and /metrics that tells them to who runs it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from time import perf_counter

import pytest
from flask import Flask

from finder import meter, secret
from finder.api import metrics
from finder.meter import BUCKETS, Meter
from tests.conftest import SECRET, MakeApp, make_app
from tests.make import NOW
from tests.web.site import Site, group

ROUTES, AREAS = ["-", "/programs/<slug>"], ["-", "seeker"]


def named(folder: Path | None) -> Meter:
    made = Meter(folder)
    made.name(ROUTES, AREAS)
    return made


def test_O1_what_processes_count_is_summed_also_when_some_have_ended(tmp_path: Path) -> None:
    first, second = named(tmp_path), named(tmp_path)
    first.count("/programs/<slug>", "seeker", 200, 0.004)
    second.count("/programs/<slug>", "seeker", 304, 0.04)
    second.count("-", "-", 404, 99.0)
    assert first.sums() == second.sums()
    assert first.sums().requests == {("/programs/<slug>", "2xx"): 1, ("/programs/<slug>", "3xx"): 1, ("-", "4xx"): 1}
    assert first.sums().times["-"].within == (0,) * len(BUCKETS) + (1,)
    first.close()
    third = named(tmp_path)
    third.count("/programs/<slug>", "seeker", 200, 0.004)
    assert third.sums().requests["/programs/<slug>", "2xx"] == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_O1_processes_that_are_killed_lose_nothing_that_was_counted(tmp_path: Path) -> None:
    code = ("import os, sys\nfrom pathlib import Path\nfrom finder.meter import Meter\n"
            f"made = Meter(Path(sys.argv[1]))\nmade.name({ROUTES!r}, {AREAS!r})\n"
            "for _ in range(1000): made.count('-', 'seeker', 200, 0.001)\nos.kill(os.getpid(), 9)\n")
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(4)]
    assert [one.wait(60) for one in running] == [-9] * 4
    assert named(tmp_path).sums().requests == {("-", "2xx"): 4000}


def test_O1_threads_that_count_at_once_lose_nothing(tmp_path: Path) -> None:
    held = named(tmp_path)
    running = [threading.Thread(target=lambda: [held.count("-", "-", 200, 0.001) for _ in range(500)])
               for _ in range(8)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    assert held.sums().requests == {("-", "2xx"): 4000}


def test_O1_with_other_routes_counting_begins_anew(tmp_path: Path) -> None:
    held = named(tmp_path)
    held.count("-", "-", 200, 0.001)
    held.close()
    other = Meter(tmp_path)
    other.name([*ROUTES, "/new"], AREAS)
    other.count("/new", "-", 200, 0.001)
    assert other.sums().requests == {("/new", "2xx"): 1}


def test_O1_where_no_file_can_be_had_it_is_counted_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    held = named(tmp_path / "file")
    held.count("-", "-", 200, 0.001)
    assert held.sums().requests == {("-", "2xx"): 1}


def test_O1_what_has_no_name_and_no_status_is_not_counted(tmp_path: Path) -> None:
    held = named(tmp_path)
    held.count("/programs/durham-nc-0d4ccba17de3", "seeker", 200, 0.1)
    held.count("-", "nowhere", 200, 0.1)
    held.count("-", "-", 700, 0.1)
    assert held.sums().requests == {}


@pytest.mark.soak
def test_O1_counting_a_request_costs_microseconds(tmp_path: Path) -> None:
    held = named(tmp_path)
    began = perf_counter()
    for _ in range(100_000):
        held.count("-", "-", 200, 0.001)
    assert (perf_counter() - began) / 100_000 < 20e-6


# -- the route ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1)])


def token(app: Flask) -> str:
    return next(iter(app.extensions["finder_metrics"].tokens()))


def read(app: Flask) -> str:
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {token(app)}"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.get_data(as_text=True)


def test_O1_metrics_tell_counts_and_states_and_no_word_of_anybody(site: Site) -> None:
    client = site.app.test_client()
    client.get("/programs?near=zqcanary", headers={"User-Agent": "zqcanary", "X-Forwarded-For": "203.0.113.9"})
    client.get(f"/programs/{site.slugs[0]}")
    client.get("/zqcanary")
    said = read(site.app)
    lines = [line for line in said.splitlines() if not line.startswith("#")]
    assert 'finder_requests_total{route="/programs/<slug>",status="2xx"} 1' in lines
    assert any(line.startswith('finder_requests_total{route="-",status="4xx"}') for line in lines)
    assert 'finder_request_seconds_count{area="seeker"} 2' in lines
    assert {"finder_up 1", "finder_snapshot_programs 1", "finder_outbox_due 0",
            "finder_crisis_lines_reviewed 1"} <= set(lines)
    for name in ("snapshot_version", "catalog_version", "snapshot_age_seconds", "disk_free_ratio"):
        assert any(line.startswith(f"finder_{name} ") for line in lines)
    for words in ("zqcanary", "203.0.113.9", site.slugs[0]):
        assert words not in said
    labels = {label.partition("=")[0] for line in lines if "{" in line
              for label in line[line.index("{") + 1:line.index("}")].split(",")}
    assert labels <= {"route", "status", "area", "le"}


@pytest.mark.parametrize("sent", [None, "Bearer wrong", "Bearer ", "Basic x", "Bearer é"])
def test_O1_without_the_token_there_is_no_such_page(site: Site, sent: str | None) -> None:
    headers = {"Authorization": sent} if sent is not None else {}
    answer = site.app.test_client().get("/metrics", headers=headers)
    assert answer.status_code == 404
    assert "finder_" not in answer.get_data(as_text=True)


def test_O1_metrics_say_so_when_the_database_is_away(app_with: MakeApp) -> None:
    def away() -> None:
        raise secret.Conflict("gone")

    app = app_with(snapshot=away)
    assert "finder_up 0" in read(app)


def test_O1_the_token_is_made_of_the_secret_and_differs_from_it() -> None:
    app = make_app(lambda: None, lambda: NOW)  # type: ignore[arg-type, return-value]
    made = token(app)
    assert made == metrics.token_of(secret.key_for(SECRET.encode(), "metrics"))
    assert len(made) == 43


def test_O1_the_text_is_what_prometheus_reads(site: Site) -> None:
    parser = pytest.importorskip("prometheus_client.parser")
    site.app.test_client().get("/programs")
    families = {one.name: one for one in parser.text_string_to_metric_families(read(site.app))}
    assert families["finder_requests"].type == "counter"
    assert families["finder_request_seconds"].type == "histogram"


def test_O1_files_of_counts_are_made_by_a_server_alone(tmp_path: Path) -> None:
    assert meter.MOST_PROCESSES > 64  # FINDER_WORKERS
    named(tmp_path / "metrics").sums()
    assert not os.path.exists(tmp_path / "metrics")
