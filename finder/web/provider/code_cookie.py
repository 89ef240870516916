"""A client's short code on its way from the deed that made it to the page that tells it: it is kept nowhere but hashed,
so it travels in an encrypted cookie of its own for ten minutes, never in an address.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import orjson
from cryptography.fernet import InvalidToken
from flask import Flask, current_app, request
from werkzeug import Response

from finder import secret
from finder.web.pages import services

LIFETIME_SECONDS = 10 * 60
LONGEST_COOKIE = 600
MARK_BYTES = 6


@dataclass(frozen=True, slots=True)
class Told:
    """A short code, the referral it opens, and the account that it may be told to. `mark` is what an address says
    instead of the code: drawn by lot, so with the cookie gone it means nothing."""

    account: int
    referral: str
    code: str
    mark: str


class CodeCookie:
    """Seals a code into the cookie and opens it again."""

    def __init__(self, key: secret.Key, *, secure: bool) -> None:
        self._fernet, self.secure = secret.fernet(key), secure
        self.name = "__Host-code" if secure else "code"

    def open(self, token: str, now: datetime) -> Told | None:
        """What was sealed; None when there is nothing, it is too old, or it is not ours."""
        if not token or len(token) > LONGEST_COOKIE:
            return None
        try:
            return Told(*orjson.loads(self._fernet.decrypt_at_time(token.encode("ascii", "replace"), LIFETIME_SECONDS,
                                                                   int(now.timestamp()))))
        except (InvalidToken, TypeError, ValueError):
            return None

    def seal(self, response: Response, told: Told, now: datetime) -> None:
        """Sends a code to the browser; it takes the place of the one before."""
        plain = orjson.dumps([told.account, told.referral, told.code, told.mark])
        response.set_cookie(self.name, self._fernet.encrypt_at_time(plain, int(now.timestamp())).decode(),
                            max_age=LIFETIME_SECONDS, path="/", secure=self.secure, httponly=True, samesite="Strict")

    def clear(self, response: Response) -> None:
        """Makes the browser forget the code at once."""
        response.set_cookie(self.name, "", max_age=0, expires=0, path="/", secure=self.secure, httponly=True,
                            samesite="Strict")


def install(app: Flask, key: secret.Key, *, secure: bool) -> None:
    """Hangs the cookie on an app."""
    app.extensions["finder_code"] = CodeCookie(key, secure=secure)


def tell(response: Response, account: int, referral: str, code: str) -> None:
    """Carries a code to the next pages of this browser."""
    _cookie().seal(response, Told(account, referral, code, secrets.token_urlsafe(MARK_BYTES)), services().now())


def is_carried() -> bool:
    """Whether the browser sent one, readable or not."""
    return _cookie().name in request.cookies


def forget(response: Response) -> None:
    """Makes the browser forget the code, if it carries one."""
    if is_carried():
        _cookie().clear(response)


def told(account: int) -> Told | None:
    """The code that this browser was told of late, if it was this account's."""
    found = _cookie().open(request.cookies.get(_cookie().name, ""), services().now())
    return found if found is not None and found.account == account else None


def _cookie() -> CodeCookie:
    found: CodeCookie = current_app.extensions["finder_code"]
    return found
