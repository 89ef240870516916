"""A source by its path or address, as the command line takes it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from finder.cli.script import Failure
from finder.exchange import fetching, paged, peers
from finder.exchange.fetching import Limits, Unfetchable
from finder.exchange.files import Broken

MOST_BYTES = 256 * 1024 * 1024  # the largest open directory of 2026 takes about 60 MB
MOST_SECONDS = 600.0  # whoever sits at the keyboard can stop it
MOST_PAGES = 5000
MOST_SERVICES = 20_000  # asked for one by one
MOST_ALTOGETHER = 4 * 3600.0  # seconds
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
BROKEN = {
    "not_changes": "No Finder site answers at that address.",
    "pages_moved": "The list changed while it was read. Try it again.",
    "short_list": "The list only names its services, and they are too many to ask for one by one.",
    "too_large": "The list has too many pages.",
}


@contextmanager
def local(source: str, fmt: str = "", *, most_bytes: int = MOST_BYTES, anywhere: bool = False) -> Iterator[Path]:
    """The path of a source; what is fetched is removed afterwards. Raises Failure.

    `fmt` says how it is written: all pages of an HSDS list or of another instance come into one folder.
    """
    if "://" not in source:
        path = Path(source)
        if not path.exists():
            raise Failure(f"There is no file or folder {source}.")
        yield path
        return
    folder = Path(tempfile.mkdtemp(prefix="finder-import-"))
    try:
        yield _fetched(source, fmt, folder, most_bytes, anywhere)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fetched(url: str, fmt: str, folder: Path, most_bytes: int, anywhere: bool) -> Path:
    try:
        if fmt == peers.FORMAT:
            return _everything(url, folder, peers.Bounds(MOST_PAGES, most_bytes, most_bytes, MOST_ALTOGETHER,
                                                         MOST_SECONDS, anywhere))
        if fmt == paged.FORMAT:
            bounds = paged.Bounds(MOST_PAGES, MOST_SERVICES, most_bytes, MOST_ALTOGETHER, MOST_SECONDS,
                                  anywhere=anywhere)
            found = paged.bring(url, folder, fetching.fetch, bounds=bounds)
        else:
            found = fetching.fetch(url, folder, limits=Limits(most_bytes, MOST_SECONDS, anywhere=anywhere))
    except Unfetchable as wrong:
        raise Failure(SAID[wrong.code].format(**wrong.values)) from None
    except Broken as broken:
        said = f"The source cannot be read ({broken.code.replace('_', ' ')})."
        raise Failure(BROKEN.get(broken.code, said)) from None
    assert found.path is not None
    return found.path


def _everything(url: str, folder: Path, bounds: peers.Bounds) -> Path:
    """All that another instance has, from the beginning to the end. Raises Unfetchable, Broken."""
    home = folder / "pages"
    home.mkdir()
    brought = peers.bring(url, None, home, fetching.fetch, bounds=bounds)
    if brought.wrong is not None:
        raise brought.wrong
    if brought.more:
        raise Unfetchable("too_large", max=bounds.bytes // (1024 * 1024))
    return home
