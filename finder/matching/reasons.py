"""What is said of one criterion of one match: a code and the facts behind it, from the need and the listing alone.

The utility and gate that made the score are handed in (contract section 9); no sentences here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from finder.matching import scoring
from finder.matching.chosen import Way
from finder.matching.ruleset import CAPACITY_DAYS, DAYS_PER_MONTH, PLACE_FEATURES, TYPICAL_RANGE
from finder.matching.traits import ACCESS, ANSWERS, FOCUS_BITS
from finder.matching.types import Need
from finder.matching.ways import SLOT_BITS

RELATED = 0.3  # contract section 8: from here on a need counts as related
RECENT_MONTHS = 6.0  # a check up to half a year old is called recent; nothing is scored by this
LATER_NEED = 0.85  # contract section 6, need: the second and third need against the first
ALSO = 0.9  # contract section 6, need: a focus that is not the main one
_NOISE = 1e-9

Said = tuple[str, dict[str, Any]]
Listing = Mapping[str, Any]


def _gated(values: dict[str, Any], gate: float) -> dict[str, Any]:
    if gate != 1.0:
        values["gate"] = round(gate, 4)
    return values


def need(need: Need, listing: Listing, utility: float, gate: float, today: date) -> Said:
    """The need and the focus that fit best; of equals the first need, then the first focus."""
    focus = listing.get("focus") or ()
    if not focus or not need.needs:
        return "need_unknown", _gated({"focus": focus[0]} if focus else {}, gate)
    most, worth, told = -1.0, 0.0, ("", "")
    for at, code in enumerate(need.needs):
        factor = LATER_NEED if at else 1.0
        for place, other in enumerate(focus):
            weighed = (_match(code, other) if code != other else ALSO if place else 1.0) * factor
            if weighed > most:
                most, worth, told = weighed, weighed / factor, (code, other)
    if worth > ALSO + _NOISE:
        said = "need_exact"
    elif worth > ALSO - _NOISE:
        said = "need_also"
    else:
        said = "need_related" if worth >= RELATED else "need_none"
    return said, _gated({"need": told[0], "focus": told[1] if worth else focus[0]}, gate)


@lru_cache(maxsize=4096)
def _match(code: str, focus: str) -> float:
    """How well another focus answers a need (contract section 6, need)."""
    bit = FOCUS_BITS((focus,))
    return next((match for match, mask in scoring.match_levels(code) if mask & bit), 0.0)


def severity(need: Need, listing: Listing, utility: float, gate: float, today: date) -> Said:
    """The levels it suits, stated or typical of its kind, beside the person's."""
    stated = listing.get("severity")
    low, high = (stated["min"], stated["max"]) if stated else TYPICAL_RANGE[listing["group_type"]]
    values = {"min": low, "max": high, "stated": stated is not None}
    if need.level is None:
        return "level_unknown", values
    values["level"] = need.level
    values = _gated(values, gate)
    if need.level > high:
        return "level_above_range", values
    if need.level < low:
        return "level_below_range", values
    return ("level_inside" if stated else "level_typical"), values


_REMOTE_CODES = {"online_video": "online", "phone": "by_phone", "text_chat": "by_text", "self_paced": "self_paced"}


def reach(need: Need, chosen: Way | None) -> Said:
    """The format of the chosen way and how far it is."""
    if chosen is None:
        return "distance_unknown", {}
    values: dict[str, Any] = {"format": chosen.kind}
    if chosen.miles is not None:
        values["miles"] = round(chosen.miles, 1)
    if not chosen.chosen:
        return "format_not_chosen", values
    if chosen.kind in _REMOTE_CODES:
        return _REMOTE_CODES[chosen.kind], values
    if chosen.miles is None:
        return "distance_unknown", values
    if need.radius_miles is not None:
        values["radius"] = need.radius_miles
        return "near", values  # what is farther than the radius has not passed
    return ("near" if chosen.reach >= 0.5 else "far"), values


