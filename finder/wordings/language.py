"""The reader's language: which one it is, and how it writes lists, days, hours, money and miles.

English outside a request or an app. Sentences in tables are marked with `N_` and turned when they are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from gettext import NullTranslations

import flask_babel
from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from flask import g

DAYS_PER_MONTH = 30.4375


def N_(sentence: str) -> str:
    """The sentence itself; a mark that lets the extractor find sentences that stand in tables."""
    return sentence


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language as one request speaks it: its code in addresses, how it writes, and its sentences."""

    found: Locale | None
    code: str
    locale: Locale
    one: Callable[[str], str]
    several: Callable[[str, str, int], str]


def tongue() -> Tongue:
    """The current reader's language.

    A page asks a thousand times, and Flask-Babel looks the language up anew each time; so it is kept where Flask-Babel
    keeps its own choice, and asked for again when that choice changes (`force_locale`).
    """
    try:
        held = vars(g._get_current_object())
    except RuntimeError:  # outside a request and an app
        return _ENGLISH
    kept: Tongue | None = held.get("finder_tongue")
    chosen = getattr(held.get("_flask_babel"), "babel_locale", None)
    if kept is None or chosen is None or kept.found is not chosen:
        kept = held["finder_tongue"] = _tongue()
    return kept


def _tongue() -> Tongue:
    found, catalog = flask_babel.get_locale(), flask_babel.get_translations()
    if found is None:
        return _ENGLISH
    return Tongue(found, code_of(found), _LOCALES.get(code_of(found), found), catalog.ugettext, catalog.ungettext)


def gettext(sentence: str, **values: object) -> str:
    """The sentence in the reader's language, with its placeholders filled."""
    found = tongue().one(sentence)
    return found % values if values else found


def ngettext(one: str, several: str, count: float, **values: object) -> str:
    """The form of a sentence that goes with a count; `count` is filled in as this reader writes numbers."""
    whole = round(count)
    return tongue().several(one, several, whole) % {"num": whole, "count": number(count), **values}


# Days, hours and money are written as in the United States in these two (6:00 p. m., $45), else as CLDR has them.
_LOCALES = {"en": Locale("en", "US"), "es": Locale("es", "US")}
_ENGLISH = Tongue(None, "en", _LOCALES["en"], NullTranslations().gettext, NullTranslations().ngettext)
# (weekday, year) -> pattern, or the skeleton of CLDR's own pattern for all other languages.
_DAYS = {
    "en": {(False, True): "MMMM d, y", (False, False): "MMMM d",
           (True, True): "EEEE, MMMM d, y", (True, False): "EEEE, MMMM d"},
    "es": {(False, True): "d 'de' MMMM 'de' y", (False, False): "d 'de' MMMM",
           (True, True): "EEEE, d 'de' MMMM 'de' y", (True, False): "EEEE, d 'de' MMMM"},
}
_SKELETONS = {(False, True): "yMMMMd", (False, False): "MMMMd", (True, True): "yMMMMEEEEd", (True, False): "MMMMEEEEd"}
# Spanish "y" becomes "e" before the sound i, but not before hie-; "o" becomes "u" before the sound o (Ortografía de la
# lengua española, 2010).
_SOUNDS_O = re.compile(r"^h?[oó]", re.IGNORECASE)
_SOUNDS_I = re.compile(r"^(i|í|hi(?!e)|hí)", re.IGNORECASE)
# Zones of the IANA database by the name people use. Not "Alaska" alone: that is the
# state, and other languages say the two differently. Central stands before Eastern because Indiana is in both.
_ZONES = {
    N_("Central"): ("America/Chicago", "America/Indiana/Knox", "America/Indiana/Tell_City", "America/Menominee",
                    "America/North_Dakota", "America/Winnipeg", "US/Central"),
    N_("Eastern"): ("America/New_York", "America/Detroit", "America/Indiana", "America/Kentucky", "America/Toronto",
                    "US/Eastern"),
    N_("Mountain"): ("America/Denver", "America/Boise", "America/Edmonton", "US/Mountain"),
    N_("Arizona time"): ("America/Phoenix", "US/Arizona"),
    N_("Pacific"): ("America/Los_Angeles", "America/Vancouver", "US/Pacific"),
    N_("Alaska time"): ("America/Anchorage", "America/Juneau", "America/Nome", "America/Sitka", "US/Alaska"),
    N_("Hawaii time"): ("Pacific/Honolulu", "US/Hawaii"),
    N_("Atlantic"): ("America/Puerto_Rico", "America/St_Thomas", "America/Halifax"),
}
_NAMED = re.compile(r"%\((\w+)\)s")


