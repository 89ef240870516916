"""The chain of entries: adding one, and dropping what is past its time without breaking the rest.

Everything works on a connection, so that an entry is written by the very transaction whose deed it tells of. Nothing is
committed here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from finder.audit.models import NOTHING_YET, AuditEntry, AuditHead
from finder.db import Base

KEPT = timedelta(days=730)  # TRUST P11: two years
ENTRY, HEAD = Base.metadata.tables[AuditEntry.__tablename__], Base.metadata.tables[AuditHead.__tablename__]
HEAD_ID = 1
PURGED = "audit.purged"
RESTORED = "audit.restored"
# Of these not the id is kept but a name that only this instance can make of it: when a referral is deleted, no byte of
# it stays (TRUST P11), and whoever still has its id can be told what was done with it.
SEALED_KINDS = frozenset(("referral",))


@dataclass(frozen=True, slots=True)
class Deed:
    """What an entry tells: what was done, how they came in, by whose account, about which thing, and bare facts."""

    what: str
    channel: str
    account_id: int | None = None
    kind: str | None = None
    about: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class End:
    """Where a chain ends: the number and the hash of its newest entry."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain begins and ends, and the seal on that."""

    number: int
    hash: str
    start_number: int
    start_hash: str
    seal: str = ""

    def sealed(self, key: bytes) -> str:
        """The seal that this head ought to have: HMAC-SHA256 over its other fields, as hexadecimal digits."""
        said = json.dumps([self.number, self.hash, self.start_number, self.start_hash]).encode()
        return hmac.new(key, said, hashlib.sha256).hexdigest()

    def is_sealed(self, key: bytes) -> bool:
        """Whether the seal is that of this key; a chain in which nothing was ever written has none."""
        untouched = (self.number, self.hash, self.start_number, self.start_hash, self.seal) == (
            0, NOTHING_YET, 0, NOTHING_YET, "")
        return untouched or hmac.compare_digest(self.seal, self.sealed(key))


def name_of(kind: str, about: str, key: bytes) -> str:
    """What a thing is called in the audit: its id, or for SEALED_KINDS 22 signs made of it with the instance's key."""
    if kind not in SEALED_KINDS:
        return about
    made = hmac.new(key, f"{kind} {about}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made)[:22].decode()


def digest(row: Mapping[str, Any]) -> str:
    """SHA-256 of an entry's columns but its own hash, as JSON in one fixed spelling; hexadecimal digits."""
    said = [row["number"], row["at"].isoformat(timespec="microseconds"), row["account_id"], row["channel"], row["what"],
            row["kind"], row["about"], row["facts"], row["previous"]]
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def append(connection: Connection, deed: Deed, *, now: datetime, key: bytes) -> int:
    """Adds an entry and gives its number. Others that want to add one wait until this transaction ends."""
    head = found_head(connection, lock=True)
    about = name_of(deed.kind, deed.about, key) if deed.kind and deed.about else deed.about
    row: dict[str, Any] = {
        "number": head.number + 1, "at": now.astimezone(UTC).replace(tzinfo=None), "account_id": deed.account_id,
        "channel": deed.channel, "what": deed.what, "kind": deed.kind, "about": about,
        "facts": dict(deed.facts), "previous": head.hash}
    row["hash"] = digest(row)
    connection.execute(insert(ENTRY).values(row))
    put_head(connection, Head(row["number"], row["hash"], head.start_number, head.start_hash), key)
    return head.number + 1


def purge(connection: Connection, *, now: datetime, key: bytes) -> int:
    """Drops the oldest entries that are past their time, up to the first that is not; gives how many.

    The head keeps the hash of the last one dropped, so what is left can still be told from what was put there later.
    """
    oldest = (now - KEPT).astimezone(UTC).replace(tzinfo=None)
    head = found_head(connection, lock=True)
    kept = connection.execute(select(func.min(ENTRY.c.number)).where(ENTRY.c.at >= oldest)).scalar()
    last = (kept if kept is not None else head.number + 1) - 1
    if last <= head.start_number:
        return 0
    anchor = connection.execute(select(ENTRY.c.hash).where(ENTRY.c.number == last)).scalar_one()
    # First the mark, then the rows: the trigger lets go of what lies before it only.
    put_head(connection, Head(head.number, head.hash, last, anchor), key)
    dropped = connection.execute(delete(ENTRY).where(ENTRY.c.number <= last)).rowcount
    append(connection, Deed(PURGED, "job", facts={"dropped": dropped, "up_to": last}), now=now, key=key)
    return dropped


def accept(connection: Connection, *, seen: End | None, now: datetime, key: bytes) -> int:
    """Takes the chain as it stands after a backup was put back: seals it anew, and says so in an entry of its own.

    `seen` is the end that was known before. Gives the number of that entry.
    """
    head = found_head(connection, lock=True)
    facts = {"was": seen.number if seen is not None else None, "is": head.number}
    return append(connection, Deed(RESTORED, "command", facts=facts), now=now, key=key)


def reseal(connection: Connection, *, key: bytes, before: Sequence[bytes]) -> bool:
    """Seals the end with a new key where one of before had sealed it; gives whether it did. A seal that is nobody's
    stays as it is, for `verify` to find."""
    head = found_head(connection, lock=True)
    if head.is_sealed(key) or not any(head.is_sealed(one) for one in before):
        return False
    put_head(connection, head, key)
    return True


def found_head(connection: Connection, *, lock: bool = False) -> Head:
    """Where the chain begins and ends. `lock`: until this transaction ends nobody else may add to it."""
    query = select(HEAD.c.number, HEAD.c.hash, HEAD.c.start_number, HEAD.c.start_hash, HEAD.c.seal)
    query = query.where(HEAD.c.id == HEAD_ID)
    row = connection.execute(query.with_for_update() if lock else query).one()
    return Head(*row)


def put_head(connection: Connection, head: Head, key: bytes) -> None:
    """Writes down where the chain begins and ends, under a seal."""
    connection.execute(update(HEAD).where(HEAD.c.id == HEAD_ID).values(
        number=head.number, hash=head.hash, start_number=head.start_number, start_hash=head.start_hash,
        seal=head.sealed(key)))
