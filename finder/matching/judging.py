"""Every rule that looks at one trait of a listing, run over the trait's values: bits, codes, points, gates, flags.

Rows only gather what stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from finder.matching import eligibility, scoring, ways
from finder.matching.columns import Columns
from finder.matching.ruleset import BIT, CARE_TYPES, PLACE_FEATURES
from finder.matching.traits import ACCESS, GROUP_TYPES, Array
from finder.matching.types import Need

# Row code: what decides in the first pass. Bits 3-7 are the blocks of `ways` (FAR is found per row).
FAILS, FAILS_COST, FILTERED = 1, 2, 4
BLOCK_SHIFT = 3
# Row flags: what the safety order asks of a program (contract section 8).
TOO_LIGHT, CONTAINS, CARE, AVOIDED, RIDES = 1, 2, 4, 8, 16

# Marks of the compiled loops: the row code in the lowest byte, then the row flags, then the place of the gate in GATES.
FLAG_SHIFT, GATE_SHIFT = 8, 16
# trait -> (first bit, the gates it can give; contract section 7). A row's gate is the product of one of each.
_GATES: Mapping[str, tuple[int, tuple[float, ...]]] = {
    "focus": (0, (1.0, 0.8, 0.35)), "kind": (2, (1.0, 0.8, 0.5)), "fresh": (4, (1.0, 0.8)),
    "opening": (5, (1.0, 0.7)), "groups": (6, (1.0, 0.6)),
}
GATES = np.array([np.prod([gates[min(place >> first & (3 if len(gates) > 2 else 1), len(gates) - 1)]
                           for first, gates in _GATES.values()]) for place in range(128)])

MOST_KEPT = 512
_RIDE = ACCESS.index("ride_help")


@dataclass(slots=True)
class Parts:
    """What one trait gives per value; None where this search does not ask."""

    bits: Array | None = None
    code: Array | None = None
    add: Array | None = None
    gate: Array | None = None
    flags: Array | None = None
    marks: Array | None = None  # code, flags and gate packed for the compiled loops
    utility: Mapping[str, Array] = field(default_factory=dict)
    fails_by_cost: bool = False  # among `bits` there may be that of cost, which `relax` can take back


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader narrows the list to, on top of the rules. What is filtered out is not counted as hidden.

    `traits`: trait -> function of its table, giving True per value that stays; `lists`: function of the lists of way
    classes; `rows`: True per row that stays.
    """

    traits: Mapping[str, Callable[[Any], Array]] = field(default_factory=dict)
    lists: Callable[[Array], Array] | None = None
    rows: Array | None = None

    @property
    def active(self) -> bool:
        return bool(self.traits) or self.lists is not None or self.rows is not None


NO_FILTERS = Filters()


def judge_traits(need: Need, columns: Columns, weights: Mapping[str, float],
                 filters: Filters) -> dict[str, Parts]:
    """Every rule that looks at one trait, over its values.

    What one small part of the answers makes of a trait is kept for the next search that gives the same part. The parts
    are kept apart, so nothing here holds one person's answers together; place, age, safety and identities are not kept.
    """
    tables = columns.tables
    parts = {trait: _kept(trait, need, columns, weights) for trait in _KEPT}
    parts |= {
        "groups": _groups(need, tables["groups"], weights), "rules": _rules(need, tables["rules"]),
        "who": Parts(bits=eligibility.who(need, tables["who"])), "area": _area(need, tables["area"]),
    }
    for trait in ("groups", "rules", "who", "area"):
        _finish(trait, parts[trait])
    for trait, stays in filters.traits.items():
        parts[trait] = _filtered(trait, parts[trait], stays(tables[trait]))
    return parts


def _finish(trait: str, part: Parts) -> None:
    if part.bits is not None and not part.bits.any():
        part.bits = None
    part.code = _code(part)
    part.marks = _marks(trait, part)


