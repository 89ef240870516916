"""How heavy things feel right now, as a level 0-4, from what was answered (contract section 4).

A level is never a diagnosis and never a score of risk; it says how much support a group should give.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Contract section 4. For each instrument the lowest total of levels 1, 2, 3 and 4 (None: the level does not exist).
# PHQ-9: Kroenke, Spitzer & Williams 2001. GAD-7: Spitzer et al. 2006. K6: Kessler et al. 2002; moderate distress
# from 5: Prochaska et al. 2012. AUDIT-C: Bush et al. 1998. DAST-10: Skinner 1982.
CUTOFFS: Mapping[str, tuple[int, int, int, int | None]] = {
    "phq9": (5, 10, 15, 20), "gad7": (5, 10, 15, None), "k6": (5, 8, 13, 19), "dast10": (1, 3, 6, 9),
}
# PHQ-4 (Kroenke, Spitzer, Williams & Löwe 2009): mild 3, moderate 6, severe 9.
_PHQ4 = (3, 6, 9, None)
_AUDIT_C = {"woman": (3, 6, 8, 10), "other": (4, 6, 8, 10)}
_IMPACT_SEVERE = 4
_PTSD_POSITIVE = 4  # PC-PTSD-5: Prins et al. 2016
_URGENT = frozenset(("withdrawal", "overdose", "medical", "mania", "psychosis"))
SOURCES = ("phq4", "phq9", "gad7", "k6", "audit_c", "dast10", "substance", "stated_level", "impact", "pc_ptsd5",
           "phq9_item9", "safety", "urgent")


@dataclass(frozen=True, slots=True)
class Severity:
    """`level` 0-4, None when nothing was answered; `sources` are those that reach it, in the contract's order."""

    level: int | None
    sources: tuple[str, ...]


def assess(intake: Mapping[str, Any]) -> Severity:
    """The level of an intake document: the highest of all measures answered and floors that apply."""
    levels = _measures(intake) | _floors(intake)
    if not levels:
        return Severity(None, ())
    level = max(levels.values())
    return Severity(level, tuple(source for source in SOURCES if levels.get(source) == level))


def _measures(intake: Mapping[str, Any]) -> dict[str, int]:
    scores = intake.get("scores") or {}
    found = {name: _level(scores[name], cutoffs) for name, cutoffs in CUTOFFS.items() if scores.get(name) is not None}
    if scores.get("audit_c") is not None:
        found["audit_c"] = _level(scores["audit_c"], _AUDIT_C["woman" if intake.get("gender") == "woman" else "other"])
    phq4 = intake.get("phq4")
    if phq4 is not None:
        found["phq4"] = _level(sum(phq4), _PHQ4)
        if found["phq4"] == 3 and intake.get("impact") == _IMPACT_SEVERE:
            found["phq4"] = 4
    substance = intake.get("substance")
    if substance:
        found["substance"] = min(2, substance.get("loss_of_control", 0)) + substance.get("consequences", 0)
    if intake.get("stated_level") is not None:
        found["stated_level"] = intake["stated_level"]
    return found


def _floors(intake: Mapping[str, Any]) -> dict[str, int]:
    scores = intake.get("scores") or {}
    found: dict[str, int] = {}
    if (intake.get("impact") or 0) >= 3:
        found["impact"] = intake["impact"] - 1
    if (scores.get("pc_ptsd5") or 0) >= _PTSD_POSITIVE:
        found["pc_ptsd5"] = 2
    if (scores.get("phq9_item9") or 0) >= 1:
        found["phq9_item9"] = 2
    if intake.get("safety") in ("passive", "active"):
        found["safety"] = 2 if intake["safety"] == "passive" else 4
    if _URGENT & set(intake.get("urgent") or ()):
        found["urgent"] = 3
    return found


def _level(total: int, cutoffs: tuple[int, int, int, int | None]) -> int:
    return sum(1 for cutoff in cutoffs if cutoff is not None and total >= cutoff)
