"""What a listing is found by in HSDS: its terms and where it meets, without the documents being written.

The terms are those that stand as attributes anywhere in its `service`; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from finder.exchange.entries import Entry
from finder.exchange.hsds import places, schedules
from finder.exchange.hsds.spots import spots
from finder.exchange.hsds.supplied import NONE, Codes
from finder.exchange.hsds.terms import FACTS, term_id
from finder.exchange.hsds.write import codes_of, facts_of
from finder.places.lookup import Place


@dataclass(frozen=True, slots=True)
class There:
    """One of its places. `id`: of the service_at_location; `terms`: ids of what is said of the location and of the
    schedules there; `point`: latitude and longitude, where everybody may know them."""

    id: str
    terms: frozenset[str]
    point: tuple[float, float] | None
    postal_code: str


@dataclass(frozen=True, slots=True)
class Filed:
    """`terms`: ids of those said of the service itself and of who runs it; `area`: where it serves people, if stated;
    `places` as `write.service_at_locations` orders them."""

    terms: frozenset[str]
    area: Mapping[str, Any] | None
    places: tuple[There, ...]


def filed(entry: Entry, codes: Codes = NONE) -> Filed:
    """What a listing is found by. `codes`: those of 211 that the operator supplied."""
    document = entry.document
    said = {(name, code) for _, name, code, _ in codes_of(document)}
    said |= {(FACTS, field) for field, _ in facts_of(document)}
    kind = (document.get("organization") or {}).get("kind")
    if kind:
        said.add(("organization_kinds", kind))
    return Filed(_ids(said) | {codes.term(code)["id"] for code in codes.of(document)},
                 document.get("coverage") or None, tuple(_places(entry)))


def _places(entry: Entry) -> Iterable[There]:
    found: dict[str, There] = {}
    for one in spots(entry):
        there = found.get(one.id)
        if there is None:
            there = _at(one.id, one.session.get("location") or {} if one.kind == places.PHYSICAL else {},
                        one.kind == places.PHYSICAL)
        terms = there.terms | _ids(schedules.terms(one.session))
        found[one.id] = There(there.id, terms, there.point, there.postal_code)
    return found.values()


def _at(key: str, place: Mapping[str, Any], physical: bool) -> There:
    open_to_all = not place.get("hidden")
    known = open_to_all and place.get("latitude") is not None
    return There(key, _ids(places.terms(place)) if physical else frozenset(),
                 (place["latitude"], place["longitude"]) if known else None,
                 folded_code(place.get("postal_code") or "") if open_to_all else "")


def _ids(said: Iterable[tuple[str, str]]) -> frozenset[str]:
    return frozenset(term_id(name, code) for name, code in said)


def folded_code(code: str) -> str:
    """A postal code as codes are compared: without spaces and marks, and a ZIP code without what follows its five
    digits ("97301-1234" is "97301")."""
    bare = "".join(one for one in code.upper() if one.isalnum())
    return bare[:5] if bare.isdigit() and len(bare) == 9 else bare


def serves(area: Mapping[str, Any], code: str, place: Place | None) -> bool:
    """Whether a stated area holds a postal code. `code` as `folded_code` gives it; `place`: where it is, if known."""
    if any(folded_code(one) == code for one in area.get("postal_codes") or ()):
        return True
    if place is None:
        return False
    county = f"{place.state}:{place.county}" if place.state and place.county else ""
    return (place.country in (area.get("countries") or ()) or place.state in (area.get("states") or ())
            or bool(county) and county in (area.get("counties") or ()))