def _marks(trait: str, part: Parts) -> Array | None:
    """Code, flags and gate of each value in one number; None where all are nothing."""
    found: Array | None = None
    for shift, one in ((0, part.code), (FLAG_SHIFT, part.flags), (GATE_SHIFT, _gate_place(trait, part.gate))):
        if one is not None and one.any():
            mine = one.astype(np.uint32) << np.uint32(shift)
            found = mine if found is None else found | mine
    return found


def _gate_place(trait: str, gate: Array | None) -> Array | None:
    if gate is None:
        return None
    first, gates = _GATES[trait]
    place: Array = (gate == gates[1]) * np.uint32(1 << first)
    for number, one in enumerate(gates[2:], 2):
        place[gate == one] = number << first
    return place


def _kept(trait: str, need: Need, columns: Columns, weights: Mapping[str, float]) -> Parts:
    asked, judge, criteria = _KEPT[trait]
    key = (trait, asked(need), tuple(weights[one] for one in criteria))
    part: Parts | None = columns.judged.get(key)
    if part is None:
        part = judge(need, columns.tables[trait], weights)
        _finish(trait, part)
        if len(columns.judged) >= MOST_KEPT:
            columns.judged.clear()
        columns.judged[key] = part
    return part


def _filtered(trait: str, part: Parts, stays: Array) -> Parts:
    out = np.where(stays, 0, FILTERED).astype(np.uint8)
    found = replace(part, code=out if part.code is None else part.code | out)
    found.marks = _marks(trait, found)
    return found


def _focus(need: Need, table: Any, weights: Mapping[str, float]) -> Parts:
    utility = scoring.need(need, table)
    return Parts(add=weights["need"] * utility, gate=scoring.need_gate(utility), utility={"need": utility})


def _kind(need: Need, table: Any, weights: Mapping[str, float]) -> Parts:
    level = scoring.severity(need, table)
    flags = np.zeros(len(level), np.uint8)
    if need.level is not None:
        flags |= TOO_LIGHT * (table.high <= need.level - 2).astype(np.uint8)
        contains = (table.low <= need.level) & (need.level <= table.high)
        flags |= CONTAINS * contains.astype(np.uint8)
        care = np.isin(table.group_type, [place for place, code in enumerate(GROUP_TYPES) if code in CARE_TYPES])
        flags |= CARE * care.astype(np.uint8)
    if need.avoid:
        flags |= AVOIDED * scoring.avoided_kind(need.avoid, table).astype(np.uint8)
    return Parts(gate=scoring.severity_gate(level), flags=flags, add=weights["severity"] * level,
                 utility={"severity": level})


def _style(need: Need, table: Any, weights: Mapping[str, float]) -> Parts:
    preference = scoring.preference(need, table)
    part = Parts(bits=eligibility.style(need, table), add=weights["preference"] * preference,
                 utility={"preference": preference})
    if need.avoid:
        part.flags = AVOIDED * scoring.avoided_style(need.avoid, table).astype(np.uint8)
    return part


def _rules(need: Need, table: Any) -> Parts:
    part = Parts(bits=eligibility.rules(need, table))
    if need.age is not None and need.age < 18:
        part.code = np.where(table.unmoderated, ways.UNMODERATED << BLOCK_SHIFT, 0).astype(np.uint8)
    return part


def _groups(need: Need, table: Any, weights: Mapping[str, float]) -> Parts:
    utility = scoring.identity(need, table)
    part = Parts(bits=eligibility.groups(need, table), add=weights["identity"] * utility,
                 gate=scoring.restriction_gate(need, table), utility={"identity": utility})
    if need.avoid:
        part.flags = AVOIDED * scoring.avoided_groups(need.avoid, table).astype(np.uint8)
    return part


def _money(need: Need, table: Any, weights: Mapping[str, float]) -> Parts:
    utility = scoring.cost(need, table)
    return Parts(bits=eligibility.money(need, table), add=weights["cost"] * utility,
                 utility={"cost": utility, "price": scoring.price(need, table)},
                 fails_by_cost=True)


