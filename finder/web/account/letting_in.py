"""Letting a browser in: a new id at every proof, and the old one dead with it."""

from __future__ import annotations

from typing import Any

from flask import g

from finder.accounts import sign_ins
from finder.audit.recording import SIGNED_IN
from finder.web import audited
from finder.web.pages import services
from finder.web.signed_in import sign_in_cookie, signed_in


def let_in(session: Any, account_id: int, *, second_step: bool = False) -> str:
    """Signs this browser in and gives what its cookie will hold.

    Whoever was signed in here before is not any more; the same person goes on with the second step they have taken.
    """
    audited.say(SIGNED_IN, account_id=account_id)
    found = signed_in()
    if found is not None and found.actor.account_id == account_id:
        cookie = proved(session, second_step=second_step or found.second_step)
        if cookie:
            return cookie
    g.is_let_in = True  # what the browser carries of somebody's client is not for them (web/provider/case.py)
    sign_ins.end(session, sign_in_cookie().read())
    return sign_ins.begin(session, account_id, now=services().now(), second_step=second_step)


def proved(session: Any, *, second_step: bool | None = None) -> str:
    """The same browser under a new id, after the person has proved who they are."""
    found = signed_in()
    secret = None if found is None else sign_ins.renew(session, found.key, now=services().now(),
                                                       second_step=second_step)
    return secret or ""


def kept_in(session: Any, *, fresh: bool = False) -> str:
    """The same browser under a new id, after something of the account was changed."""
    found = signed_in()
    secret = None if found is None else sign_ins.renew(session, found.key, now=services().now(), fresh=fresh)
    return secret or ""
