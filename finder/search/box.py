"""One search box: place, need, hours and name out of one typed line, and the listings that it calls by name.

Nothing is guessed silently: what is only likely is shown as a chip that can be taken away, what is unsure is asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from finder.places.gazetteer import Gazetteer, folded
from finder.places.lookup import Choices, Place
from finder.search import box_places, box_terms, indexes, names
from finder.search.box_places import Line
from finder.search.box_reader import Chip, Reader
from finder.search.box_terms import FILLERS, Token, tokens
from finder.search.query_schema import FACETS
from finder.search.snapshot import Part, Snapshot
from finder.search.text import read as words_of
from finder.vocabulary import Vocabulary

MOST_TEXT = 200  # contract, intake needs_text: one line
# Quoted words, a word to leave out, OR and |: they are for the search by words and say no chip.
_VERBATIM = re.compile(r'(?:(?<!\S)[-−–])?["“”„«»][^"“”„«»]*["“”„«»]?'
                       r'|(?<!\S)[-−–][^\W_](?:[^\s"|]*[^\s"|−–-])?(?=[\s"|]|$)')
_OR = re.compile(r"\||(?<!\S)OR(?!\S)")


@dataclass(frozen=True, slots=True)
class AskedPlace:
    """The place named: its words in the line, the text to put in an address, and what that resolves to."""

    phrase: str
    text: str
    found: Place | Choices
    certainty: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a line asks for.

    `words`: what is left over, a name or part of one, with quotes, OR and minus as typed; the words of an unsure place
    are among them.
    """

    text: str
    place: AskedPlace | None
    chips: tuple[Chip, ...]
    words: str


def read(text: str, *, vocabulary: Vocabulary, gazetteer: Gazetteer, lang: str = "en") -> Asked:
    """Reads one typed line of at most MOST_TEXT characters; what is longer is cut.

    "near", "in", "cerca de" help to find the place but are not needed. Words of the vocabularies are needs rather than
    towns, unless a state follows or a word for a place stands before them. Words of `lang` go before those of the
    other language. Never raises.
    """
    text = " ".join(text[:MOST_TEXT].split())
    masked = _masked(text, gazetteer)
    line = tokens(masked)
    reader = Reader(masked, line, vocabulary, lang)
    reader.take(box_terms.terms(masked, line))
    reader.read_exact()
    spot = box_places.spot(Line(masked, line, reader.soft(), reader.hard()), gazetteer)
    if spot:
        reader.give_to_place(range(spot.start, spot.stop), spot.certainty)
    reader.read_near()
    place = AskedPlace(masked[line[spot.start].start : line[spot.stop - 1].end], spot.text, spot.found,
                       spot.certainty) if spot else None
    return Asked(text, place, reader.chips(), _leftover(text, [line[at] for at in reader.unread()]))


