"""A listing as stewards know it: facts, notes, what waits about it, and every version, any of which can come back."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.accounts import naming
from finder.accounts.permissions import Action
from finder.catalog.models import DELETED
from finder.errors import Conflict, FinderError, Invalid, NotFound
from finder.listings import changes, notes, reports, review
from finder.listings.changes import Listing
from finder.listings.review import LONGEST_REASON
from finder.web import history_words
from finder.web.comparing_texts import changed, facts
from finder.web.desk import listing_here, render, version_read
from finder.web.pages import link, services
from finder.web.report_page import KINDS as REPORTS
from finder.web.signed_in import actor, author
from finder.web.steward import proposal_view
from finder.web.steward.blueprint import desk
from finder.wordings.language import N_, gettext

A_PAGE = 30  # versions
SAID = {"note": N_("The note is kept."), "restored": N_("Done. The listing is as you chose."),
        "nothing": N_("It was like that already. Nothing changed.")}
NEEDED = N_("Write a few words.")


@desk.page("/listing/<slug>", Action.WRITE_NOTE, about=listing_here)
def listing(slug: str) -> ResponseReturnValue:
    """All that is known about a listing"""
    return _page(slug)


@desk.page("/listing/<slug>/notes", Action.WRITE_NOTE, about=listing_here, methods=("POST",))
def add_note(slug: str) -> ResponseReturnValue:
    """Keep a note for other stewards"""
    words = request.form.get("note", "")
    try:
        with services().database.transaction() as session:
            notes.write(session, changes.find(session, slug).id, words, account_id=actor().account_id,
                        now=services().now())
    except Invalid as wrong:
        said = [gettext(NEEDED) if one.code == "required" else wording.problem_text(one)
                for one in wrong.errors["note"]]
        return _page(slug, note=words, errors={"note": said}), 422
    return redirect(link()("steward.listing", slug=slug, said="note"), 303)


@desk.page("/listing/<slug>/versions/<number>", Action.WRITE_NOTE, about=listing_here)
def version(slug: str, number: str) -> ResponseReturnValue:
    """A listing as it was at one version"""
    with services().database.reading() as session:
        there = changes.find(session, slug)
        step = changes.at_version(session, there.id, version_of(number))
        document, state = changes.as_of([step], step.version)
        called = naming.names(session, [step.account_id])
    return render("steward/version", there=there, step=history_words.steps([step], called)[0], facts=facts(document),
                  state=history_words.state(state), differs_rows=changed(there.document, document),
                  same=there.document == document and there.state == state)


@desk.page("/listing/<slug>/restore", Action.RESTORE_LISTING, about=listing_here, methods=("POST",))
def restore(slug: str) -> ResponseReturnValue:
    """Put a listing back to an earlier version"""
    base, number, held = version_read(), version_of(request.form.get("to", "")), services()
    return _changed(slug, base, lambda session, there: changes.restore(
        session, there.id, number, base=base, author=author(), now=held.now(), reason=_reason()))


@desk.page("/listing/<slug>/undelete", Action.RESTORE_LISTING, about=listing_here, methods=("POST",))
def undelete(slug: str) -> ResponseReturnValue:
    """Bring a deleted listing back"""
    base, held = version_read(), services()
    return _changed(slug, base, lambda session, there: changes.undelete(
        session, there.id, base=base, author=author(), now=held.now(), reason=_reason()))


def version_of(number: str) -> int:
    """The number of a version in an address or form. Raises NotFound for anything else."""
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise NotFound("version")
    return int(number)


def _reason() -> str | None:
    words = " ".join(request.form.get("reason", "").split())
    return "".join(one for one in words if one.isprintable())[:LONGEST_REASON] or None


def _changed(slug: str, base: int, deed: Any) -> ResponseReturnValue:
    try:
        with services().database.transaction() as session:
            after = deed(session, changes.find(session, slug))
    except (Conflict, Invalid) as refused:
        return _page(slug, refused=refused), 409 if isinstance(refused, Conflict) else 422
    return redirect(link()("steward.listing", slug=slug, said="nothing" if after.version == base else "restored"), 303)


def _page(slug: str, *, note: str = "", errors: dict[str, list[str]] | None = None,
          refused: FinderError | None = None) -> str:
    held, start = services(), _start()
    with held.database.reading() as session:
        there = changes.find(session, slug)
        entries = changes.history(session, there.id, most=A_PAGE + 1, after=start)
        listed = entries[:A_PAGE]
        kept, waits = notes.of_listing(session, there.id), review.of_listing(session, there.id)
        called = naming.names(session, [*(one.account_id for one in listed), *(one.account_id for one in kept),
                                        *(one.account_id for one in waits)])
        open_reports = reports.of_listing(session, there.id)
        into = changes.find(session, there.merged_into) if there.merged_into else None
    steps = history_words.steps(listed, called)
    return render("steward/listing", there=there, state=history_words.state(there.state), facts=facts(there.document),
                  steps=steps, notes=[(one.text, history_words.moment(one.at), called.get(one.account_id or 0))
                                      for one in kept],
                  waits=[(one, proposal_view.sent_by(one, held.now(), called)) for one in waits],
                  reports=[(one, gettext(REPORTS.get(one.kind, REPORTS["other"]))) for one in open_reports], into=into,
                  can_bring_back=there.state == DELETED, note=note, errors=errors or {}, refused=_why(refused, there),
                  said=gettext(SAID[said]) if (said := request.args.get("said", "")) in SAID else "",
                  older=start + A_PAGE if len(entries) > A_PAGE else 0)


def _start() -> int:
    number = request.args.get("after", "0")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0


def _why(refused: FinderError | None, there: Listing) -> list[str]:
    """Why nothing was changed, in sentences."""
    if refused is None:
        return []
    if isinstance(refused, Invalid):
        return [gettext("That version breaks a rule of today, so it cannot come back as it is."),
                *(gettext("%(field)s: %(problem)s", field=wording.piece_text(name), problem=wording.problem_text(one))
                  for name, many in refused.errors.items() for one in many)]
    if refused.code == "not_deleted":
        return [gettext("This listing is not deleted.")]
    return [gettext("Somebody else changed this listing meanwhile. Look at it again, then choose.")]
