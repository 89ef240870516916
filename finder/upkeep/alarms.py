"""What is out of the ordinary on a site (TRUST O5), and telling whoever looks after it: once for each thing and day."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder import crisis
from finder.accounts.models import Account
from finder.audit import checking
from finder.audit.chain import ENTRY
from finder.audit.recording import NOT_SIGNED_IN
from finder.backup import keeping
from finder.config import Settings
from finder.db import file_of
from finder.listings.models import Proposal, Revision
from finder.upkeep import letters

SIGN_INS, SIGN_INS_WITHIN = 20, timedelta(minutes=5)
PHONES, PHONES_WITHIN = 5, timedelta(hours=1)
SHOWN_FOR = timedelta(hours=24)  # on the stewards' page and by `finder doctor`
MOST = 20_000  # lines of history that are read
FAILED, PHONE, CRISIS, BACKUP, AUDIT = "sign_ins", "phones", "crisis", "backup", "audit"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing out of the ordinary. `about` is a code; `many` how often, `person` the public id of an account, `since`
    a moment (UTC), where they say anything."""

    about: str
    many: int = 0
    person: str = ""
    since: datetime | None = None

    @property
    def name(self) -> str:
        """What it is, and of whom: the same all day long."""
        return f"{self.about}:{self.person}" if self.person else self.about


def found(session: Session, settings: Settings, now: datetime, *, within: timedelta = SHOWN_FOR) -> list[Alarm]:
    """Everything that is out of the ordinary now, or was `within` so long."""
    return [*_crisis(), *_audit(settings.instance), *_sign_ins(session, now, within), *_phones(session, now, within),
            *_backups(settings, now)]


def tell(session: Session, alarms: Iterable[Alarm], now: datetime) -> int:
    """Writes letters about alarms, each at most once a day; gives how many are new."""
    return sum(letters.write(session, "alarm", {"about": one.about, "many": one.many, "person": one.person},
                             once=f"{one.name}:{now.astimezone(UTC).date().isoformat()}", now=now) for one in alarms)


def most_within(moments: Sequence[datetime], span: timedelta) -> int:
    """The most moments that lie within one span. `moments`: the earliest first."""
    most = first = 0
    for last, at in enumerate(moments):
        while at - moments[first] >= span:
            first += 1
        most = max(most, last - first + 1)
    return most


def _crisis() -> list[Alarm]:
    return [] if crisis.is_reviewed() else [Alarm(CRISIS)]


def _audit(instance: Path) -> list[Alarm]:
    seen = checking.last(instance)
    return [Alarm(AUDIT, many=seen.broken, since=seen.at)] if seen is not None and seen.broken is not None else []


def _backups(settings: Settings, now: datetime) -> list[Alarm]:
    folder, database = settings.backup_folder, file_of(settings.database)
    if folder is None or database is None or not database.exists():
        return []
    newest = keeping.newest(folder)
    if newest is not None and now - newest <= keeping.STALE:
        return []
    return [Alarm(BACKUP, since=newest)]


def _sign_ins(session: Session, now: datetime, within: timedelta) -> list[Alarm]:
    since = _plain(now) - within - SIGN_INS_WITHIN
    moments = session.scalars(select(ENTRY.c.at).where(ENTRY.c.at > since, ENTRY.c.what == NOT_SIGNED_IN)
                              .order_by(ENTRY.c.at).limit(MOST)).all()
    many = most_within(moments, SIGN_INS_WITHIN)
    return [Alarm(FAILED, many)] if many > SIGN_INS else []


def _phones(session: Session, now: datetime, within: timedelta) -> list[Alarm]:
    """Accounts that changed the phone numbers of many listings, or asked for that; imports are no person's typing."""
    since = _plain(now) - within - PHONES_WITHIN
    changed: dict[int, list[datetime]] = defaultdict(list)
    lines = select(Revision.account_id, Revision.at, Revision.before, Revision.after).where(
        Revision.at > since, Revision.account_id.is_not(None), Revision.import_id.is_(None),
        Revision.before.is_not(None), Revision.after.is_not(None)).limit(MOST)
    asked = select(Proposal.account_id, Proposal.made_at, Proposal.before, Proposal.document).where(
        Proposal.made_at > since, Proposal.account_id.is_not(None), Proposal.before.is_not(None)).limit(MOST)
    queries: tuple[Any, ...] = (lines, asked)
    for query in queries:
        for number, at, before, after in session.execute(query):
            if _phone(before) != _phone(after):
                changed[int(number)].append(at)
    alarms = []
    for number, moments in sorted(changed.items()):
        many = most_within(sorted(moments), PHONES_WITHIN)
        if many > PHONES:
            account = session.get(Account, number)
            alarms.append(Alarm(PHONE, many, str(account.public_id) if account is not None else str(number)))
    return alarms


def _phone(document: Any) -> object:
    return (json.loads(document).get("contact") or {}).get("phone")


def _plain(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)
