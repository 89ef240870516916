"""Organizations: their list, and each of them with its services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice

import orjson
from flask import Response

from finder.api.hsds import answers, described, examples, narrowing
from finder.api.hsds.asked import Asked, asked, nothing_asked
from finder.api.hsds.held import AT_ONCE, Held, held
from finder.api.hsds.routes import gives, lists
from finder.exchange.entries import Entry
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
    rows = _written(chosen, here, ask)
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
    found = next((_with_services if wish["full_service"] else _with_names)([number], here), None)
    if found is None:
        return answers.none()  # it went this very moment
    return answers.named((answers.long_one if wish["full_service"] else answers.whole)(found), name, here)


def _written(numbers: Sequence[int], here: Held, ask: Asked) -> Iterator[Iterable[bytes]]:
    """Organizations by number, each as JSON in pieces; with its services where it is to be a whole one."""
    if ask.full_service:
        return _with_services(numbers, here)
    if ask.full:
        return _with_names(numbers, here)
    return ([orjson.dumps(write.short_organization(entry))] for entry in here.entries(_first(numbers, here)))


def _first(numbers: Iterable[int], here: Held) -> list[Card]:
    """A listing of each of these organizations, which says all there is of it."""
    return [here.shelf.cards[here.runners().rows(one)[0]] for one in numbers]


def _cards(numbers: Iterable[int], here: Held) -> list[Card]:
    return [here.shelf.cards[row] for one in numbers for row in here.runners().rows(one)]


def _with_services(numbers: Sequence[int], here: Held) -> Iterator[Iterable[bytes]]:
    """Organizations with whole services; those of one come one after the other, and never all at once."""
    for _, found in groupby(here.entries(_cards(numbers, here)), lambda entry: str(write.organization(entry)["id"])):
        yield _one_with_services(found, here)


def _one_with_services(found: Iterator[Entry], here: Held) -> Iterator[bytes]:
    for number, entry in enumerate(found):
        if not number:
            yield orjson.dumps(write.organization(entry))[:-1] + b',"services":['
        service = here.service(entry)
        del service["organization"]  # it stands around it
        yield (b"," if number else b"") + orjson.dumps(service)
    yield b"]}"


def _with_names(numbers: Sequence[int], here: Held) -> Iterator[Iterable[bytes]]:
    """Organizations with what their services are called, some at a time."""
    left = iter(numbers)
    while some := list(islice(left, AT_ONCE)):
        names: dict[str, list[Row]] = {}
        for key, row in here.names(_cards(some, here)):
            names.setdefault(key, []).append(row)
        for entry in here.entries(_first(some, here)):
            row = write.organization(entry)
            yield [orjson.dumps(row | {"services": names.get(row["id"], [])})]
