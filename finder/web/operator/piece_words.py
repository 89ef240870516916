"""What an edit changes, for the people who make it: a row for each thing, and why some of them wait."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from finder.listings import pieces
from finder.web import comparing_texts
from finder.web.comparing_texts import Row
from finder.wordings import pieces as words_of
from finder.wordings.language import N_, gettext

WHY: Mapping[str, str] = {
    "contact.phone": N_("A new phone number is looked at by a steward first."),
    "contact.email": N_("A new email address is looked at by a steward first."),
    "contact.url": N_("A new web address is looked at by a steward first."),
    "organization.phone": N_("A new phone number is looked at by a steward first."),
    "organization.email": N_("A new email address is looked at by a steward first."),
    "organization.url": N_("A new web address is looked at by a steward first."),
    "sessions": N_("A new place, link or number to join is looked at by a steward first. New times show at once."),
}
_WHY = N_("A steward looks at this first.")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing in which two texts differ. `waits` says why it is not shown at once; "" when it is."""

    row: Row
    waits: str = ""


def changes(before: Mapping[str, Any], after: Mapping[str, Any], *, held: Collection[str] = ()) -> list[Change]:
    """What differs between two texts, in order; `held` are the pieces that wait for somebody."""
    return [Change(row, " ".join(why(name) for name in row.names if name in held))
            for row in comparing_texts.rows(before, after, pieces.changed(before, after))]


def why(name: str) -> str:
    """Why a piece waits for a second person."""
    return gettext(WHY.get(name, _WHY))


def waiting(names: Iterable[str]) -> list[tuple[str, str]]:
    """What waits for a steward, and why."""
    return [(words_of.title(words_of.row_of(name)), why(name)) for name in dict.fromkeys(names)]
