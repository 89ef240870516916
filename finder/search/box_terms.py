"""What a typed line says of days, hours, joining and money: words that stand in no vocabulary, or mean a filter there.

Hours of the loose words are everyday usage, not a rule of the contract: they only narrow a list and are shown as chips.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from finder.search.lexicon import plain

_WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the line, where it stands, and in small letters without accents and dots."""

    text: str
    key: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    return [Token(one.group(), plain(one.group()).replace(".", "").replace("’", "'"), one.start(), one.end())
            for one in _WORD.finditer(text)]


@dataclass(frozen=True, slots=True)
class Term:
    """Tokens `start` to before `stop` and what they mean: kind of chip, filter field, code, certainty."""

    start: int
    stop: int
    kind: str
    field: str
    code: str
    certainty: str = "exact"


_DAYS = {word: str(day) for day, words in enumerate((
    "monday mondays mon lunes", "tuesday tuesdays tue tues martes", "wednesday wednesdays wed weds miercoles",
    "thursday thursdays thu thur thurs jueves", "friday fridays fri viernes",
    "saturday saturdays sat sabado sabados", "sunday sundays sun domingo domingos")) for word in words.split()}
_LONG_DAYS = tuple(word for word in _DAYS if len(word) >= 6)
_FIVE = ("0", "1", "2", "3", "4")
# Phrase -> (kind, field, codes, certainty). The fields `days`, `from`, `until` and `starting` are those of
# `query_schema.load_browse`; "" is understood, but nothing a list can be narrowed by.
_EVENING, _MORNING = "evening", (("from", "05:00"), ("until", "11:59"))
_AFTERNOON, _NOON = (("from", "12:00"), ("until", "17:59")), (("from", "11:30"), ("until", "13:30"))
_Meaning = tuple[str, tuple[tuple[str, str], ...], str]
_PHRASES: dict[str, _Meaning] = {}


def _mean(phrases: str, kind: str, *meant: tuple[str, str], certainty: str = "exact") -> None:
    for phrase in phrases.split(", "):
        _PHRASES[phrase] = (kind, meant, certainty)


_mean("weekday, weekdays, entre semana", "day", *(("days", day) for day in _FIVE))
_mean("weekend, weekends, fin de semana, fines de semana", "time", ("times", "weekend"))
_mean("evening, evenings, night, nights, nighttime, after work, noche, noches, por la noche", "time",
      ("times", _EVENING))
_mean("early morning, early mornings, before work, temprano", "time", ("times", "early"))
_mean("daytime, during the day, de dia, durante el dia", "time", ("times", "weekday_daytime"))
_mean("morning, mornings, por la manana, en la manana, por las mananas, mananas", "time", *_MORNING)
_mean("manana", "time", *_MORNING, certainty="unsure")
_mean("afternoon, afternoons, por la tarde, tarde, tardes", "time", *_AFTERNOON)
_mean("noon, midday, lunchtime, lunch time, mediodia", "time", *_NOON)
_mean("tonight, esta noche", "time", ("starting", "24"), ("from", "17:00"))
_mean("today, hoy", "time", ("starting", "24"))
_mean("this week, esta semana", "time", ("starting", "168"))
_mean("walk-in, walk in, walk-ins, drop-in, drop in, sin cita", "join", ("", "walk_in"))
_mean("near me, nearby, close to me, cerca de mi", "place", ("", "near_me"))
_mean("women only, women's only, only women, solo mujeres", "people", ("gender_mix", "women"))
_mean("men only, men's only, only men, solo hombres", "people", ("gender_mix", "men"))
MOST_TOKENS = 4  # of one phrase

# Codes of our list of payments -> filter field and code; the others say nothing a list can be narrowed by.
COST: Mapping[str, tuple[str, str, str]] = {
    "free": ("cost", "free", "exact"), "donation": ("cost", "free", "likely"),
    "sliding": ("cost", "sliding", "exact"), "self_pay": ("cost", "fee", "unsure"),
}
# A list of the vocabularies -> kind of chip, filter field. The order says which list a phrase of several lists means.
LISTS: Mapping[str, tuple[str, str]] = {
    "focus_areas": ("need", "focus"), "modalities": ("style", "modalities"), "session_formats": ("format", "formats"),
    "languages": ("language", "languages"), "accessibility": ("access", "accessibility"),
    "populations": ("people", "populations"), "cost_payment": ("cost", "cost"),
    "facilitator_types": ("leader", "led_by"), "group_types": ("group", "group_type"),
}
# Phrases of the vocabularies that people write of any group: they tell nothing apart here.
GENERIC = frozenset(("meeting", "meetings", "support group", "support groups", "peer group", "grupo de apoyo", "junta",
                     "juntas", "reunion", "grupo de ayuda", "family support", "group therapy", "text", "app", "both",
                     "course", "counseling", "anonymous", "anonimo", "anonimos"))
