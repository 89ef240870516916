"""The place in a typed line: a ZIP code, a town with its state, a town after "near", or a great city by its name alone.

What may as well be a need or a name is only ever offered as unsure.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from finder.places import lookup
from finder.places.gazetteer import Gazetteer, folded
from finder.places.lookup import Choices, Place
from finder.search.box_terms import FILLERS, Token

MOST_TOKENS = 4  # of a town's name
_LARGE_ZIPS = 6  # of a town that is known without its state; as `gazetteer.LARGE`
# Words after which a place is expected; after the weak ones much else may stand ("in recovery", "at work").
_STRONG = (("cerca", "de"), ("close", "to"), ("alrededor", "de"), ("outside", "of"), ("near",), ("around",))
_WEAK = (("in",), ("en",), ("at",), ("by",))
# State codes that are also words: small they count only behind a comma or at the end, and behind an exact town; in the
# middle of a line only behind a town of some size ("boston ma grief", but "hope in recovery" is not Hope, Indiana).
_WORDS = frozenset("al as co de hi id in la ma me mi mo ms oh ok or pa pr va".split())
_SOME_SIZE = 3  # ZIP codes
_ARTICLES = frozenset(("la", "sf", "atl"))  # short names of cities that count in capitals only


@dataclass(frozen=True, slots=True)
class Spot:
    """Tokens `start` to before `stop` name a place. `text` is what to resolve; `found` what that gave.

    `certainty`: exact (a ZIP code, an exact town that cannot be anything else), likely (mistyped, or known without
    its state), unsure (may be something else).
    """

    start: int
    stop: int
    text: str
    found: Place | Choices
    certainty: str


@dataclass(frozen=True, slots=True)
class Line:
    """A typed line: `soft` tokens stand in the vocabularies, `hard` ones say a day, an hour and the like."""

    text: str
    tokens: Sequence[Token]
    soft: Collection[int]
    hard: Collection[int]

    def said(self, start: int, stop: int) -> str:
        return self.text[self.tokens[start].start : self.tokens[stop - 1].end]

    def key(self, start: int, stop: int) -> str:
        return folded(" ".join(token.text for token in self.tokens[start:stop]))

    def comma_before(self, at: int) -> bool:
        return at > 0 and "," in self.text[self.tokens[at - 1].end : self.tokens[at].start]

    def filler(self, at: int) -> bool:
        return self.tokens[at].key in FILLERS

    def unexplained(self) -> set[int]:
        """The tokens that no vocabulary, hour or filler explains."""
        return {at for at in range(len(self.tokens))
                if at not in self.soft and at not in self.hard and not self.filler(at)}

    def capitals(self, at: int) -> bool:
        """In capitals, which says something unless everything is."""
        return self.tokens[at].text.isupper() and not self.text.isupper()


def spot(line: Line, gazetteer: Gazetteer) -> Spot | None:
    """The place that a line names, the surest; None when it names none."""
    return (_zip(line, gazetteer) or _with_state(line, gazetteer) or _after_word(line, gazetteer)
            or _bare(line, gazetteer))


def _zip(line: Line, gazetteer: Gazetteer) -> Spot | None:
    for at, token in enumerate(line.tokens):
        code, _, more = token.text.partition("-")
        if len(code) != 5 or not code.isdecimal() or not code.isascii() or (more and len(more) != 4):
            continue
        found = lookup.resolve(code, gazetteer)
        if not isinstance(found, Place):
            return Spot(at, at + 1, code, found, "unsure")
        start = at
        if at and lookup.state_code(line.tokens[at - 1].text) == found.state:
            start -= 1
        for count in range(min(MOST_TOKENS, start), 0, -1):
            if line.key(start - count, start) in gazetteer.cities.get(found.state or "", {}):
                return Spot(start - count, at + 1, code, found, "exact")
        return Spot(start, at + 1, code, found, "exact")
    return None


def _with_state(line: Line, gazetteer: Gazetteer) -> Spot | None:
    mistyped: Spot | None = None
    for at in range(1, len(line.tokens)):
        for count in (3, 2, 1):
            if at + count > len(line.tokens):
                continue
            code, sure = _state(line, at, count, gazetteer)
            if code is None:
                continue
            found = _town_before(line, at, at + count, code, gazetteer)
            if found:
                return found
            if mistyped is None:
                mistyped = (_near_town if sure else _near_great_town)(line, at, at + count, code, gazetteer)
    return mistyped


def _state(line: Line, at: int, count: int, gazetteer: Gazetteer) -> tuple[str | None, bool]:
    """The state that these tokens are, also mistyped, and whether a mistyped town may stand before it."""
    said = line.said(at, at + count)
    code = lookup.state_code(said)
    if code is None:
        return lookup.near_state(said), False
    sure = _surely_state(line, at, count)
    if sure is None and not _sizable_before(line, at, code, gazetteer):
        return None, False
    return code, bool(sure)


def _sizable_before(line: Line, at: int, code: str, gazetteer: Gazetteer) -> bool:
    """Whether a small word that is also a state's code stands right behind a town of that state and of some size."""
    if at in line.soft or at in line.hard:
        return False
    cities = gazetteer.cities.get(code, {})
    towns = (cities.get(line.key(at - count, at)) for count in range(1, min(MOST_TOKENS, at) + 1))
    return any(town is not None and town.size >= _SOME_SIZE for town in towns)


