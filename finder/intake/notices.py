"""Which notices an intake raises (contract section 5). A notice adds help; it hides, blocks and delays nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

ORDER = ("crisis_panel_first", "medical_urgent_first", "safety_dv_first", "urgent_assessment_first", "offer_panel",
         "see_clinician_soon", "standing_line_only")
_CLINICIAN_PHQ9 = 16  # contract section 5, see_clinician_soon


def raised(intake: Mapping[str, Any], needs: Collection[str], level: int | None) -> tuple[str, ...]:
    """Every notice that applies, in the contract's order; never empty.

    `needs` are all codes chosen and understood from free text (need.every_need), also those beyond the three that are
    matched; `level` is the severity level.
    """
    scores = intake.get("scores") or {}
    urgent, safety = set(intake.get("urgent") or ()), intake.get("safety")
    crisis = safety in ("passive", "active") or (scores.get("phq9_item9") or 0) >= 1
    hidden_item = scores.get("phq9") is not None and scores.get("phq9_item9") is None and safety is None
    holds = {
        "crisis_panel_first": crisis,
        "medical_urgent_first": bool(urgent & {"withdrawal", "overdose", "medical"}),
        "safety_dv_first": "violence" in urgent or "domestic_violence" in needs,
        "urgent_assessment_first": bool(urgent & {"mania", "psychosis"}),
        "offer_panel": not crisis
        and (safety == "skip" or bool({"suicidal_thoughts", "self_harm"} & set(needs)) or hidden_item),
        "see_clinician_soon": level == 4 or (scores.get("phq9") or 0) >= _CLINICIAN_PHQ9,
    }
    found = tuple(notice for notice in ORDER[:-1] if holds[notice])
    return found or ("standing_line_only",)
