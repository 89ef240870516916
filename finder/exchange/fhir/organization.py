"""Who runs a program, as FHIR R4 Organization.

Plan-Net's profile asks for a postal address. We keep none for an organization, and where a group meets is no
address of who runs it, so the profile is never claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finder.exchange.entries import Entry
from finder.exchange.fhir.elements import Resource, contacts, meta, plan_net, stated, system

# Our kinds beside Plan-Net's OrgTypeCS: facility, provider group, business that is no health care, other provider.
TYPES: Mapping[str, str] = {
    "health_system": "fac", "private_practice": "prvgrp", "employer": "bus", "school": "bus", "library": "bus",
    "peer_run": "atyprv", "nonprofit": "atyprv", "public": "atyprv", "faith": "atyprv", "tribal": "atyprv",
    "veterans": "fac", "other": "atyprv",
}


def organization(entry: Entry, *, site: str) -> Resource | None:
    """The Organization of a listing; None if it states none. `site`: address of the instance, without a stroke."""
    of = entry.document.get("organization")
    if entry.organization_id is None or not of:
        return None
    return stated({"resourceType": "Organization", **searched(str(entry.organization_id), of, site=site),
                   "meta": meta(entry.changed_at), "telecom": contacts(of)})


def searched(id_: str, of: Mapping[str, Any], *, site: str) -> Resource:
    """The elements that a search goes by, as in the resource."""
    kind = of.get("kind")
    return {
        "id": id_, "meta": {"profile": []}, "identifier": [{"system": f"{site}/organizations", "value": id_}],
        "active": True,
        "type": [{"coding": [*plan_net("OrgTypeCS", TYPES[kind])["coding"],
                             {"system": system("organization_kinds"), "code": kind}]}] if kind else [],
        "name": of["name"],
    }
