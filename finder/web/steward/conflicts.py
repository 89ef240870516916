"""Where a source says something else than the people who look after a listing: both side by side, and choosing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts.permissions import Action, may
from finder.errors import Invalid, NotFound
from finder.listings import changes, conflicts
from finder.listings.conflicts import Disagreement
from finder.web import comparing_texts
from finder.web.comparing_texts import Row
from finder.web.desk import listing_here, render, target_of, version_read
from finder.web.pages import link, services
from finder.web.signed_in import actor, author
from finder.web.steward.blueprint import desk
from finder.web.steward.imports import page_number
from finder.wordings import pieces as words_of
from finder.wordings.language import N_, gettext

A_PAGE = 20  # listings
SAID: Mapping[str, str] = {
    "saved": N_("Saved."), "agree": N_("The two agree by now. Nothing was changed."),
    "broken": N_("What the source says breaks a rule of this site, so it was not taken over."),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field in which the two differ, with the rows that show how."""

    name: str
    title: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Shown:
    """One listing of the page."""

    about: Disagreement
    fields: Sequence[Field]


@desk.page("/conflicts", Action.REVIEW)
def conflicts_waiting() -> ResponseReturnValue:
    """Where sources and people disagree"""
    page = page_number()
    with services().database.reading() as session:
        found = conflicts.waiting(session, most=A_PAGE, after=page * A_PAGE)
        total = conflicts.count(session)
    shown = [_shown(one) for one in found if may(actor(), Action.REVIEW, target_of(one.listing))]
    code = request.args.get("said", "")
    return render("steward/conflicts", shown=shown, page_number=page, pages=-(-total // A_PAGE), total=total,
                  said=gettext(SAID[code]) if code in SAID else "")


def _shown(one: Disagreement) -> Shown:
    fields = []
    for name in one.fields:
        rows = comparing_texts.changed(_only(one.listing.document, name), _only(one.feed, name))
        fields.append(Field(name, rows[0].title if len(rows) == 1 else words_of.title(name), rows))
    return Shown(one, fields)


def _only(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {name: document[name]} if name in document else {}


@desk.page("/conflicts/<slug>", Action.REVIEW, about=listing_here, methods=("POST",))
def conflict_settle(slug: str) -> ResponseReturnValue:
    """Choose between the two for one listing"""
    base, held, said = version_read(), services(), "saved"
    everything = request.form.get("all") == conflicts.THEIRS
    try:
        with held.database.transaction() as session:
            there = changes.find(session, slug)
            fields = conflicts.find(session, there.id).fields
            theirs = [name for name in fields if everything or request.form.get(f"field-{name}") == conflicts.THEIRS]
            conflicts.settle(session, there.id, theirs=theirs, base=base, author=author(), now=held.now())
    except NotFound:
        said = "agree"
    except Invalid:
        said = "broken"
    return redirect(link()("steward.conflicts_waiting", said=said), 303)
