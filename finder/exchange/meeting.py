"""One meeting as any meeting feed states it: the record between a reader and the grouping."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from finder.exchange.cells.names import Name
from finder.exchange.fellowships import Fellowship
from finder.exchange.types import Traits

REMOTE = frozenset(("online_video", "phone", "text_chat"))


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting of one group at one time.

    `group`: the group's own id in the source, empty if there is none. `status`: active, paused (a word says so) or
    inactive (the source does not show it). `start`: minutes after midnight in `zone`; `minutes`: length; either may be
    None. `monthly`: BYDAY values in place of the weekly rule; `irregular`: the name says every other week.
    """

    row: int
    source_id: str
    group: str
    group_name: str
    name: Name
    status: str
    format: str
    days: tuple[str, ...]
    start: int | None
    minutes: int | None
    zone: str | None
    place: str
    location: dict[str, Any] | None
    traits: Traits
    fellowship: Fellowship | None = None
    organization: dict[str, Any] | None = None
    join_url: str = ""
    dial_in: str = ""
    url: str = ""
    note: str = ""
    checked_on: str | None = None
    flags: frozenset[str] = field(default_factory=frozenset)
