"""An instance of its own over given listings, for tests of what it gives out as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from flask import Flask
from flask.testing import FlaskClient

from finder.app import create_app
from finder.config import ROOT, Settings
from finder.places import gazetteer
from finder.search.snapshot import Keeper
from finder.services import Services
from finder.vocabulary import vocabulary
from tests.conftest import SECRET, Clock
from tests.listings.database import NOW, make_database, take

SEED = ROOT / "seed_data" / "listings.jsonl"
ADDRESS = "https://finder.example"


class Publisher:
    """An app whose address is ADDRESS unless it is told another, its database, its clock and a client."""

    def __init__(self, folder: Path, listings: Sequence[dict[str, Any]] = (), **settings: Any) -> None:
        self.clock = Clock(NOW)
        self.folder = folder
        self.database = make_database(folder)
        if listings:
            take(self.database, listings)
        self.app = self.with_settings(**settings)
        self.client: FlaskClient = self.app.test_client()

    def with_settings(self, **settings: Any) -> Flask:
        """Another app over the same database."""
        held = Settings(instance=self.folder, secret_key=SECRET, **{"base_url": ADDRESS, **settings})
        keeper = Keeper(self.database, self.clock)
        return create_app(held, services=Services(held, self.database, keeper.current, gazetteer.load(), vocabulary(),
                                                  self.clock))

    def get(self, path: str, **headers: str) -> Any:
        """The answer to a request, whose host is the address."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=named, base_url=self.app.extensions["finder"].settings.address)


def seed() -> list[dict[str, Any]]:
    """The listings that ship."""
    return [orjson.loads(line) for line in SEED.read_bytes().splitlines()]
