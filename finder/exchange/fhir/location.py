"""Where a group meets, as FHIR R4 Location (Plan-Net where it has a name).

A place that is told only after contact has town, state and country, and neither street nor point.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from finder.exchange.entries import Entry
from finder.exchange.fhir.elements import ACCESSIBILITY, PLAN_NET_LOCATION, Resource, meta, plan_net, stated

# Our features of a place beside Plan-Net's AccessibilityCS. "adacomp" is a claim of law, nobody makes it here.
ACCESS: Mapping[str, str] = {"step_free": "handiaccess", "transit": "pubtrans", "sensory": "cognitive",
                             "plain_language": "cognitive"}
_TOLD_LATER = "The address is told after contact."


def locations(entry: Entry, *, site: str) -> Iterator[Resource]:
    """Every place of a listing once, in the order of its sessions. `site`: address of the instance."""
    seen = set()
    for session, meeting in zip(entry.document.get("sessions") or (), entry.meetings, strict=True):
        place = session.get("location")
        if place and meeting.location_id is not None and meeting.location_id not in seen:
            seen.add(meeting.location_id)
            yield _location(entry, str(meeting.location_id), place, site)


def _location(entry: Entry, id_: str, place: Mapping[str, Any], site: str) -> Resource:
    found = searched(id_, place, site=site)
    return stated({
        "resourceType": "Location", **found, "meta": meta(entry.changed_at, *found["meta"]["profile"]),
        "extension": _access(entry.document.get("accessibility") or {}),
        "description": _TOLD_LATER if place.get("hidden") else "",
        "managingOrganization": {"reference": f"Organization/{entry.organization_id}"}
        if entry.organization_id is not None else None,
    })


def searched(id_: str, place: Mapping[str, Any], *, site: str) -> Resource:
    """The elements that follow from the place alone, as in the resource."""
    hidden = bool(place.get("hidden"))
    name = _name(place, hidden)
    return stated({
        "id": id_, "meta": {"profile": [PLAN_NET_LOCATION] if name else []},
        "identifier": [{"system": f"{site}/locations", "value": id_}], "status": "active", "name": name,
        "address": _address(place, hidden), "position": None if hidden else _position(place),
    })


def _name(place: Mapping[str, Any], hidden: bool) -> str:
    """Its own name, else its street, else its town."""
    town = ", ".join(str(place[part]) for part in ("city", "state") if place.get(part))
    return town if hidden else str(place.get("name") or place.get("address_1") or town)


def _address(place: Mapping[str, Any], hidden: bool) -> Resource:
    street = place.get("address_1")
    return stated({
        "line": [street] if street and not hidden else [], "city": place.get("city"), "state": place.get("state"),
        "postalCode": None if hidden else place.get("postal_code"), "country": place.get("country", "US"),
    })


def _position(place: Mapping[str, Any]) -> Resource | None:
    if place.get("latitude") is None or place.get("longitude") is None:
        return None
    return {"longitude": place["longitude"], "latitude": place["latitude"]}


def _access(answers: Mapping[str, str]) -> list[Resource]:
    """What is stated as there. "On request" and "no" have no code."""
    codes = dict.fromkeys(theirs for ours, theirs in ACCESS.items() if answers.get(ours) == "yes")
    return [{"url": ACCESSIBILITY, "valueCodeableConcept": plan_net("AccessibilityCS", code)} for code in codes]
