"""How a list is narrowed: numbers in an address or form <-> facet codes.

An address holds a place and numbers only, so that neither history nor a shared link names what somebody looks for
(a number is the code's place in its vocabulary file; codes are added at the end and never reused). 0 is "not stated".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finder.errors import Invalid, Problem
from finder.search.query_schema import ALWAYS_STATED, FACETS, MODES, UNKNOWN, load_match

Filters = Mapping[str, Mapping[str, Sequence[str]]]
Form = Mapping[str, Sequence[str]]

# Facet -> its short name in addresses and forms. None of them says what is sought.
NAMES: Mapping[str, str] = {
    "formats": "how", "times": "when", "group_type": "kind", "led_by": "by", "cost": "pay", "focus": "topic",
    "languages": "tongue", "populations": "who", "accessibility": "need", "modalities": "style", "gender_mix": "mix",
    "capacity": "seat",
}
# Facets of which a program can hold several codes at once, so that "all of these" says something.
SEVERAL = frozenset(("formats", "times", "focus", "languages", "populations", "accessibility", "modalities", "cost"))
# What people most often want left out, each with its facet.
LEAVE_OUT = (("modalities", "faith_recovery"), ("modalities", "mutual_aid_12step"), ("capacity", "waitlist"),
             ("capacity", UNKNOWN))
ORDER = ("formats", "times", "led_by", "cost", "languages", "accessibility", "populations", "group_type", "focus")
MOST_SHOWN = 12  # rows of one facet before the rest is left to the topics page


@dataclass(frozen=True, slots=True)
class Row:
    """One box to tick: its number, code, how many programs hold it, and whether it is ticked."""

    number: int
    code: str
    count: int
    ticked: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One group of boxes."""

    name: str  # of the facet, as the contract calls it
    field: str  # of the form
    rows: tuple[Row, ...]
    several: bool
    all_of_them: bool

    @property
    def chosen(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.ticked)


def number_of(facet: str, code: str) -> int | None:
    """The number of a code, 0 for "not stated", None for a code no list holds."""
    if code == UNKNOWN:
        return 0
    codes = FACETS[facet]
    return codes.index(code) + 1 if code in codes else None


def code_of(facet: str, number: str) -> str:
    """The code of a number. Raises Invalid."""
    codes = FACETS[facet]
    if not (number.isascii() and number.isdigit() and len(number) <= 3 and int(number) <= len(codes)):
        raise Invalid({NAMES[facet]: [Problem("not_a_code", value=number[:10])]}, "query")
    if not int(number) and facet in ALWAYS_STATED:
        raise Invalid({NAMES[facet]: [Problem("not_a_code", value=number)]}, "query")
    return codes[int(number) - 1] if int(number) else UNKNOWN


def read(form: Form) -> dict[str, dict[str, list[str]]]:
    """Facet -> mode -> codes, from an address or a form. Names it does not know are not looked at. Raises Invalid."""
    found: dict[str, dict[str, list[str]]] = {}
    for facet, field in NAMES.items():
        chosen = [code_of(facet, number) for number in form.get(field, ()) if number]
        mode = "all" if "all" in form.get(f"{field}-all", ()) and facet in SEVERAL else "any"
        left_out = [code_of(facet, number) for number in form.get(f"{field}-not", ()) if number]
        for kind, codes in ((mode, chosen), ("not", left_out)):
            if codes:
                found.setdefault(facet, {})[kind] = list(dict.fromkeys(codes))
    return found


def arguments(filters: Filters) -> dict[str, list[str]]:
    """The query parameters by which `finder.search.query_schema` names these filters."""
    return {facet if mode == "any" else f"{facet}.{mode}": list(codes)
            for facet, modes in filters.items() for mode, codes in modes.items()}


def in_address(filters: Filters) -> dict[str, Any]:
    """What an address says for these filters: the reverse of `read`."""
    found: dict[str, Any] = {}
    for facet, modes in filters.items():
        for mode, codes in modes.items():
            field = NAMES[facet] + ("-not" if mode == "not" else "")
            found[field] = [number_of(facet, code) for code in codes]
            if mode == "all":
                found[f"{NAMES[facet]}-all"] = "all"
    return found


def known_filters(stored: object) -> dict[str, dict[str, list[str]]]:
    """Filters that came back in a cookie, checked again. Raises Invalid."""
    if not isinstance(stored, dict) or not all(
            isinstance(modes, dict) and set(modes) <= set(MODES) and all(_texts(codes) for codes in modes.values())
            for modes in stored.values()) or not set(stored) <= set(FACETS):
        raise Invalid({"": [Problem("wrong_type", expected="object")]}, "query")
    checked = load_match(arguments(stored)).filters
    return {facet: {mode: list(codes) for mode, codes in modes.items()} for facet, modes in checked.items()}


def facets(counts: Mapping[str, Mapping[str, int]], filters: Filters) -> tuple[Facet, ...]:
    """The boxes for a list: codes that some program holds, most frequent first, ticked ones always among them."""
    return tuple(facet for name in ORDER if (facet := _facet(name, counts.get(name, {}), filters.get(name, {}))).rows)


def _facet(name: str, counts: Mapping[str, int], modes: Mapping[str, Sequence[str]]) -> Facet:
    chosen = [*modes.get("any", ()), *modes.get("all", ())]
    rows = [Row(number, code, counts.get(code, 0), code in chosen)
            for code in dict.fromkeys([*chosen, *counts]) if (number := number_of(name, code)) is not None
            and (code in chosen or counts.get(code))]
    rows.sort(key=lambda row: (row.code == UNKNOWN, not row.ticked, -row.count, row.number))
    return Facet(name, NAMES[name], tuple(rows[:MOST_SHOWN]), name in SEVERAL, "all" in modes)


def leave_out(filters: Filters) -> tuple[tuple[str, str, Row], ...]:
    """The "leave out" boxes: facet, form field, row."""
    found = [(facet, code) for facet, code in LEAVE_OUT]
    found += [(facet, code) for facet, modes in filters.items() for code in modes.get("not", ())]
    return tuple((facet, f"{NAMES[facet]}-not",
                  Row(number_of(facet, code) or 0, code, 0, code in filters.get(facet, {}).get("not", ())))
                 for facet, code in dict.fromkeys(found))


def _texts(codes: object) -> bool:
    return isinstance(codes, list) and all(isinstance(code, str) and "," not in code for code in codes)
