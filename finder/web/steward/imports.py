"""The import desk: what was taken in, what waits, and taking a whole import back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts import naming
from finder.accounts.permissions import Action, Target
from finder.errors import Conflict, NotFound
from finder.exchange import uploads
from finder.listings import undo
from finder.listings.undo import Past
from finder.web import history_words
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.signed_in import author
from finder.web.steward.blueprint import desk
from finder.wordings.language import N_, gettext

A_PAGE = 30  # imports
SAID: Mapping[str, str] = {
    "applied": N_("Done. Visitors see it now."), "queued": N_("It will be done in the background, in a few minutes."),
    "discarded": N_("Discarded. Nothing was changed."), "undone": N_("Taken back. What others changed since stays."),
    "already": N_("It was taken back before. Nothing was changed."),
}
# Outcomes in the order of the page.
COUNTS: Mapping[str, str] = {
    "added": N_("New listings"), "changed": N_("Changed listings"), "gone": N_("Taken down"), "held": N_("Held back"),
    "unchanged": N_("As before"), "out_of_scope": N_("No groups"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One past import as its page shows it."""

    past: Past
    when: str
    who: str
    counts: Sequence[tuple[str, int]]
    undone: str
    refused: int


def key_of(text: str, what: str) -> uuid.UUID:
    """The id that an address names. Raises NotFound."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound(what) from None


def run_here(session: Any, run: str, **values: Any) -> Target:
    """What a page about one import is about: an import that was made."""
    undo.find(session, key_of(run, "import"))
    return Target()


def said() -> str:
    """What was just done, in words."""
    code = request.args.get("said", "")
    return gettext(SAID[code]) if code in SAID else ""


def page_number() -> int:
    """The page of a list that the address names, from 0."""
    number = request.args.get("page", "0")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0


@desk.page("/imports", Action.IMPORT)
def imports_list() -> ResponseReturnValue:
    """What was taken in, and what waits"""
    held, page = services(), page_number()
    with held.database.reading() as session:
        found = undo.past(session, most=A_PAGE + 1, after=page * A_PAGE)
        lines = _lines(session, found[:A_PAGE])
        waiting = [(one, history_words.ago(one.made_at, held.now())) for one in uploads.open_ones(session)
                   if one.format != uploads.UNDO]
    return render("steward/imports", lines=lines, waiting=waiting, said=said(), page_number=page,
                  more=len(found) > A_PAGE)


@desk.page("/imports/<run>", Action.IMPORT, about=run_here)
def import_run(run: str) -> ResponseReturnValue:
    """One import"""
    key = key_of(run, "import")
    with services().database.reading() as session:
        (line,) = _lines(session, [undo.find(session, key)])
        being_undone = uploads.is_being_undone(session, key)
    return render("steward/import_run", line=line, said=said(), being_undone=being_undone)


@desk.page("/imports/<run>/undo", Action.IMPORT, about=run_here, methods=("POST",))
def import_undo(run: str) -> ResponseReturnValue:
    """Take a whole import back"""
    held, key, done = services(), key_of(run, "import"), "undone"
    try:
        with held.database.transaction() as session:
            past = undo.find(session, key)
            if uploads.is_large(past.counts):
                uploads.queue_undo(session, past, author=author(), now=held.now())
                done = "queued"
            else:
                undo.undo_import(session, key, author=author(), now=held.now())
    except Conflict:
        done = "already"
    return redirect(link()("steward.import_run", run=run, said=done), 303)


def _lines(session: Any, found: Sequence[Past]) -> list[Line]:
    called = naming.names(session, [one.account_id for one in found])
    return [_line(one, called[one.account_id].name if one.account_id in called else "") for one in found]


def _line(one: Past, who: str) -> Line:
    counts = [(gettext(words), one.counts[name]) for name, words in COUNTS.items() if one.counts.get(name)]
    refused = one.counts.get("refused_rows", len(one.counts.get("refused", ())))
    return Line(one, history_words.moment(one.at), who or gettext("the command line or a feed"), counts,
                history_words.moment(one.undone_at) if one.undone_at else "", refused)
