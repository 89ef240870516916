"""Groups a reader keeps on this device: one encrypted cookie of listing ids, only after they said yes.

The server keeps nothing. Browsing, comparing and sharing work without it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from cryptography.fernet import InvalidToken
from flask import Request
from werkzeug import Response

from finder import secret
from finder.web.listing_ids import MOST

LIFETIME_SECONDS = 90 * 24 * 3600
LONGEST_COOKIE = 1_600  # forty ids of sixteen bytes, encrypted, with room
BYTES = 16  # of one UUID


class SavedCookie:
    """Seals listing ids into the cookie and opens it again."""

    def __init__(self, key: secret.Key, *, secure: bool) -> None:
        self._fernet = secret.fernet(key)
        self.secure = secure
        self.name = "__Host-saved" if secure else "saved"

    def open(self, request: Request, now: datetime) -> list[str] | None:
        """The ids, the newest last; None when this device keeps none, or what it sent is old or not ours."""
        token = request.cookies.get(self.name, "")
        if not token or len(token) > LONGEST_COOKIE:
            return None
        try:
            packed = self._fernet.decrypt_at_time(token.encode("ascii", "replace"), LIFETIME_SECONDS,
                                                  int(now.timestamp()))
        except InvalidToken:
            return None
        return [str(uuid.UUID(bytes=packed[at:at + BYTES])) for at in range(0, len(packed) // BYTES * BYTES, BYTES)]

    def seal(self, response: Response, ids: Sequence[str], now: datetime) -> None:
        """Sends the ids to the browser; the oldest ones go when there are too many."""
        packed = b"".join(uuid.UUID(one).bytes for one in list(ids)[-MOST:])
        token = self._fernet.encrypt_at_time(packed, int(now.timestamp())).decode()
        response.set_cookie(self.name, token, max_age=LIFETIME_SECONDS, path="/", secure=self.secure, httponly=True,
                            samesite="Strict")

    def clear(self, response: Response) -> None:
        """Makes the browser forget the list at once."""
        response.set_cookie(self.name, "", max_age=0, expires=0, path="/", secure=self.secure, httponly=True,
                            samesite="Strict")
