"""The words of a name: spelled alike, and told apart into those that mark one group out and those that any group has.

The word lists are English and Spanish, read off the names of the real feeds (meeting lists, facility directories).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
_CLOCK = re.compile(r"\d{1,4}[ap]m?")

# What is one word for us, however it is written.
_SPELLED: Mapping[str, str] = {
    "nite": "night", "nites": "night", "nights": "night", "grp": "group", "gp": "group", "groups": "group",
    "mtg": "meeting", "mtgs": "meeting", "meetings": "meeting", "ctr": "center", "cntr": "center", "centre": "center",
    "centers": "center", "svc": "services", "svcs": "services", "srvs": "services", "serv": "services",
    "servs": "services", "svs": "services", "csl": "counseling", "psychological": "psychiatric", "prog": "program",
    "service": "services", "hlth": "health", "comm": "community", "cmty": "community", "assoc": "association",
    "assn": "association", "hosp": "hospital", "univ": "university", "dept": "department", "cnty": "county",
    "natl": "national", "intl": "international", "behav": "behavioral", "behavioural": "behavioral", "rehab":
    "rehabilitation", "couns": "counseling", "counselling": "counseling", "tx": "treatment", "ther": "therapy",
    "psych": "psychiatric", "med": "medical", "outpt": "outpatient", "op": "outpatient", "saint": "st", "mt": "mount",
    "ft": "fort", "rec": "recovery", "recov": "recovery", "sobriety": "sober", "thru": "through", "bb": "book",
    "beg": "beginners", "beginner": "beginners", "newcomer": "newcomers", "womens": "women", "woman": "women",
    "womans": "women", "ladies": "women", "mujeres": "women", "mujer": "women", "mens": "men", "man": "men",
    "mans": "men", "hombres": "men", "gentlemen": "men", "steps": "step", "paso": "step", "pasos": "step",
    "families": "family", "familia": "family", "familias": "family", "familiares": "family", "teens": "teen",
    "teenagers": "teen", "adolescent": "teen", "adolescents": "teen", "adolescentes": "teen", "youth": "teen",
    "jovenes": "young", "seniors": "senior", "adults": "adult", "adultos": "adult", "children": "child",
    "childrens": "child", "kids": "child", "ninos": "child", "couples": "couple", "parejas": "couple",
    "espanol": "spanish", "hispano": "spanish", "hispana": "spanish", "hispanic": "spanish", "latino": "spanish",
    "gay": "lgbtq", "lesbian": "lgbtq", "queer": "lgbtq", "lgbt": "lgbtq", "lgbtqia": "lgbtq", "gays": "lgbtq",
    "veteran": "veterans", "vets": "veterans", "vet": "veterans", "veteranos": "veterans", "parents": "parent",
    "padres": "parent", "friends": "friend", "n": "north", "s": "south", "e": "east", "w": "west", "ne": "northeast",
    "nw": "northwest", "se": "southeast", "sw": "southwest", "norte": "north", "sur": "south",
    "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "xi": "11", "xii": "12",
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12", "first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5",
    "uno": "1", "dos": "2", "doce": "12", "eleventh": "11", "twelfth": "12",
}
# Days say nothing of which group it is beyond its times, which are compared by themselves.
_DAYS = frozenset("""monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays
    fridays saturdays sundays mon tue tues wed weds thu thur thurs fri sat sun lunes martes miercoles jueves viernes
    sabado sabados domingo domingos am pm daily diario weekly semanal""".split())
# Words that many groups share, how it meets, and small words: they make no name of their own.
_COMMON = frozenset("""a an the of and or for in at to on with by from our us de del la el los las y en para con un una
    group grupo grupos meeting reunion reuniones fellowship support apoyo program programs programa services inc llc
    llp corp co ltd pllc incorporated corporation aa na afg alanon al anon alcoholics narcotics anonymous anonimos
    alcoholicos online virtual zoom hybrid hibrido presencial linea person inperson phone telephone video closed open
    abierta cerrada temporarily new time location d b a dba""".split())
# Words that tell little beside others: what houses of care, meetings of a fellowship and hours are called everywhere.
_PLAIN = frozenset("""center treatment clinic clinics health mental behavioral counseling recovery community medical
    hospital outpatient inpatient intensive therapy psychiatric wellness care healthcare family rehabilitation
    associates association partners county regional national institute foundation department system systems network
    agency authority house home campus office site division unit branch north south east west psychoeducation peer
    partial day couple night morning afternoon noon evening noche manana tarde book step study estudio big discussion
    speaker beginners newcomers women men young people gente teen adult child senior spanish english living sober
    sobriety serenity hour happy candlelight meditation lunch sunrise sunset mutual general 1 2 3 12""".split())
_FELLOWSHIPS: tuple[tuple[str, re.Pattern[str]], ...] = tuple((code, re.compile(words)) for code, words in (
    ("al-anon", r"\b(?:al anon|alanon|afg|alateen)\b"), ("nar-anon", r"\bnar ?anon\b"),
    ("aca", r"\b(?:aca|acoa|adult child(?:ren)? of alcoholics)\b"), ("eda", r"\b(?:eda|eating disorders anonymous)\b"),
    ("aa", r"\b(?:aa|alcoholics anonymous|alcoholicos anonimos)\b"),
    ("na", r"\b(?:na|narcotics anonymous|narcoticos anonimos)\b"), ("oa", r"\b(?:oa|overeaters anonymous)\b"),
    ("ga", r"\b(?:gam ?anon|gamblers anonymous)\b"), ("cocaine", r"\bcocaine anonymous\b"),
    ("ma", r"\bmarijuana anonymous\b"), ("cma", r"\b(?:cma|crystal meth anonymous)\b"),
    ("coda", r"\b(?:coda|co ?dependents anonymous)\b"), ("smart", r"\bsmart recovery\b"),
    ("dharma", r"\b(?:recovery dharma|refuge recovery)\b"), ("celebrate", r"\bcelebrate recovery\b"),
    ("lifering", r"\blifering\b"), ("dbsa", r"\b(?:dbsa|depression and bipolar support alliance)\b"),
    ("nami", r"\b(?:nami|national alliance on mental illness)\b"), ("griefshare", r"\bgrief ?share\b"),
    ("slaa", r"\b(?:slaa|sex and love addicts anonymous)\b")))
# A word that says for whom or at what level: two groups that say different ones on the same matter are two groups.
MARKS: Mapping[str, tuple[str, str]] = {
    "women": ("gender", "women"), "men": ("gender", "men"), "young": ("age", "young"), "teen": ("age", "teen"),
    "senior": ("age", "old"), "older": ("age", "old"), "child": ("age", "child"), "adult": ("age", "adult"),
    "alateen": ("age", "teen"), "beginners": ("level", "beginners"), "newcomers": ("level", "beginners"),
    "advanced": ("level", "advanced"), "lgbtq": ("people", "lgbtq"), "veterans": ("people", "veterans"),
    "parent": ("people", "parent"), "couple": ("people", "couple"), "friend": ("people", "friend"),
    "family": ("people", "family"), "spanish": ("spoken", "es"), "english": ("spoken", "en"),
    "polish": ("spoken", "pl"), "russian": ("spoken", "ru"), "korean": ("spoken", "ko"),
    "intensive": ("care", "iop"), "iop": ("care", "iop"), "partial": ("care", "php"), "php": ("care", "php"),
    "residential": ("care", "residential"), "inpatient": ("care", "inpatient"), "outpatient": ("care", "outpatient"),
    "psychoeducation": ("way", "psychoeducation"), "peer": ("way", "peer"), "therapy": ("way", "therapy"),
    "speaker": ("form", "speaker"), "step": ("form", "step"), "book": ("form", "book"),
    "meditation": ("form", "meditation"), "tradition": ("form", "step"), "discussion": ("form", "discussion"),
}


# Marks that stand in the names of houses and fellowships too: that one name lacks them says nothing.
OFTEN_LEFT_OUT = frozenset(("family", "child", "adult", "friend", "therapy", "peer"))


def bare(text: str) -> str:
    """Small letters without accents; "women's" becomes "womens", other signs stay."""
    text = text.replace("'", "").replace("’", "")
    if text.isascii():
        return text.lower()
    return "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))


@lru_cache(maxsize=65_536)
def words(text: str) -> tuple[str, ...]:
    """The words of a text in order, spelled alike: "Tues. Nite Women's Mtg" gives tues, night, women, meeting."""
    found = []
    for word in _WORD.findall(bare(text)):
        ordinal = _ORDINAL.fullmatch(word)
        word = ordinal.group(1) if ordinal else word
        found.append(_SPELLED.get(word, word))
    return tuple(found)


def is_plain(word: str) -> bool:
    """Whether a word tells little beside others: center, night, women."""
    return word in _PLAIN


def telling(said: Iterable[str], explained: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The words that mark a group out, each once, sorted; all words where none does.

    Left out: days, small and common words, and those `explained` by its town. Never empty unless `said` is.
    """
    every = sorted(set(said))
    own = [word for word in every if word not in _COMMON and word not in _DAYS and not _CLOCK.fullmatch(word)]
    return tuple([word for word in own if word not in explained] or own or every)


def numbers(said: Iterable[str]) -> frozenset[str]:
    """Numbers among the words: "Group 12" and "Group 13" are two groups however alike they are written. One that comes
    twice stands there twice: "2" and "2 2"."""
    found: dict[str, int] = {}
    for word in said:
        if word[0].isdigit() and not _CLOCK.fullmatch(word):
            found[word] = found.get(word, 0) + 1
    return frozenset(" ".join([word] * count) for word, count in found.items())


def marks(said: Iterable[str]) -> frozenset[tuple[str, str]]:
    """What the words say of whom a group is for and at which level: pairs of matter and answer."""
    return frozenset(MARKS[word] for word in said if word in MARKS)


@lru_cache(maxsize=65_536)
def fellowship(text: str) -> str:
    """The code of the fellowship that a name or organization names; empty for none."""
    plain = " ".join(_WORD.findall(bare(text)))
    return next((code for code, pattern in _FELLOWSHIPS if pattern.search(plain)), "")
