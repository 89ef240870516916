"""Several processes save one listing through the pages at the same time; nobody's save may vanish."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from finder.app import create_app
from finder.config import Settings
from finder.db import Database
from finder.listings import changes
from finder.listings.review import Trust
from finder.places import gazetteer
from finder.search.snapshot import Keeper
from finder.services import Services
from finder.vocabulary import vocabulary
from tests.conftest import SECRET, Clock
from tests.listings.database import NOW
from tests.web.steward.desk import StewardSite

OWN = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}


def save(url: str, slug: str, cookie: str, token: str, times: int) -> tuple[int, int]:
    """Saves a listing so often with the version it has just read; gives how many were refused, and how many of the
    answers were neither a save nor a refusal."""
    database = Database(url)
    held, keeper = Settings(secret_key=SECRET), Keeper(database, Clock(NOW))
    app = create_app(held, services=Services(held, database, keeper.current, gazetteer.load(), vocabulary(),
                                             Clock(NOW)))
    client = app.test_client()
    client.set_cookie("sid", cookie)
    saved = refused = other = 0
    while saved < times and not other:
        with database.reading() as session:
            there = changes.find(session, slug)
        to = 1 if there.document["name"] == "Creek Circle" else 2
        answer = client.post(f"/steward/listing/{slug}/restore", headers=OWN, data={
            "form_token": token, "version": str(there.version), "to": str(to)})
        saved += answer.status_code == 303
        refused += answer.status_code == 409
        other += answer.status_code not in (303, 409)
    database.close()
    return refused, other


def at_once(folder: Path, processes: int, times: int) -> tuple[int, int, int]:
    """How many versions came to be, how many saves were refused, how many answers were wrong."""
    site = StewardSite(folder)
    site.propose(trust=Trust.STEWARD, account=site.sam.id, name="Creek Circle")
    slug, cookie = site.slugs[0], site.sam.client.get_cookie("sid")
    token = site.sam.get("/account/").form("/account/sign-out")["form_token"][0]
    before = site.see(0).version
    assert cookie is not None
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        answers = pool.starmap(save, [(site.database.url, slug, cookie.value, token, times)] * processes)
    with site.database.reading() as session:
        steps = changes.history(session, site.see(0).id)
    assert [one.version for one in steps] == list(range(len(steps), 0, -1))
    return (site.see(0).version - before, *map(sum, zip(*answers, strict=True)))  # type: ignore[return-value]


def test_C1_C3_no_save_of_several_processes_is_lost(tmp_path: Path, record_property: Any) -> None:
    versions, _, wrong = at_once(tmp_path, 4, 25)
    assert (versions, wrong) == (100, 0)
    record_property("figure", f"{versions} saves of 4 processes, 0 lost")


@pytest.mark.soak
def test_C1_C3_no_save_of_eight_processes_is_lost(tmp_path: Path, record_property: Any) -> None:
    versions, refused, wrong = at_once(tmp_path, 8, 200)
    assert (versions, wrong) == (1600, 0)
    assert refused > 0
    record_property("figure", f"{versions:,} saves of 8 processes, {refused:,} sent again, 0 lost")
