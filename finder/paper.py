"""HTML to a tagged PDF (PDF/UA-1), for paper and for screen readers; there only where the extra `pdf` is installed.

Nothing is fetched and no file is read but the fonts of the system: whatever a page refers to is refused.
"""

from __future__ import annotations

import logging
import threading
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from finder.errors import TooOften, Unavailable

LIBRARY = "weasyprint"
VARIANT = "pdf/ua-1"  # ISO 14289-1: tags, title and language, so that a screen reader can read it out
PATIENCE_SECONDS = 5  # for those before; after that it is fairer to say so than to hold a thread
MOST_IN_LINE = 2  # of the eight threads of a worker, so that the other pages go on
KEPT_FOR_DESK = 2  # and a line of their own for those who give a sheet to somebody who sits with them
WARM_UP = '<!DOCTYPE html><html lang="en"><title>-</title><p>Aña العربية</p></html>'


class Press:
    """One printing press of a process. It makes one document at a time, for each is a fifth of a second of pure work.

    Finding the library and the fonts takes a second the first time, and 50 MB; `warm` does that ahead, when somebody
    looks at a sheet and is likely to ask for it.
    """

    def __init__(self, library: str = LIBRARY, *, patience_seconds: float = PATIENCE_SECONDS,
                 most_in_line: int = MOST_IN_LINE, kept_for_desk: int = KEPT_FOR_DESK) -> None:
        self.library = library
        self.patience_seconds = patience_seconds
        self._line = threading.BoundedSemaphore(most_in_line)
        self._desk_line = threading.BoundedSemaphore(kept_for_desk)
        self._turn, self._is_busy, self._desks = threading.Condition(), False, 0
        self._warmed = False
        self.lasting = False  # a process that lives long, where it pays to be ready
        self._broken = False  # installed, but the libraries of the system that it needs are not

    def ready(self) -> bool:
        """Whether documents can be made here, as far as that is known without loading the library."""
        return not self._broken and find_spec(self.library) is not None

    def warm(self) -> None:
        """Loads the library and the fonts in a thread of their own, once, in a process that lasts."""
        if self.lasting and not self._warmed and self.ready():
            self._warmed = True
            threading.Thread(target=self._warm, name="press", daemon=True).start()

    def print(self, html: str, css: str, *, desk: bool = False) -> bytes:
        """The PDF of a whole document, which names its language and its title, under one stylesheet.

        A `desk` stands in a line of its own, and its turn is the next: visitors do not take it away, however many.
        Raises Unavailable where the library cannot be used, TooOften when too many ask at once.
        """
        line = self._desk_line if desk else self._line
        if not line.acquire(blocking=False):
            raise TooOften("busy", seconds=PATIENCE_SECONDS)
        try:
            self._take_turn(desk)
            try:
                return self._print(html, css)
            finally:
                self._end_turn()
        finally:
            line.release()

    def _take_turn(self, desk: bool) -> None:
        with self._turn:
            self._desks += desk
            try:
                if not self._turn.wait_for(lambda: not self._is_busy and (desk or not self._desks),
                                           self.patience_seconds):
                    raise TooOften("busy", seconds=PATIENCE_SECONDS)
                self._is_busy = True
            finally:
                self._desks -= desk
                self._turn.notify_all()

    def _end_turn(self) -> None:
        with self._turn:
            self._is_busy = False
            self._turn.notify_all()

    def _print(self, html: str, css: str) -> bytes:
        library = self._load()
        refuse = library.urls.URLFetcher(allowed_protocols=())  # no address, no file, no data in an address
        sheet = library.CSS(string=css, url_fetcher=refuse)
        made: bytes = library.HTML(string=html, url_fetcher=refuse).write_pdf(
            stylesheets=[sheet], pdf_variant=VARIANT, pdf_tags=True)
        return made

    def _load(self) -> Any:
        if self._broken:
            raise Unavailable("no_pdf")
        # What they say about rules they do not know is of no use to who runs a site, and could hold words of a page.
        for name in (LIBRARY, "fontTools"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        try:
            return import_module(self.library)
        except (ImportError, OSError) as missing:  # OSError: a library of the system
            self._broken = True
            raise Unavailable("no_pdf") from missing

    def _warm(self) -> None:
        try:
            self.print(WARM_UP, "")
        except (TooOften, Unavailable):
            return
