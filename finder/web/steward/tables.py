"""Every table as a file for a spreadsheet, for who has just proved who they are; accounts for administrators only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from finder.accounts.permissions import Action, Target
from finder.errors import NotFound
from finder.exchange.tables import streamed
from finder.listings import tables as kept
from finder.web import audited
from finder.web.desk import allow, render
from finder.web.pages import services
from finder.web.signed_in import can
from finder.web.steward.blueprint import desk
from finder.wordings.language import N_, gettext

NAMES: Mapping[str, tuple[str, str]] = {
    "listings": (N_("Listings"), N_("One row for each, also those that are not shown.")),
    "sessions": (N_("Meeting times and places"), N_("Without the address of places that are kept to themselves.")),
    "organizations": (N_("Organizations"), N_("Who runs the groups.")),
    "reports": (N_("Reports from visitors"), N_("What is wrong, and the answer. Not who sent it.")),
    "proposals": (N_("Proposed changes"), N_("What was proposed, and what became of it.")),
    "claims": (N_("Who wants to edit"), N_("Who asked to edit which listing, and the decision.")),
    "checks": (N_("Checks"), N_("When somebody checked a listing, how, and which facts.")),
    "imports": (N_("Imports"), N_("When a list was taken in, and how much changed.")),
    "tallies": (N_("Counts"), N_("Searches that found little and pages opened, by month. No small numbers.")),
    kept.PEOPLE: (N_("People and their roles"), N_("Without passwords and other secrets.")),
}
# These hold nothing of people; the others name accounts, or say what somebody wrote.
OPEN = frozenset(("listings", "sessions", "organizations", "tallies"))


def table_here(session: Any, name: str, **values: Any) -> Target:
    """What a page about one table is about. Raises NotFound."""
    if name not in NAMES:
        raise NotFound("table")
    return Target()


def _offered() -> list[str]:
    return [name for name in NAMES if name != kept.PEOPLE or can(Action.SEE_PEOPLE.value)]


@desk.page("/tables", Action.EXPORT)
def tables() -> ResponseReturnValue:
    """The tables that can be had as files"""
    return render("steward/tables", tables=[(name, *map(gettext, NAMES[name])) for name in _offered()])


@desk.page("/tables/<name>.csv", Action.EXPORT, about=table_here)
def table(name: str) -> ResponseReturnValue:
    """One table as CSV in UTF-8"""
    if name == kept.PEOPLE:
        allow(Action.SEE_PEOPLE)
    if name not in OPEN:
        audited.exported(table=name)
    response = Response(_lines(name, mark=request.args.get("mark") != "0"), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _lines(name: str, *, mark: bool) -> Iterator[str]:
    """The file, piece by piece; what it is read from stays open until the last one. Asked for outside a request."""
    held = services()
    today = held.now().date()

    def pieces() -> Iterator[str]:
        with held.database.reading() as session:
            heads, rows = kept.rows(session, name, today)
            yield from streamed(heads, rows, mark=mark)
    return pieces()
