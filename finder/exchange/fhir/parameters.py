"""What a directory can be searched by: for each resource its parameters, and how a value is compared with a resource.

Only codes and words of resources are read, so that a search finds what its answer shows. FHIR R4 section 3.1.1.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from finder.errors import Invalid, Problem
from finder.exchange.fhir.elements import Resource
from finder.exchange.fhir_referral import CODES
from finder.places.distance import distance_miles, sphere_miles

KINDS = ("string", "token", "reference", "date", "special")
MILES_PER_KM = 0.621371
NEAR_KM = 50.0  # when no distance is given; the specification leaves it to the server
_SPHERE_ERROR = 1.01  # a sphere differs from the ellipsoid by up to 0.6 percent
MOST_KM = 20_100.0  # half around the world
_COMMA = CODES[CODES.index(","):]
_PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le")
_Read = Callable[[Resource], Iterable[Any]]
Test = Callable[[Resource], bool]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One search parameter. `read` gives what of a resource is compared: texts, (system, code) pairs, references
    without the type, an instant, or points. `definition`: of which resource HL7 defines it, if not of this one."""

    kind: str
    read: _Read
    about: str
    definition: str = ""


def _texts(*path: str) -> _Read:
    return lambda resource: (str(one) for one in _at([resource], path))


def _tokens(*path: str) -> _Read:
    def read(resource: Resource) -> Iterator[tuple[str, str]]:
        for one in _at([resource], path):
            for code in one.get("coding", ()):
                yield code.get("system", ""), code["code"]
    return read


def _plain(*path: str) -> _Read:
    """Codes of no list: booleans and FHIR's own."""
    return lambda resource: (("", str(one).lower() if isinstance(one, bool) else one) for one in _at([resource], path))


def _identifiers(resource: Resource) -> Iterator[tuple[str, str]]:
    return ((one["system"], one["value"]) for one in resource.get("identifier", ()))


def _references(*path: str) -> _Read:
    return lambda resource: (one["reference"].rpartition("/")[2] for one in _at([resource], path))


def _points(resource: Resource) -> Iterator[tuple[float, float]]:
    if "position" in resource:
        yield resource["position"]["latitude"], resource["position"]["longitude"]


def _at(values: Iterable[Any], path: Sequence[str]) -> list[Any]:
    """All values under a path; lists on the way are walked into."""
    found = list(values)
    for name in path:
        found = [one for value in found if name in value
                 for one in (value[name] if isinstance(value[name], list) else [value[name]])]
    return found


_COMMON: Mapping[str, Parameter] = {
    "_id": Parameter("token", lambda resource: [("", resource["id"])], "The id", "Resource-id"),
    "_lastUpdated": Parameter("date", lambda resource: [resource["meta"]["lastUpdated"]], "When it changed last",
                              "Resource-lastUpdated"),
    "identifier": Parameter("token", _identifiers, "This instance's number, or the publisher's"),
    "name": Parameter("string", _texts("name"), "How the name begins"),
}
_ADDRESS = ("line", "city", "state", "postalCode", "country")
PARAMETERS: Mapping[str, Mapping[str, Parameter]] = {
    "HealthcareService": {
        **_COMMON,
        "active": Parameter("token", _plain("active"), "Whether it meets for now"),
        "characteristic": Parameter("token", _tokens("characteristic"), "Ways of working, leader, people, access"),
        "location": Parameter("reference", _references("location"), "Where it meets"),
        "organization": Parameter("reference", _references("providedBy"), "Who runs it"),
        "service-category": Parameter("token", _tokens("category"), "Plan-Net's category"),
        "service-type": Parameter("token", _tokens("type"), "Kind of group, or need"),
    },
    "Location": {
        **_COMMON,
        "address": Parameter("string", lambda resource: (
            text for part in _ADDRESS for text in _texts("address", part)(resource)), "How a part of it begins"),
        "address-city": Parameter("string", _texts("address", "city"), "Town"),
        "address-country": Parameter("string", _texts("address", "country"), "Country, ISO 3166"),
        "address-postalcode": Parameter("string", _texts("address", "postalCode"), "ZIP or postal code"),
        "address-state": Parameter("string", _texts("address", "state"), "State"),
        "near": Parameter("special", _points, "latitude|longitude|distance|units; km, or [mi_us]"),
        "organization": Parameter("reference", _references("managingOrganization"), "Who runs what meets there"),
        "status": Parameter("token", _plain("status"), "Always active"),
    },
    "Organization": {
        **_COMMON,
        "active": Parameter("token", _plain("active"), "Always true"),
        "type": Parameter("token", _tokens("type"), "Kind of organization"),
    },
}
MODIFIERS: Mapping[str, tuple[str, ...]] = {"string": ("contains", "exact")}


