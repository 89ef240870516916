"""Ruleset `finder-1`: every number that ranking uses, and nothing else.

The numbers are those of the contract, sections 6 and 7, unless a line says where else they come from. A steward may
tune the weights within the floors; constraints, severity, notices and the safety order are not numbers to tune.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from finder.errors import Invalid, Problem

NAME = "finder-1"

CRITERIA = ("need", "severity", "reach", "schedule", "preference", "cost", "identity", "availability", "freshness")

# Contract section 6, column "weight". Sum 100.
WEIGHTS: Mapping[str, float] = {"need": 26, "severity": 20, "reach": 14, "schedule": 9, "preference": 8, "cost": 7,
                                "identity": 7, "availability": 5, "freshness": 4}
# Contract section 6, "Tuning": each weight 2-40, need at least 15, severity at least 12.
WEIGHT_RANGE = (2.0, 40.0)
FLOORS: Mapping[str, float] = {"need": 15.0, "severity": 12.0}

# Contract section 3: hard constraints in the order they are reported.
REASONS = ("program_closed", "full_no_waitlist", "age", "restricted_population", "role", "language", "format",
           "distance", "state_licence", "outside_area", "cost", "accessibility", "program_exclusion",
           "rejects_medication", "goal_conflict", "schedule")
BIT: Mapping[str, int] = {reason: 1 << place for place, reason in enumerate(REASONS)}

# Contract section 6, "Typical ranges": severity levels a kind of group usually suits, both ends included.
TYPICAL_RANGE: Mapping[str, tuple[int, int]] = {
    "peer_support": (0, 2), "mutual_aid": (0, 4), "clinician_support": (1, 3), "psychoed": (0, 2), "skills": (1, 3),
    "structured_therapy": (1, 3), "process": (1, 3), "iop": (3, 4), "php": (4, 4), "family_peer": (0, 3),
    "family_therapy": (1, 3), "grief_group": (0, 3), "recovery_center": (0, 3), "warmline": (0, 3),
    "online_community": (0, 1),
}

# Contract section 6, "Siblings": any two codes of one group are near each other.
SIBLINGS: tuple[tuple[str, ...], ...] = tuple(tuple(group.split()) for group in (
    "depression bipolar suicidal_thoughts general_mh loneliness",
    "anxiety panic social_anxiety ocd general_mh stress_burnout",
    "trauma_ptsd sexual_assault domestic_violence",
    "alcohol opioids stimulants cannabis nicotine general_recovery cooccurring",
    "family_of_mi family_of_sud caregiver_stress dementia_caregiving",
    "autism adhd", "bpd self_harm anger", "chronic_pain chronic_illness",
    "gambling gaming compulsive_spending compulsive_sexual", "eating_disorder body_image", "perinatal depression",
    "pregnancy_loss infertility", "psychosis bipolar general_mh", "relationships divorce", "identity loneliness",
    "hoarding ocd", "stress_burnout financial_stress sleep parenting_stress",
))
LOSS_KINDS = frozenset(("suicide_loss", "pregnancy_loss", "child_loss", "pet_loss"))
LOSS_NEEDS = LOSS_KINDS | {"grief"}
SUBSTANCES = frozenset(("alcohol", "opioids", "stimulants", "cannabis", "nicotine"))
# Contract section 6, need: a broad focus reaches these needs at .7.
BROAD: Mapping[str, frozenset[str]] = {
    "general_recovery": SUBSTANCES | {"cooccurring"},
    "cooccurring": SUBSTANCES,
    "general_mh": frozenset(("depression", "anxiety", "panic", "social_anxiety", "bipolar", "psychosis", "loneliness",
                             "stress_burnout", "trauma_ptsd", "ocd", "bpd", "self_harm", "suicidal_thoughts")),
}
# Contract section 8: "no family need" names no codes; the sibling group of relatives and carers is what it can mean.
FAMILY_NEEDS = frozenset(("family_of_mi", "family_of_sud", "caregiver_stress", "dementia_caregiving"))
# Contract section 8, rule 2: kinds that are care, not company.
CARE_TYPES = frozenset(("iop", "php", "structured_therapy", "skills", "clinician_support", "process"))
URGENT_CARE = frozenset(("withdrawal", "overdose", "medical", "mania", "psychosis"))
# Contract section 3, "Place features": they count for in-person ways only.
PLACE_FEATURES = frozenset(("step_free", "accessible_restroom", "hearing_loop", "childcare", "respite", "transit",
                            "ride_help", "smoke_free", "service_animal"))
# Contract section 3, language: speakers of one follow the other.
CLOSE_LANGUAGES = frozenset(("fa", "prs"))

# Contract section 6, reach: miles at which travel without a stated radius halves.
HALVING_MILES: Mapping[str | None, float] = {"walk": 1.0, "transit": 4.0, "car": 10.0, None: 10.0}
RADIUS_SLACK = 1.01  # contract section 3, distance
CAPACITY_DAYS = 90  # contract section 1: an older capacity answer counts as not stated
DAYS_PER_MONTH = 30.4375  # contract section 6, freshness

BANDS = (("strong", 80.0), ("good", 60.0), ("possible", 40.0), ("less_likely", 0.0))  # contract section 7


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Weights that sum to 100, under a name that stands in every answer."""

    name: str = NAME
    weights: Mapping[str, float] = field(default_factory=lambda: dict(WEIGHTS))


def tuned(weights: Mapping[str, float], name: str = NAME + "-tuned") -> Ruleset:
    """A ruleset with a steward's weights, scaled to a sum of 100.

    Raises Invalid for an unknown criterion, a weight outside 2-40, or need or severity under its floor after scaling.
    """
    errors: dict[str, list[Problem]] = {}
    for criterion in weights:
        if criterion not in WEIGHTS:
            errors[criterion] = [Problem("unknown_key")]
    merged = {criterion: float(weights.get(criterion, WEIGHTS[criterion])) for criterion in CRITERIA}
    for criterion, weight in merged.items():
        if not WEIGHT_RANGE[0] <= weight <= WEIGHT_RANGE[1]:
            errors[criterion] = [Problem("out_of_range", min=WEIGHT_RANGE[0], max=WEIGHT_RANGE[1])]
    scaled = _scaled(merged)
    for criterion, floor in FLOORS.items():
        if scaled[criterion] < floor and criterion not in errors:
            errors[criterion] = [Problem("below_floor", min=floor)]
    if errors:
        raise Invalid(errors, "ruleset")
    return Ruleset(name, scaled)


def emphasized(ruleset: Ruleset, emphasis: Mapping[str, float]) -> Mapping[str, float]:
    """The weights of one search: each times its emphasis, floors kept, the sum scaled to 100 (contract section 6)."""
    if not any(factor != 1 for factor in emphasis.values()):
        return ruleset.weights
    scaled = _scaled({one: ruleset.weights[one] * emphasis.get(one, 1) for one in CRITERIA})
    low = {one: floor for one, floor in FLOORS.items() if scaled[one] < floor}
    while low:
        # Lift what fell under its floor and let the others share the rest in their proportions.
        rest = sum(weight for one, weight in scaled.items() if one not in low)
        share = (100 - sum(low.values())) / rest
        scaled = {one: low.get(one, weight * share) for one, weight in scaled.items()}
        more = {one: floor for one, floor in FLOORS.items() if one not in low and scaled[one] < floor}
        if not more:
            break
        low |= more
    return scaled


def _scaled(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {one: weight * 100 / total for one, weight in weights.items()}
