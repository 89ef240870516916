"""A client of a FHIR server, which looks at everything it is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from tests.api.fhir.conftest import BASE_URL, FHIR

Pairs = Sequence[tuple[str, str]] | Mapping[str, str]
BASE = f"{BASE_URL}/fhir"
FORM = "application/x-www-form-urlencoded"


class Asking:
    """Asks one app. Every answer is a resource, open to other sites, with the request's name on it and no cookie."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def answered(self, path: str, method: str = "GET", *, status: int = 200, **more: Any) -> TestResponse:
        response = self.client.open(path, method=method, base_url=BASE_URL, **more)
        assert response.status_code == status, (path, response.status_code, response.get_data(as_text=True)[:500])
        assert response.headers["X-Request-ID"]
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in response.headers
        if status != 304 and method != "HEAD":
            assert response.mimetype == FHIR, path
            assert response.json["resourceType"] == "OperationOutcome" or status == 200
        return response

    def read(self, path: str, pairs: Pairs = (), **more: Any) -> dict[str, Any]:
        """A resource by its path in the door."""
        found: dict[str, Any] = self.answered(f"/fhir/{path}" + (f"?{urlencode(pairs)}" if pairs else ""), **more).json
        return found

    def refused(self, path: str, *, status: int = 400, **more: Any) -> list[tuple[str, str]]:
        """Code and diagnostics of every issue of an error."""
        outcome = self.answered(path, status=status, **more).json
        assert outcome["resourceType"] == "OperationOutcome"
        return [(one["code"], one["diagnostics"]) for one in outcome["issue"]]

    def pages(self, path: str, pairs: Pairs = ()) -> Iterator[dict[str, Any]]:
        """The Bundles of a search, by following its links."""
        bundle = self.read(path, pairs)
        while True:
            yield bundle
            following = links(bundle).get("next")
            if following is None:
                return
            bundle = self.follow(following)

    def follow(self, address: str) -> dict[str, Any]:
        """What a link leads to."""
        assert address.startswith(BASE)
        parts = urlsplit(address)
        found: dict[str, Any] = self.answered(f"{parts.path}?{parts.query}").json
        return found

    def all(self, path: str, pairs: Pairs = ()) -> list[dict[str, Any]]:
        """Every resource that a search finds, page after page."""
        return [one["resource"] for bundle in self.pages(path, pairs) for one in bundle.get("entry", ())
                if one["search"]["mode"] == "match"]


def links(bundle: Mapping[str, Any]) -> dict[str, str]:
    return {one["relation"]: one["url"] for one in bundle["link"]}


def ids(bundle: Mapping[str, Any], mode: str = "match") -> list[str]:
    return [one["resource"]["id"] for one in bundle.get("entry", ()) if one["search"]["mode"] == mode]
