"""A person's own view of a referral: a short code from their handout opens it, for half an hour on this device.

No account and no name. The code travels in a form and then in an encrypted cookie, never in an address; nothing in
address or title says what the page is about. Where it stands is said by the group's name alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.fernet import InvalidToken
from flask import Flask, current_app, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug import Response

from finder import secret
from finder.errors import Conflict
from finder.referrals import own_view, receiving
from finder.referrals.keys import SHORT_CODE, plain_code
from finder.referrals.models import Referral
from finder.referrals.moving import CLIENT
from finder.referrals.own_view import OwnView
from finder.web.account.keys import network_key
from finder.web.blueprint import seeker
from finder.web.next_step_words import Told, told
from finder.web.pages import cookie as answer_cookie
from finder.web.pages import link, render, services
from finder.web.provider.blueprint import referral_keys
from finder.wordings.language import N_, gettext

LIFETIME_SECONDS = 30 * 60
LONGEST_COOKIE = 300
ALL = "all"
UNKNOWN = N_("We do not know this code. Please look at the paper again, or call the people who gave it to you.")
TOO_OFTEN = N_("There were many tries. Please wait five minutes, then type the code again.")
CHOOSE = N_("Choose which one.")


class NextStepCookie:
    """Seals a short code into a cookie and opens it again."""

    def __init__(self, key: secret.Key, *, secure: bool) -> None:
        self._fernet, self.secure = secret.fernet(key), secure
        self.name = "__Host-next" if secure else "next"

    def open(self, now: datetime) -> str:
        """The code that this browser typed of late; "" for none."""
        token = request.cookies.get(self.name, "")
        if not token or len(token) > LONGEST_COOKIE:
            return ""
        try:
            return self._fernet.decrypt_at_time(token.encode("ascii", "replace"), LIFETIME_SECONDS,
                                                int(now.timestamp())).decode()
        except InvalidToken:
            return ""

    def seal(self, response: Response, code: str, now: datetime) -> None:
        """Sends a code to the browser."""
        token = self._fernet.encrypt_at_time(plain_code(code).encode(), int(now.timestamp())).decode()
        self._set(response, token, LIFETIME_SECONDS)

    def clear(self, response: Response) -> None:
        """Makes the browser forget the code at once."""
        self._set(response, "", 0)

    def _set(self, response: Response, value: str, age: int) -> None:
        response.set_cookie(self.name, value, max_age=age, expires=None if age else 0, path="/", secure=self.secure,
                            httponly=True, samesite="Strict")


def install(app: Flask, key: secret.Key, *, secure: bool) -> None:
    """Hangs the cookie on an app."""
    app.extensions["finder_next_step"] = NextStepCookie(key, secure=secure)


def forget(response: Response) -> None:
    """Makes the browser forget the code, if it carries one."""
    if _cookie().name in request.cookies:
        _cookie().clear(response)


def _cookie() -> NextStepCookie:
    found: NextStepCookie = current_app.extensions["finder_next_step"]
    return found


# -- the pages -------------------------------------------------------------------------------------------------------


@seeker.route("/next-step", methods=["GET", "POST"])
def next_step() -> ResponseReturnValue:
    """Where your own request stands, by the code on your paper"""
    g.personal = True
    return _by_code(request.form.get("code", "")) if request.method == "POST" else _shown()


@seeker.post("/next-step/went")
def next_step_went() -> ResponseReturnValue:
    """Say that you went"""
    key = request.form.get("step", "")
    return _do(lambda session, own, now: own_view.went(session, own, key, now=now))


@seeker.route("/next-step/stop", methods=["GET", "POST"])
def next_step_stop() -> ResponseReturnValue:
    """Say that you do not want this any more, once more before it is done"""
    if request.method == "GET":
        return _ask("next_step_stop")
    key = request.form.get("step", "")
    if not key:
        return _ask("next_step_stop", {"step": [gettext(CHOOSE)]})
    return _do(lambda session, own, now: own_view.stop(session, own, None if key == ALL else key, now=now))


@seeker.route("/next-step/consent", methods=["GET", "POST"])
def next_step_consent() -> ResponseReturnValue:
    """Take back your yes to what may be told, once more before it is done"""
    if request.method == "GET":
        return _ask("next_step_consent")
    return _do(lambda session, own, now: own_view.take_back_consent(session, own, now=now))


@seeker.post("/next-step/forget")
def next_step_forget() -> ResponseReturnValue:
    """Make the browser forget the code"""
    response = redirect(link()("next_step"), 303)
    _cookie().clear(response)
    answer_cookie().clear(response)
    return response


@dataclass(frozen=True, slots=True)
class _Own:
    """What the code in the cookie opens."""

    view: OwnView
    told: Told


def _by_code(typed: str) -> ResponseReturnValue:
    held, network = services(), network_key()
    with held.database.transaction() as session:
        seconds = own_view.wait_for_tries(session, network, held.now())
        found = own_view.find(session, typed, keys=referral_keys()) if not seconds else None
        if found is None and not seconds:
            own_view.was_wrong(session, network, held.now())
    if seconds:
        return _form(typed, TOO_OFTEN), 429, {"Retry-After": str(seconds)}
    if found is None:
        return _form(typed, UNKNOWN), 422
    response = redirect(link()("next_step"), 303)
    _cookie().seal(response, typed, held.now())
    return response


def _shown(*, changed: bool = False) -> ResponseReturnValue:
    own = _open()
    if own is None:
        return _form("", "")
    return render("next_step", own=own.view, told=own.told, changed=changed, forgets=True)


def _form(typed: str, wrong: str) -> str:
    return render("next_step_code", form={"code": typed[:40]}, errors={"code": [gettext(wrong)]} if wrong else {},
                  letters=SHORT_CODE)


def _open() -> _Own | None:
    """What this browser may see, with the read noted; None without a code, or for one whose referral is gone."""
    g.personal = True
    code, now = _cookie().open(services().now()), services().now()
    if not code:
        return None
    with services().database.transaction() as session:
        found = own_view.find(session, code, keys=referral_keys())
        if found is None:
            return None
        receiving.note_look(session, found, CLIENT, key=found.key, how="code", now=now)
        view = own_view.view(session, found, now=now)
    return _Own(view, told(view, now.date()))


def _ask(template: str, errors: dict[str, list[str]] | None = None) -> ResponseReturnValue:
    own = _open()
    if own is None:
        return redirect(link()("next_step"), 303)
    page = render(template, own=own.view, told=own.told, errors=errors or {}, forgets=True)
    return (page, 422) if errors else page


def _do(deed: Callable[[Any, Referral, datetime], None]) -> ResponseReturnValue:
    """Does what a button says, for whoever carries a code that is still good."""
    g.personal = True
    held = services()
    code = _cookie().open(held.now())
    try:
        with held.database.transaction() as session:
            found = own_view.find(session, code, keys=referral_keys()) if code else None
            if found is not None:
                deed(session, found, held.now())
    except Conflict:
        shown = _shown(changed=True)
        return shown if not isinstance(shown, str) else (shown, 409)
    return redirect(link()("next_step"), 303)
