"""Listings for tests of repeats: one ordinary group, and what to change about it."""

from __future__ import annotations

import copy
from typing import Any

HALL = {"name": "St. Mark's Church", "address_1": "309 East Broadway", "city": "Salem", "state": "OR",
        "postal_code": "97301", "latitude": 44.9400, "longitude": -123.0300, "precision": "exact"}
ZONE = "America/Los_Angeles"


def session(day="TU", at="18:30", *, place=HALL, **facts) -> dict[str, Any]:
    found = {"format": "in_person" if place else "online_video", "repeats": f"FREQ=WEEKLY;BYDAY={day}",
             "start_time": at, "timezone": ZONE, **facts}
    return found | ({"location": copy.deepcopy(place)} if place else {})


def group(key="one", **facts) -> dict[str, Any]:
    return {"format": "finder-listing/1", "id": key, "name": "Lantern Table", "group_type": "peer_support",
            "sessions": [session()], **facts}


def at(**changes) -> dict[str, Any]:
    return {**HALL, **changes}


def north(meters: float) -> dict[str, Any]:
    return at(latitude=HALL["latitude"] + meters / 111_195)
