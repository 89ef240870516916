"""A seeker's answers, carried by the browser alone: one encrypted cookie that lives thirty minutes.

The server keeps nothing. Only a valid intake document goes in, and only a valid one comes out.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from cryptography.fernet import InvalidToken
from flask import Request
from werkzeug import Response

from finder import secret
from finder.errors import Invalid, Problem
from finder.search import intake_schema
from finder.web.filters import known_filters

LIFETIME_SECONDS = 30 * 60
LONGEST_COOKIE = 3900  # browsers keep 4096 bytes of a cookie, name and attributes included (RFC 6265, 6.1)
LONGEST_DOCUMENT = 64_000  # what a forged or damaged cookie may unpack to
EMPTY: dict[str, Any] = {"format": "finder-intake/1"}


class Answers:
    """What one seeker has said so far: an intake document, and how they narrowed the list."""

    __slots__ = ("filters", "intake")

    def __init__(self, intake: Mapping[str, Any] | None = None,
                 filters: Mapping[str, Mapping[str, list[str]]] | None = None) -> None:
        self.intake: dict[str, Any] = dict(intake or EMPTY)
        self.filters: dict[str, dict[str, list[str]]] = {name: dict(one) for name, one in (filters or {}).items()}

    @property
    def can_search(self) -> bool:
        """One need or free text, and a place or remote ways to meet: contract section 2."""
        return not intake_schema.searchable(self.intake)


class AnswerCookie:
    """Seals answers into the cookie and opens it again."""

    def __init__(self, key: secret.Key, *, secure: bool) -> None:
        self._fernet = secret.fernet(key)
        self.secure = secure
        self.name = "__Host-answers" if secure else "answers"

    def is_carried(self, request: Request) -> bool:
        """Whether the browser sent one, readable or not."""
        return self.name in request.cookies

    def open(self, request: Request, now: datetime) -> Answers | None:
        """The answers sent, or None when there are none, they are too old, or they are not ours."""
        token = request.cookies.get(self.name, "")
        if not token or len(token) > LONGEST_COOKIE:
            return None
        try:
            packed = self._fernet.decrypt_at_time(token.encode("ascii", "replace"), LIFETIME_SECONDS,
                                                  int(now.timestamp()))
            document = orjson.loads(zlib.decompressobj().decompress(packed, LONGEST_DOCUMENT))
            return Answers(intake_schema.load(document["intake"]), known_filters(document["filters"]))
        except (InvalidToken, zlib.error, orjson.JSONDecodeError, Invalid, KeyError, TypeError):
            return None

    def seal(self, response: Response, answers: Answers, now: datetime) -> None:
        """Sends the answers to the browser. Raises Invalid when they would not fit into a cookie."""
        plain = orjson.dumps({"intake": answers.intake, "filters": answers.filters})
        token = self._fernet.encrypt_at_time(zlib.compress(plain, 9), int(now.timestamp())).decode()
        if len(token) > LONGEST_COOKIE:
            raise Invalid({"": [Problem("too_long", max=LONGEST_COOKIE)]})
        response.set_cookie(self.name, token, max_age=LIFETIME_SECONDS, path="/", secure=self.secure, httponly=True,
                            samesite="Strict")

    def clear(self, response: Response) -> None:
        """Makes the browser forget the answers at once."""
        response.set_cookie(self.name, "", max_age=0, expires=0, path="/", secure=self.secure, httponly=True,
                            samesite="Strict")
