"""Pieces that resources of the directory share: profiles, codes, references, ways of contact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from finder.crosswalks import Crosswalk
from finder.exchange.fhir_referral import CODES
from finder.vocabulary import vocabulary

Resource = dict[str, Any]

MIMETYPE = "application/fhir+json"
FHIR_VERSION = "4.0.1"
HSD = "http://hl7.org/fhir/us/hsds/StructureDefinition/hsds-HealthcareService"
_PLAN_NET = "http://hl7.org/fhir/us/davinci-pdex-plan-net"
PLAN_NET_SERVICE = f"{_PLAN_NET}/StructureDefinition/plannet-HealthcareService"
PLAN_NET_LOCATION = f"{_PLAN_NET}/StructureDefinition/plannet-Location"
PLAN_NET_ORGANIZATION = f"{_PLAN_NET}/StructureDefinition/plannet-Organization"
NEW_PATIENTS = f"{_PLAN_NET}/StructureDefinition/newpatients"
DELIVERY = f"{_PLAN_NET}/StructureDefinition/delivery-method"
ACCESSIBILITY = f"{_PLAN_NET}/StructureDefinition/accessibility"
# Draft of Gravity SDOH Clinical Care 3.0.0, and the list its codes stand in.
CAPACITY = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-ExtensionHealthcareServiceCapacityStatus"
CAPACITY_CODES = "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"
SERVICE_TYPES = "http://terminology.hl7.org/CodeSystem/service-type"
LANGUAGE_TAGS = "urn:ietf:bcp:47"
# As the Human Services Directory's table of equivalents (HealthcareService.category, "map") names 211's terms.
TERMS_211 = "http://211hsis.org"


def plan_net(codes: str, code: str) -> Resource:
    """A code of one of Plan-Net's lists, as a CodeableConcept."""
    return {"coding": [{"system": f"{_PLAN_NET}/CodeSystem/{codes}", "code": code}]}


def system(list_name: str) -> str:
    """The name of one of our lists of codes: the same on every instance, nothing to fetch."""
    return f"{CODES}{list_name.replace('_', '-')}"


@lru_cache(maxsize=2048)
def ours(list_name: str, code: str, supplied: Crosswalk | None = None) -> Resource:
    """A code of one of our vocabularies with its English label, as a CodeableConcept that nobody may change.

    `supplied`: an operator's table of 211 terms; those that mean the code stand behind it.
    """
    label = vocabulary().lists[list_name].label(code)
    theirs = supplied.theirs(list_name, code) if supplied else ()
    return {"coding": [{"system": system(list_name), "code": code, "display": label}, *(
        {"system": TERMS_211, "code": one, "display": supplied.labels[one]} for one in theirs if supplied)],
        "text": label}


def instant(moment: datetime) -> str:
    """An aware moment as an instant of FHIR, in UTC."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def meta(changed_at: datetime, *profiles: str) -> Resource:
    """When a resource changed last, and the profiles it meets."""
    return {"lastUpdated": instant(changed_at)} | ({"profile": list(profiles)} if profiles else {})


def contacts(of: Mapping[str, Any]) -> list[Resource]:
    """What a public document says of phone, mail and address on the web. Uses are all `work`."""
    return [{"system": kind, "value": of[name], "use": "work"}
            for name, kind in (("phone", "phone"), ("email", "email"), ("url", "url")) if of.get(name)]


def stated(resource: Resource) -> Resource:
    """The resource without elements that say nothing: FHIR knows no empty list, object, text or null."""
    return {key: value for key, value in resource.items() if value not in (None, "", [], {})}
