"""What a search should find, said again in the plainest way: every resource is asked, by paths written down here."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from geopy.distance import geodesic

Resource = Mapping[str, Any]
Pairs = Iterable[tuple[str, str]]

KILOMETERS = {"km": 1.0, "m": 0.001, "[mi_us]": 1.609344, "[mi_i]": 1.609344, "mi": 1.609344}


def _codes(concepts: Iterable[Resource]) -> list[tuple[str, str]]:
    return [(code["system"], code["code"]) for one in concepts for code in one["coding"]]


def _parts(resource: Resource, *names: str) -> list[str]:
    found: list[str] = []
    for name in names:
        value = resource.get("address", {}).get(name, [])
        found += value if isinstance(value, list) else [value]
    return found


def _named(resource: Resource) -> list[str]:
    return [resource["name"]] if "name" in resource else []


def _point(resource: Resource) -> list[tuple[float, float]]:
    at = resource.get("position")
    return [(at["latitude"], at["longitude"])] if at else []


_SAID: dict[str, tuple[str, Callable[[Resource], Sequence[Any]]]] = {
    "_id": ("token", lambda one: [("", one["id"])]),
    "_lastUpdated": ("date", lambda one: [one["meta"]["lastUpdated"]]),
    "_profile": ("uri", lambda one: one["meta"].get("profile", [])),
    "identifier": ("token", lambda one: [(each["system"], each["value"]) for each in one["identifier"]]),
    "name": ("string", _named),
}
SAID: dict[str, dict[str, tuple[str, Callable[[Resource], Sequence[Any]]]]] = {
    "HealthcareService": _SAID | {
        "active": ("token", lambda one: [("", str(one["active"]).lower())]),
        "characteristic": ("token", lambda one: _codes(one.get("characteristic", []))),
        "communication": ("token", lambda one: _codes(one.get("communication", []))),
        "location": ("reference", lambda one: [each["reference"] for each in one.get("location", [])]),
        "organization": ("reference", lambda one: [one["providedBy"]["reference"]] if "providedBy" in one else []),
        "service-category": ("token", lambda one: _codes(one["category"])),
        "service-type": ("token", lambda one: _codes(one["type"])),
    },
    "Location": _SAID | {
        "address": ("string", lambda one: _parts(one, "line", "city", "state", "postalCode", "country")),
        "address-city": ("string", lambda one: _parts(one, "city")),
        "address-country": ("string", lambda one: _parts(one, "country")),
        "address-postalcode": ("string", lambda one: _parts(one, "postalCode")),
        "address-state": ("string", lambda one: _parts(one, "state")),
        "near": ("special", _point),
        "organization": ("reference", lambda one: [one["managingOrganization"]["reference"]]
                         if "managingOrganization" in one else []),
        "status": ("token", lambda one: [("", one["status"])]),
    },
    "Organization": _SAID | {
        "active": ("token", lambda one: [("", str(one["active"]).lower())]),
        "type": ("token", lambda one: _codes(one.get("type", []))),
    },
}


class Everything:
    """All resources of a directory, by type and in the order of their ids. `other_shape`: the programs once more, as
    they are when the profile of the Human Services Directory is asked for."""

    def __init__(self, resources: Iterable[Resource], other_shape: Iterable[Resource] = ()) -> None:
        self.of: dict[str, list[Resource]] = {type_: [] for type_ in SAID}
        for one in sorted(resources, key=lambda one: str(one["id"])):
            self.of[one["resourceType"]].append(one)
        self.by_name = {f"{one['resourceType']}/{one['id']}": one for many in self.of.values() for one in many}
        self.profiles = {one["id"]: set(one["meta"].get("profile", ())) for one in other_shape}

    def found(self, type_: str, pairs: Pairs) -> list[str]:
        """The ids of all that meet every parameter."""
        conditions = list(pairs)
        return [one["id"] for one in self.of[type_] if all(self._meets(one, *pair) for pair in conditions)]

    def _meets(self, one: Resource, name: str, value: str) -> bool:
        first, dot, rest = name.partition(".")
        if dot:
            _, follow = SAID[one["resourceType"]][first.partition(":")[0]]
            return any(self._meets(self.by_name[reference], rest, value) for reference in follow(one))
        name, _, modifier = name.partition(":")
        kind, read = SAID[one["resourceType"]][name]
        said = list(read(one))
        if name == "_profile" and one["resourceType"] == "HealthcareService":
            said += self.profiles.get(one["id"], ())
        return any(_same(kind, modifier, wish, each) for wish in split(value, ",") for each in said)


def split(value: str, sign: str) -> list[str]:
    """At every sign that has no backslash before it, where backslashes come in pairs."""
    hidden = value.replace("\\\\", "\x01").replace(f"\\{sign}", "\x02")
    return [one.replace("\x02", f"\\{sign}").replace("\x01", "\\\\") for one in hidden.split(sign)]


def plain(text: str) -> str:
    for sign in ",|$":
        text = text.replace(f"\\{sign}", sign)
    return text.replace("\\\\", "\\")


def bare(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))


def _same(kind: str, modifier: str, wish: str, said: Any) -> bool:
    if kind == "token":
        system, bar, code = wish.partition("|")
        system, code = plain(system), plain(code)
        return said[1] == system if not bar else said[0] == system and code in ("", said[1])
    if kind == "string":
        key = plain(wish)
        if modifier == "exact":
            return bool(said == key)
        return bare(key) in bare(said) if modifier else bare(said).startswith(bare(key))
    if kind == "reference":
        return wish in (said, said.partition("/")[2])
    if kind == "uri":
        return bool(wish == said)
    return _when(wish, said) if kind == "date" else _near(wish, said)


def _when(wish: str, said: str) -> bool:
    """Both in UTC: then dates are in the order of their letters, as far as the shorter one goes."""
    prefix, day = (wish[:2], wish[2:]) if wish[:2].isalpha() else ("eq", wish)
    same, later = said.startswith(day), said[:len(day)] > day
    return {"eq": same, "ne": not same, "gt": later, "ge": same or later, "lt": not same and not later,
            "le": not later, "sa": later, "eb": not same and not later}[prefix]


def _near(wish: str, said: tuple[float, float]) -> bool:
    latitude, longitude, *more = wish.split("|")
    far = float(more[0]) if more and more[0] else 50.0
    unit = KILOMETERS[more[1]] if len(more) > 1 and more[1] else 1.0
    return bool(geodesic((float(latitude), float(longitude)), said).km <= far * unit)
