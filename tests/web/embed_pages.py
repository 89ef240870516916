"""Fetches the finder for other sites as a frame or a reader would, and checks every page of it that comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient

from finder.web.embed_headers import SANDBOX
from tests import pages
from tests.pages import Page

FRAMED_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors *; base-uri 'none'; object-src 'none'; "
    f"manifest-src 'self'; sandbox {SANDBOX}")
OPAQUE = {"Origin": "null", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"}


class Frames:
    """A browser that shows our page in a frame on another site: its origin is opaque, and it carries no cookie."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **headers: str) -> Page:
        return self._checked(path, self.client.get(path, headers=OPAQUE | headers))

    def post(self, path: str, form: Mapping[str, Any] | None = None, **headers: str) -> Page:
        return self._checked(path, self.client.post(path, data=form or {}, headers=OPAQUE | headers))

    def _checked(self, path: str, response: Any) -> Page:
        page = Page(response, path)
        check(page)
        return page


def check(page: Page) -> None:
    """What must hold on every page in a frame, failures included."""
    headers = page.response.headers
    assert headers["Content-Security-Policy"] == FRAMED_POLICY
    assert "X-Frame-Options" not in headers
    assert "Cross-Origin-Opener-Policy" not in headers
    assert "Set-Cookie" not in headers
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["Referrer-Policy"] == "no-referrer"
    pages._check_names(page)
    pages._check_nothing_inline_or_foreign(page)
    line = page.of_class("lampline")[0]
    assert {"tel:988", "tel:911"} <= {tag["href"] for tag in line.all("a")}
    for tag in page.all("a"):
        leaves = not tag["href"].startswith(("tel:", "sms:", "#")) and "/embed" not in tag["href"]
        assert (tag["target"] == "_blank") == leaves, tag.attributes
        if leaves:
            assert set(tag["rel"].split()) >= {"noopener", "noreferrer"}
            assert tag.of_class("vh")[-1].text in ("(opens in a new tab)", "(se abre en otra pestaña)")
    for tag in page.all("form"):
        assert tag["method"] == "post"
        assert "/embed" in tag["action"]


def names(page: Page) -> list[str]:
    """The groups of the list, by name."""
    return [one.all("h3", "h4")[0].all("a")[0].text.removesuffix(" (opens in a new tab)")
            for one in page.of_class("match")]


def levels(page: Page) -> list[int]:
    """The levels of the headings, in order."""
    return [int(tag.name[1]) for tag in page.all("h1", "h2", "h3", "h4", "h5")]
