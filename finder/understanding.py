"""Free words to codes of the vocabularies: "panick atacks", "my son uses", "AA". Says how sure it is.

Nothing is guessed silently: only `exact` and `likely` may be used as an answer; `unsure` is a question to the reader.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from finder.crosswalks import crosswalk
from finder.danger_words import is_clause, outright
from finder.vocabulary import Vocabulary

MOST_TEXT = 2000  # characters read
MOST_WORDS = 7  # of one phrase
SHORT = 3  # letters up to which a synonym is an acronym that must stand alone
CLOSE = 0.75  # normalized edit similarity from which a phrase is worth asking about
# Letters that may be wrong for "likely", by letters of the phrase. Shorter words have ordinary neighbors: grief, brief.
_SLIPS = ((7, 1), (11, 2))
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# A code of ICD-10-CM's chapter of mental disorders, or a block of them, as letters of a clinic hold it.
_DIAGNOSIS = re.compile(r"(?<![\w.])F\d\d(?:-F\d\d|\.\w{1,4})?(?![\w-])", re.IGNORECASE)
_SHORTEST_DIAGNOSIS = 3  # "F32", a category
_DENIES = frozenset("not no never without isn't aren't wasn't don't doesn't didn't ni sin nunca tampoco".split())
_REACH_OF_DENIAL = 3  # words between the denying word and what it denies
_REACH_BEFORE_CLAUSE = 1  # "no puedo más, quiero morir" denies nothing of what is wanted; "no quiero morir" does
# Short forms that are also ordinary words, names or letters in English or Spanish when written small.
_ORDINARY = frozenset("si sh ana mia ed add bed shy ms na oa am ga it us as is me mi no se tea ira act sos ice pot dip "
                      "ase nd nb vet va mat bi cop".split())
# Lists whose codes are words people use themselves ("hoarding", "suicide_loss").
_TELLING_CODES = ("focus_areas", "populations")
# Words that no phrase may be guessed from: too common in what people write here.
_COMMON = frozenset("""a about all also am an and any are as at be been but by can could de del do does el en es estoy
    feel feeling for from get group groups grupo had has have having help her him his how i i'm in into is it its la
    las like los looking me my need near not of on one or our por problem problems que quiero really si some someone
    support that the their them there they this to too un una want was we what when where who why will with y yo you
    your meeting meetings please ayuda apoyo busco necesito tengo mi con para""".split())


@dataclass(frozen=True, slots=True)
class Understood:
    """A code read out of a text. `phrase` is the reader's own words; `score` 0..100."""

    list_name: str
    code: str
    phrase: str
    certainty: str  # "exact", "likely" or "unsure"
    score: float


@dataclass(frozen=True, slots=True)
class _Phrases:
    """Every label and synonym, folded, with the codes it stands for."""

    codes: Mapping[str, tuple[tuple[str, str], ...]]
    long: tuple[str, ...]  # those worth comparing letter by letter


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    folded: str
    start: int
    end: int


def understand(text: str, vocabulary: Vocabulary, lists: Sequence[str] = ("focus_areas",),
               lang: str = "en") -> tuple[Understood, ...]:
    """Codes that a text speaks of, in its order, each code once.

    Words of both languages count, those of `lang` first. A synonym of several codes is answered with all of them.
    What is denied ("not suicidal") is unsure. "F32.1" speaks of depression: only of what a group is about, not of what
    somebody has.
    """
    phrases = _phrases(vocabulary, tuple(lists), lang)
    words = _words(text[:MOST_TEXT])
    found: list[tuple[int, Understood]] = []
    taken = [False] * len(words)
    if "focus_areas" in lists:
        found += _diagnoses(text[:MOST_TEXT], words, taken)
    for at, count in _windows(len(words)):
        if not any(taken[at : at + count]):
            hits = _exact(text, words, at, count, phrases)
            if hits:
                taken[at : at + count] = [True] * count
                found += [(at, one) for one in hits]
    found += _near(text, words, taken, phrases)
    return _once(found)


def _diagnoses(text: str, words: Sequence[_Word], taken: list[bool]) -> list[tuple[int, Understood]]:
    """Codes of ICD-10-CM; the table's row for the code itself, else for the nearest wider one."""
    found: list[tuple[int, Understood]] = []
    for one in _DIAGNOSIS.finditer(text):
        reach = [at for at, word in enumerate(words) if word.end > one.start() and word.start < one.end()]
        certainty, score = ("unsure", 60.0) if _denied(words, reach[0]) else ("exact", 100.0)
        for at in reach:
            taken[at] = True
        found += [(reach[0], Understood("focus_areas", code, one.group(), certainty, score))
                  for code in _diagnosed(one.group().upper())]
    return found


def _diagnosed(theirs: str) -> tuple[str, ...]:
    table = crosswalk("icd10cm")
    if "-" in theirs:
        return table.ours("focus_areas", theirs)
    shorter = (theirs[:length].rstrip(".") for length in range(len(theirs), _SHORTEST_DIAGNOSIS - 1, -1))
    return next((ours for code in shorter if (ours := table.ours("focus_areas", code))), ())


