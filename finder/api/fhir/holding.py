"""What this door holds in one worker: the facts that searches go by, and the 211 terms that the operator supplied.
Searches take turns; a page that needs none goes past them."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from finder.api.blueprint import services
from finder.crosswalks import Crosswalk, supplied
from finder.errors import Invalid
from finder.exchange import shelf as shelves
from finder.exchange.fhir import finding
from finder.exchange.fhir.directory import Directory
from finder.exchange.fhir.elements import Resource
from finder.exchange.fhir.facts import Facts
from finder.exchange.fhir.finding import Found, Making
from finder.exchange.fhir.parameters import LINKS
from finder.exchange.fhir.searching import Query
from finder.exchange.shelf import Shelf
from finder.journal import Logged

_LOG = logging.getLogger("finder.api")
_TERMS = "211"
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Terms:
    """The 211 terms of the operator's file in one state; None where there is none. `state` is "" then."""

    state: str
    table: Crosswalk | None


class Holding:
    """One in an app."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._secret = secrets.token_bytes(32)  # so that what was searched for cannot be told from what is kept
        self._facts: Facts | None = None
        self._terms = Terms("", None)

    def terms(self) -> Terms:
        """The terms as the file says now. A file that cannot be read is as good as none, and the log says so."""
        folder = services().settings.instance
        try:
            about = (folder / "crosswalks" / f"{_TERMS}.csv").stat()
            state = f"{about.st_mtime_ns:x}.{about.st_size:x}"
        except OSError:
            state = ""
        if state != self._terms.state:
            self._terms = Terms(state, _read(folder) if state else None)
        return self._terms

    def find(self, shelf: Shelf, terms: Terms, query: Query) -> Found:
        """The page of a query."""
        def look(directory: Directory, making: Making) -> Found:
            if query.tests:
                with self._turn:
                    directory.page(query)  # and remembers it
            return finding.find(directory, query, making)
        types = (query.type, *(LINKS[query.type][name] for name in query.includes))
        return self._asked(shelf, terms, types, look, tests=bool(query.tests))

    def one(self, shelf: Shelf, terms: Terms, type_: str, id_: str, shape: str) -> Resource | None:
        """One resource, None if there is none."""
        return self._asked(shelf, terms, (type_,), lambda directory, making: finding.one(
            directory, type_, id_, making, shape=shape))

    def _asked(self, shelf: Shelf, terms: Terms, types: Collection[str], ask: Callable[[Directory, Making], _Answer],
               *, tests: bool = False) -> _Answer:
        held = services()
        directory = shelf.left(f"fhir {terms.state}", lambda: Directory(shelf.cards, self._secret))
        with held.database.reading() as session:
            if any(directory.needs_facts(one, tests=tests) for one in types):
                with self._turn:
                    if directory.facts is None:
                        directory.facts = self._brought_up(session, terms)
            making = Making(lambda cards: shelves.listings(session, cards), held.settings.address, terms.table)
            return ask(directory, making)

    def _brought_up(self, session: Any, terms: Terms) -> Facts:
        if self._facts is None or self._facts.supplied is not terms.table:
            self._facts = Facts(services().settings.address, terms.table)
        self._facts.bring_up(session)
        return self._facts


def _read(folder: Any) -> Crosswalk | None:
    try:
        return supplied(folder, _TERMS)
    except (Invalid, OSError) as broken:
        errors = broken.errors if isinstance(broken, Invalid) else type(broken).__name__
        _LOG.error(Logged("codes_unread", error=errors))
        return None
