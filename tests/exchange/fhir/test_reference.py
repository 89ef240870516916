from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finder.catalog.listing_schema import ORGANIZATION_KINDS, load
from finder.errors import Invalid
from finder.exchange.entries import Entry
from finder.exchange.fhir import finding, searching
from finder.exchange.fhir.elements import HSD, PLAN_NET_LOCATION, PLAN_NET_SERVICE
from finder.exchange.fhir.healthcare_service import healthcare_service
from finder.exchange.fhir.parameters import LINKS, PARAMETERS
from finder.search import synthetic
from tests.exchange.fhir.plain_filter import SAID, Everything
from tests.exchange.fhir.shelved import SITE, Shelved
from tests.exchange.published import CHANGED, FULL, entry, seed

NAMES = ("Evening Círculo", "evening circle", "Tea, cake | and \\ more", "ÉVENING", "ﬁne Straße", "茶话会", "O'Neil $5")
PLACES = ({"city": "Salem", "state": "OR", "postal_code": "97301"}, {"city": "Sálem", "state": "MA", "country": "CA"},
          {"name": "Old Library, 2nd floor", "address_1": "1 Elm St", "city": "Durham", "state": "NC"})


def made() -> Iterator[Entry]:
    """Listings that share places and organizations, some hidden, some paused, changed at different times."""
    documents = [*synthetic.documents(40), FULL]
    for number, document in enumerate(documents):
        of = {"name": NAMES[number % 3], "kind": ORGANIZATION_KINDS[number % len(ORGANIZATION_KINDS)]}
        place = {**PLACES[number % 3], "latitude": 35.9 + number % 4 / 50, "longitude": -78.9}
        if number % 5 == 0:
            place |= {"hidden": True}
        more: dict[str, Any] = {"name": NAMES[number % len(NAMES)], "organization": of if number % 4 else None,
                                "status": "paused" if number % 7 == 0 else None}
        if number % 3 == 0:
            more["sessions"] = [{**FULL["sessions"][0], "location": place}]
        changed = CHANGED + timedelta(days=number % 6 * 9, hours=number % 3, seconds=number % 2)
        yield entry(load({**document, **{key: value for key, value in more.items() if value is not None}}),
                    changed_at=changed)
    yield from seed()[:30]


@cache
def directory() -> tuple[Shelved, Everything]:
    entries = list(made())
    shelved = Shelved(entries)
    shapes = [[healthcare_service(one, site=SITE, shape=shape) for one in entries] for shape in (PLAN_NET_SERVICE, HSD)]
    rest = [one for type_ in ("Location", "Organization")
            for one in finding.resources(shelved.directory, type_, shelved.directory._of(type_).ids, shelved.making)]
    return shelved, Everything([*shapes[0], *rest], shapes[1])


def values_of(type_: str, name: str) -> list[Any]:
    """Every different value of a parameter that stands in some resource."""
    _, everything = directory()
    _, read = SAID[type_][name]
    return sorted({each for one in everything.of[type_] for each in read(one)})


def escaped(text: str) -> str:
    for sign in "\\,|$":
        text = text.replace(sign, f"\\{sign}")
    return text


_WORDS = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"], exclude_characters="\\,|$"),
                 min_size=1, max_size=6)


def _strings(type_: str, name: str) -> st.SearchStrategy[str]:
    said = st.sampled_from(values_of(type_, name))
    part = st.tuples(said, st.integers(0, 8), st.integers(1, 12)).map(lambda one: one[0][one[1]:one[1] + one[2]])
    return st.one_of(said, said.map(lambda one: one[:4]), said.map(str.upper), part, _WORDS).map(escaped)


def _tokens(type_: str, name: str) -> st.SearchStrategy[str]:
    said = st.sampled_from(values_of(type_, name))
    whole = said.map(lambda one: f"{escaped(one[0])}|{escaped(one[1])}")
    return st.one_of(whole, said.map(lambda one: escaped(one[1])), said.map(lambda one: f"{escaped(one[0])}|x"),
                     said.filter(lambda one: one[0]).map(lambda one: f"{escaped(one[0])}|"),
                     said.map(lambda one: f"|{escaped(one[1])}"), _WORDS.map(escaped))


def _references(type_: str, name: str) -> st.SearchStrategy[str]:
    said = st.sampled_from(values_of(type_, name))
    return st.one_of(said, said.map(lambda one: one.partition("/")[2]), st.just("nothing"))


def _dates(type_: str, name: str) -> st.SearchStrategy[str]:
    said = st.sampled_from(values_of(type_, name))
    cut = st.sampled_from((4, 7, 10, 16, 19))
    dates = st.tuples(said, cut).map(lambda one: one[0][:one[1]])
    return st.tuples(st.sampled_from(("", "eq", "ne", "gt", "ge", "lt", "le", "sa", "eb")), dates).map("".join)


