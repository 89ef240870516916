"""Text cut into words with a meaning: one pass from left to right, the longest known phrase first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from finder.errors import Problem
from finder.schedules.spoken.words import AM, CAPITALS, ENDINGS, LANGUAGES, MARKS, PM, Kind

# What may be written short with a point, which then means nothing.
_SHORTENED = (Kind.DAY, Kind.MONTH, Kind.UNIT, Kind.ORDINAL)
_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+(?:['’][^\W\d_]+)*|\n|\S")
_FEWEST_DIGITS, _MOST_DIGITS = 1, 4  # longer numbers are neither times nor dates


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One word or fixed phrase; `start` and `end` are its place in the text, `glued` says no space stands before."""

    kind: Kind
    value: tuple[int, ...] = ()
    start: int = 0
    end: int = 0
    glued: bool = False
    digits: str = ""

    @property
    def number(self) -> int:
        return self.value[0]


_END = Lexeme(Kind.END)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, with what reading them needs; `assumed` collects the readings chosen."""

    text: str
    lexemes: tuple[Lexeme, ...]
    language: str
    today: date
    assumed: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def at(self, place: int) -> Lexeme:
        """The lexeme at a place; past the end one that matches nothing."""
        return self.lexemes[place] if 0 <= place < len(self.lexemes) else _END

    def kind(self, place: int) -> Kind:
        return self.at(place).kind

    def skip(self, place: int, *kinds: Kind) -> int:
        """The first place from here on that holds none of these kinds."""
        while self.kind(place) in kinds:
            place += 1
        return place

    def said(self, start: int, end: int) -> str:
        """What was written between two places."""
        return " ".join(self.text[self.at(start).start:self.at(end - 1).end].split())

    def assume(self, code: str, start: int, end: int, **values: object) -> None:
        self.assumed.append(Problem(code, words=self.said(start, end), **values))

    def refuse(self, code: str, start: int, end: int, **values: object) -> None:
        self.problems.append(Problem(code, words=self.said(start, end), **values))


def folded(text: str) -> str:
    """Text without case, accents and typographic apostrophes, as words are looked up."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").replace("½", "1⁄2")).casefold()
    return "".join(one for one in plain if not unicodedata.combining(one))


@lru_cache(maxsize=4)
def _phrases(language: str) -> dict[str, list[tuple[tuple[str, ...], tuple[Kind, tuple[int, ...]]]]]:
    """Phrases by first word, the longest first."""
    table: dict[tuple[str, ...], tuple[Kind, tuple[int, ...]]] = {}
    for words in LANGUAGES.get(language, LANGUAGES["en"]):
        for meaning, phrases in words.items():
            for phrase in phrases.split("|"):
                table[tuple(folded(one.group()) for one in _TOKEN.finditer(phrase))] = meaning
    found: dict[str, list[tuple[tuple[str, ...], tuple[Kind, tuple[int, ...]]]]] = {}
    for key in sorted(table, key=len, reverse=True):
        found.setdefault(key[0], []).append((key, table[key]))
    return found


def lexemes(text: str, language: str) -> tuple[Lexeme, ...]:
    """The words of a text; numbers and their endings are one: 2 + nd is the ordinal 2."""
    found: list[Lexeme] = []
    for one in _lexemes(text, language):
        if one.kind == Kind.ORDINAL and not one.value:
            if found[-1].kind == Kind.MARK:
                found.pop()  # the point of "1.er" and "2.º"
            number = found.pop()
            one = Lexeme(Kind.ORDINAL, number.value, number.start, one.end, number.glued) \
                if number.kind == Kind.NUMBER else Lexeme(Kind.UNKNOWN, (), number.start, one.end, number.glued)
        point = one.kind == Kind.MARK and one.glued and text[one.start] == "."
        if not (point and found and found[-1].kind in _SHORTENED):
            found.append(one)
    return tuple(found)


def _lexemes(text: str, language: str) -> Iterator[Lexeme]:
    tokens = [(one.group(), one.start(), one.end()) for one in _TOKEN.finditer(text)]
    keys = [folded(token) for token, _, _ in tokens]
    phrases = _phrases(language)
    place = 0
    while place < len(tokens):
        token, start, end = tokens[place]
        glued = place > 0 and tokens[place - 1][2] == start
        before_digit = place + 1 < len(tokens) and tokens[place + 1][1] == end and tokens[place + 1][0].isdecimal()
        suffix = _suffix(token, language, before_digit) if glued and _after_digits(tokens, place) else None
        if suffix is not None:
            yield Lexeme(*suffix, start, end, glued)
            place += 1
            continue
        for key, (kind, value) in phrases.get(keys[place], ()):
            length = len(key)
            if tuple(keys[place:place + length]) == key:
                yield Lexeme(kind, value, start, tokens[place + length - 1][2], glued)
                place += length
                break
        else:
            yield _single(token, start, end, glued)
            place += 1


def _after_digits(tokens: list[tuple[str, int, int]], place: int) -> bool:
    """Whether the token before is a number, or the point of "1.er" behind one."""
    before = tokens[place - 1]
    pointed = before[0] == "." and place > 1 and tokens[place - 2][2] == before[1] and tokens[place - 2][0].isdecimal()
    return before[0].isdecimal() or (pointed and tokens[place][0] not in ("a", "p", "A", "P"))


def _suffix(token: str, language: str, before_digit: bool) -> tuple[Kind, tuple[int, ...]] | None:
    """What a few letters straight behind digits mean: 1st, 2º, 7p. `to` between two numbers joins them."""
    key = folded(token)
    if token in ("º", "ª", "°") or (key in ENDINGS.get(language, ENDINGS["en"]) | ENDINGS["en"] and not before_digit):
        return Kind.ORDINAL, ()
    if key in ("a", "p") and not before_digit:
        return Kind.PERIOD, (AM if key == "a" else PM,)
    return None


def _single(token: str, start: int, end: int, glued: bool) -> Lexeme:
    if token == "\n":
        return Lexeme(Kind.BREAK, (), start, end, glued)
    if token.isascii() and token.isdecimal() and _FEWEST_DIGITS <= len(token) <= _MOST_DIGITS:
        return Lexeme(Kind.NUMBER, (int(token),), start, end, glued, token)
    if token in CAPITALS:
        return Lexeme(Kind.DAY, CAPITALS[token], start, end, glued)
    return Lexeme(Kind.MARK if token in MARKS else Kind.UNKNOWN, (), start, end, glued)
