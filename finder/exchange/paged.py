"""A list of HSDS services that an address gives page by page, brought whole into one folder, or not at all.

Where the list only names its services, each is asked for by itself, one after the other and not too fast.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from finder.exchange import asking, files
from finder.exchange.fetching import Fetched, Limits, Unfetchable
from finder.exchange.files import Broken
from finder.exchange.hsds.paging import following

FORMAT = "hsds"
PER_PAGE = "100"
TRIES = 2  # of a list that changes while it is read
_LIST = "services"
# What a service says beside its own lines. A list in which none has any of it holds services in short.
_NESTED = frozenset((
    "attributes", "contacts", "cost_options", "languages", "locations", "phones", "regular_schedules",
    "required_documents", "schedules", "service_areas", "service_at_locations", "services_at_location"))
_ABSENT = (404, 405, 410, 501)  # answers of one that gives no single services
Fetch = Callable[..., Fetched]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is brought: pages, services asked for one by one, bytes of all, seconds for all and for one request.
    `pause` are the seconds between two services; `anywhere` as in fetching."""

    pages: int = 500
    services: int = 1000
    bytes: int = 64 * 1024 * 1024
    seconds: float = 300.0
    request_seconds: float = 20.0
    pause: float = 0.1
    anywhere: bool = False


def bring(url: str, folder: Path, fetch: Fetch, *, etag: str | None = None, bounds: Bounds | None = None,
          wait: Callable[[float], object] = time.sleep) -> Fetched:
    """What an address holds: the folder of all pages of a list, or the file itself where it holds something else.

    `etag` is that of an earlier answer, and counts for lists of one page only. Raises Unfetchable, and Broken:
    pages_moved for a list that changes all the time, too_large for more pages than the bounds allow, short_list for
    one that names too many services to ask for them one by one.
    """
    visit = _Visit(url, folder, fetch, bounds or Bounds(), wait)
    for left in reversed(range(TRIES)):
        try:
            return visit.go(etag)
        except Broken as broken:
            if broken.code != "pages_moved" or not left:
                raise
    raise AssertionError


@dataclass(slots=True)
class _Visit:
    url: str
    folder: Path
    fetch: Fetch
    bounds: Bounds
    wait: Callable[[float], object]
    left: int = 0
    ends: float = 0.0
    pages: dict[Path, dict[str, Any]] = field(default_factory=dict)

    def go(self, etag: str | None) -> Fetched:
        self.left, self.ends, self.pages = self.bounds.bytes, asking.deadline(self.bounds.seconds), {}
        first = self._ask(_page_address(self.url, 1), etag)
        if first.path is None:
            return first
        answer = _answer(first.path)
        if answer is not None and "openapi_url" in answer and "contents" not in answer and not _is_list(self.url):
            self.url = f"{self.url.rstrip('/')}/{_LIST}"  # the first page of such an API, which names no lists
            return self.go(None)
        if answer is None or (following(answer) is None and not self._is_short([answer])):
            return first
        home = self.folder / "pages"
        home.mkdir(exist_ok=True)
        for one in home.iterdir():
            one.unlink()
        self._all(first.path, answer, home)
        if self._is_short(list(self.pages.values())):
            self._each_service(home)
        return replace(first, path=home, etag=None)

    def _ask(self, url: str, etag: str | None = None) -> Fetched:
        seconds = min(self.bounds.request_seconds, self.ends - asking.deadline(0))
        if seconds <= 0:
            raise Unfetchable("too_slow")
        if self.left <= 0:
            raise Unfetchable("too_large", max=self.bounds.bytes // (1024 * 1024))
        found = self.fetch(url, self.folder, etag=etag, limits=Limits(self.left, seconds,
                                                                      anywhere=self.bounds.anywhere))
        if found.path is not None:
            self.left -= found.path.stat().st_size
        return found

    def _all(self, path: Path, answer: dict[str, Any], home: Path) -> None:
        """All pages from the first one on, each in a file of its own."""
        totals, number = _totals(answer), 1
        while True:
            kept = home / f"page-{number:05}.json"
            path.rename(kept)
            self.pages[kept] = answer
            after = following(answer)
            if after is None:
                if len(self.pages) < (totals[1] or 1):
                    raise Broken("pages_moved")
                return
            if after != number + 1:
                raise Broken("pages_moved")
            if after > self.bounds.pages:
                raise Broken("too_large")
            number = after
            found = self._ask(_page_address(self.url, number)).path
            there = _answer(found) if found is not None else None
            if found is None or there is None or _totals(there) != totals:
                raise Broken("pages_moved")  # a listing may have slipped from one page to another, unseen
            path, answer = found, there

    def _is_short(self, answers: list[dict[str, Any]]) -> bool:
        if not _is_list(self.url):
            return False
        services = list(_services(answers))
        return bool(services) and not any(_NESTED & one.keys() for one in services)

    def _each_service(self, home: Path) -> None:
        """Puts the whole service in the place of each that is only named."""
        services = list(_services(self.pages.values()))
        if len(services) > self.bounds.services:
            raise Broken("short_list")
        for number, service in enumerate(services):
            whole = self._service(service["id"], first=not number)
            if whole is None:
                return
            service.clear()
            service.update(whole)
        for path, answer in self.pages.items():
            path.write_text(json.dumps(answer), encoding="ascii")

    def _service(self, key: Any, *, first: bool) -> dict[str, Any] | None:
        """One service; None for an address that gives no single ones."""
        if not first:
            self.wait(self.bounds.pause)
        parts = urlsplit(self.url)
        url = parts._replace(path=f"{parts.path.rstrip('/')}/{quote(str(key), safe='')}").geturl()
        try:
            found = self._ask(url).path
        except Unfetchable as wrong:
            if first and wrong.values.get("status") in _ABSENT:
                return None
            raise
        answer = _answer(found) if found is not None else None
        if answer is None or answer.get("id") != key:
            if first:
                return None
            raise Broken("pages_moved")
        return answer


def _page_address(url: str, number: int) -> str:
    """The address of a page with whole services; any other address is taken as it is."""
    if not _is_list(url):
        return url
    parts = urlsplit(url)
    query = {"full": "true", "per_page": PER_PAGE, **dict(parse_qsl(parts.query)), "page": str(number)}
    return parts._replace(query=urlencode(query)).geturl()


def _is_list(url: str) -> bool:
    return urlsplit(url).path.rstrip("/").rpartition("/")[2] == _LIST


def _answer(path: Path) -> dict[str, Any] | None:
    """An object of JSON; None for anything else, of which the reader says what is wrong with it."""
    try:
        answer = files.read_json(path)
    except Broken:
        return None
    return answer if isinstance(answer, dict) else None


def _services(answers: Any) -> Iterator[dict[str, Any]]:
    for answer in answers:
        rows = answer.get("contents")
        for one in rows if isinstance(rows, list) else ():
            if isinstance(one, dict) and isinstance(one.get("id"), str) and one["id"]:
                yield one


def _totals(answer: Mapping[str, Any]) -> tuple[Any, Any]:
    return answer.get("total_items"), answer.get("total_pages")
