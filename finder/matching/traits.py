"""Traits: what a listing says, cut into small groups of facts that the rules read together.

Listings repeat themselves, so each trait is stored once per different value, as NumPy arrays over those values, and a
program holds only the number of its value. The rules then run over values, not over programs.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from finder.matching.ruleset import CAPACITY_DAYS, TYPICAL_RANGE
from finder.vocabulary import vocabulary

_LISTS = vocabulary().lists
FOCUS = _LISTS["focus_areas"].codes
GROUP_TYPES = _LISTS["group_types"].codes
MODALITIES = _LISTS["modalities"].codes
LEADERS = _LISTS["facilitator_types"].codes
POPULATIONS = _LISTS["populations"].codes
ACCESS = _LISTS["accessibility"].codes
PAYERS = ("medicaid", "medicare", "private", "military_ins", "va", "ihs", "state_insurance", "justice_funds", "grant")
ANSWERS = ("", "yes", "on_request", "no")  # the index is what is stored
NONE = 255  # no code, in a uint8 column

Array = npt.NDArray[Any]


def place_of(codes: Sequence[str]) -> dict[str, int]:
    """Code -> its place in the list."""
    return {code: place for place, code in enumerate(codes)}


_FOCUS, _GROUP, _MODALITY = place_of(FOCUS), place_of(GROUP_TYPES), place_of(MODALITIES)
_LEADER, _POPULATION, _PAYER = place_of(LEADERS), place_of(POPULATIONS), place_of(PAYERS)


def bits(codes: Any, places: Mapping[str, int]) -> int:
    """The bit mask of codes; one that the list does not know is left out."""
    return sum({1 << places[code] for code in codes if code in places})


FOCUS_BITS: Any = lambda codes: bits(codes, _FOCUS)  # noqa: E731 - four names for one rule
POPULATION_BITS: Any = lambda codes: bits(codes, _POPULATION)  # noqa: E731
MODALITY_BITS: Any = lambda codes: bits(codes, _MODALITY)  # noqa: E731
PAYER_BITS: Any = lambda codes: bits(codes, _PAYER)  # noqa: E731


# -- from a listing document to the value of each trait -----------------------------------------------------------


def focus_value(listing: Mapping[str, Any]) -> Hashable:
    focus = listing.get("focus") or ()
    return (_FOCUS[focus[0]] if focus else NONE, FOCUS_BITS(focus))


def kind_value(listing: Mapping[str, Any]) -> Hashable:
    severity = listing.get("severity")
    typical = TYPICAL_RANGE[listing["group_type"]]
    return (_GROUP[listing["group_type"]],
            *((severity["min"], severity["max"], True) if severity else (*typical, False)))


def style_value(listing: Mapping[str, Any]) -> Hashable:
    policies = listing.get("policies") or {}
    populations = listing.get("populations") or ()
    return (
        _LEADER.get(listing.get("led_by") or "", NONE),
        MODALITY_BITS(listing.get("modalities") or ()),
        ("", "welcome", "refused").index(policies.get("moderation_goal") or ""),
        (policies.get("min_days_sober") or 0) > 0,
        any(code.startswith("faith_") for code in (*populations, *(listing.get("restricted_to") or ()))),
        bool(policies.get("one_to_one")),
        (policies.get("group_size") or 99) <= 5,
    )


def rules_value(listing: Mapping[str, Any]) -> Hashable:
    policies = listing.get("policies") or {}
    return (
        policies.get("recovery_medication") == "refused",
        "active_suicidal_crisis" in (policies.get("excludes") or ()),
        (policies.get("min_days_sober") or 0) >= 7,
        bool(policies.get("court_ordered_only")),
        bool(policies.get("partners_welcome")) and "relationships" in (listing.get("focus") or ()),
        policies.get("moderated") is False,
    )


def who_value(listing: Mapping[str, Any]) -> Hashable:
    age = listing.get("age") or {}
    return (
        ("", "person", "relatives", "anyone").index(listing.get("attendees") or ""),
        age.get("min") if age.get("min") is not None else 0,
        age.get("max") if age.get("max") is not None else 200,
    )


def groups_value(listing: Mapping[str, Any]) -> Hashable:
    return (
        ("", "women", "men", "mixed").index(listing.get("gender_mix") or ""),
        POPULATION_BITS(listing.get("restricted_to") or ()),
        POPULATION_BITS(listing.get("populations") or ()),
    )


def talk_value(listing: Mapping[str, Any]) -> Hashable:
    return (
        tuple(sorted(listing.get("languages") or ())),
        listing.get("interpreter") in ("yes", "on_request"),
        (listing.get("accessibility") or {}).get("asl") == "no" and "asl" not in (listing.get("languages") or ()),
    )


def money_value(listing: Mapping[str, Any]) -> Hashable:
    cost = listing.get("cost")
    if not cost:
        return (False, False, -1.0, False, False, 0)
    amount = cost.get("amount")
    insurance = cost.get("insurance")
    return (True, bool(cost.get("free")), -1.0 if amount is None else float(amount), bool(cost.get("sliding_scale")),
            insurance is not None, PAYER_BITS(insurance or ()))


def opening_value(listing: Mapping[str, Any], today: date, over: bool) -> Hashable:
    """Capacity as it counts today. `over`: all its sessions are over."""
    starts_on = listing.get("starts_on")
    starts_in = (date.fromisoformat(starts_on) - today).days if starts_on else -1
    capacity = listing.get("capacity")
    status, weeks = "", -1.0
    if capacity and (today - date.fromisoformat(capacity["as_of"])).days <= CAPACITY_DAYS:
        status = capacity["status"]
        weeks = {"open": 0.0, "assessment_first": 1.0, "full": -1.0}.get(status, -1.0)
        if status == "waitlist":
            given = capacity.get("wait_weeks")
            weeks = 8.0 if given is None else float(given)
    if starts_in > 0 and listing.get("open_group") is not True:
        weeks = max(weeks, starts_in / 7)
    stated = listing.get("status", "active")
    closed = stated != "active" or (over and starts_in < 0)
    return (("", "open", "waitlist", "full", "assessment_first").index(status), weeks, closed, stated == "paused")


def fresh_value(listing: Mapping[str, Any], today: date) -> Hashable:
    verified = listing.get("verified")
    return max(0, (today - date.fromisoformat(verified["on"])).days) if verified else -1


def area_value(listing: Mapping[str, Any]) -> Hashable:
    licensed, coverage = listing.get("licensed_states"), listing.get("coverage") or {}
    return (
        tuple(sorted(licensed)) if licensed else (),
        tuple(sorted(coverage.get("countries") or ())),
        tuple(sorted(coverage.get("states") or ())),
        tuple(sorted(coverage.get("counties") or ())),
        tuple(sorted(coverage.get("postal_codes") or ())),
    )


def access_value(listing: Mapping[str, Any]) -> Hashable:
    stated = listing.get("accessibility") or {}
    if "asl" in (listing.get("languages") or ()):
        stated = {**stated, "asl": "yes"}
    return tuple(ANSWERS.index(stated.get(code, "")) for code in ACCESS)


# -- tables: the different values of one trait as arrays -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FocusTable:
    main: Array
    mask: Array
    answers: dict[str, Array] = field(default_factory=dict)  # by need, filled on first use; see scoring

    @classmethod
    def of(cls, values: Sequence[Any]) -> FocusTable:
        return cls(np.array([v[0] for v in values], np.uint8), np.array([v[1] for v in values], np.uint64))


@dataclass(frozen=True, slots=True)
class KindTable:
    group_type: Array
    low: Array
    high: Array
    stated: Array

    @classmethod
    def of(cls, values: Sequence[Any]) -> KindTable:
        return cls(*_columns(values, (np.uint8, np.int8, np.int8, bool)))


@dataclass(frozen=True, slots=True)
class StyleTable:
    led_by: Array
    modalities: Array
    moderation: Array
    sober_days: Array
    faith: Array
    one_to_one: Array
    small: Array

    @classmethod
    def of(cls, values: Sequence[Any]) -> StyleTable:
        return cls(*_columns(values, (np.uint8, np.uint32, np.uint8, bool, bool, bool, bool)))


@dataclass(frozen=True, slots=True)
class RulesTable:
    refuses_medication: Array
    excludes_crisis: Array
    sober_week: Array
    court_only: Array
    with_partner: Array
    unmoderated: Array

    @classmethod
    def of(cls, values: Sequence[Any]) -> RulesTable:
        return cls(*_columns(values, (bool,) * 6))


@dataclass(frozen=True, slots=True)
class WhoTable:
    attendees: Array
    age_min: Array
    age_max: Array

    @classmethod
    def of(cls, values: Sequence[Any]) -> WhoTable:
        return cls(*_columns(values, (np.uint8, np.int16, np.int16)))


@dataclass(frozen=True, slots=True)
class GroupsTable:
    gender_mix: Array
    restricted: Array
    populations: Array
    # What follows from these whoever asks, as masks of population codes.
    closed: Array = field(init=False)  # the gender of a group of one gender
    groups: Array = field(init=False)  # every group it names
    others: Array = field(init=False)  # of them, all but women and men
    others_only: Array = field(init=False)  # restricted to, but for women and men

    def __post_init__(self) -> None:
        women, men = (np.uint64(POPULATION_BITS((code,))) for code in ("women", "men"))
        closed = np.where(self.gender_mix == 1, women, np.where(self.gender_mix == 2, men, np.uint64(0)))
        groups, aside = self.populations | self.restricted | closed, ~(women | men)
        for name, made in (("closed", closed), ("groups", groups), ("others", groups & aside),
                           ("others_only", self.restricted & aside)):
            object.__setattr__(self, name, made)

    @classmethod
    def of(cls, values: Sequence[Any]) -> GroupsTable:
        return cls(*_columns(values, (np.uint8, np.uint64, np.uint64)))


@dataclass(frozen=True, slots=True)
class TalkTable:
    languages: tuple[str, ...]
    speaks: Array  # value x language
    interpreter: Array
    no_asl: Array

    @classmethod
    def of(cls, values: Sequence[Any]) -> TalkTable:
        languages = tuple(sorted({code for value in values for code in value[0]}))
        column = place_of(languages)
        speaks = np.zeros((len(values), len(languages)), bool)
        for row, value in enumerate(values):
            speaks[row, [column[code] for code in value[0]]] = True
        return cls(languages, speaks, np.array([v[1] for v in values], bool), np.array([v[2] for v in values], bool))


@dataclass(frozen=True, slots=True)
class MoneyTable:
    stated: Array
    free: Array
    amount: Array  # -1: not given
    sliding: Array
    insurance_stated: Array
    payers: Array

    @classmethod
    def of(cls, values: Sequence[Any]) -> MoneyTable:
        return cls(*_columns(values, (bool, bool, np.float64, bool, bool, np.uint16)))


@dataclass(frozen=True, slots=True)
class OpeningTable:
    status: Array
    weeks: Array  # -1: unknown
    closed: Array
    paused: Array

    @classmethod
    def of(cls, values: Sequence[Any]) -> OpeningTable:
        return cls(*_columns(values, (np.uint8, np.float64, bool, bool)))


@dataclass(frozen=True, slots=True)
class FreshTable:
    days: Array  # -1: never checked

    @classmethod
    def of(cls, values: Sequence[Any]) -> FreshTable:
        return cls(np.array(values, np.int32))


@dataclass(frozen=True, slots=True)
class AreaTable:
    """Who may join from where. The indexes give, per state (county, ...), the values that name it."""

    size: int
    licensed: Array
    stated: Mapping[str, Array]  # list name -> whether the value states such a list
    naming: Mapping[str, Mapping[str, Array]]  # list name (also "licensed") -> code -> values
    limited: Array  # whether the value states any such list

    @classmethod
    def of(cls, values: Sequence[Any]) -> AreaTable:
        names = ("licensed", "countries", "states", "counties", "postal_codes")
        naming: dict[str, dict[str, list[int]]] = {name: {} for name in names}
        stated = {name: np.zeros(len(values), bool) for name in names}
        for row, value in enumerate(values):
            for name, codes in zip(names, value, strict=True):
                stated[name][row] = bool(codes)
                for code in codes:
                    naming[name].setdefault(code, []).append(row)
        licensed = stated.pop("licensed")
        rows = {name: {code: np.array(found, np.intp) for code, found in by.items()} for name, by in naming.items()}
        return cls(len(values), licensed, stated, rows, np.logical_or.reduce(list(stated.values())))


@dataclass(frozen=True, slots=True)
class AccessTable:
    answer: Array  # value x feature, index into ANSWERS

    @classmethod
    def of(cls, values: Sequence[Any]) -> AccessTable:
        return cls(np.array(values, np.uint8).reshape(len(values), len(ACCESS)))


def _columns(values: Sequence[Any], kinds: Sequence[Any]) -> list[Array]:
    return [np.array([value[place] for value in values], kind) for place, kind in enumerate(kinds)]
