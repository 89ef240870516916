"""What an assistant asks, read by the same rules as what a browser or a program asks. Nothing of it is kept or logged.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from finder.errors import Invalid, Problem
from finder.fields import shown
from finder.intake.document import FORMAT
from finder.search import intake_schema, query_schema
from finder.vocabulary import LIST_NAMES

Arguments = Mapping[str, Any]
Errors = dict[str, list[Problem]]

MOST_BYTES = 64 * 1024  # as `POST /match`; an intake document takes about 2 KB
SEARCH_PAGE, MOST_SEARCHED = 10, 25  # groups in one answer: an assistant reads all of it
MATCH_PAGE, MOST_MATCHED = 5, 20
# The parts of an intake that can tell of a danger, or of how heavy things are.
DANGER = ("needs", "needs_text", "phq4", "impact", "substance", "stated_level", "scores", "safety", "urgent")
MOST_PARTS = 100  # of a list or an object that are looked at one by one
MODES = {"all_of": "all", "none_of": "not"}  # what narrows a list beside the codes of which any will do
_LISTS = {*query_schema.FACETS, "days", "insurance"}
_NUMBERS = frozenset(("latitude", "longitude", "radius_miles", "nearest", "starting", "page", "per_page"))
_TEXTS = frozenset(("q", "near", "from", "until", "status", "sort", "lang"))


@dataclass(frozen=True, slots=True)
class Matching:
    """One match as it was asked for."""

    intake: dict[str, Any]
    page: int
    per_page: int


def check_size(given: Arguments) -> None:
    """Refuses more than anybody has to say. Raises Invalid."""
    try:
        size = len(orjson.dumps(given))
    except (TypeError, ValueError, RecursionError):  # half a character, a number without end, too many layers
        raise Invalid({"": [Problem("bad_json")]}) from None
    if size > MOST_BYTES:
        raise Invalid({"": [Problem("too_long", max=MOST_BYTES)]})


def language(given: Arguments, languages: Sequence[str], default: str) -> str:
    """The language of the answer: the one asked for where there is such a one, else the instance's own."""
    asked = given.get("lang")
    return asked if isinstance(asked, str) and asked in languages else default


def only(given: Arguments, *names: str, languages: Sequence[str]) -> None:
    """Refuses what a tool does not know, and a language that is not offered. Raises Invalid."""
    errors: Errors = {name: [Problem("unknown_key")] for name in given if name not in (*names, "lang")}
    if given.get("lang") is not None and given["lang"] not in languages:
        errors["lang"] = [_not_a_code(given["lang"])]
    if errors:
        raise Invalid(errors)


# -- searching -------------------------------------------------------------------------------------------------------


def search(given: Arguments, languages: Sequence[str]) -> tuple[dict[str, Any], bool]:
    """The query of a search, as `find.browse` takes it, and whether counts are wanted too. Raises Invalid by name."""
    with_facets = given.get("facets")
    errors: Errors = {} if with_facets is None or type(with_facets) is bool else {"facets": [_wrong("true_or_false")]}
    if type(given.get("per_page")) in (int, float) and given["per_page"] > MOST_SEARCHED:
        errors["per_page"] = [Problem("out_of_range", min=1, max=MOST_SEARCHED)]
    read: dict[str, list[str]] = {"per_page": [str(SEARCH_PAGE)]}
    for name, value in given.items():
        if value is None or name == "facets":
            continue
        try:
            read |= _modes(name, value) if name in MODES else {name: _parameter(name, value)}
        except Invalid as wrong:
            errors |= wrong.errors
    try:
        query = query_schema.load_browse({name: many for name, many in read.items() if many}, languages)
    except Invalid as wrong:
        raise Invalid({**{_named(name): many for name, many in wrong.errors.items()}, **errors}) from None
    if errors:
        raise Invalid(errors)
    query.pop("lang")
    return query, bool(with_facets)


def _parameter(name: str, value: Any) -> list[str]:
    """A value as it would stand in an address. Raises Invalid where it is of another kind."""
    if name in _LISTS:
        return _codes(name, value)
    if name in _NUMBERS:
        if type(value) not in (int, float) or not math.isfinite(value):
            raise Invalid({name: [Problem("not_a_number")]})
        return [str(int(value)) if value == int(value) and abs(value) < 10**9 else repr(value)]
    if name in _TEXTS:
        if type(value) is not str:
            raise Invalid({name: [_wrong("text")]})
        return [value]
    raise Invalid({name: [Problem("unknown_key")]})


def _codes(name: str, value: Any) -> list[str]:
    if type(value) is not list:
        raise Invalid({name: [_wrong("list")]})
    kind = int if name == "days" else str
    if not all(type(one) is kind for one in value):
        raise Invalid({name: [_wrong("number" if kind is int else "text")]})
    codes = [str(one) for one in value]
    strange = next((one for one in codes if "," in one), None)  # in an address it would be two
    if strange is not None:
        raise Invalid({name: [_not_a_code(strange)]})
    return [",".join(codes)] if codes else []


