"""A program as FHIR R4 HealthcareService, in the shape of Plan-Net or of the Human Services Directory.

The two profiles exclude each other: the second forbids Plan-Net's extensions for new people and for delivery. A
program that is paused or closed meets neither and claims none.

| ours                               | FHIR                                                                        |
|------------------------------------|-----------------------------------------------------------------------------|
| name, description                  | name, comment                                                               |
| group type, focus                  | type (own codes, and HL7's service-type where one means the same)           |
| modalities, leader, people, ways   | characteristic (own codes)                                                  |
| severity, age, gender, closed to   | eligibility (own code, or a sentence)                                       |
| cost                               | serviceProvisionCode; all of it in extraDetails                             |
| languages                          | communication (BCP 47)                                                      |
| contact, links of sessions         | telecom (use work); appointmentRequired, referralMethod from how to join    |
| capacity                           | draft capacity extension; newpatients (Plan-Net)                            |
| sessions                           | availableTime, notAvailable, availabilityExceptions (see `hours`)           |
| coverage, licensed states          | extraDetails                                                                |
| when it was checked                | extraDetails                                                                |
| publisher's id, source             | identifier                                                                  |

LOST is what cannot be read back: it is nowhere, or in a sentence only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from finder.crosswalks import crosswalk, language_tag
from finder.exchange.entries import Entry
from finder.exchange.fhir import hours
from finder.exchange.fhir.elements import (
    CAPACITY,
    CAPACITY_CODES,
    DELIVERY,
    HSD,
    LANGUAGE_TAGS,
    NEW_PATIENTS,
    PLAN_NET_SERVICE,
    SERVICE_TYPES,
    Resource,
    contacts,
    meta,
    ours,
    plan_net,
    stated,
)
from finder.exchange.fhir.eligibility import details, eligibility

# Field of a listing -> what of it cannot be read back: "" is nowhere, "in words" is in a sentence only. Kept by a test.
LOST: Mapping[str, str] = {
    "age": "in words: eligibility",
    "gender_mix": "in words: eligibility",
    "attendees": "in words: eligibility",
    "interpreter": "in words: extraDetails",
    "coverage": "in words: extraDetails",
    "licensed_states": "in words: extraDetails",
    "starts_on": "in words: extraDetails",
    "open_group": "in words: extraDetails",
    "policies": "in words: extraDetails",
    "contact.note": "in words: extraDetails",
    "verified": "in words: extraDetails; the dates of single fields nowhere",
    "sessions.timezone": "in words: availabilityExceptions",
    "sessions.valid_from": "in words: availabilityExceptions",
    "sessions.valid_until": "in words: availabilityExceptions",
    "cost": "free, less for some, or a price is coded; amounts, payers and notes are in words",
    "capacity": "the status is coded; weeks, seats and the day are in words",
    "contact.how_to_join": "an appointment or a call is coded, the rest is in words",
    "accessibility": "on request is in words, a no is nowhere",
    "restricted_to": "one cannot tell any of these from all of these",
    "sessions.format": "said of the program, not of each session",
    "sessions.repeats": "the same weekdays every week are coded, any other rule is in words",
    "sessions.duration_minutes": "past midnight in words",
    "sessions.join_url": "not tied to its session",
    "sessions.dial_in": "not tied to its session",
    "source": "its address only, as the system of the publisher's id",
    "sessions.location.precision": "",
    "x": "",
}
SHAPES = (PLAN_NET_SERVICE, HSD)
_REMOTE: Mapping[str, str] = {"online_video": "video", "phone": "phone", "text_chat": "app", "self_paced": "web",
                              "hybrid": "video"}
_PLACED = ("in_person", "hybrid")
# Our capacity beside Plan-Net's AcceptingPatientsCS and the draft capacity codes. A waiting list takes people; who is
# asked first is neither accepted nor refused.
_NEW: Mapping[str, str] = {"open": "newpt", "waitlist": "newpt", "full": "nopt"}
_CAPACITY: Mapping[str, str] = {"open": "capacity", "waitlist": "waitlist", "full": "no-capacity",
                                "assessment_first": "additional-assessment-required"}
_JOIN_CODES: Mapping[str, str] = {"call": "phone"}
_PROVISION = "http://terminology.hl7.org/CodeSystem/service-provision-conditions"
_REFERRAL_METHOD = "http://terminology.hl7.org/CodeSystem/service-referral-method"


def healthcare_service(entry: Entry, *, site: str, shape: str = PLAN_NET_SERVICE) -> Resource:
    """The HealthcareService of a listing in one of SHAPES. `site`: address of the instance, without a stroke."""
    document = entry.document
    sessions = document.get("sessions") or ()
    active = document.get("status", "active") == "active"
    profile = shape if active and (shape != HSD or _provider(entry)) else ""
    return stated({
        "resourceType": "HealthcareService", "id": str(entry.id),
        "meta": meta(entry.changed_at, *filter(None, (profile,))),
        "extension": list(_extensions(document, shape)), "identifier": _identifiers(entry, site), "active": active,
        "providedBy": _provider(entry), "category": [plan_net("HealthcareServiceCategoryCS", "behav")],
        "type": list(_types(document)), "location": _locations(entry), "name": document["name"],
        "comment": document.get("description"), "extraDetails": details(document), "telecom": _telecom(document),
        "serviceProvisionCode": _provision(document.get("cost")), "eligibility": eligibility(document),
        "characteristic": list(_characteristics(document)), "communication": _communication(document),
        "referralMethod": _referral_method(document), "appointmentRequired": _appointment(document),
        "availableTime": hours.available(sessions), "notAvailable": hours.not_available(sessions),
        "availabilityExceptions": hours.sentence(sessions),
    })


def _provider(entry: Entry) -> Resource | None:
    of = entry.document.get("organization")
    if entry.organization_id is None or not of:
        return None
    return {"reference": f"Organization/{entry.organization_id}", "display": of["name"]}


def _locations(entry: Entry) -> list[Resource]:
    sessions = entry.document.get("sessions") or ()
    ids = dict.fromkeys(meeting.location_id for session, meeting in zip(sessions, entry.meetings, strict=True)
                        if session.get("location") and meeting.location_id is not None)
    return [{"reference": f"Location/{one}"} for one in ids]


def _identifiers(entry: Entry, site: str) -> list[Resource]:
    """The instance's, and the publisher's with the address it was read from."""
    publisher = (entry.document.get("source") or {}).get("url") or f"{site}/publishers"
    return [{"use": "official", "system": f"{site}/programs", "value": str(entry.id)},
            {"use": "secondary", "system": publisher, "value": entry.document["id"]}]


def _extensions(document: Mapping[str, Any], shape: str) -> Iterator[Resource]:
    capacity = document.get("capacity")
    if shape != HSD:
        if capacity and capacity["status"] in _NEW:
            yield {"url": NEW_PATIENTS, "extension": [
                {"url": "acceptingPatients",
                 "valueCodeableConcept": plan_net("AcceptingPatientsCS", _NEW[capacity["status"]])}]}
        yield from _delivery(document)
    if capacity:
        code = {"coding": [{"system": CAPACITY_CODES, "code": _CAPACITY[capacity["status"]]}]}
        notes = [f"As of {capacity['as_of']}", *(f"{words} {capacity[name]}" for name, words in
                                                 (("wait_weeks", "weeks to wait:"), ("seats", "free seats:"))
                                                 if capacity.get(name) is not None)]
        yield {"url": CAPACITY, "extension": [{"url": "capacityStatus", "valueCodeableConcept": code},
                                              {"url": "capacityNotes", "valueString": "; ".join(notes)}]}


def _delivery(document: Mapping[str, Any]) -> Iterator[Resource]:
    ways = dict.fromkeys(session["format"] for session in document.get("sessions") or ())
    modes = dict.fromkeys(_REMOTE[way] for way in ways if way in _REMOTE)
    if any(way in _PLACED for way in ways):
        yield {"url": DELIVERY, "extension": [_mode("type", "DeliveryMethodCS", "physical")]}
    if modes:
        yield {"url": DELIVERY, "extension": [_mode("type", "DeliveryMethodCS", "virtual"), *(
            _mode("virtualModalities", "VirtualModalitiesCS", mode) for mode in modes)]}


def _mode(url: str, codes: str, code: str) -> Resource:
    return {"url": url, "valueCodeableConcept": plan_net(codes, code)}


def _types(document: Mapping[str, Any]) -> Iterator[Resource]:
    table = crosswalk("fhir_service_types")
    theirs: dict[str, None] = {}
    for list_name, code in (("group_types", document["group_type"]),
                            *(("focus_areas", focus) for focus in document.get("focus") or ())):
        yield ours(list_name, code)
        theirs |= dict.fromkeys(table.theirs(list_name, code))
    for code in theirs:
        yield {"coding": [{"system": SERVICE_TYPES, "code": code, "display": table.labels[code]}]}


def _characteristics(document: Mapping[str, Any]) -> Iterator[Resource]:
    yield from (ours("modalities", code) for code in document.get("modalities") or ())
    if document.get("led_by"):
        yield ours("facilitator_types", document["led_by"])
    yield from (ours("populations", code) for code in document.get("populations") or ())
    ways = dict.fromkeys(session["format"] for session in document.get("sessions") or ())
    yield from (ours("session_formats", way) for way in ways)
    for code, answer in (document.get("accessibility") or {}).items():
        if answer != "no":
            found = ours("accessibility", code)
            yield found if answer == "yes" else {**found, "text": f"{found['text']}: on request"}


def _telecom(document: Mapping[str, Any]) -> list[Resource]:
    """How to reach the program, then how to join each session."""
    found = contacts(document.get("contact") or {})
    for session in document.get("sessions") or ():
        found += contacts({"phone": session.get("dial_in"), "url": session.get("join_url")})
    return [one for place, one in enumerate(found) if one not in found[:place]]


def _provision(cost: Mapping[str, Any] | None) -> list[Resource]:
    """Free, at a discount, or at a cost, in HL7's codes."""
    if not cost:
        return []
    code = "free" if cost["free"] else "disc" if cost.get("sliding_scale") else "cost"
    return [{"coding": [{"system": _PROVISION, "code": code}]}]


def _communication(document: Mapping[str, Any]) -> list[Resource]:
    tags = dict.fromkeys(language_tag(code) for code in document.get("languages") or ())
    return [{"coding": [{"system": LANGUAGE_TAGS, "code": tag}]} for tag in tags]


def _referral_method(document: Mapping[str, Any]) -> list[Resource]:
    code = _JOIN_CODES.get((document.get("contact") or {}).get("how_to_join", ""))
    return [{"coding": [{"system": _REFERRAL_METHOD, "code": code}]}] if code else []


def _appointment(document: Mapping[str, Any]) -> bool | None:
    joining = (document.get("contact") or {}).get("how_to_join")
    if joining == "walk_in" or (document.get("policies") or {}).get("walk_in"):
        return False
    return True if joining else None
