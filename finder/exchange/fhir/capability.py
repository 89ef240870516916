"""What this directory can do, as FHIR R4 CapabilityStatement: made from the tables that the search goes by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from finder.exchange.fhir.elements import (
    FHIR_VERSION,
    HSD,
    MIMETYPE,
    PLAN_NET_LOCATION,
    PLAN_NET_SERVICE,
    Resource,
    instant,
    stated,
)
from finder.exchange.fhir.parameters import PARAMETERS
from finder.exchange.fhir.searching import LINKS, TYPES

# Profiles that some resources of a type claim.
PROFILES: Mapping[str, tuple[str, ...]] = {"HealthcareService": (PLAN_NET_SERVICE, HSD),
                                           "Location": (PLAN_NET_LOCATION,), "Organization": ()}
_DEFINITIONS = "http://hl7.org/fhir/SearchParameter"
_READ, _SEARCH = {"code": "read"}, {"code": "search-type"}


def statement(*, base: str, title: str, version: str, now: datetime) -> Resource:
    """The CapabilityStatement. `base`: address of the FHIR door; `title`: of the instance; `version`: of Finder."""
    return {
        "resourceType": "CapabilityStatement", "url": f"{base}/metadata", "title": title, "status": "active",
        "date": instant(now), "kind": "instance", "software": {"name": "Finder", "version": version},
        "implementation": {"description": f"{title}: a directory of support and therapy groups, for reading",
                           "url": base},
        "fhirVersion": FHIR_VERSION, "format": [MIMETYPE],
        "rest": [{"mode": "server", "documentation": "Public and read-only. A parameter that is not named here is "
                  "refused.", "resource": [*map(_resource, TYPES), {"type": "Questionnaire", "interaction": [_READ]}]}],
    }


def _resource(type_: str) -> Resource:
    links = [f"{type_}:{name}" for name in LINKS[type_]]
    return stated({
        "type": type_, "supportedProfile": list(PROFILES[type_]), "interaction": [_READ, _SEARCH],
        "versioning": "no-version", "searchInclude": links,
        "searchParam": [{"name": name, "definition": f"{_DEFINITIONS}/{parameter.definition or f'{type_}-{name}'}",
                         "type": parameter.kind, "documentation": parameter.about}
                        for name, parameter in PARAMETERS[type_].items()],
    })