def language() -> str:
    """The code of the current reader's language, as in addresses: "en", "es", "pt-BR"."""
    return tongue().code


def locale() -> Locale:
    """How the current reader writes dates and numbers."""
    return tongue().locale


def code_of(found: Locale) -> str:
    """The code of a language as addresses and `<html lang>` write it (BCP 47)."""
    return str(found).replace("_", "-")


def locale_name(code: str) -> str:
    """A language as Flask-Babel and the folders of catalogs name it: `pt_BR`."""
    return code.replace("-", "_")


def locale_of(code: str) -> Locale:
    """The language of a code. Raises ValueError or UnknownLocaleError where CLDR has none."""
    return Locale.parse(code, sep="-")


@lru_cache(maxsize=4_096)
def names(sentence: str) -> frozenset[str]:
    """The placeholders of a sentence."""
    return frozenset(_NAMED.findall(sentence))


def listed(items: Iterable[str], *, either: bool = False) -> str:
    """Items as "one, two, and three", or with "or" for `either`; empty for none."""
    several = list(items)
    text = format_list(several, style="or" if either else "standard", locale=locale())
    if language() == "es" and len(several) > 1:
        last = several[-1]
        if not either and _SOUNDS_I.match(last):
            return text[: -len(last) - 2] + "e " + last
        if either and _SOUNDS_O.match(last):
            return text[: -len(last) - 2] + "u " + last
    return text


def fill(sentences: Sequence[str], facts: Mapping[str, object]) -> str:
    """The first of several sentences whose placeholders are all known, in the reader's language.

    They go from the fullest to one without placeholders, so that a missing fact costs detail and never the sentence.
    """
    chosen = next(sentence for sentence in sentences if names(sentence) <= facts.keys())
    return gettext(chosen, **{name: facts[name] for name in names(chosen)})


def since(days: float) -> str:
    """A length of time gone by, in the unit people would use: "3 weeks", "9 months"."""
    whole = max(1, round(days))
    if whole < 14:
        return ngettext("%(count)s day", "%(count)s days", whole)
    if whole < 60:
        return weeks(whole / 7)
    months = round(whole / DAYS_PER_MONTH)
    if months < 24:
        return ngettext("%(count)s month", "%(count)s months", months)
    years = round(months / 12)
    return ngettext("%(count)s year", "%(count)s years", years)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def day(moment: date, *, weekday: bool = False, year: bool = True) -> str:
    """A date in words: "January 14, 2027", "Tuesday, December 1"."""
    formats = _DAYS.get(language())
    if formats is None:
        return str(format_skeleton(_SKELETONS[weekday, year], moment, locale=locale()))
    return str(format_date(moment, formats[weekday, year], locale=locale()))


def clock(moment: time | datetime, *, half: bool = True) -> str:
    """A time of day: "6:00 pm", without am or pm when `half` is False; in other languages as CLDR has it."""
    if language() not in _DAYS:
        return str(format_time(moment.replace(tzinfo=None), "short", locale=locale()))
    hours = f"{(moment.hour - 1) % 12 + 1}:{moment.minute:02d}"
    if not half:
        return hours
    if moment.hour < 12:
        return gettext("%(time)s am", time=hours)
    return gettext("%(time)s pm", time=hours)


def zone_name(zone: str) -> str:
    """A zone as people say it: "Eastern"; its city where no other name is common ("London time")."""
    common = next((name for name, zones in _ZONES.items() if zone.startswith(zones)), None)
    if common is not None:
        return gettext(common)
    if "/" not in zone:
        return zone
    return gettext("%(city)s time", city=zone.rsplit("/", 1)[-1].replace("_", " "))


def money(amount: float, currency: str = "USD") -> str:
    """An amount with its sign; cents only where there are some."""
    if amount == int(amount):
        return format_currency(amount, currency, format="¤#,##0", currency_digits=False, locale=locale())
    return format_currency(amount, currency, locale=locale())


def number(value: float) -> str:
    return format_decimal(round(value, 1), locale=locale())


def miles(distance: float) -> str:
    """A distance in whole miles; one that rounds to nothing is "less than 1 mile"."""
    whole = round(distance)
    if whole < 1:
        return gettext("less than 1 mile")
    return ngettext("%(count)s mile", "%(count)s miles", whole)


def reach(radius: float) -> str:
    """A radius as it was asked for, to a tenth of a mile: "22.5 miles"."""
    return ngettext("%(count)s mile", "%(count)s miles", radius)


def weeks(count: float) -> str:
    whole = max(1, round(count))
    return ngettext("%(count)s week", "%(count)s weeks", whole)
