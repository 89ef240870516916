"""What lies sealed in the database, and sealing it anew after the instance's secret was replaced.

All of it is done in the caller's transaction, so it is done or not. Doing it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from finder.accounts.models import TOTP, Factor
from finder.audit import chain
from finder.db import Base
from finder.hooks.models import Hook
from finder.referrals.models import Referral, ReferralTask
from finder.secret import Ring

AT_A_TIME = 500  # rows
# Table -> its sealed columns and the purpose of the key.
COLUMNS: Mapping[str, tuple[Sequence[str], str]] = {
    Referral.__tablename__: (("about", "identity"), "referrals"),
    ReferralTask.__tablename__: (("note",), "referrals"),
    Hook.__tablename__: (("secret",), "hooks"),
    Factor.__tablename__: (("secret",), "second-step"),
}
ONLY: Mapping[str, Mapping[str, str]] = {Factor.__tablename__: {"kind": TOTP}}  # other rows hold hashes there


def reseal(session: Session, ring: Ring, before: Mapping[str, Sequence[bytes]]) -> dict[str, int]:
    """Seals everything anew that a key of before sealed; gives how many rows of each table. `before`: purpose -> keys.

    What no key opens stays as it is.
    """
    counts = {}
    for name, (columns, purpose) in COLUMNS.items():
        done = _of_table(session, Base.metadata.tables[name], columns, ring.newest(purpose), before.get(purpose, ()))
        if done:
            counts[name] = done
    chain.reseal(session.connection(), key=ring.newest("audit"), before=before.get("audit", ()))
    return counts


def is_owed(session: Session, ring: Ring, before: Mapping[str, Sequence[bytes]]) -> bool:
    """Whether anything is still sealed by a key of before."""
    for name, (columns, purpose) in COLUMNS.items():
        table = Base.metadata.tables[name]
        both = MultiFernet([Fernet(one) for one in (ring.newest(purpose), *before.get(purpose, ()))])
        for row in _rows(session, table, columns):
            if _renewed(row, columns, Fernet(ring.newest(purpose)), both):
                return True
    head = chain.found_head(session.connection())
    return not head.is_sealed(ring.newest("audit")) and any(head.is_sealed(one) for one in before.get("audit", ()))


def _of_table(session: Session, table: Table, columns: Sequence[str], newest: bytes, before: Sequence[bytes]) -> int:
    one, both, done = Fernet(newest), MultiFernet([Fernet(key) for key in (newest, *before)]), 0
    keys = list(table.primary_key.columns)
    for row in _rows(session, table, columns):
        renewed = _renewed(row, columns, one, both)
        if renewed:
            session.execute(update(table).where(*(key == row[key.name] for key in keys)).values(renewed))
            done += 1
    return done


def _rows(session: Session, table: Table, columns: Sequence[str]) -> Sequence[Any]:
    query = select(*table.primary_key.columns, *(table.c[name] for name in columns))
    for name, value in ONLY.get(table.name, {}).items():
        query = query.where(table.c[name] == value)
    return session.execute(query.execution_options(yield_per=AT_A_TIME)).mappings().all()


def _renewed(row: Mapping[str, Any], columns: Sequence[str], newest: Fernet, both: MultiFernet) -> dict[str, bytes]:
    """The values of a row that have to be written anew, as they are to be."""
    found = {}
    for name in columns:
        value = row[name]
        if value is None or _opens(newest, value):
            continue
        try:
            found[name] = both.rotate(value)  # it keeps the time that is written in it
        except InvalidToken:
            continue
    return found


def _opens(key: Fernet, value: bytes) -> bool:
    try:
        key.decrypt(value)
    except InvalidToken:
        return False
    return True
