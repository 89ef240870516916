"""Every regular expression of the program, read from its source, and texts that such a one has most trouble with."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from tests.shared import ROOT

CALLS = frozenset(("compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"))
MANY = 40  # a repeat that may go on so often counts as endless
PIECES = 6  # of a pattern that are put side by side
WRONG = ("\x00", "!", " ", "\n")  # what no pattern ends with, mostly


@dataclass(frozen=True, slots=True)
class Site:
    """One pattern: where it stands, what it is, and how it is used."""

    where: str
    pattern: str
    flags: int
    uses: frozenset[str]


@cache
def sources() -> dict[str, str]:
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
            for path in sorted((ROOT / "finder").rglob("*.py")) if "migrations" not in path.parts}


def sites() -> tuple[list[Site], list[str]]:
    """All patterns, and the places of those that are put together while the program runs."""
    found, unknown = [], []
    called_by: dict[str, set[str]] = {}
    for source in sources().values():
        for called, way in re.findall(r"\b(\w+)\.(\w+)\(", source):
            called_by.setdefault(called, set()).add(way)
    for name, source in sources().items():
        tree = ast.parse(source)
        named = {id(one.value): one.targets[0].id for one in ast.walk(tree)
                 if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)}
        for call in ast.walk(tree):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in CALLS
                    and isinstance(call.func.value, ast.Name) and call.func.value.id == "re"):
                continue
            where = f"{name}: {ast.unparse(call.args[0])[:60]}"
            try:
                pattern, flags = _evaluated(name, call)
            except NameError:
                unknown.append(where)
                continue
            called = named.get(id(call), "")
            used = frozenset(called_by.get(called, ())) & CALLS
            uses = frozenset((call.func.attr,)) if call.func.attr != "compile" else used or frozenset(("fullmatch",))
            found.append(Site(where, pattern, flags, uses))
    return found, unknown


def _evaluated(name: str, call: ast.Call) -> tuple[str, int]:
    names = vars(importlib.import_module(name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")))
    pattern = eval(ast.unparse(call.args[0]), names)
    more = [one.value for one in call.keywords if one.arg == "flags"]
    if isinstance(call.func, ast.Attribute) and call.func.attr == "compile":
        more += call.args[1:]
    flags = int(eval(ast.unparse(more[0]), names)) if more else 0
    if isinstance(pattern, re.Pattern):
        pattern, flags = pattern.pattern, pattern.flags
    if isinstance(pattern, bytes):
        pattern = pattern.decode("latin-1")
    if not isinstance(pattern, str):
        raise NameError(name)  # a name of the module that stands for something else inside a function
    return pattern, flags


def attacks(pattern: str, flags: int, length: int) -> Iterator[str]:
    """Texts of a length: each endless part of the pattern filled to the end behind what leads to it, each of its pieces
    over and over, and then something that does not fit."""
    tree = parser.parse(pattern, flags)
    units = dict.fromkeys(_units(list(tree), ""))
    pieces = dict.fromkeys(unit for _, unit in units)
    for lead, unit in units:
        for wrong in WRONG:
            yield (lead + unit * (length // len(unit)))[:length - 1] + wrong
    for one in list(pieces)[:PIECES]:
        for other in list(pieces)[:PIECES]:
            if one != other:
                yield ((one + other) * (length // len(one + other)))[:length - 1] + WRONG[0]
    whole = sample(list(tree))
    if whole:
        yield (whole * (length // len(whole) + 1))[:length - 1] + WRONG[0]


def _units(nodes: list[Any], lead: str) -> Iterator[tuple[str, str]]:
    """What leads to each endless repeat, and one turn of it."""
    for op, value in nodes:
        if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
            _, most, inside = value
            unit = sample(list(inside))
            if most >= MANY and unit:
                yield lead, unit
            yield from _units(list(inside), lead)
        elif op is ops.BRANCH:
            for branch in value[1]:
                yield from _units(list(branch), lead)
        elif op is ops.SUBPATTERN:
            yield from _units(list(value[3]), lead)
        elif op in (ops.ASSERT, ops.ASSERT_NOT):
            yield from _units(list(value[1]), lead)
        elif op is ops.ATOMIC_GROUP:
            yield from _units(list(value), lead)
        lead += sample([(op, value)])


def sample(nodes: list[Any]) -> str:
    """A short text that a part of a pattern takes."""
    return "".join(_sample(op, value) for op, value in nodes)


def _sample(op: Any, value: Any) -> str:
    if op is ops.LITERAL:
        return chr(value)
    if op is ops.NOT_LITERAL:
        return "a" if value != ord("a") else "b"
    if op is ops.ANY:
        return "a"
    if op is ops.IN:
        return _of_class(value)
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
        return sample(list(value[2])) * max(value[0], min(1, value[1]))
    if op is ops.BRANCH:
        return sample(list(value[1][0]))
    if op is ops.SUBPATTERN:
        return sample(list(value[3]))
    return sample(list(value)) if op is ops.ATOMIC_GROUP else ""


_CATEGORIES = {ops.CATEGORY_DIGIT: "1", ops.CATEGORY_SPACE: " ", ops.CATEGORY_WORD: "a", ops.CATEGORY_NOT_SPACE: "a",
               ops.CATEGORY_NOT_WORD: "-", ops.CATEGORY_NOT_DIGIT: "a"}


def _of_class(items: list[Any]) -> str:
    """A letter of a class; of an inverted one, the first usual letter that is not in it."""
    if items[0][0] is ops.NEGATE:
        return next((one for one in "a1 -.,x\u00e9" if not any(_in(one, item) for item in items[1:])), "~")
    op, value = items[0]
    return chr(value) if op is ops.LITERAL else chr(value[0]) if op is ops.RANGE else _CATEGORIES.get(value, "a")


def _in(letter: str, item: Any) -> bool:
    op, value = item
    if op is ops.LITERAL:
        return ord(letter) == value
    if op is ops.RANGE:
        return bool(value[0] <= ord(letter) <= value[1])
    return re.match({ops.CATEGORY_DIGIT: r"\d", ops.CATEGORY_SPACE: r"\s", ops.CATEGORY_WORD: r"\w"}.get(
        value, r"(?!)"), letter) is not None
