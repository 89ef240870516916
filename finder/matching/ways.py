"""Ways to attend: what is judged per way (contract section 3), and reach and schedule (section 6).

For one seeker's time zone every way falls into one of at most 170 classes (kind, hybrid, slots), so that a search
judges classes, then the different lists of classes, and rows only pick up the result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from finder.matching.columns import IN_PERSON, KINDS, Columns
from finder.matching.ruleset import BIT, HALVING_MILES, RADIUS_SLACK
from finder.matching.scoring import UNKNOWN
from finder.matching.traits import Array
from finder.matching.types import Need
from finder.schedules.availability import EARLY, EVENING, WEEKDAY_DAYTIME, WEEKEND, slots

SLOT_BITS = {"early": EARLY, "weekday_daytime": WEEKDAY_DAYTIME, "evening": EVENING, "weekend": WEEKEND}
NO_TIME = 16  # slot code of a way whose time is not stated
MOST_KEPT = 256
PAD = 255  # no way, at the end of a shorter list
WIDTH = 8  # lists are padded to a multiple of this; longer ones first drop repeated classes
NO_WAY = 1 << 5  # pass bit of a program without sessions

# Blocks: what other traits of a program hold against a kind of way. One bit each, in the row code from bit 3.
UNLICENSED, NO_PLACE_ACCESS, NO_ACCESS, NO_CAPTIONS, UNMODERATED, FAR = (1 << place for place in range(6))
ALL_BLOCKS = 63
ACCESS_BLOCKS = NO_PLACE_ACCESS | NO_ACCESS
_REMOTE_LIVE = sum(1 << KINDS.index(kind) for kind in ("online_video", "phone", "text_chat"))
_BLOCKS = (
    (UNLICENSED, _REMOTE_LIVE, "state_licence"), (NO_PLACE_ACCESS, 1 << IN_PERSON, "accessibility"),
    (NO_ACCESS, 0b11111, "accessibility"), (NO_CAPTIONS, 1 << KINDS.index("phone"), "format"),
    (UNMODERATED, 1 << KINDS.index("text_chat"), "age"), (FAR, 1 << IN_PERSON, "distance"),
)
# blocks -> kinds of way they shut
BLOCKED_KINDS = np.array(
    [int(np.bitwise_or.reduce([kinds for bit, kinds, _ in _BLOCKS if blocks & bit] or [0])) for blocks in range(64)],
    np.uint8,
)
# [blocks, kind] -> reason bits they give a way of that kind
BLOCK_REASONS = np.array(
    [[int(np.bitwise_or.reduce([BIT[reason] for bit, kinds, reason in _BLOCKS if blocks & bit and kinds >> kind & 1]
                               or [0])) for kind in range(len(KINDS))] for blocks in range(64)],
    np.uint16,
)


@dataclass(frozen=True, slots=True)
class Pack:
    """The ways as they stand in one zone: per row the number of its list of classes, and the lists."""

    rows: Array
    lists: Array  # list x WIDTH, class or PAD
    counts: Array
    grid_counts: Array
    scattered: Array  # class per way of the scattered programs
    slot_codes: Array  # per schedule
    slots: list[int]  # the same, for one at a time
    judged: dict[Any, Any] = field(default_factory=dict)  # by wished formats and times; see judge
    marks: dict[str, Any] = field(default_factory=dict)  # filled on first use; see facets


def pack(columns: Columns, zone: str | None) -> Pack:
    """The ways for one zone (None: each session's own). Kept on the columns: computed on the first search from there.

    Zones that agree for every schedule share one pack.
    """
    found: Pack | None = columns.packs.get(zone)
    if found is None:
        found = _pack(columns, zone)
        columns.packs[zone] = found
    return found


def _pack(columns: Columns, zone: str | None) -> Pack:
    codes = np.array([_slot_code(slots(rule, day, zone)) for rule, day in columns.schedules] or [NO_TIME], np.uint8)
    for other in columns.packs.values():
        if np.array_equal(other.slot_codes, codes):
            return other  # type: ignore[no-any-return]
    waysets = columns.waysets
    classes = _classes(waysets.kind, waysets.hybrid, codes[waysets.schedule])
    lists, number = _lists(classes, waysets.start)
    rows = number[columns.wayset]
    small = rows.astype(np.uint16 if len(lists) <= 65_536 else np.uint32)
    scattered = columns.scattered
    return Pack(
        small, lists, np.bincount(rows, minlength=len(lists)),
        np.bincount(rows[: columns.grid_size], minlength=len(lists)),
        _classes(scattered.kind, scattered.hybrid, codes[scattered.schedule]), codes, codes.tolist(),
    )


def _slot_code(mask: int | None) -> int:
    return NO_TIME if mask is None else mask


def _classes(kind: Array, hybrid: Array, slot_code: Array) -> Array:
    return (kind + len(KINDS) * hybrid.astype(np.uint8) + 2 * len(KINDS) * slot_code.astype(np.uint8)).astype(np.uint8)


CLASS = np.arange(256)
CLASS_KIND = np.minimum(CLASS % len(KINDS), len(KINDS) - 1).astype(np.uint8)
CLASS_HYBRID = (CLASS // len(KINDS)) % 2 == 1
CLASS_SLOTS = CLASS // (2 * len(KINDS))  # NO_TIME: unknown
_KIND_BIT = np.left_shift(1, CLASS_KIND).astype(np.uint8)


def _lists(classes: Array, start: Array) -> tuple[Array, Array]:
    """The different lists of classes, padded to a multiple of WIDTH, and the list number of each wayset."""
    lengths = np.diff(start)
    longer: dict[int, list[int]] = {}
    for long in np.flatnonzero(lengths > WIDTH):
        # The first of equal classes stands for all of them: equal classes are judged alike, and order is kept.
        longer[int(long)] = list(dict.fromkeys(classes[start[long] : start[long + 1]].tolist()))
    width = -(-max([WIDTH, *(len(one) for one in longer.values())]) // WIDTH) * WIDTH
    padded = np.full((len(lengths), width), PAD, np.uint8)
    for at in range(WIDTH):
        has = (lengths > at) & (lengths <= WIDTH)
        padded[has, at] = classes[start[:-1][has] + at]
    for row, different in longer.items():
        padded[row, : len(different)] = different
    if width == WIDTH:  # eight bytes compare as one number
        found, inverse = np.unique(padded.view(np.uint64).ravel(), return_inverse=True)
        return found.view(np.uint8).reshape(-1, WIDTH), inverse
    rows, inverse = np.unique(padded, axis=0, return_inverse=True)
    return rows, inverse.ravel()


@dataclass(slots=True)
class Judged:
    """What one search makes of a pack. Arrays by list of classes, or by class where named so."""

    class_fails: Array  # reason bits of format and schedule, by class
    class_schedule: Array  # schedule utility, by class
    class_chosen: Array  # the format is among those named, or none are, by class
    class_remote: Array  # weighted reach + schedule of a remote class, -inf where it fails or meets in person
    passes: Array  # uint8: kinds that have a way meeting format and schedule; NO_WAY
    remote: Array  # list x kind: best weighted value, -inf none
    remote_at: Array  # list x kind: position of that way
    chosen: Array  # best schedule utility in person in a chosen format, -inf none
    chosen_at: Array
    other: Array  # the same in a format not chosen
    other_at: Array
    weight_reach: float
    weight_schedule: float
    unstated: float  # weighted reach + schedule of a program without sessions
    any_remote: Array = field(init=False)  # over all kinds
    any_remote_at: Array = field(init=False)
    # list * STATES + state: the best way of a list where no distance enters; see FAR_STATE
    far_value: Array = field(init=False)
    far_remote: Array = field(init=False)
    person: Array = field(init=False)  # `chosen` and `other` side by side
    person_at: Array = field(init=False)
    known: dict[int, tuple[float, bool, float] | None] = field(default_factory=dict, init=False)  # see of_class
    # list x blocks: what the compiled loops have worked out of the reasons of lists without a way; see `compiled`
    reasons: Array = field(init=False)

    def __post_init__(self) -> None:
        self.any_remote = self.remote[:, 1:].max(axis=1)
        self.any_remote_at = np.where(self.remote == self.any_remote[:, None], self.remote_at, 99).min(axis=1)
        size = len(self.passes)
        self.person = np.stack([self.chosen, self.other], axis=1)
        self.person_at = np.stack([self.chosen_at, self.other_at], axis=1)
        self.reasons = np.zeros((size, ALL_BLOCKS + 1), np.uint8)
        shut = np.repeat(np.array(_FAR_SHUT, np.uint8), 3)
        reach = np.tile([UNKNOWN, FLOOR, FLOOR + RIDE_HELP], len(_FAR_SHUT))
        self.far_value, self.far_remote = self.best(np.repeat(np.arange(size), STATES), np.tile(shut, size),
                                                    np.tile(reach, size))

    def of_class(self, number: int) -> tuple[float, bool, float] | None:
        """Schedule utility, whether the format was chosen, and reach of a remote way; None for one that fails."""
        if number not in self.known:
            in_time = self.class_schedule.item(number)
            reach = (self.class_remote.item(number) - self.weight_schedule * in_time) / self.weight_reach
            fails = self.class_fails.item(number)
            self.known[number] = None if fails else (in_time, self.class_chosen.item(number), reach)
        return self.known[number]

    def best(self, lists: Array, shut: Array, reach: Array) -> tuple[Array, Array]:
        """Per row: weighted reach + schedule of the best way, and whether it is remote.

        `shut`: kinds of way not open to the row, as bits; `reach`: of its in-person point, in a chosen format.
        """
        remote, remote_at = self._best_remote(lists, shut)
        in_person, in_person_at = self._best_in_person(lists, reach)
        in_person[(shut & (1 << IN_PERSON)) != 0] = -np.inf
        is_remote = (remote > in_person) | ((remote == in_person) & (remote_at < in_person_at))
        value = np.where(is_remote, remote, in_person)
        none = self.passes[lists] == NO_WAY
        value[none] = self.unstated
        is_remote[none] = False
        return value, is_remote

    def _best_remote(self, lists: Array, shut: Array) -> tuple[Array, Array]:
        """Per row: the best weighted remote way of a kind that is not shut, and its position."""
        found, at = self.any_remote[lists], self.any_remote_at[lists]
        hit = np.flatnonzero((shut & ~np.uint8(1)) != 0)
        if len(hit):
            mine = self.remote[lists[hit]].copy()
            mine[(shut[hit, None] >> np.arange(len(KINDS), dtype=np.uint8) & 1) != 0] = -np.inf
            found[hit] = mine.max(axis=1)
            at[hit] = np.where(mine == found[hit, None], self.remote_at[lists[hit]], 99).min(axis=1)
        return found, at

    def _best_in_person(self, lists: Array, reach: Array) -> tuple[Array, Array]:
        """Per row: the best weighted in-person way for its reach in a chosen format, and its position."""
        chosen = self.weight_reach * reach + self.weight_schedule * self.chosen[lists]
        other = (self.weight_reach * NOT_CHOSEN_IN_PERSON + self.weight_schedule * self.other)[lists]
        chosen_at, other_at = self.chosen_at[lists], self.other_at[lists]
        takes_other = (other > chosen) | ((other == chosen) & (other_at < chosen_at))
        return np.where(takes_other, other, chosen), np.where(takes_other, other_at, chosen_at)


# The sets of shut kinds that a list is judged for beforehand: with each of three reaches these are its states.
_FAR_SHUT = (0, 1 << IN_PERSON, _REMOTE_LIVE, _REMOTE_LIVE | 1 << IN_PERSON)
STATES = 3 * len(_FAR_SHUT)
BY_HAND = 255
# blocks -> first state of its shut kinds, BY_HAND for rarer ones; +1 where the point is known, +2 known with a ride
FAR_STATE = np.array([3 * _FAR_SHUT.index(shut) if shut in _FAR_SHUT else BY_HAND for shut in BLOCKED_KINDS.tolist()],
                     np.uint8)


def judge(need: Need, judged: Pack, weight_reach: float, weight_schedule: float) -> Judged:
    """Format, schedule, and the part of reach that no distance enters, for every list of classes.

    Kept for the next search with the same wishes; formats and times say nothing about who asked.
    """
    key = (need.formats, need.formats_required, need.times, need.times_required, weight_reach, weight_schedule)
    found: Judged | None = judged.judged.get(key)
    if found is None:
        if len(judged.judged) >= MOST_KEPT:
            judged.judged.clear()
        found = judged.judged[key] = _judge(need, judged, weight_reach, weight_schedule)
    return found


def _judge(need: Need, judged: Pack, weight_reach: float, weight_schedule: float) -> Judged:
    fails = class_fails(need)
    schedule = class_schedule(need)
    chosen_format = class_chosen(need)
    remote = weight_reach * class_remote_reach(need) + weight_schedule * schedule
    remote[(fails != 0) | (CLASS_KIND == IN_PERSON)] = -np.inf
    in_person = (CLASS_KIND == IN_PERSON) & (fails == 0)
    by_chosen = np.where(in_person & chosen_format, schedule, -np.inf)
    by_other = np.where(in_person & ~chosen_format, schedule, -np.inf)
    for values in (remote, by_chosen, by_other):
        values[PAD] = -np.inf
    lists = judged.lists
    values = remote[lists]
    per_kind = np.stack([np.where(CLASS_KIND[lists] == kind, values, -np.inf) for kind in range(len(KINDS))], axis=1)
    return Judged(
        fails, schedule, chosen_format, remote, passing_kinds(lists, fails),
        per_kind.max(axis=2), per_kind.argmax(axis=2),
        by_chosen[lists].max(axis=1), by_chosen[lists].argmax(axis=1),
        by_other[lists].max(axis=1), by_other[lists].argmax(axis=1), weight_reach, weight_schedule,
        weight_reach * UNKNOWN + weight_schedule * unstated_schedule(need),
    )


def class_fails(need: Need) -> Array:
    """Reason bits of format and schedule by class."""
    fails = np.zeros(256, np.uint16)
    if need.formats_required:
        wrong = ~np.isin(CLASS_KIND, [KINDS.index(one) for one in need.formats_required if one in KINDS])
        if "hybrid" in need.formats_required:
            wrong &= ~CLASS_HYBRID
        fails[wrong] |= BIT["format"]
    if need.times_required and "any" not in need.times:
        wanted = sum(SLOT_BITS[one] for one in need.times_required if one in SLOT_BITS)
        fails[(CLASS_SLOTS < NO_TIME) & ((CLASS_SLOTS & wanted) == 0)] |= BIT["schedule"]
    return fails


def class_schedule(need: Need) -> Array:
    """Contract section 6, schedule."""
    if "any" in need.times:
        return np.ones(256)
    if not need.times:
        return np.full(256, UNKNOWN)
    wanted = sum(SLOT_BITS[one] for one in need.times)
    found = np.where((CLASS_SLOTS & wanted) != 0, 1.0, 0.15)
    found[CLASS_SLOTS >= NO_TIME] = UNKNOWN
    return found


def unstated_schedule(need: Need) -> float:
    """Schedule of a program without sessions: unknown, unless any time will do."""
    return 1.0 if "any" in need.times else UNKNOWN


def class_chosen(need: Need) -> Array:
    """Whether the way is among the formats named, or none are named."""
    if not need.formats:
        return np.ones(256, bool)
    named = np.isin(CLASS_KIND, [KINDS.index(one) for one in need.formats if one in KINDS])
    return named | (CLASS_HYBRID if "hybrid" in need.formats else False)


# Contract section 6, reach, by remote kind: chosen, not chosen, no formats named.
REMOTE_REACH = {"online_video": (0.9, 0.25, 0.9), "phone": (1.0, 0.45, 0.6), "text_chat": (1.0, 0.45, 0.6),
                "self_paced": (0.9, 0.25, 0.6)}
NOT_CHOSEN_IN_PERSON = 0.2
FLOOR = 0.2
RIDE_HELP = 0.1


def class_remote_reach(need: Need) -> Array:
    found = np.zeros(256)
    chosen = class_chosen(need)
    for kind, (yes, no, unnamed) in REMOTE_REACH.items():
        mine = CLASS_KIND == KINDS.index(kind)
        found[mine] = unnamed if not need.formats else np.where(chosen[mine], yes, no)
    return found


def floor_miles(need: Need) -> float:
    """From this distance on, in-person reach is at its floor."""
    if need.radius_miles is not None:
        return float(-np.log(FLOOR) / 0.9 * max(need.radius_miles, 1.0))
    return float(-np.log2(FLOOR) * HALVING_MILES[need.travel])


def in_person_reach(need: Need, miles: Array) -> Array:
    """Reach in person in a chosen format, without ride help; NaN miles: distance unknown."""
    if need.radius_miles is not None:
        found = np.exp(-0.9 * miles / max(need.radius_miles, 1.0))
    else:
        found = 0.5 ** (miles / HALVING_MILES[need.travel])
    return np.where(np.isnan(miles), UNKNOWN, np.maximum(found, FLOOR))


WIDEST_MILES = 1000.0


def wider(radius_miles: float) -> float:
    """The radius that `relax` offers (contract section 3)."""
    return min(radius_miles * 1.5, WIDEST_MILES)


def too_far(need: Need, miles: Array) -> Array:
    """Known distance over the radius, with the contract's one per cent of slack."""
    if need.radius_miles is None:
        return np.zeros(len(miles), bool)
    found: Array = miles > need.radius_miles * RADIUS_SLACK  # NaN compares false: unknown never excludes
    return found


def passes(need: Need, pack: Pack) -> Array:
    """`passing_kinds` of the lists of a pack for what is required of formats and times; kept like `judge`."""
    key = (need.formats_required, need.times_required, "any" in need.times)
    found: Array | None = pack.judged.get(key)
    if found is None:
        if len(pack.judged) >= MOST_KEPT:
            pack.judged.clear()
        found = pack.judged[key] = passing_kinds(pack.lists, class_fails(need))
    return found


def passing_kinds(lists: Array, fails: Array) -> Array:
    """Per list: the kinds that have a way without a failing class, as bits; NO_WAY for an empty list."""
    real = lists != PAD
    passing = real & (fails[lists] == 0)
    kinds = np.bitwise_or.reduce(np.where(passing, _KIND_BIT[lists], np.uint8(0)), axis=1)
    kinds[~real.any(axis=1)] = NO_WAY
    found: Array = kinds
    return found


def list_reasons(lists: Array, blocks: Array, fails: Array) -> Array:
    """Reasons of programs none of whose ways passes: one list of classes and one set of blocks each.

    The reasons all ways share; if they share none, those of the way with fewest, the first of equals.
    """
    if not len(lists):
        return np.zeros(0, np.uint16)
    real = lists != PAD
    of_way = fails[lists] | BLOCK_REASONS[blocks[:, None], CLASS_KIND[lists]]
    shared = np.bitwise_and.reduce(np.where(real, of_way, np.uint16(0xFFFF)), axis=1)
    counts = np.where(real, np.bitwise_count(of_way), np.uint8(99))
    fewest = of_way[np.arange(len(lists)), counts.argmin(axis=1)]
    found: Array = np.where(shared != 0, shared, fewest)
    return found
