"""Words to parts, and parts to clauses: which days go with which times, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from finder.schedules.spoken.dates import season_at
from finder.schedules.spoken.days import count_at, ordinals_at, step_at, weekdays_at
from finder.schedules.spoken.exceptions import off_at
from finder.schedules.spoken.lexemes import Words
from finder.schedules.spoken.parts import (
    Always,
    Count,
    Found,
    Length,
    Months,
    Off,
    Once,
    Ordinals,
    Period,
    Places,
    Season,
    Span,
    Step,
    Weekdays,
    Zone,
)
from finder.schedules.spoken.times import length_at, period_at, span_at
from finder.schedules.spoken.words import DASH, MEETING, ZONES, Kind

# Words that add nothing where nothing else claimed them.
_IDLE = (Kind.AND, Kind.MARK, Kind.BREAK, Kind.FILLER, Kind.AT, Kind.OF, Kind.EVERY, Kind.ONLY, Kind.FOR, Kind.IN)
_WHEN = (Weekdays, Places, Ordinals, Once)
_MOST_PLACES = 5  # a weekday comes at most five times in a month


@dataclass(slots=True)
class Clause:
    """Days with their times and what is said about them; each list holds what was found, in order."""

    whens: list[Found] = field(default_factory=list)
    spans: list[Found] = field(default_factory=list)
    steps: list[Found] = field(default_factory=list)
    counts: list[Found] = field(default_factory=list)
    lengths: list[Found] = field(default_factory=list)
    periods: list[Found] = field(default_factory=list)
    seasons: list[Found] = field(default_factory=list)
    months: list[Found] = field(default_factory=list)
    offs: list[Found] = field(default_factory=list)
    zones: list[Found] = field(default_factory=list)
    always: list[Found] = field(default_factory=list)

    def own(self) -> list[Found]:
        """What makes it a clause of its own."""
        return self.whens + self.spans + self.always


_LISTS: dict[type, str] = {Weekdays: "whens", Span: "spans", Step: "steps", Count: "counts", Length: "lengths",
                           Period: "periods", Season: "seasons", Months: "months", Off: "offs", Zone: "zones",
                           Always: "always"}
_SHARED = ("counts", "lengths", "seasons", "months", "offs", "zones")


def _always_at(words: Words, start: int) -> Found | None:
    return Found(Always(), start, start + 1) if words.kind(start) == Kind.ALWAYS else None


def _zone_at(words: Words, start: int) -> Found | None:
    one = words.at(start)
    return Found(Zone(ZONES[one.number]), start, start + 1) if one.kind == Kind.ZONE else None


# The order decides where a word could begin more than one part.
_READERS: tuple[Callable[[Words, int], Found | None], ...] = (
    _always_at, _zone_at, off_at, length_at, season_at, count_at, step_at, ordinals_at, span_at, weekdays_at, period_at)


def parts(words: Words) -> list[Found]:
    """All parts of a stretch of text in order; words that are in none become problems."""
    found: list[Found] = []
    place, unread = 0, -1
    while words.kind(place) != Kind.END:
        one = next((part for reader in _READERS if (part := reader(words, place)) is not None), None)
        if one is None and not _idle(words, place):
            unread = place if unread < 0 else unread
            place += 1
            continue
        if unread >= 0:
            words.refuse("not_understood", unread, place)
            unread = -1
        if one is not None:
            found.append(one)
        place = place + 1 if one is None else max(one.end, place + 1)
    if unread >= 0:
        words.refuse("not_understood", unread, place)
    return found


def _idle(words: Words, place: int) -> bool:
    one = words.at(place)
    if one.kind == Kind.TO:
        return one.number == DASH
    return one.kind in _IDLE or (one.kind == Kind.UNIT and one.number == MEETING)


def clauses(words: Words, found: list[Found]) -> list[Clause]:
    """The clauses of a text, line by line; a line of conditions alone holds for all lines."""
    made: list[Clause] = []
    loose: list[Found] = []
    for line in _lines(words, found):
        several = _line(words, line)
        if len(several) == 1 and made and _complete(made[-1], several[0]):
            for one in line:
                _put(made[-1], one)
        elif len(several) == 1 and not several[0].own() and made:
            loose.extend(line)
        else:
            made.extend(several)
    for one in loose:
        for clause in made:
            _put(clause, one)
    return made


def _lines(words: Words, found: list[Found]) -> list[list[Found]]:
    lines: dict[int, list[Found]] = {}
    for one in found:
        breaks = sum(words.kind(place) == Kind.BREAK for place in range(one.start))
        lines.setdefault(breaks, []).append(one)
    return list(lines.values())


def _complete(last: Clause, this: Clause) -> bool:
    """Whether the days of one line have their times on the next, or the times of one line their days."""
    if not last.own() or not this.own() or last.always or this.always:
        return False
    if last.steps and not last.whens:
        return False  # "every 10 days" needs no further days
    times_go_on = not last.whens and bool(this.spans) and bool(this.whens) and this.spans[0].start < this.whens[0].start
    return times_go_on or not (last.spans or this.whens) or not (last.whens or this.spans)


def _put(clause: Clause, one: Found) -> None:
    getattr(clause, _LISTS[Weekdays if isinstance(one.part, _WHEN) else type(one.part)]).append(one)


def _line(words: Words, found: list[Found]) -> list[Clause]:
    """The clauses of one line.

    A clause begins where days or times come that cannot belong to the one before: days after days with times, or
    times after times with days. What stands before the first or behind the last clause holds for all of them.
    """
    made: list[Clause] = [Clause()]
    for one, following in zip(found, [*found[1:], None], strict=True):
        if isinstance(one.part, Span) and following is not None and isinstance(following.part, Span) \
                and following.start == one.end:
            words.assume("assumed_two_times", one.start, following.end)  # "2 pm 6 pm" may be meant as a range
        if _begins(made[-1], one, following):
            made.append(Clause())
        _put(made[-1], one)
    if len(made) > 1:
        _share(words, made)
    return made


def _begins(last: Clause, one: Found, following: Found | None) -> bool:
    if not last.whens or not (last.spans or last.always):
        return False
    days_first = last.whens[0].start < (last.spans + last.always)[0].start
    if isinstance(one.part, Step):
        # "and every other Saturday 10 am" begins anew, "every other week" behind a clause belongs to it.
        next_days = following is not None and isinstance(following.part, _WHEN) and following.start == one.end
        return days_first and next_days
    if isinstance(one.part, Ordinals) and max(one.part.numbers) <= _MOST_PLACES:
        # "Wednesdays 6 to 8, second and fourth" goes on; only a time of its own makes it another clause.
        return days_first and following is not None and isinstance(following.part, Span)
    if isinstance(one.part, Once) and len(one.part.days) > 1:
        # "Tuesdays 6 pm: December 1, 8 and 15" goes on likewise.
        return days_first and following is not None and isinstance(following.part, Span)
    if isinstance(one.part, _WHEN):
        return days_first
    return isinstance(one.part, Span | Always) and not days_first


def _refuse_shared_count(words: Words, made: list[Clause]) -> None:
    """"8 meetings" of two clauses may be eight together or eight each."""
    shared = [one for one in made[0].counts if isinstance(one.part, Count) and one.part.unit == MEETING
              and one in made[-1].counts]
    for one in shared:
        words.refuse("conflicting", one.start, one.end)
        for clause in made:
            clause.counts.remove(one)


def _share(words: Words, made: list[Clause]) -> None:
    """Gives what stands before the first clause, and what stands behind the last, to all clauses."""
    begin = min(one.start for one in made[0].own())
    for name in _SHARED:
        leading = [one for one in getattr(made[0], name) if one.start < begin]
        end = max(one.end for one in made[-1].own())
        trailing = [one for one in getattr(made[-1], name) if one.start >= end]
        if any(getattr(clause, name) for clause in made[:-1]):
            trailing = []  # each clause says its own
        for clause in made[1:]:
            getattr(clause, name).extend(leading)
        for clause in made[:-1]:
            getattr(clause, name).extend(trailing)
        for one in trailing:
            words.assume("assumed_for_all", one.start, one.end)
    _refuse_shared_count(words, made)
    for one in made[-1].steps:
        if one.start >= max(own.end for own in made[-1].own()):
            words.assume("assumed_for_last", one.start, one.end)
