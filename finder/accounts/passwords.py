"""Passwords: which are good enough, how they are kept (argon2id), and a check that costs the same where nobody is.

They are optional; a link by e-mail signs in as well.
"""

from __future__ import annotations

import threading
import unicodedata
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from finder.accounts import weak_passwords
from finder.errors import Problem

SHORTEST = 15  # characters; NIST SP 800-63B-4, 3.1.1.2, for a password that stands alone
LONGEST_BYTES = 1000  # in UTF-8; far above any passphrase, so that nothing is ever cut
AT_ONCE = 2  # hashes per process at a time, so that many sign-ins cannot eat memory and processor (TRUST, section 4)
# OWASP's password storage advice for argon2id: 19 MiB, two passes, one lane.
MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1


class Passwords:
    """Hashes and checks passwords, a few at a time. One per process."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self.hasher = hasher or PasswordHasher(PASSES, MEMORY_KIB, LANES)
        self._room = threading.BoundedSemaphore(AT_ONCE)

    def keep(self, password: str) -> str:
        """What is kept of a password: parameters, salt and hash in one text (PHC string format)."""
        with self._room:
            return self.hasher.hash(_bytes(password))

    def is_right(self, kept: str | None, password: str) -> bool:
        """Whether a password is the one that was kept. With `kept` None a dummy is checked, which takes as long."""
        sent = _bytes(password)
        if len(sent) > LONGEST_BYTES:
            kept, sent = None, b""
        with self._room:
            try:
                return self.hasher.verify(kept or self._dummy, sent) and kept is not None
            except (VerificationError, InvalidHashError):
                return False

    def has_grown(self, kept: str) -> bool:
        """Whether the parameters are higher now than when this was kept, so that it should be kept anew."""
        return self.hasher.check_needs_rehash(kept)

    @cached_property
    def _dummy(self) -> str:
        return self.hasher.hash(b"nobody's password")


def problem(password: str, *, email: str = "", site: str = "") -> Problem | None:
    """Why a new password is refused: required, too_short, too_long or weak_password; None for a good one."""
    text = normal(password)
    if not text:
        return Problem("required")
    if len(text) < SHORTEST:
        return Problem("too_short", min=SHORTEST)
    if len(_bytes(text)) > LONGEST_BYTES:
        return Problem("too_long")
    return Problem("weak_password") if weak_passwords.is_weak(text, email=email, site=site) else None


def normal(password: str) -> str:
    """A password in Unicode's form C, so that another keyboard's spelling of one letter is the same."""
    return unicodedata.normalize("NFC", password)


def _bytes(password: str) -> bytes:
    return normal(password).encode("utf-8", "surrogatepass")
