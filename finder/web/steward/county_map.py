"""The map of where groups are missing: each county of a state, or each state, shaded by how many groups are near it.

It is drawn in the page and asks nobody. The table beside it says the same in numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from finder.places import counties, drawing, outlines
from finder.places.drawing import Window
from finder.search.coverage import Area
from finder.wordings.language import gettext, number

STEPS = (0, 1, 2, 5, 10)  # the least count of each shade, m0 to m4
AWAY = frozenset(("AK", "HI", "PR", "VI", "GU", "AS", "MP"))  # too far off to stand on the map of all states


@dataclass(frozen=True, slots=True)
class Shape:
    """One area as it is drawn: its path and its shade (0 to 4)."""

    path: str
    shade: int


@dataclass(frozen=True, slots=True)
class Shaded:
    """What the template draws; `key` are the words of the shades."""

    window: Window
    shapes: Sequence[Shape]
    key: Sequence[str]


def of_state(state: str, areas: Sequence[Area]) -> Shaded | None:
    """The counties of a state; None where no outline is known."""
    return _shaded(_of_counties(state), {one.code: one for one in areas})


def of_states(areas: Sequence[Area]) -> Shaded | None:
    """The states that lie together."""
    return _shaded(_of_mainland(), {one.code: one for one in areas})


_Drawn = tuple[Window, tuple[tuple[str, str], ...]]


@lru_cache(maxsize=8)
def _of_counties(state: str) -> _Drawn | None:
    return _drawn(outlines.load().counties, [(one.code, one.area) for one in counties.of_state(state).counties])


@lru_cache(maxsize=1)
def _of_mainland() -> _Drawn | None:
    states = outlines.load().states
    return _drawn(states, [(code, at) for at, code in enumerate(states.names) if code not in AWAY])


def _drawn(areas: outlines.Areas, chosen: Sequence[tuple[str, int]]) -> _Drawn | None:
    if not chosen:
        return None
    places = [at for _, at in chosen]
    frame, window = drawing.frame_around(areas, places)
    return window, tuple(zip((code for code, _ in chosen), drawing.shapes(frame, areas, places), strict=True))


def _shaded(drawn: _Drawn | None, areas: Mapping[str, Area]) -> Shaded | None:
    if drawn is None:
        return None
    window, paths = drawn
    return Shaded(window, [Shape(path, shade(areas[code].groups)) for code, path in paths], key())


def shade(groups: int) -> int:
    """Which of the five shades a count has."""
    return max(place for place, least in enumerate(STEPS) if groups >= least)


def key() -> list[str]:
    """The words of the shades, from none to many."""
    ends = [*(least - 1 for least in STEPS[1:]), None]
    return [_span(least, last) for least, last in zip(STEPS, ends, strict=True)]


def _span(least: int, last: int | None) -> str:
    if last is None:
        return gettext("%(count)s or more", count=least)
    if least == last:
        return gettext("none") if least == 0 else number(least)
    return gettext("%(low)s to %(high)s", low=least, high=last)
