"""What a dry run found, kept row by row in files beside its source, so that a desk can show it page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from finder import strict_json
from finder.catalog import rows
from finder.catalog.models import PUBLISHED
from finder.listings.outcomes import Kind, Outcome, Refusal

# In the order a person wants to see them.
LISTS = ("changed", "conflicts", "added", "gone", "held", "refused", "alike")
Line = dict[str, Any]


class Spool:
    """The lists of one dry run, written one line a row."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counts: dict[str, int] = dict.fromkeys(LISTS, 0)
        self._files: dict[str, BinaryIO] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        for name in LISTS:
            path = self.folder / f"{name}.jsonl"
            path.touch(mode=0o600)
            self._files[name] = self._stack.enter_context(path.open("wb"))
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._stack.close()

    def keep(self, outcome: Outcome) -> None:
        """Writes an outcome to the lists it belongs to; what stays as it is, to none. Refused rows come apart."""
        if outcome.kind is Kind.CHANGED:
            both = _differing(outcome.before or {}, outcome.document or {})
            self.write("changed", _line(outcome) | both | _moved(outcome))
        elif outcome.kind in (Kind.ADDED, Kind.GONE):
            self.write(outcome.kind.value, _line(outcome))
        if outcome.why is not None:
            self.write("held", _line(outcome) | {"why": outcome.why.value})
        if outcome.conflicts:
            said = json.loads(outcome.feed or "{}")
            ours = outcome.document or {}
            self.write("conflicts", _line(outcome) | {
                "before": {name: ours[name] for name in outcome.conflicts if name in ours},
                "after": {name: said[name] for name in outcome.conflicts if name in said}})

    def refuse(self, one: Refusal) -> None:
        """Writes a refused row."""
        self.write("refused", {"row": one.row, "field": one.field, "code": one.code})

    def alike(self, outcome: Outcome, *, name: str, slug: str | None, score: float, verdict: str) -> None:
        """Writes that a new listing may be one that another source has already brought."""
        self.write("alike", _line(outcome) | {"other": name, "other_slug": slug, "score": score, "verdict": verdict})

    def write(self, name: str, line: Line) -> None:
        self._files[name].write(strict_json.written(line) + b"\n")
        self.counts[name] += 1


def _line(outcome: Outcome) -> Line:
    shown = outcome.document or outcome.before or {}
    line: Line = {"row": outcome.row, "name": str(shown.get("name", ""))}
    if outcome.row_before is not None:
        line |= {"slug": outcome.row_before["slug"], "name": line["name"] or outcome.row_before["name"],
                 "shown": outcome.row_before["state"] == PUBLISHED}
    return line


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Line:
    """Both texts, reduced to the fields in which they differ."""
    names = [name for name in rows.ORDER if before.get(name) != after.get(name)]
    return {"before": {name: before[name] for name in names if name in before},
            "after": {name: after[name] for name in names if name in after}}


def _moved(outcome: Outcome) -> Line:
    was = outcome.row_before["state"] if outcome.row_before is not None else outcome.state
    return {"was": was, "state": outcome.state} if was != outcome.state else {}


def page(folder: Path, name: str, *, after: int, most: int) -> list[Line]:
    """Lines of a list, from one place on; empty when there are none, or no such list."""
    return [line for place, line in enumerate(lines(folder, name)) if after <= place < after + most]


def lines(folder: Path, name: str) -> Iterator[Line]:
    """All lines of a list."""
    path = folder / f"{name}.jsonl"
    if name in LISTS and path.is_file():
        with path.open("rb") as file:
            for line in file:
                yield json.loads(line)
