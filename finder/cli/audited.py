"""What the audit is told of commands and jobs: their names, and nothing that stands behind them on the line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

import click

from finder.audit.chain import Deed

# What a job notes for itself, as how far it has come: alone, that is no deed. Letters are told of where written.
NOTES = frozenset(("message", "silence", "feed", "hook"))
_job: ContextVar[str] = ContextVar("job", default="")


@contextmanager
def job(name: str) -> Iterator[None]:
    """What is done meanwhile is done by this job."""
    before = _job.set(name)
    try:
        yield
    finally:
        _job.reset(before)


def deed(rows: Mapping[str, int]) -> Deed | None:
    """What this thread's command, or its job, is called; None where it writes nothing of note, or there is none."""
    name, context = _job.get(), click.get_current_context(silent=True)
    if context is None or not rows or (name and NOTES.issuperset(rows)):
        return None
    if name:
        return Deed(f"job.{name}", "job")
    names: list[str] = []
    while context.parent is not None:
        names, context = [str(context.info_name), *names], context.parent
    return Deed(".".join(("command", *names)), "command")
