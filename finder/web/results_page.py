"""The results page: a match document to cards with reasons, and the one-tap changes that would add to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from finder import wording
from finder.intake import notices, severity
from finder.intake.need import every_need
from finder.matching.ways import wider
from finder.search import find
from finder.search.snapshot import Snapshot
from finder.services import Services
from finder.vocabulary import Vocabulary
from finder.web import filters as narrowing
from finder.web import mapping
from finder.web.answers import Answers
from finder.web.browse_page import PER_PAGE, Pages
from finder.web.help_now import HelpNow
from finder.web.question_page import understood
from finder.web.showing import card

MOST_REASONS = 3  # contract section 9: a page shows the first three
MOST_CHECKS = 3  # the rest is folded under them
# Which single change takes back which reason for leaving listings out (contract section 3, relax).
CHANGE_OF = {"format": "formats_any", "distance": "radius_wider", "schedule": "times_any", "cost": "cost_any",
             "accessibility": "access_any"}


def view(services: Services, snapshot: Snapshot, helping: HelpNow, said: Answers, page: int) -> dict[str, Any]:
    """What the results page shows for these answers."""
    found = _match(services, snapshot, said, page, PER_PAGE)
    level, items = found["severity"]["level"], _items(services, found)
    return {
        "found": found, "level": level, "items": items, "map": _map(services, said, found, items),
        "facets": narrowing.facets(found["facets"], said.filters), "leave_out": narrowing.leave_out(said.filters),
        "pages": Pages(found["total"], page), "filters": said.filters, "hidden": _hidden(found),
        "understood": _understood(found), "closest": _closest(services, snapshot, said, found),
        **panels(helping, found["notices"]),
    }


def _match(services: Services, snapshot: Snapshot, said: Answers, page: int, per_page: int) -> dict[str, Any]:
    return find.match(said.intake, snapshot=snapshot, gazetteer=services.gazetteer, vocabulary=services.vocabulary,
                      now=services.now(), page=page, per_page=per_page, filters=said.filters or None, documents=True,
                      rules=services.rules)


def _closest(services: Services, snapshot: Snapshot, said: Answers, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """When nothing fits: the best of what the most useful single change would bring."""
    if found["total"] or not found["relax"]:
        return []
    best = max(found["relax"], key=lambda one: int(one["adds"]))
    nearer = Answers(relaxed(said.intake, best["change"]), said.filters)
    return _items(services, _match(services, snapshot, nearer, 1, 1))


def panels(helping: HelpNow, raised: Sequence[str]) -> dict[str, Any]:
    """The panel before the page, if any, and the boxes in it."""
    first, boxes = helping.raised(raised)
    return {"first": first, "boxes": boxes}


def notices_of(said: Answers, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The notices of the answers alone, as a match raises them: help must not wait for a database."""
    needs = every_need(said.intake, understood(said.intake, vocabulary))
    return notices.raised(said.intake, needs, severity.assess(said.intake).level)


def _items(services: Services, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    today, level = services.now().date(), found["severity"]["level"]
    return [_item(one, today, level) for one in found["matches"]]


def _item(match: Mapping[str, Any], today: date, level: int | None) -> dict[str, Any]:
    asked = {one["code"] for one in match["check_first"]}
    why = [one for one in match["reasons"] if one["code"] not in asked and one["utility"] > 0][:MOST_REASONS]
    check = [wording.check_text(one) for one in match["check_first"]]
    return {
        "rank": match["rank"], "band": match["band"], "band_words": wording.band_text(match["band"]),
        "card": card(match["listing"], match["document"], distance_miles=match["distance_miles"], today=today),
        "why": [wording.reason_text(one) for one in why], "check": check[:MOST_CHECKS],
        "check_more": check[MOST_CHECKS:], "level": level,
    }


def _map(services: Services, said: Answers, found: Mapping[str, Any],
         items: Sequence[Mapping[str, Any]]) -> mapping.Map | None:
    stops = [mapping.Stop(item["rank"], item["card"].anchor, item["card"].name, one["document"])
             for item, one in zip(items, found["matches"], strict=True)]
    return mapping.of_list(stops, found["place"], said.intake.get("radius_miles"), services)


def _hidden(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    offers = {one["change"]: one for one in found["relax"]}
    return [{"words": wording.hidden_text(one["reason"]), "count": one["count"],
             "offer": offers.get(CHANGE_OF.get(one["reason"], ""))} for one in found["hidden"]]


def _understood(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"phrase": one["phrase"], "label": wording.label("focus_areas", one["code"]),
             "sure": one["certainty"] != "unsure", "code": one["code"]} for one in found["understood"]]


def relaxed(intake: Mapping[str, Any], change: str) -> dict[str, Any]:
    """The intake with one must taken back; the wish behind it stays (contract section 3, relax)."""
    changed = dict(intake)
    if change == "formats_any":
        changed["formats_required"] = False
    elif change == "radius_wider" and intake.get("radius_miles"):
        changed["radius_miles"] = wider(intake["radius_miles"])
    elif change == "times_any":
        changed["times_required"] = False
    elif change == "cost_any":
        changed["cost"] = {"kind": "any"}
    elif change == "access_any":
        changed["access_required"] = False
    return changed
