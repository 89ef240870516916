"""What visitors report, and what a steward does about it: answer, ask the group, pause, hide, or show again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.accounts.permissions import Action, Target
from finder.catalog.models import PUBLISHED, WITHHELD
from finder.errors import Conflict, Invalid, NotFound, Problem
from finder.listings import changes, hiding, letters, notes, queue, reports
from finder.listings.changes import Listing
from finder.listings.models import Report
from finder.web import history_words
from finder.web.comparing_texts import facts
from finder.web.desk import allow, render, target_of, version_read
from finder.web.pages import link, services
from finder.web.report_page import KINDS
from finder.web.signed_in import actor, author
from finder.web.steward.blueprint import desk
from finder.wordings.language import N_, gettext

LONGEST = reports.LONGEST_ANSWER
NEEDED: Mapping[str, str] = {
    "answer": N_("Write what you did about it. Whoever reported it reads that."),
    "question": N_("Write your question."), "reason": N_("Say why there is nothing to do."),
    "deed": N_("Choose what to do."),
}
# Deed -> the field with its words, and whether they are needed.
WORDS: Mapping[str, tuple[str, bool]] = {
    "answer": ("answer", True), "ask": ("question", True), "dismiss": ("reason", True), "pause": ("answer", False),
    "unpublish": ("answer", False), "show": ("answer", False), "keep_hidden": ("answer", False),
}


def number_of(words: str) -> int:
    """The number of a report in an address. Raises NotFound for anything else."""
    if not words.isascii() or not words.isdigit() or len(words) > 9:
        raise NotFound("report")
    return int(words)


def report_here(session: Any, number: str, **values: Any) -> Target:
    """What a page about one report is about: its listing."""
    return target_of(changes.find(session, reports.about(session, number_of(number))))


@desk.page("/reports", Action.SEE_QUEUE)
def reports_waiting() -> ResponseReturnValue:
    """What visitors report, unsafe ones first"""
    held = services()
    with held.database.reading() as session:
        found = queue.narrowed(queue.waiting(session, actor()), kind=queue.REPORT)
    hidden = [one for one in found if one.urgent and one.state == WITHHELD]
    return render("steward/reports", reports=[
        (one, gettext(KINDS.get(one.code, KINDS["other"])), history_words.ago(one.since, held.now()))
        for one in [*hidden, *(one for one in found if one not in hidden)]])


@desk.page("/reports/<number>", Action.ANSWER_REPORT, about=report_here, methods=("GET", "POST"))
def report(number: str) -> ResponseReturnValue:
    """One report, with its listing beside it"""
    if request.method == "GET":
        return _page(number, {}, {})
    form = {name: request.form.get(name, "").strip().replace("\r\n", "\n")
            for name in ("deed", "answer", "question", "reason")}
    base = version_read()
    try:
        said = _do(number_of(number), form, base)
    except Invalid as wrong:
        return _page(number, form, _told(wrong.errors)), 422
    except Conflict as late:
        return _page(number, form, {}, late=late.code), 409
    return redirect(link()("steward.queue", said=said), 303)


def _told(errors: Mapping[str, list[Problem]]) -> dict[str, list[str]]:
    return {name: [gettext(NEEDED[name]) if one.code == "required" and name in NEEDED else wording.problem_text(one)
                   for one in many] for name, many in errors.items()}


def _do(number: int, form: Mapping[str, str], base: int) -> str:
    """Does what was chosen, in one transaction; gives what to say about it."""
    deed = form["deed"]
    if deed not in WORDS:
        raise Invalid({"deed": [Problem("required")]})
    field, needed = WORDS[deed]
    words = form[field]
    if needed and not words:
        raise Invalid({field: [Problem("required")]})
    if not words.replace("\n", "").isprintable():
        raise Invalid({field: [Problem("bad_text")]})
    if len(words) > LONGEST:
        raise Invalid({field: [Problem("too_long", max=LONGEST)]})
    held = services()
    with held.database.transaction() as session:
        there = changes.find(session, reports.about(session, number))
        if deed == "ask":
            return _ask(session, there, words)
        _change(session, there, deed, base, words)
        reports.close(session, number, now=held.now(), by=actor().account_id, answer=words)
    return "answered"


def _ask(session: Any, there: Listing, words: str) -> str:
    """Sends a question, and keeps it as a note; the report stays open."""
    now = services().now()
    sent = letters.ask_group(session, there, words, now)
    notes.write(session, there.id, gettext("Asked the group: %(words)s", words=words), account_id=actor().account_id,
                now=now)
    return "asked" if sent else "unanswered"


def _change(session: Any, there: Listing, deed: str, base: int, words: str) -> None:
    now = services().now()
    if deed == "pause":
        changes.change(session, there.id, base=base, author=author(), now=now, kind="paused",
                       document={**there.document, "status": "paused"})
    elif deed == "unpublish":
        allow(Action.UNPUBLISH_LISTING, target_of(there))
        changes.change(session, there.id, base=base, author=author(), now=now, kind="hidden", state=WITHHELD)
    elif deed == "show":
        reports.show_again(session, there.id, base=base, author=author(), now=now, answer=words)
    elif deed == "keep_hidden":
        for one in reports.of_listing(session, there.id):
            if one.kind == hiding.UNSAFE:
                reports.close(session, one.number, now=now, by=actor().account_id, answer=words)


def _page(number: str, form: Mapping[str, str], errors: Mapping[str, list[str]], late: str = "") -> str:
    held = services()
    with held.database.reading() as session:
        found = session.get_one(Report, number_of(number))
        there = changes.find(session, found.program_id)
        others = [(one, gettext(KINDS.get(one.kind, KINDS["other"])))
                  for one in reports.of_listing(session, there.id) if one.number != found.id]
    return render("steward/report", one=found, about=gettext(KINDS.get(found.kind, KINDS["other"])), there=there,
                  day=wording.day_text(found.sent_on), others=others, facts=facts(there.document), form=form,
                  errors=errors, late=late, state=history_words.state(there.state),
                  hidden=there.state == WITHHELD, shown=there.state == PUBLISHED,
                  paused=there.document.get("status") == "paused",
                  has_address=bool((there.document.get("contact") or {}).get("email")))
