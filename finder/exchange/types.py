"""Meeting types (Meeting Guide codes) into our lists, through the crosswalk table `meeting_guide`.

BMLT formats are turned into the same codes first, so that one table decides what a type says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from finder.crosswalks import Crosswalk, crosswalk
from finder.exchange.cells.text import stated

# Codes that say where and how a meeting is held; read with the address and the links, not as a trait.
STRUCTURE = frozenset(("ONL", "TC", "HY", "O", "C", "DB"))
# Codes outside the specification whose meaning is beyond doubt.
ALIASES = {"LGBTQIA": "LGBTQ", "LGBTQ+": "LGBTQ", "OPEN": "O", "CLOSED": "C", "WOMEN": "W", "MEN": "M", "SPANISH": "S",
           "ENGLISH": "EN", "ONLINE": "ONL", "WHEELCHAIR": "X", "BEGINNERS": "BE", "DISCUSSION": "D", "SPEAKER": "SP",
           "STEP": "ST", "BIG BOOK": "B"}
# What our codes are written as. Each is true of the meeting in plain words; a code that claims more (AL-AN: another
# group meets at the same time; G: gay men; FF: no perfume; ST: this meeting studies a step) is never written. A reader
# may take more from one than we meant: Y are teens and young adults, POC are three lists of ours.
WRITTEN = {
    ("populations", "teens"): ("Y",), ("populations", "young_adults"): ("Y",),
    ("populations", "older_adults"): ("SEN",),
    ("populations", "trans_nonbinary"): ("T", "NB"), ("populations", "lgbtq"): ("LGBTQ",),
    ("populations", "healthcare_workers"): ("P",), ("populations", "black"): ("POC",),
    ("populations", "latino"): ("POC",), ("populations", "asian_pi"): ("POC",), ("populations", "indigenous"): ("N",),
    ("populations", "secular"): ("A",), ("modalities", "mutual_aid_secular"): ("A",),
    ("modalities", "wellbriety"): ("NDG",), ("modalities", "mindfulness"): ("MED",),
    ("modalities", "peer_sharing"): ("D",), ("focus_areas", "cooccurring"): ("DD",),
    ("accessibility", "step_free"): ("X",), ("accessibility", "accessible_restroom"): ("XB",),
    ("accessibility", "asl"): ("ASL",), ("accessibility", "childcare"): ("CF",),
    ("accessibility", "attendance_slip"): ("POA",),
}
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

    table: Crosswalk = field(default_factory=lambda: crosswalk("meeting_guide"))
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
        lists = (*_READ, "group_types", "accessibility")
        return {name: ours for name in lists if (ours := self.table.ours(name, code))}


def written(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The codes of the specification that are true of a listing, each once, in the order of the listing's fields."""
    found: list[str] = []
    if document.get("attendees") == "anyone" and not document.get("restricted_to"):
        found.append("O")
    elif document.get("attendees") == "person":
        found.append("C")
    found += {"women": ["W"], "men": ["M"]}.get(str(document.get("gender_mix")), [])
    for name, ours in (("focus_areas", document.get("focus")), ("modalities", document.get("modalities")),
                       ("populations", document.get("populations")), ("populations", document.get("restricted_to"))):
        found += [code for one in ours or () for code in WRITTEN.get((name, one), ())]
    for one in document.get("languages") or ():
        found += crosswalk("meeting_guide").theirs("languages", one)
    found += [code for one, answer in (document.get("accessibility") or {}).items() if answer == "yes"
              for code in WRITTEN.get(("accessibility", one), ())]
    return tuple(dict.fromkeys(found))
