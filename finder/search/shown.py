"""What a match shows of a listing: its short summary, how far it is and when it meets; and the public document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from finder.catalog.public import public
from finder.matching.chosen import Way
from finder.matching.explanation import Check, Reason
from finder.matching.facts import Facts
from finder.places.distance import shown_miles
from finder.places.lookup import Place

__all__ = ["Match", "Told", "miles", "next_session", "public", "summary"]


def summary(document: Mapping[str, Any], name: str, slug: str | None) -> dict[str, Any]:
    """The short form of a listing in a match document; `name` is the instance's own id of it."""
    sessions = document.get("sessions") or ()
    place: Mapping[str, Any] = next((one for session in sessions if (one := session.get("location"))), {})
    cost, contact = document.get("cost") or {}, document.get("contact") or {}
    return {
        "id": name, "source_id": document["id"], "slug": slug, "url": contact.get("url"), "name": document["name"],
        "organization": (document.get("organization") or {}).get("name"), "group_type": document["group_type"],
        "led_by": document.get("led_by"), "focus": document.get("focus") or [],
        "formats": list(dict.fromkeys(session["format"] for session in sessions)),
        "languages": document.get("languages") or [], "city": place.get("city"), "state": place.get("state"),
        "free": cost.get("free"), "verified_on": (document.get("verified") or {}).get("on"),
        "phone": contact.get("phone"),
    }


class Told(NamedTuple):
    """A listing ready to be shown, the same for everybody. `summary` and `document` are in writing, as JSON."""

    id: str
    facts: Facts
    summary: bytes
    document: bytes


class Match(NamedTuple):
    """One program that fits, with its rank from 1, score 0..100, distance and the reasons of its place."""

    rank: int
    told: Told
    score: float
    band: str
    distance_miles: float | None
    next_session: str | None
    reasons: Sequence[Reason]
    check_first: Sequence[Check]


def miles(place: Place | None, way: Way | None) -> float | None:
    """The geodesic distance, in miles to one decimal. What is near a published place is remembered; a point that
    only this person gave is not."""
    if place is None or way is None or way.point is None:
        return None
    between = shown_miles if place.precision == "exact" else _between
    return between(place.latitude, place.longitude, *way.point)


_between = lru_cache(maxsize=65_536)(shown_miles)


def next_session(way: Way | None, now: float) -> str | None:
    """The next start of a way to attend, with its offset; `now` in seconds since 1970."""
    if way is not None:
        for start, written in way.starts:
            if start >= now:
                return written
    return None