def schedule(need: Need, chosen: Way | None) -> Said:
    """When the chosen way meets beside the times wished."""
    values: dict[str, Any] = {"wanted": sorted(need.times)} if need.times else {}
    if chosen is not None and chosen.slots is not None:
        values["slots"] = [name for name, bit in SLOT_BITS.items() if chosen.slots & bit]
    if "any" in need.times:
        return "any_time", values
    if chosen is None or chosen.slots is None or not need.times:
        return "time_unknown", values
    if chosen.schedule < 1:
        return "time_does_not_fit", values
    return ("any_time" if chosen.rule is not None and chosen.rule.anytime else "time_fits"), values


_PROFESSIONALS = ("licensed_clinician", "medical")
_NEITHER = ("trained_facilitator", "trainee", "chaplain")


def preference(need: Need, listing: Listing, utility: float, gate: float, today: date) -> Said:
    """The wish that fits least, since that is what the reader has to weigh; with no wish there is nothing against."""
    led_by, policies = listing.get("led_by"), listing.get("policies") or {}
    said: list[tuple[float, str]] = []
    if "secular" in need.identities and _spiritual(listing):
        said.append((0.0, "secular_conflict"))
    if need.led_by in ("peer", "professional"):
        said.append(_leader(need.led_by, led_by))
    if need.goal in ("moderation", "unsure"):
        said.append(_goal(need.goal, listing, policies))
    if need.one_to_one:
        one = bool(policies.get("one_to_one"))
        said.append((1.0, "one_to_one") if one else (0.1, "group_only"))
    values = {"led_by": led_by, "wanted": need.led_by, "goal": need.goal, "group_size": policies.get("group_size")}
    stated = {key: one for key, one in values.items() if one is not None}
    return (min(said)[1] if said else "leader_fits"), stated


def _leader(wanted: str, led_by: str | None) -> tuple[float, str]:
    if led_by is None:
        return (0.6, "leader_unknown")
    professional = led_by in _PROFESSIONALS
    if led_by == "co_led" or (led_by not in _NEITHER and professional == (wanted == "professional")):
        return (1.0, "leader_fits")
    return (0.6 if led_by in _NEITHER else 0.3, "leader_other")


def _goal(goal: str, listing: Listing, policies: Mapping[str, Any]) -> tuple[float, str]:
    modalities = set(listing.get("modalities") or ())
    if goal == "moderation" and policies.get("moderation_goal") == "welcome":
        return (1.0, "goal_fits")
    if modalities & {"MI", "moderation", "CBT", "self_management_training"}:
        return (0.9, "goal_fits")
    if goal == "moderation" and ("mutual_aid_12step" in modalities or policies.get("min_days_sober")):
        return (0.1, "goal_other")
    return (0.4, "goal_unknown")


def _spiritual(listing: Listing) -> bool:
    groups = (*(listing.get("populations") or ()), *(listing.get("restricted_to") or ()))
    return bool({"mutual_aid_12step", "faith_recovery"} & set(listing.get("modalities") or ())) or any(
        code.startswith("faith_") for code in groups)


def cost(need: Need, listing: Listing, utility: float, gate: float, today: date) -> Said:
    """What it costs beside what the person can pay."""
    stated = listing.get("cost")
    if not stated:
        return "cost_unknown", {}
    values = {key: stated[key] for key in ("amount", "sliding_scale", "insurance") if key in stated}
    if "amount" in stated:
        values["currency"] = stated.get("currency", "USD")
    if need.cost_kind == "up_to" and need.cost_amount is not None:
        values["up_to"] = need.cost_amount
    return _cost_code(need, stated, utility), values


def _cost_code(need: Need, stated: Mapping[str, Any], utility: float) -> str:
    if utility == 1.0:
        return "free" if stated.get("free") or stated.get("amount") == 0 else "covered"
    payers, known = stated.get("insurance"), bool(need.insurance) and "unknown" not in need.insurance
    if abs(utility - 0.8) < _NOISE:
        return "within_limit"
    if stated.get("sliding_scale"):
        return "sliding"
    if payers and known:
        return "not_covered"
    return "fee" if stated.get("amount") or payers else "cost_unknown"


