"""What stewards are told about the site itself: that it was put back from a backup, what is out of the ordinary, and
that crisis numbers are to be checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import redirect
from flask.typing import ResponseReturnValue

from finder import outbox
from finder.accounts.permissions import Action
from finder.audit import checking
from finder.backup import quiet
from finder.config import Settings
from finder.upkeep import alarms, crisis_checks
from finder.upkeep.alarms import Alarm
from finder.web import audited, history_words
from finder.web.desk import render
from finder.web.pages import help_now, link, services
from finder.web.signed_in import can
from finder.web.steward.blueprint import desk
from finder.wordings.language import gettext, ngettext


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the first page of the desk, and where it leads, if anywhere."""

    words: str
    href: str = ""
    leads: str = ""


def notices(session: Any, settings: Settings, now: datetime) -> list[Notice]:
    """What is told on the first page of the desk; most days nothing is."""
    return [*_restored(settings, now), *(_alarm(one, now) for one in alarms.found(session, settings, now)),
            *_crisis(session, now)]


@desk.page("/restored", Action.SET_INSTANCE, methods=("GET",), fresh=True)
def restored() -> ResponseReturnValue:
    """What to look at after a backup was put back, before letters go again"""
    held = services()
    found = quiet.found(held.settings.instance)
    if found is None:
        return redirect(link()("steward.queue"), 303)
    with held.database.reading() as session:
        waiting = outbox.waiting(session, found.restored_at)
    made, put_back = (_ago(at, held.now()) for at in (found.made_at, found.restored_at))
    return render("steward/restored", made=made, put_back=put_back, waiting=waiting)


@desk.page("/restored/go-on", Action.SET_INSTANCE, methods=("POST",), fresh=True)
def go_on() -> ResponseReturnValue:
    """Lets letters and jobs go on after a backup was put back, and takes the audit as it stands"""
    held = services()
    found = quiet.found(held.settings.instance)
    if found is None:
        return redirect(link()("steward.queue"), 303)
    with held.database.transaction() as session:
        outbox.drop_older(session, found.restored_at)
        audited.say("restore.confirmed")
    checking.take(held.database.transaction, held.database.engine, held.audit.keys, held.settings.instance, held.now())
    quiet.end(held.settings.instance)
    return redirect(link()("steward.queue", said="went-on"), 303)


def _restored(settings: Settings, now: datetime) -> list[Notice]:
    held = quiet.found(settings.instance)
    if held is None:
        return []
    words = gettext("This site was put back from a backup made %(when)s. No letter leaves and nothing goes by the "
                    "clock until somebody has looked and lets it go on.", when=_ago(held.made_at, now))
    if can(Action.SET_INSTANCE.value):
        return [Notice(words, link()("steward.restored"), gettext("Look, and let it go on"))]
    return [Notice(words)]


def _alarm(one: Alarm, now: datetime) -> Notice:
    if one.about == alarms.FAILED:
        return Notice(gettext("%(many)s wrong passwords were tried within five minutes. Who tries too often is stopped "
                              "by itself. Look whether somebody has got in who should not.", many=one.many))
    if one.about == alarms.PHONE:
        may = can(Action.REVERT_ACCOUNT.value)
        words = gettext("One account changed the phone numbers of %(many)s groups within an hour.", many=one.many)
        return Notice(words, link()("steward.revert_account", account=one.person) if may else "",
                      gettext("See what it changed"))
    if one.about == alarms.CRISIS:
        return Notice(gettext("The crisis numbers of this program are not those that were reviewed. Tell whoever runs "
                              "this site at once."))
    if one.about == alarms.AUDIT:
        return Notice(gettext("The record of who did what was changed by somebody, at entry %(number)s. Whoever runs "
                              "this site should look at once: finder audit verify", number=one.many))
    return _backup(one, now)


def _backup(one: Alarm, now: datetime) -> Notice:
    if one.since is None:
        return Notice(gettext("There is no backup of this site yet. Whoever runs it should see to that: finder work "
                              "makes one each night."))
    return Notice(gettext("The last good backup was made %(when)s. Whoever runs this site should see why: finder "
                          "backup", when=_ago(one.since, now)))


def _crisis(session: Any, now: datetime) -> list[Notice]:
    if not can(Action.SET_INSTANCE.value):
        return []
    due = sum(one.due for one in crisis_checks.states(session, help_now().lines, now))
    if not due:
        return []
    words = ngettext("%(num)s crisis number has to be checked.", "%(num)s crisis numbers have to be checked.", due)
    return [Notice(words, link()("steward.crisis_lines"), gettext("Check them"))]


def _ago(at: datetime, now: datetime) -> str:
    return history_words.ago(at.astimezone(UTC).replace(tzinfo=None), now)
