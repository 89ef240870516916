"""What this directory can do, as FHIR R4 CapabilityStatement: made from the tables that the search goes by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from finder.exchange.fhir.elements import (
    FHIR_VERSION,
    HSD,
    MIMETYPE,
    PLAN_NET_LOCATION,
    PLAN_NET_SERVICE,
    Resource,
    stated,
)
from finder.exchange.fhir.parameters import LINKS, PARAMETERS
from finder.exchange.fhir.searching import COUNT, MOST, TYPES

# Profiles that some resources of a type claim.
PROFILES: Mapping[str, tuple[str, ...]] = {"HealthcareService": (PLAN_NET_SERVICE, HSD),
                                           "Location": (PLAN_NET_LOCATION,)}
_DEFINITIONS = "http://hl7.org/fhir/SearchParameter"
_READ, _SEARCH = {"code": "read"}, {"code": "search-type"}
_ABOUT = ("Public and read-only; nobody signs in. A parameter that is not named here is refused, unless the request "
          "says `Prefer: handling=lenient`: then it is left out, and the Bundle says so. Pages are `_count` long "
          "({usual}, at most {most}) and begin at `_offset`, which links hold; `_summary` may be `count` or `false`.")
_SHAPES = ("One program has two shapes, because the two profiles exclude each other: Plan-Net's, or with `_profile` "
           "that of the Human Services Directory. A program that is paused meets neither. Links to join a meeting are "
           "on the page that telecom names.")
_INTAKE = ("The questions that the matching goes by, in each language. Answers are taken by no address of this server: "
           "there is no QuestionnaireResponse here.")
_DOCUMENTATION: Mapping[str, str] = {"HealthcareService": _SHAPES, "Questionnaire": _INTAKE}


def statement(*, base: str, title: str, version: str, today: date, rights: str = "") -> Resource:
    """The CapabilityStatement. `base`: address of the FHIR door; `title`: of the instance; `version`: of Finder;
    `rights`: under which terms others may use the listings."""
    return stated({
        "resourceType": "CapabilityStatement", "url": f"{base}/metadata", "name": "FinderDirectory", "title": title,
        "status": "active", "date": today.isoformat(), "kind": "instance", "copyright": rights,
        "software": {"name": "Finder", "version": version},
        "implementation": {"description": f"{title}: a directory of support and therapy groups, for reading",
                           "url": base},
        "fhirVersion": FHIR_VERSION, "format": [MIMETYPE, "json"],
        "rest": [{"mode": "server", "documentation": _ABOUT.format(usual=COUNT, most=MOST), "security": {"cors": True},
                  "resource": [*map(_resource, TYPES)]}],
    })


def _resource(type_: str) -> Resource:
    return stated({
        "type": type_, "supportedProfile": list(PROFILES.get(type_, ())),
        "documentation": _DOCUMENTATION.get(type_, ""), "interaction": [_READ, _SEARCH],
        "versioning": "no-version", "conditionalRead": "not-match",
        "searchInclude": [f"{type_}:{name}" for name in LINKS[type_]],
        "searchParam": [stated({"name": name, "type": parameter.kind, "documentation": parameter.about,
                                "definition": _definition(type_, name, parameter.definition)})
                        for name, parameter in PARAMETERS[type_].items()],
    })


def _definition(type_: str, name: str, defined: str) -> str:
    return "" if defined == "-" else f"{_DEFINITIONS}/{defined or f'{type_}-{name}'}"
