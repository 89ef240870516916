"""What tests of the doors share: an app over invented groups, a fixed clock, and clients that check what they fetch."""

from __future__ import annotations

import atexit
import dataclasses
import gc
import os
import platform
import weakref
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

from finder.app import create_app
from finder.config import Settings
from finder.db import Database
from finder.matching.builder import Builder
from finder.places import gazetteer
from finder.promises import carried
from finder.search import snapshot as snapshots
from finder.search.packed import Name
from finder.search.snapshot import Snapshot
from finder.services import Services
from finder.vocabulary import vocabulary
from tests import databases
from tests.catalogs import ARABIC, STRETCHED, accented, arabic, template, write
from tests.make import NOW
from tests.pages import Pages
from tests.web.sample import LISTINGS

# The same examples everywhere in a check of a change; at home new ones each time.
settings.register_profile("steady", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("steady" if os.environ.get("CI") else "default")

# A thousand tests make an app of their own, and two thirds of what that costs is that Werkzeug reads each of its 500
# addresses and makes code for it. Both follow from the address alone, so it is done once a run.
_read: dict[tuple[Any, ...], dict[str, Any]] = {}
_read_address = Rule.compile


def _read_once(rule: Rule) -> None:
    key = rule.rule, rule.host, rule.subdomain, repr(sorted((rule.defaults or {}).items()))
    if key not in _read:
        _read_address(rule)
        _read[key] = {**vars(rule), "_build": rule._build.__func__,  # type: ignore[attr-defined]
                      "_build_unknown": rule._build_unknown.__func__}  # type: ignore[attr-defined]
    read = _read[key]
    rule.arguments |= read["arguments"]
    for name in ("_parts", "_trace", "_converters"):
        setattr(rule, name, read[name].copy())
    for name in ("_build", "_build_unknown"):
        setattr(rule, name, read[name].__get__(rule, None))


class _Templates(BytecodeCache):
    """And each template too."""

    kept: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.code


Rule.compile = _read_once  # type: ignore[method-assign]
Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Templates()}

TODAY = date.today().toordinal()  # noqa: DTZ011 - which sample a run takes, nothing else
SECRET = "a-secret-for-tests-that-is-long-enough"
MakeApp = Callable[..., Flask]


SAMPLE = int(os.environ.get("FINDER_TEST_SAMPLE") or 1)  # a run takes one test of so many, each day others


def _is_of_today(item: pytest.Item) -> bool:
    return (zlib.crc32(item.nodeid[::-1].encode()) + TODAY) % SAMPLE == 0


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what is marked soak
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves tests whose turn it is not today to long runs, and those about SQLite's own file out where databases are
    on a server; writes into the results of tests that show a promise on which machine they ran."""
    machine = _processor()
    left = [item for item in items if not _is_of_today(item)]
    if left:
        items[0].config.hook.pytest_deselected(items=left)
        items[:] = filter(_is_of_today, items)
    for item in items:
        if carried(item.name):
            item.user_properties.append(("machine", machine))
        marked = item.get_closest_marker("turns")
        if marked is not None and (zlib.crc32(item.nodeid.encode()) + TODAY) % marked.args[0]:
            item.add_marker("soak")
        if databases.ON_SERVER and item.get_closest_marker("sqlite"):
            item.add_marker(pytest.mark.skip(reason="it is about SQLite's own file"))


if databases.ON_SERVER:
    from psycopg._connection_base import BaseConnection

    BaseConnection.__del__ = lambda _: None  # it warns of databases that tests leave open, which a file does not mind

    @pytest.fixture(autouse=True)
    def _databases_go_with_their_test() -> Iterator[None]:
        before = databases.standing()
        yield
        databases.drop_since(before)


@pytest.fixture(autouse=True)
def _connections_go_with_their_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A connection that is out keeps its pool and engine, and through what listens to them a whole app. A thousand of
    those, and the garbage collector stops a worker for longer than a browser waits."""
    made: list[weakref.ref[Database]] = []
    begin = Database.__init__

    def noted(database: Database, url: str) -> None:
        begin(database, url)
        made.append(weakref.ref(database))

    with monkeypatch.context() as patch:
        patch.setattr(Database, "__init__", noted)
        yield
    for one in made:
        database = one()
        if database is not None:
            database._let_go()  # one that outlives the test connects again
    gc.unfreeze()  # what a start in this process has set apart


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {len(names)} cores" if names else platform.processor() or platform.machine()


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def make_snapshot(listings: tuple[dict[str, Any], ...] = LISTINGS, *, demo: bool = True) -> Snapshot:
    """A snapshot of documents whose ids serve as slugs."""
    builder = Builder(NOW.date(), orjson.dumps)
    for one in listings:
        builder.add(one, Name(one["id"], one["id"]))
    return dataclasses.replace(snapshots.from_documents((), NOW.date()), demo=demo,
                               parts=(snapshots._part(builder.build()),))


@cache
def tables() -> Database:
    folder = TemporaryDirectory()
    atexit.register(folder.cleanup)
    with databases.lasting():
        return Database(databases.with_tables(Path(folder.name) / "finder.db"))


def make_app(snapshot: Callable[[], Snapshot], now: Callable[[], datetime], **settings: Any) -> Flask:
    held = Settings(secret_key=SECRET, **settings)
    services = Services(held, tables(), snapshot, gazetteer.load(), vocabulary(), now)
    return create_app(held, services=services)


@pytest.fixture(scope="session")
def sample_snapshot() -> Snapshot:
    return make_snapshot()


@pytest.fixture(scope="session")
def shared_app(sample_snapshot: Snapshot) -> Flask:
    """One app for all that only look."""
    return make_app(lambda: sample_snapshot, lambda: NOW)


@pytest.fixture(scope="session")
def catalogs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two languages more, made of every sentence there is."""
    folder, sentences = tmp_path_factory.mktemp("catalogs"), template()
    write(folder, STRETCHED, accented, sentences)
    write(folder, ARABIC, arabic, sentences)
    return folder


@pytest.fixture(scope="session")
def many_tongues(sample_snapshot: Snapshot, catalogs: Path) -> Flask:
    """An app in four languages, two of which are a catalog file only."""
    return make_app(lambda: sample_snapshot, lambda: NOW, catalogs=str(catalogs))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app_with(sample_snapshot: Snapshot, clock: Clock) -> MakeApp:
    """Builds an app with other settings or another snapshot."""
    def build(snapshot: Callable[[], Snapshot] = lambda: sample_snapshot, **settings: Any) -> Flask:
        return make_app(snapshot, clock, **settings)
    return build


@pytest.fixture
def client(shared_app: Flask) -> FlaskClient:
    return shared_app.test_client()


@pytest.fixture
def pages(client: FlaskClient) -> Pages:
    return Pages(client)
