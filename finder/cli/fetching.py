"""A source by its path or address, as the command line takes it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from finder.cli.script import Failure
from finder.exchange import fetching
from finder.exchange.fetching import Limits, Unfetchable

MOST_BYTES = 256 * 1024 * 1024  # the largest open directory of 2026 takes about 60 MB
MOST_SECONDS = 600.0  # whoever sits at the keyboard can stop it
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
def local(source: str, *, most_bytes: int = MOST_BYTES, anywhere: bool = False) -> Iterator[Path]:
    """The path of a source; what is fetched is removed afterwards. Raises Failure."""
    if "://" not in source:
        path = Path(source)
        if not path.exists():
            raise Failure(f"There is no file or folder {source}.")
        yield path
        return
    folder = Path(tempfile.mkdtemp(prefix="finder-import-"))
    try:
        yield _fetched(source, folder, Limits(most_bytes, MOST_SECONDS, anywhere=anywhere))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fetched(url: str, folder: Path, limits: Limits) -> Path:
    try:
        found = fetching.fetch(url, folder, limits=limits)
    except Unfetchable as wrong:
        raise Failure(SAID[wrong.code].format(**wrong.values)) from None
    assert found.path is not None
    return found.path
