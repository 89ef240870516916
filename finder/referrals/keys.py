"""Keys of referrals: random ids, the seal on what could tell who somebody is, the client's short code.

The seal and the hash of codes are made from the instance's secret, which does not lie in the database.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

ID_BYTES = 16  # 128 bits (TRUST A2)
KEY_LENGTH = 22  # of 16 bytes in base64
# Letters and digits that are not taken for one another when read aloud or written by hand.
LETTERS = "23456789ABCDEFGHJKMNPQRTUVWXYZ"
SHORT_CODE = 12  # letters of LETTERS: 58 bits, for somebody who may try ten times in five minutes
_GROUP = 4


def new_key() -> str:
    """A public id: 22 letters, digits, - and _ that hold 128 random bits."""
    return secrets.token_urlsafe(ID_BYTES)


def is_key(text: str) -> bool:
    """Whether some text can be a public id at all; nothing else need go to the database."""
    return len(text) == KEY_LENGTH and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def new_client_code() -> str:
    """A code to call a person by, from nothing about them: "K7-41"."""
    letter = secrets.choice([one for one in LETTERS if one.isalpha()])
    return f"{letter}{secrets.randbelow(10)}-{secrets.randbelow(100):02}"


def new_short_code() -> str:
    """A code for the client, in three groups of four: "7KQF-2MXP-9DTW"."""
    drawn = "".join(secrets.choice(LETTERS) for _ in range(SHORT_CODE))
    return "-".join(drawn[at:at + _GROUP] for at in range(0, SHORT_CODE, _GROUP))


def plain_code(typed: str) -> str:
    """A short code however it is typed: in capitals, without spaces and strokes, S as 5. "" for what can be none."""
    text = "".join(one for one in typed.upper() if one.isalnum()).replace("S", "5")
    return text if len(text) == SHORT_CODE and all(one in LETTERS for one in text) else ""


@dataclass(frozen=True, slots=True)
class Keys:
    """What an instance seals with, and hashes short codes with."""

    seal: Fernet | MultiFernet
    codes: bytes
    codes_before: tuple[bytes, ...] = ()

    def each(self) -> tuple[Keys, ...]:
        """These, and those that made hashes before the instance's secret was replaced."""
        return (self, *(Keys(self.seal, one) for one in self.codes_before))

    def hidden(self, value: Any) -> bytes:
        """JSON values, sealed."""
        return self.seal.encrypt(orjson.dumps(value))

    def opened(self, sealed: bytes | None) -> Any:
        """What was sealed; None for nothing, and for what this instance's secret does not open."""
        if sealed is None:
            return None
        try:
            return orjson.loads(self.seal.decrypt(sealed))
        except InvalidToken:
            return None

    def code_hash(self, code: str) -> bytes:
        """What is kept of a short code."""
        return self._hashed(plain_code(code).encode())

    def once_hash(self, once: str) -> str:
        """What is kept of an idempotency key, which is the sender's word and may hold a name: 43 letters of base64."""
        return urlsafe_b64encode(self._hashed(b"once " + once.encode("utf-8", "surrogatepass"))).decode().rstrip("=")

    def print_of(self, document: Any) -> bytes:
        """The fingerprint of JSON values, UUIDs and dates, in whatever order their names come: 32 bytes."""
        return self._hashed(b"print " + orjson.dumps(document, option=orjson.OPT_SORT_KEYS))

    def _hashed(self, content: bytes) -> bytes:
        return hmac.new(self.codes, content, hashlib.sha256).digest()
