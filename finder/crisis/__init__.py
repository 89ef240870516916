"""Crisis lines for every page: a constant in the code, and what an operator's reviewed file adds to it.

Nothing can take a national line away: no page, no import, no database, no local file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache

from finder.crisis.line import TOPICS, Line, Way, Words
from finder.crisis.local import load_local
from finder.crisis.national import ELSEWHERE, NATIONAL

__all__ = ["COUNTRIES", "PANELS", "REVIEWED", "TOPICS", "Line", "Way", "Words", "is_reviewed", "lines", "load_local",
           "panel", "sha256"]

COUNTRIES = tuple(dict.fromkeys(line.country for line in NATIONAL))
# Contract section 5: which topics the panel of each notice shows, in this order. DESIGN: somebody to talk to first,
# the emergency number among the ways; in a medical emergency it leads.
PANELS: Mapping[str, tuple[str, ...]] = {
    "crisis_panel_first": ("suicide", "emergency", "listening"),
    "medical_urgent_first": ("emergency", "poison", "treatment"),
    "safety_dv_first": ("violence", "emergency", "suicide"),
    "urgent_assessment_first": ("mental", "emergency"),
    "offer_panel": ("suicide", "listening"),
    "see_clinician_soon": ("treatment", "mental"),
    "standing_line_only": ("suicide", "emergency"),
}


def lines(country: str, local: Iterable[Line] = ()) -> tuple[Line, ...]:
    """The lines of a country (two capital letters) in the order of a help page, then the operator's own.

    Somebody to talk to first, then the emergency number, then the lines for fewer people or other needs.

    A country without an entry gets where to look a line up, and "your local emergency number". Never empty.
    """
    found = tuple(sorted((line for line in NATIONAL if line.country == country), key=_place))
    return (found or ELSEWHERE) + tuple(local)


def _place(line: Line) -> int:
    return next((place for place, topic in enumerate(("suicide", "emergency")) if topic in line.topics), 2)


def panel(notices: Iterable[str], country: str, local: Iterable[Line] = ()) -> tuple[Line, ...]:
    """The lines that a panel shows for notices: those of the first notice first, each line once.

    `notices` as `intake.notices.raised` gives them. Never empty when a notice is given.
    """
    known = lines(country, local)
    topics = [topic for notice in notices for topic in PANELS[notice]]
    return tuple(dict.fromkeys(line for topic in topics for line in known if topic in line.topics))


# The fingerprint of what was reviewed. Whoever changes a number changes this too, and a reviewer reads both.
REVIEWED = "abfb3b4db52b2d8d437d7049ab6a7b204eead99d9c1154638b85446a5d21f3f3"


def is_reviewed() -> bool:
    """Whether the lines that this program shows are those that were reviewed."""
    return sha256() == REVIEWED


@cache
def sha256() -> str:
    """The fingerprint of all national lines and of the panels' order: SHA-256 of their canonical JSON, in hex."""
    plain = {"lines": [asdict(line) for line in (*NATIONAL, *ELSEWHERE)], "panels": dict(PANELS)}
    canonical = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()
