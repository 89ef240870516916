"""What a provider or a team may be known by in registers: an NPI, or the name of another register and a number there.

All of it is optional; what is given must have the right form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from marshmallow import ValidationError

from finder.errors import Invalid, Problem
from finder.fields import Text, flatten
from finder.teams import npi

LONGEST_REGISTER, LONGEST_NUMBER = 100, 60  # characters, as in the tables
_REGISTER, _NUMBER = Text(LONGEST_REGISTER, 0), Text(LONGEST_NUMBER, 0)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers as they are kept; None for what was not given. A register never stands without a number."""

    npi: str | None = None
    register: str | None = None
    number: str | None = None


def read(sent: Mapping[str, str]) -> Numbers:
    """The numbers of a form: its fields npi, register and number. Raises Invalid by field (npi_digits, npi_check,
    required for half of a pair)."""
    errors: dict[str, list[Problem]] = {}
    typed = npi.plain(sent.get("npi", ""))
    if typed and (wrong := npi.problem(typed)):
        errors["npi"] = [Problem(wrong)]
    register = line("register", sent, _REGISTER, errors)
    number = line("number", sent, _NUMBER, errors)
    if bool(register) is not bool(number) and not errors.keys() & {"register", "number"}:
        errors["number" if register else "register"] = [Problem("required")]
    if errors:
        raise Invalid(errors)
    return Numbers(typed or None, register or None, number or None)


def line(name: str, sent: Mapping[str, str], field: Text, errors: dict[str, list[Problem]]) -> str:
    """One field of a form without spaces around it; what is wrong is added to the errors, and it is "" then."""
    words = sent.get(name, "").strip().replace("\r\n", "\n")
    if not words and field.minimum:
        errors[name] = [Problem("required")]
        return ""
    try:
        return field.read(words)
    except ValidationError as wrong:
        errors |= flatten({name: wrong.messages})
        return ""
