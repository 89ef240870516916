"""Clients that a package registry has: croutonjs reads BMLT answers in a browser, pdf12step prints the Meeting Guide
feed."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.clients.conftest import Elsewhere, Instance, Open, module
from tests.reading_pdf import pages

FEED = "/meetings.json"
SEARCH = "/bmlt/client_interface/json/?switcher=GetSearchResults"
# All that is published, below the service body that stands for the instance itself; maps are an add-on of the client.
CROUTON_PAGE = """<link rel="stylesheet" href="/crouton.min.css"><div id="bmlt-tabs"></div>
<p id="meetings"></p><p id="groups"></p><script src="/crouton.min.js"></script><script>
var crouton = new Crouton({{root_server: "{server}", service_body: ["1"], recurse_service_bodies: true,
                            show_map: false, {more}}});
crouton.meetingCount(count => {{ document.getElementById("meetings").textContent = count; }});
crouton.groupCount(count => {{ document.getElementById("groups").textContent = count; }});
crouton.render();
</script>"""
PDF_SETTINGS = """site_url: {site}
api_url: {feed}
author: Example Directory
"""
SECONDS = 240
BEGINNING = 24  # letters of a name that stand in one line


@pytest.fixture(scope="session")
def crouton() -> Path:
    return module("@bmlt-enabled/croutonjs", "crouton.min.js")


@pytest.fixture(scope="session")
def pdf12step() -> None:
    if find_spec("pdf12step") is None:
        if os.environ.get("CI"):
            pytest.fail("pdf12step is needed in CI")
        pytest.skip("pdf12step is not here; pip install -e '.[judges]'")


def tabbed(instance: Instance, elsewhere: Open, files: Path, more: str = "") -> Elsewhere:
    page = CROUTON_PAGE.format(server=instance.address + "/bmlt", more=more)
    there = elsewhere(page, files)
    there.page.locator("#meetings:not(:empty)").wait_for()
    return there


@pytest.mark.browser
def test_croutonjs_shows_as_many_meetings_as_are_answered(crouton: Path, instance: Instance, elsewhere: Open) -> None:
    there, meetings = tabbed(instance, elsewhere, crouton), instance.get(SEARCH)
    rows = there.page.locator(".bmlt-data-row")
    assert there.page.locator("#meetings").inner_text() == str(len(meetings))
    shown = rows.evaluate_all("all => all.map(one => one.id.replace('meeting-data-row-', ''))")
    assert set(shown) == {one["id_bigint"] for one in meetings}
    days = rows.evaluate_all("all => all.map(one => one.dataset.weekdays)")
    assert len(set(days)) == 7
    kinds = rows.evaluate_all("all => all.map(one => one.dataset.venues)")
    assert (kinds.count("virtual") > 0, "" in kinds) == (True, False)
    assert [text for text in there.complaints if "404" not in text] == []  # a picture for the tab is not served


@pytest.mark.browser
def test_croutonjs_shows_one_organization_alone(crouton: Path, instance: Instance, elsewhere: Open) -> None:
    body = instance.get("/bmlt/client_interface/json/?switcher=GetServiceBodies")[1]
    wanted = instance.get(f"{SEARCH}&services={body['id']}")
    there = tabbed(instance, elsewhere, crouton, f'service_body: ["{body["id"]}"]')
    assert there.page.locator("#meetings").inner_text() == str(len(wanted))
    names = there.page.locator("#bmlt-tabs").inner_html()
    assert all(one["meeting_name"].partition("'")[0] in names for one in wanted)


@pytest.mark.usefixtures("pdf12step")
def test_pdf12step_prints_every_meeting_of_the_feed(instance: Instance, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(
        PDF_SETTINGS.format(site=instance.address, feed=instance.address + FEED), encoding="utf-8")
    (tmp_path / "assets").mkdir()
    command = [sys.executable, "-m", "pdf12step", "-c", "config.yaml", "-D", "data", "-A", "assets", "pdf", "-d", "-o",
               "list.pdf"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS,
                          env={**os.environ, "PYTHONWARNINGS": "ignore"}, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    sheets = pages((tmp_path / "list.pdf").read_bytes())
    assert len(sheets) > 10
    printed, names = " ".join(sheets), {one["name"] for one in instance.get(FEED)}
    # A long name goes on in the next line, with the hour between.
    assert {name for name in names if name[:BEGINNING].rpartition(" ")[0] not in printed} == set()
    assert {word for name in names for word in name.split()} - set(printed.split()) == set()