def _town_before(line: Line, at: int, stop: int, code: str, gazetteer: Gazetteer) -> Spot | None:
    """A town of this state right before it: exact, or of several words and one letter off."""
    for towns in range(min(MOST_TOKENS, at), 0, -1):
        key, text = line.key(at - towns, at), f"{line.said(at - towns, at)}, {code}"
        if key in gazetteer.cities.get(code, {}):
            return _spot(line, at - towns, stop, text, gazetteer, "exact")
        if towns > 1 and process.extractOne(key, gazetteer.keys.get(code, ()), scorer=OSA.distance, score_cutoff=1):
            return _spot(line, at - towns, stop, text, gazetteer, "likely")
    return None


def _surely_state(line: Line, at: int, count: int) -> bool | None:
    """Whether a mistyped town may stand before this state; None when it need not be a state at all."""
    token = line.tokens[at]
    if count > 1 or len(token.key) > 2 or line.comma_before(at) or line.capitals(at):
        return True
    last = at == len(line.tokens) - 1 or at + 1 in line.hard
    if token.key in _WORDS:
        return False if last or token.text.isupper() else None
    return True


def _near_town(line: Line, at: int, stop: int, code: str, gazetteer: Gazetteer) -> Spot | None:
    for towns in range(min(3, at), 0, -1):
        start = at - towns
        if any(one in line.hard or one in line.soft or line.filler(one) for one in range(start, at)):
            continue
        key = line.key(start, at)
        found = lookup.resolve_city(line.said(start, at), code, gazetteer)
        if isinstance(found, Place):
            return Spot(start, stop, f"{line.said(start, at)}, {code}", found, "likely")
        slips = 1 if len(key) < 8 else 2
        if any(OSA.distance(key, folded(one.text.rpartition(",")[0])) <= slips for one in found.choices):
            return Spot(start, stop, f"{line.said(start, at)}, {code}", found, "likely")
    return None


def _near_great_town(line: Line, at: int, stop: int, code: str, gazetteer: Gazetteer) -> Spot | None:
    """A great town of this state, one letter off in one word, right before a code that may be a word ("bostn ma")."""
    start = at - 1
    if start in line.hard or start in line.soft or line.filler(start):
        return None
    near = _near_large(line.key(start, at), gazetteer)
    if near is None or near not in gazetteer.cities.get(code, {}):
        return None
    return _spot(line, start, stop, f"{near}, {code}", gazetteer, "likely")


def _spot(line: Line, start: int, stop: int, text: str, gazetteer: Gazetteer, certainty: str) -> Spot:
    state_only = len(text) > 2 and lookup.state_code(text) is not None and folded(text) not in gazetteer.names
    found = Choices((), "unknown") if state_only else lookup.resolve(text, gazetteer)  # a state is no point
    return Spot(start, stop, text, found, certainty)


def _after_word(line: Line, gazetteer: Gazetteer) -> Spot | None:
    tried = False
    for words, strong in [(one, True) for one in _STRONG] + [(one, False) for one in _WEAK]:
        for at in range(len(line.tokens) - len(words)):
            if tuple(token.key for token in line.tokens[at : at + len(words)]) != words:
                continue
            start = at + len(words)
            if line.tokens[start].key == "the":
                start += 1
            found = _exact_after(line, start, strong, gazetteer)
            if found is None and not tried:
                tried, found = True, _like_after(line, start, strong, gazetteer)
            if found:
                return found
    return None


