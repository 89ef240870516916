"""What waits for a steward, the oldest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.accounts import naming
from finder.accounts.naming import Called
from finder.accounts.permissions import Action
from finder.listings import queue as waiting
from finder.listings import review
from finder.listings.queue import Item
from finder.web import history_words
from finder.web.desk import render
from finder.web.inclusion_page import reasons
from finder.web.pages import services
from finder.web.report_page import KINDS as REPORTS
from finder.web.signed_in import actor
from finder.web.steward import proposal_view, upkeep
from finder.web.steward.blueprint import desk
from finder.web.steward.proposal import Sent
from finder.web.steward.proposal_view import TAGS, Shown
from finder.wordings.language import N_, gettext

A_PAGE = 20  # items
SAID: Mapping[str, str] = {
    "decided": N_("Saved. Whoever sent it gets an answer if they left an address."),
    "taken": N_("It is yours now."), "given-back": N_("Others can take it now."),
    "answered": N_("The report is closed."), "asked": N_("The group gets your question by email."),
    "went-on": N_("Letters and everything that goes by the clock go on."),
    "unanswered": N_("There is no address to write to. Please call them."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the page. `shown` is the proposal where it is decided right here."""

    item: Item
    tag: str
    told: str
    pieces: str
    assigned: str
    mine: bool
    shown: Shown | None


@desk.page("/", Action.SEE_QUEUE)
def queue() -> ResponseReturnValue:
    """Changes to look at"""
    held, me = services(), actor().account_id
    chosen = _chosen()
    with held.database.reading() as session:
        everything = waiting.waiting(session, actor())
        found = waiting.narrowed(everything, kind=chosen["kind"], state=chosen["state"],
                                 mine=me if chosen["mine"] else None)
        page = min(_page(), max(0, (len(found) - 1) // A_PAGE))
        listed = found[page * A_PAGE : (page + 1) * A_PAGE]
        called = naming.names(session, [who for one in listed for who in (one.maker, one.assigned_to)])
        lines = [_line(session, one, called, held.now()) for one in listed]
        told = upkeep.notices(session, held.settings, held.now())
    return render("steward/queue", lines=lines, tally=waiting.tally(everything, held.now()), chosen=chosen,
                  kinds={kind: gettext(TAGS[kind]) for kind in waiting.KINDS}, states=_states(everything),
                  found=len(found), page_number=page, pages=(len(found) + A_PAGE - 1) // A_PAGE,
                  narrowed={name: one for name, one in chosen.items() if one},
                  policies=reasons(), sent=Sent(), errors={}, said=_said(),
                  upkeep=told)


def _said() -> str:
    """What was just done here, in words."""
    code = request.args.get("said", "")
    return gettext(SAID[code]) if code in SAID else ""


def _chosen() -> dict[str, str]:
    kind = request.args.get("kind", "")
    return {"kind": kind if kind in waiting.KINDS else "", "state": request.args.get("state", "")[:10],
            "mine": "1" if request.args.get("mine") == "1" else ""}


def _page() -> int:
    number = request.args.get("page", "0")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0


def _states(items: Sequence[Item]) -> list[tuple[str, str]]:
    """The states in which anything waits, by name."""
    codes = {code for one in items for code in one.target.states}
    return sorted(((code, wording.state_text(code.removeprefix("US:"))) for code in codes), key=lambda one: one[1])


def _line(session: Any, item: Item, called: Mapping[int, Called], now: datetime) -> Line:
    mine = item.assigned_to == actor().account_id
    assigned = called.get(item.assigned_to or 0)
    shown = None
    if item.kind not in (waiting.REPORT, waiting.CLAIM):
        shown = proposal_view.show(session, review.find(session, item.key), account_id=actor().account_id, now=now,
                                   called=called)
    return Line(item, gettext(TAGS.get(item.kind, TAGS["edit"])),
                shown.sent if shown is not None else _told(item, called, now),
                wording.listed(dict.fromkeys(wording.piece_text(name) for name in item.fields)),
                assigned.name if assigned is not None else "", mine, shown)


def _told(item: Item, called: Mapping[int, Called], now: datetime) -> str:
    """What came in and when, in a sentence."""
    when = history_words.ago(item.since, now)
    if item.kind == waiting.CLAIM:
        who = called.get(item.maker or 0)
        return gettext("%(name)s says that this is their group, %(when)s", when=when,
                       name=who.name if who is not None else gettext("Somebody"))
    about = gettext(REPORTS[item.code]) if item.code in REPORTS else gettext("Something else")
    if item.said:
        return gettext("A visitor says: “%(words)s” %(about)s, %(when)s", words=item.said, about=about, when=when)
    return gettext("A visitor says: %(about)s, %(when)s", about=about, when=when)
