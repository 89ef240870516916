"""How a message shows that it comes from this instance: Standard Webhooks 1.0.0, with a secret that two sides know.

Secrets lie in the database sealed with a key from the instance's secret, which no backup of the database holds.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

PREFIX = "whsec_"
SECRET_BYTES = 32  # the specification allows 24 to 64
OVERLAP = timedelta(hours=24)  # how long a secret that was replaced still signs beside the new one
MOST_OLD = 2


def new_secret() -> str:
    """A secret as both sides keep it: whsec_ and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(random.token_bytes(SECRET_BYTES)).decode()


def new_message_id() -> str:
    """What a message is called at every try: msg_ and 128 random bits, without a full stop."""
    return f"msg_{random.token_urlsafe(16)}"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What signs for one hook: the secret, and those before it that still count, each with its end (UTC)."""

    newest: str = field(repr=False)
    old: tuple[tuple[str, datetime], ...] = field(default=(), repr=False)

    def renewed(self, now: datetime) -> Secrets:
        """A new secret before these; of older ones only the last are kept."""
        return Secrets(new_secret(), ((self.newest, now + OVERLAP), *self._good(now))[:MOST_OLD])

    def headers(self, message_id: str, body: bytes, now: datetime) -> dict[str, str]:
        """What goes with a message: its name, when it is tried, and a signature for each secret that counts."""
        at = int(now.timestamp())
        signing = (self.newest, *(secret for secret, _ in self._good(now)))
        return {"webhook-id": message_id, "webhook-timestamp": str(at),
                "webhook-signature": " ".join(signature(one, message_id, at, body) for one in signing)}

    def _good(self, now: datetime) -> tuple[tuple[str, datetime], ...]:
        return tuple(one for one in self.old if one[1] > now)


def signature(secret: str, message_id: str, at: int, body: bytes) -> str:
    """HMAC-SHA256 over "id.timestamp.body" in base64, after the version of the scheme. `at`: seconds of Unix time."""
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    signed = hmac.new(key, b".".join((message_id.encode(), str(at).encode(), body)), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


class Seal:
    """Closes secrets so that the database alone gives none away. `keys` are Fernet keys of this purpose: the first
    closes, any opens."""

    def __init__(self, *keys: bytes) -> None:
        self._fernet = MultiFernet([Fernet(one) for one in keys])

    def closed(self, secrets: Secrets) -> bytes:
        """The secrets as the database keeps them."""
        old = [[secret, end.astimezone(UTC).isoformat()] for secret, end in secrets.old]
        return self._fernet.encrypt(json.dumps({"newest": secrets.newest, "old": old}).encode())

    def opened(self, sealed: bytes) -> Secrets | None:
        """What was sealed; None where the instance's secret is another one now."""
        try:
            kept: Mapping[str, object] = json.loads(self._fernet.decrypt(sealed))
        except (InvalidToken, binascii.Error):
            return None
        old = kept["old"]
        assert isinstance(old, list)
        return Secrets(str(kept["newest"]), tuple((secret, datetime.fromisoformat(end)) for secret, end in old))


def mark_of(sealed: bytes) -> str:
    """A mark of which secret there is now, for a form to carry: it tells nothing of the secret itself."""
    return hashlib.sha256(sealed).hexdigest()[:16]
