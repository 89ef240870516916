"""Why a listing stands where it stands: one reason per criterion, as a code and the facts behind it.

Reads the same utilities that made the score (contract section 9). Listings repeat themselves and so do searches, so a
reason is made once for equal facts and equal answers, and shared.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from finder.matching import reasons, scoring
from finder.matching.chosen import Way, chosen_ways
from finder.matching.engine import Found
from finder.matching.facts import Facts
from finder.matching.judging import AVOIDED
from finder.matching.reasons import Said
from finder.matching.types import Need
from finder.matching.ways import unstated_schedule

WEAK = 0.6  # contract section 9: every utility up to this is named among what to ask first
MOST_KEPT = 16_384  # reasons of one set of columns
MOST_ROWS = 1_000  # reasons of a longer list than this are not kept: it is no page that somebody reads
_NOISE = 1e-9


@dataclass(slots=True, eq=False)
class Check:
    """One question to ask first; `line` is how a match document puts it: `criterion` (the soft criterion, or the hard
    constraint, behind it), `code` and `values`.

    `written`: the same in writing, by language, where a door has put it down to use it again; `lasting`: whether that
    pays, as it is kept for the next search.
    """

    line: dict[str, Any]
    lasting: bool = True
    written: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, criterion: str, code: str, values: Mapping[str, Any], lasting: bool = True) -> Check:
        """The question of a code and its facts."""
        return cls({"criterion": criterion, "code": code, "values": values}, lasting)


@dataclass(slots=True, eq=False)
class Reason:
    """One criterion of one match: code, facts, utility 0..1 and the weight in force. Shared, so nobody writes in it.

    `line` is how a match document puts it. `worth` and `loss` order reasons, lowest first: what it brought, and what
    it cost. `check` asks about it when it is weak. `lasting` and `written` as in Check.
    """

    line: dict[str, Any]
    worth: float
    loss: float
    check: Check | None
    lasting: bool
    written: dict[str, Any] = field(default_factory=dict)


class Explained(NamedTuple):
    """What is said of one match. `reasons` highest weight times utility first."""

    way: Way | None
    reasons: list[Reason]


class _Criterion(NamedTuple):
    """A criterion that looks at the listing alone, not at the chosen way.

    `reads`: the fields of a listing that code, facts, utility and gate depend on; `asks`: the answers they depend on,
    None where these are not to be remembered beyond the search.
    """

    trait: str
    reads: tuple[str, ...]
    asks: Callable[[Need], Hashable | None]
    say: Callable[[Need, Mapping[str, Any], float, float, date], Said]


def _preference_asks(need: Need) -> Hashable | None:
    """Goals of drinking and drug use, and what concerns faith, are forgotten."""
    if need.goal is not None or "secular" in need.identities:
        return None
    return need.led_by, need.one_to_one


_CRITERIA: Mapping[str, _Criterion] = {
    # Several needs in their order are seldom asked for twice, and would drive out what is.
    "need": _Criterion("focus", ("focus",), lambda need: need.needs if len(need.needs) < 2 else None, reasons.need),
    "severity": _Criterion("kind", ("severity", "group_type"), lambda need: (need.level,), reasons.severity),
    "preference": _Criterion("style", ("led_by", "policies", "modalities", "populations", "restricted_to"),
                             _preference_asks, reasons.preference),
    "cost": _Criterion("money", ("cost",),
                       lambda need: (need.cost_kind, need.cost_amount, tuple(sorted(need.insurance))), reasons.cost),
    "identity": _Criterion("groups", ("populations", "restricted_to", "gender_mix"), lambda need: None,
                           reasons.identity),
    "availability": _Criterion("opening", ("capacity", "starts_on", "open_group"), lambda need: (need.start_soon,),
                               reasons.availability),
    "freshness": _Criterion("fresh", ("verified",), lambda need: (), reasons.freshness),
}


# Every field of a listing that a reason or a question reads.
READ = tuple(dict.fromkeys([name for one in _CRITERIA.values() for name in one.reads] + [
    "accessibility", "age", "attendees", "coverage", "interpreter", "languages", "licensed_states"]))


def read_of(listing: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a listing that reasons and questions read."""
    return {name: listing[name] for name in READ if name in listing}


def pieces_of(listing: Mapping[str, Any], written: Callable[[Any], Hashable] = repr) -> dict[str, Hashable]:
    """By criterion, what it reads of a listing, in writing, so that 10 and 10.0 stay apart as they do in an answer."""
    get = listing.get
    return {name: written([get(field) for field in one.reads]) for name, one in _CRITERIA.items()}


def explain(found: Found, indexes: Sequence[int], facts: Sequence[Facts],
            weights: Mapping[str, float]) -> list[Explained]:
    """The reasons of passing rows, given by their places in `found.rows` with the facts of their listings."""
    ways = chosen_ways(found, indexes, [one.offers for one in facts])
    table = _Table(found, found.rows[np.array(indexes, np.int64)], facts, weights)
    columns = [table.of_listing("need"), table.of_listing("severity"), table.reach(ways), table.schedule(ways),
               table.of_listing("preference"), table.of_listing("cost"), table.identity(),
               table.of_listing("availability"), table.of_listing("freshness")]
    explained = [Explained(chosen, sorted(row, key=attrgetter("worth")))
                 for chosen, row in zip(ways, zip(*columns, strict=True), strict=True)]
    if found.need.access:
        for one, fact in zip(explained, facts, strict=True):
            said = reasons.access(found.need, fact.listing, one.way)
            if said is not None:
                one.reasons.append(_access(*said))
    return explained