def _points(type_: str, name: str) -> st.SearchStrategy[str]:
    near = st.sampled_from(values_of(type_, name)).map(lambda one: f"{one[0]}|{one[1]}")
    anywhere = st.tuples(st.integers(-90, 90), st.integers(-180, 180)).map(lambda one: f"{one[0]}|{one[1]}")
    far = st.sampled_from(("", "|0", "|5", "|2.22", "|100|km", "|5000|m", "|25|[mi_us]", "|3000|mi", "||[mi_i]"))
    return st.tuples(st.one_of(near, anywhere), far).map("".join)


def _profiles(type_: str, name: str) -> st.SearchStrategy[str]:
    return st.sampled_from((PLAN_NET_SERVICE, HSD, PLAN_NET_LOCATION, "urn:nothing"))


_OF_KIND = {"string": _strings, "token": _tokens, "reference": _references, "date": _dates, "special": _points,
            "uri": _profiles}


@st.composite
def parameters(draw: st.DrawFn, type_: str, depth: int = 0) -> tuple[str, str]:
    """A parameter that can be used, with values from resources or made up."""
    links = sorted(LINKS[type_])
    if links and depth < 2 and draw(st.integers(0, 3)) == 0:
        link = draw(st.sampled_from(links))
        name, value = draw(parameters(LINKS[type_][link], depth + 1))
        return f"{link}{draw(st.sampled_from(('', f':{LINKS[type_][link]}')))}.{name}", value
    name = draw(st.sampled_from(sorted(SAID[type_])))
    kind = SAID[type_][name][0]
    alternatives = draw(st.lists(_OF_KIND[kind](type_, name), min_size=1, max_size=3))
    modifier = draw(st.sampled_from(("", "", ":contains", ":exact"))) if kind == "string" else ""
    return f"{name}{modifier}", ",".join(alternatives)


@st.composite
def queries(draw: st.DrawFn) -> tuple[str, list[tuple[str, str]]]:
    type_ = draw(st.sampled_from(sorted(SAID)))
    return type_, draw(st.lists(parameters(type_), min_size=1, max_size=3))


def usable(type_: str, pairs: list[tuple[str, str]]) -> bool:
    try:
        searching.read(type_, pairs)
    except Invalid:  # an alternative of blanks or accents alone
        return False
    return True


@pytest.mark.turns(2)
@settings(max_examples=400)
@given(queries(), st.integers(0, 12), st.integers(1, 9))
def test_a_search_finds_what_a_plain_look_at_every_resource_finds(query: tuple[str, list[tuple[str, str]]], offset: int,
                                                                  count: int) -> None:
    type_, pairs = query
    shelved, everything = directory()
    if not usable(type_, pairs):
        return
    expected = everything.found(type_, pairs)
    whole = shelved.directory.page(searching.read(type_, [*pairs, ("_count", "200")]))
    assert whole == (len(expected), expected)
    asked = searching.read(type_, [*pairs, ("_count", str(count)), ("_offset", str(offset))])
    page = finding.find(shelved.directory, asked, shelved.making)
    assert page.total == len(expected)
    assert [one["id"] for one in page.matches] == expected[offset:offset + count]


@pytest.mark.parametrize(("type_", "name"), [(type_, name) for type_ in SAID for name in SAID[type_]])
def test_every_value_that_stands_in_a_resource_finds_it(type_: str, name: str) -> None:
    shelved, everything = directory()
    kind, read = SAID[type_][name]
    for one in everything.of[type_]:
        for said in read(one):
            value = {"token": lambda x: f"{escaped(x[0])}|{escaped(x[1])}", "special": lambda x: f"{x[0]}|{x[1]}|0",
                     "uri": str}.get(kind, lambda x: escaped(x))(said)
            pairs = [(name, value)]
            expected = everything.found(type_, pairs)
            assert one["id"] in expected
            assert shelved.directory.page(searching.read(type_, [*pairs, ("_count", "200")]))[1] == expected[:200]


def test_the_plain_look_knows_every_parameter() -> None:
    assert {type_: set(names) for type_, names in SAID.items()} == {
        type_: set(names) for type_, names in PARAMETERS.items() if type_ != "Questionnaire"}


def test_the_listings_at_hand_have_something_for_each_parameter() -> None:
    for type_, names in SAID.items():
        for name in names:
            assert values_of(type_, name) or (type_, name) == ("Organization", "_profile"), (type_, name)
    shelved, everything = directory()
    assert len(everything.of["Location"]) > 20
    shared = [one for one in everything.of["HealthcareService"] if "providedBy" in one]
    assert len({one["providedBy"]["reference"] for one in shared}) < len(shared)
