"""A server of the tests' own and new databases on it, for what only a server can show. It skips where there is none."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import NullPool, create_engine, text

from finder.db import Database
from tests.clusters import Cluster

Make = Callable[..., Database]
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    made = Cluster()
    made.start()
    yield made
    made.remove()


def new_database(cluster: Cluster, template: str = "template0") -> str:
    """The address of a new database."""
    name = f"d{next(_numbers)}"
    admin = create_engine(cluster.address(), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    admin.dispose()
    return cluster.address(name)


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """The name of a database with all tables and no rows."""
    address = new_database(cluster)
    database = Database(address)
    database.upgrade()
    database.close()
    return database.engine.url.database or ""


@pytest.fixture
def address(cluster: Cluster) -> str:
    """The address of a new database without tables."""
    return new_database(cluster)


@pytest.fixture
def make(cluster: Cluster, template: str) -> Iterator[Make]:
    """Opens a new database with all tables, or one that is there already."""
    opened: list[Database] = []

    def build(address: str | None = None) -> Database:
        opened.append(Database(address or new_database(cluster, template)))
        return opened[-1]

    yield build
    for one in opened:
        one.close()


@pytest.fixture
def database(make: Make) -> Database:
    return make()
