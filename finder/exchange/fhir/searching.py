"""What is asked of the directory, read from the parameters of an address or a form.

Nothing is left out silently: a parameter that cannot be used is refused, unless who asks wants it left out and said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from finder.errors import Invalid, Problem
from finder.exchange.fhir.conditions import Condition, Through, condition, refused
from finder.exchange.fhir.elements import PLAN_NET_SERVICE
from finder.exchange.fhir.healthcare_service import SHAPES
from finder.exchange.fhir.parameters import LINKS, PARAMETERS

TYPES = tuple(PARAMETERS)
COUNT, MOST = 20, 200  # resources on a page: usual, at most
DEEPEST = 10**9
MOST_PARAMETERS, MOST_LENGTH = 40, 1000
MOST_VALUES = 100  # alternatives in all conditions together
FORMATS = ("json", "application/json", "application/fhir+json", "text/json")
# What may be said where there is nothing to search: of one resource, and of what this server can do.
OF_ONE = ("_format", "_pretty")
OF_SERVICE = (*OF_ONE, "_profile")  # a program has two shapes
OF_SERVER = ("_format", "_pretty", "mode")
Pairs = Sequence[tuple[str, str]]
_WHOLE = re.compile(r"[0-9]{1,9}")
_BROKEN = re.compile(rb"%(?![0-9A-Fa-f]{2})")


@dataclass(slots=True)
class Query:
    """A search. All `tests` must hold; `asked` are the parameters that they were made from. `pairs` are all that count
    as given, but for the place in the pages; `ignored` the names of those left out because that was asked for."""

    type: str
    tests: list[Condition | Through] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    includes: list[str] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    shape: str = PLAN_NET_SERVICE
    count: int = COUNT
    offset: int = 0
    pretty: bool = False


def decoded(raw: bytes) -> list[tuple[str, str]]:
    """The parameters of the query of an address, or of a form sent as `application/x-www-form-urlencoded`.

    Raises UnicodeError for what is no UTF-8 or holds a broken percent sign, Invalid (`too_many`) for too many.
    """
    if _BROKEN.search(raw):
        raise UnicodeError
    text = raw.decode()
    if text.count("&") > 10 * MOST_PARAMETERS:
        raise Invalid({"": [Problem("too_many", max=MOST_PARAMETERS)]}, "fhir_search")
    return parse_qsl(text, keep_blank_values=True, errors="strict")


def read(type_: str, pairs: Iterable[tuple[str, str]], *, lenient: bool = False,
         only: Collection[str] | None = None) -> Query:
    """The query of a search in one of TYPES. `only`: the parameters that count where there is nothing to search.

    With `lenient`, parameters that are not known or have no value are left out and named in the query.

    Raises Invalid by the names of parameters: `unknown_key`, `not_a_code` (modifier, form or link that we have not),
    `bad_value`, `repeated`, `too_many`, `too_long`.
    """
    query, errors, seen = Query(type_), dict[str, list[Problem]](), set[str]()
    for number, (name, value) in enumerate(pairs):
        if number == MOST_PARAMETERS:
            raise Invalid({"": [Problem("too_many", max=MOST_PARAMETERS)]}, "fhir_search")
        if lenient and not value.strip():
            query.ignored.append(name[:100])
            continue
        try:
            _take(query, name, value, seen, only)
        except Invalid as broken:
            if lenient and all(one.code == "unknown_key" for many in broken.errors.values() for one in many):
                query.ignored.append(name[:100])
                continue
            for refused_name, problems in broken.errors.items():
                errors.setdefault(refused_name, []).extend(problems)
    if sum(one.values for one in query.tests) > MOST_VALUES:
        errors.setdefault("", []).append(Problem("too_many", max=MOST_VALUES))
    if errors:
        raise Invalid(errors, "fhir_search")
    return query


def _take(query: Query, name: str, value: str, seen: set[str], only: Collection[str] | None) -> None:
    """Adds one parameter to a query."""
    if name not in only if only is not None else name == "mode":
        raise refused(name, "unknown_key")
    if len(value) > MOST_LENGTH:
        raise refused(name, "too_long", max=MOST_LENGTH)
    control = _CONTROLS.get(name)
    if control:
        if name in seen and name != "_include":
            raise refused(name, "repeated")
        seen.add(name)
        control(query, name, value)
    else:
        if name == "_profile":
            query.shape = next((one for one in SHAPES if one in value.split(",")), query.shape)
        query.tests.append(condition(query.type, name, value))
        query.asked.append((name, value))
    if name not in ("_count", "_offset"):
        query.pairs.append((name, value))


def _number(most: int) -> Callable[[str, str], int]:
    def read_number(name: str, value: str) -> int:
        if not _WHOLE.fullmatch(value):
            raise refused(name, "bad_value")
        return min(int(value), most)
    return read_number


def _count(query: Query, name: str, value: str) -> None:
    query.count = _number(MOST)(name, value)


def _offset(query: Query, name: str, value: str) -> None:
    query.offset = _number(DEEPEST)(name, value)


def _include(query: Query, name: str, value: str) -> None:
    source, _, link = value.partition(":")
    link, _, target = link.partition(":")
    if source != query.type or link not in LINKS[query.type] or target not in ("", LINKS[query.type][link]):
        raise refused(name, "not_a_code")
    query.includes += [link] if link not in query.includes else []


def _summary(query: Query, name: str, value: str) -> None:
    _one_of("count", "false")(query, name, value)
    if value == "count":
        query.count = 0


def _pretty(query: Query, name: str, value: str) -> None:
    _one_of("true", "false")(query, name, value)
    query.pretty = value == "true"


def _format(query: Query, name: str, value: str) -> None:
    if not is_json(value):
        raise refused(name, "not_a_code")


def is_json(form: str) -> bool:
    """Whether a form of answer that is asked for is the one there is; a plus that nobody escaped is a space by now."""
    return form.partition(";")[0].strip().replace(" ", "+").lower() in FORMATS


def _one_of(*values: str) -> Callable[[Query, str, str], None]:
    def check(query: Query, name: str, value: str) -> None:
        if value not in values:
            raise refused(name, "not_a_code")
    return check


_CONTROLS: Mapping[str, Callable[[Query, str, str], None]] = {
    "_count": _count, "_offset": _offset, "_include": _include, "_summary": _summary, "_pretty": _pretty,
    "_format": _format, "_total": _one_of("accurate", "estimate", "none"),
    "mode": _one_of("full", "normative"),
}
CONTROLS: Sequence[str] = tuple(name for name in _CONTROLS if name != "mode")
