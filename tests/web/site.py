"""A site over a database of its own, for pages that need real ids or that write."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from finder.app import create_app
from finder.config import Settings
from finder.listings import tags
from finder.places import gazetteer
from finder.search.snapshot import Keeper
from finder.services import Services
from finder.vocabulary import vocabulary
from finder.web import listing_ids
from tests.conftest import SECRET, Clock
from tests.listings.database import NOW, make_database, take
from tests.pages import Pages


def group(number: int, **more: Any) -> dict[str, Any]:
    """A small listing; what a test is about comes in `more`."""
    return {"format": "finder-listing/1", "id": f"g{number}", "name": f"River Circle {number}",
            "group_type": "peer_support", **more}


class Site:
    """An app, its database, its clock and a client."""

    def __init__(self, folder: Path, listings: list[dict[str, Any]], **settings: Any) -> None:
        self.clock = Clock(NOW)
        self.database = make_database(folder)
        take(self.database, listings)
        held = Settings(secret_key=SECRET, **settings)
        keeper = Keeper(self.database, self.clock, tag_words=tags.words)
        self.app = create_app(held, services=Services(
            held, self.database, keeper.current, gazetteer.load(), vocabulary(), self.clock))
        self.pages = Pages(self.app.test_client())
        now = keeper.current()
        names = sorted(now.parts[0].columns.names, key=lambda one: str(now.find(one.id)[1]["name"]))  # type: ignore[index]
        self.slugs = [one.slug for one in names]
        self.ids = [one.id for one in names]
        self.keys = [listing_ids.encode(one.id) for one in names]

    def wait(self, seconds: int) -> None:
        self.clock.at += timedelta(seconds=seconds)
