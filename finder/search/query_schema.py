"""What may be asked in an address: the query parameters of browsing and of a match, read into plain values.

Every door reads them here. Nothing is guessed: an unknown name, an unknown code or a number out of range is an error
that names the parameter. Empty words count as not given; forms leave out their other empty fields.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from finder.catalog.listing_schema import PAYERS
from finder.errors import Invalid, Problem
from finder.fields import Text, flatten, shown
from finder.vocabulary import vocabulary

Arguments = Mapping[str, Sequence[str]]

UNKNOWN = "unknown"  # the facet code of programs that do not state it (contract section 9)
MODES = ("any", "all", "not")
MOST_CODES = 60  # codes in one filter
MOST_TEXT = 200  # contract, intake needs_text and near.text
MOST_MILES = 1000  # contract, intake radius_miles
MOST_PER_PAGE = 100  # contract section 9
PER_PAGE = 20
DEEPEST = 10_000  # how far into a list pages may reach; the whole catalog is for exports
LANGUAGES = ("en", "es")  # those that ship; doors hand in the ones their instance offers
SORTS = ("relevance", "distance", "next_session", "freshness")
DAYS = ("0", "1", "2", "3", "4", "5", "6")  # Monday to Sunday, as ISO 8601 orders them
MOST_HOURS = 168  # "starting within": a week, since the columns hold the next starts of each session only
MOST_NEAREST = 100
MOST_NAMED = 20  # ids of listings that stand before a list

_LISTS = vocabulary().lists
# Facets of contract section 9 that a list may be narrowed by (a band is no fact about a program), with the codes each
# may be asked for. `languages` may be any ISO 639 code.
FACETS: Mapping[str, tuple[str, ...]] = {
    "group_type": _LISTS["group_types"].codes,
    "focus": _LISTS["focus_areas"].codes,
    "modalities": _LISTS["modalities"].codes,
    "led_by": _LISTS["facilitator_types"].codes,
    "formats": _LISTS["session_formats"].codes,
    "times": ("early", "weekday_daytime", "evening", "weekend"),
    "languages": _LISTS["languages"].codes,
    "populations": _LISTS["populations"].codes,
    "cost": ("free", "covered", "sliding", "fee"),
    "accessibility": _LISTS["accessibility"].codes,
    "gender_mix": ("women", "men", "mixed"),
    "capacity": ("open", "waitlist", "full", "assessment_first"),
}
INSURANCE = PAYERS
ALWAYS_STATED = frozenset(("group_type",))  # no program without it, so no code for "not stated"
STATUSES = ("active", "paused")  # what is closed or was never published cannot be asked for

_WHOLE = re.compile(r"[0-9]{1,9}")
_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TEXT = Text(MOST_TEXT)


@dataclass(frozen=True, slots=True)
class Controls:
    """How a match is to be answered; the intake says what is sought. `filters`: facet -> mode -> codes."""

    page: int
    per_page: int
    lang: str | None
    text: bool
    hidden_ids: bool
    filters: Mapping[str, Mapping[str, Sequence[str]]]


class _Reader:
    """Takes parameters one by one and remembers what was wrong with them."""

    def __init__(self, arguments: Arguments) -> None:
        self.left = {name: list(values) for name, values in arguments.items()}
        self.errors: dict[str, list[Problem]] = {}

    def refuse(self, name: str, code: str, **values: object) -> None:
        self.errors.setdefault(name, []).append(Problem(code, **values))

    def one(self, name: str) -> str | None:
        """The single value of a parameter, None when absent."""
        values = self.left.pop(name, [])
        if len(values) > 1:
            self.refuse(name, "repeated")
            return None
        return values[0] if values else None

    def text(self, name: str) -> str | None:
        value = self.one(name)
        if not value or value.isspace():
            return None
        try:
            return str(_TEXT.deserialize(value)).strip()
        except ValidationError as broken:
            self.errors[name] = flatten(broken.messages)[""]
            return None

    def whole(self, name: str, default: int, maximum: int) -> int:
        value = self.one(name)
        if value is None:
            return default
        if not _NUMBER.fullmatch(value):
            self.refuse(name, "not_a_number")
        elif not _WHOLE.fullmatch(value) or not 1 <= int(value) <= maximum:
            self.refuse(name, "out_of_range", min=1, max=maximum)
        else:
            return int(value)
        return default

    def number(self, name: str, minimum: float, maximum: float, *, above: bool = False) -> float | None:
        value = self.one(name)
        if value is None:
            return None
        if not _NUMBER.fullmatch(value):
            self.refuse(name, "not_a_number")
            return None
        number = float(value)
        if not math.isfinite(number) or not minimum <= number <= maximum or (above and number == minimum):
            self.refuse(name, "out_of_range", min=minimum, max=maximum)
            return None
        return number

    def code(self, name: str, codes: Sequence[str]) -> str | None:
        value = self.one(name)
        if value is not None and value not in codes:
            self.refuse(name, "not_a_code", value=shown(value))
            return None
        return value

    def clock(self, name: str) -> int | None:
        """"HH:MM" as minutes since midnight."""
        value = self.one(name)
        if value is None:
            return None
        found = _CLOCK.fullmatch(value)
        if found is None:
            self.refuse(name, "not_a_time")
            return None
        return int(found[1]) * 60 + int(found[2])

    def codes(self, name: str, known: tuple[str, ...]) -> tuple[str, ...]:
        """Codes of one closed list, each once and in its order."""
        codes = self._codes(name, None, known) if name in self.left else []
        return tuple(code for code in known if code in codes)

    def flag(self, name: str, default: bool) -> bool:
        value = self.code(name, ("0", "1"))
        return default if value is None else value == "1"

    def filters(self, facets: Mapping[str, tuple[str, ...]]) -> dict[str, dict[str, list[str]]]:
        found: dict[str, dict[str, list[str]]] = {}
        for name in list(self.left):
            facet, _, mode = name.partition(".")
            if facet not in facets or (mode or "any") not in MODES or name.endswith("."):
                continue
            codes = self._codes(name, facet, facets[facet])
            if codes:
                kept = found.setdefault(facet, {}).setdefault(mode or "any", [])
                kept.extend(code for code in codes if code not in kept)
        return found

    def _codes(self, name: str, facet: str | None, known: tuple[str, ...]) -> list[str]:
        codes = [code for value in self.left.pop(name) for code in value.split(",")]
        if len(codes) > MOST_CODES:
            self.refuse(name, "too_many", max=MOST_CODES)
            return []
        wrong = [code for code in codes if not _is_known(facet, code, known)]
        for code in wrong[:1]:
            self.refuse(name, "not_a_code", value=shown(code))
        return [] if wrong else codes

    def pages(self) -> tuple[int, int]:
        per_page = self.whole("per_page", PER_PAGE, MOST_PER_PAGE)
        page = self.whole("page", 1, DEEPEST)
        if page * per_page > DEEPEST and "page" not in self.errors:
            self.refuse("page", "out_of_range", min=1, max=DEEPEST // per_page)
        return page, per_page

    def done(self) -> None:
        """Refuses what nobody asked about, and raises Invalid with everything that was wrong."""
        for name in self.left:
            self.refuse(shown(name), "unknown_key")
        if self.errors:
            raise Invalid(self.errors, "query")


def load_match(arguments: Arguments, languages: Sequence[str] = LANGUAGES) -> Controls:
    """Reads the query of `POST /match`.

    `arguments` maps each name to the values given; `languages` are the codes that `lang` may be.
    Raises Invalid naming every wrong parameter.
    """
    if not arguments:
        return _PLAIN
    read = _Reader(arguments)
    page, per_page = read.pages()
    controls = Controls(page, per_page, read.code("lang", languages), read.flag("text", True),
                        read.flag("hidden_ids", False), read.filters(FACETS))
    read.done()
    return controls


_PLAIN = Controls(1, PER_PAGE, None, True, False, {})


def load_browse(arguments: Arguments, languages: Sequence[str] = LANGUAGES) -> dict[str, Any]:
    """Reads the query of `GET /programs` and of the browse page.

    Gives `text`, `near`, `latitude`, `longitude`, `radius_miles` (None when not given), `filters` (facet -> mode ->
    codes), `days` (0 Monday to 6 Sunday), `from` and `until` (minutes since midnight within which a session starts),
    `starting` (within so many hours), `nearest` (that many in person, whatever the distance), `insurance` (what
    `cost=covered` goes by), `status`, `sort`, `page`, `per_page`, `lang`. A place is words or a point, not both, and
    `nearest` needs one. Raises Invalid naming every wrong parameter.
    """
    read = _Reader(arguments)
    page, per_page = read.pages()
    query = {
        "text": read.text("q"), "near": read.text("near"), "latitude": read.number("latitude", -90, 90),
        "longitude": read.number("longitude", -180, 180),
        "radius_miles": read.number("radius_miles", 0, MOST_MILES, above=True),
        "filters": read.filters(FACETS), "days": tuple(int(day) for day in read.codes("days", DAYS)),
        "from": read.clock("from"), "until": read.clock("until"),
        "starting": read.whole("starting", 0, MOST_HOURS) or None,
        "nearest": read.whole("nearest", 0, MOST_NEAREST) or None, "insurance": read.codes("insurance", INSURANCE),
        "status": read.code("status", STATUSES),
        "sort": read.code("sort", SORTS),
        "page": page, "per_page": per_page, "lang": read.code("lang", languages),
    }
    query["sort"] = query["sort"] or usual_sort(query)
    _check_point(read, query)
    read.done()
    return query


def usual_sort(query: Mapping[str, Any]) -> str:
    """The order of a list whose reader asked for none."""
    if query.get("nearest"):
        return "distance"
    return "next_session" if query.get("starting") else SORTS[0]


def _check_point(read: _Reader, query: Mapping[str, Any]) -> None:
    given = {name for name in ("latitude", "longitude") if query[name] is not None or name in read.errors}
    for missing in {"latitude", "longitude"} - given if given else ():
        read.refuse(missing, "one_coordinate")
    if given and query["near"] is not None:
        read.refuse("near", "place_twice")
    if query["nearest"] and not given and query["near"] is None and "near" not in read.errors:
        read.refuse("near", "required")


def load_named(values: Sequence[str]) -> tuple[str, ...]:
    """Ids (UUIDs) of listings that are to stand before a list, each once. Raises Invalid naming `id`."""
    found = tuple(dict.fromkeys(values))
    if len(found) > MOST_NAMED or not all(_UUID.fullmatch(one) for one in found):
        raise Invalid({"id": [Problem("too_many", max=MOST_NAMED) if len(found) > MOST_NAMED
                              else Problem("not_an_id")]}, "query")
    return found


def load_place(arguments: Arguments, languages: Sequence[str] = LANGUAGES) -> str:
    """Reads the query of `GET /places`: the words for a place. Raises Invalid."""
    read = _Reader(arguments)
    text = read.text("q")
    if text is None and "q" not in read.errors:
        read.refuse("q", "required")
    read.code("lang", languages)
    read.done()
    return text or ""


def load_lang(arguments: Arguments, languages: Sequence[str] = LANGUAGES) -> str | None:
    """Reads a query that holds nothing but `lang`. Raises Invalid."""
    read = _Reader(arguments)
    lang = read.code("lang", languages)
    read.done()
    return lang


def load_nothing(arguments: Arguments) -> None:
    """Refuses every parameter, for what takes none. Raises Invalid."""
    _Reader(arguments).done()


def _is_known(facet: str | None, code: str, known: tuple[str, ...]) -> bool:
    if code in known:
        return True
    if code == UNKNOWN:
        return facet is not None and facet not in ALWAYS_STATED
    return facet == "languages" and bool(_LANGUAGE.fullmatch(code))
