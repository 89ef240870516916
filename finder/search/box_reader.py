"""What each word of a typed line has been read as: first days and hours, then exact phrases, then mistyped ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from finder.catalog.listing_schema import PAYERS
from finder.search.box_terms import COST, FILLERS, GENERIC, LISTS, Term, Token
from finder.search.lexicon import folded, plain
from finder.search.query_schema import FACETS
from finder.understanding import Understood, understand
from finder.vocabulary import Vocabulary

_ORDER = tuple(LISTS)
_CERTAINTIES = ("exact", "likely", "unsure")
_SHORTEST = 4  # letters of a word that is compared as a plural or with other wordings
_ACRONYM = 60.0  # the score by which `understand` says "an exact phrase, but it may be an ordinary word"


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that was understood. `phrase` is in the reader's own words.

    `kind`: need, style, format, language, access, people, cost, leader, group, day, time, join or place. `field`: a
    facet of `query_schema.FACETS`, or `days`, `from`, `until`, `starting`, `insurance` of a browse query; "" when no
    list can be narrowed by it (`walk_in`, `near_me`). `certainty`: exact, likely (use it, and show it) or unsure (ask).
    """

    kind: str
    field: str
    code: str
    phrase: str
    certainty: str


@dataclass(frozen=True, slots=True)
class _Hit:
    """Tokens `start` to before `stop` mean `chip`; `of`: by this list of the vocabularies, else None.

    `spelt`: the words themselves are beyond doubt, though what they mean here may not be ("not AA").
    """

    start: int
    stop: int
    chip: Chip
    of: str | None = None
    named: str = ""  # its code there
    spelt: bool = True


