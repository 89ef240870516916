"""The short way in: two boxes on the first page, and how many groups each topic has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from finder import wording
from finder.errors import Invalid, Problem
from finder.intake.document import REMOTE
from finder.search import box, find, intake_schema
from finder.search.query_schema import load_browse
from finder.search.snapshot import Snapshot
from finder.services import Services
from finder.wordings.language import N_, gettext

# What people write in the place box when they want no place at all, in both languages.
ONLINE = frozenset(("online", "on line", "virtual", "internet", "zoom", "en linea", "en línea", "por internet"))


def place_in(need: str, services: Services, lang: str) -> str:
    """The place that was written into the first box; "" when there is none or it is not sure."""
    asked = box.read(need, vocabulary=services.vocabulary, gazetteer=services.gazetteer, lang=lang)
    return asked.place.text if asked.place and asked.place.certainty != "unsure" else ""


def intake_of(need: str, place: str) -> dict[str, Any] | None:
    """The intake of the two boxes; None when only a place was given, which is browsing. Raises Invalid by box."""
    if not need and place and place.casefold() not in ONLINE:
        _checked({"near": {"text": place}})
        return None
    errors = {name: [Problem("required")] for name, text in (("need", need), ("place", place)) if not text}
    if errors:
        raise Invalid(errors)
    if place.casefold() in ONLINE:
        return _checked({"needs_text": need, "formats": list(REMOTE), "formats_required": True})
    return _checked({"needs_text": need, "near": {"text": place}})


NEEDED = {
    "need": N_("Say what you would like help with."),
    "place": N_("Write a town or ZIP code, or “online”."),
}


def problem_words(box: str, problem: Problem) -> str:
    """What is wrong with a box."""
    return gettext(NEEDED[box]) if problem.code == "required" else wording.problem_text(problem)


def _checked(said: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return dict(intake_schema.load({"format": "finder-intake/1", **said}))
    except Invalid as wrong:
        boxes = {"needs_text": "need", "near.text": "place", "near": "place"}
        raise Invalid({boxes.get(field, "need"): found for field, found in wrong.errors.items()}) from wrong


@dataclass(frozen=True, slots=True)
class TopicCounts:
    """How many groups there are, in all, by topic and by kind, in one state of the catalog."""

    version: int
    day: date
    total: int
    by_topic: Mapping[str, int]
    by_kind: Mapping[str, int]


class TopicCounter:
    """Counts once for each state of the catalog, because every visit of the first page asks."""

    def __init__(self) -> None:
        self._last: TopicCounts | None = None

    def count(self, services: Services, snapshot: Snapshot) -> TopicCounts:
        """The counts of a snapshot."""
        held = self._last
        if held is None or (held.version, held.day) != (snapshot.version, snapshot.today):
            found = find.browse(load_browse({"per_page": ["1"]}), snapshot=snapshot, gazetteer=services.gazetteer,
                                vocabulary=services.vocabulary, now=services.now())
            held = self._last = TopicCounts(snapshot.version, snapshot.today, found["total"],
                                            found["facets"].get("focus", {}), found["facets"].get("group_type", {}))
        return held
