from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from finder.accounts import people, setup
from finder.accounts.permissions import Role
from finder.errors import Conflict, NotFound
from tests.listings.database import NOW, make_database


def test_A11_a_new_instance_has_nobody(tmp_path: Path) -> None:
    with make_database(tmp_path).reading() as session:
        assert people.listed(session) == []


def test_A11_two_at_once_make_one_administrator(tmp_path: Path) -> None:
    database = make_database(tmp_path)
    with database.transaction() as session:
        secret = setup.make_link(session, now=NOW)
    assert secret is not None
    outcomes: list[str] = []
    together = threading.Barrier(4)

    def make(number: int) -> None:
        together.wait()
        try:
            with database.transaction() as session:
                setup.first_administrator(session, secret, email=f"a{number}@example.org", name="", locale="en",
                                          now=NOW)
            outcomes.append("made")
        except Conflict:
            outcomes.append("late")

    threads = [threading.Thread(target=make, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(outcomes) == ["late", "late", "late", "made"]
    with database.reading() as session:
        assert len(people.with_role(session, Role.ADMINISTRATOR)) == 1
        assert len(people.listed(session)) == 1


def test_A11_a_new_link_ends_the_old_one_and_half_an_hour_ends_both(tmp_path: Path) -> None:
    database = make_database(tmp_path)
    with database.transaction() as session:
        old, new = setup.make_link(session, now=NOW), setup.make_link(session, now=NOW)
        assert old is not None
        assert new is not None
        with pytest.raises(NotFound):
            setup.look(session, old, now=NOW)
        assert setup.look(session, new, now=NOW) == "open"
        assert setup.look(session, new, now=NOW + timedelta(minutes=31)) == "expired"
        with pytest.raises(Conflict):
            setup.first_administrator(session, new, email="a@example.org", name="", locale="en",
                                      now=NOW + timedelta(minutes=31))


def test_A11_no_link_is_made_where_there_is_an_administrator(tmp_path: Path) -> None:
    with make_database(tmp_path).transaction() as session:
        account = people.find_or_make(session, "joy@example.org", now=NOW)
        people.give(session, account.id, Role.ADMINISTRATOR, by="a test", now=NOW)
        assert setup.make_link(session, now=NOW) is None
