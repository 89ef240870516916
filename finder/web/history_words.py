"""The history of a listing in words, as stewards read it: who did what, when and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from finder import wording
from finder.accounts.naming import Called
from finder.listings.changes import Entry
from finder.listings.writing import program_of
from finder.web.comparing_texts import Row, changed
from finder.web.pages import unbroken
from finder.wordings.language import N_, clock, gettext, ngettext, since

KINDS: Mapping[str, str] = {
    "import": N_("Taken from a source"), "added": N_("Added"), "edited": N_("Changed"), "reviewed": N_("Accepted"),
    "restored": N_("Put back to an earlier version"), "deleted": N_("Deleted"), "reverted": N_("Taken back"),
    "merged": N_("Made one with another listing"), "feed": N_("The source’s word was taken"),
    "hidden": N_("Hidden"), "shown": N_("Shown again"),
    "paused": N_("Paused"), "resumed": N_("Meets again"), "undone": N_("An import was taken back"),
    "checked": N_("Checked"), "unpublished": N_("Taken out of the list"),
}
STATES: Mapping[str, str] = {
    "published": N_("In the list"), "withheld": N_("Hidden"), "gone": N_("Its source dropped it"),
    "deleted": N_("Deleted"),
}
ROLES: Mapping[str, str] = {
    "operator": N_("an editor of this listing"), "editor": N_("an editor of this listing"),
    "steward": N_("a steward"), "administrator": N_("an administrator"), "provider": N_("a provider"),
    "contact": N_("the group’s own contact"), "visitor": N_("a visitor"), "anybody": N_("somebody with an account"),
    "reports": N_("two reports that it felt unsafe"), "import": N_("an import"), "command": N_("the command line"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a listing as a page shows it. `who_id` names the account in addresses, "" where it is not told."""

    version: int
    when: str
    what: str
    who: str
    who_id: str
    reason: str
    state: str
    rows: Sequence[Row]


def steps(entries: Sequence[Entry], called: Mapping[int, Called]) -> list[Step]:
    """The steps of a history, in its order. `called` are the accounts by name."""
    return [_step(one, called.get(one.account_id or 0)) for one in entries]


def _step(one: Entry, called: Called | None) -> Step:
    moved = STATES[one.state_after] if one.state_before not in (None, one.state_after) else ""
    after = one.after if one.after is not None else one.before
    who = called.name if called is not None else role(one.actor)
    return Step(one.version, moment(one.at), gettext(KINDS.get(one.kind, N_("Changed"))),
                through(who, one.actor), called.public_id if called is not None else "",
                one.reason or "", gettext(moved) if moved else "",
                changed(one.before, after) if one.before is not None else ())


def role(actor: str) -> str:
    """Who an author of history is, without saying which person: "steward:7" is "a steward"."""
    first = actor.partition(":")[0].partition("+")[0]
    return gettext(ROLES.get(first, N_("somebody")))


def through(who: str, actor: str) -> str:
    """Somebody, with the program that did it for them where there was one."""
    program = program_of(actor)
    return gettext("%(who)s, by the program “%(program)s”", who=who, program=program) if program else who


def state(code: str) -> str:
    """Where a listing stands, in words."""
    return gettext(STATES[code])


def moment(at: datetime) -> str:
    """An instant of the tables (UTC): "January 14, 2027, 6:00 pm UTC". The time of day is never broken in two."""
    return gettext("%(day)s, %(time)s UTC", day=wording.day_text(at.date()), time=unbroken(clock(at)))


def ago(at: datetime, now: datetime) -> str:
    """How long ago an instant of the tables was: "4 hours ago", "1 day ago"."""
    hours = int((now.replace(tzinfo=None) - at).total_seconds() // 3600)
    if hours < 1:
        return gettext("less than an hour ago")
    length = ngettext("%(count)s hour", "%(count)s hours", hours) if hours < 24 else since(hours // 24)
    return gettext("%(time)s ago", time=length)