FILLERS = frozenset("""a about all also am an and any anybody anyone are as at be by can class classes close de del do
    does el en es find for from get group groups grupo grupos has have help helps her him his hours how i i'd i'm in
    into is it join la las les like list local looking los me meet meeting meetings meets my near nearest nearby need
    needs no not of on one ones or our people person personas place please por para con problem problems program
    programa programas programs que reunion reuniones search session sessions sin show some someone somebody starting
    support terapia that the their them therapy there they this to treatment un una uno us want wants we weekly what
    when where which who whose with without y yo you your around ayuda apoyo busco buscar buscando necesito quiero
    cerca alrededor cada every sobre""".split())

_CLOCK = re.compile(r"""(?<![\w:])(?:(?P<how>after|from|before|until|at|around|by|antes\ de\ las|antes\ de
    |despues\ de\ las|despues\ de|a\ partir\ de\ las|desde\ las|hasta\ las|a\ las)\s+)?
    (?:(?P<hour>1[0-2]|0?[1-9])(?::(?P<minute>[0-5]\d))?\s*(?P<half>[ap])\.?\ ?m\b\.?
    |(?P<hour24>[01]?\d|2[0-3]):(?P<minute24>[0-5]\d)(?![\d:]))""", re.VERBOSE | re.IGNORECASE)
_LATER = frozenset(("after", "from", "despues de las", "despues de", "a partir de las", "desde las"))
_SOONER = frozenset(("before", "until", "by", "antes de las", "antes de", "hasta las"))
_ROUND_MINUTES = 30  # "at 7 pm" also lists what starts half an hour before or after


def terms(text: str, line: Sequence[Token]) -> list[Term]:
    """Days, hours and the like, in the order of the line; no token is in two phrases."""
    found = _clocks(text, line)
    taken = {at for one in found for at in range(one.start, one.stop)}
    for count in range(MOST_TOKENS, 0, -1):
        for start in range(len(line) - count + 1):
            reach = range(start, start + count)
            if taken.isdisjoint(reach):
                mine = _phrase(line, start, start + count)
                found += mine
                if mine:
                    taken.update(reach)
    return sorted(_evenings(found), key=lambda one: one.start)


def _phrase(line: Sequence[Token], start: int, stop: int) -> list[Term]:
    key = " ".join(token.key for token in line[start:stop])
    if key in _PHRASES:
        kind, meant, certainty = _PHRASES[key]
        return [Term(start, stop, kind, field, code, certainty) for field, code in meant]
    if stop - start > 1:
        return []
    if key in _DAYS:
        return [Term(start, stop, "day", "days", _DAYS[key], "likely" if len(key) == 3 else "exact")]
    if len(key) >= 6:
        near = process.extractOne(key, _LONG_DAYS, scorer=OSA.distance, score_cutoff=1 if len(key) < 7 else 2)
        if near and near[0][0] == key[0]:
            return [Term(start, stop, "day", "days", _DAYS[near[0]], "likely")]
    return []


def _evenings(found: list[Term]) -> list[Term]:
    """The slot "evening" is Monday to Friday (contract section 2); beside a Saturday or Sunday it means the hours."""
    weekend = any((one.field, one.code) in (("days", "5"), ("days", "6"), ("times", "weekend")) for one in found)
    return [Term(one.start, one.stop, one.kind, "from", "17:00", one.certainty)
            if weekend and (one.field, one.code) == ("times", _EVENING) else one for one in found]


def _clocks(text: str, line: Sequence[Token]) -> list[Term]:
    found: list[Term] = []
    for one in _CLOCK.finditer(_same_length(text)):
        reach = [at for at, token in enumerate(line) if token.end > one.start() and token.start < one.end()]
        if reach:
            found += _clock(one, reach[0], reach[-1] + 1)
    return found


def _clock(one: re.Match[str], start: int, stop: int) -> list[Term]:
    if one["hour24"]:
        minutes = int(one["hour24"]) * 60 + int(one["minute24"])
    else:
        minutes = int(one["hour"]) % 12 * 60 + int(one["minute"] or 0) + (720 if one["half"] in "pP" else 0)
    how = " ".join((one["how"] or "").lower().split())
    if how in _LATER:
        return [Term(start, stop, "time", "from", _said(minutes))]
    if how in _SOONER:
        return [Term(start, stop, "time", "until", _said(minutes))]
    return [Term(start, stop, "time", "from", _said(max(0, minutes - _ROUND_MINUTES)), "likely"),
            Term(start, stop, "time", "until", _said(min(1439, minutes + _ROUND_MINUTES)), "likely")]


def _said(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _same_length(text: str) -> str:
    """Without accents, letter for letter, so that places in it are places in the text."""
    return "".join(bare if len(bare := plain(letter)) == 1 else letter for letter in text)
