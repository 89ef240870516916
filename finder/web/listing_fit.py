"""How one group fits the answers a reader carries: the same judgement as in the list, asked of this group alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finder import wording
from finder.search import find
from finder.search.snapshot import Snapshot, from_documents
from finder.services import Services
from finder.web.answers import Answers
from finder.web.results_page import CHANGE_OF


def view(key: str, services: Services, snapshot: Snapshot, said: Answers | None) -> dict[str, Any] | None:
    """Band, reasons and questions for a group, or why the answers leave it out; None without answers to go by."""
    held = snapshot.find(key)
    if held is None or said is None or not said.can_search:
        return None
    _, document = held
    now = services.now()
    found = find.match(said.intake, snapshot=from_documents([document], now.date()), gazetteer=services.gazetteer,
                       vocabulary=services.vocabulary, now=now, rules=services.rules)
    shown = found["matches"][0] if found["matches"] else None
    return {"level": found["severity"]["level"], "zone": (found["place"] or {}).get("timezone"),
            "left_out": [_left_out(one) for one in found["hidden"]], **(_fits(shown) if shown else {})}


def _fits(match: Mapping[str, Any]) -> dict[str, Any]:
    asked = {one["code"] for one in match["check_first"]}
    return {"band": match["band"], "band_words": wording.band_text(match["band"]),
            "distance_miles": match["distance_miles"],
            "why": [wording.reason_text(one) for one in match["reasons"]
                    if one["code"] not in asked and one["utility"] > 0],
            "check": [wording.check_text(one) for one in match["check_first"]]}


def _left_out(hidden: Mapping[str, Any]) -> tuple[str, bool]:
    """Why, and whether that is a wish of the reader's that they can take back."""
    return wording.hidden_text(hidden["reason"]), hidden["reason"] in CHANGE_OF
