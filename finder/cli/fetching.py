"""A source by its path or address, as the command line takes it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from finder.cli.script import Failure
from finder.exchange import fetching, files
from finder.exchange.fetching import Limits, Unfetchable
from finder.exchange.hsds.paging import following

MOST_BYTES = 256 * 1024 * 1024  # the largest open directory of 2026 takes about 60 MB
MOST_SECONDS = 600.0  # whoever sits at the keyboard can stop it
MOST_PAGES = 5000
PER_PAGE = "100"
SAID = {
    "not_http": "Only addresses that start with http:// or https:// can be fetched.",
    "bad_address": "That is no plain web address.",
    "port": "Only the ports 80 and 443 are fetched from. --anywhere lifts that.",
    "private_address": "That address is on this machine or a local network. --anywhere allows it.",
    "unknown_host": "Nobody knows the host of that address.",
    "unreachable": "The address cannot be fetched: no whole answer came.",
    "not_safe": "The address cannot be fetched: its certificate does not hold.",
    "redirects": "The address leads on and on. It was not fetched.",
    "downgrade": "The address leads from https to http. It was not fetched.",
    "status": "The address answers {status}.",
    "too_large": "The source is larger than {max} MB.",
    "too_slow": "The address cannot be fetched: it takes too long.",
}


@contextmanager
def local(source: str, *, most_bytes: int = MOST_BYTES, anywhere: bool = False, paged: bool = False) -> Iterator[Path]:
    """The path of a source; what is fetched is removed afterwards. Raises Failure.

    `paged`: the address may be a list of an HSDS API, all pages of which are fetched into one folder.
    """
    if "://" not in source:
        path = Path(source)
        if not path.exists():
            raise Failure(f"There is no file or folder {source}.")
        yield path
        return
    folder = Path(tempfile.mkdtemp(prefix="finder-import-"))
    try:
        limits = Limits(most_bytes, MOST_SECONDS, anywhere=anywhere)
        yield _pages(source, folder, limits) if paged else _fetched(source, folder, limits)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fetched(url: str, folder: Path, limits: Limits) -> Path:
    try:
        found = fetching.fetch(url, folder, limits=limits)
    except Unfetchable as wrong:
        raise Failure(SAID[wrong.code].format(**wrong.values)) from None
    assert found.path is not None
    return found.path


def _pages(url: str, folder: Path, limits: Limits) -> Path:
    """All pages of a list; the file itself when the address holds something else. Their sizes count together."""
    pages, left, number = folder / "pages", limits.bytes, 1
    pages.mkdir()
    while True:
        found = _fetched(_page_address(url, number), folder, replace(limits, bytes=left))
        left -= found.stat().st_size
        after = _after(found)
        if number == 1 and after is None:
            return found
        found.rename(pages / f"page-{number:05}.json")
        if after is None or after <= number:
            return pages
        if after > MOST_PAGES or left <= 0:
            raise Failure(SAID["too_large"].format(max=limits.bytes // (1024 * 1024)))
        number = after


def _page_address(url: str, number: int) -> str:
    """The address of a page with whole services; any other address is taken as it was typed."""
    parts = urlsplit(url)
    if parts.path.rstrip("/").rpartition("/")[2] != "services":
        return url
    query = {"full": "true", "per_page": PER_PAGE, **dict(parse_qsl(parts.query)), "page": str(number)}
    return parts._replace(query=urlencode(query)).geturl()


def _after(path: Path) -> int | None:
    try:
        answer = files.read_json(path)
    except files.Broken:
        return None  # the reader says what is wrong with it
    return following(answer) if isinstance(answer, dict) else None