def _end(line: Line, start: int) -> int:
    """Where a place that starts here ends at the latest: before a day, an hour, a comma or a word like "for"."""
    stop = start
    while stop < min(len(line.tokens), start + MOST_TOKENS) and stop not in line.hard and not (
            stop > start and (line.tokens[stop].key in FILLERS and line.tokens[stop].key not in ("la", "las", "los",
                                                                                                 "del", "de"))):
        stop += 1
    return stop


def _exact_after(line: Line, start: int, strong: bool, gazetteer: Gazetteer) -> Spot | None:
    for stop in range(_end(line, start), start, -1):
        if not _is_name(line, start, stop, gazetteer):
            continue
        need = any(at in line.soft for at in range(start, stop))
        return _spot(line, start, stop, line.said(start, stop), gazetteer,
                     "unsure" if need and not strong else "exact")
    return None


def _is_name(line: Line, start: int, stop: int, gazetteer: Gazetteer) -> bool:
    said = line.said(start, stop)
    if line.tokens[start].key in _ARTICLES and stop == start + 1:
        return line.capitals(start)
    key = line.key(start, stop)
    whole = lookup.state_code(said) is not None and len(said) > 2
    return key in gazetteer.names or whole or lookup.alias(said) is not None


def _like_after(line: Line, start: int, strong: bool, gazetteer: Gazetteer) -> Spot | None:
    """A place that is not spelt as any town is: asked back, unless only one town is a letter away."""
    stop = _end(line, start)
    while stop > start and any(at in line.soft for at in range(start, stop)):
        stop -= 1
    if stop == start or len(line.key(start, stop)) < lookup.SHORTEST_CORRECTED:
        return None
    for end in range(stop, start, -1):
        near = _near_large(line.key(start, end), gazetteer)
        if near:
            code = lookup.state_code(line.tokens[end].text) if end < len(line.tokens) else None
            if code and near in gazetteer.cities.get(code, {}):
                return _spot(line, start, end + 1, f"{near}, {code}", gazetteer, "likely")
            return _spot(line, start, end, near, gazetteer, "likely" if strong else "unsure")
    if not strong:
        return None
    found = lookup.resolve(line.said(start, stop), gazetteer)
    return Spot(start, stop, line.said(start, stop), found, "likely" if isinstance(found, Place) else "unsure")


def _near_large(key: str, gazetteer: Gazetteer) -> str | None:
    """The one great city that is a letter away."""
    if len(key) < 5:
        return None
    scorer: Any = OSA.distance
    near = process.extract(key, gazetteer.large, scorer=scorer, score_cutoff=1, limit=2)
    return near[0][0] if len(near) == 1 else None


def _bare(line: Line, gazetteer: Gazetteer) -> Spot | None:
    """A great city anywhere; a smaller town, or a great one mistyped, only where nothing else is unexplained: a name
    of several words holds a town more often than not ("Lantern Street", and there is a Street in Maryland)."""
    found: list[tuple[int, int, int, Spot]] = []
    for count in range(MOST_TOKENS, 0, -1):
        for start in range(len(line.tokens) - count + 1):
            stop = start + count
            if any(at in line.hard or at in line.soft for at in range(start, stop)):
                continue
            certainty = _certainty(line, start, stop, gazetteer)
            if certainty == "likely" or (certainty and line.unexplained() <= set(range(start, stop))):
                one = _spot(line, start, stop, line.said(start, stop), gazetteer, certainty)
                found.append((certainty == "likely", count, start, one))
    if found:
        return max(found, key=lambda one: one[:3])[3]
    for start in line.unexplained():
        if len(line.unexplained()) == 1:
            near = _near_large(line.key(start, start + 1), gazetteer)
            if near:
                return _spot(line, start, start + 1, near, gazetteer, "unsure")
    return None


def _certainty(line: Line, start: int, stop: int, gazetteer: Gazetteer) -> str | None:
    if not _is_name(line, start, stop, gazetteer):
        return None
    towns = gazetteer.names.get(line.key(start, stop), ())
    known = lookup.alias(line.said(start, stop)) is not None or (towns and towns[0].size >= _LARGE_ZIPS)
    if known or lookup.state_code(line.said(start, stop)):
        # "Los Angeles" starts with a filler, and "LA" is one; "los" or "la" alone name nothing.
        return "likely" if stop - start > 1 or not line.filler(start) or line.capitals(start) else None
    return None if line.filler(start) or line.filler(stop - 1) else "unsure"
