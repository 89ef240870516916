"""What a directory can be searched by: for each resource its parameters, and which values of a resource each reads.

Only codes and words of resources are read, so that a search finds what its answer shows. FHIR R4 section 3.1.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from finder.exchange.fhir.elements import Resource

KINDS = ("string", "token", "reference", "date", "special", "uri")
_Read = Callable[[Resource], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One search parameter. `read` gives what of a resource is compared: texts, (system, code) pairs, ids of resources
    that it refers to, an instant, or points. `target`: the type of those it refers to. `definition`: of which resource
    HL7 defines it, if not of this one; "-" where HL7 defines none."""

    kind: str
    read: _Read
    about: str
    definition: str = ""
    target: str = ""


def _texts(*path: str) -> _Read:
    return lambda resource: (str(one) for one in _at(resource, path))


def _tokens(*path: str) -> _Read:
    def read(resource: Resource) -> Iterator[tuple[str, str]]:
        for one in _at(resource, path):
            for code in one.get("coding", ()):
                yield code.get("system", ""), code["code"]
    return read


def _plain(*path: str) -> _Read:
    """Codes of no list: booleans and FHIR's own."""
    return lambda resource: (("", str(one).lower() if isinstance(one, bool) else one) for one in _at(resource, path))


def _identifiers(resource: Resource) -> Iterator[tuple[str, str]]:
    return ((one["system"], one["value"]) for one in resource.get("identifier", ()))


def _references(*path: str) -> _Read:
    return lambda resource: (one["reference"].rpartition("/")[2] for one in _at(resource, path))


def _points(resource: Resource) -> Iterator[tuple[float, float]]:
    if "position" in resource:
        yield resource["position"]["latitude"], resource["position"]["longitude"]


def _at(resource: Resource, path: Sequence[str]) -> Sequence[Any]:
    """All values under a path; lists on the way are walked into."""
    found: Sequence[Any] = [resource]
    for name in path:
        stated = [value[name] for value in found if value.get(name) is not None]
        found = stated[0] if len(stated) == 1 and isinstance(stated[0], list) else [
            one for value in stated for one in (value if isinstance(value, list) else [value])]
    return found


_ID = Parameter("token", lambda resource: [("", resource["id"])], "The id", "Resource-id")
_COMMON: Mapping[str, Parameter] = {
    "_id": _ID,
    "_lastUpdated": Parameter("date", lambda resource: [datetime.fromisoformat(resource["meta"]["lastUpdated"])],
                              "When it changed last", "Resource-lastUpdated"),
    "_profile": Parameter("uri", _texts("meta", "profile"), "A profile that it meets", "Resource-profile"),
    "identifier": Parameter("token", _identifiers, "This instance's number, or the publisher's"),
    "name": Parameter("string", _texts("name"), "How the name begins"),
}
_ADDRESS = ("line", "city", "state", "postalCode", "country")
PARAMETERS: Mapping[str, Mapping[str, Parameter]] = {
    "HealthcareService": {
        **_COMMON,
        "active": Parameter("token", _plain("active"), "Whether it meets for now"),
        "characteristic": Parameter("token", _tokens("characteristic"), "Ways of working, leader, people, access"),
        "communication": Parameter("token", _tokens("communication"), "Language, BCP 47", "-"),
        "location": Parameter("reference", _references("location"), "Where it meets", target="Location"),
        "organization": Parameter("reference", _references("providedBy"), "Who runs it", target="Organization"),
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
        "organization": Parameter("reference", _references("managingOrganization"), "Who runs what meets there",
                                  target="Organization"),
        "status": Parameter("token", _plain("status"), "Always active"),
    },
    "Organization": {
        **_COMMON,
        "active": Parameter("token", _plain("active"), "Always true"),
        "type": Parameter("token", _tokens("type"), "Kind of organization"),
    },
    "Questionnaire": {
        "_id": _ID,
        "name": Parameter("string", _texts("name"), "Its name for programs"),
        "status": Parameter("token", _plain("status"), "Always active"),
        "title": Parameter("string", _texts("title"), "Its title for people"),
        "url": Parameter("uri", _texts("url"), "Its canonical address"),
        "version": Parameter("token", _plain("version"), "Its version"),
    },
}
# Resource -> parameters that lead to another one; they may be included, and searched through ("location.near").
LINKS: Mapping[str, Mapping[str, str]] = {
    type_: {name: parameter.target for name, parameter in parameters.items() if parameter.target}
    for type_, parameters in PARAMETERS.items()}
