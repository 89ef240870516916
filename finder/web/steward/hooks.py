"""Hooks: programs elsewhere that are told when listings change, how each is doing, and the secret that signs for it.

A secret is shown on one page once, after a recent proof; it goes into no address and no cookie.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, redirect, request
from flask.typing import ResponseReturnValue

from finder import limits
from finder.accounts import naming
from finder.accounts.permissions import Action, Target
from finder.catalog import queries
from finder.errors import Conflict, Invalid, NotFound, Problem, TooOften
from finder.exchange import posting
from finder.hooks import calling, keeping, telling
from finder.hooks.calling import Outcome
from finder.hooks.models import HELD, OFF, ON, Hook
from finder.hooks.signing import Seal, mark_of, new_message_id
from finder.hooks.telling import Here
from finder.limits import Limit
from finder.web import history_words, open_form, own
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.signed_in import actor
from finder.web.steward.blueprint import desk
from finder.wordings.language import N_, gettext

FIELDS = ("name", "url")
LONGEST_WHY = 40
PINGS = Limit("hook-ping", 20, 3600)  # of one person in an hour
DEEDS = {"pause": (keeping.pause, "paused"), "resume": (keeping.resume, "resumed"),
         "remove": (keeping.remove, "removed")}
SAID: Mapping[str, str] = {
    "paused": N_("It is not told for now. Nothing is lost: once you switch it on, it hears of all that changed."),
    "resumed": N_("It is told in a minute or two of all that it does not know yet."),
    "removed": N_("Removed. It is not told any more, and its secret is forgotten."),
    "replaced": N_("Its secret was replaced meanwhile. Nothing was changed now."),
}
STATES: Mapping[str, str] = {ON: N_("Is told"), OFF: N_("Paused"), HELD: N_("Waits for you")}
FAILING = N_("Cannot be reached")
WRONG: Mapping[str, str] = {
    "name.required": N_("Write what the program is called."),
    "name.repeated": N_("There is a program of this name. Choose another name. If you did not see its secret, make a "
                        "new one in the list."),
    "url.required": N_("Write the address that the program gave you."),
    "url.repeated": N_("This address is told already."),
    "too_many": N_("There are 20 programs already. Remove one of them first."),
    "fetch_not_http": N_("Write an address that starts with https://."),
    "fetch_not_https": N_("Write an address that starts with https://."),
    "fetch_bad_address": N_("This is not a plain web address. Please check it."),
    "fetch_port": N_("This address has a port number. Only the usual one can be used."),
    "fetch_private_address": N_("This address is not on the public internet, so nothing is sent there."),
}
ERRORS: Mapping[str, str] = {
    "unknown_host": N_("We cannot find this site. Please check the address."),
    "unreachable": N_("We cannot reach this site, or it did not answer as a website does."),
    "not_safe": N_("This site has no valid certificate, so nothing was sent."),
    "too_slow": N_("This site took too long to answer."),
    calling.SEALED: N_("Its secret cannot be opened, because this site’s own secret is another one now. Make a new "
                       "secret for it."),
}
STATUS, REDIRECTED = N_("It answered with the code %(code)s."), N_("It sent us on to another address (code %(code)s). "
                                                                  "We do not follow. Use the last address.")
# What a code means to whoever must do something about it, by its first digit (RFC 9110, section 15).
NEXT: Mapping[str, str] = {"4": N_("Ask whoever runs it whether the address is still right."),
                           "5": N_("Something is wrong on their side.")}
BROKEN = N_("Something went wrong on our side.")


@dataclass(frozen=True, slots=True)
class Line:
    """One hook as its page shows it."""

    hook: Hook
    url: str
    state: str
    is_well: bool
    knows_all: bool
    made: str
    by: str
    good: str
    tried: str
    error: str


def install(app: Flask, *keys: bytes) -> None:
    """Keeps at hand what opens the secrets of hooks."""
    app.extensions["finder_hooks"] = Seal(*keys)


def _seal() -> Seal:
    found: Seal = current_app.extensions["finder_hooks"]
    return found


def hook_here(session: Any, hook: str, **values: Any) -> Target:
    """What a page about one hook is about: one that is there."""
    keeping.find(session, hook)
    return Target()


@desk.page("/hooks", Action.SET_HOOKS)
def hooks_list() -> ResponseReturnValue:
    """Programs that are told when listings change"""
    code = request.args.get("said", "")
    with services().database.reading() as session:
        version, found = queries.version(session), keeping.every(session)
        called = naming.names(session, (one.account_id for one in found))
    tried = next((one.name for one in found if str(one.id) == request.args.get("hook")), "")
    said = gettext(SAID[code]) if code in SAID else ""
    wrong = ""
    if code == "arrived" and tried:
        said = gettext("The test message has arrived: %(name)s.", name=tried)
    elif code == "lost" and tried:
        wrong = " ".join((gettext("The test message did not arrive: %(name)s.", name=tried),
                          error_words(request.args.get("why", "")[:LONGEST_WHY])))
    lines = [_line(one, version, called[one.account_id].name if one.account_id in called else "") for one in found]
    return render("steward/hooks", lines=lines, said=said, wrong=wrong)


def _line(one: Hook, version: int, by: str) -> Line:
    failing = one.state == ON and one.error
    moments = [history_words.moment(at) if at else "" for at in (one.made_at, one.good_at, one.tried_at)]
    return Line(one, posting.without_query(one.url), gettext(FAILING if failing else STATES[one.state]),
                one.state == ON and not failing, one.told >= version, moments[0], by, moments[1], moments[2],
                error_words(one.error))


def error_words(code: str | None) -> str:
    """Why a message did not arrive; empty when it did."""
    if not code:
        return ""
    if code.startswith("status "):
        number = code.removeprefix("status ")
        words = gettext(REDIRECTED if number.startswith("3") else STATUS, code=number)
        return " ".join(filter(None, (words, gettext(NEXT[number[:1]]) if number[:1] in NEXT else "")))
    return gettext(ERRORS.get(code) or WRONG.get(f"fetch_{code}", BROKEN))


@desk.page("/hooks/new", Action.SET_HOOKS, methods=("GET", "POST"), fresh=True)
def hook_new() -> ResponseReturnValue:
    """Tell another program of changes"""
    if request.method == "GET":
        return _form({}, {})
    form, held = {name: request.form.get(name, "").strip() for name in FIELDS}, services()
    try:
        with held.database.transaction() as session:
            hook, secret = keeping.add(session, _seal(), name=form["name"], url=form["url"],
                                       account_id=actor().account_id, now=held.now())
    except Invalid as wrong:
        return _form(form, wrong.errors), 422
    return render("steward/hooks_secret", hook=hook, secret=secret, renewed=False)


def _form(form: Mapping[str, str], errors: Mapping[str, list[Problem]]) -> str:
    return render("steward/hooks_new", form=form, errors=open_form.words(errors, WRONG))


@desk.page("/hooks/<hook>/secret", Action.SET_HOOKS, about=hook_here, methods=("GET", "POST"), fresh=True)
def hook_secret(hook: str) -> ResponseReturnValue:
    """A new secret for a program that is told of changes"""
    held = services()
    if request.method == "GET":
        with held.database.reading() as session:
            found = keeping.find(session, hook)
        return render("steward/hooks_renew", hook=found, seen=mark_of(found.secret))
    try:
        with held.database.transaction() as session:
            found = keeping.find(session, hook)
            secret = keeping.renew_secret(session, _seal(), found, seen=request.form.get("seen", ""), now=held.now())
    except Conflict:
        return redirect(link()("steward.hooks_list", said="replaced"), 303)
    return render("steward/hooks_secret", hook=found, secret=secret, renewed=True)


@desk.page("/hooks/<hook>/ping", Action.SET_HOOKS, about=hook_here, methods=("POST",))
def hook_ping(hook: str) -> ResponseReturnValue:
    """Send a program a message that says nothing but who sends it"""
    held = services()
    with held.database.transaction() as session:
        seconds = limits.spend(session, PINGS, str(actor().account_id).encode(), held.now())
    if seconds:
        raise TooOften("too_often", seconds=seconds)
    here = Here(own.own().site_name, held.settings.address)
    with held.database.reading() as session:
        found = keeping.find(session, hook)
        line, body = calling.line_of(found, _seal()), telling.ping(session, here, now=held.now())
    outcome: Outcome = calling.call(line, new_message_id(), body, now=held.now(),
                                    post=current_app.extensions.get("finder_post", posting.post))
    told = {"said": "lost", "why": outcome.error} if outcome.error else {"said": "arrived"}
    return redirect(link()("steward.hooks_list", hook=hook, **told), 303)  # so that the page can be read again


@desk.page("/hooks/<hook>/<deed>", Action.SET_HOOKS, about=hook_here, methods=("POST",))
def hook_change(hook: str, deed: str) -> ResponseReturnValue:
    """Pause, resume or remove a program that is told of changes"""
    if deed not in DEEDS:
        raise NotFound("page")
    do, said = DEEDS[deed]
    with services().database.transaction() as session:
        do(session, keeping.find(session, hook))
    return redirect(link()("steward.hooks_list", said=said), 303)
