"""A whole search by the plain rules: who passes and why others do not, scores, order, offers and facets.

The slow twin of finder/matching; see reference_rules and reference_scores for the rules themselves.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from finder.matching.types import Need
from tests.matching.reference_rules import (
    SLOT_BITS,
    Listing,
    Miles,
    Way,
    access,
    covered,
    current_capacity,
    listing_reasons,
    relaxed,
    way_reasons,
    ways_of,
)
from tests.matching.reference_scores import (
    LOSS_KINDS,
    WEIGHTS,
    gates,
    levels,
    price,
    reach,
    schedule,
    utilities,
    weeks_to_start,
    weights_of,
)

CARE = {"iop", "php", "structured_therapy", "skills", "clinician_support", "process"}
FAMILY = {"family_of_mi", "family_of_sud", "caregiver_stress", "dementia_caregiving"}
URGENT = {"withdrawal", "overdose", "medical", "mania", "psychosis"}


@dataclass(frozen=True)
class Verdict:
    """What the contract says about one listing: the reasons it is hidden, or how well it fits."""

    id: str
    reasons: frozenset[str]
    utilities: Mapping[str, float]
    way: Way | None
    ways: tuple[Way, ...]
    gates: float
    raw: float
    score: float
    weeks: float | None
    price: float | None
    levels: tuple[int, int]


@dataclass(frozen=True)
class Answer:
    """All of one search: verdicts by id, hidden counts, offers (change, miles, adds)."""

    verdicts: Mapping[str, Verdict]
    hidden: Mapping[str, int]
    relax: tuple[tuple[str, float | None, int], ...]

    @property
    def passed(self) -> set[str]:
        return {one.id for one in self.verdicts.values() if not one.reasons}


def judge(listing: Listing, need: Need, miles: Miles) -> Verdict:
    """One listing: every reason that holds, and the score it has or would have."""
    every = ways_of(listing, need, miles)
    failing = {way: way_reasons(listing, need, way) for way in every}
    passing = [way for way in every if not failing[way]]
    reasons = listing_reasons(listing, need)
    if every and not passing:
        shared = frozenset.intersection(*failing.values())
        reasons |= shared or min((failing[way] for way in every), key=len)
    found = utilities(listing, need, None)
    way = None
    weights = weights_of(need)
    if passing:
        # "14 x reach + 9 x schedule" are the weights in force: an emphasis on time also chooses the way by time.
        way = max(passing, key=lambda one: weights["reach"] * reach(listing, need, one)
                  + weights["schedule"] * schedule(need, one))
        found = utilities(listing, need, way)
    product = math.prod(gates(listing, need, found, way))
    raw = min(100.0, product * sum(weights[name] * found[name] for name in WEIGHTS))
    return Verdict(listing["id"], frozenset(reasons), found, way, tuple(every), product, raw, rounded(raw),
                   weeks_to_start(listing, need.today), price(listing, need), levels(listing))


def rounded(raw: float) -> float:
    return math.floor(raw * 10 + 0.5) / 10


def search(listings: Sequence[Listing], need: Need, miles: Miles) -> Answer:
    verdicts = {listing["id"]: judge(listing, need, miles) for listing in listings}
    hidden = Counter(reason for one in verdicts.values() for reason in one.reasons)
    dropped = [listing for listing in listings if verdicts[listing["id"]].reasons]
    offers = []
    for change, value, looser in relaxed(need):
        adds = sum(passes(listing, looser, miles) for listing in dropped)
        if adds:
            offers.append((change, value, adds))
    return Answer(verdicts, dict(hidden), tuple(offers))


def passes(listing: Listing, need: Need, miles: Miles) -> bool:
    if listing_reasons(listing, need):
        return False
    ways = ways_of(listing, need, miles)
    return not ways or any(not way_reasons(listing, need, way) for way in ways)


def order(listings: Sequence[Listing], need: Need, answer: Answer, scores: Mapping[str, float]) -> list[str]:
    """Ids of all that passed. `scores` are the rounded ones, handed in so that a half tenth may fall either way."""
    passed = [listing for listing in listings if not answer.verdicts[listing["id"]].reasons]

    def key(listing: Listing) -> tuple[object, ...]:
        one = answer.verdicts[listing["id"]]
        far = one.way.miles if one.way is not None and one.way.kind == "in_person" else None
        day = need.now.date().isoformat()
        return (-math.floor(scores[one.id]), -one.utilities["freshness"], last(one.weeks), last(one.price), last(far),
                hashlib.sha256(f"{day}\n{one.id}".encode()).hexdigest())

    ranked = sorted(passed, key=key)
    return [listing["id"] for listing in safe(ranked, need, answer.verdicts)]


def last(value: float | None) -> float:
    return math.inf if value is None else value


def safe(ranked: list[Listing], need: Need, verdicts: Mapping[str, Verdict]) -> list[Listing]:
    """Section 8: the three moves, one after the other."""
    level = need.level
    if level is None or not ranked:
        return ranked

    def too_light(one: Listing) -> bool:
        return verdicts[one["id"]].levels[1] <= level - 2

    def contains(one: Listing) -> bool:
        low, high = verdicts[one["id"]].levels
        return low <= level <= high

    def fit(one: Listing) -> float:
        return verdicts[one["id"]].utilities["need"]

    def front(chosen: list[Listing]) -> list[Listing]:
        return chosen + [one for one in ranked if one not in chosen]

    if level == 4 and any(too_light(one) for one in ranked[:5]):
        ranked = front([one for one in ranked if fit(one) >= 0.3 and not too_light(one)][:5])
    first = need.needs[0] if need.needs else ""
    kin_or_loss = first in FAMILY | LOSS_KINDS | {"grief"}
    if (level == 4 or URGENT & need.urgent) and ranked[0]["group_type"] not in CARE and not kin_or_loss:
        ranked = front([one for one in ranked if one["group_type"] in CARE and contains(one) and fit(one) >= 0.75][:2])
    if too_light(ranked[0]):
        ranked = front([one for one in ranked if fit(one) >= 0.3 and contains(one)][:1])
    return ranked


def band(score: float) -> str:
    return "strong" if score >= 80 else "good" if score >= 60 else "possible" if score >= 40 else "less_likely"


def facets(listings: Sequence[Listing], need: Need, answer: Answer, scores: Mapping[str, float]) -> dict[
        str, dict[str, int]]:
    """Counts over all that passed; a listing counts once under each of its codes, or under `unknown` without any."""
    found: dict[str, Counter[str]] = {}
    for listing in listings:
        one = answer.verdicts[listing["id"]]
        if one.reasons:
            continue
        for name, codes in facet_codes(listing, need, one, scores[one.id]).items():
            found.setdefault(name, Counter()).update(codes)
    return {name: dict(counts) for name, counts in found.items()}


def facet_codes(listing: Listing, need: Need, one: Verdict, score: float) -> dict[str, set[str]]:
    known = [way.slots for way in one.ways if way.slots is not None]
    status = current_capacity(listing, need.today)
    stated = {feature: access(listing, feature) for feature in {*(listing.get("accessibility") or ()), "asl"}}
    found = {
        "group_type": {listing["group_type"]},
        "focus": set(listing.get("focus") or ()),
        "modalities": set(listing.get("modalities") or ()),
        "led_by": {listing.get("led_by")},
        # All ways of the listing count, not only those that passed.
        "formats": {code for way in one.ways for code in way.codes},
        "times": {name for name, bit in SLOT_BITS.items() if any(slots & bit for slots in known)},
        "languages": set(listing.get("languages") or ()),
        "populations": set(listing.get("populations") or ()),
        "cost": cost_codes(listing, need),
        "accessibility": {feature for feature, answer in stated.items() if answer},
        "gender_mix": {listing.get("gender_mix")},
        # Capacity older than 90 days counts as not stated.
        "capacity": {status},
        "band": {band(score)},
    }
    codes = {name: (some - {None}) or {"unknown"} for name, some in found.items()}
    # A feature that is stated as missing is known, and yet nothing to choose by.
    return codes | {"accessibility": {code for code in codes["accessibility"] if stated.get(code) != "no"}}


def cost_codes(listing: Listing, need: Need) -> set[str]:
    cost = listing.get("cost")
    if not cost:
        return set()
    if cost["free"] or cost.get("amount") == 0:
        return {"free"}
    found = {"covered"} if covered(cost, need) else set()
    if cost.get("sliding_scale"):
        found.add("sliding")
    return found or {"fee"}
