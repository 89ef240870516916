"""Resources of the directory, made from published listings only when they are shown: one by its id, or one page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from finder.crosswalks import Crosswalk
from finder.exchange.entries import Entry
from finder.exchange.fhir.conditions import Condition
from finder.exchange.fhir.directory import Directory
from finder.exchange.fhir.elements import PLAN_NET_SERVICE, Resource
from finder.exchange.fhir.healthcare_service import healthcare_service
from finder.exchange.fhir.location import locations
from finder.exchange.fhir.organization import organization
from finder.exchange.fhir.parameters import LINKS, PARAMETERS
from finder.exchange.fhir.searching import Query
from finder.exchange.shelf import Card


@dataclass(frozen=True, slots=True)
class Found:
    """How many meet a query, those of the page by id, and what they lead to, each once."""

    total: int
    matches: tuple[Resource, ...]
    included: tuple[Resource, ...]


@dataclass(frozen=True, slots=True)
class Making:
    """How resources are made. `listings` reads what some cards say; `site`: address of the instance, without a stroke;
    `supplied`: 211 terms of an operator who may use them."""

    listings: Callable[[Sequence[Card]], Iterable[Entry]]
    site: str
    supplied: Crosswalk | None = None


def find(directory: Directory, query: Query, making: Making) -> Found:
    """The page of a query. Resources whose listing went meanwhile are left out."""
    total, ids = directory.page(query)
    matches = resources(directory, query.type, ids, making, shape=query.shape)
    included: list[Resource] = []
    for name in query.includes:
        target = LINKS[query.type][name]
        read = PARAMETERS[query.type][name].read
        leads = list(dict.fromkeys(id_ for one in matches for id_ in read(one)))
        included += resources(directory, target, leads, making)
    return Found(total, tuple(matches), tuple(included))


def among(resources_: Iterable[Resource], query: Query) -> Found:
    """The page of a query in a handful of resources, which are asked one by one."""
    found = [resource for resource in resources_
             if all(isinstance(test, Condition) and test.holds(query.type, resource) for test in query.tests)]
    return Found(len(found), tuple(found[query.offset:query.offset + query.count]), ())


def one(directory: Directory, type_: str, id_: str, making: Making, *,
        shape: str = PLAN_NET_SERVICE) -> Resource | None:
    """A single resource by its id, None if there is none."""
    return next(iter(resources(directory, type_, [id_], making, shape=shape)), None)


def resources(directory: Directory, type_: str, ids: Sequence[str], making: Making, *,
              shape: str = PLAN_NET_SERVICE) -> list[Resource]:
    """Resources of a type by their ids, in that order; what there is not is left out."""
    homes = {id_: card for id_ in ids if (card := directory.card(type_, id_)) is not None}
    cards = {card.id: card for card in homes.values()}
    entries = {entry.id: entry for entry in making.listings(list(cards.values()))}
    made = (_made(type_, id_, entries[card.id], making, shape) for id_, card in homes.items() if card.id in entries)
    return [resource for resource in made if resource is not None]


def _made(type_: str, id_: str, entry: Entry, making: Making, shape: str) -> Resource | None:
    if type_ == "HealthcareService":
        return healthcare_service(entry, site=making.site, shape=shape, supplied=making.supplied)
    found: Mapping[str, Callable[[], Iterable[Resource | None]]] = {
        "Location": lambda: locations(entry, site=making.site),
        "Organization": lambda: [organization(entry, site=making.site)]}
    return next((one for one in found[type_]() if one is not None and one["id"] == id_), None)
