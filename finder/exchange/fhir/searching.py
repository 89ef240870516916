"""Searching the directory: a query read from parameters, and the resources of published listings that meet it.

Nothing is left out silently: a parameter that cannot be used is refused, as is a value that cannot be read.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from finder.exchange.entries import Entry
from finder.exchange.fhir.elements import PLAN_NET_SERVICE, Resource
from finder.exchange.fhir.healthcare_service import SHAPES, healthcare_service
from finder.exchange.fhir.location import locations
from finder.exchange.fhir.organization import organization
from finder.exchange.fhir.parameters import PARAMETERS, comparing, refused

TYPES = tuple(PARAMETERS)
# Resource -> parameters that lead to another one; they may be included, and searched through ("location.near").
LINKS: Mapping[str, Mapping[str, str]] = {
    "HealthcareService": {"location": "Location", "organization": "Organization"},
    "Location": {"organization": "Organization"}, "Organization": {},
}
COUNT, MOST = 20, 200  # resources on a page: usual, at most
MOST_PARAMETERS, MOST_LENGTH = 40, 1000
_FORMATS = ("json", "application/json", "application/fhir+json")
_WHOLE = re.compile(r"[0-9]{1,9}")


@dataclass(slots=True)
class Case:
    """A resource with the listing it was made from."""

    entry: Entry
    resource: Resource
    site: str

    def linked(self, name: str) -> list[Resource]:
        """The resources that a parameter of LINKS leads to."""
        if name == "location":
            return list(locations(self.entry, site=self.site))
        found = organization(self.entry, site=self.site)
        return [found] if found else []


@dataclass(slots=True)
class Query:
    """A search. All `tests` must hold; `pairs` are the parameters as given, but for the place in the pages."""

    type: str
    tests: list[Callable[[Case], bool]] = field(default_factory=list)
    includes: list[str] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    shape: str = PLAN_NET_SERVICE
    count: int = COUNT
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """How many meet a query, those of the page by id, and what they lead to, each once."""

    total: int
    matches: tuple[Resource, ...]
    included: tuple[Resource, ...]


def read(type_: str, pairs: Iterable[tuple[str, str]]) -> Query:
    """The query of a search's parameters, names and values as decoded from its address or form.

    `type_` is one of TYPES. Raises Invalid by the name of the parameter: `unknown_key`, `not_a_code` (modifier, form,
    shape or link that we have not), `bad_value`, `too_many`, `too_long`.
    """
    query = Query(type_)
    for number, (name, value) in enumerate(pairs):
        if number == MOST_PARAMETERS:
            raise refused("_count", "too_many", max=MOST_PARAMETERS)
        if len(value) > MOST_LENGTH:
            raise refused(name[:100], "too_long", max=MOST_LENGTH)
        control = _CONTROLS.get(name)
        if control:
            control(query, name, value)
        else:
            query.tests.append(_test(type_, name, value))
        if name not in ("_count", "_offset"):
            query.pairs.append((name, value))
    return query


def find(entries: Iterable[Entry], query: Query, *, site: str) -> Found:
    """The resources that meet a query, of listings in the order of their ids. `site`: address of the instance."""
    total, page, included = 0, [], dict[str, Resource]()
    for case in _cases(entries, query, site):
        if all(test(case) for test in query.tests):
            if query.offset <= total < query.offset + query.count:
                page.append(case)
            total += 1
    for case in page:
        for name in query.includes:
            for resource in case.linked(name):
                included.setdefault(f"{resource['resourceType']}/{resource['id']}", resource)
    return Found(total, tuple(case.resource for case in page), tuple(included.values()))


def one(entries: Iterable[Entry], type_: str, id_: str, *, site: str) -> Resource | None:
    """A single resource by its id, None if there is none. A program's needs only its own entry."""
    try:
        known = str(uuid.UUID(id_)) == id_
    except ValueError:
        return None
    found = find(entries, read(type_, [("_id", id_), ("_count", "1")]), site=site).matches if known else ()
    return found[0] if found else None


def _cases(entries: Iterable[Entry], query: Query, site: str) -> Iterator[Case]:
    if query.type == "HealthcareService":
        for entry in entries:
            yield Case(entry, healthcare_service(entry, site=site, shape=query.shape), site)
        return
    known: dict[str, Case] = {}  # shared by several listings: the last to change tells when
    for entry in entries:
        of = organization(entry, site=site) if query.type == "Organization" else None
        for resource in locations(entry, site=site) if query.type == "Location" else filter(None, [of]):
            there = known.get(resource["id"])
            if there is None or there.entry.changed_at < entry.changed_at:
                known[resource["id"]] = Case(entry, resource, site)
    yield from known.values()


def _test(type_: str, name: str, value: str) -> Callable[[Case], bool]:
    through, dot, rest = name.partition(".")
    if not dot:
        plain, _, modifier = name.partition(":")
        meets = comparing(type_, plain, modifier, value)
        return lambda case: meets(case.resource)
    link, _, said = through.partition(":")  # "location:Location.near" says the type too
    target = LINKS[type_].get(link)
    if target is None or said not in ("", target):
        raise refused(name[:100], "unknown_key")
    plain, _, modifier = rest.partition(":")
    meets = comparing(target, plain, modifier, value)
    return lambda case: any(meets(resource) for resource in case.linked(link))


def _number(low: int, high: int) -> Callable[[str, str], int]:
    def read_number(name: str, value: str) -> int:
        if not _WHOLE.fullmatch(value) or int(value) < low:
            raise refused(name, "bad_value")
        return min(int(value), high)
    return read_number


def _count(query: Query, name: str, value: str) -> None:
    query.count = _number(0, MOST)(name, value)


def _offset(query: Query, name: str, value: str) -> None:
    query.offset = _number(0, 10**9)(name, value)


def _include(query: Query, name: str, value: str) -> None:
    source, _, link = value.partition(":")
    link, _, target = link.partition(":")
    if source != query.type or link not in LINKS[query.type] or target not in ("", LINKS[query.type][link]):
        raise refused(name, "not_a_code", value=value[:100])
    query.includes += [link] if link not in query.includes else []


def _profile(query: Query, name: str, value: str) -> None:
    """The shape in which programs are asked for; what does not meet the profile comes without claiming it."""
    if query.type != "HealthcareService" or value not in SHAPES:
        raise refused(name, "not_a_code", value=value[:100])
    query.shape = value
    query.tests.append(lambda case: value in case.resource["meta"].get("profile", ()))


def _summary(query: Query, name: str, value: str) -> None:
    _one_of("count", "false")(query, name, value)
    if value == "count":
        query.count = 0


def _one_of(*values: str) -> Callable[[Query, str, str], None]:
    def check(query: Query, name: str, value: str) -> None:
        if value not in values:
            raise refused(name, "not_a_code", value=value[:100])
    return check


_CONTROLS: Mapping[str, Callable[[Query, str, str], None]] = {
    "_count": _count, "_offset": _offset, "_include": _include, "_profile": _profile, "_summary": _summary,
    "_format": _one_of(*_FORMATS), "_total": _one_of("accurate", "estimate", "none"),
    "_pretty": _one_of("true", "false"),
}
CONTROLS: Sequence[str] = tuple(_CONTROLS)