def identity(need: Need, listing: Listing, utility: float, gate: float, today: date) -> Said:
    """Whom it is for beside who the person is."""
    groups, mix = _groups(listing), listing.get("gender_mix")
    closed = mix in ("women", "men")
    values: dict[str, Any] = {"codes": groups} if groups else {}
    if closed:
        values["gender_mix"] = mix
    values = _gated(values, gate)
    if utility == 1.0:
        shared = need.identities & {*groups, *({mix} if mix else set())}
        return "shared_identity", {**values, "codes": sorted(shared)}
    if abs(utility - 0.8) < _NOISE:
        return "own_gender", values
    if not groups and not closed:
        return "open_to_all", values
    return ("other_identity" if utility < 0.5 else "open_to_all"), values


def avoided(need: Need, listing: Listing, gate: float) -> Said:
    """In place of `identity`: what the person would rather not meet."""
    parts = {listing["group_type"], *(listing.get("modalities") or ()), *_groups(listing)}
    return "avoided", _gated({"codes": sorted(parts & need.avoid)}, 0.3 * gate)


def _groups(listing: Listing) -> list[str]:
    return list(dict.fromkeys([*(listing.get("restricted_to") or ()), *(listing.get("populations") or ())]))


def availability(need: Need, listing: Listing, utility: float, gate: float, today: date) -> Said:
    """Whether there is a place, as far as an answer young enough tells, and when it starts."""
    capacity, starts_on = listing.get("capacity"), listing.get("starts_on")
    values: dict[str, Any] = {}
    status = None
    if capacity:
        values["as_of"] = capacity["as_of"]
        if (today - date.fromisoformat(capacity["as_of"])).days <= CAPACITY_DAYS:
            status = values["status"] = capacity["status"]
    weeks = 0.0
    if capacity and status == "waitlist":
        weeks = values["weeks"] = 8.0 if capacity.get("wait_weeks") is None else capacity["wait_weeks"]
    values = _gated(values, gate)
    if starts_on and listing.get("open_group") is not True:
        ahead = (date.fromisoformat(starts_on) - today).days / 7
        if ahead > 0 and ahead >= weeks:
            return "starts_later", {**values, "starts_on": starts_on, "weeks": round(ahead, 1)}
    codes = {"open": "open_now", "waitlist": "waitlist", "assessment_first": "assessment_first"}
    return codes.get(status or "", "availability_unknown"), values


def freshness(need: Need, listing: Listing, utility: float, gate: float, today: date) -> Said:
    """When the facts were last checked."""
    verified = listing.get("verified")
    if not verified:
        return "never_checked", _gated({}, gate)
    months = max(0, (today - date.fromisoformat(verified["on"])).days) / DAYS_PER_MONTH
    values = _gated({"on": verified["on"], "months": round(months, 1), "method": verified["method"]}, gate)
    return ("checked_recently" if months <= RECENT_MONTHS else "check_old"), values


_ACCESS_CODES = {"yes": "access_yes", "on_request": "access_on_request", "": "access_unknown", "no": "access_no"}
# How sure a feature is, for the page; the gate of the score is in `values`.
_ACCESS_UTILITY = {"yes": 1.0, "on_request": 0.8, "": 0.6, "no": 0.0}
_ACCESS_GATE = {"yes": 1.05, "on_request": 1.0, "": 0.92, "no": 0.6}


def access(need: Need, listing: Listing, chosen: Way | None) -> tuple[str, dict[str, Any], float] | None:
    """Code, facts and utility of the wanted feature that stands worst; those of the place do not count for a remote
    way. None when nothing is wanted."""
    remote = chosen is not None and chosen.kind != "in_person"
    wanted = [code for code in ACCESS if code in need.access and not (remote and code in PLACE_FEATURES)]
    if not wanted:
        return None
    stated = dict(listing.get("accessibility") or {})
    if "asl" in (listing.get("languages") or ()):
        stated["asl"] = "yes"
    answers = {code: stated.get(code, "") for code in wanted}
    assert set(answers.values()) <= set(ANSWERS)
    worst = min(answers.values(), key=lambda answer: _ACCESS_GATE[answer])
    features = {code: answer or "unknown" for code, answer in answers.items()}
    return _ACCESS_CODES[worst], _gated({"features": features}, _ACCESS_GATE[worst]), _ACCESS_UTILITY[worst]
