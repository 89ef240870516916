"""The instance's secret: one file that only its owner reads, made on first use; keys are derived from it by purpose.

A secret that was replaced leaves derived keys behind, in a file of their own and each until its day, never itself. So
what was sealed before is opened, and nothing else can be made from what is kept.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from finder.config import Settings
from finder.errors import Conflict

SHORTEST = 32
NAME, OLD = "secret", "secret.old"  # files of an instance
A_DAY, A_SEASON, LONG = timedelta(days=1), timedelta(days=90), timedelta(days=730)
# What a key of the secret before still opens, and for how long (TRUST section 4: a day). Longer only where nobody can
# renew what it made: lists on people's own devices end with their cookie, calendars that people subscribed to and codes
# on slips of paper are to go on, and names in the audit stay as long as the audit.
OVERLAP: Mapping[str, timedelta] = {
    "answers": A_DAY, "saved": A_SEASON, "report": A_DAY, "audit": A_DAY, "audit names": LONG, "referrals": A_DAY,
    "client codes": LONG, "case": A_DAY, "caseload": A_DAY, "client code on its way": A_DAY, "next step": A_DAY,
    "hooks": A_DAY, "sign-in": A_DAY, "second-step": A_DAY, "limits": timedelta(0), "metrics": A_DAY,
    "calendar of search": LONG, "calendar of saved": LONG,
}
AS = {"audit names": "audit"}  # purposes that share a key and not its time
Key = bytes | tuple[bytes, ...]  # one key, or the newest and those before it


@dataclass(frozen=True, slots=True)
class Old:
    """A key of a secret that was replaced. `until`: it opens nothing from then on (UTC)."""

    purpose: str
    key: bytes
    until: datetime


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys of an instance as they stood when it was read."""

    secret: bytes
    old: tuple[Old, ...] = ()

    def keys(self, purpose: str) -> tuple[bytes, ...]:
        """The key of a purpose, and behind it those that still open what they closed, the newest first."""
        if purpose not in OVERLAP:
            raise KeyError(purpose)
        return (key_for(self.secret, AS.get(purpose, purpose)),
                *(one.key for one in self.old if one.purpose == purpose))

    def newest(self, purpose: str) -> bytes:
        return self.keys(purpose)[0]


def ring(settings: Settings, now: datetime | None = None) -> Ring:
    """The keys of an instance. All workers get the same ones, also when they start at the same moment."""
    now = now if now is not None else datetime.now(UTC)
    return Ring(instance_secret(settings), tuple(one for one in kept(settings.instance) if one.until > now))


def instance_secret(settings: Settings) -> bytes:
    """The configured key, else the one in `instance/secret` (made with mode 0600 if there is none).

    All workers of an instance get the same one, also when they start at the same moment.
    """
    if settings.secret_key:
        return settings.secret_key.encode()
    path = settings.instance / NAME
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = _draft(path, secrets.token_urlsafe(48).encode())
        try:
            os.link(draft, path)  # fails if another worker was first; a link never shows a half-written file
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    found = path.read_bytes().strip()
    if len(found) < SHORTEST:
        raise ValueError(f"{path} is shorter than {SHORTEST} characters; remove it and a new one is made")
    return found


def replace(settings: Settings, now: datetime) -> Ring:
    """Puts a new secret in the place of the old one. Whoever kills it at any moment: what was sealed can be opened.

    First the old keys are laid beside it, then the file is exchanged in one step. Raises Conflict where the secret is
    configured and not a file of the instance.
    """
    if settings.secret_key:
        raise Conflict("secret_is_configured")
    before = instance_secret(settings)
    made = {(one.purpose, one.key): one for one in kept(settings.instance)}
    for purpose, overlap in OVERLAP.items():
        if overlap:
            key = key_for(before, AS.get(purpose, purpose))
            made[purpose, key] = Old(purpose, key, now.astimezone(UTC) + overlap)
    _keep(settings.instance, sorted(made.values(), key=lambda one: one.until, reverse=True))
    path = settings.instance / NAME
    os.replace(_draft(path, secrets.token_urlsafe(48).encode()), path)
    _settle(settings.instance)
    return ring(settings, now)


def forget(instance: Path, now: datetime) -> int:
    """Drops old keys whose day has come; gives how many."""
    there = kept(instance)
    left = [one for one in there if one.until > now]
    if len(left) < len(there):
        _keep(instance, left)
    return len(there) - len(left)


def kept(instance: Path) -> tuple[Old, ...]:
    """The old keys that lie beside the secret, the newest first, also those whose day has come."""
    try:
        said = json.loads((instance / OLD).read_text(encoding="ascii"))
    except FileNotFoundError:
        return ()
    return tuple(Old(one["purpose"], one["key"].encode(), datetime.fromisoformat(one["until"])) for one in said)


def state(settings: Settings) -> tuple[tuple[int, int], ...]:
    """A mark of the files that keys come from; a process whose mark is another one has keys of before."""
    marks = []
    for name in (NAME, OLD):
        try:
            found = (settings.instance / name).stat()
            marks.append((found.st_ino, found.st_mtime_ns))
        except FileNotFoundError:
            marks.append((0, 0))
    return tuple(marks)


def key_for(secret: bytes, purpose: str) -> bytes:
    """A Fernet key for one purpose (HKDF-SHA256, RFC 5869), so that no key serves two things."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"finder/{purpose}/1".encode()).derive(secret)
    return base64.urlsafe_b64encode(derived)


def fernet(key: Key) -> MultiFernet:
    """Closes with the newest key and opens with any."""
    return MultiFernet([Fernet(one) for one in ((key,) if isinstance(key, bytes) else key)])


def first(key: Key) -> bytes:
    """The newest of some keys."""
    return key if isinstance(key, bytes) else key[0]


def _keep(instance: Path, old: list[Old]) -> None:
    said = [{"purpose": one.purpose, "key": one.key.decode(), "until": one.until.isoformat()} for one in old]
    path = instance / OLD
    os.replace(_draft(path, json.dumps(said).encode("ascii")), path)
    _settle(instance)


def _draft(path: Path, value: bytes) -> Path:
    """A file beside another one, for its owner only, whose bytes are on the disk."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(value)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _settle(folder: Path) -> None:
    """Has the disk keep the new names."""
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
