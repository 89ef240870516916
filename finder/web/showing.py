"""From a listing document to what a card or a page of it shows: plain values and sentences, nothing left to decide.

Unknown stays unknown: what a listing does not state is None here and "not stated" in the template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from finder import wording
from finder.matching.ruleset import CAPACITY_DAYS, TYPICAL_RANGE
from finder.web.listing_ids import encode
from finder.wordings.language import gettext

REMOTE_ICONS = {"online_video": "video", "phone": "phone", "text_chat": "chat", "self_paced": "clock"}
IN_PERSON = frozenset(("in_person", "hybrid"))
# Capacity status -> drawing of the ring of seats.
SEATS = {"open": "open", "waitlist": "wait", "full": "wait", "assessment_first": "soon"}
DAYS_NEW, DAYS_MID = 91, 183  # three and six months: the steps of the freshness ring


@dataclass(frozen=True, slots=True)
class Mark:
    """A small drawing (`kind`) and the words that carry its meaning."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Support:
    """The severity levels a program suits, and whether it says so itself."""

    low: int
    high: int
    words: str
    stated: bool


@dataclass(frozen=True, slots=True)
class Card:
    """What one program shows in a list."""

    slug: str
    name: str
    by: str
    when: tuple[str, ...]
    more_times: int
    where: str
    where_icon: str
    cost: str
    seat: Mark
    support: Support
    fresh: Mark
    phone: str | None
    paused: bool
    key: str  # the id in addresses; "" for one that has none

    @property
    def anchor(self) -> str:
        """The id of its heading in a page."""
        return f"g-{self.slug}"


def card(listing: Mapping[str, Any], document: Mapping[str, Any], *, distance_miles: float | None,
         today: date) -> Card:
    """The card of a program from its summary and its public document."""
    sessions = _in_order(document.get("sessions") or (), near=distance_miles is not None)
    times = tuple(dict.fromkeys(wording.schedule_text(one, today=today) for one in sessions))
    where, icon = place(sessions, distance_miles)
    return Card(
        slug=listing.get("slug") or listing["id"], name=document["name"], by=by_line(document), when=times[:2],
        more_times=max(0, len(times) - 2), where=where, where_icon=icon, cost=wording.cost_text(document.get("cost")),
        seat=seat(document.get("capacity"), document.get("starts_on"), today), support=support(document),
        fresh=freshness((document.get("verified") or {}).get("on"), today), phone=phone(document),
        paused=document.get("status") == "paused", key=short_id(listing["id"]))


def short_id(listing: str) -> str:
    """A listing's id as addresses hold it; "" for an id that is no UUID, as in a hand-made catalog."""
    try:
        return encode(listing)
    except ValueError:
        return ""


def by_line(document: Mapping[str, Any]) -> str:
    """The kind of group, who leads it, who runs it."""
    parts = [wording.label("group_types", document["group_type"])]
    if document.get("led_by"):
        parts.append(wording.leader_text(document["led_by"]))
    if document.get("organization"):
        parts.append(document["organization"]["name"])
    return " · ".join(parts)


def place(sessions: Sequence[Mapping[str, Any]], distance_miles: float | None) -> tuple[str, str]:
    """Where a program meets, in a few words, and the icon beside it."""
    if not sessions:
        return gettext("Place not stated. Please ask."), "pin"
    first = sessions[0]
    if first["format"] not in IN_PERSON:
        words = wording.format_text(first["format"])
        return words, REMOTE_ICONS.get(first["format"], "video")
    words = town(first.get("location")) or gettext("Place not stated. Please ask.")
    if distance_miles is not None:
        words = f"{words} · {wording.distance_text(distance_miles)}"
    if first["format"] == "hybrid" or any(one["format"] not in IN_PERSON for one in sessions):
        words = gettext("%(place)s, or online", place=words)
    return words, "pin"


def town(location: Mapping[str, Any] | None) -> str:
    """City and state, as far as they are stated."""
    found = location or {}
    return ", ".join(found[key] for key in ("city", "state") if found.get(key))


def seat(capacity: Mapping[str, Any] | None, starts_on: str | None, today: date) -> Mark:
    """Whether there is a place. A statement older than the contract's ninety days counts as not stated."""
    known = capacity if capacity and (today - date.fromisoformat(capacity["as_of"])).days <= CAPACITY_DAYS else None
    kind = SEATS.get(known["status"] if known else "", "ask")
    if kind != "wait" and starts_on and date.fromisoformat(starts_on) > today:
        kind = "soon"
    return Mark(kind, wording.capacity_text(capacity, starts_on=starts_on, today=today))


def support(document: Mapping[str, Any]) -> Support:
    """How much support a program gives, from its own range, else from what is typical for its kind."""
    stated = document.get("severity")
    low, high = (stated["min"], stated["max"]) if stated else TYPICAL_RANGE[document["group_type"]]
    return Support(low, high, wording.support_range_text(low, high, stated=bool(stated)), bool(stated))


def freshness(checked_on: str | None, today: date) -> Mark:
    """When a person last checked the listing."""
    days = (today - date.fromisoformat(checked_on)).days if checked_on else DAYS_MID + 1
    kind = "new" if days <= DAYS_NEW else "mid" if days <= DAYS_MID else "old"
    return Mark(kind, wording.freshness_text(checked_on, today))


def phone(document: Mapping[str, Any]) -> str | None:
    """The number to call: the contact's own, else the organization's."""
    return (document.get("contact") or {}).get("phone") or (document.get("organization") or {}).get("phone")


def _in_order(sessions: Sequence[Mapping[str, Any]], *, near: bool) -> list[Mapping[str, Any]]:
    """In-person sessions first where a distance is shown, else as listed."""
    return sorted(sessions, key=lambda one: one["format"] not in IN_PERSON) if near else list(sessions)
