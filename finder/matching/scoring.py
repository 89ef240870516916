"""Soft criteria and gates (contract sections 6 and 7), each defined once, over the values of a trait.

A utility is 0..1 per value. Reach and schedule belong to a way to attend and stand in `ways`.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import numpy as np

from finder.matching.eligibility import applies
from finder.matching.ruleset import (
    BROAD,
    DAYS_PER_MONTH,
    LOSS_KINDS,
    LOSS_NEEDS,
    PLACE_FEATURES,
    SIBLINGS,
    SUBSTANCES,
)
from finder.matching.traits import (
    ACCESS,
    FOCUS,
    FOCUS_BITS,
    GROUP_TYPES,
    LEADERS,
    MODALITY_BITS,
    NONE,
    PAYER_BITS,
    POPULATION_BITS,
    AccessTable,
    Array,
    FocusTable,
    FreshTable,
    GroupsTable,
    KindTable,
    MoneyTable,
    OpeningTable,
    StyleTable,
    place_of,
)
from finder.matching.types import Need

UNKNOWN = 0.6  # contract section 6: what is not stated scores in the middle

_FOCUS = place_of(FOCUS)
_LOSS_BITS = np.uint64(FOCUS_BITS(LOSS_NEEDS))
# Main focuses that someone who names no need is least likely to look for (contract section 6, "No needs").
_SPECIAL_MAIN = np.array([_FOCUS[code] for code in (*sorted(SUBSTANCES), "general_recovery", *sorted(LOSS_NEEDS))])
_PEERS = [place_of(LEADERS)[code] for code in ("peer", "certified_peer", "co_led")]
_PROFESSIONALS = [place_of(LEADERS)[code] for code in ("licensed_clinician", "medical", "co_led")]
_BETWEEN = [place_of(LEADERS)[code] for code in ("trained_facilitator", "trainee", "chaplain")]


@cache
def match_levels(code: str) -> tuple[tuple[float, int], ...]:
    """How well other focus codes answer a need: (match, mask of codes), best first (contract section 6, need)."""
    broad = [focus for focus, reached in BROAD.items() if code in reached]
    near = {other for group in SIBLINGS if code in group for other in group} - {code}
    far: set[str] = set()
    if code in LOSS_KINDS:
        near.add("grief")
        far = set(LOSS_KINDS) - {code}
    elif code == "grief":
        far = set(LOSS_KINDS)
    return ((0.7, FOCUS_BITS(broad)), (0.45, FOCUS_BITS(near)), (0.15, FOCUS_BITS(far)))


def need_matches(code: str, table: FocusTable) -> Array:
    """The best match of one need over the focus of each value, 0..1. Nobody writes in it: it is kept for the next."""
    found = table.answers.get(code)
    if found is None:
        found = table.answers[code] = _need_matches(code, table)
    return found


def _need_matches(code: str, table: FocusTable) -> Array:
    best = np.zeros(len(table.main))
    for match, mask in reversed(match_levels(code)):
        if mask:
            best[(table.mask & np.uint64(mask)) != 0] = match
    best[(table.mask & np.uint64(1 << _FOCUS[code])) != 0] = 0.9
    best[table.main == _FOCUS[code]] = 1.0
    return best


def need(need: Need, table: FocusTable) -> Array:
    if not need.needs:
        found = np.full(len(table.main), 0.5)
        found[np.isin(table.main, _SPECIAL_MAIN)] = 0.4
        found[(table.mask & np.uint64(FOCUS_BITS(("general_mh",)))) != 0] = 0.8
        found[table.main == NONE] = 0.4
        return found
    best = np.zeros(len(table.main))
    met = np.zeros(len(table.main))
    for place, code in enumerate(need.needs):
        matches = need_matches(code, table)
        best = np.maximum(best, matches if place == 0 else 0.85 * matches)
        met += matches >= 0.9
    found = 0.9 * best + 0.1 * (met / len(need.needs))
    if not LOSS_NEEDS & set(need.needs):
        main_bit = np.left_shift(np.uint64(1), np.minimum(table.main, 63).astype(np.uint64))
        found[(table.main != NONE) & ((main_bit & _LOSS_BITS) != 0)] *= 0.6
    found[table.main == NONE] = 0.4
    return found


def severity(need: Need, table: KindTable) -> Array:
    if need.level is None:
        return np.full(len(table.low), UNKNOWN)
    above = need.level - table.high.astype(int)
    below = table.low.astype(int) - need.level
    found = np.select(
        [above >= 3, above == 2, above == 1, below >= 3, below == 2, below == 1], [0.0, 0.15, 0.45, 0.2, 0.4, 0.75], 1.0
    )
    return np.where(table.stated, found, (UNKNOWN + found) / 2)


def leader(need: Need, table: StyleTable) -> Array:
    """How well who leads it fits the wish for peers or professionals."""
    fits = _PEERS if need.led_by == "peer" else _PROFESSIONALS
    return np.select([np.isin(table.led_by, fits), np.isin(table.led_by, [*_BETWEEN, NONE])], [1.0, 0.6], 0.3)


def goal(need: Need, table: StyleTable) -> Array:
    """How well the way of working fits moderation, or not having decided."""

    def works(*codes: str) -> Array:
        found: Array = (table.modalities & np.uint32(MODALITY_BITS(codes))) != 0
        return found

    if need.goal == "unsure":
        return np.select([works("MI"), works("CBT", "self_management_training", "moderation")], [1.0, 0.7], 0.4)
    return np.select(
        [table.moderation == 2, (table.moderation == 1) | works("moderation", "MI"),
         works("CBT", "self_management_training"), works("mutual_aid_12step") | table.sober_days],
        [0.0, 1.0, 0.8, 0.1], 0.4,
    )


def secular(table: StyleTable) -> Array:
    spiritual = (table.modalities & np.uint32(MODALITY_BITS(("mutual_aid_12step", "faith_recovery")))) != 0
    return np.where(spiritual | table.faith, 0.0, 1.0)


def one_to_one(table: StyleTable) -> Array:
    return np.select([table.one_to_one, table.small], [1.0, 0.6], 0.1)


def preference_parts(need: Need, table: StyleTable) -> dict[str, Array]:
    """The parts that apply to this person, by name."""
    parts: dict[str, Array] = {}
    if need.led_by in ("peer", "professional"):
        parts["leader"] = leader(need, table)
    if need.goal in ("moderation", "unsure"):
        parts["goal"] = goal(need, table)
    if "secular" in need.identities:
        parts["secular"] = secular(table)
    if need.one_to_one:
        parts["one_to_one"] = one_to_one(table)
    return parts


def preference(need: Need, table: StyleTable) -> Array:
    parts = list(preference_parts(need, table).values())
    if not parts:
        return np.ones(len(table.led_by))
    stack = np.vstack(parts)
    found: Array = 0.5 * stack.mean(axis=0) + 0.5 * stack.min(axis=0)
    return found


def covered(need: Need, table: MoneyTable) -> Array:
    """Whether a payer of the person is among those accepted."""
    found: Array = table.insurance_stated & ((table.payers & np.uint16(PAYER_BITS(need.insurance))) != 0)
    return found


def cost(need: Need, table: MoneyTable) -> Array:
    known = bool(need.insurance) and "unknown" not in need.insurance
    has_list, priced = table.payers != 0, table.amount > 0
    by_list = np.where(has_list, np.where(table.sliding, 0.7, 0.2 if known else 0.5), -1.0)
    limit = need.cost_amount if need.cost_kind == "up_to" and need.cost_amount is not None else -1.0
    otherwise = 0.6 if need.cost_kind in (None, "any") else 0.2
    by_amount = np.select(
        [priced & (table.amount <= limit), priced & table.sliding, priced], [0.8, UNKNOWN, otherwise], -1.0
    )
    neither = np.where(table.sliding, UNKNOWN, 0.5)
    found = np.where(has_list | priced, np.maximum(by_list, by_amount), neither)
    found[table.free | (table.amount == 0) | covered(need, table)] = 1.0
    found[~table.stated] = UNKNOWN
    return found


def price(need: Need, table: MoneyTable) -> Array:
    """Dollars a session costs this person, for ties: 0 free or covered, infinite not stated (contract section 7)."""
    paid = table.free | covered(need, table)
    return np.where(paid, 0.0, np.where(table.amount < 0, np.inf, table.amount))


def identity(need: Need, table: GroupsTable) -> Array:
    """Contract section 6, identity, first line that holds.

    "Restricted to another group" leaves women and men aside, as the gate of section 7 does: a group for women is not
    another group to somebody who did not say their gender.
    """
    women, men = np.uint64(POPULATION_BITS(("women",))), np.uint64(POPULATION_BITS(("men",)))
    named = np.uint64(POPULATION_BITS(need.identities))
    ruled_out = np.uint64(POPULATION_BITS(need.not_identities))
    own = {"woman": women, "man": men}.get(need.gender or "", np.uint64(0))
    found = np.full(len(table.groups), 0.5)
    # From the last line of the contract to the first, so that the first that holds stands.
    if need.identity_preference == "require":
        found[:] = 0.0
        found[table.others == 0] = 0.1
    else:
        if named:
            # T as it is defined: a gender that is not the person's is another group.
            count = np.bitwise_count(table.groups & ~own)
            found[(count == 1) | (count == 2)] = 0.2
        if ruled_out:
            found[(table.groups & ruled_out) != 0] = 0.2
        found[_closed_to(need, table)] = 0.2
    if need.gender == "nonbinary":
        found[table.closed != 0] = 0.1
    if own:
        found[table.groups == own] = 0.8
    if named:
        found[(table.groups & named) != 0] = 1.0
    return found


def _closed_to(need: Need, table: GroupsTable) -> Array:
    """Closed to groups of which the person is not known to be one; women and men aside."""
    yes, _ = applies(need)
    found: Array = (table.others_only != 0) & ((table.others_only & np.uint64(yes)) == 0)
    return found


def availability(need: Need, table: OpeningTable) -> Array:
    found = 0.5 ** (np.maximum(table.weeks, 0) / (3 if need.start_soon else 6))
    return np.where(table.weeks < 0, UNKNOWN, found)


def freshness(table: FreshTable) -> Array:
    months = table.days / DAYS_PER_MONTH
    found = np.where(months <= 3, 1.0, 0.5 ** ((months - 3) / 12))
    return np.where(table.days < 0, 0.5, found)


# -- gates (contract section 7) ------------------------------------------------------------------------------------


def need_gate(utility: Array) -> Array:
    return np.select([utility < 0.3 - 1e-9, utility < 0.6 - 1e-9], [0.35, 0.8], 1.0)


def severity_gate(utility: Array) -> Array:
    return np.select([utility <= 0.15 + 1e-9, utility < 0.5 - 1e-9], [0.5, 0.8], 1.0)


def freshness_gate(utility: Array) -> Array:
    return np.where(utility < 0.3, 0.8, 1.0)


def availability_gate(utility: Array) -> Array:
    return np.where(utility < 0.3 - 1e-12, 0.7, 1.0)


def restriction_gate(need: Need, table: GroupsTable) -> Array:
    """Lower where it is closed to groups of which the person is not known to be one."""
    return np.where(_closed_to(need, table), 0.6, 1.0)


def avoided_kind(avoid: Collection[str], table: KindTable) -> Array:
    return np.isin(table.group_type, [place for place, code in enumerate(GROUP_TYPES) if code in avoid])


def avoided_style(avoid: Collection[str], table: StyleTable) -> Array:
    found: Array = (table.modalities & np.uint32(MODALITY_BITS(avoid))) != 0
    return found


def avoided_groups(avoid: Collection[str], table: GroupsTable) -> Array:
    found: Array = ((table.populations | table.restricted) & np.uint64(POPULATION_BITS(avoid))) != 0
    return found


_ANSWER_GATE = np.array([0.92, 1.05, 1.0, 0.6])  # unknown, yes, on request, no


def access_gate(need: Need, table: AccessTable, *, remote: bool) -> Array:
    """The lowest factor over the wanted features; place features are skipped when the chosen way is remote."""
    wanted = [place for place, code in enumerate(ACCESS)
              if code in need.access and not (remote and code in PLACE_FEATURES)]
    if not wanted:
        return np.ones(len(table.answer))
    found: Array = _ANSWER_GATE[table.answer[:, wanted]].min(axis=1)
    return found