class _Table:
    """The reasons of some rows, made criterion by criterion, so that NumPy is asked once for all of them."""

    def __init__(self, found: Found, rows: Any, facts: Sequence[Facts], weights: Mapping[str, float]) -> None:
        self.found, self.need, self.rows, self.facts = found, found.need, rows, facts
        self.weights = {criterion: round(weight, 4) for criterion, weight in weights.items()}
        self.kept: dict[tuple[str, Hashable], Reason] = found.columns.reasons if len(rows) <= MOST_ROWS else {}
        if len(self.kept) >= MOST_KEPT:
            self.kept.clear()

    def of_listing(self, name: str) -> list[Reason]:
        """One criterion of every row; made only where no equal reason is at hand."""
        asked = _CRITERIA[name].asks(self.need)
        kept: dict[tuple[str, Hashable], Reason] = {} if asked is None else self.kept
        wish = self._wish(name, asked)
        keys = [(wish, one.pieces[name]) for one in self.facts]
        known = [kept.get(key) for key in keys]
        if None in known:
            self._make(name, keys, kept, asked is not None)
            return [kept[key] for key in keys]
        return known  # type: ignore[return-value]

    def _wish(self, name: str, asked: Hashable) -> str:
        """What of a search enters a criterion, in writing, for the same reason as in `pieces_of`."""
        return repr((name, asked, self.weights[name]))

    def _make(self, name: str, keys: Sequence[tuple[str, Hashable]], kept: dict[tuple[str, Hashable], Reason],
              lasting: bool) -> None:
        """Makes the reasons that are not at hand, each once."""
        fresh: dict[tuple[str, Hashable], int] = {}
        for at, key in enumerate(keys):
            if key not in kept and key not in fresh:
                fresh[key] = at
        places = list(fresh.values())
        today, say, weight = self.found.columns.today, _CRITERIA[name].say, self.weights[name]
        for key, at, utility, gate in zip(fresh, places, *self._utilities(name, self.rows[places]), strict=True):
            said = say(self.need, self.facts[at].listing, utility, gate, today)
            kept[key] = _reason(name, *said, utility, weight, lasting)

    def _utilities(self, name: str, rows: Any) -> tuple[list[float], list[float]]:
        """Utility and gate of rows."""
        trait = _CRITERIA[name].trait
        part, value = self.found.parts[trait], self.found.values(trait, rows)
        worth = part.utility[name][value].tolist()
        return worth, [1.0] * len(worth) if part.gate is None else part.gate[value].tolist()

    def identity(self) -> list[Reason]:
        """Who it is for; instead, where something is met that the person would rather avoid, just that."""
        made = self.of_listing("identity")
        if not self.need.avoid:
            return made
        shunned = self._avoided()
        if any(shunned):
            for at, (utility, gate) in enumerate(zip(*self._utilities("identity", self.rows), strict=True)):
                if shunned[at]:
                    said = reasons.avoided(self.need, self.facts[at].listing, gate)
                    made[at] = _reason("identity", *said, utility, self.weights["identity"], False)
        return made

    def _avoided(self) -> list[bool]:
        out = np.zeros(len(self.rows), bool)
        for trait in ("kind", "style", "groups"):
            flags = self.found.parts[trait].flags
            if flags is not None:
                out |= (flags[self.found.values(trait, self.rows)] & AVOIDED) != 0
        found: list[bool] = out.tolist()
        return found

    def reach(self, ways: Sequence[Way | None]) -> list[Reason]:
        """The format and distance of the chosen ways. Distances are from where the person is, and not remembered."""
        wish, weight = self._wish("reach", None), self.weights["reach"]
        made = []
        for way in ways:
            if way is not None and way.miles is not None:
                made.append(_reason("reach", *reasons.reach(self.need, way), way.reach, weight, False))
                continue
            key = (wish, None if way is None else (way.kind, way.chosen, way.reach))
            one = self.kept.get(key)
            if one is None:
                worth = scoring.UNKNOWN if way is None else way.reach
                one = self.kept[key] = _reason("reach", *reasons.reach(self.need, way), worth, weight, True)
            made.append(one)
        return made

    def schedule(self, ways: Sequence[Way | None]) -> list[Reason]:
        """The times of the chosen ways."""
        wish, weight = self._wish("schedule", tuple(sorted(self.need.times))), self.weights["schedule"]
        made = []
        for way in ways:
            key = (wish, None if way is None else (way.slots, way.rule is not None and way.rule.anytime))
            one = self.kept.get(key)
            if one is None:
                worth = unstated_schedule(self.need) if way is None else way.schedule
                one = self.kept[key] = _reason("schedule", *reasons.schedule(self.need, way), worth, weight, True)
            made.append(one)
        return made


def _reason(criterion: str, code: str, values: dict[str, Any], utility: float, weight: float, lasting: bool) -> Reason:
    shown = round(utility, 4)
    line = {"criterion": criterion, "code": code, "values": values, "utility": shown, "weight": weight}
    check = Check.of(criterion, code, values, lasting) if shown <= WEAK + _NOISE else None
    return Reason(line, -weight * shown, -weight * (1 - shown), check, lasting)


def _access(code: str, values: dict[str, Any], utility: float) -> Reason:
    """Carries no weight: its gate has entered the score already. Anything but a plain yes is worth a question."""
    line = {"criterion": "access", "code": code, "values": values, "utility": utility, "weight": 0.0}
    return Reason(line, 0.0, 0.0, None if code == "access_yes" else Check.of("access", code, values, False), False)
