"""What an intake document may hold (`finder-intake/1`): its codes and, for every path, the kind of value.

One table for the validator, the questionnaire and the forms. Pure data; what is wrong is said by search.intake_schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from finder.vocabulary import vocabulary

FORMAT = "finder-intake/1"

# Enumerations of the contract's intake schema that are not vocabularies.
ASKED_BY = ("self", "parent", "provider")
ATTENDING_AS = ("person", "relative")
GENDERS = ("woman", "man", "nonbinary")
SAFETY = ("none", "past", "passive", "active", "skip")
URGENT = ("withdrawal", "overdose", "medical", "violence", "mania", "psychosis")
GOALS = ("stop", "moderation", "unsure")
TRAVEL = ("car", "transit", "walk")
SLOTS = ("early", "weekday_daytime", "evening", "weekend")
TIMES = (*SLOTS, "any")
IDENTITY_PREFERENCES = ("none", "prefer", "require")
COST_KINDS = ("free_only", "up_to", "insurance", "any")
INSURANCE = ("medicaid", "medicare", "private", "military_ins", "va", "ihs", "state_insurance", "justice_funds",
             "grant", "none", "unknown")
LEADERS = ("peer", "professional", "either")
CRITERIA = ("need", "severity", "reach", "schedule", "preference", "cost", "identity", "availability", "freshness")
EMPHASES = (0.5, 1, 2)
PHQ4_ITEMS = 4
# Highest totals of the instruments, in the contract's order (sources: finder.intake.severity).
TOTALS: Mapping[str, int] = {"phq9": 27, "phq9_item9": 3, "gad7": 21, "k6": 24, "audit_c": 12, "dast10": 10,
                             "pc_ptsd5": 5}
MOST_MILES, MOST_COST, MOST_TEXT, OLDEST = 1000, 100_000, 200, 120
# Ways to meet that need no place: a search with one of them may leave the place out (contract section 2).
REMOTE = ("online_video", "phone", "text_chat", "self_paced")

_LISTS = vocabulary().lists
FOCUS, POPULATIONS = _LISTS["focus_areas"].codes, _LISTS["populations"].codes
FORMATS, ACCESS = _LISTS["session_formats"].codes, _LISTS["accessibility"].codes
AVOIDABLE = (*_LISTS["group_types"].codes, *_LISTS["modalities"].codes, *POPULATIONS)


@dataclass(frozen=True, slots=True)
class Value:
    """What one path holds. `kind`: text, code, codes, whole, number, flag, or must (all of its list, or a part).

    `codes` are the allowed ones (empty for `languages`: any ISO 639 code); `minimum`..`maximum` include both ends and
    bound a number, a length or the size of a list. `nullable`: null is as good as absent.
    """

    kind: str
    codes: tuple[str, ...] = ()
    minimum: float = 0
    maximum: float = 0
    nullable: bool = False


def _code(codes: tuple[str, ...], *, nullable: bool = True) -> Value:
    return Value("code", codes, nullable=nullable)


def _codes(codes: tuple[str, ...], maximum: int, minimum: int = 0) -> Value:
    return Value("codes", codes, minimum, maximum)


def _must(codes: tuple[str, ...], maximum: int) -> Value:
    return Value("must", codes, 1, maximum)


def _whole(maximum: int, *, nullable: bool = True) -> Value:
    return Value("whole", (), 0, maximum, nullable)


_FLAG = Value("flag")
# Every path an intake may hold, in the order of the contract's schema.
PATHS: Mapping[str, Value] = {
    "asked_by": _code(ASKED_BY, nullable=False),
    "attending_as": _code(ATTENDING_AS),
    "age": _whole(OLDEST),
    "gender": _code(GENDERS),
    "needs": _codes(FOCUS, 3, 1),
    "needs_text": Value("text", (), 0, MOST_TEXT, nullable=True),
    **{f"phq4.{item}": _whole(3, nullable=False) for item in range(PHQ4_ITEMS)},
    "impact": _whole(4),
    "substance.loss_of_control": _whole(4, nullable=False),
    "substance.consequences": _whole(2, nullable=False),
    "stated_level": _whole(4),
    **{f"scores.{name}": _whole(most) for name, most in TOTALS.items()},
    "safety": _code(SAFETY),
    "urgent": _codes(URGENT, 6),
    "goal": _code(GOALS),
    "recently_using": Value("flag", nullable=True),
    "takes_recovery_medication": Value("flag", nullable=True),
    "near.text": Value("text", (), 1, MOST_TEXT),
    "near.latitude": Value("number", (), -90, 90),
    "near.longitude": Value("number", (), -180, 180),
    "radius_miles": Value("number", (), 0, MOST_MILES, nullable=True),  # above 0
    "travel": _code(TRAVEL),
    "formats": _codes(FORMATS, 6),
    "formats_required": _must(FORMATS, 6),
    "times": _codes(TIMES, 5),
    "times_required": _must(SLOTS, 4),
    "languages": _codes((), 10),
    "identities": _codes(POPULATIONS, 36),
    "not_identities": _codes(POPULATIONS, 36),
    "identity_preference": _code(IDENTITY_PREFERENCES, nullable=False),
    "women_only": _FLAG,
    "cost.kind": _code(COST_KINDS, nullable=False),
    "cost.amount": Value("number", (), 0, MOST_COST, nullable=True),
    "insurance": _codes(INSURANCE, 9),
    "access": _codes(ACCESS, 18),
    "access_required": _must(ACCESS, 18),
    "led_by": _code(LEADERS),
    "avoid": _codes(AVOIDABLE, 12),
    "one_to_one_preferred": _FLAG,
    "start_soon": _FLAG,
}
