"""Rights to an organization follow its listings: an organization that says something new about itself is a new row.

Otherwise whoever may edit all groups of an organization would lose the first one whose listing spells its phone anew.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from finder.accounts import people
from finder.accounts.permissions import Role, Scope
from finder.catalog.models import Program


def follow(session: Session, program: uuid.UUID, before: uuid.UUID | None, after: uuid.UUID | None, *,
           now: datetime) -> None:
    """Gives the editors of the organization `before` the same right to `after`, the one that `program` has now.

    Only to a row that no other listing has: an editor who spells another organization's name takes over nothing.
    """
    if before is None or after is None or before == after:
        return
    shared = select(exists().where(Program.organization_id == after, Program.id != program))
    if session.execute(shared).scalar():
        return
    for account in people.with_grant(session, Role.OPERATOR, Scope.ORGANIZATION, str(before)):
        people.give(session, account.id, Role.OPERATOR, by="organization", now=now, scope=Scope.ORGANIZATION,
                    value=str(after))
