"""Kinds of fields of the form for listings: how each shows a value as text and reads it back.

A value that nothing can be made of is handed on as it was typed, so that the one validator names what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finder import wording
from finder.places import lookup
from finder.vocabulary import vocabulary
from finder.wordings.language import gettext, locale

Form = Mapping[str, Sequence[str]]  # names of fields -> what was typed or ticked
Sent = dict[str, list[str]]
Options = Callable[[], Mapping[str, str]]  # code -> label in the reader's language

_SPLIT = re.compile(r"[,;\n]+")
_WORD = re.compile(r"[\s,;]+")
_COUNTY = re.compile(r"(?<!\s)\s++(County|Parish|Borough)$", re.IGNORECASE)


def first(form: Form, name: str) -> str:
    """What one box holds, without spaces around it and with plain line ends; "" for nothing."""
    found = form.get(name) or ("",)
    return plain(found[0])


def plain(typed: str) -> str:
    """What was typed, as it is compared."""
    return typed.replace("\r\n", "\n").replace("\r", "\n").strip()


def several(form: Form, name: str) -> list[str]:
    """What is ticked of a group of boxes, each once, in order."""
    return list(dict.fromkeys(one for one in form.get(name) or () if one))


@dataclass(frozen=True, slots=True)
class Kind:
    """One line of text; also what the other kinds are made from."""

    most: int = 200
    type: str = "text"
    size: str = ""
    inputmode: str = ""

    control = "text"

    def names(self, path: str) -> tuple[str, ...]:
        """The names under which it is sent."""
        return (path,)

    def show(self, path: str, value: Any) -> Sent:
        """What the boxes hold for a value; None is not stated."""
        return {path: ["" if value is None else str(value)]}

    def read(self, path: str, form: Form) -> Any:
        """The value of what was sent; None for not stated."""
        return first(form, path) or None


class Text(Kind):
    """One line."""


class Lines(Kind):
    """Several lines."""

    control = "lines"


class Whole(Kind):
    """A whole number."""

    def read(self, path: str, form: Form) -> Any:
        typed = first(form, path)
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else typed or None


class Number(Kind):
    """A number, also with a part after the point."""

    def show(self, path: str, value: Any) -> Sent:
        return {path: [f"{value:.12g}" if type(value) in (int, float) else str(value or "")]}

    def read(self, path: str, form: Form) -> Any:
        return number(first(form, path).lstrip("$"))


def number(typed: str) -> Any:
    """A number as it was typed; what is none stays text, and "" is None."""
    if not re.fullmatch(r"[+-]?[0-9]{1,9}(\.[0-9]{0,12})?|[+-]?\.[0-9]{1,12}", typed):
        return typed or None
    found = float(typed)
    return int(found) if found == int(found) else found


@dataclass(frozen=True, slots=True)
class Pick(Kind):
    """One of a list. `unstated` is the choice for "not stated"; None where one must be picked."""

    options: Options = dict
    unstated: str | None = "Not stated"

    control = "pick"


@dataclass(frozen=True, slots=True)
class YesNo(Pick):
    """Yes, no, or not stated."""

    def show(self, path: str, value: Any) -> Sent:
        return {path: ["" if value is None else "yes" if value else "no"]}

    def read(self, path: str, form: Form) -> Any:
        typed = first(form, path)
        return {"": None, "yes": True, "no": False}.get(typed, typed)


@dataclass(frozen=True, slots=True)
class Tick(Kind):
    """A box whose absence says no more than not ticking it."""

    control = "tick"

    def show(self, path: str, value: Any) -> Sent:
        return {path: ["yes"] if value else []}

    def read(self, path: str, form: Form) -> Any:
        return True if several(form, path) else None


@dataclass(frozen=True, slots=True)
class Ticks(Kind):
    """Several of a list, in the order of the list that was there."""

    options: Options = dict

    control = "ticks"

    def show(self, path: str, value: Any) -> Sent:
        return {path: list(value or ())}

    def read(self, path: str, form: Form) -> Any:
        return several(form, path) or None


class Topics(Ticks):
    """What a group is about: the main topic, and the others."""

    control = "topics"

    def names(self, path: str) -> tuple[str, ...]:
        return (path, f"{path}.main")

    def show(self, path: str, value: Any) -> Sent:
        main, *others = value or [""]
        return {path: others, f"{path}.main": [main]}

    def read(self, path: str, form: Form) -> Any:
        main = first(form, f"{path}.main")
        return list(dict.fromkeys([*([main] if main else []), *several(form, path)])) or None


class Payers(Ticks):
    """Insurance: not stated, none taken, or these."""

    NONE = "none"

    def show(self, path: str, value: Any) -> Sent:
        return {path: [self.NONE] if value == [] else list(value or ())}

    def read(self, path: str, form: Form) -> Any:
        ticked = several(form, path)
        return [] if ticked == [self.NONE] else ticked or None


class Tongues(Ticks):
    """Languages: those of the list, and any others by name or code."""

    control = "tongues"

    def names(self, path: str) -> tuple[str, ...]:
        return (path, f"{path}.more")

    def show(self, path: str, value: Any) -> Sent:
        return {path: list(value or ()), f"{path}.more": [""]}

    def read(self, path: str, form: Form) -> Any:
        more = [_language(one.strip()) for one in _SPLIT.split(first(form, f"{path}.more")) if one.strip()]
        return list(dict.fromkeys([*several(form, path), *more])) or None


def _language(typed: str) -> str:
    """The code of a language given by its name or code; what is neither stays as it is."""
    wanted = typed.casefold()
    known = {wording.label("languages", code).casefold(): code for code in vocabulary().lists["languages"].codes}
    names = {name.casefold(): code for code, name in locale().languages.items() if code.isalpha() and len(code) <= 3}
    return known.get(wanted) or names.get(wanted) or (wanted if wanted.isalpha() and len(wanted) <= 3 else typed)


class Posts(Ticks):
    """How much support, as posts in a row: the lowest and the highest that are ticked."""

    control = "posts"

    def show(self, path: str, value: Any) -> Sent:
        return {path: [str(level) for level in range(value["min"], value["max"] + 1)] if value else []}

    def read(self, path: str, form: Form) -> Any:
        ticked = several(form, path)
        levels = sorted(int(one) for one in ticked if one.isascii() and one.isdigit() and len(one) == 1)
        if len(levels) != len(ticked):
            return {"min": ticked[0], "max": ticked[0]}  # the validator says that this is no level
        return {"min": levels[0], "max": levels[-1]} if levels else None


class Listed(Lines):
    """Codes in a box, apart by commas or lines."""

    def show(self, path: str, value: Any) -> Sent:
        return {path: [", ".join(value or ())]}

    def read(self, path: str, form: Form) -> Any:
        typed = _SPLIT.split(first(form, path))
        return list(dict.fromkeys(one.strip().upper() for one in typed if one.strip())) or None


class States(Listed):
    """States by letters or name."""

    def read(self, path: str, form: Form) -> Any:
        typed = [one.strip() for one in _SPLIT.split(first(form, path)) if one.strip()]
        return list(dict.fromkeys(lookup.state_code(one) or one.upper() for one in typed)) or None


class Counties(Lines):
    """Counties as people write them, "Montgomery, PA", one a line."""

    def show(self, path: str, value: Any) -> Sent:
        pairs = (one.partition(":") for one in value or ())
        return {path: ["\n".join(f"{name}, {state}" for state, _, name in pairs)]}

    def read(self, path: str, form: Form) -> Any:
        return [_county(one) for line in first(form, path).split("\n") if (one := line.strip())] or None


def _county(typed: str) -> str:
    name, comma, state = typed.rpartition(",")
    code = lookup.state_code(state)
    return f"{code}:{_COUNTY.sub('', name.strip())}" if comma and code else typed


class Tags(Listed):
    """Words a steward added, by their codes."""

    def show(self, path: str, value: Any) -> Sent:
        listed = isinstance(value, list) and all(isinstance(one, str) for one in value)
        return {path: [", ".join(value) if listed else ""]}

    def read(self, path: str, form: Form) -> Any:
        return list(dict.fromkeys(one for one in _WORD.split(first(form, path)) if one)) or None


# -- what can be picked ----------------------------------------------------------------------------------------------


def of_list(name: str) -> Options:
    """The codes of a vocabulary with their labels."""
    return lambda: {code: wording.label(name, code) for code in vocabulary().lists[name].codes}


def of_table(table: Mapping[str, str]) -> Options:
    """The codes of a table of sentences."""
    return lambda: {code: gettext(words) for code, words in table.items()}
