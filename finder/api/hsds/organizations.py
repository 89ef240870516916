"""Organizations: their list, and each of them with its services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import orjson
from flask import Response

from finder.api.hsds import answers, described, examples, narrowing
from finder.api.hsds.asked import asked, nothing_asked
from finder.api.hsds.held import Held, held
from finder.api.hsds.routes import gives, lists
from finder.exchange.hsds import write
from finder.exchange.hsds.terms import Row
from finder.exchange.shelf import Card


@lists("/organizations", "HsdsOrganization", "organizations", examples.ORGANIZATION, described.ORGANIZATIONS)
def organizations() -> Response:
    """All that run a published listing, or those that all filters leave, by id."""
    ask, here = asked(described.ORGANIZATIONS), held()
    name = here.name()
    there = answers.known(name)
    if there is not None:
        return there
    found = narrowing.runners_of(ask, here)
    numbers: Sequence[int] = range(len(here.runners().ids)) if found is None else found
    chosen = numbers if ask.lines else numbers[ask.page.start:ask.page.start + ask.page.per_page]
    rows = _written(chosen, here, full=ask.full, full_service=ask.full_service)
    if ask.lines:
        answer = answers.long_lines(rows)
    elif ask.full_service:
        answer = answers.long_page(rows, len(chosen), len(numbers), ask)
    else:
        answer = answers.page([orjson.Fragment(b"".join(one)) for one in rows], len(numbers), ask)
    return answers.named(answer, name, here)


@gives("/organizations", "HsdsOrganization", "one organization with its services", examples.ORGANIZATION,
       described.ORGANIZATION)
def organization(key: str) -> Response:
    """One organization."""
    here = held()
    name = here.name()
    there = answers.known(name)
    if there is not None:
        return there
    number = here.runners().number(key.lower())
    if number is None:
        return answers.none()
    wish = nothing_asked(["full_service"])
    cards = _cards(number, here)
    entry = next(here.entries(cards[:1]), None)
    if entry is None:  # it went this very moment
        return answers.none()
    pieces = _pieces(write.organization(entry), cards, here, full_service=wish["full_service"])
    return answers.named(answers.long_one(pieces) if wish["full_service"] else answers.whole(pieces), name, here)


def _cards(number: int, here: Held) -> Sequence[Card]:
    return [here.shelf.cards[row] for row in here.runners().rows(number)]


def _written(numbers: Sequence[int], here: Held, *, full: bool, full_service: bool) -> Iterator[Iterable[bytes]]:
    """Organizations by number, each as JSON in pieces; with its services where it is to be a whole one."""
    first = {here.shelf.cards[here.runners().rows(one)[0]].id: one for one in numbers}
    for entry in here.entries([here.shelf.cards[here.runners().rows(one)[0]] for one in numbers]):
        if full or full_service:
            yield _pieces(write.organization(entry), _cards(first[entry.id], here), here, full_service=full_service)
        else:
            yield [orjson.dumps(write.short_organization(entry))]


def _pieces(row: Row, cards: Sequence[Card], here: Held, *, full_service: bool) -> Iterator[bytes]:
    """An organization with its services, piece by piece: whole ones, or what they are called."""
    yield orjson.dumps(row)[:-1] + b',"services":['
    if full_service:
        for number, entry in enumerate(here.entries(cards)):
            service = here.service(entry)
            del service["organization"]  # it stands around it
            yield (b"," if number else b"") + orjson.dumps(service)
    else:
        yield orjson.dumps(list(here.names(cards)))[1:-1]
    yield b"]}"
