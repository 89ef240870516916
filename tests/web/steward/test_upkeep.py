from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from finder import outbox
from finder.accounts.permissions import Role, Scope
from finder.audit import checking
from finder.audit.chain import ENTRY, End
from finder.audit.verifying import Witness
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


@pytest.mark.sqlite
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
    assert "put back" not in told(site)


def restored(site: Site, tmp_path: Path) -> Person:
    sam = Person(site, "sam@example.org", Role.STEWARD)
    with site.database.transaction() as session:
        outbox.write(session, "list", "old@example.org", {}, now=site.clock() - timedelta(hours=1))
    quiet.begin(tmp_path, (site.clock() - timedelta(days=3)).isoformat(), now=site.clock())
    return sam


def test_D5_a_steward_lets_a_restored_site_go_on_by_a_button(site: Site, tmp_path: Path) -> None:
    sam = restored(site, tmp_path)
    page = sam.get("/steward/restored")
    assert "1 letter that waited in the backup is dropped" in page.main.text
    assert sam.send(page, "/steward/restored/go-on").status == 200
    assert quiet.found(tmp_path) is None
    with site.database.reading() as session:
        assert outbox.waiting(session, site.clock()) == 0
        told = session.execute(select(ENTRY.c.what, ENTRY.c.account_id).order_by(ENTRY.c.number)).all()
    assert ("restore.confirmed", sam.id) in [tuple(one) for one in told]
    assert checking.last(tmp_path) is not None


def test_D5_the_audit_goes_on_from_a_backup_that_was_put_back(site: Site, tmp_path: Path) -> None:
    held = site.app.extensions["finder"]
    sam = restored(site, tmp_path)
    Witness(tmp_path / checking.HEAD).keep(End(999, "f" * 64))  # as it was before the restore
    assert checking.look(held.database.engine, held.audit.keys, tmp_path, site.clock()).broken is not None
    assert "record of who did what was changed" in sam.get("/steward/").main.text
    sam.send(sam.get("/steward/restored"), "/steward/restored/go-on")
    assert checking.look(held.database.engine, held.audit.keys, tmp_path, site.clock()).broken is None
    assert "record of who did what was changed" not in sam.get("/steward/").main.text


def test_A1_only_who_sets_the_site_lets_it_go_on(site: Site, tmp_path: Path) -> None:
    restored(site, tmp_path)
    kim = Person(site, "kim@example.org", (Role.STEWARD, Scope.STATE, "US:OH"))
    assert kim.get("/steward/restored").status == 404
    assert "/steward/restored" not in [one["href"] for one in kim.get("/steward/").all("a")]
    assert quiet.found(tmp_path) is not None
