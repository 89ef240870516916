"""Services, which is what the standard calls programs: their list, and each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

import orjson
from flask import Response

from finder.api import whole
from finder.api.feeds import around
from finder.api.hsds import answers, described, examples, narrowing
from finder.api.hsds.asked import Asked, asked, nothing_asked
from finder.api.hsds.held import Held, held
from finder.api.hsds.routes import gives, lists
from finder.exchange import entries
from finder.exchange.entries import Entry
from finder.exchange.hsds import marks, write
from finder.exchange.hsds.terms import Row
from finder.exchange.shelf import Card

MOST_MINIMAL = 25_000  # ids on one page; some 5 MB


@lists("/services", "HsdsService", "services", examples.SERVICE, described.SERVICES)
def services() -> Response:
    """All published listings, or those that all filters leave, by id."""
    ask, here = asked(described.SERVICES, most_minimal=MOST_MINIMAL), held()
    snapshot = narrowing.snapshot_for(ask)
    name = here.name(snapshot.version if snapshot else "")
    there = answers.known(name)
    if there is not None:
        return there
    if ask.lines and not ask.narrows and not ask.minimal:
        return whole.served(_whole(ask, here), answers.LINES)
    found = narrowing.services_of(ask, here, snapshot)
    if ask.lines:
        return answers.named(answers.lines(_rows(_cards(found, here), ask, here)), name, here)
    cards = _cards(found, here, ask.page.start, ask.page.per_page)
    total = len(here.shelf.cards) if found is None else found.bit_count()
    return answers.named(answers.page(list(_rows(cards, ask, here)), total, ask), name, here)


@gives("/services", "HsdsService", "one service with all that is known of it", examples.SERVICE)
def service(key: str) -> Response:
    """One listing."""
    here, known = held(), narrowing.is_uuid(key)
    name = here.name()
    there = answers.known(name)
    if there is not None:
        return there
    with here.services.database.reading() as session:
        entry = entries.find(session, known) if known else None
    if entry is None:
        return answers.none()
    nothing_asked()
    return answers.named(answers.one(here.service(here.guard(entry))), name, here)


def _cards(found: int | None, here: Held, start: int = 0, count: int | None = None) -> Sequence[Card]:
    cards = here.shelf.cards
    if found is None:
        return cards[start:] if count is None else cards[start:start + count]
    return [cards[row] for row in marks.rows(found, start, count)]


def _rows(cards: Sequence[Card], ask: Asked, here: Held) -> Iterator[Row]:
    if ask.minimal:
        changed = {str(card.id): write.instant(card.changed_at) for card in cards}
        # The standard wants id and modified_date only, and its schema name and status too.
        for _, one in here.names(cards):
            yield one | {"last_modified": changed[one["id"]], "modified_date": changed[one["id"]]}
        return
    for entry in here.entries(cards):
        yield here.service(entry) if ask.full else write.short_service(entry)


def _whole(ask: Asked, here: Held) -> whole.Whole:
    def written(found: Iterable[Entry], out: IO[bytes]) -> dict[str, Any]:
        count = 0
        for count, entry in enumerate(map(here.guard, found), 1):  # noqa: B007 - it counts
            row = here.service(entry) if ask.full else write.short_service(entry)
            out.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
        return {"rows": count}

    full = "-full" if ask.full else ""
    return whole.file(f"hsds-services{full}-{around.mark()}{here.codes.key}.ndjson", written)
