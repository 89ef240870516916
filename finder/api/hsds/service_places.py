"""Service_at_locations: the places where a program is given, online ones among them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from itertools import groupby, islice

from flask import Response

from finder.api.hsds import answers, described, examples, narrowing
from finder.api.hsds.asked import asked, nothing_asked
from finder.api.hsds.held import AT_ONCE, Held, held
from finder.api.hsds.routes import gives, lists
from finder.exchange.entries import Entry
from finder.exchange.hsds import marks, write
from finder.exchange.hsds.terms import Row


@lists("/service_at_locations", "HsdsServiceAtLocation", "places of services", examples.PLACE, described.PLACES)
def service_at_locations() -> Response:
    """All places of published listings, or those that all filters leave, listing by listing."""
    ask, here = asked(described.PLACES), held()
    snapshot = narrowing.snapshot_for(ask)
    name = here.name(snapshot.version if snapshot else "")
    there = answers.known(name)
    if there is not None:
        return there
    found, total = narrowing.places_of(ask, here, snapshot), here.index().places
    if found is not None:
        total = found.bit_count()
    start, count = (0, total) if ask.lines else (ask.page.start, ask.page.per_page)
    wanted: Iterable[int] = range(start, min(start + count, total))
    if found is not None:
        wanted = marks.rows(found, start, count)
    rows = _rows(wanted, here, full=ask.full)
    answer = answers.lines(rows) if ask.lines else answers.page(list(rows), total, ask)
    return answers.named(answer, name, here)


@gives("/service_at_locations", "HsdsServiceAtLocation", "one place of a service", examples.PLACE)
def service_at_location(key: str) -> Response:
    """One place."""
    here, known = held(), narrowing.is_uuid(key)
    name = here.name()
    there = answers.known(name)
    if there is not None:
        return there
    place = here.index().place_of_id(known) if known else None
    row = next(_rows([place], here, full=True), None) if place is not None else None
    if row is None:
        return answers.none()
    nothing_asked()
    return answers.named(answers.one(row), name, here)


def _rows(wanted: Iterable[int], here: Held, *, full: bool) -> Iterator[Row]:
    """Some places, by number; read some at a time, for they may be all."""
    index, left = here.index(), iter(wanted)
    while some := list(islice(left, AT_ONCE)):
        ids = {row: [index.id_of(place) for place in places] for row, places in groupby(some, index.listing_of)}
        cards = [here.shelf.cards[row] for row in ids]
        of_card = {card.id: ids[row] for card, row in zip(cards, ids, strict=True)}
        for entry in here.entries(cards):
            yield from _of(entry, of_card[entry.id], here, full=full)


def _of(entry: Entry, ids: list[uuid.UUID], here: Held, *, full: bool) -> Iterator[Row]:
    """Those of one listing; one that changed meanwhile may have lost some."""
    service = write.short_service(entry)
    if full:
        service = here.service(entry)
        found = {one["id"]: one for one in service.pop("service_at_locations", [])}
    else:
        found = {one["id"]: one for one in write.short_places(entry)}
    for one in map(str, ids):
        if one in found:
            yield found[one] | ({"service": service} if full else {})
