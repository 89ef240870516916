"""What hides a listing from a person: section 3 of the contract, plainly, one listing at a time.

Written from the contract's text alone; it shares no table and no line with finder/matching, so that a slip on either
side shows as a difference. Times come from finder/schedules, distances from whoever calls: both have their own tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from finder.matching.types import Need
from finder.schedules.availability import slots
from finder.schedules.recurrence import Rule, is_over

Listing = Mapping[str, Any]
Miles = Callable[[float, float, float, float], float]

REASONS = ("program_closed", "full_no_waitlist", "age", "restricted_population", "role", "language", "format",
           "distance", "state_licence", "outside_area", "cost", "accessibility", "program_exclusion",
           "rejects_medication", "goal_conflict", "schedule")
PLACE_FEATURES = {"step_free", "accessible_restroom", "hearing_loop", "childcare", "respite", "transit", "ride_help",
                  "smoke_free", "service_animal"}
SLOT_BITS = {"early": 1, "weekday_daytime": 2, "evening": 4, "weekend": 8}


@dataclass(frozen=True)
class Way:
    """One way to attend: its kind, whether it belongs to a hybrid session, its slots (None: unknown) and miles."""

    kind: str
    hybrid: bool
    slots: int | None
    miles: float | None

    @property
    def codes(self) -> set[str]:
        return {self.kind, "hybrid"} if self.hybrid else {self.kind}


def listing_reasons(listing: Listing, need: Need) -> set[str]:
    """The reasons that do not depend on how one attends."""
    checks = {
        "program_closed": closed(listing, need.today),
        "full_no_waitlist": current_capacity(listing, need.today) == "full",
        "age": outside_age(listing, need.age),
        "restricted_population": restricted(listing, need),
        "role": (listing.get("attendees"), need.attending_as) in {("relatives", "person"), ("person", "relative")},
        "language": no_shared_language(listing, need),
        "outside_area": outside_area(listing, need),
        "cost": too_costly(listing, need),
        "program_exclusion": excluded(listing, need),
        "rejects_medication": policy(listing, "recovery_medication") == "refused" and (
            need.takes_recovery_medication is True),
        "goal_conflict": policy(listing, "moderation_goal") == "refused" and need.goal == "moderation",
    }
    return {reason for reason, holds in checks.items() if holds}


def way_reasons(listing: Listing, need: Need, way: Way) -> frozenset[str]:
    """The reasons that one way to attend brings."""
    state = need.place.state if need.place else None
    must = set(need.access_required) - (set() if way.kind == "in_person" else PLACE_FEATURES)
    slots_required = sum(SLOT_BITS[name] for name in need.times_required if name != "any")
    signs_only = need.languages == {"asl"}
    checks = {
        "age": way.kind == "text_chat" and need.age is not None and need.age < 18 and (
            policy(listing, "moderated") is False),
        "format": bool(need.formats_required and not way.codes & need.formats_required) or (
            way.kind == "phone" and signs_only and access(listing, "captions") != "yes"),
        "distance": way.kind == "in_person" and None not in (way.miles, need.radius_miles) and (
            way.miles > need.radius_miles * 1.01),
        "state_licence": way.kind in ("online_video", "text_chat", "phone") and state is not None and bool(
            listing.get("licensed_states")) and state not in listing["licensed_states"],
        "accessibility": any(access(listing, feature) == "no" for feature in must),
        "schedule": bool(slots_required) and "any" not in need.times and way.slots is not None and (
            not way.slots & slots_required),
    }
    return frozenset(reason for reason, holds in checks.items() if holds)


def ways_of(listing: Listing, need: Need, miles: Miles) -> list[Way]:
    """Ways in order; sessions that are over are ignored, hybrid gives two."""
    found = []
    zone = need.place.timezone if need.place else None
    for session in listing.get("sessions") or ():
        rule = Rule.of(session)
        if is_over(rule, need.today):
            continue
        known = slots(rule, slots_from(listing, rule, need.today), zone)
        hybrid = session["format"] == "hybrid"
        for kind in ("in_person", "online_video") if hybrid else (session["format"],):
            far = session_miles(session, need, miles) if kind == "in_person" else None
            found.append(Way(kind, hybrid, known, far))
    return found


def slots_from(listing: Listing, rule: Rule, today: date) -> date:
    days = [today]
    if rule.valid_from:
        days.append(rule.valid_from)
    if listing.get("open_group") is False and listing.get("starts_on"):
        days.append(date.fromisoformat(listing["starts_on"]))
    return max(days)


def session_miles(session: Mapping[str, Any], need: Need, miles: Miles) -> float | None:
    location = session.get("location") or {}
    if need.place is None or location.get("latitude") is None or location.get("longitude") is None:
        return None
    here = (location["latitude"], location["longitude"])
    if location.get("hidden"):  # to a fiftieth of a degree
        here = (round(here[0] * 50) / 50, round(here[1] * 50) / 50)
    return miles(need.place.latitude, need.place.longitude, *here)


def closed(listing: Listing, today: date) -> bool:
    if listing.get("status") in ("paused", "closed"):
        return True
    sessions = listing.get("sessions") or ()
    if not sessions or not all(is_over(Rule.of(session), today) for session in sessions):
        return False
    return not listing.get("starts_on") or date.fromisoformat(listing["starts_on"]) < today


def current_capacity(listing: Listing, today: date) -> str | None:
    """The status, unless it is older than 90 days: then it counts as not stated."""
    capacity = listing.get("capacity")
    if not capacity or (today - date.fromisoformat(capacity["as_of"])).days > 90:
        return None
    return str(capacity["status"])


def outside_age(listing: Listing, age: int | None) -> bool:
    limits = listing.get("age") or {}
    low, high = limits.get("min"), limits.get("max")
    return age is not None and ((low is not None and age < low) or (high is not None and age > high))


def applies(code: str, need: Need) -> bool | None:
    """Whether a community is the person's: yes, no, or None when it is not known."""
    if code in ("women", "men"):
        return {"woman": code == "women", "man": code == "men"}.get(need.gender or "")
    if code in need.identities:
        return True
    if code in need.not_identities:
        return False
    if need.age is not None:
        never = {"children": need.age >= 13, "teens": need.age <= 11 or need.age >= 20,
                 "young_adults": need.age < 16 or need.age > 30, "older_adults": need.age < 50}
        if never.get(code):
            return False
    return None


