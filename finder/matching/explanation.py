"""Why a listing stands where it stands: one reason per criterion, as a code and the facts behind it.

Reads the same utilities that made the score (contract section 9); no sentences here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from finder.matching import scoring
from finder.matching.chosen import Way, way
from finder.matching.engine import Found
from finder.matching.judging import AVOIDED
from finder.matching.ruleset import CAPACITY_DAYS, DAYS_PER_MONTH, PLACE_FEATURES, TYPICAL_RANGE
from finder.matching.traits import ACCESS, ANSWERS, FOCUS_BITS
from finder.matching.types import Need
from finder.matching.ways import SLOT_BITS, unstated_schedule

RELATED = 0.3  # contract section 8: from here on a need counts as related
RECENT_MONTHS = 6.0  # a check up to half a year old is called recent; nothing is scored by this
_NOISE = 1e-9

# criterion -> trait whose values carry its utility; reach and schedule belong to the chosen way.
_TRAIT = {"need": "focus", "severity": "kind", "preference": "style", "cost": "money", "identity": "groups",
          "availability": "opening", "freshness": "fresh"}


@dataclass(frozen=True, slots=True)
class Reason:
    """One criterion of one match: code, facts, utility 0..1 and the weight in force."""

    criterion: str
    code: str
    values: Mapping[str, Any]
    utility: float
    weight: float


@dataclass(frozen=True, slots=True)
class Explained:
    """What is said of one match. `reasons` highest weight times utility first."""

    way: Way | None
    reasons: tuple[Reason, ...]


def explain(found: Found, indexes: Sequence[int], listings: Sequence[Mapping[str, Any]],
            weights: Mapping[str, float]) -> list[Explained]:
    """The reasons of passing rows, given by their places in `found.rows` with their listing documents."""
    rows = found.rows[np.array(indexes, np.int64)]
    utilities = {criterion: found.utility(criterion, trait, rows).tolist() for criterion, trait in _TRAIT.items()}
    gates = {criterion: gate[found.values(trait, rows)].tolist()
             for criterion, trait in _TRAIT.items() if (gate := found.parts[trait].gate) is not None}
    avoided = _avoided(found, rows)
    explained = []
    for at, (index, listing) in enumerate(zip(indexes, listings, strict=True)):
        worth = {criterion: values[at] for criterion, values in utilities.items()}
        factors = {criterion: values[at] for criterion, values in gates.items()}
        explained.append(_explain(found, way(found, index), listing, worth, factors, bool(avoided[at]), weights))
    return explained


def _avoided(found: Found, rows: Any) -> Any:
    out = np.zeros(len(rows), bool)
    for trait in ("kind", "style", "groups"):
        flags = found.parts[trait].flags
        if found.need.avoid and flags is not None:
            out |= (flags[found.values(trait, rows)] & AVOIDED) != 0
    return out


def _explain(found: Found, chosen: Way | None, listing: Mapping[str, Any], utility: Mapping[str, float],
             gate: Mapping[str, float], avoided: bool, weights: Mapping[str, float]) -> Explained:
    need, today = found.need, found.columns.today
    parts = [
        ("need", *_need(need, listing, gate.get("need", 1.0)), utility["need"]),
        ("severity", *_severity(need, listing, gate.get("severity", 1.0)), utility["severity"]),
        ("reach", *_reach(need, chosen), scoring.UNKNOWN if chosen is None else chosen.reach),
        ("schedule", *_schedule(need, chosen), unstated_schedule(need) if chosen is None else chosen.schedule),
        ("preference", *_preference(need, listing, utility["preference"]), utility["preference"]),
        ("cost", *_cost(need, listing, utility["cost"]), utility["cost"]),
        ("identity", *_identity(need, listing, utility["identity"], gate.get("identity", 1.0), avoided),
         utility["identity"]),
        ("availability", *_availability(listing, gate.get("availability", 1.0), today), utility["availability"]),
        ("freshness", *_freshness(listing, gate.get("freshness", 1.0), today), utility["freshness"]),
    ]
    reasons = [Reason(criterion, code, values, round(worth, 4), round(weights[criterion], 4))
               for criterion, code, values, worth in parts]
    reasons.sort(key=lambda reason: -reason.weight * reason.utility)
    access = _access(need, listing, chosen)
    return Explained(chosen, tuple([*reasons, access] if access else reasons))


Said = tuple[str, dict[str, Any]]


def _gated(values: dict[str, Any], gate: float) -> dict[str, Any]:
    if gate != 1.0:
        values["gate"] = round(gate, 4)
    return values


def _need(need: Need, listing: Mapping[str, Any], gate: float) -> Said:
    focus = listing.get("focus") or ()
    if not focus or not need.needs:
        return "need_unknown", _gated({"focus": focus[0]} if focus else {}, gate)
    match, code, other = max(
        ((_match(code, other, place == 0) * (1.0 if at == 0 else 0.85), -at, -place), code, other)
        for at, code in enumerate(need.needs) for place, other in enumerate(focus)
    )
    worth = match[0] / (1.0 if match[1] == 0 else 0.85)
    if worth > 0.9 + _NOISE:
        said = "need_exact"
    elif worth > 0.9 - _NOISE:
        said = "need_also"
    else:
        said = "need_related" if worth >= RELATED else "need_none"
    return said, _gated({"need": code, "focus": other if worth else focus[0]}, gate)


def _match(code: str, focus: str, main: bool) -> float:
    """How well one focus of a listing answers one need (contract section 6, need)."""
    if code == focus:
        return 1.0 if main else 0.9
    bit = FOCUS_BITS((focus,))
    return next((match for match, mask in scoring.match_levels(code) if mask & bit), 0.0)


def _severity(need: Need, listing: Mapping[str, Any], gate: float) -> Said:
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


def _reach(need: Need, chosen: Way | None) -> Said:
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


def _schedule(need: Need, chosen: Way | None) -> Said:
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


def _preference(need: Need, listing: Mapping[str, Any], utility: float) -> Said:
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


def _goal(goal: str, listing: Mapping[str, Any], policies: Mapping[str, Any]) -> tuple[float, str]:
    modalities = set(listing.get("modalities") or ())
    if goal == "moderation" and policies.get("moderation_goal") == "welcome":
        return (1.0, "goal_fits")
    if modalities & {"MI", "moderation", "CBT", "self_management_training"}:
        return (0.9, "goal_fits")
    if goal == "moderation" and ("mutual_aid_12step" in modalities or policies.get("min_days_sober")):
        return (0.1, "goal_other")
    return (0.4, "goal_unknown")


def _spiritual(listing: Mapping[str, Any]) -> bool:
    groups = (*(listing.get("populations") or ()), *(listing.get("restricted_to") or ()))
    return bool({"mutual_aid_12step", "faith_recovery"} & set(listing.get("modalities") or ())) or any(
        code.startswith("faith_") for code in groups)


def _cost(need: Need, listing: Mapping[str, Any], utility: float) -> Said:
    cost = listing.get("cost")
    if not cost:
        return "cost_unknown", {}
    values = {key: cost[key] for key in ("amount", "sliding_scale", "insurance") if key in cost}
    if "amount" in cost:
        values["currency"] = cost.get("currency", "USD")
    if need.cost_kind == "up_to" and need.cost_amount is not None:
        values["up_to"] = need.cost_amount
    return _cost_code(need, cost, utility), values


def _cost_code(need: Need, cost: Mapping[str, Any], utility: float) -> str:
    if utility == 1.0:
        return "free" if cost.get("free") or cost.get("amount") == 0 else "covered"
    payers, known = cost.get("insurance"), bool(need.insurance) and "unknown" not in need.insurance
    if abs(utility - 0.8) < _NOISE:
        return "within_limit"
    if cost.get("sliding_scale"):
        return "sliding"
    if payers and known:
        return "not_covered"
    return "fee" if cost.get("amount") or payers else "cost_unknown"


def _identity(need: Need, listing: Mapping[str, Any], utility: float, gate: float,
              avoided: bool) -> Said:
    populations, restricted = listing.get("populations") or (), listing.get("restricted_to") or ()
    mix = listing.get("gender_mix")
    groups = list(dict.fromkeys([*restricted, *populations]))
    values: dict[str, Any] = {"codes": groups} if groups else {}
    if mix in ("women", "men"):
        values["gender_mix"] = mix
    if avoided:
        parts = {listing["group_type"], *(listing.get("modalities") or ()), *groups}
        return "avoided", _gated({"codes": sorted(parts & need.avoid)}, 0.3 * gate)
    values = _gated(values, gate)
    if utility == 1.0:
        shared = need.identities & {*groups, *({mix} if mix else set())}
        return "shared_identity", {**values, "codes": sorted(shared)}
    if abs(utility - 0.8) < _NOISE:
        return "own_gender", values
    if not groups and mix not in ("women", "men"):
        return "open_to_all", values
    return ("other_identity" if utility < 0.5 else "open_to_all"), values


def _availability(listing: Mapping[str, Any], gate: float, today: Any) -> Said:
    capacity, starts_on = listing.get("capacity"), listing.get("starts_on")
    values: dict[str, Any] = {}
    status = None
    if capacity:
        values["as_of"] = capacity["as_of"]
        if (today - type(today).fromisoformat(capacity["as_of"])).days <= CAPACITY_DAYS:
            status = values["status"] = capacity["status"]
    weeks = 0.0
    if capacity and status == "waitlist":
        weeks = values["weeks"] = 8.0 if capacity.get("wait_weeks") is None else capacity["wait_weeks"]
    values = _gated(values, gate)
    if starts_on and listing.get("open_group") is not True:
        ahead = (type(today).fromisoformat(starts_on) - today).days / 7
        if ahead > 0 and ahead >= weeks:
            return "starts_later", {**values, "starts_on": starts_on, "weeks": round(ahead, 1)}
    codes = {"open": "open_now", "waitlist": "waitlist", "assessment_first": "assessment_first"}
    return codes.get(status or "", "availability_unknown"), values


def _freshness(listing: Mapping[str, Any], gate: float, today: Any) -> Said:
    verified = listing.get("verified")
    if not verified:
        return "never_checked", _gated({}, gate)
    months = max(0, (today - type(today).fromisoformat(verified["on"])).days) / DAYS_PER_MONTH
    values = _gated({"on": verified["on"], "months": round(months, 1), "method": verified["method"]}, gate)
    return ("checked_recently" if months <= RECENT_MONTHS else "check_old"), values


_ACCESS_CODES = {"yes": "access_yes", "on_request": "access_on_request", "": "access_unknown", "no": "access_no"}
# How sure a feature is, for the page; the gate of the score is in `values`.
_ACCESS_UTILITY = {"yes": 1.0, "on_request": 0.8, "": 0.6, "no": 0.0}
_ACCESS_GATE = {"yes": 1.05, "on_request": 1.0, "": 0.92, "no": 0.6}


def _access(need: Need, listing: Mapping[str, Any], chosen: Way | None) -> Reason | None:
    """The wanted feature that stands worst; features of the place do not count for a remote way."""
    remote = chosen is not None and chosen.kind != "in_person"
    stated = dict(listing.get("accessibility") or {})
    if "asl" in (listing.get("languages") or ()):
        stated["asl"] = "yes"
    wanted = [code for code in ACCESS if code in need.access and not (remote and code in PLACE_FEATURES)]
    if not wanted:
        return None
    answers = {code: stated.get(code, "") for code in wanted}
    assert set(answers.values()) <= set(ANSWERS)
    worst = min(answers.values(), key=lambda answer: _ACCESS_GATE[answer])
    features = {code: answer or "unknown" for code, answer in answers.items()}
    return Reason("access", _ACCESS_CODES[worst], _gated({"features": features}, _ACCESS_GATE[worst]),
                  _ACCESS_UTILITY[worst], 0.0)
