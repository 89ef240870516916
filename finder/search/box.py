"""One search box: place, need, hours and name out of one typed line, and the listings that it calls by name.

Nothing is guessed silently: what is only likely is shown as a chip that can be taken away, what is unsure is asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from finder.places.gazetteer import Gazetteer
from finder.places.lookup import Choices, Place
from finder.search import box_places, box_terms
from finder.search.box_places import Line
from finder.search.box_reader import Chip, Reader
from finder.search.box_terms import Token, tokens
from finder.search.query_schema import FACETS
from finder.vocabulary import Vocabulary

MOST_TEXT = 200  # contract, intake needs_text: one line
# Quoted words, a word to leave out, OR and |: they are for the search by words and say no chip.
_VERBATIM = re.compile(r'(?:(?<!\S)[-−–])?["“”„«»][^"“”„«»]*["“”„«»]?|(?<!\S)[-−–][^\W_][^\s"|]*')
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
    """What a line asks for. `words`: what is left over, a name or part of one, with quotes, OR and minus as typed."""

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
    masked = _masked(text)
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


def _masked(text: str) -> str:
    """The line with its quoted and left-out words and its OR signs blanked, letter for letter.

    "OR" behind a comma or at the end is the state: "Salem, OR".
    """
    blanked = _VERBATIM.sub(lambda one: " " * len(one.group()), text)
    return _OR.sub(lambda one: one.group() if _is_state(blanked, one) else " " * len(one.group()), blanked)


def _is_state(text: str, one: re.Match[str]) -> bool:
    before, after = text[: one.start()].rstrip(), text[one.end() :].strip()
    return one.group() == "OR" and bool(before) and (before.endswith(",") or not after or after[:5].isdecimal())
