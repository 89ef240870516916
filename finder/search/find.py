"""Finding in the snapshot: the only place that puts place, severity, rules, order and reasons together.

Every door calls `match` or `browse` and gets a document of codes and values; sentences are made at the door.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, Required, TypedDict, Unpack

import numpy as np
import orjson

from finder.intake import notices, severity
from finder.intake.need import every_need, need_from_answers, needs_of
from finder.matching import engine, facets, ranking, ruleset
from finder.matching.doubts import doubts
from finder.matching.engine import Found
from finder.matching.explanation import explain
from finder.matching.facets import Choice, Choices
from finder.matching.ruleset import REASONS, Ruleset
from finder.matching.traits import Array
from finder.matching.types import Need
from finder.matching.ways import wider
from finder.places import lookup
from finder.places.gazetteer import Gazetteer
from finder.places.lookup import Place
from finder.schedules.recurrence import Rule, next_start, occurrences
from finder.search import indexes, ordering, shown
from finder.search.hours import Window, next_starts, window_of
from finder.search.packed import Name
from finder.search.query_schema import usual_sort
from finder.search.shown import Match
from finder.search.snapshot import Snapshot, document, told
from finder.understanding import Understood, understand
from finder.vocabulary import Vocabulary

Filters = Mapping[str, Mapping[str, Sequence[str]]]
RELAXED = ("formats_any", "radius_wider", "times_any", "cost_any", "access_any")
FINDER_1 = Ruleset()


class Answer(NamedTuple):
    """What a search found: the head of the match document, which is all but `matches`, and the matches of the page.

    Beside the contract's keys the head holds `understood`: what was read out of `needs_text`, each with phrase, code
    and certainty.
    """

    head: dict[str, Any]
    matches: list[Match]


class Asked(TypedDict, total=False):
    """What a search is handed beside the intake; see `answer`."""

    snapshot: Required[Snapshot]
    gazetteer: Required[Gazetteer]
    vocabulary: Required[Vocabulary]
    now: Required[datetime]
    page: int
    per_page: int | None
    filters: Filters | None
    hidden_ids: bool
    rules: Ruleset


def match(intake: Mapping[str, Any], *, documents: bool = False, **asked: Unpack[Asked]) -> dict[str, Any]:
    """The match document of a valid intake document, without any `text`, and with `understood` as in Answer.

    `asked` as `answer` takes it; `documents` adds the public listing document to every match.
    """
    found = answer(intake, **asked)
    return {**found.head, "matches": [_line(one, documents) for one in found.matches]}


def answer(intake: Mapping[str, Any], *, snapshot: Snapshot, gazetteer: Gazetteer, vocabulary: Vocabulary,
           now: datetime, page: int = 1, per_page: int | None = 20, filters: Filters | None = None,
           hidden_ids: bool = False, rules: Ruleset = FINDER_1) -> Answer:
    """What fits a valid intake document, best first. `per_page` None gives all. `now` is an aware UTC instant."""
    with snapshot.turn:
        return _answer(intake, snapshot, gazetteer, vocabulary, now, page, per_page, filters, hidden_ids, rules)


def _answer(intake: Mapping[str, Any], snapshot: Snapshot, gazetteer: Gazetteer, vocabulary: Vocabulary,
            now: datetime, page: int, per_page: int | None, filters: Filters | None, hidden_ids: bool,
            rules: Ruleset) -> Answer:
    understood = _understood(intake.get("needs_text"), vocabulary)
    sure = [one.code for one in understood if one.certainty != "unsure"]
    needs = needs_of(intake, sure)
    level = severity.assess(intake)
    place, choices = place_of(intake.get("near"), gazetteer)
    need = need_from_answers(intake, needs=needs, place=place, level=level.level, now=now)
    weights = ruleset.emphasized(rules, need.emphasis)
    chosen = _choices(filters)
    founds = [engine.search(need, part.columns, weights, filters=chosen.filters(need), dead=part.dead)
              for part in snapshot.parts]
    order = ranking.order(need, founds)
    raised = list(notices.raised(intake, every_need(intake, sure), level.level))
    head: dict[str, Any] = {
        "ruleset": rules.name, "as_of": _instant(now),
        "severity": {"level": level.level, "sources": list(level.sources)},
        "notice": raised[0], "notices": raised, "place": _place_out(place),
        "place_choices": [_place_out(one) for one in choices], "total": order.total,
        "matches": [],
        "hidden": _hidden(founds), "relax": _relax(need, founds), "facets": facets.facets(founds),
        "understood": [{"phrase": one.phrase, "code": one.code, "certainty": one.certainty} for one in understood],
    }
    if hidden_ids:
        _name_hidden(head["hidden"], need, weights, chosen, snapshot)
    return Answer(head, _matches(order, weights, page, per_page))


def _choices(filters: Filters | None) -> Choices:
    return Choices({facet: Choice(frozenset(modes.get("any") or ()), frozenset(modes.get("all") or ()),
                                  frozenset(modes.get("not") or ())) for facet, modes in (filters or {}).items()})


def _understood(words: str | None, vocabulary: Vocabulary) -> tuple[Understood, ...]:
    return understand(words, vocabulary) if words else ()


def place_of(near: Mapping[str, Any] | None, gazetteer: Gazetteer) -> tuple[Place | None, tuple[Place, ...]]:
    """The place meant, or the places it may be; neither when none was given or it is not known."""
    if not near:
        return None, ()
    if near.get("latitude") is not None:
        return lookup.at_point(near["latitude"], near["longitude"], gazetteer), ()
    found = lookup.resolve(near["text"], gazetteer)
    return (found, ()) if isinstance(found, Place) else (None, found.choices)


def _place_out(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {"text": place.text, "latitude": place.latitude, "longitude": place.longitude,
            "precision": place.precision, "timezone": place.timezone, "state": place.state, "country": place.country}


def _instant(now: datetime) -> str:
    return now.isoformat(timespec="seconds").replace("+00:00", "Z")


def _matches(order: ranking.Order, weights: Mapping[str, float], page: int, per_page: int | None) -> list[Match]:
    count = order.total if per_page is None else per_page
    start = 0 if per_page is None else (page - 1) * per_page
    spots = order.page(start, count)
    made: dict[ranking.Spot, Match] = {}
    for which, found in enumerate(order.founds):
        mine = [(rank, spot) for rank, spot in enumerate(spots, start + 1) if spot[0] == which]
        if mine:
            for (_, spot), one in zip(mine, _part_matches(found, mine, weights), strict=True):
                made[spot] = one
    return [made[spot] for spot in spots]


def _part_matches(found: Found, ranked: Sequence[tuple[int, ranking.Spot]],
                  weights: Mapping[str, float]) -> Iterator[Match]:
    """The matches of some of the rows that passed in one part, with their ranks."""
    indexes = [spot[1] for _, spot in ranked]
    places = np.array(indexes, np.int64)
    listings = [told(found.columns, row) for row in found.rows[places].tolist()]
    explained = explain(found, indexes, [one.facts for one in listings], weights)
    need, today, now = found.need, found.columns.today, found.need.now.timestamp()
    scores = (found.tenths[places] / 10).tolist()
    for (rank, _), one, why, score in zip(ranked, listings, explained, scores, strict=True):
        yield Match(rank, one, score, _band(score), shown.miles(need.place, why.way),
                    shown.next_session(why.way, now), why.reasons, doubts(need, one.facts, why, today))


_band = lru_cache(maxsize=1_024)(ranking.band)


def _line(one: Match, documents: bool) -> dict[str, Any]:
    """A match as the match document has it."""
    out = {
        "rank": one.rank, "id": one.told.id, "listing": orjson.loads(one.told.summary), "band": one.band,
        "score": one.score, "distance_miles": one.distance_miles, "next_session": one.next_session,
        "reasons": [reason.line.copy() for reason in one.reasons],
        "check_first": [check.line.copy() for check in one.check_first],
    }
    if documents:
        out["document"] = shown.public(orjson.loads(one.told.document))
    return out


def _hidden(founds: Sequence[Found]) -> list[dict[str, Any]]:
    counts = {reason: sum(found.hidden.get(reason, 0) for found in founds) for reason in REASONS}
    return [{"reason": reason, "count": count} for reason, count in counts.items() if count]


def _name_hidden(hidden: list[dict[str, Any]], need: Need, weights: Mapping[str, float], chosen: Choices,
                 snapshot: Snapshot) -> None:
    names: dict[str, list[str]] = {}
    for part in snapshot.parts:
        rows = engine.hidden_rows(need, part.columns, weights, filters=chosen.filters(need), dead=part.dead)
        for reason, found in rows.items():
            names.setdefault(reason, []).extend(part.columns.names[row].id for row in found)
    for one in hidden:
        one["listing_ids"] = sorted(names.get(one["reason"], ()))


def _relax(need: Need, founds: Sequence[Found]) -> list[dict[str, Any]]:
    offers = []
    for change in RELAXED:
        adds = sum(found.relax.get(change, 0) for found in founds)
        if adds:
            miles = wider(need.radius_miles) if change == "radius_wider" and need.radius_miles is not None else None
            offers.append({"change": change, "value": miles, "adds": adds})
    return offers


# -- one listing -----------------------------------------------------------------------------------------------------

MOST_STARTS = 3


def program(key: str, *, snapshot: Snapshot, now: datetime) -> dict[str, Any] | None:
    """A published listing by UUID or slug: its public document and the next three starts of each session."""
    found = snapshot.find(key)
    if found is None:
        return None
    name, listing = found
    return {"id": name.id, "slug": name.slug, "status": listing.get("status", "active"),
            "document": shown.public(listing), "next_sessions": next_sessions(listing, now)}


def next_sessions(listing: Mapping[str, Any], now: datetime) -> list[str]:
    """The next starts of all sessions, at most three each, earliest first, with the offset of the session's zone.

    A paused or closed program has none; a cohort that nobody may join midway has those from its start on.
    """
    if listing.get("status", "active") != "active":
        return []
    found = []
    for session in listing.get("sessions") or ():
        rule = Rule.of(session)
        first = next_start(rule, now)
        if first is not None:
            starts = occurrences(rule, first.date(), MOST_STARTS + 1)
            found += [one for one in starts if one >= now][:MOST_STARTS]
    return [one.isoformat() for one in sorted(found)]


# -- browsing --------------------------------------------------------------------------------------------------------


def browse(query: Mapping[str, Any], *, snapshot: Snapshot, gazetteer: Gazetteer, vocabulary: Vocabulary,
           now: datetime) -> dict[str, Any]:
    """Listings by words, place and filters, for `GET /programs` and the browse pages; no answers enter here.

    `query` as `query_schema.load_browse` gives it. Sorts: relevance (words, else the order a search without answers
    has), distance, next_session, freshness. Groups that are full stay in; paused ones only with `status` paused.
    `nearest` keeps that many of those that meet in person at a known place; without a known place it asks nothing.
    `named`: ids that were called by name; they are answered apart under `named`, in this order and whatever the
    filters, as far as they are published, and are left out of `programs` and `total`.
    """
    with snapshot.turn:
        return _browsed_document(query, snapshot, gazetteer, now)


def _browsed_document(query: Mapping[str, Any], snapshot: Snapshot, gazetteer: Gazetteer,
                      now: datetime) -> dict[str, Any]:
    near: dict[str, Any] | None = None
    if query.get("latitude") is not None:
        near = {"latitude": query["latitude"], "longitude": query["longitude"]}
    elif query.get("near"):
        near = {"text": query["near"]}
    place, choices = place_of(near, gazetteer)
    need = Need(now=now, place=place, radius_miles=query.get("radius_miles") if place else None,
                insurance=frozenset(query.get("insurance") or ()),
                purpose="paused" if query.get("status") == "paused" else "browse")
    chosen = _choices(query.get("filters"))
    words = query.get("text")
    relevance = [indexes.of_words(part, snapshot.tags).scores(words) if words else None
                 for part in snapshot.parts]
    sort = query.get("sort") or usual_sort(query)
    window, starts = _starts(query, sort, snapshot, place, now)
    named = query.get("named") or ()
    kept = [ordering.kept(scores, start if window.narrows else None, ordering.others(part, named) if named else None)
            for scores, start, part in zip(relevance, starts, snapshot.parts, strict=True)]
    founds = _browsed(need, snapshot, chosen, kept)
    if query.get("nearest") and place:
        founds = _browsed(need, snapshot, chosen, ordering.nearest(founds, query["nearest"]))
    page, per_page = query.get("page") or 1, query.get("per_page") or 20
    spots = ordering.page(founds, sort, need, relevance, starts, (page - 1) * per_page, per_page)
    counts = facets.facets(founds)
    counts.pop("band")
    return {
        "as_of": _instant(now), "place": _place_out(place), "place_choices": [_place_out(one) for one in choices],
        "total": sum(len(found.rows) for found in founds), "page": page, "per_page": per_page,
        "programs": [_program(founds[which], index, now) for which, index in spots],
        "facets": counts, "understood": [],
        **({"named": _named(named, need, snapshot, now)} if named else {}),
    }


def _browsed(need: Need, snapshot: Snapshot, chosen: Choices, kept: Sequence[Array | None]) -> list[Found]:
    return [engine.search(need, part.columns, FINDER_1.weights, relaxing=False, dead=part.dead,
                          filters=chosen.filters(need, rows))
            for part, rows in zip(snapshot.parts, kept, strict=True)]


def _starts(query: Mapping[str, Any], sort: str, snapshot: Snapshot, place: Place | None,
            now: datetime) -> tuple[Window, list[Array | None]]:
    """The hours asked for, and per part when each row next starts in them, where somebody asks."""
    window = window_of(query)
    if not window.narrows and sort != "next_session":
        return window, [None] * len(snapshot.parts)
    formats = (query.get("filters") or {}).get("formats", {}).get("any", ())
    return window, [next_starts(part.columns, window, now, place.timezone if place else None, formats)
                    for part in snapshot.parts]


def _named(named: Sequence[str], need: Need, snapshot: Snapshot, now: datetime) -> list[dict[str, Any]]:
    """The listings of these ids that are published, in this order, whatever the radius."""
    kept = [~ordering.others(part, named) for part in snapshot.parts]
    founds = _browsed(replace(need, radius_miles=None), snapshot, Choices({}), kept)
    made = [_program(found, index, now) for found in founds for index in range(len(found.rows))]
    return sorted(made, key=lambda one: named.index(one["id"]))


def _program(found: Found, index: int, now: datetime) -> dict[str, Any]:
    row = int(found.rows[index])
    name: Name = found.columns.names[row]
    listing = document(found.columns, row)
    starts = next_sessions(listing, now)
    miles = float(found.miles(np.array([index]))[0])
    return {"id": name.id, "listing": shown.summary(listing, name.id, name.slug),
            "distance_miles": None if np.isnan(miles) else round(miles, 1),
            "next_session": starts[0] if starts else None, "document": shown.public(listing)}
