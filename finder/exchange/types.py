"""Meeting types (Meeting Guide codes) into our lists, through the vocabularies' crosswalk.

BMLT formats are turned into the same codes first, so that one table decides what a type says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from finder.exchange.cells.text import stated
from finder.vocabulary import Vocabulary

COLUMN = "meeting_guide_type"
# Crosswalk entries that a type of a MEETING does not state, whatever list it stands in:
# X is about the room (it stays in accessibility), POA about a slip of paper (likewise), AL-AN and AL about another
# group that meets at the same time.
NOT_STATED = {("populations", "X"), ("populations", "POA"), ("populations", "AL-AN"), ("group_types", "AL-AN"),
              ("focus_areas", "AL-AN"), ("group_types", "O"), ("group_types", "C"), ("group_types", "D")}
# Codes that say where and how a meeting is held; read with the address and the links, not as a trait.
STRUCTURE = frozenset(("ONL", "TC", "HY", "O", "C", "DB"))
# Codes outside the specification whose meaning is beyond doubt.
ALIASES = {"LGBTQIA": "LGBTQ", "LGBTQ+": "LGBTQ", "OPEN": "O", "CLOSED": "C", "WOMEN": "W", "MEN": "M", "SPANISH": "S",
           "ENGLISH": "EN", "ONLINE": "ONL", "WHEELCHAIR": "X", "BEGINNERS": "BE", "DISCUSSION": "D", "SPEAKER": "SP",
           "STEP": "ST", "BIG BOOK": "B"}
# Languages of the Meeting Guide specification that our list does not hold: ISO 639-1, as the contract allows.
ISO_LANGUAGES = {"AF": "af", "BG": "bg", "DA": "da", "DE": "de", "EL": "el", "FI": "fi", "HE": "he", "HR": "hr",
                 "HU": "hu", "IS": "is", "ITA": "it", "KA": "ka", "LT": "lt", "ML": "ml", "MT": "mt", "NE": "ne",
                 "NL": "nl", "NO": "no", "SK": "sk", "SL": "sl", "SV": "sv", "TH": "th", "TUR": "tr"}
_READ = ("focus_areas", "modalities", "populations", "languages")


@dataclass(frozen=True, slots=True)
class Traits:
    """What the types of one meeting say. `who`: what sets one group of people apart, for telling groups apart."""

    focus: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    accessibility: tuple[tuple[str, str], ...] = ()
    gender_mix: str | None = None
    is_open: bool | None = None
    donation: bool = False
    unknown: tuple[str, ...] = ()
    who: str = ""


def codes(value: object) -> tuple[str, ...]:
    """Type codes of a cell: a list, "[open]", "O,RF", or nothing (quirk 12). Order kept, each once."""
    if isinstance(value, str):
        text = stated(value)
        if text.startswith("[") and '"' in text:
            try:
                return codes(json.loads(text))
            except ValueError:
                pass
        parts = re.split(r"[,;|]", text.strip("[] "))
    elif isinstance(value, list | tuple):
        parts = [one if isinstance(one, str) else str(one) for one in value if one is not None]
    else:
        return ()
    found = (part.strip(" '\"[]") for part in parts)
    return tuple(dict.fromkeys(ALIASES.get(one.upper(), one) for one in found if one))


@dataclass(slots=True)
class TypeReader:
    """Reads lists of codes into traits, each different list once."""

    vocabulary: Vocabulary
    _kept: dict[tuple[object, ...], Traits] = field(default_factory=dict)

    def traits(self, types: tuple[str, ...], access: tuple[tuple[str, str], ...] = ()) -> Traits:
        """What the codes say; `access`: accessibility answers known from elsewhere."""
        key = (types, access)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._read(types, dict(access))
        return found

    def _read(self, types: tuple[str, ...], access: dict[str, str]) -> Traits:
        lists: dict[str, list[str]] = {name: [] for name in _READ}
        unknown = []
        for code in types:
            mapped = self._mapped(code)
            for name, ours in mapped.items():
                if name == "accessibility":
                    access |= dict.fromkeys(ours, "yes")
                elif name in lists:
                    lists[name] += [one for one in ours if one not in lists[name]]
            if not mapped and code not in STRUCTURE:
                unknown.append(code)
        gender = "women" if "W" in types and "M" not in types else "men" if "M" in types and "W" not in types else None
        is_open = None if ("O" in types) == ("C" in types) else "O" in types
        who = "+".join(sorted({*lists["populations"], *lists["languages"]} - {"en"}))
        return Traits(tuple(lists["focus_areas"]), tuple(lists["modalities"]), tuple(lists["populations"]),
                      tuple(lists["languages"]), tuple(sorted(access.items())), gender, is_open, "DB" in types,
                      tuple(unknown), who)

    def _mapped(self, code: str) -> Mapping[str, tuple[str, ...]]:
        found = {}
        for name in (*_READ, "group_types", "accessibility"):
            ours = self.vocabulary.lists[name].crosswalk(COLUMN, code)
            if ours and (name, code) not in NOT_STATED:
                found[name] = ours
        if code in ISO_LANGUAGES:
            found["languages"] = (ISO_LANGUAGES[code],)
        return found
