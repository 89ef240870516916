"""What a calendar's address holds, locked: a search or a list of groups, so that nobody reads a place or filter in it.

A token says nothing by itself and differs each time it is made, so that no two addresses can be laid side by side to
see whether they ask for the same. It names no time either.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from cryptography.fernet import InvalidToken
from flask import Flask, current_app

from finder import secret, strict_json
from finder.errors import Invalid, NotFound, Problem
from finder.secret import Ring
from finder.web.listing_ids import MOST

LONGEST = 1_800  # characters; longer addresses do not go into every calendar program
STEP = 64  # bytes that a token grows by, so that its length tells little
ID = 16  # bytes of one UUID
_LETTERS = re.compile("[A-Za-z0-9_-]+")


class Lock:
    """Locks what an address is to hold, with a key of its own for each kind of calendar."""

    def __init__(self, key: secret.Key) -> None:
        self._fernet = secret.fernet(key)

    def shut(self, said: bytes, fill: bytes) -> str:
        """The token of some bytes, filled up to a whole number of steps. Raises Invalid when it would be too long."""
        padded = said + fill * (-len(said) % STEP)
        token = self._fernet.encrypt_at_time(padded, 0).decode().rstrip("=")
        if len(token) > LONGEST:
            raise Invalid({"": [Problem("too_many", max=LONGEST)]}, "query")
        return token

    def open(self, token: str) -> bytes:
        """What `shut` was given, with its filling. Raises NotFound for a token that this instance did not make so."""
        if len(token) > LONGEST or not _LETTERS.fullmatch(token):
            raise NotFound("calendar")
        try:
            return self._fernet.decrypt(token + "=" * (-len(token) % 4))
        except InvalidToken:
            raise NotFound("calendar") from None


def install(app: Flask, keys: Ring) -> None:
    """Hangs the two locks on an app."""
    app.extensions["finder_calendars"] = {kind: Lock(keys.keys(f"calendar of {kind}"))
                                          for kind in ("search", "saved")}


def of_search(address: Mapping[str, Any]) -> str:
    """The token of a search: the arguments of the browse page, each a value or a list of values."""
    said = {name: [str(one) for one in value] if isinstance(value, list) else [str(value)]
            for name, value in address.items()}
    return _lock("search").shut(orjson.dumps(said), b" ")


def search_of(token: str) -> dict[str, list[str]]:
    """The arguments of the browse page in a token. Raises NotFound for any other text."""
    found = strict_json.read(_lock("search").open(token))
    return {str(name): [str(one) for one in values] for name, values in found.items()}


def of_ids(ids: Sequence[str]) -> str:
    """The token of some listings, the newest ones where there are too many."""
    return _lock("saved").shut(b"".join(uuid.UUID(one).bytes for one in list(ids)[-MOST:]), b"\0")


def ids_of(token: str) -> list[str]:
    """The ids of the listings in a token. Raises NotFound for any other text."""
    packed = _lock("saved").open(token)
    found = [uuid.UUID(bytes=packed[at:at + ID]) for at in range(0, len(packed), ID)]
    return [str(one) for one in found if one.int]


def _lock(kind: str) -> Lock:
    found: Lock = current_app.extensions["finder_calendars"][kind]
    return found
