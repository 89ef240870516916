"""Asking /hsds as a client does that knows the standard and nothing of us."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from finder.exchange.hsds.paging import following
from tests.api.feeds.publishing import ADDRESS, Publisher
from tests.exchange.hsds.documents import documents

LISTS = ("services", "service_at_locations", "organizations", "taxonomies", "taxonomy_terms")
# The standard's compiled schemas: of a row in a list, and of a thing alone.
SHORT = {"services": "service_list.json", "service_at_locations": "service_at_location_list.json",
         "organizations": "organization_list.json"}
WHOLE = {"services": "service.min.json", "service_at_locations": "service_at_location.min.json",
         "organizations": "organization.min.json"}


class Door:
    """The lists of one instance."""

    def __init__(self, publisher: Publisher) -> None:
        self.publisher = publisher

    def get(self, path: str, headers: Mapping[str, str] | None = None, **asked: Any) -> Any:
        query = f"?{urlencode({name: told(value) for name, value in asked.items()})}" if asked else ""
        return self.publisher.client.get(f"/hsds{path}{query}", headers=headers, base_url=ADDRESS)

    def post(self, path: str, **how: Any) -> Any:
        return self.publisher.client.post(f"/hsds{path}", base_url=ADDRESS, **how)

    def page(self, name: str, **asked: Any) -> dict[str, Any]:
        answer = self.get(f"/{name}", **asked)
        assert answer.status_code == 200, answer.text[:500]
        found: dict[str, Any] = answer.json
        return found

    def pages(self, name: str, **asked: Any) -> Iterator[dict[str, Any]]:
        """Every page, as `following` finds them."""
        number: int | None = 1
        while number is not None:
            found = self.page(name, page=number, **asked)
            yield found
            number = following(found)

    def rows(self, name: str, **asked: Any) -> list[dict[str, Any]]:
        """The rows of every page."""
        return [row for page in self.pages(name, **{"per_page": 100, **asked}) for row in page["contents"]]

    def ids(self, name: str, **asked: Any) -> list[str]:
        return [row["id"] for row in self.rows(name, **asked)]

    def lines(self, name: str, **asked: Any) -> list[dict[str, Any]]:
        answer = self.get(f"/{name}", format="ndjson", **asked)
        assert (answer.status_code, answer.mimetype) == (200, "application/x-ndjson")
        return [json.loads(line) for line in answer.text.splitlines()]

    def one(self, name: str, key: str, **asked: Any) -> dict[str, Any]:
        answer = self.get(f"/{name}/{key}", **asked)
        assert answer.status_code == 200, answer.text[:500]
        found: dict[str, Any] = answer.json
        return found


def told(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


@cache
def generated(count: int) -> list[dict[str, Any]]:
    """So many listings of every odd kind, always the same."""
    found: list[dict[str, Any]] = []

    @seeded(20261126)
    @settings(max_examples=count, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(documents())
    def draw(document: dict[str, Any]) -> None:
        found.append({**document, "id": f"odd-{len(found)}"})

    draw()
    return found
