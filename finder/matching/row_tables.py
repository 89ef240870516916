"""What the compiled loops of `rows` are handed, and what they fill: plain arrays and numbers by name."""

from __future__ import annotations

from typing import Any, NamedTuple


class Rows(NamedTuple):
    """What stands per row of a set of columns, and where to look."""

    starts: Any  # of the stretches to visit, ascending
    stops: Any
    grid_size: int
    keys: Any  # key x row
    offset: Any  # where each key's numbers begin in flat tables
    lists: Any  # number of the list of ways
    xyz: Any
    known: Any
    dead: Any  # rows as if absent, ascending


class Tables(NamedTuple):
    """What a search makes of every key number; the keys one after the other."""

    marks: Any  # row code, row flags and the place of the gate in `gates`, see `compiled`
    add: Any
    marking: Any  # keys that mark anything
    added: Any  # keys that add points
    gates: Any
    access_key: int
    access: Any  # gate of access by number of `access_key`, in person and remote; empty where nobody asks
    stays: Any  # per row, False: filtered out; may be empty
    list_stays: Any  # the same per list of ways


class Ways(NamedTuple):
    """What a search makes of every list of ways; see `ways.Judged`."""

    lists: Any  # list x position: classes
    fails: Any  # by class
    passes: Any
    if_any_format: Any  # `passes` when no format is required; empty where that is not asked
    if_any_time: Any
    far_value: Any
    far_remote: Any
    remote: Any
    remote_at: Any
    person: Any  # list x (in a chosen format, in another): schedule utility
    person_at: Any
    weights: Any  # of reach and schedule
    unstated: float
    reasons: Any  # list x blocks: set of WAY_REASONS, 0 not worked out yet; kept from search to search


class Asked(NamedTuple):
    """What the person asked for, as numbers."""

    located: bool
    origin: Any
    bounded: bool  # by a radius
    farthest: float
    wider: float
    floor_miles: float
    per_mile: float  # natural logarithm of what each mile leaves of reach
    avoids: bool
    young: bool
    access_required: bool
    filtered: bool
    partly: bool  # grid rows outside the stretches are far away, and counted by `count_far`
    wondering: bool  # something was asked for that `relax` can take back


class Apart(NamedTuple):
    """Programs with several places, judged beforehand; see `scatter`."""

    row: Any
    meets: Any
    value: Any
    remote: Any


class Counts(NamedTuple):
    """Filled by a visit."""

    key: Any  # rows that passed per key number
    stays: Any  # rows not filtered out per key number, where filters are set
    list: Any  # rows that passed per list of ways
    seen: Any  # grid rows visited per list
    missed: Any  # rows without a way, by set of reasons
    per_point: Any
    gains: Any


class Passing(NamedTuple):
    """Filled by a visit: the rows that passed; and young, rows whose text spaces are shut to a minor."""

    row: Any
    tenths: Any
    remote: Any
    shut: Any
    young: Any
    young_blocks: Any
