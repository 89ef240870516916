from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from finder.exchange import sitemap
from tests.exchange.test_sitemap import HOME, WHEN, pages

# A judge from outside under the GPL, and so no part of the tests' own extra: `pip install -e '.[judges]'`.
pytest.importorskip("usp")
from usp.tree import sitemap_tree_for_homepage  # noqa: E402
from usp.web_client.abstract_client import (  # noqa: E402
    AbstractWebClient,
    AbstractWebClientSuccessResponse,
    WebClientErrorResponse,
)


class Answer(AbstractWebClientSuccessResponse):
    def __init__(self, url: str, body: bytes) -> None:
        self.body, self.address = body, url

    def status_code(self) -> int:
        return 200

    def status_message(self) -> str:
        return "OK"

    def header(self, case_insensitive_name: str) -> str | None:
        return "application/xml" if case_insensitive_name.lower() == "content-type" else None

    def raw_data(self) -> bytes:
        return self.body

    def url(self) -> str:
        return self.address


class Missing(WebClientErrorResponse):
    pass


class Held(AbstractWebClient):
    """A client that has all it is asked for and no network."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files

    def set_max_response_data_length(self, max_response_data_length: int | None) -> None:
        pass

    def get(self, url: str) -> Any:
        return Answer(url, self.files[url]) if url in self.files else Missing(message="404", retryable=False)


def served(count: int, most: int) -> dict[str, bytes]:
    files = {f"{HOME}/sitemap-{number}.xml": body
             for number, body in enumerate(sitemap.files(pages(count), most=most), 1)}
    return {**files, f"{HOME}/sitemap.xml": sitemap.index((url, WHEN) for url in files),
            f"{HOME}/robots.txt": f"Sitemap: {HOME}/sitemap.xml\n".encode()}


def test_a_reader_from_outside_finds_every_address_with_its_day_and_its_twins() -> None:
    tree = sitemap_tree_for_homepage(HOME, web_client=Held(served(25, 20)), use_known_paths=False)
    found = list(tree.all_pages())
    assert {one.url for one in found} == {url for page in pages(25) for url in page.urls.values()}
    assert len(found) == 50
    assert {one.last_modified for one in found} == {WHEN}
    assert dict(found[0].alternates) == {"en": f"{HOME}/programs/0", "es": f"{HOME}/es/programs/0",
                                         "x-default": f"{HOME}/programs/0"}
