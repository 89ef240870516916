"""A listing as schema.org says it (JSON-LD), for search engines that read its page: Service, Organization, EventSeries.

It says what the page shows and nothing more: no medical type, no condition as a code, no address that is kept to
itself, no link to join (those stand behind a button) and no mailbox. A group of peers is no MedicalTherapy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from finder.crosswalks import language_tag
from finder.exchange.meeting_guide_feed import pinned
from finder.exchange.weekly import WITH_PLACE, town

CONTEXT = "https://schema.org"
_MODES = {"in_person": "OfflineEventAttendanceMode", "hybrid": "MixedEventAttendanceMode"}
_DAYS = {"MO": "Monday", "TU": "Tuesday", "WE": "Wednesday", "TH": "Thursday", "FR": "Friday", "SA": "Saturday",
         "SU": "Sunday"}
# Licenses of data by their SPDX codes (SPDX license list), to where they can be read.
LICENSES: Mapping[str, str] = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC-BY-NC-4.0": "https://creativecommons.org/licenses/by-nc/4.0/",
    "CC-BY-NC-SA-4.0": "https://creativecommons.org/licenses/by-nc-sa/4.0/",
    "ODbL-1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
    "ODC-By-1.0": "https://opendatacommons.org/licenses/by/1-0/",
    "PDDL-1.0": "https://opendatacommons.org/licenses/pddl/1-0/",
}
_STEPS = {"DAILY": "P{}D", "WEEKLY": "P{}W", "MONTHLY": "P{}M", "YEARLY": "P{}Y"}
LOST: Mapping[str, str] = {
    "id": "", "status": "a listing that is paused or has ended has no events", "organization.kind": "",
    "organization.email": "", "group_type": "", "led_by": "", "modalities": "", "focus": "", "severity": "",
    "attendees": "", "age": "", "gender_mix": "", "populations": "", "restricted_to": "", "interpreter": "",
    "cost": "free, or the amount; no insurance, no sliding scale, no note", "capacity": "", "starts_on": "",
    "open_group": "", "licensed_states": "", "coverage": "states and countries; no counties and postal codes",
    "accessibility": "", "policies": "", "contact.email": "", "contact.url": "", "contact.how_to_join": "",
    "contact.note": "", "verified": "", "source": "", "x": "",
    "sessions.anytime": "an event without a schedule", "sessions.repeats": "not BYSETPOS: an event without a schedule",
    "sessions.location.precision": "points of towns and postal codes are left out; exact and street are one",
    "sessions.location.hidden": "the town alone", "sessions.join_url": "", "sessions.dial_in": "",
}


def graph(document: Mapping[str, Any], *, page: str) -> dict[str, Any]:
    """The JSON-LD object of a public listing: `@graph` of the service, its organization if one is named, and each
    session. `page`: the whole address of its page, the same one in every language, from which all ids are made."""
    organization = _organization(document, page)
    provider = {"provider": {"@id": organization["@id"]}} if organization else {}
    free = _free(document)
    service = {"@type": "Service", "@id": f"{page}#service", "name": document["name"], "url": page,
               **_stated(description=document.get("description"), areaServed=_area(document), offers=_offer(document)),
               **provider, "availableChannel": _channel(document, page)}
    events = [_event(document, session, f"{page}#session-{number}", page, free, organization)
              for number, session in enumerate(document.get("sessions") or (), 1)
              if (document.get("status") or "active") == "active"]
    return {"@context": CONTEXT, "@graph": [service, *([organization] if organization else []), *events]}


def dataset(*, name: str, about: str, page: str, license: str, changed_at: datetime | None,
            files: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The JSON-LD object of all listings together, as search engines of open data read it. `page`: of the data, the
    same in every language; `license` as it is stated, or empty; `files`: whole addresses with their media types."""
    downloads = [{"@type": "DataDownload", "contentUrl": url, "encodingFormat": kind} for url, kind in files]
    return {"@context": CONTEXT, "@type": "Dataset", "@id": f"{page}#listings", "name": name, "description": about,
            "url": page, "isAccessibleForFree": True, "distribution": downloads, **_stated(
                license=LICENSES.get(license) or ({"@type": "CreativeWork", "name": license} if license else None),
                dateModified=changed_at.date().isoformat() if changed_at else None)}


