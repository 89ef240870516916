"""Hard constraints that a program meets or breaks as a whole (contract section 3), over the values of each trait.

Each function gives one uint16 of reason bits per value. What is judged per way to attend stands in `ways`.
"""

from __future__ import annotations

import numpy as np

from finder.matching.ruleset import BIT, CLOSE_LANGUAGES
from finder.matching.traits import (
    PAYER_BITS,
    POPULATION_BITS,
    POPULATIONS,
    AreaTable,
    Array,
    GroupsTable,
    MoneyTable,
    OpeningTable,
    RulesTable,
    StyleTable,
    TalkTable,
    WhoTable,
    place_of,
)
from finder.matching.types import Need

_POPULATION = place_of(POPULATIONS)


def applies(need: Need) -> tuple[int, int]:
    """(codes known to apply to the person, codes known not to), as population bit masks.

    Women and men follow the gender; other codes what the person named or ruled out; then what the age rules out.
    A group the person named themselves stays theirs whatever the age.
    """
    yes, no = set(need.identities) - {"women", "men"}, set(need.not_identities) - {"women", "men"}
    if need.gender in ("woman", "man"):
        mine, other = ("women", "men") if need.gender == "woman" else ("men", "women")
        yes.add(mine)
        no.add(other)
    if need.age is not None:
        ruled_out = {"children": need.age >= 13, "teens": need.age <= 11 or need.age >= 20,
                     "young_adults": need.age < 16 or need.age > 30, "older_adults": need.age < 50}
        no |= {code for code, out in ruled_out.items() if out}
    return POPULATION_BITS(yes), POPULATION_BITS(no - yes)


def _bits(mask: Array, reason: str) -> Array:
    found: Array = mask * np.uint16(BIT[reason])
    return found


def opening(need: Need, table: OpeningTable) -> Array:
    if need.purpose == "paused":
        return _bits(~table.paused, "program_closed")
    if need.purpose == "browse":
        return _bits(table.closed, "program_closed")
    return _bits(table.closed, "program_closed") | _bits(table.status == 3, "full_no_waitlist")


def who(need: Need, table: WhoTable) -> Array:
    found = np.zeros(len(table.attendees), np.uint16)
    if need.age is not None:
        found |= _bits((need.age < table.age_min) | (need.age > table.age_max), "age")
    if need.attending_as is not None:
        found |= _bits(table.attendees == (2 if need.attending_as == "person" else 1), "role")
    return found


def groups(need: Need, table: GroupsTable) -> Array:
    _, no = applies(need)
    shut = table.closed & np.uint64(no) != 0
    if no:
        shut |= (table.restricted != 0) & ((table.restricted & ~np.uint64(no)) == 0)
    if need.women_only:
        shut |= table.gender_mix >= 2
    return _bits(shut, "restricted_population")


def talk(need: Need, table: TalkTable) -> Array:
    if not need.languages:
        return np.zeros(len(table.interpreter), np.uint16)
    wanted = set(need.languages)
    if wanted & CLOSE_LANGUAGES:
        wanted |= CLOSE_LANGUAGES
    columns = [place for place, code in enumerate(table.languages) if code in wanted]
    shares = table.speaks[:, columns].any(axis=1)
    out = table.speaks.any(axis=1) & ~shares & ~table.interpreter
    if "asl" in need.languages:
        out &= table.no_asl
    return _bits(out, "language")


def area(need: Need, table: AreaTable) -> Array:
    """Outside every stated list of `coverage`, when the place is known to the precision that each list needs."""
    if need.place is None:
        return np.zeros(table.size, np.uint16)
    place = need.place
    county = f"{place.state}:{place.county}" if place.state and place.county else None
    here = {"countries": place.country, "states": place.state, "counties": county, "postal_codes": place.postal_code}
    inside = np.zeros(table.size, bool)
    for name, code in here.items():
        if code is None:
            inside |= table.stated[name]  # not known well enough to say
        elif code in table.naming[name]:
            inside[table.naming[name][code]] = True
    return _bits(table.limited & ~inside, "outside_area")


def unlicensed(need: Need, table: AreaTable) -> Array:
    """Values whose licence does not reach the person's state, for remote ways (a bool per value)."""
    if need.place is None or need.place.state is None:
        return np.zeros(table.size, bool)
    out: Array = table.licensed.copy()
    out[table.naming["licensed"].get(need.place.state, np.empty(0, np.intp))] = False
    return out


def money(need: Need, table: MoneyTable) -> Array:
    if need.cost_kind != "free_only":
        return np.zeros(len(table.free), np.uint16)
    known = bool(need.insurance) and "unknown" not in need.insurance
    mine = np.uint16(PAYER_BITS(need.insurance))
    costly = table.stated & ~table.free & (table.amount != 0) & ~table.sliding
    has_list = table.insurance_stated & (table.payers != 0)
    not_covered = has_list & ((table.payers & mine) == 0) & known
    takes_none = table.insurance_stated & (table.payers == 0)
    fee_only = ~table.insurance_stated & (table.amount > 0)
    return _bits(costly & (not_covered | takes_none | fee_only), "cost")


def rules(need: Need, table: RulesTable) -> Array:
    out = np.zeros(len(table.court_only), bool)
    if need.safety == "active":
        out |= table.excludes_crisis
    if need.recently_using is True:
        out |= table.sober_week
    if "justice" not in need.identities:
        out |= table.court_only
    if "violence" in need.urgent or "domestic_violence" in need.needs:
        out |= table.with_partner
    found = _bits(out, "program_exclusion")
    if need.takes_recovery_medication is True:
        found |= _bits(table.refuses_medication, "rejects_medication")
    return found


def style(need: Need, table: StyleTable) -> Array:
    if need.goal != "moderation":
        return np.zeros(len(table.moderation), np.uint16)
    return _bits(table.moderation == 2, "goal_conflict")


