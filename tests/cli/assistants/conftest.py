from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from finder.app import build_services, create_app
from finder.cli.assistants.tools import Tools
from finder.config import Settings
from finder.listings.edits import Incoming, import_listings
from tests.api.conftest import LISTINGS
from tests.conftest import SECRET
from tests.listings.database import NOW

ROOT = Path(__file__).resolve().parents[3]
CRISIS_FILE = """
reviewed_by = ["Ana Example", "Bo Example"]
[[line]]
id = "county-mobile-team"
name = "County mobile crisis team"
about = "Comes to you, day and night."
topics = ["mental", "suicide"]
call = "919-555-0100"
source = "https://county.example/crisis"
stated = "2026-11"
"""


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with the listings of the API's tests, and nothing but its database in it."""
    folder = tmp_path_factory.mktemp("assistants")
    services = build_services(Settings(instance=folder))
    services.database.upgrade()
    with services.database.transaction() as session:
        import_listings(session, [Incoming(one, row) for row, one in enumerate(LISTINGS, 1)], source="test", now=NOW)
    services.database.close()
    return folder


@pytest.fixture(scope="session")
def tools(instance: Path) -> Iterator[Tools]:
    """The tools inside this process."""
    services = build_services(Settings(instance=instance, secret_key=SECRET))
    yield Tools(create_app(services.settings, services=services), services)
    services.database.close()


class Assistant:
    """The SDK's own client over a `finder mcp` of its own process; what that says on standard error is kept."""

    def __init__(self, folder: Path, instance: Path) -> None:
        self.instance = folder / "instance"
        shutil.copytree(instance, self.instance)
        self.environ = {"FINDER_INSTANCE": str(self.instance), "PYTHONDONTWRITEBYTECODE": "1"}
        self.said = folder / "stderr.txt"

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "finder", "mcp"]

    def talk(self, about: Callable[[Client], Awaitable[Any]], *, mode: str = "auto") -> Any:
        """What comes of talking to it."""
        async def talking(errors: TextIO) -> Any:
            first, *rest = self.command
            server = StdioServerParameters(command=first, args=rest, env=self.environ, cwd=ROOT)
            async with Client(stdio_client(server, errors), mode=mode) as client:
                return await about(client)

        with self.said.open("a", encoding="utf-8") as errors:
            return asyncio.run(talking(errors))

    def call(self, name: str, given: dict[str, Any] | None = None) -> Any:
        """The answer of one tool."""
        return self.talk(lambda client: client.call_tool(name, given or {}))

    @property
    def whole_environ(self) -> dict[str, str]:
        return {**os.environ, **self.environ}


@pytest.fixture
def assistant(tmp_path: Path, instance: Path) -> Assistant:
    return Assistant(tmp_path, instance)
