import re
from configparser import ConfigParser
from dataclasses import fields
from pathlib import Path

import pytest

from finder.config import Settings

DEPLOY = Path(__file__).resolve().parents[2] / "finder" / "deploy"


def unit(name):
    read = ConfigParser(interpolation=None)
    read.optionxform = str  # systemd tells capitals apart
    read.read_string((DEPLOY / name).read_text(encoding="utf-8"))
    return read


@pytest.mark.parametrize(("name", "command"), [("finder.service", "run"), ("finder-work.service", "work")])
def test_S6_a_service_runs_without_rights_over_code_that_it_can_only_read(name, command):
    service = unit(name)["Service"]
    assert service["ExecStart"].split()[1:] == [command]
    assert service["User"] not in ("", "root", "0")
    assert (service["UMask"], service["StateDirectoryMode"]) == ("0077", "0700")
    assert (service["ProtectSystem"], service["NoNewPrivileges"], service["CapabilityBoundingSet"]) == (
        "strict", "yes", "")
    assert "ReadWritePaths" not in service  # only the folder of the instance, which systemd makes
    assert "FINDER_INSTANCE=/var/lib/" + service["StateDirectory"] in service["Environment"]


def test_V6_a_reload_asks_the_server_to_let_new_code_take_over():
    assert unit("finder.service")["Service"]["ExecReload"] == "/bin/kill -HUP $MAINPID"


def test_D1_after_a_crash_the_site_is_started_anew_at_once_and_without_work_done_before():
    read = unit("finder.service")
    assert read["Service"]["RestartSec"] == "100ms"
    assert read["Service"]["Restart"] == "on-failure"
    # Starts that each took a second are no reason to give the site up.
    assert int(read["Unit"]["StartLimitBurst"]) * 1.5 >= int(read["Unit"]["StartLimitIntervalSec"])
    # An instance is made where there is none; it would be as long as the start itself.
    assert "test -e /var/lib/finder/finder.db ||" in read["Service"]["ExecStartPre"]
    page = (DEPLOY / "README.md").read_text(encoding="utf-8")
    installs = [line for line in page.splitlines() if "pip install -c" in line and "backup" in line]
    assert len(installs) == page.count(".venv/bin/python -m compileall -q finder") == 2


def test_the_page_for_who_looks_after_the_machine_names_what_there_is():
    page = (DEPLOY / "README.md").read_text(encoding="utf-8")
    known = {one.metadata["env"] for one in fields(Settings)}
    assert set(re.findall(r"FINDER_[A-Z_]+", page)) <= known
    named = set(re.findall(r"finder/deploy/([a-z@-]+\.[a-z]+)", page))
    assert named == {path.name for path in DEPLOY.iterdir()} - {"README.md", "down.html"}


@pytest.mark.parametrize("name", ["finder.service", "finder-work.service"])
def test_P11_what_a_service_logs_is_kept_for_fourteen_days_and_passed_on_to_no_other_log(name):
    space = unit(name)["Service"]["LogNamespace"]
    journal = unit(f"journald@{space}.conf")["Journal"]
    assert journal["MaxRetentionSec"] == "14day"
    # journald drops whole files, so a file must not go on for long after its first line.
    assert journal["MaxFileSec"] == "1day"
    assert (journal["ForwardToSyslog"], journal["ForwardToWall"]) == ("no", "no")
    assert "StandardError" not in unit(name)["Service"]
