"""A source by its address, brought to a temporary file: http and https only, a few redirects, a limit of size."""

from __future__ import annotations

import http.client
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from finder.cli.script import Failure

MOST_BYTES = 256 * 1024 * 1024  # the largest open directory of 2026 takes about 60 MB
MOST_REDIRECTS = 5
WAIT_SECONDS = 60
_PIECE = 1 << 16


class _FewRedirects(HTTPRedirectHandler):
    """Follows a few redirects, and only to http and https (as its base class checks)."""

    max_redirections = MOST_REDIRECTS
    max_repeats = 2


@contextmanager
def local(source: str, most_bytes: int = MOST_BYTES) -> Iterator[Path]:
    """The path of a source; what is fetched is removed afterwards. Raises Failure."""
    if "://" not in source:
        path = Path(source)
        if not path.exists():
            raise Failure(f"There is no file or folder {source}.")
        yield path
        return
    folder = Path(tempfile.mkdtemp(prefix="finder-import-"))
    try:
        yield _fetched(source, folder, most_bytes)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fetched(url: str, folder: Path, most_bytes: int) -> Path:
    if urlsplit(url).scheme not in ("http", "https"):
        raise Failure("Only addresses that start with http:// or https:// can be fetched.")
    asked = Request(url, headers={"User-Agent": "finder-import/1", "Accept": "*/*"})
    try:
        with build_opener(_FewRedirects).open(asked, timeout=WAIT_SECONDS) as response:
            path = folder / _name(response.geturl())
            _save(response, path, most_bytes)
    except HTTPError as wrong:
        raise Failure(f"The address answers {wrong.code} {wrong.reason}.") from None
    except (URLError, OSError, ValueError, http.client.HTTPException) as wrong:
        raise Failure(f"The address cannot be fetched: {getattr(wrong, 'reason', wrong)}.") from None
    return path


def _name(url: str) -> str:
    """A safe file name that keeps the endings, because they tell compression and format."""
    last = urlsplit(url).path.rsplit("/", 1)[-1]
    endings = [part for part in last.split(".")[1:] if part.isalnum() and len(part) <= 8][-2:]
    return ".".join(["source", *endings])


def _save(response: http.client.HTTPResponse, path: Path, most_bytes: int) -> None:
    size = 0
    with path.open("wb") as file:
        while piece := response.read(_PIECE):
            size += len(piece)
            if size > most_bytes:
                raise Failure(f"The source is larger than {most_bytes // (1024 * 1024)} MB.")
            file.write(piece)
