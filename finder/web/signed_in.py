"""Who is signed in: the cookie that carries a random id, and the proof that a form came from their own page.

Seekers never get this cookie; only the pages of accounts and desks look for it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from flask import Flask, current_app, g, request
from markupsafe import Markup
from werkzeug import Response

from finder import secret
from finder.accounts import sign_ins
from finder.accounts.permissions import Action, Actor, Target, may
from finder.accounts.sign_ins import SignedIn
from finder.listings.writing import Author
from finder.web.pages import services

LONGEST_SECRET = 100
FIELD = "form_token"


class SignInCookie:
    """Name and attributes of the cookie, and the key that form tokens are made with."""

    def __init__(self, key: secret.Key, *, secure: bool) -> None:
        self.keys, self.secure = (key,) if isinstance(key, bytes) else key, secure
        self.name = "__Host-sid" if secure else "sid"

    def read(self) -> str:
        """What the browser sent; empty for nothing of use."""
        secret = request.cookies.get(self.name, "")
        return secret if len(secret) <= LONGEST_SECRET else ""

    def send(self, response: Response, secret: str) -> None:
        """Gives the browser a new secret. It goes when the browser is closed, or when the server ends it."""
        response.set_cookie(self.name, secret, path="/", secure=self.secure, httponly=True, samesite="Lax")

    def clear(self, response: Response) -> None:
        response.set_cookie(self.name, "", max_age=0, expires=0, path="/", secure=self.secure, httponly=True,
                            samesite="Lax")

    def form_token(self, key: bytes) -> str:
        """What every form of a signed-in browser carries."""
        return self.form_tokens(key)[0]

    def form_tokens(self, key: bytes) -> list[str]:
        """What a form may carry: that, or what it carried before the instance's secret was replaced."""
        made = [hmac.new(one, b"form" + key, hashlib.sha256).digest() for one in self.keys]
        return [base64.urlsafe_b64encode(one).decode().rstrip("=") for one in made]


def install(app: Flask, cookie: SignInCookie) -> None:
    """Hangs the cookie on an app, and sends a new secret after a request that made one."""
    app.extensions["finder_sign_in"] = cookie
    app.jinja_env.globals.update(me=signed_in, token=hidden_token, can=can)

    @app.after_request
    def send(response: Response) -> Response:
        if "new_sign_in" in g:
            if g.new_sign_in:
                cookie.send(response, g.new_sign_in)
            else:
                cookie.clear(response)
        return response


def sign_in_cookie() -> SignInCookie:
    found: SignInCookie = current_app.extensions["finder_sign_in"]
    return found


def signed_in() -> SignedIn | None:
    """Who this browser is, looked up once a request. A page that asks is never stored."""
    g.personal = True
    if "signed_in" not in g:
        secret, held = sign_in_cookie().read(), services()
        g.signed_in = None
        if secret:
            with held.database.reading() as session:
                g.signed_in = sign_ins.find(session, secret, now=held.now())
            if g.signed_in is not None and g.signed_in.must_touch:
                key, now = g.signed_in.key, held.now()
                held.database.at_leisure(lambda session: sign_ins.touch(session, key, now=now))
    found: SignedIn | None = g.signed_in
    return found


def actor() -> Actor:
    """The signed-in person, on pages that only signed-in people reach."""
    found = signed_in()
    assert found is not None, "a page without a guard asked for its actor"
    return found.actor


def author() -> Author:
    """The signed-in person as history names them."""
    found = actor()
    return Author(found.author, found.account_id)


def now_signed_in(secret: str) -> None:
    """Gives the browser this secret with the response."""
    g.new_sign_in = secret
    g.pop("signed_in", None)


def now_signed_out() -> None:
    """Makes the browser forget with the response."""
    g.new_sign_in = ""
    g.pop("signed_in", None)


def form_token() -> str:
    """The token for the forms of this page; empty for somebody not signed in."""
    found = signed_in()
    return sign_in_cookie().form_token(found.key) if found is not None else ""


def hidden_token() -> Markup:
    """The hidden field that every form of a desk holds."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, form_token())


def can(action: str, target: Target | None = None) -> bool:
    """Whether the signed-in person may do something; for what a page offers."""
    found = signed_in()
    return found is not None and may(found.actor, Action(action), target)


def is_own_form() -> bool:
    """Whether the form that was sent carries this browser's token."""
    sent = request.form.get(FIELD) or request.headers.get("X-Form-Token", "")
    found = signed_in()
    good = sign_in_cookie().form_tokens(found.key) if found is not None else []
    return any([hmac.compare_digest(sent.encode(), one.encode()) for one in good])