def _modes(name: str, value: Any) -> dict[str, list[str]]:
    """Facets of which all codes, or none, may be there."""
    if type(value) is not dict:
        raise Invalid({name: [_wrong("object")]})
    unknown = {f"{name}.{facet}": [Problem("unknown_key")] for facet in value if facet not in query_schema.FACETS}
    if unknown:
        raise Invalid(unknown)
    try:
        return {f"{facet}.{MODES[name]}": _codes(facet, codes) for facet, codes in value.items()}
    except Invalid as wrong:
        raise Invalid({f"{name}.{facet}": many for facet, many in wrong.errors.items()}) from None


def _named(parameter: str) -> str:
    """A parameter of an address as the tool calls it: "focus.all" is "all_of.focus"."""
    facet, _, mode = parameter.rpartition(".")
    name = next((name for name, one in MODES.items() if facet and one == mode), None)
    return f"{name}.{facet}" if name else parameter


# -- matching --------------------------------------------------------------------------------------------------------


def match(given: Arguments, languages: Sequence[str]) -> Matching:
    """The intake and which page of the answer is wanted. Raises Invalid by dotted field."""
    errors: Errors = {}
    try:
        only(given, "intake", "page", "per_page", languages=languages)
    except Invalid as wrong:
        errors |= wrong.errors
    page = _whole(given, "page", 1, query_schema.DEEPEST // MOST_MATCHED, errors)
    per_page = _whole(given, "per_page", MATCH_PAGE, MOST_MATCHED, errors)
    try:
        intake = intake_schema.load(_with_format(given.get("intake")))
    except Invalid as wrong:
        errors |= {f"intake.{path}" if path else "intake": many for path, many in wrong.errors.items()}
    if errors:
        raise Invalid(errors)
    return Matching(intake, page, per_page)


def _with_format(intake: Any) -> Any:
    """An intake of which only the main parts were sent."""
    return {"format": FORMAT, **intake} if isinstance(intake, dict) else intake


def sound_parts(given: Arguments) -> dict[str, Any]:
    """What of an intake can be read by itself, whatever is wrong with the rest and wherever it was put: a danger that
    was named is heard."""
    inside = given.get("intake")
    said = {**given, **inside} if isinstance(inside, dict) else dict(given)
    found: dict[str, Any] = {}
    for name in DANGER:
        read: Any = None
        for piece in _pieces(said.get(name)):
            read = _joined(read, _read(name, piece))
        if read is not None:
            found[name] = read
    return found


def sound_words(given: Arguments) -> tuple[str | None, list[str]]:
    """The words and topics of a search that can be read by themselves."""
    words, focus = given.get("q"), given.get("focus")
    topics = [one for one in focus if one in query_schema.FACETS["focus"]] if isinstance(focus, list) else []
    return words[:query_schema.MOST_TEXT] if isinstance(words, str) else None, topics


def _pieces(value: Any) -> list[Any]:
    """A value, and if it is a list or an object each part of it by itself."""
    if isinstance(value, list) and value and not isinstance(value[0], int):  # the four answers of the PHQ-4 are one
        return [[one] for one in value[:MOST_PARTS]]
    if isinstance(value, dict):
        return [{key: one} for key, one in list(value.items())[:MOST_PARTS]]
    return [value]


def _read(name: str, value: Any) -> Any:
    try:
        return intake_schema.load({"format": FORMAT, name: value}).get(name)
    except Invalid:
        return None


def _joined(one: Any, other: Any) -> Any:
    if one is None or other is None:
        return other if one is None else one
    return {**one, **other} if isinstance(one, dict) else [*one, *other] if isinstance(one, list) else other


def _whole(given: Arguments, name: str, default: int, most: int, errors: Errors) -> int:
    value = given.get(name, default)
    if value is None:
        return default
    if type(value) is not int:
        errors[name] = [Problem("not_a_number")]
        return default
    if not 1 <= value <= most:
        errors[name] = [Problem("out_of_range", min=1, max=most)]
        return default
    return value


# -- one thing -------------------------------------------------------------------------------------------------------


def listing(given: Arguments, languages: Sequence[str]) -> str:
    """The id or slug of a listing. Raises Invalid."""
    only(given, "id", languages=languages)
    key = given.get("id")
    if key is None or key == "":
        raise Invalid({"id": [Problem("required")]})
    if type(key) is not str:
        raise Invalid({"id": [_wrong("text")]})
    if len(key) > query_schema.MOST_TEXT:
        raise Invalid({"id": [Problem("too_long", max=query_schema.MOST_TEXT)]})
    return key


def vocabulary(given: Arguments, languages: Sequence[str]) -> str | None:
    """The list of codes that is wanted; None for all. Raises Invalid."""
    only(given, "list", languages=languages)
    name = given.get("list")
    if name is not None and name not in LIST_NAMES:
        raise Invalid({"list": [_not_a_code(name)]})
    return name


def _wrong(expected: str) -> Problem:
    return Problem("wrong_type", expected=expected)


def _not_a_code(value: Any) -> Problem:
    return Problem("not_a_code", value=shown(value))