def embedded(data: Mapping[str, Any]) -> str:
    """JSON that may stand inside <script type="application/ld+json">: ASCII only, and nothing that ends the element
    or begins markup. Reading it gives the same data."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _stated(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def _organization(document: Mapping[str, Any], page: str) -> dict[str, Any] | None:
    named = document.get("organization")
    if not named:
        return None
    return {"@type": "Organization", "@id": f"{page}#organization", "name": named["name"],
            **_stated(url=named.get("url"), telephone=named.get("phone"))}


def _area(document: Mapping[str, Any]) -> list[dict[str, str]]:
    coverage = document.get("coverage") or {}
    return [{"@type": kind, "name": code} for kind, name in (("State", "states"), ("Country", "countries"))
            for code in coverage.get(name) or ()]


def _free(document: Mapping[str, Any]) -> bool | None:
    cost = document.get("cost")
    return bool(cost["free"] or cost.get("amount") == 0) if cost else None


def _offer(document: Mapping[str, Any]) -> dict[str, str] | None:
    cost = document.get("cost") or {}
    amount = 0 if cost.get("free") else cost.get("amount")
    if amount is None:
        return None
    return {"@type": "Offer", "price": f"{amount:g}", "priceCurrency": cost.get("currency") or "USD"}


def _channel(document: Mapping[str, Any], page: str) -> dict[str, Any]:
    phone = (document.get("contact") or {}).get("phone")
    return {"@type": "ServiceChannel", "serviceUrl": page, **_stated(
        availableLanguage=_languages(document),
        servicePhone={"@type": "ContactPoint", "telephone": phone} if phone else None)}


def _languages(document: Mapping[str, Any]) -> list[str]:
    return [language_tag(code) for code in document.get("languages") or ()]


def _event(document: Mapping[str, Any], session: Mapping[str, Any], key: str, page: str, free: bool | None,
           organization: Mapping[str, Any] | None) -> dict[str, Any]:
    mode = _MODES.get(session["format"], "OnlineEventAttendanceMode")
    return {"@type": "EventSeries", "@id": key, "name": document["name"], "url": page,
            "eventStatus": f"{CONTEXT}/EventScheduled", "eventAttendanceMode": f"{CONTEXT}/{mode}",
            **_stated(location=_where(session, page), inLanguage=_languages(document),
                      isAccessibleForFree=free, eventSchedule=_schedule(session),
                      organizer={"@id": organization["@id"]} if organization else None)}


def _where(session: Mapping[str, Any], page: str) -> list[dict[str, Any]]:
    """The place, the listing's page for those who come from afar, or both."""
    found: list[dict[str, Any]] = []
    location = session.get("location") or {}
    if session["format"] in WITH_PLACE and town(session):
        address = {"@type": "PostalAddress", **_stated(
            streetAddress=location.get("address_1"), addressLocality=location.get("city"),
            addressRegion=location.get("state"), postalCode=location.get("postal_code")),
            "addressCountry": location.get("country") or "US"}
        pin = pinned(location)
        geo = {"@type": "GeoCoordinates", "latitude": pin[0], "longitude": pin[1]} if pin else None
        found.append({"@type": "Place", **_stated(name=location.get("name"), geo=geo), "address": address})
    if session["format"] != "in_person":
        found.append({"@type": "VirtualLocation", "url": page})
    return found


def _schedule(session: Mapping[str, Any]) -> dict[str, Any] | None:
    """A Schedule; None where the time is not stated or the rule cannot be said."""
    if session.get("anytime") or not session.get("start_time"):
        return None
    parts = dict(part.split("=", 1) for part in (session.get("repeats") or "").split(";") if part)
    if "BYSETPOS" in parts:
        return None
    until = parts.get("UNTIL", "")[:8]
    ends = [day for day in (session.get("valid_until"), f"{until[:4]}-{until[4:6]}-{until[6:]}" if until else None)
            if day]
    minutes = session.get("duration_minutes")
    step = _STEPS[parts["FREQ"]].format(parts.get("INTERVAL", "1")) if parts else None
    return {"@type": "Schedule", "startTime": f"{session['start_time']}:00", **_stated(
        repeatFrequency=step, byDay=_by_day(parts.get("BYDAY", "")), byMonthDay=_numbers(parts.get("BYMONTHDAY", "")),
        byMonth=_numbers(parts.get("BYMONTH", "")), repeatCount=int(parts["COUNT"]) if "COUNT" in parts else None,
        startDate=session.get("valid_from"), endDate=min(ends, default=None),
        exceptDate=list(session.get("except_dates") or ()), duration=f"PT{minutes}M" if minutes else None,
        scheduleTimezone=session.get("timezone"))}


def _by_day(listed: str) -> list[str]:
    """Days by their address; with a number before them ("2MO", "-1FR") as iCalendar writes them, which byDay takes."""
    return [f"{CONTEXT}/{_DAYS[day]}" if day in _DAYS else day for day in listed.split(",") if day]


def _numbers(listed: str) -> list[int]:
    return [int(one) for one in listed.split(",") if one]