def comparing(type_: str, name: str, modifier: str, value: str) -> Test:
    """Whether a resource of a type meets a parameter; values with commas between are alternatives.

    Raises Invalid: `unknown_key` for a parameter we have not, `not_a_code` for a modifier, `bad_value` for a value that
    cannot be read.
    """
    parameter = PARAMETERS[type_].get(name)
    if parameter is None:
        raise refused(name, "unknown_key")
    if modifier and modifier not in MODIFIERS.get(parameter.kind, ()):
        raise refused(name, "not_a_code", value=modifier)
    if parameter.kind == "token":  # nobody should have to know that the names of our lists hold a comma
        value = value.replace(f"\\{_COMMA}", _COMMA).replace(_COMMA, f"\\{_COMMA}")
    wanted = [_compared(parameter.kind, name, modifier, one) for one in split(value, ",")]
    return lambda resource: any(one(found) for found in parameter.read(resource) for one in wanted)


def refused(name: str, code: str, **values: object) -> Invalid:
    """What to raise for a parameter that cannot be used."""
    return Invalid({name: [Problem(code, **values)]}, "fhir_search")


def split(value: str, sign: str) -> list[str]:
    """The parts between unescaped signs, without their escapes (FHIR R4 section 3.1.1.4.0.1)."""
    parts, escaped = [""], False
    for letter in value:
        if escaped:
            parts[-1] += letter if letter in ",|$\\" else f"\\{letter}"
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == sign:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _compared(kind: str, name: str, modifier: str, value: str) -> Callable[[Any], bool]:
    if not value.strip():
        raise refused(name, "bad_value")
    if kind == "string":
        return _string(modifier, value)
    if kind == "token":
        return _token(value)
    if kind == "reference":
        id_ = value.rstrip("/").rpartition("/")[2]
        return lambda found: bool(found == id_)
    return _date(name, value) if kind == "date" else _near(name, value)


def _string(modifier: str, value: str) -> Callable[[str], bool]:
    if modifier == "exact":
        return lambda found: found == value
    key = _folded(value)
    return (lambda found: key in _folded(found)) if modifier else (lambda found: _folded(found).startswith(key))


def _token(value: str) -> Callable[[tuple[str, str]], bool]:
    system, bar, code = value.rpartition("|")
    return lambda found: (not bar or found[0] == system) and (not code or found[1] == code)


def _date(name: str, value: str) -> Callable[[str], bool]:
    """Compares an instant with the span a date names: a year, month, day, minute or second."""
    prefix, date = (value[:2], value[2:]) if value[:2] in _PREFIXES else ("eq", value)
    first, after = _span(name, date)

    def meets(found: str) -> bool:
        moment = datetime.fromisoformat(found)
        return {"eq": first <= moment < after, "ne": not first <= moment < after, "gt": moment >= after,
                "ge": moment >= first, "lt": moment < first, "le": moment < after}[prefix]
    return meets


def _span(name: str, date: str) -> tuple[datetime, datetime]:
    try:
        if len(date) in (4, 7):
            first = datetime.fromisoformat(f"{date}-01-01" if len(date) == 4 else f"{date}-01").replace(tzinfo=UTC)
            months = 12 if len(date) == 4 else 1
            after = first.replace(year=first.year + (first.month - 1 + months) // 12,
                                  month=(first.month - 1 + months) % 12 + 1)
            return first, after
        first = datetime.fromisoformat(date)
        first = first if first.tzinfo else first.replace(tzinfo=UTC)
        long = timedelta(days=1) if len(date) == 10 else timedelta(minutes=1) if len(date) == 16 else \
            timedelta(seconds=1)
        return first.astimezone(UTC), first.astimezone(UTC) + long
    except (ValueError, OverflowError):
        raise refused(name, "bad_value") from None


def _near(name: str, value: str) -> Callable[[tuple[float, float]], bool]:
    try:
        latitude, longitude, *more = value.split("|")
        here = float(latitude), float(longitude)
        units = more[1] if len(more) > 1 and more[1] else "km"
        far = float(more[0]) if more and more[0] else NEAR_KM
        if len(more) > 2 or not (abs(here[0]) <= 90 and abs(here[1]) <= 180 and 0 <= far <= MOST_KM):
            raise ValueError
        miles = far * {"km": MILES_PER_KM, "[mi_us]": 1.0, "[mi_i]": 1.0, "mi": 1.0, "m": MILES_PER_KM / 1000}[units]
    except (ValueError, KeyError):
        raise refused(name, "bad_value") from None
    near = miles * _SPHERE_ERROR  # the quick distance tells who is too far to be measured
    return lambda found: sphere_miles(*here, *found) <= near and distance_miles(*here, *found) <= miles


def _folded(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in bare if not unicodedata.combining(letter))
