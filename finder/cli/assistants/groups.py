"""A group as an assistant is told of it: the facts in short, with the sentences that people read in pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from finder import wording
from finder.vocabulary import CodeList
from finder.wordings.bilingual import say

MOST_TIMES = 3


def group(document: Mapping[str, Any], summary: Mapping[str, Any], today: date, address: str) -> dict[str, Any]:
    """One group in short. `address` is the instance's own, "" where it has none that others can reach."""
    contact = document.get("contact") or {}
    return {
        "id": summary["id"], "slug": summary["slug"],
        "page": f"{address}/programs/{summary['slug']}" if address and summary["slug"] else None,
        "name": document["name"], "organization": summary["organization"],
        "group_type": document["group_type"], "kind": wording.label("group_types", document["group_type"]),
        "focus": summary["focus"], "topics": wording.topics_text(summary["focus"]) if summary["focus"] else "",
        "led_by": summary["led_by"], "formats": summary["formats"], "languages": summary["languages"],
        "status": document.get("status", "active"), "when": times(document, today), "where": place(document),
        "cost": wording.cost_text(document.get("cost")),
        "room": wording.capacity_text(document.get("capacity"), starts_on=document.get("starts_on"), today=today),
        "join": wording.join_text(document), "phone": contact.get("phone"), "url": contact.get("url"),
        "email": contact.get("email"), "checked": wording.freshness_text(summary["verified_on"], today),
    }


def times(document: Mapping[str, Any], today: date) -> list[str]:
    """When it meets, in a few sentences."""
    found = dict.fromkeys(wording.schedule_text(one, today=today) for one in document.get("sessions") or ())
    return [one for one in found if one][:MOST_TIMES]


def place(document: Mapping[str, Any]) -> str:
    """The town where it meets; "" where it meets nowhere known."""
    places = [one.get("location") or {} for one in document.get("sessions") or ()]
    return next((words for one in places if (words := ", ".join(
        one[key] for key in ("city", "state") if one.get(key)))), "")


def terms(codes: CodeList, *, with_definitions: bool) -> list[dict[str, str]]:
    """One list of codes in the reader's language."""
    found = []
    for code in codes.codes:
        term = {"code": code, "label": say(partial(codes.label, code), codes.name)}
        if with_definitions:
            term["definition"] = say(partial(codes.definition, code), codes.name)
        found.append(term)
    return found
