"""The groups that may fit a provider's person: the matcher's own first twenty, and those they took from the search."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from finder import wording
from finder.catalog.models import PUBLISHED
from finder.intake import notices, severity
from finder.intake.need import every_need
from finder.listings import changes
from finder.matching.ruleset import CAPACITY_DAYS
from finder.referrals import insight, reached
from finder.referrals.draft import MOST_SHORTLIST
from finder.search import find
from finder.search.shown import public
from finder.search.snapshot import Snapshot, from_documents
from finder.services import Services
from finder.web.results_page import CHANGE_OF, MOST_REASONS
from finder.web.showing import Card, Mark, card, seat
from finder.wordings.language import gettext, since

MOST_CHECKS = 3
LATE = timedelta(7)  # a word on places younger than this is not asked for again


@dataclass(frozen=True, slots=True)
class Row:
    """One group. `left_out` says why the answers leave it out, for one that was added; `by_letter`: it can be asked by
    letter, else the provider calls. `asks`: its word on places is old enough to ask again."""

    id: str
    card: Card
    kind: str
    band: str | None
    band_words: str
    seat: Mark
    seat_age: str
    next: str
    why: tuple[str, ...]
    check: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    added: bool = False
    by_letter: bool = False
    asks: bool = False
    poor: str = ""


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The rows in order, and what the match document says beside them."""

    rows: tuple[Row, ...]
    found: Mapping[str, Any]
    hidden: tuple[Mapping[str, Any], ...]


def of(intake: Mapping[str, Any], added: Sequence[str], *, services: Services, snapshot: Snapshot) -> Shortlist:
    """The shortlist of answers that can be searched with; what was added and is no longer listed is left out."""
    found = _match(intake, services, snapshot, MOST_SHORTLIST)
    listed = {one["id"] for one in found["matches"]}
    rows = [_row(one, services.now()) for one in found["matches"]]
    more = [one for one in added if one not in listed]
    taken = _added(intake, more, services, snapshot)
    return Shortlist((*taken, *rows), found, tuple(_hidden(found)))


def ids(intake: Mapping[str, Any], *, services: Services, snapshot: Snapshot) -> tuple[str, ...]:
    """The ids of the groups that fit best, best first."""
    return tuple(one["id"] for one in _match(intake, services, snapshot, MOST_SHORTLIST)["matches"])


def raised(intake: Mapping[str, Any], sure: Sequence[str]) -> tuple[str, ...]:
    """The notices of the answers themselves, whatever level the shortlist goes by."""
    return notices.raised(intake, every_need(intake, sure), severity.assess(intake).level)


def with_ways(session: Any, rows: Sequence[Row], team: uuid.UUID, now: datetime) -> tuple[Row, ...]:
    """The rows with how each group can be asked, and which of them often leave a question without an answer."""
    poor = insight.poor(session, [uuid.UUID(one.id) for one in rows], team, today=now.date())
    there = {key: one for key, one in changes.find_all(session, [uuid.UUID(one.id) for one in rows]).items()
             if one.state == PUBLISHED}
    letters = reached.by_letter(session, there.values())
    return tuple(replace(one, by_letter=uuid.UUID(one.id) in letters,
                         asks=uuid.UUID(one.id) in letters and _is_late(there[uuid.UUID(one.id)].document, now.date()),
                         poor=_poor(poor.get(uuid.UUID(one.id))))
                 for one in rows)


def _poor(found: insight.Poor | None) -> str:
    if found is None:
        return ""
    if found.whose == insight.TEAM:
        return gettext("Often no answer: %(count)s of %(all)s not answered", count=found.no_answer, all=found.settled)
    return gettext("Often no answer to other teams")


def _is_late(document: Mapping[str, Any], today: date) -> bool:
    said = (document.get("capacity") or {}).get("as_of")
    return said is None or today - date.fromisoformat(said) >= LATE


def _match(intake: Mapping[str, Any], services: Services, snapshot: Snapshot, most: int | None,
           *, hidden_ids: bool = False) -> dict[str, Any]:
    return find.match(intake, snapshot=snapshot, gazetteer=services.gazetteer, vocabulary=services.vocabulary,
                      now=services.now(), per_page=most, documents=True, rules=services.rules, hidden_ids=hidden_ids)


def _added(intake: Mapping[str, Any], ids: Sequence[str], services: Services, snapshot: Snapshot) -> list[Row]:
    """Groups that were added and are not among the first: judged as the others are, and shown even where left out."""
    there = {key: known for key in ids if (known := snapshot.find(key)) is not None}
    if not there:
        return []
    now = services.now()
    alone = from_documents([{**document, "id": key} for key, (_, document) in there.items()], now.date())
    found = _match(intake, services, alone, None, hidden_ids=True)
    fits = {one["id"]: one for one in found["matches"]}
    rows = []
    for key, (name, document) in there.items():
        left_out = tuple(wording.hidden_text(one["reason"]) for one in found["hidden"] if key in one["listing_ids"])
        shown = fits.get(key) or {"id": key, "document": public(document), "band": None, "check_first": [],
                                  "reasons": [], "distance_miles": None, "next_session": None}
        rows.append(replace(_row({**shown, "listing": {"id": key, "slug": name.slug}}, now), left_out=left_out,
                            added=True))
    return rows


def _row(match: Mapping[str, Any], now: datetime) -> Row:
    document, today = match["document"], now.date()
    asked = {one["code"] for one in match["check_first"]}
    why = [one for one in match["reasons"] if one["code"] not in asked and one["utility"] > 0][:MOST_REASONS]
    check = [wording.check_text(one) for one in match["check_first"]][:MOST_CHECKS]
    made = card(match["listing"], document, distance_miles=match["distance_miles"], today=today)
    return Row(match["id"], made, wording.label("group_types", document["group_type"]), match["band"],
               wording.band_text(match["band"]) if match["band"] else "",
               seat(document.get("capacity"), document.get("starts_on"), today),
               _said(document.get("capacity"), today), _next(match["next_session"], document, today),
               tuple(wording.reason_text(one) for one in why), tuple(check))


def _said(capacity: Mapping[str, Any] | None, today: date) -> str:
    """How old the word on places is."""
    if not capacity:
        return ""
    days = (today - date.fromisoformat(capacity["as_of"])).days
    if days > CAPACITY_DAYS:
        return gettext("Last said %(time)s ago, too old to count", time=since(days))
    return gettext("Said %(time)s ago", time=since(days)) if days > 0 else gettext("Said today")


def _next(next_session: str | None, document: Mapping[str, Any], today: date) -> str:
    """When somebody could first go."""
    starts = document.get("starts_on")
    if next_session is not None:
        return wording.moment_text(datetime.fromisoformat(next_session))
    if starts and date.fromisoformat(starts) > today:
        return gettext("Starts %(day)s", day=wording.day_text(starts))
    if any(one.get("anytime") for one in document.get("sessions") or ()):
        return gettext("At any time")
    return gettext("Not stated")


def _hidden(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    offers = {one["change"]: one for one in found["relax"]}
    return [{"words": wording.hidden_text(one["reason"]), "count": one["count"],
             "offer": offers.get(CHANGE_OF.get(one["reason"], ""))} for one in found["hidden"]]
