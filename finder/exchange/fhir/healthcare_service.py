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
| contact, numbers to dial in        | telecom (use work); appointmentRequired, referralMethod from how to join    |
| links to join                      | the listing's page in telecom: it shows them behind a button                |
| capacity                           | draft capacity extension; newpatients (Plan-Net)                            |
| sessions                           | availableTime, notAvailable, availabilityExceptions (see `hours`)           |
| coverage, licensed states          | extraDetails                                                                |
| when it was checked                | extraDetails                                                                |
| publisher's id, source             | identifier                                                                  |

LOST is what cannot be read back: it is nowhere, or in a sentence only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from finder.crosswalks import Crosswalk, crosswalk, language_tag
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
    "sessions.join_url": "",
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
_CATEGORY = [plan_net("HealthcareServiceCategoryCS", "behav")]
_DIFFERENT = 4096  # listings repeat themselves: what follows from the same codes is made once and shared


def healthcare_service(entry: Entry, *, site: str, shape: str = PLAN_NET_SERVICE,
                       supplied: Crosswalk | None = None) -> Resource:
    """The HealthcareService of a listing in one of SHAPES. `site`: address of the instance, without a stroke;
    `supplied`: 211 terms of an operator who may use them."""
    document, found = entry.document, searched(entry, site=site, supplied=supplied)
    sessions = document.get("sessions") or ()
    return stated({
        "resourceType": "HealthcareService", **found,
        "meta": meta(entry.changed_at, *(one for one in found["meta"]["profile"] if one == shape)),
        "extension": list(_extensions(document, shape)), "comment": document.get("description"),
        "extraDetails": details(document), "telecom": _telecom(entry, site),
        "serviceProvisionCode": _provision(document.get("cost")), "eligibility": eligibility(document),
        "referralMethod": _referral_method(document), "appointmentRequired": _appointment(document),
        "availableTime": hours.available(sessions), "notAvailable": hours.not_available(sessions),
        "availabilityExceptions": hours.sentence(sessions),
    })


def searched(entry: Entry, *, site: str, supplied: Crosswalk | None = None) -> Resource:
    """The elements that a search goes by, as in the resource; `meta` holds every profile that it meets in some shape.

    Of the document it reads: id, name, status, organization, source.url, group_type, focus, modalities, led_by,
    populations, accessibility, languages, and of sessions format and location.
    """
    document = entry.document
    ways = tuple(dict.fromkeys(session["format"] for session in document.get("sessions") or ()))
    active, provider = document.get("status", "active") == "active", _provider(entry)
    return {
        "id": str(entry.id),
        "meta": {"profile": [shape for shape in SHAPES if active and (shape != HSD or provider)]},
        "identifier": _identifiers(entry, site), "active": active, "providedBy": provider, "category": _CATEGORY,
        "type": _types(document["group_type"], tuple(document.get("focus") or ()), supplied),
        "location": _locations(entry), "name": document["name"],
        "characteristic": _characteristics(
            tuple(document.get("modalities") or ()), document.get("led_by"), tuple(document.get("populations") or ()),
            ways, tuple((document.get("accessibility") or {}).items()), supplied),
        "communication": _communication(tuple(document.get("languages") or ())),
    }


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


@lru_cache(maxsize=_DIFFERENT)
def _types(group_type: str, focus: Sequence[str], supplied: Crosswalk | None) -> Sequence[Resource]:
    table = crosswalk("fhir_service_types")
    said = [("group_types", group_type), *(("focus_areas", one) for one in focus)]
    theirs = dict.fromkeys(code for list_name, one in said for code in table.theirs(list_name, one))
    return [*(ours(list_name, one, supplied) for list_name, one in said),
            *({"coding": [{"system": SERVICE_TYPES, "code": code, "display": table.labels[code]}]} for code in theirs)]


@lru_cache(maxsize=_DIFFERENT)
def _characteristics(modalities: Sequence[str], led_by: str | None, populations: Sequence[str], ways: Sequence[str],
                     access: Sequence[tuple[str, str]], supplied: Crosswalk | None) -> Sequence[Resource]:
    codes = (*(("modalities", one) for one in modalities), *((("facilitator_types", led_by),) if led_by else ()),
             *(("populations", one) for one in populations), *(("session_formats", one) for one in ways))
    found = [ours(list_name, one, supplied) for list_name, one in codes]
    for code, answer in access:
        if answer != "no":
            one = ours("accessibility", code, supplied)
            found.append(one if answer == "yes" else {**one, "text": f"{one['text']}: on request"})
    return found


def _telecom(entry: Entry, site: str) -> list[Resource]:
    """How to reach the program, then how to join each session: the number to dial, and for a link the page that
    shows it to people."""
    found = contacts(entry.document.get("contact") or {})
    page = f"{site}/programs/{entry.slug}"
    for session in entry.document.get("sessions") or ():
        found += contacts({"phone": session.get("dial_in"), "url": page if session.get("join_url") else None})
    return [one for place, one in enumerate(found) if one not in found[:place]]


def _provision(cost: Mapping[str, Any] | None) -> list[Resource]:
    """Free, at a discount, or at a cost, in HL7's codes."""
    if not cost:
        return []
    code = "free" if cost["free"] else "disc" if cost.get("sliding_scale") else "cost"
    return [{"coding": [{"system": _PROVISION, "code": code}]}]


@lru_cache(maxsize=_DIFFERENT)
def _communication(languages: Sequence[str]) -> Sequence[Resource]:
    tags = dict.fromkeys(language_tag(code) for code in languages)
    return [{"coding": [{"system": LANGUAGE_TAGS, "code": tag}]} for tag in tags]


def _referral_method(document: Mapping[str, Any]) -> list[Resource]:
    code = _JOIN_CODES.get((document.get("contact") or {}).get("how_to_join", ""))
    return [{"coding": [{"system": _REFERRAL_METHOD, "code": code}]}] if code else []


def _appointment(document: Mapping[str, Any]) -> bool | None:
    joining = (document.get("contact") or {}).get("how_to_join")
    if joining == "walk_in" or (document.get("policies") or {}).get("walk_in"):
        return False
    return True if joining else None
