"""I6: no regular expression of the program takes long, whatever it is given: each with texts made against it."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from finder.exchange.cells.text import LONGEST_LINE, clean
from tests.contracts.patterns import Site, attacks, sites

SHORT = 150  # letters in each run, which finds what grows without end
LONG, LONGER = 20_000, 40_000
GROWTH = 3.0  # times as long for twice the text; 2 is linear, 4 the square
FLOOR = 0.02  # seconds below which a clock says little
AT_CAP = 0.05  # seconds for the longest text that a pattern is given
ENDLESS = 2.0  # seconds of work after which a search is given up
# Patterns that are put together from vocabularies and tables while the program runs: words side by side, no repeats.
BUILT = {"finder/duplicates/words.py: words", "finder/exchange/facility_codes.py: words",
         "finder/exchange/fellowships.py: long", "finder/exchange/fellowships.py: f'\\\\b{abbreviation}'",
         "finder/exchange/fellowships.py: one.hosts"}
# Where a pattern takes the square of a text's length or more: what texts go through first, and how long they are then.
CELL = (clean, LONGEST_LINE)  # cells of imports: single spaces, cut at 5,000 signs
CAPPED: dict[str, tuple[Callable[[str], str], int]] = {"finder/exchange/cells/": CELL}


class TooLongError(Exception):
    """A search that does not end."""


@contextmanager
def ending() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, ENDLESS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def used(site: Site, text: str) -> float:
    """Seconds of work that the program's ways of using a pattern take with a text."""
    found, took = re.compile(site.pattern, site.flags), 0.0
    for use in site.uses - {"compile"}:
        began = time.process_time()
        with ending():
            if use in ("sub", "subn"):
                found.sub("", text)
            elif use == "finditer":
                sum(1 for _ in found.finditer(text))
            else:
                getattr(found, use)(text)
        took = max(took, time.process_time() - began)
    return took


def cap_of(site: Site) -> tuple[Callable[[str], str], int] | None:
    return next((cap for where, cap in CAPPED.items() if site.where.startswith(where)), None)


def test_I6_every_pattern_is_known_and_none_grows_without_end(record_property: Any) -> None:
    known, built = sites()
    assert set(built) == BUILT
    assert len(known) > 200
    assert all(any(one.where.startswith(where) for one in known) for where in CAPPED)
    tried = 0
    for site in known:
        for text in attacks(site.pattern, site.flags, SHORT):
            used(site, text)
            tried += 1
    record_property("figure", f"{len(known)} patterns, {tried:,} texts made against them")


def test_I6_the_attacks_find_patterns_that_take_too_long() -> None:
    square = Site("square", r"a+$", 0, frozenset(("search",)))
    assert max(used(square, text) for text in attacks(square.pattern, 0, LONG)) > FLOOR
    endless = Site("endless", r"(a+)+b", 0, frozenset(("match",)))
    with pytest.raises(TooLongError):
        [used(endless, text) for text in attacks(endless.pattern, 0, SHORT)]


@pytest.mark.soak
def test_I6_patterns_grow_with_the_length_of_a_text_or_have_a_cap(record_property: Any) -> None:
    known, _ = sites()
    wrong, capped = [], 0
    for site in dict.fromkeys(known):
        cap = cap_of(site)
        if cap is not None:
            capped += 1
            texts = [cap[0](text)[:cap[1]] for text in attacks(site.pattern, site.flags, cap[1])]
            took = max((min(used(site, text) for _ in range(2)) for text in texts), default=0.0)
            wrong += [(site.where, round(took, 3), "at its cap")] if took > AT_CAP else []
        else:
            grown = grows(site)
            wrong += [(site.where, round(grown, 1), "times")] if grown > GROWTH else []
    assert wrong == []
    record_property("figure", f"{len(known)} patterns: {len(known) - capped} grow as {LONGER:,} letters do, "
                              f"{capped} under {AT_CAP * 1000:.0f} ms at the longest text they are given")


def grows(site: Site) -> float:
    """How many times as long twice the text takes, of the text that takes longest."""
    worst, most = 0.0, 0
    for number, text in enumerate(attacks(site.pattern, site.flags, LONG)):
        took = _least(site, text)
        if took > worst:
            worst, most = took, number
    if worst < FLOOR / 2:
        return 0.0
    twice = list(attacks(site.pattern, site.flags, LONGER))[most]
    return _least(site, twice) / worst


def _least(site: Site, text: str) -> float:
    try:
        return min(used(site, text) for _ in range(2))
    except TooLongError:
        return ENDLESS
