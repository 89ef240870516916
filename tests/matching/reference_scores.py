"""How well a listing fits a person: sections 6 and 7 of the contract, plainly, one listing at a time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date

from finder.matching.types import Need
from tests.matching.reference_rules import (
    PLACE_FEATURES,
    SLOT_BITS,
    Listing,
    Way,
    access,
    applies,
    covered,
    current_capacity,
    payers_of,
    policy,
)

WEIGHTS = {"need": 26, "severity": 20, "reach": 14, "schedule": 9, "preference": 8, "cost": 7, "identity": 7,
           "availability": 5, "freshness": 4}
FLOORS = {"need": 15, "severity": 12}  # "floors kept": the two floors named, not the range 2-40 of a steward's tuning
TYPICAL = {"peer_support": (0, 2), "mutual_aid": (0, 4), "clinician_support": (1, 3), "psychoed": (0, 2),
           "skills": (1, 3), "structured_therapy": (1, 3), "process": (1, 3), "iop": (3, 4), "php": (4, 4),
           "family_peer": (0, 3), "family_therapy": (1, 3), "grief_group": (0, 3), "recovery_center": (0, 3),
           "warmline": (0, 3), "online_community": (0, 1)}
LOSS_KINDS = {"suicide_loss", "pregnancy_loss", "child_loss", "pet_loss"}
SUBSTANCES = {"alcohol", "opioids", "stimulants", "cannabis", "nicotine"}
BROAD = {"general_recovery": SUBSTANCES | {"cooccurring"}, "cooccurring": SUBSTANCES,
         "general_mh": {"depression", "anxiety", "panic", "social_anxiety", "bipolar", "psychosis", "loneliness",
                        "stress_burnout", "trauma_ptsd", "ocd", "bpd", "self_harm", "suicidal_thoughts"}}
SIBLINGS = [set(group.split()) for group in """
depression bipolar suicidal_thoughts general_mh loneliness | anxiety panic social_anxiety ocd general_mh stress_burnout
| trauma_ptsd sexual_assault domestic_violence
| alcohol opioids stimulants cannabis nicotine general_recovery cooccurring
| family_of_mi family_of_sud caregiver_stress dementia_caregiving | autism adhd | bpd self_harm anger
| chronic_pain chronic_illness | gambling gaming compulsive_spending compulsive_sexual | eating_disorder body_image
| perinatal depression | pregnancy_loss infertility | psychosis bipolar general_mh | relationships divorce
| identity loneliness | hoarding ocd | stress_burnout financial_stress sleep parenting_stress
""".split("|")]


def weights_of(need: Need) -> dict[str, float]:
    """Weights of one search: multiplied, scaled to 100, and none below its floor."""
    wanted = {name: weight * need.emphasis.get(name, 1) for name, weight in WEIGHTS.items()}
    held: dict[str, float] = {}
    while True:
        rest = {name: weight for name, weight in wanted.items() if name not in held}
        scale = (100 - sum(held.values())) / sum(rest.values())
        low = [name for name, weight in rest.items() if weight * scale < FLOORS.get(name, 0)]
        if not low:
            return {name: held.get(name, wanted[name] * scale) for name in WEIGHTS}
        held |= {name: float(FLOORS[name]) for name in low}


def utilities(listing: Listing, need: Need, way: Way | None) -> dict[str, float]:
    today = need.today
    return {"need": need_utility(listing, need), "severity": severity(listing, need.level),
            "reach": reach(listing, need, way), "schedule": schedule(need, way),
            "preference": preference(listing, need), "cost": cost_utility(listing, need),
            "identity": identity(listing, need), "availability": availability(listing, need),
            "freshness": freshness(listing, today)}


def match(wanted: str, focus: str, main: bool) -> float:
    if wanted == focus:
        return 1.0 if main else 0.9
    if focus in LOSS_KINDS and (wanted in LOSS_KINDS or wanted == "grief"):
        return 0.15
    if focus == "grief" and wanted in LOSS_KINDS:
        return 0.45
    if wanted in BROAD.get(focus, ()):
        return 0.7
    return 0.45 if any({wanted, focus} <= group for group in SIBLINGS) else 0.0


def need_utility(listing: Listing, need: Need) -> float:
    focus = listing.get("focus") or []
    if not focus:
        return 0.4
    of_loss = LOSS_KINDS | {"grief"}
    if not need.needs:
        if "general_mh" in focus:
            return 0.8
        return 0.4 if focus[0] in SUBSTANCES | {"general_recovery"} | of_loss else 0.5
    best = [max(match(wanted, code, code == focus[0]) for code in focus) for wanted in need.needs]
    weighed = max(one * (1.0 if place == 0 else 0.85) for place, one in enumerate(best))
    found = 0.9 * weighed + 0.1 * sum(one >= 0.9 for one in best) / len(best)
    return found * 0.6 if focus[0] in of_loss and not of_loss & set(need.needs) else found


def levels(listing: Listing) -> tuple[int, int]:
    stated = listing.get("severity")
    return (stated["min"], stated["max"]) if stated else TYPICAL[listing["group_type"]]


def severity(listing: Listing, level: int | None) -> float:
    low, high = levels(listing)
    if level is None:
        found = 0.6
    elif level > high:
        found = {1: 0.45, 2: 0.15}.get(level - high, 0.0)
    elif level < low:
        found = {1: 0.75, 2: 0.4}.get(low - level, 0.2)
    else:
        found = 1.0
    return found if listing.get("severity") else (0.6 + found) / 2


def reach(listing: Listing, need: Need, way: Way | None) -> float:
    if way is None:
        return 0.6
    chosen = not need.formats or bool(way.codes & need.formats)
    if way.kind == "in_person":
        return in_person(listing, need, way.miles) if chosen else 0.2
    if way.kind == "online_video":
        return 0.9 if chosen else 0.25
    when_chosen, otherwise = (0.9, 0.25) if way.kind == "self_paced" else (1.0, 0.45)
    if not need.formats:
        return 0.6
    return when_chosen if chosen else otherwise


def in_person(listing: Listing, need: Need, far: float | None) -> float:
    if far is None:
        return 0.6
    if need.radius_miles is not None:
        found = math.exp(-0.9 * far / max(need.radius_miles, 1))
    else:
        found = 0.5 ** (far / {"walk": 1, "transit": 4}.get(need.travel or "", 10))
    return min(1.0, max(0.2, found) + (0.1 if access(listing, "ride_help") == "yes" else 0))


def schedule(need: Need, way: Way | None) -> float:
    if "any" in need.times:
        return 1.0
    if not need.times or way is None or way.slots is None:
        return 0.6
    return 1.0 if way.slots & sum(SLOT_BITS[name] for name in need.times) else 0.15


def preference(listing: Listing, need: Need) -> float:
    modalities = set(listing.get("modalities") or ())
    parts = []
    if need.led_by in ("peer", "professional"):
        fits = {"peer": {"peer", "certified_peer", "co_led"},
                "professional": {"licensed_clinician", "medical", "co_led"}}[need.led_by]
        leader = listing.get("led_by")
        middle = leader in (None, "trained_facilitator", "trainee", "chaplain")
        parts.append(1.0 if leader in fits else 0.6 if middle else 0.3)
    if need.goal == "moderation":
        parts.append(moderation(listing, modalities))
    if need.goal == "unsure":
        half = modalities & {"CBT", "self_management_training", "moderation"}
        parts.append(1.0 if "MI" in modalities else 0.7 if half else 0.4)
    if "secular" in need.identities:
        faith = any(code.startswith("faith_") for code in groups(listing))
        parts.append(0.0 if faith or modalities & {"mutual_aid_12step", "faith_recovery"} else 1.0)
    if need.one_to_one:
        size = policy(listing, "group_size")
        small = size is not None and size <= 5
        parts.append(1.0 if policy(listing, "one_to_one") is True else 0.6 if small else 0.1)
    return 0.5 * sum(parts) / len(parts) + 0.5 * min(parts) if parts else 1.0


def moderation(listing: Listing, modalities: set[str]) -> float:
    stated = policy(listing, "moderation_goal")
    if stated == "refused":
        return 0.0
    if stated == "welcome" or modalities & {"moderation", "MI"}:
        return 1.0
    if modalities & {"CBT", "self_management_training"}:
        return 0.8
    return 0.1 if "mutual_aid_12step" in modalities or policy(listing, "min_days_sober") else 0.4


def cost_utility(listing: Listing, need: Need) -> float:
    cost = listing.get("cost")
    if not cost:
        return 0.6
    amount, sliding, payers = cost.get("amount"), cost.get("sliding_scale"), cost.get("insurance")
    if cost["free"] or amount == 0 or covered(cost, need):
        return 1.0
    options = []
    if payers:
        options.append(0.7 if sliding else 0.5 if payers_of(need) is None else 0.2)
    if amount is not None:
        within = need.cost_kind == "up_to" and need.cost_amount is not None and amount <= need.cost_amount
        options.append(0.8 if within else 0.6 if sliding or need.cost_kind in ("any", None) else 0.2)
    return max(options) if options else 0.6 if sliding else 0.5


def groups(listing: Listing) -> set[str]:
    """T of the contract: the communities a listing is for."""
    found = set(listing.get("populations") or ()) | set(listing.get("restricted_to") or ())
    return found | ({listing["gender_mix"]} & {"women", "men"} if listing.get("gender_mix") else set())


def identity(listing: Listing, need: Need) -> float:
    theirs = groups(listing)
    genders = {"women", "men"}
    own = {"woman": {"women"}, "man": {"men"}}.get(need.gender or "")
    if theirs & need.identities:
        return 1.0
    if own is not None and theirs == own:
        return 0.8
    if need.gender == "nonbinary" and listing.get("gender_mix") in genders:
        return 0.1
    if need.identity_preference == "require":
        return 0.1 if theirs <= genders else 0.0
    only = set(listing.get("restricted_to") or ()) - genders
    if (only and not any(applies(code, need) for code in only)) or theirs & need.not_identities:
        return 0.2
    return 0.2 if need.identities and 1 <= len(theirs - (own or set())) <= 2 else 0.5


def weeks_to_start(listing: Listing, today: date) -> float | None:
    """Weeks until one can begin; None when neither places nor a start are stated."""
    status = current_capacity(listing, today)
    waiting = (listing.get("capacity") or {}).get("wait_weeks")
    weeks = {"open": 0, "assessment_first": 1, "waitlist": 8 if waiting is None else waiting}.get(status or "")
    starts = listing.get("starts_on")
    if starts and listing.get("open_group") is not True:
        ahead = (date.fromisoformat(starts) - today).days
        if ahead > 0:
            weeks = max(weeks or 0, ahead / 7)
    return weeks


def availability(listing: Listing, need: Need) -> float:
    weeks = weeks_to_start(listing, need.today)
    return 0.6 if weeks is None else 0.5 ** (weeks / (3 if need.start_soon else 6))


def freshness(listing: Listing, today: date) -> float:
    verified = listing.get("verified")
    if not verified:
        return 0.5
    months = (today - date.fromisoformat(verified["on"])).days / 30.4375
    return 1.0 if months <= 3 else 0.5 ** ((months - 3) / 12)


def gates(listing: Listing, need: Need, found: Mapping[str, float], way: Way | None) -> Iterable[float]:
    yield 0.35 if found["need"] < 0.3 else 0.8 if below(found["need"], 0.6) else 1.0
    yield 0.5 if found["severity"] <= 0.15 else 0.8 if found["severity"] < 0.5 else 1.0
    yield 0.8 if found["freshness"] < 0.3 else 1.0
    yield 0.7 if found["availability"] < 0.3 else 1.0
    only = set(listing.get("restricted_to") or ()) - {"women", "men"}
    yield 0.6 if only and not any(applies(code, need) for code in only) else 1.0
    kinds = {listing["group_type"], *(listing.get("modalities") or ()), *(listing.get("populations") or ()),
             *(listing.get("restricted_to") or ())}
    yield 0.3 if kinds & need.avoid else 1.0
    remote = way is not None and way.kind != "in_person"
    wanted = set(need.access) - (PLACE_FEATURES if remote else set())
    factor = {"yes": 1.05, "on_request": 1.0, None: 0.92, "no": 0.6}
    yield min((factor[access(listing, feature)] for feature in wanted), default=1.0)


def below(value: float, limit: float) -> bool:
    """Less than, where .9 + .1 and the like must not fall short by a rounding error."""
    return value < limit - 1e-9


def price(listing: Listing, need: Need) -> float | None:
    """What a session costs this person: 0 when free or covered, None when it is not known."""
    cost = listing.get("cost")
    if not cost:
        return None
    if cost["free"] or cost.get("amount") == 0 or covered(cost, need):
        return 0.0
    return cost.get("amount")
