"""What tsml-ui 1.8 makes of a feed: the nine display conditions of the shared FIELDS.md, written down again, so that
every change is judged also where the client itself is not at hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from tests.shared import shared

ACTIVE, INACTIVE, DROPPED, BACKWARDS = "active", "inactive", "dropped", "ends before it begins"
KNOWN_HOSTS = ("zoom.us", "meet.google.com", "teams.microsoft.com", "meet.jit.si", "webex.com")
SHORTEST_PHONE = 10  # characters, when it is clean
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_PARTS = ("address", "city", "state", "country")


class LoadingError(Exception):
    """The whole page is an error (conditions 1 and 9)."""


def states(feed: Any, hosts: Collection[str] = (), page_zone: str = "") -> dict[str, str]:
    """The state of each meeting by its slug. `hosts`: `conference_providers` of the page; `page_zone`: its
    `data-timezone`. Raises LoadingError."""
    if not isinstance(feed, list) or not feed:  # 1
        raise LoadingError
    if sum(isinstance(one.get("day"), list) for one in feed) > 1:  # 9
        raise LoadingError
    found: dict[str, str] = {}
    for number, one in enumerate(feed):
        slug = one.get("slug")
        if not slug or slug in found:  # 2
            found[f"{slug or ''} ({number})"] = DROPPED
        else:
            found[slug] = _state(one, {*hosts, *KNOWN_HOSTS}, page_zone)
    return found


def _state(one: dict[str, Any], hosts: Collection[str], page_zone: str) -> str:
    if not one.get("formatted_address") and not any(one.get(part) for part in _PARTS):  # 3
        return DROPPED
    if "day" in one and one.get("time"):
        zone = one.get("timezone") or page_zone  # 4
        start, end = _minutes(one["time"]), _minutes(one.get("end_time") or one["time"])
        if not zone or start is None or end is None or not ZoneInfo(zone):  # 5
            return DROPPED
        if one.get("end_time") and end < start:
            return BACKWARDS
    return ACTIVE if _in_person(one) or _online(one, hosts) else INACTIVE


def _minutes(clock: str) -> int | None:
    found = _CLOCK.fullmatch(clock)
    hours, minutes = (int(part) for part in found.groups()) if found else (24, 60)
    return 60 * hours + minutes if hours < 24 and minutes < 60 else None


def _in_person(one: dict[str, Any]) -> bool:  # 6
    town = f"{one.get('state') or ''} {one.get('postal_code') or ''}".strip()
    parts = (one.get("address"), one.get("city"), town, one.get("country"))
    line = one.get("formatted_address") or ", ".join(part for part in parts if part)
    approximate = {"yes": True, "no": False}.get(one.get("approximate", ""), len(line.split(",")) < 4)
    return not approximate and "TC" not in types(one)


def _online(one: dict[str, Any], hosts: Collection[str]) -> bool:  # 7
    url = one.get("conference_url") or ""
    known = url.count("/") >= 2 and any(url.split("/")[2].endswith(host) for host in hosts)
    return known or len(re.sub(r"[^\d,+#]", "", one.get("conference_phone") or "")) >= SHORTEST_PHONE


def types(one: dict[str, Any]) -> list[str]:
    """The codes that are shown: of a list, those that the client has words for (condition 8)."""
    return [code for code in one["types"] if code in codes()] if isinstance(one.get("types"), list) else []


@cache
def codes() -> frozenset[str]:
    """The codes of the specification."""
    path = shared("standards", "meeting-guide", "types.json")
    return frozenset(json.loads(path.read_text(encoding="utf-8")))
