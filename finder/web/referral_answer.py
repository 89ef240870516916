"""Where the link in a letter that asks for a place leads: what may be told, and buttons to answer with.

Nobody signs in: who holds the link reads the group's mail. Opening it in a browser says that the question was seen, and
each read is noted; all else is a button's. A link that has ended says so, and nothing about anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, redirect, request
from flask.typing import ResponseReturnValue

from finder.errors import Conflict, Invalid, Problem
from finder.referrals import reading, receiving
from finder.referrals.moving import RECEIVER
from finder.referrals.receiving import Asked
from finder.web import receiving as forms
from finder.web.blueprint import seeker
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.provider.blueprint import referral_keys

STOP = "stop"


@seeker.route("/referrals/<secret>", methods=["GET", "POST"])
def referral_answer(secret: str) -> ResponseReturnValue:
    """Say if there is a place for somebody"""
    g.personal = True
    if _look(secret) is None:  # no turn to write, which anybody could take for links that they made up
        return _page(secret, None)
    if request.method == "POST":
        return _answer(secret)
    found = _open(secret) if request.method == "GET" else _look(secret)
    return _page(secret, found)


def _answer(secret: str) -> ResponseReturnValue:
    held = services()
    try:
        said = forms.answer()
        with held.database.transaction() as session:
            found = receiving.by_link(session, secret, keys=referral_keys(), now=held.now())
            if found is not None:
                receiving.answer(session, found, said, RECEIVER, keys=referral_keys(), now=held.now())
    except Invalid as wrong:
        return _page(secret, _open(secret), wrong.errors, status=422)
    except Conflict:
        return _page(secret, _open(secret), changed=True, status=409)
    return redirect(link()("referral_answer", secret=secret), 303) if found is not None else _page(secret, None)


@seeker.post("/referrals/<secret>/letters")
def referral_letters(secret: str) -> ResponseReturnValue:
    """No more letters like the one that led here, or such letters again; who holds the link reads that mail"""
    g.personal = True
    now = services().now()
    with services().database.transaction() as session:
        if receiving.by_link(session, secret, keys=referral_keys(), now=now) is None:
            return _page(secret, None)
        if request.form.get("letters") == STOP:
            receiving.stop_letters(session, secret, now=now)
        else:
            receiving.letters_again(session, secret, now=now)
    return redirect(link()("referral_answer", secret=secret, _anchor="letters"), 303)


def _open(secret: str) -> Asked | None:
    """What the link opens, with the read noted, and that it was seen if a person looks."""
    now = services().now()
    with services().database.transaction() as session:
        found = receiving.by_link(session, secret, keys=referral_keys(), now=now)
        if found is not None:
            if forms.is_looked_at():
                receiving.opened(session, found, RECEIVER, now=now)
            receiving.note_look(session, reading.find(session, found.task.referral_key), RECEIVER, key=secret,
                                how="link", now=now, task=found.task.key)
    return found


def _look(secret: str) -> Asked | None:
    with services().database.reading() as session:
        return receiving.by_link(session, secret, keys=referral_keys(), now=services().now())


def _page(secret: str, found: Asked | None, errors: Mapping[str, list[Problem]] | None = None, *,
          changed: bool = False, status: int = 200) -> ResponseReturnValue:
    if found is None:
        return render("mailed/referral_over"), 410
    values: dict[str, Any] = forms.view(found, errors=errors or {}, changed=changed)
    with services().database.reading() as session:
        gets_letters = receiving.gets_letters(session, secret, now=services().now())
    return render("mailed/referral", secret=secret, gets_letters=gets_letters, **values), status
