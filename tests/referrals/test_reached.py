from __future__ import annotations

import uuid
from pathlib import Path

from sqlalchemy import select

from finder import outbox
from finder.accounts import people
from finder.accounts.permissions import Role, Scope
from finder.catalog.models import Program
from finder.listings import changes
from finder.referrals import letters, reached
from tests.listings.database import NOW, make_database, take
from tests.web.site import group

GROUPS = [group(1, contact={"email": "one@river.example.org"}), group(2, contact={"phone": "919-555-0142"}),
          group(3), group(4, contact={"email": "Four@river.example.org"})]


def test_a_letter_reaches_a_published_address_or_an_editor_unless_they_want_none(tmp_path: Path) -> None:
    database = make_database(tmp_path)
    take(database, GROUPS)
    with database.transaction() as session:
        there = {one.document["name"][-1]: one for one in changes.find_all(session, _ids(session)).values()}
        editor = people.find_or_make(session, "ed@river.example.org", now=NOW)
        people.give(session, editor.id, Role.OPERATOR, by="a test", now=NOW, scope=Scope.PROGRAM,
                    value=str(there["3"].id))
        outbox.silence(session, "four@river.example.org", letters.REQUEST, outbox.UNSUBSCRIBED, NOW)
        found = reached.by_letter(session, list(there.values()))
        assert found == {there["1"].id, there["3"].id}
        assert found == {one.id for one in there.values() if letters.readers(session, one.id)}


def _ids(session: object) -> list[uuid.UUID]:
    return [one.id for one in session.scalars(select(Program))]  # type: ignore[attr-defined]