def _leftover(text: str, unread: Sequence[Token]) -> str:
    """What was not read, in its order, with what was typed for the search by words; OR only between two such."""
    pieces = [(one.start, one.text) for one in unread]
    pieces += [(one.start(), one.group()) for one in _VERBATIM.finditer(text)]
    signs = [one.start() for one in _OR.finditer(_VERBATIM.sub(lambda one: " " * len(one.group()), text))]
    found: list[str] = []
    last = 0
    for start, piece in sorted(pieces):
        if found and any(last < sign < start for sign in signs):
            found.append("OR")
        found.append(piece)
        last = start
    return " ".join(found)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a line asks for, and the ids of listings it calls by name; together at most MOST_NAMED, best first.

    `named`: by name, organization or town. `said`: listings whose other words hold what was left over.
    """

    asked: Asked
    named: tuple[str, ...]
    said: tuple[str, ...]


MOST_NAMED = 20
# From these shares of the typed words' weight a listing is called by its name. Set on the real listings the tests
# read: low enough for one slip in each of two words, high enough that no two needs make a name.
_OWN, _TYPED, _WHOLE = 0.6, 0.5, 0.8
_ALL_TYPED = 0.75
FAR_MILES = 100.0  # listings of that name farther from the place than this give way to nearer ones
# What people add to a name to say when, how and at what price; a name need not hold it.
_ASIDE = frozenset(("format", "language", "access", "cost", "day", "time", "join", "place"))


def search(text: str, *, snapshot: Snapshot, gazetteer: Gazetteer, vocabulary: Vocabulary,
           lang: str = "en") -> Answer:
    """Reads a line and finds the listings it calls by name: those come first, what fits the chips and place follows.

    The rule that tells a name from filters. When words are left over that neither a chip nor a sure place explains, a
    listing is named if its name, organization and town hold most of these words (_OWN of their weight, rare words
    weighing more) and half of all that was typed. When every word is explained, a listing is named only if its whole
    name was typed (_WHOLE of its weight) and little else (_ALL_TYPED), leaving aside days, hours, formats, prices and
    the place: "Tuesday Night Group" names the group of that name, "grief group Tuesday night" none of its kind.
    One slip of a letter in a word, the first letter too, costs it little. An unsure place and unsure chips whose words
    are in the best name are dropped from what was asked.
    """
    asked = read(text, vocabulary=vocabulary, gazetteer=gazetteer, lang=lang)
    line = _Called.of(asked)
    if not line.typed:
        return Answer(asked, (), ())
    found: list[tuple[float, str, str]] = []
    for part in snapshot.parts:
        found += _named(part, line)
    found.sort(key=lambda one: -one[0])
    named = tuple(one[1] for one in found[:MOST_NAMED])
    if found:
        asked = _without_name(asked, names.words(found[0][2]))
    over = line.own - set(names.words(asked.place.phrase) if asked.place else ())
    return Answer(asked, named, _said(snapshot, line, named) if over else ())


@dataclass(frozen=True, slots=True)
class _Called:
    """A line as the names are compared with it; see `names.Names.judge`."""

    typed: tuple[str, ...]
    fillers: frozenset[str]
    own: frozenset[str]
    aside: frozenset[str]
    placed: frozenset[str]
    place: Place | None
    sure: bool
    whole: str
    bare: str
    phrases: tuple[str, ...]  # quoted: the name must hold them as they stand
    without: tuple[tuple[str, ...], ...]
    words: str

    @classmethod
    def of(cls, asked: Asked) -> _Called:
        terms = words_of(asked.text)
        placed = names.words(asked.place.phrase) if asked.place else []
        unsure = asked.place is not None and asked.place.certainty == "unsure"
        left_out = {word for phrase in terms.without for word in phrase}
        whole = [word for word in names.words(asked.text) if word not in left_out]
        telling = tuple(word for word in whole if word not in FILLERS)
        typed = telling or (() if asked.chips or asked.place else tuple(whole))  # "The Program" is a name too
        own = {word for word in names.words(asked.words) if word in typed and word != "or"}
        aside = {word for chip in asked.chips if chip.kind in _ASIDE for word in names.words(chip.phrase)}
        if unsure:
            placed = []
        found = asked.place.found if asked.place and not unsure else None
        return cls(typed, frozenset(whole) - set(typed), frozenset(own), frozenset(aside - own), frozenset(placed),
                   found if isinstance(found, Place) else None,
                   bool(asked.place and asked.place.certainty == "exact"), " ".join(whole),
                   " ".join(word for word in whole if word not in placed),
                   tuple(" ".join(term) for group in terms.groups[:1] for term in group
                         if not isinstance(term, str) and len(terms.groups) == 1),
                   terms.without, asked.words)


def _named(part: Part, line: _Called) -> list[tuple[float, str, str]]:
    """Worth, id and folded name of the listings of one part that the line calls by name."""
    known = indexes.of_names(part)
    judged = known.judge(line.typed, fillers=line.fillers, own=line.own, aside=line.aside,
                         placed=line.placed, place=line.place)
    fits = known.active.copy()
    fits[part.dead] = False
    if line.own:
        fits &= (judged.own >= _OWN) & (judged.typed >= _TYPED)
    else:
        fits &= (judged.whole >= _WHOLE) & (judged.typed >= _ALL_TYPED)
    if line.sure and line.place:
        reach = known.remote | (known.miles(line.place) <= FAR_MILES)
        if (fits & reach).any():
            fits &= reach
    best = known.best(judged, np.flatnonzero(fits), line.whole, names.LOOKED_AT, line.bare)
    return [(worth, part.columns.names[row].id, known.said[row]) for row, worth in best
            if _as_quoted(known.said[row], line)][:MOST_NAMED]


def _as_quoted(name: str, line: _Called) -> bool:
    padded = f" {name} "
    return (all(f" {phrase} " in padded for phrase in line.phrases)
            and not any(f" {' '.join(phrase)} " in padded for phrase in line.without))


def _said(snapshot: Snapshot, line: _Called, named: Sequence[str]) -> tuple[str, ...]:
    """Listings that hold the words left over anywhere, as far as there is room beside the named ones."""
    found: list[tuple[float, str]] = []
    for part in snapshot.parts:
        scores = indexes.of_words(part, snapshot.tags).scores(line.words)
        if scores is None:
            continue
        scores = np.where(indexes.of_names(part).active, scores, 0.0)
        scores[part.dead] = 0.0
        rows = np.argsort(-scores, kind="stable")[: 2 * MOST_NAMED]
        found += [(float(scores[row]), part.columns.names[row].id) for row in rows.tolist() if scores[row] > 0]
    found.sort(key=lambda one: -one[0])
    return tuple(one for _, one in found if one not in named)[: MOST_NAMED - len(named)]


def _without_name(asked: Asked, name: Sequence[str]) -> Asked:
    """Without the unsure readings of words that are in a name that was called."""
    place = asked.place
    if place and place.certainty == "unsure" and set(names.words(place.phrase)) <= set(name):
        place = None
    chips = tuple(chip for chip in asked.chips
                  if chip.certainty != "unsure" or not set(names.words(chip.phrase)) <= set(name))
    return replace(asked, place=place, chips=chips)


def query(asked: Asked, *, unsure: bool = False) -> dict[str, Any]:
    """The parts of a browse query (see `query_schema.load_browse`) that a line asks for.

    Gives `near`, `filters`, `days`, `from`, `until`, `starting` and `insurance` as far as they are asked; codes of one
    facet are joined by "any". Unsure chips and an unsure place are left out unless wanted.
    """
    found: dict[str, Any] = {"filters": {}}
    if asked.place and (unsure or asked.place.certainty != "unsure"):
        found["near"] = asked.place.text
    for chip in asked.chips:
        if chip.certainty == "unsure" and not unsure:
            continue
        if chip.field in FACETS:
            _add(found["filters"].setdefault(chip.field, {}).setdefault("any", []), chip.code)
        elif chip.field in ("from", "until"):
            found[chip.field] = int(chip.code[:2]) * 60 + int(chip.code[3:])
        elif chip.field == "starting":
            found["starting"] = int(chip.code)
        elif chip.field == "days":
            found["days"] = tuple(sorted({*found.get("days", ()), int(chip.code)}))
        elif chip.field == "insurance":
            _add(found.setdefault("insurance", []), chip.code)
            _add(found["filters"].setdefault("cost", {}).setdefault("any", []), "covered")
    return found


def _add(codes: list[str], code: str) -> None:
    if code not in codes:
        codes.append(code)


def _masked(text: str, gazetteer: Gazetteer) -> str:
    """The line with its quoted and left-out words and its OR signs blanked, letter for letter; not the state Oregon."""
    blanked = _VERBATIM.sub(lambda one: " " * len(one.group()), text)
    return _OR.sub(lambda one: one.group() if _is_state(blanked, one, gazetteer) else " " * len(one.group()), blanked)


def _is_state(text: str, one: re.Match[str], gazetteer: Gazetteer) -> bool:
    """Whether "OR" is Oregon: behind a comma or one of its towns, before a ZIP code, or at the end of a line."""
    before, after = text[: one.start()].rstrip(), text[one.end() :].strip()
    if one.group() != "OR" or not before:
        return False
    words = before.split()[-3:]
    town = any(folded(" ".join(words[start:])) in gazetteer.cities["OR"] for start in range(len(words)))
    return town or before.endswith(",") or not after or after[:5].isdecimal()
