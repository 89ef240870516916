"""The instance's secret: one file that only its owner reads, made on first use; keys are derived from it by purpose."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from finder.config import Settings

SHORTEST = 32


def instance_secret(settings: Settings) -> bytes:
    """The configured key, else the one in `instance/secret` (made with mode 0600 if there is none).

    All workers of an instance get the same one, also when they start at the same moment.
    """
    if settings.secret_key:
        return settings.secret_key.encode()
    path = settings.instance / "secret"
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(48).encode())
    found = path.read_bytes().strip()
    if len(found) < SHORTEST:
        raise ValueError(f"{path} is shorter than {SHORTEST} characters; remove it and a new one is made")
    return found


def _write_once(path: Path, value: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".secret-{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(value)
    try:
        os.link(draft, path)  # fails if another worker was first; a link never shows a half-written file
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def key_for(secret: bytes, purpose: str) -> bytes:
    """A Fernet key for one purpose (HKDF-SHA256, RFC 5869), so that no key serves two things."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"finder/{purpose}/1".encode()).derive(secret)
    return base64.urlsafe_b64encode(derived)
