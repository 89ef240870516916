"""What matters more to this reader: one row of less, as usual or more for each criterion they may shift.

It travels in the intake document (`emphasis`), so in the answers' cookie and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finder.errors import Invalid, Problem
from finder.intake.document import EMPHASES
from finder.wordings.language import N_, gettext

Form = Mapping[str, Sequence[str]]

# What a reader may shift, in the order of the contract's weights. How heavy things feel is a matter of safety and
# stays as it is; how fresh a listing is, is not theirs to judge.
ROWS: Mapping[str, str] = {
    "need": N_("That it is about what I need"),
    "reach": N_("That I can get there easily"),
    "schedule": N_("That the time suits me"),
    "preference": N_("Who leads it, and how"),
    "cost": N_("What it costs"),
    "identity": N_("People like me"),
    "availability": N_("That I can start soon"),
}
STEPS: Mapping[float, str] = {0.5: N_("Less"), 1: N_("As usual"), 2: N_("More")}


@dataclass(frozen=True, slots=True)
class Row:
    """One criterion: the name of its field, the words for it, and its steps with the chosen one."""

    field: str
    words: str
    steps: tuple[tuple[str, str, bool], ...]  # value, words, chosen


def rows(intake: Mapping[str, Any]) -> tuple[Row, ...]:
    """The rows of the form, as the answers stand."""
    said = intake.get("emphasis") or {}
    return tuple(Row(name, gettext(words), tuple((f"{step:g}", gettext(label), said.get(name, 1) == step)
                                                 for step, label in STEPS.items()))
                 for name, words in ROWS.items())


def taken(intake: Mapping[str, Any], form: Form) -> dict[str, Any]:
    """The intake with the emphasis of a form; "as usual" is left out. Raises Invalid naming the row."""
    said = {name: value for name, value in (intake.get("emphasis") or {}).items() if name not in ROWS}
    allowed = {f"{step:g}": step for step in EMPHASES}
    for name in ROWS:
        for value in form.get(name, ())[-1:]:
            if value not in allowed:
                raise Invalid({name: [Problem("not_a_code", value=value[:20])]})
            if allowed[value] != 1:
                said[name] = allowed[value]
    changed = {key: value for key, value in intake.items() if key != "emphasis"}
    return changed | {"emphasis": said} if said else changed


def shifted(intake: Mapping[str, Any]) -> str:
    """What was shifted, in words: "More: what it costs. Less: people like me". Empty when nothing was."""
    said = intake.get("emphasis") or {}
    parts = []
    for step in (2, 0.5):
        names = [gettext(words) for name, words in ROWS.items() if said.get(name) == step]
        if names:
            parts.append(f"{gettext(STEPS[step])}: {'; '.join(names)}")
    return ". ".join(parts)
