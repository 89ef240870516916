from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from finder.accounts.permissions import Role
from finder.backup import keeping, quiet
from tests.web.people import Person
from tests.web.site import Site, group


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1)], instance=tmp_path)


def told(site: Site) -> str:
    steward = Person(site, "sam@example.org", Role.STEWARD)
    return " ".join(one.text for one in steward.get("/steward/").of_class("notice--wait"))


def backup(site: Site, tmp_path: Path, hours: float) -> None:
    (tmp_path / "backups").mkdir(exist_ok=True)
    (tmp_path / "backups" / keeping.name(site.clock() - timedelta(hours=hours))).touch()


def test_D6_a_site_without_a_backup_says_so(site: Site) -> None:
    assert "There is no backup of this site yet" in told(site)


def test_D6_stewards_are_warned_when_the_last_good_backup_is_older_than_two_days(site: Site, tmp_path: Path) -> None:
    backup(site, tmp_path, 100)
    assert "The last good backup was made 4 days ago" in told(site)
    backup(site, tmp_path, 47)
    assert "backup" not in told(site)


def test_D5_stewards_read_that_a_restored_site_waits_for_them(site: Site, tmp_path: Path) -> None:
    backup(site, tmp_path, 1)
    made_at = (site.clock() - timedelta(days=3)).isoformat()
    quiet.begin(tmp_path, made_at, now=site.clock())
    assert "put back from a backup made 3 days ago" in told(site)
    quiet.end(tmp_path)
    assert told(site) == ""
