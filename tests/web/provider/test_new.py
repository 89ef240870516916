from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.referrals.samples import join, make_team
from tests.web.people import Person
from tests.web.site import Site, group
from finder.accounts.permissions import Role, Scope

KNOWN = {"needs_text": "depression", "near.text": "online"}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(1, focus=["depression"])])


@pytest.fixture
def provider(site: Site) -> Person:
    with site.database.transaction() as session:
        team, _ = make_team(session, "Eastside", "ana@example.org")
        value = str(team.id)
    return Person(site, "ana@example.org", second_step=False)


def test_what_is_typed_gives_a_shortlist(provider: Person) -> None:
    page = provider.get("/provider/new")
    page = provider.send(page, "/provider/new", KNOWN)
    assert 'River Circle 1' in page.main.text