def restricted(listing: Listing, need: Need) -> bool:
    only, mix = listing.get("restricted_to") or [], listing.get("gender_mix")
    if only and all(applies(code, need) is False for code in only):
        return True
    if mix in ("women", "men") and applies(mix, need) is False:
        return True
    return need.women_only and mix in ("mixed", "men")


def no_shared_language(listing: Listing, need: Need) -> bool:
    theirs, ours = set(listing.get("languages") or ()), set(need.languages)
    if not theirs or not ours or theirs & ours:
        return False
    if ("fa" in theirs and "prs" in ours) or ("prs" in theirs and "fa" in ours):
        return False
    if listing.get("interpreter") in ("yes", "on_request"):
        return False
    return "asl" not in ours or access(listing, "asl") == "no"


def outside_area(listing: Listing, need: Need) -> bool:
    coverage, place = listing.get("coverage") or {}, need.place
    if place is None:
        return False
    county = f"{place.state}:{place.county}" if place.state and place.county else None
    theirs = {"countries": place.country, "states": place.state, "counties": county, "postal_codes": place.postal_code}
    stated = [name for name in theirs if coverage.get(name)]
    return bool(stated) and all(theirs[name] is not None and theirs[name] not in coverage[name] for name in stated)


def payers_of(need: Need) -> set[str] | None:
    """Who pays for the person's care; None when that is not known, empty for nobody."""
    if not need.insurance or "unknown" in need.insurance:
        return None
    return set(need.insurance) - {"none"}


def covered(cost: Mapping[str, Any], need: Need) -> bool:
    return bool(set(cost.get("insurance") or ()) & need.insurance)


def too_costly(listing: Listing, need: Need) -> bool:
    cost = listing.get("cost")
    if need.cost_kind != "free_only" or not cost:
        return False
    if cost["free"] or cost.get("amount") == 0 or cost.get("sliding_scale"):
        return False
    insurance = cost.get("insurance")
    if insurance is None:
        return cost.get("amount") is not None
    return insurance == [] or (payers_of(need) is not None and not covered(cost, need))


def policy(listing: Listing, name: str) -> Any:
    return (listing.get("policies") or {}).get(name)


def access(listing: Listing, feature: str) -> str | None:
    if feature == "asl" and "asl" in (listing.get("languages") or ()):
        return "yes"
    return (listing.get("accessibility") or {}).get(feature)


def excluded(listing: Listing, need: Need) -> bool:
    violence = "violence" in need.urgent or "domestic_violence" in need.needs
    return any((
        "active_suicidal_crisis" in (policy(listing, "excludes") or ()) and need.safety == "active",
        (policy(listing, "min_days_sober") or 0) >= 7 and need.recently_using is True,
        policy(listing, "court_ordered_only") is True and "justice" not in need.identities,
        violence and policy(listing, "partners_welcome") is True and "relationships" in (listing.get("focus") or ()),
    ))


def relaxed(need: Need) -> list[tuple[str, float | None, Need]]:
    """The offers of section 3 in order: what is let go, the new miles, and the search that follows."""
    offers: list[tuple[str, float | None, Need]] = []
    if need.formats_required:
        offers.append(("formats_any", None, replace(need, formats_required=frozenset())))
    if need.radius_miles is not None:
        wider = min(1000, need.radius_miles * 1.5)
        offers.append(("radius_wider", wider, replace(need, radius_miles=wider)))
    if need.times_required:
        offers.append(("times_any", None, replace(need, times_required=frozenset())))
    if need.cost_kind == "free_only":
        offers.append(("cost_any", None, replace(need, cost_kind="any")))
    if need.access_required:
        offers.append(("access_any", None, replace(need, access_required=frozenset())))
    return offers
