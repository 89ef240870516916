"""What Finder promises about trust, and which of it the runs of its own tests showed. Text in, text out: no database,
no web, no clock.

The promises stand in `promises.toml`, one plain sentence each. A test shows a promise by carrying its id in its name
(`test_P1_…`, `test_A2_A12_…`) or in a recorded property `promise`; what it measured is its property `figure`.
"""

from __future__ import annotations

import re
import tomllib
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from finder.errors import Invalid, Problem

BESIDE = Path(__file__).with_suffix(".toml")
PASSED, SKIPPED, FAILED = "passed", "skipped", "failed"  # from the best to the worst
_OUTCOMES = (PASSED, SKIPPED, FAILED)
_CARRIED = re.compile(r"test_((?:[A-Z]\d{1,2}_)+)")
_RERUN = "`.venv/bin/python -m pytest -m '' -k {}_`"


@dataclass(frozen=True, slots=True)
class Held:
    """One promise: its id, what it says, and what of it is not kept (empty where all of it is)."""

    id: str
    says: str
    not_yet: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The promises about one subject, in order."""

    title: str
    promises: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What one test came to in a run: the ids it carries, its outcome, its figures, the day, and the machine."""

    ids: frozenset[str]
    outcome: str
    figures: tuple[str, ...]
    day: str
    machine: str


@dataclass(frozen=True, slots=True)
class Report:
    """The page, and what keeps it from being a good one: failed ids, and ids that nothing shows."""

    text: str
    failed: tuple[str, ...]
    unshown: tuple[str, ...]


def sections(text: str | None = None) -> tuple[Section, ...]:
    """All promises by subject, in the order of the file. Raises Invalid for a file that does not say what it must."""
    try:
        held = tomllib.loads(BESIDE.read_text(encoding="utf-8") if text is None else text)
        titles, promises = held["sections"], held["promises"]
        found = [Held(name, one["says"], one.get("not_yet", "")) for name, one in promises.items()]
        return tuple(Section(title, tuple(one for one in found if one.id[0] == letter))
                     for letter, title in titles.items())
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as wrong:
        raise Invalid({"promises": [Problem("bad_text")]}) from wrong


def carried(name: str) -> tuple[str, ...]:
    """The ids that the name of a test carries, in order: test_A2_A12_secrets_differ carries A2 and A12."""
    found = _CARRIED.match(name)
    return tuple(found[1].rstrip("_").split("_")) if found else ()


def read_run(body: bytes) -> dict[tuple[str, str], Shown]:
    """The tests of one run that carry ids, by file and name, from pytest's junit XML.

    Raises Invalid for what is no such file. One that declares a document type is none: pytest writes no such thing,
    and declarations are how a small XML file becomes a large one.
    """
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise Invalid({"results": [Problem("bad_text")]})
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as wrong:
        raise Invalid({"results": [Problem("bad_text")]}) from wrong
    if root.tag not in ("testsuites", "testsuite"):
        raise Invalid({"results": [Problem("bad_text")]})
    found: dict[tuple[str, str], Shown] = {}
    for suite in root.iter("testsuite"):
        for case in suite.iter("testcase"):
            key = case.get("classname", ""), case.get("name", "")
            one = _shown(case, suite.get("timestamp", "")[:10])
            earlier = found.get(key)
            if one.ids and (earlier is None or _worse(one, earlier)):  # a test that ends badly is written twice
                found[key] = one
    return found


def report(runs: Iterable[bytes], held: tuple[Section, ...]) -> Report:
    """The page of all promises with what these runs showed. Of a test that ran more than once the last day counts."""
    tests: dict[tuple[str, str], Shown] = {}
    for run in runs:
        for key, one in read_run(run).items():
            if key not in tests or one.day >= tests[key].day:
                tests[key] = one
    by_id: dict[str, list[Shown]] = {}
    for one in tests.values():
        for name in one.ids:
            by_id.setdefault(name, []).append(one)
    promises = [promise for section in held for promise in section.promises]
    failed = tuple(one.id for one in promises if _count(by_id.get(one.id, []), FAILED))
    unshown = tuple(one.id for one in promises if not one.not_yet and not _count(by_id.get(one.id, []), PASSED))
    parts = [_head(promises, list(tests.values()), failed, unshown)]
    parts += [_table(section, by_id) for section in held]
    parts.append(_missing(promises))
    return Report("\n\n".join(parts) + "\n", failed, unshown)


def _shown(case: ElementTree.Element, day: str) -> Shown:
    told = [(one.get("name", ""), one.get("value", "")) for one in case.iter("property")]
    ids = set(carried(case.get("name", ""))) | {value for name, value in told if name == "promise"}
    ended = {one.tag for one in case}
    outcome = FAILED if ended & {"failure", "error"} else SKIPPED if "skipped" in ended else PASSED
    return Shown(frozenset(ids), outcome, tuple(value for name, value in told if name == "figure"), day,
                 next((value for name, value in told if name == "machine"), ""))


def _worse(one: Shown, other: Shown) -> bool:
    return _OUTCOMES.index(one.outcome) > _OUTCOMES.index(other.outcome)


def _count(tests: Iterable[Shown], outcome: str) -> int:
    return sum(one.outcome == outcome for one in tests)


def _head(promises: list[Held], tests: list[Shown], failed: tuple[str, ...], unshown: tuple[str, ...]) -> str:
    lines = ["# What Finder promises, and what its own tests showed", ""]
    if failed:
        lines += [f"**A test failed for: {', '.join(failed)}.**", ""]
    if unshown:
        lines += [f"**No test of these runs shows: {', '.join(unshown)}.**", ""]
    in_part = sum(bool(one.not_yet) for one in promises)
    machines = sorted({one.machine for one in tests} - {""})
    days = sorted({one.day for one in tests} - {""})
    span = " to ".join(dict.fromkeys(days[:1] + days[-1:])) or "on no day"
    lines += [f"{len(promises)} promises; {in_part} of them are not kept, or in part only, and the end of this page "
              "says why. A row says what was run and what came of it, and no more than that.", "",
              f"Run {span} on {', '.join(machines) or 'a machine that did not say its name'}: "
              f"{_outcomes(tests)}. Made by `finder trust report`; nobody writes it by hand."]
    return "\n".join(lines)


def _table(section: Section, by_id: Mapping[str, list[Shown]]) -> str:
    lines = [f"## {section.title}", "", "| id | promise | tests | figure | date | run it again |",
             "|---|---|---|---|---|---|"]
    for promise in section.promises:
        tests = by_id.get(promise.id, [])
        figures = "; ".join(dict.fromkeys(figure for one in tests for figure in one.figures))
        cells = (promise.id, promise.says + (" *Not all of it: see the end.*" if promise.not_yet else ""),
                 _outcomes(tests), figures or "–", max((one.day for one in tests), default="") or "–",
                 _RERUN.format(promise.id) if tests else "–")
        lines.append(f"| {' | '.join(_cell(one) for one in cells)} |")
    return "\n".join(lines)


def _missing(promises: Iterable[Held]) -> str:
    lines = [f"- **{one.id}** {' '.join(one.not_yet.split())}" for one in promises if one.not_yet]
    return "\n".join(["## What is not kept, and why", "", *(lines or ["Nothing is known to be missing."])])


def _outcomes(tests: Iterable[Shown]) -> str:
    held = list(tests)
    counts = [(outcome, _count(held, outcome)) for outcome in (PASSED, FAILED, SKIPPED)]
    return ", ".join(f"{count:,} {outcome}" for outcome, count in counts if count) or "none"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
