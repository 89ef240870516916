from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from finder.app import create_app
from finder.config import Settings
from finder.places import gazetteer
from finder.search.snapshot import Keeper
from finder.services import Services
from finder.vocabulary import vocabulary
from tests.conftest import SECRET
from tests.listings.database import NOW, make_database, take

BASE_URL = "https://finder.example"
FHIR = "application/fhir+json"
Made = Callable[..., Flask]


def make_app(folder: Path, listings: Sequence[dict[str, Any]], **settings: Any) -> Flask:
    """An app over a database of its own with some listings."""
    database = make_database(folder)
    if listings:
        assert take(database, listings).added == len(listings)
    held = Settings(instance=folder, secret_key=SECRET, **{"base_url": BASE_URL} | settings)
    keeper = Keeper(database, _now)
    return create_app(held, services=Services(held, database, keeper.current, gazetteer.load(), vocabulary(), _now))


def _now() -> datetime:
    return NOW


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Made]:
    """Makes one app, and closes its database in the end."""
    made: list[Flask] = []

    def one(listings: Sequence[dict[str, Any]], **settings: Any) -> Flask:
        made.append(make_app(tmp_path, listings, **settings))
        return made[-1]
    yield one
    for app in made:
        app.extensions["finder"].database.close()