def _windows(length: int) -> Iterator[tuple[int, int]]:
    """All stretches of words, the longest first, so that a whole phrase wins over a part of it."""
    for count in range(min(MOST_WORDS, length), 0, -1):
        for at in range(length - count + 1):
            yield at, count


def _exact(text: str, words: Sequence[_Word], at: int, count: int, phrases: _Phrases) -> list[Understood]:
    key = " ".join(word.folded for word in words[at : at + count])
    codes = phrases.codes.get(key)
    if not codes:
        return []
    phrase = text[words[at].start : words[at + count - 1].end]
    small = len(key) <= SHORT and not phrase.isupper() and key in _ORDINARY
    reach = _REACH_BEFORE_CLAUSE if is_clause(key) else _REACH_OF_DENIAL
    sure = not small and not _denied(words, at, reach)
    return [Understood(name, code, phrase, "exact" if sure else "unsure", 100.0 if sure else 60.0)
            for name, code in codes]


def _near(text: str, words: Sequence[_Word], taken: list[bool], phrases: _Phrases) -> list[tuple[int, Understood]]:
    found: list[tuple[int, Understood]] = []
    for at, count in _windows(len(words)):
        window = words[at : at + count]
        if count > 4 or any(taken[at : at + count]) or _says_little(window):
            continue
        hits = _similar(" ".join(word.folded for word in window), phrases)
        if hits:
            taken[at : at + count] = [True] * count
            phrase = text[window[0].start : window[-1].end]
            denied = _denied(words, at)
            found += [(at, Understood(name, code, phrase, "unsure" if denied else certainty, score))
                      for name, code, certainty, score in hits]
    return found


def _says_little(window: Sequence[_Word]) -> bool:
    """Whether a stretch starts or ends with a common word, or is too short to compare."""
    return (window[0].folded in _COMMON or window[-1].folded in _COMMON
            or sum(len(word.folded) for word in window) < 5)


def _similar(key: str, phrases: _Phrases) -> list[tuple[str, str, str, float]]:
    scorer: Any = OSA.normalized_similarity
    near = process.extract(key, phrases.long, scorer=scorer, score_cutoff=CLOSE, limit=5)
    near = [(phrase, score) for phrase, score, _ in near if phrase.count(" ") == key.count(" ")]
    if not near:
        return []
    best = max(score for _, score in near)
    nearest = [phrase for phrase, score in near if score >= best - 1e-9]
    codes = list(dict.fromkeys(code for phrase in nearest for code in phrases.codes[phrase]))
    slips = OSA.distance(key, nearest[0])
    allowed = next((most for least, most in reversed(_SLIPS) if len(nearest[0]) >= least), 0)
    one_meaning = len({name for name, _ in codes}) == len(codes)
    likely = slips <= allowed and one_meaning and key[0] == nearest[0][0]
    return [(name, code, "likely" if likely else "unsure", round(best * 100, 1)) for name, code in codes]


def _denied(words: Sequence[_Word], at: int, reach: int = _REACH_OF_DENIAL) -> bool:
    return any(word.text.casefold().replace("’", "'") in _DENIES for word in words[max(0, at - reach) : at])


def _once(found: Iterable[tuple[int, Understood]]) -> tuple[Understood, ...]:
    rank = {"exact": 0, "likely": 1, "unsure": 2}
    best: dict[tuple[str, str], tuple[int, Understood]] = {}
    for at, one in found:
        key = (one.list_name, one.code)
        if key not in best or rank[one.certainty] < rank[best[key][1].certainty]:
            best[key] = (at, one)
    return tuple(one for _, one in sorted(best.values(), key=lambda pair: pair[0]))


@lru_cache(maxsize=16)
def _phrases(vocabulary: Vocabulary, lists: tuple[str, ...], lang: str) -> _Phrases:
    codes: dict[str, dict[tuple[str, str], None]] = {}
    word_for_word: set[str] = set()
    for tongue in dict.fromkeys((lang, "en", "es")):
        of_tongue: dict[str, dict[tuple[str, str], None]] = {}
        for name in lists:
            code_list = vocabulary.lists[name]
            for code, term in code_list.terms.get(tongue, {}).items():
                own = (code.replace("_", " "),) if tongue == "en" and name in _TELLING_CODES else ()
                for phrase in (term.label, *own, *term.synonyms):
                    key = " ".join(word.folded for word in _words(phrase))
                    if key:
                        of_tongue.setdefault(key, {})[name, code] = None
        if "focus_areas" in lists:
            danger = outright(tongue)
            word_for_word |= {key for key in danger if " " in key and key not in of_tongue}
            of_tongue |= {key: {("focus_areas", code): None} for key, code in danger.items()}
        for key, meant in of_tongue.items():
            codes.setdefault(key, meant)  # what the reader's own language says of a phrase stands
    return _Phrases({key: tuple(meant) for key, meant in codes.items()},
                    tuple(key for key in codes if len(key) >= 5 and key not in word_for_word))


def _words(text: str) -> list[_Word]:
    return [_Word(found.group(), _folded(found.group()), found.start(), found.end()) for found in _WORD.finditer(text)]


def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold().replace("’", "'"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
