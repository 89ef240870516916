"""How a value of a search is compared with the values of a resource: each kind of parameter in its own way.

A condition says which values meet it and is asked of each different value once, however many resources have it.
FHIR R4 sections 3.1.1.4 and 3.1.1.5.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from finder.errors import Invalid, Problem
from finder.exchange.fhir.elements import Resource
from finder.exchange.fhir.parameters import LINKS, PARAMETERS
from finder.exchange.fhir_referral import CODES
from finder.places.distance import distance_miles, sphere_miles

MILES_PER_KM = 0.621371
NEAR_KM = 50.0  # when no distance is given; the specification leaves it to the server
_UNITS: Mapping[str, float] = {"km": MILES_PER_KM, "m": MILES_PER_KM / 1000, "[mi_us]": 1.0, "[mi_i]": 1.0, "mi": 1.0}
_MOST_MILES = 12_500.0  # half around the world
_SPHERE_ERROR = 1.01  # a sphere differs from the ellipsoid by up to 0.6 percent
_MILES_PER_DEGREE = 68.0  # of latitude at least, everywhere
_COMMA = CODES[CODES.index(","):]
_PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb")
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
                   r"(Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?")
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{0,20})?")
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f]")
MODIFIERS: Mapping[str, tuple[str, ...]] = {"string": ("contains", "exact")}
Meets = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """What the values of one parameter must meet; it is enough that one of them does.

    `folded`: texts are compared without case and accents, and handed in that way. `only`: where just these values meet
    it. `values`: how many alternatives it has.
    """

    name: str
    meets: Meets
    values: int
    folded: bool = False
    only: frozenset[Any] | None = None

    def holds(self, type_: str, resource: Resource) -> bool:
        """Whether a resource meets it."""
        return any(self.meets(fold(one) if self.folded else one) for one in PARAMETERS[type_][self.name].read(resource))


@dataclass(frozen=True, slots=True)
class Through:
    """A condition on what a resource refers to by a parameter of LINKS: "location.near"."""

    name: str
    then: Condition | Through

    @property
    def values(self) -> int:
        return self.then.values


def condition(type_: str, name: str, value: str, sent: str = "") -> Condition | Through:
    """The condition of one parameter with its modifier or chain; commas stand between alternatives.

    Raises Invalid by the name as `sent`: `unknown_key` for a parameter or a chain we have not, `not_a_code` for a
    modifier, `bad_value` for a value that cannot be read.
    """
    sent = sent or name
    through, dot, rest = name.partition(".")
    if dot:
        link, _, said = through.partition(":")  # "location:Location.near" says the type too
        target = LINKS[type_].get(link)
        if target is None or said not in ("", target):
            raise refused(sent, "unknown_key")
        return Through(link, condition(target, rest, value, sent))
    plain, _, modifier = name.partition(":")
    parameter = PARAMETERS[type_].get(plain)
    if parameter is None:
        raise refused(sent, "unknown_key")
    if modifier and modifier not in MODIFIERS.get(parameter.kind, ()) and modifier != parameter.target:
        raise refused(sent, "not_a_code")
    if parameter.kind == "token":  # nobody should have to know that the names of our lists hold a comma
        value = value.replace(f"\\{_COMMA}", _COMMA).replace(_COMMA, f"\\{_COMMA}")
    wanted = split(value, ",")
    try:
        if _UNPRINTED.search(value) or not all(one.strip() for one in wanted):
            raise ValueError
        return _of_kind(parameter.kind, plain, modifier, parameter.target, wanted)
    except (ValueError, OverflowError):
        raise refused(sent, "bad_value") from None


def _of_kind(kind: str, name: str, modifier: str, target: str, wanted: Sequence[str]) -> Condition:
    """Raises ValueError or OverflowError for a value that cannot be read."""
    many = len(wanted)
    if kind == "uri" or modifier == "exact":
        return _among(name, frozenset(map(plainly, wanted)), many)
    if kind == "reference":
        return _among(name, frozenset(_reference(plainly(one), target) for one in wanted), many)
    if kind == "token":
        return _token(name, [_pair(one) for one in wanted])
    if kind == "string":
        keys = tuple(fold(plainly(one)) for one in wanted)
        if "" in keys:  # accents alone would be in every text
            raise ValueError
        inside: Meets = lambda found: any(key in found for key in keys)  # noqa: E731 - beside its other half
        return Condition(name, inside if modifier else lambda found: found.startswith(keys), many, folded=True)
    meets = [_date(one) if kind == "date" else _near(one) for one in wanted]
    return Condition(name, meets[0] if many == 1 else lambda found: any(one(found) for one in meets), many)


def refused(name: str, code: str, **values: object) -> Invalid:
    """What to raise for a parameter that cannot be used."""
    return Invalid({name[:100]: [Problem(code, **values)]}, "fhir_search")


def split(value: str, sign: str) -> list[str]:
    """The parts between unescaped signs, escapes left as they are (FHIR R4 section 3.1.1.4.0.1)."""
    parts, escaped = [""], False
    for letter in value:
        if letter == sign and not escaped:
            parts.append("")
        else:
            parts[-1] += letter
        escaped = letter == "\\" and not escaped
    return parts


def plainly(value: str) -> str:
    """A value without its escapes."""
    return re.sub(r"\\([,|$\\])", r"\1", value)


def fold(text: str) -> str:
    """A text without case and accents."""
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def _among(name: str, values: frozenset[Any], many: int) -> Condition:
    return Condition(name, values.__contains__, many, only=values)


def _reference(value: str, target: str) -> str:
    """The id in "id", "Location/id" or an address that ends so; what refers to another type meets nothing."""
    rest, stroke, id_ = value.rstrip("/").rpartition("/")
    return id_ if not stroke or rest.rpartition("/")[2] == target else ""


def _pair(value: str) -> tuple[str | None, str]:
    """System and code of a token; None: of whichever system. Of "system|" every code counts."""
    system, *code = split(value, "|")
    return (plainly(system), plainly("|".join(code))) if code else (None, plainly(system))


def _token(name: str, wanted: Sequence[tuple[str | None, str]]) -> Condition:
    if all(system is not None and code for system, code in wanted):
        return _among(name, frozenset(wanted), len(wanted))

    def meets(found: tuple[str, str]) -> bool:
        return any((system is None or found[0] == system) and (not code or found[1] == code)
                   for system, code in wanted)
    return Condition(name, meets, len(wanted))


def _date(value: str) -> Meets:
    """Compares an instant with the span a date names: a year, month, day, minute or second."""
    prefix, date = (value[:2], value[2:]) if value[:2] in _PREFIXES else ("eq", value)
    first, after = _span(date)
    ways: Mapping[str, Meets] = {
        "eq": lambda moment: first <= moment < after, "ne": lambda moment: not first <= moment < after,
        "gt": lambda moment: moment >= after, "ge": lambda moment: moment >= first,
        "lt": lambda moment: moment < first, "le": lambda moment: moment < after}
    return ways[{"sa": "gt", "eb": "lt"}.get(prefix, prefix)]


def _span(date: str) -> tuple[datetime, datetime]:
    if not _DATE.fullmatch(date):
        raise ValueError
    if len(date) in (4, 7):
        first = datetime.fromisoformat(f"{date}-01-01" if len(date) == 4 else f"{date}-01").replace(tzinfo=UTC)
        months = 12 if len(date) == 4 else 1
        after = first.replace(year=first.year + (first.month - 1 + months) // 12,
                              month=(first.month - 1 + months) % 12 + 1)
        return first, after
    first = datetime.fromisoformat(date)
    clock = date[11:].rstrip("Z").partition("+")[0].partition("-")[0]
    long = timedelta(days=1) if not clock else timedelta(minutes=1) if len(clock) == 5 else \
        timedelta(seconds=1) if len(clock) == 8 else timedelta(milliseconds=1)
    first = (first if first.tzinfo else first.replace(tzinfo=UTC)).astimezone(UTC)
    return first, first + long


def _near(value: str) -> Meets:
    latitude, longitude, *more = value.split("|")
    here = _number(latitude), _number(longitude)
    units = more[1] if len(more) > 1 and more[1] else "km"
    far = _number(more[0]) if more and more[0] else NEAR_KM
    if len(more) > 2 or units not in _UNITS or not (abs(here[0]) <= 90 and abs(here[1]) <= 180):
        raise ValueError
    miles = far * _UNITS[units]
    if not 0 <= miles <= _MOST_MILES:
        raise ValueError
    near, sure = miles * _SPHERE_ERROR, miles / _SPHERE_ERROR  # who lies between them has to be measured

    def meets(found: tuple[float, float]) -> bool:
        if abs(found[0] - here[0]) * _MILES_PER_DEGREE > near:
            return False
        quick = sphere_miles(*here, *found)
        return quick <= sure or (quick <= near and distance_miles(*here, *found) <= miles)
    return meets


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError
    return float(text)
