"""Directories made up without a database, of listings as `tests.exchange.published` makes them."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

from finder.crosswalks import Crosswalk
from finder.exchange.entries import Entry
from finder.exchange.fhir import finding, searching
from finder.exchange.fhir.directory import Directory
from finder.exchange.fhir.facts import Facts
from finder.exchange.fhir.finding import Found, Making
from finder.exchange.shelf import Card

SITE = "https://finder.example"


class Shelved:
    """A directory of some listings. `read` is which of them were read in whole, in turn."""

    def __init__(self, entries: Iterable[Entry], supplied: Crosswalk | None = None) -> None:
        self.entries = {one.id: one for one in entries}
        ordered = sorted(self.entries.values(), key=lambda one: one.id)
        cards = tuple(Card(one.id, one.slug, one.organization_id, one.changed_at) for one in ordered)
        self.directory = Directory(cards, b"a secret")
        self.directory.facts = Facts(SITE, supplied)
        for one in ordered:
            self.directory.facts.add(one)
        self.read: list[Entry] = []
        self.making = Making(self._listings, SITE, supplied)

    def _listings(self, cards: Iterable[Card]) -> list[Entry]:
        found = [self.entries[card.id] for card in cards if card.id in self.entries]
        self.read += found
        return found

    def find(self, query: str, type_: str = "HealthcareService") -> Found:
        return finding.find(self.directory, searching.read(type_, parse_qsl(query, keep_blank_values=True)),
                            self.making)
