"""Codes of an app on the phone (TOTP, RFC 6238): six digits, a new one every 30 seconds, each good once."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from finder.accounts import models
from finder.accounts.models import Factor

# What every app understands (RFC 6238, 4; SHA-1 serves here as a keyed function, where its weakness does not matter).
DIGITS, SECONDS, BYTES = 6, 30, 20
AROUND = 1  # steps before and after now that are good too, for clocks that differ (RFC 6238, 5.2)


def new_secret() -> bytes:
    """A secret to share with an app."""
    return secrets.token_bytes(BYTES)


def written(secret: bytes) -> str:
    """A secret as people type it into an app: base 32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[i:i + 4] for i in range(0, len(text), 4))


def address(secret: bytes, *, email: str, site: str) -> str:
    """What the QR code says (the key URI format of authenticator apps)."""
    query = urlencode({"secret": written(secret).replace(" ", ""), "issuer": site, "digits": DIGITS,
                       "period": SECONDS}, quote_via=quote)
    return f"otpauth://totp/{quote(site)}:{quote(email)}?{query}"


def step_of(secret: bytes, code: str, *, now: datetime, after: int = -1) -> int | None:
    """Which step of time a code belongs to, of those near now and later than `after`; None for a wrong code."""
    digits = "".join(code.split())
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    app, here, found = TOTP(secret, DIGITS, SHA1(), SECONDS), int(now.timestamp()) // SECONDS, None
    for step in range(here - AROUND, here + AROUND + 1):
        if hmac.compare_digest(app.generate(step * SECONDS), digits.encode()) and step > after:
            found = step
    return found


def add(session: Session, account_id: int, secret: bytes, *, seal: Fernet | MultiFernet, step: int, name: str | None,
        now: datetime) -> None:
    """Keeps an app's secret, sealed. `step` is that of the code that proved it, which is used up."""
    session.add(Factor(account_id=account_id, kind=models.TOTP, name=name, secret=seal.encrypt(secret), counter=step,
                       made_at=now.replace(tzinfo=None)))
    session.flush()


def check(session: Session, account_id: int, code: str, *, seal: Fernet | MultiFernet, now: datetime) -> bool:
    """Whether a code is of one of the account's apps and was not used before. Of two at once one is right."""
    for one in session.scalars(select(Factor).where(Factor.account_id == account_id, Factor.kind == models.TOTP)):
        try:
            step = step_of(seal.decrypt(one.secret), code, now=now, after=one.counter)
        except InvalidToken:  # sealed by another instance's key
            continue
        if step is not None:
            done = session.execute(update(Factor).where(Factor.id == one.id, Factor.counter < step)
                                   .values(counter=step, used_at=now.replace(tzinfo=None)))
            return bool(done.rowcount)  # type: ignore[attr-defined]
    return False
