"""Builds the app and hangs the doors on it: pages for people, JSON under /api. Nothing else happens here."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import orjson
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from finder import api, secret, web
from finder.api import metrics
from finder.config import ROOT, Settings
from finder.db import Database
from finder.listings import tags
from finder.matching.compiled import Loops
from finder.matching.ruleset import Ruleset
from finder.meter import Meter
from finder.pace import Pace
from finder.paper import Press
from finder.places import gazetteer, outlines
from finder.search.find import FINDER_1
from finder.search.snapshot import Keeper
from finder.search.tuning import load_rules
from finder.services import Services
from finder.sharing.shared import Shared
from finder.vocabulary import Vocabulary, vocabulary

PACKAGE = Path(__file__).resolve().parent
# Holds the longest form or intake many times over.
LONGEST_BODY = 256 * 1024
MOST_FORM_PARTS = 1000
LOOPS_AFTER_SECONDS = 3.0  # a site that begins, perhaps after a crash, first answers those who wait


def create_app(settings: Settings, *, services: Services | None = None, folder: Path | None = None) -> Flask:
    """The whole application of one instance.

    `services` are made from the settings when none are handed in. `folder` holds `templates/`; by default it is the
    one that holds `wsgi.py`.
    """
    app = Flask("finder", root_path=str(PACKAGE), static_folder=None,
                template_folder=str((folder or ROOT) / "templates"))
    app.config.update(MAX_CONTENT_LENGTH=LONGEST_BODY, MAX_FORM_MEMORY_SIZE=LONGEST_BODY,
                      MAX_FORM_PARTS=MOST_FORM_PARTS, FINDER_PACKAGE=PACKAGE)
    app.url_map.strict_slashes = True
    keys = secret.ring(settings)
    app.extensions["finder"] = services or build_services(settings)
    metrics.install(app, lambda: map(metrics.token_of, keys.keys("metrics")))
    web.install(app, settings, keys)
    api.register(app)
    metrics.name(app)
    if settings.proxy_count:
        proxies = settings.proxy_count
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    return app


def build_services(settings: Settings) -> Services:
    """Database, snapshot, gazetteer, vocabulary and weights of an instance."""
    settings.instance.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    places, words, loops, press = gazetteer.load(settings.instance / "ready"), vocabulary(), Loops(), Press()
    outlines.load()  # so that nobody waits for the first map
    replica = Database(settings.database_read_url) if settings.database_read_url else None
    keeper = Keeper(database, _now, loops, tags.words, Shared(settings.instance, database, replica), replica)

    def serve() -> None:
        database.serve()
        keeper.settles = True
        loops.load_aside(LOOPS_AFTER_SECONDS)
        press.lasting = True

    return Services(settings, database, keeper.current, places, words, _now,
                    _rules(settings.instance / "weights.json", places, words), serve, press,
                    Pace(settings.instance / "pace") if settings.rate_limits == "on" else None,
                    Meter(settings.instance / "metrics"))


def _rules(path: Path, places: gazetteer.Gazetteer, words: Vocabulary) -> Ruleset:
    """The weights that ship, or a steward's own from the instance's weights.json. Raises Invalid for a bad file."""
    if not path.exists():
        return FINDER_1
    lines = (ROOT / "seed_data" / "vignettes.jsonl").read_bytes().splitlines()
    return load_rules(path, [orjson.loads(line) for line in lines], gazetteer=places, vocabulary=words)


def _now() -> datetime:
    return datetime.now(UTC)