def _opening(need: Need, table: Any, weights: Mapping[str, float]) -> Parts:
    utility = scoring.availability(need, table)
    return Parts(bits=eligibility.opening(need, table), add=weights["availability"] * utility,
                 gate=scoring.availability_gate(utility),
                 utility={"availability": utility, "weeks": np.where(table.weeks < 0, np.inf, table.weeks)})


def _fresh(table: Any, weights: Mapping[str, float]) -> Parts:
    utility = scoring.freshness(table)
    return Parts(add=weights["freshness"] * utility, gate=scoring.freshness_gate(utility),
                 utility={"freshness": utility})


def _area(need: Need, table: Any) -> Parts:
    blocked = eligibility.unlicensed(need, table)
    return Parts(bits=eligibility.area(need, table),
                 code=np.where(blocked, ways.UNLICENSED << BLOCK_SHIFT, 0).astype(np.uint8))


def _access(need: Need, table: Any) -> Parts:
    code = np.zeros(len(table.answer), np.uint8)
    for place, feature in enumerate(ACCESS):
        if feature in need.access_required:
            block = ways.NO_PLACE_ACCESS if feature in PLACE_FEATURES else ways.NO_ACCESS
            code |= np.where(table.answer[:, place] == 3, block << BLOCK_SHIFT, 0).astype(np.uint8)
    if need.languages == frozenset(("asl",)):
        captions = table.answer[:, ACCESS.index("captions")] != 1
        code |= np.where(captions, ways.NO_CAPTIONS << BLOCK_SHIFT, 0).astype(np.uint8)
    part = Parts(code=code, flags=(RIDES * (table.answer[:, _RIDE] == 1)).astype(np.uint8))
    if need.access:
        part.utility = {"in_person": scoring.access_gate(need, table, remote=False),
                        "remote": scoring.access_gate(need, table, remote=True)}
    return part


def _code(part: Parts) -> Array | None:
    code = part.code
    if part.bits is not None:
        fails: Array
        cost = np.uint16(BIT["cost"])
        if part.fails_by_cost:
            fails = ((part.bits & ~cost) != 0) * np.uint8(FAILS) | ((part.bits & cost) != 0) * np.uint8(FAILS_COST)
        else:
            fails = (part.bits != 0) * np.uint8(FAILS)
        return fails if code is None else code | fails
    return code if code is None or code.any() else None


def _talk(need: Need, table: Any, weights: Mapping[str, float]) -> Parts:
    return Parts(bits=eligibility.talk(need, table))


def _fresh_of(need: Need, table: Any, weights: Mapping[str, float]) -> Parts:
    return _fresh(table, weights)


def _access_of(need: Need, table: Any, weights: Mapping[str, float]) -> Parts:
    return _access(need, table)


# Trait -> the part of the answers it looks at, its rules, and the criteria whose weights enter.
_KEPT: Mapping[str, tuple[Callable[[Need], Any], Callable[[Need, Any, Mapping[str, float]], Parts],
                          tuple[str, ...]]] = {
    "focus": (lambda need: need.needs, _focus, ("need",)),
    "kind": (lambda need: (need.level, need.avoid), _kind, ("severity",)),
    "style": (lambda need: (need.led_by, need.goal, "secular" in need.identities, need.one_to_one, need.avoid), _style,
              ("preference",)),
    "talk": (lambda need: need.languages, _talk, ()),
    "money": (lambda need: (need.cost_kind, need.cost_amount, need.insurance), _money, ("cost",)),
    "opening": (lambda need: (need.start_soon, need.purpose), _opening, ("availability",)),
    "fresh": (lambda need: None, _fresh_of, ("freshness",)),
    "access": (lambda need: (need.access, need.access_required, need.languages == frozenset(("asl",))), _access_of, ()),
}
