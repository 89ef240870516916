"""What the list is worth: how many listings a person checked lately, where groups are missing, what was not found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_skeleton
from flask import current_app, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.accounts.permissions import Action, Role
from finder.listings import insight as shares
from finder.listings import tallies
from finder.listings.insight import DAYS, Checked
from finder.matching.columns import KINDS
from finder.places.counties import NUMBERS
from finder.places.people import YEAR
from finder.search import coverage
from finder.search.coverage import REACH_MILES, REMOTE, Area, Coverage, Wanted
from finder.vocabulary import vocabulary
from finder.web.desk import render
from finder.web.own import own
from finder.web.pages import services, snapshot
from finder.web.signed_in import actor
from finder.web.steward import county_map
from finder.web.steward.blueprint import desk
from finder.wordings import facts, states
from finder.wordings.language import gettext, locale, miles, ngettext, number

ALL = "all"  # of the choice of states
SHOWN_FIRST = 15  # rows of a long table; the rest is folded under them
MOST_KEPT = 64  # answers that are kept until the listings change
GAUGE = 600  # units of width


@dataclass(frozen=True, slots=True)
class Share:
    """A part of all listings: words, count, and in the drawing its class, where it begins and how wide it is."""

    words: str
    count: int
    kind: str
    left: int
    wide: int


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table of gaps, in words."""

    name: str
    groups: str
    nearest: str
    without: str


@desk.page("/insight", Action.SEE_INSIGHT)
def insight() -> ResponseReturnValue:
    """How fresh the listings are, where groups are missing, and what people looked for and did not find"""
    today, chosen = services().now().date(), _chosen()
    months = tallies.told_months(today)
    month = next((one for one in months if one.isoformat() == request.args.get("month")), months[0])
    checked, by_state = _kept("shares", lambda: _counted(today))
    with services().database.reading() as session:
        unmet = tallies.told(session, tallies.UNMET, month, today=today)
    return render(
        "steward/insight", demo=snapshot().demo, checked=checked, shares=_shares(checked), days=DAYS,
        states=[(_state(code), one) for code, one in sorted(by_state.items(), key=lambda one: -one[1].total)],
        **_gaps(chosen), counting=services().settings.tallies == "on", fewest=tallies.FEWEST,
        month=month.isoformat(), months=[(one.isoformat(), _month(one)) for one in months],
        unmet=[(_state(cell.state.partition(":")[2]), facts.label("focus_areas", cell.key), number(count))
               for cell, count in unmet])


def _counted(today: date) -> tuple[Checked, Mapping[str, Checked]]:
    with services().database.reading() as session:
        return shares.checked(session, today), shares.by_state(session, today)


def _kept(asked: object, make: Callable[[], Any]) -> Any:
    """What was worked out once, until the listings or the day change."""
    now = snapshot()
    kept: dict[Any, Any] = current_app.extensions.setdefault("finder_insight", {})
    key = (now.version, now.today, asked)
    found = kept.get(key)
    if found is None:
        if len(kept) >= MOST_KEPT or any(one[:2] != key[:2] for one in list(kept)[:1]):
            kept.clear()
        found = kept[key] = make()
    return found


def _state(code: str) -> str:
    return states.name(code) if code else gettext("No known place")


def _month(first: date) -> str:
    return format_skeleton("yMMMM", first, locale=locale())


def _shares(checked: Checked) -> list[Share]:
    low, middle, high = checked.within
    parts = [(gettext("Up to 30 days ago"), low), (gettext("31 to 90 days ago"), middle - low),
             (gettext("91 to 180 days ago"), high - middle),
             (gettext("Longer ago, or never by a person"), checked.total - high)]
    found, left = [], 0
    for place, (words, count) in enumerate(parts, 1):
        wide = round(GAUGE * count / checked.total) if checked.total else 0
        found.append(Share(words, count, f"g{place}", left, max(0, wide - 3)))
        left += wide
    return found


# -- where groups are missing ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen of the form; `state` two letters, or ALL."""

    wanted: Wanted
    state: str


def _chosen() -> Chosen:
    asked, lists = request.args, vocabulary().lists
    focus, language, kind = (asked.get(name, "") for name in ("topic", "language", "way"))
    state = asked.get("state", "")
    return Chosen(Wanted(focus if focus in lists["focus_areas"].codes else "",
                         language if language in lists["languages"].codes else "", kind if kind in KINDS else ""),
                  state if state in NUMBERS or state == ALL else _own_state())


def _own_state() -> str:
    """Where a steward's region lies, else where this site's groups are, else the whole country."""
    mine = sorted(one.partition(":")[2] for one in actor().regions(Role.STEWARD) or ())
    return next((one for one in (*mine, *own().saved.states) if one in NUMBERS), ALL)


def _gaps(chosen: Chosen) -> dict[str, Any]:
    found: Coverage = _kept(chosen, lambda: _coverage(chosen))
    everywhere = chosen.state == ALL
    names = {code: states.name(code) for code in NUMBERS} if everywhere else {}
    # A county without a ZIP code of its own has nobody to be missed by; it is drawn, and not counted.
    lived_in = [one for one in found.areas if one.people != 0]
    lines = [_line(one, names) for one in lived_in]
    bare = sum(1 for one in lived_in if not one.groups)
    map_ = county_map.of_states(found.areas) if everywhere else county_map.of_state(chosen.state, found.areas)
    return {
        "chosen": chosen, "map": map_, "lines": lines[:SHOWN_FIRST], "more": lines[SHOWN_FIRST:],
        "everywhere": everywhere, "place": gettext("the United States") if everywhere else states.name(chosen.state),
        "headline": _headline(bare, everywhere), "remote": number(found.remote), "wants_remote":
            chosen.wanted.kind in ("", *REMOTE), "meets": chosen.wanted.kind in ("", "in_person"),
        "meeting": found.meeting, "reach": miles(REACH_MILES), "all": ALL,
        "year": YEAR, "uncounted": any(one.people is None for one in lived_in),
        "topics": sorted(_options("focus_areas"), key=lambda one: one[1]), "languages": _options("languages"),
        "ways": [(code, wording.label("session_formats", code)) for code in KINDS],
        "all_states": sorted(((code, states.name(code)) for code in NUMBERS), key=lambda one: one[1]),
    }


def _headline(bare: int, everywhere: bool) -> str:
    if everywhere:
        return ngettext("%(num)s state has no group near", "%(num)s states have no group near", bare)
    return ngettext("%(num)s county has no group near", "%(num)s counties have no group near", bare)


def _options(name: str) -> list[tuple[str, str]]:
    return [(code, facts.label(name, code)) for code in vocabulary().lists[name].codes]


def _coverage(chosen: Chosen) -> Coverage:
    now = snapshot()
    return coverage.of_states(now, chosen.wanted) if chosen.state == ALL \
        else coverage.of_state(now, chosen.wanted, chosen.state)


def _line(one: Area, names: Mapping[str, str]) -> Line:
    nearest = "" if one.nearest_miles is None else miles(max(1, round(one.nearest_miles)))
    return Line(names.get(one.code) or one.name or gettext("a county without a name here"), number(one.groups), nearest,
                _of(one.people_without, one.people))


def _of(some: int | None, everybody: int | None) -> str:
    if some is None or everybody is None:
        return ""
    return gettext("%(count)s of %(all)s", count=number(rounded(some)), all=number(rounded(everybody)))


def rounded(people: int) -> int:
    """A count with two figures that say something: an old one is not true to the last person."""
    return round(people, min(0, 2 - len(str(people))))