class Reader:
    """The tokens of one line and what has been read from them so far."""

    def __init__(self, text: str, line: Sequence[Token], vocabulary: Vocabulary, lang: str) -> None:
        self.text, self.line, self.vocabulary, self.lang = text, line, vocabulary, lang
        self.hits: list[_Hit] = []
        self.quiet: set[int] = set()  # generic phrases, which tell nothing apart
        self.place: set[int] = set()
        self.offered: set[int] = set()  # those of an unsure place

    def soft(self) -> set[int]:
        return _reach(one for one in self.hits if one.of) | self.quiet

    def hard(self) -> set[int]:
        return _reach(one for one in self.hits if not one.of)

    def take(self, found: Iterable[Term]) -> None:
        """Days, hours and the like."""
        self.hits += [_Hit(one.start, one.stop, Chip(one.kind, one.field, one.code, self._said(one.start, one.stop),
                                                     one.certainty)) for one in found]

    def read_exact(self) -> None:
        """Exact phrases: needs first, so that "grief group" is the need and not that one kind of group only."""
        for lists in (_ORDER[:1], _ORDER[1:]):
            self._read(lists, lambda one: one.certainty == "exact" or one.score == _ACRONYM)

    def give_to_place(self, reach: Collection[int], certainty: str) -> None:
        """Takes back what the vocabularies said of these tokens, or asks about it when the place is unsure too."""
        over = [one for one in self.hits if not set(reach).isdisjoint(range(one.start, one.stop))]
        self.hits = [one for one in self.hits if one not in over]
        if certainty == "unsure":
            self.hits += [replace(one, chip=replace(one.chip, certainty="unsure")) for one in over]
            self.offered = set(reach)
        self.place = set(reach)

    def read_near(self) -> None:
        """Mistyped phrases in what is still unread, plurals, and words that belong to what was read."""
        self._read(_ORDER, lambda one: True)
        for at in self.unread():
            if at not in self.place and not self._belongs(at):
                self._singular(at)

    def _belongs(self, at: int) -> bool:
        """Whether a word stands in another wording of what the word beside it means, as "atacks" beside "panic"."""
        key = self.line[at].key
        for one in self.hits:
            if one.of and at in (one.start - 1, one.stop) and len(key) >= _SHORTEST:
                terms = self.vocabulary.lists[one.of]
                wordings = " ".join(terms.label(one.named, lang) + " " + " ".join(terms.synonyms(one.named, lang))
                                    for lang in ("en", "es"))
                if process.extractOne(key, folded(wordings), scorer=OSA.distance, score_cutoff=1):
                    self.quiet.add(at)
                    return True
        return False

    def _singular(self, at: int) -> None:
        key = self.line[at].key
        if len(key) < _SHORTEST or not key.endswith("s"):
            return
        single = key.removesuffix("s").removesuffix("'")
        found = understand(single, self.vocabulary, _ORDER, self.lang)
        for one in found[:1]:
            if one.certainty == "exact":
                self.hits.append(_Hit(at, at + 1, replace(_chip(one), phrase=self.line[at].text), one.list_name,
                                      one.code))

    def _read(self, lists: Sequence[str], wanted: Callable[[Understood], bool]) -> None:
        for start, stop in list(self._stretches()):
            said = self._said(start, stop)
            found = [one for one in understand(said, self.vocabulary, lists, self.lang) if wanted(one)]
            for phrase in dict.fromkeys(one.phrase for one in found):
                reach = self._tokens_of(phrase, start, stop)
                if plain(phrase) in GENERIC:
                    self.quiet.update(range(*reach))
                    continue
                mine = [one for one in found if one.phrase == phrase]
                first = min((one.list_name for one in mine), key=_ORDER.index)
                self.hits += [_Hit(*reach, _chip(one), first, one.code,
                                   one.certainty != "unsure" or one.score == _ACRONYM)
                              for one in mine if one.list_name == first]

    def _stretches(self) -> Iterator[tuple[int, int]]:
        """Runs of tokens that nothing has been read from, but for those of fillers only."""
        read, start = _reach(self.hits) | self.place | self.quiet, 0
        for at in range(len(self.line) + 1):
            if at == len(self.line) or at in read:
                if any(token.key not in FILLERS for token in self.line[start:at]):
                    yield start, at
                start = at + 1

    def _tokens_of(self, phrase: str, start: int, stop: int) -> tuple[int, int]:
        """The tokens of a phrase that was read from these."""
        for first in range(start, stop):
            for last in range(first + 1, stop + 1):
                if self._said(first, last) == phrase:
                    return first, last
        return start, start  # the words of a phrase were cut otherwise there ("AC/DC")

    def _said(self, start: int, stop: int) -> str:
        return self.text[self.line[start].start : self.line[stop - 1].end]

    def chips(self) -> tuple[Chip, ...]:
        """In the order of the line, each code once: where it was surest."""
        found: dict[tuple[str, str], Chip] = {}
        for one in sorted(self.hits, key=lambda one: (_CERTAINTIES.index(one.chip.certainty), one.start)):
            found.setdefault((one.chip.field, one.chip.code), one.chip)
        start = {id(one.chip): one.start for one in self.hits}
        return tuple(sorted(found.values(), key=lambda chip: start[id(chip)]))

    def unread(self) -> list[int]:
        """The tokens that are no fillers and that nothing sure has been read from."""
        read = _reach(one for one in self.hits if one.spelt) | self.quiet | self.place - self.offered
        return [at for at, token in enumerate(self.line) if at not in read and token.key not in FILLERS]


def _chip(one: Understood) -> Chip:
    kind, field = LISTS[one.list_name]
    code, certainty = one.code, one.certainty
    if one.list_name == "cost_payment":
        if code in PAYERS:
            field = "insurance"
        else:
            field, code, usual = COST.get(code, ("", code, certainty))
            certainty = certainty if usual == "exact" else usual
    elif code not in FACETS[field]:
        field = ""
    return Chip(kind, field, code, one.phrase, certainty)


def _reach(hits: Iterable[_Hit]) -> set[int]:
    return {at for one in hits for at in range(one.start, one.stop)}
