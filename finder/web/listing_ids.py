"""Listing ids in addresses: a UUID as 22 letters, so that a shared list is short and says nothing about its groups."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Iterable

LENGTH = 22  # sixteen bytes in base64url without padding
MOST = 40  # listings in one address


def encode(listing: str) -> str:
    """The short form of a UUID. Raises ValueError for a text that is none."""
    return base64.urlsafe_b64encode(uuid.UUID(listing).bytes).decode().rstrip("=")


def decode(short: str) -> str | None:
    """The UUID of a short form, in its usual writing; None for anything else."""
    if len(short) != LENGTH or not short.isascii():
        return None
    try:
        found = str(uuid.UUID(bytes=base64.b64decode(f"{short}==", altchars=b"-_", validate=True)))
    except (binascii.Error, ValueError):
        return None
    return found if encode(found) == short else None


def decoded(shorts: Iterable[str]) -> list[str]:
    """The UUIDs of those that are short forms, each once, in order, at most `MOST`."""
    found = dict.fromkeys(one for one in map(decode, shorts) if one)
    return list(found)[:MOST]
