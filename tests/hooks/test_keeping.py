from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from finder import outbox
from finder.db import Database
from finder.errors import Conflict, Invalid, NotFound
from finder.hooks import keeping
from finder.hooks.models import HELD, OFF, ON, Hook
from finder.hooks.signing import Seal, mark_of
from finder.outbox import HOOK, Message
from tests.exchange.net import REFUSED
from tests.listings.database import NOW, make_database, take
from tests.web.site import group

SEAL = Seal(Fernet.generate_key())
URL = "https://example.org/in"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = make_database(tmp_path)
    yield found
    found.close()


def add(database: Database, name: str = "County line", url: str = URL, **how: Any) -> tuple[Hook, str]:
    with database.transaction() as session:
        return keeping.add(session, SEAL, name=name, url=url, account_id=None, now=NOW, **how)


def hooks(database: Database) -> list[Hook]:
    with database.reading() as session:
        return list(keeping.every(session))


def wrong(database: Database, **typed: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as found:
        add(database, **typed)
    return {field: [one.code for one in problems] for field, problems in found.value.errors.items()}


def test_a_new_hook_hears_of_what_changes_from_now_on(database: Database) -> None:
    take(database, [group(1)])
    hook, secret = add(database)
    assert (hook.state, hook.told) == (ON, database.catalog_version())
    assert SEAL.opened(hook.secret).newest == secret  # type: ignore[union-attr]
    assert secret.encode() not in hook.secret


@pytest.mark.parametrize(("typed", "errors"), [
    ({"name": ""}, {"name": ["required"]}), ({"name": "a" * 101}, {"name": ["too_long"]}),
    ({"name": "a\nb"}, {"name": ["bad_text"]}), ({"url": ""}, {"url": ["required"]}),
    ({"url": "http://example.org/in"}, {"url": ["fetch_not_https"]}),
    ({"url": "https://example.org:8443/in"}, {"url": ["fetch_port"]}),
    ({"url": "ftp://example.org/in"}, {"url": ["fetch_not_http"]}),
    ({"url": "https://a@example.org/in"}, {"url": ["fetch_bad_address"]}),
    ({"name": "", "url": "x"}, {"name": ["required"], "url": ["fetch_not_http"]})])
def test_what_does_not_fit_is_named_by_field(database: Database, typed: dict[str, str],
                                             errors: dict[str, list[str]]) -> None:
    assert wrong(database, **typed) == errors
    assert hooks(database) == []


# Names that lead inside are found when they are looked up, which is at each message.
NAMES = ("localhost", "localhost.", "metadata", "metadata.google.internal", "instance-data")
OVER_TLS = [one.replace("http://", "https://", 1) for one in REFUSED if one != "http://example.org:443/"]


@pytest.mark.parametrize("url", [one for one in OVER_TLS if one.split("/")[2:3] not in [[name] for name in NAMES]
                                 and "LOCALHOST" not in one])
def test_odd_spellings_are_not_even_kept(database: Database, url: str) -> None:
    assert "url" in wrong(database, url=url)


def test_a_name_and_an_address_stand_once(database: Database) -> None:
    add(database)
    assert wrong(database, name="COUNTY line", url="https://example.org/other") == {"name": ["repeated"]}
    assert wrong(database, name="Other", url=f"{URL}#part") == {"url": ["repeated"]}


def test_there_are_twenty_at_most(database: Database) -> None:
    for number in range(20):
        add(database, f"Line {number}", f"{URL}/{number}")
    assert wrong(database) == {"": ["too_many"]}


def test_two_who_add_the_same_at_once_make_one(database: Database) -> None:
    made: list[str] = []

    def work() -> None:
        try:
            made.append(add(database)[1])
        except Invalid as late:
            made.append(str(sorted(late.errors)))
        database.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert len(hooks(database)) == 1
    assert sum(one.startswith("whsec_") for one in made) == 1


def test_only_who_says_so_tells_this_machine(database: Database) -> None:
    assert "url" in wrong(database, url="http://127.0.0.1:9000/in")
    assert add(database, url="http://127.0.0.1:9000/in", anywhere=True)[0].anywhere
    assert not add(database, "Other")[0].anywhere


def test_a_hook_is_found_by_its_name_or_its_id(database: Database) -> None:
    hook, _ = add(database)
    with database.reading() as session:
        for words in ("County line", "county LINE", str(hook.id)):
            assert keeping.named(session, words).id == hook.id
        for words in ("County", "", "7", "not-an-id", "\x00"):
            with pytest.raises(NotFound):
                keeping.named(session, words)


@pytest.mark.parametrize(("deed", "state"), [(keeping.pause, OFF), (keeping.resume, ON), (keeping.remove, None)])
def test_what_waits_does_not_go_when_somebody_pauses_begins_anew_or_removes(database: Database, deed: Any,
                                                                            state: str | None) -> None:
    hook, _ = add(database)
    with database.transaction() as session:
        outbox.write(session, HOOK, str(hook.id), {"version": 1, "body": {}}, now=NOW, once="hook:1")
    with database.transaction() as session:
        deed(session, keeping.find(session, str(hook.id)))
    with database.reading() as session:
        (message,) = session.scalars(select(Message))
    assert (message.state, message.facts, message.once) == ("dropped", {}, None)
    assert [one.state for one in hooks(database)] == ([state] if state else [])


def test_whoever_begins_anew_forgets_what_went_wrong_and_keeps_the_place(database: Database) -> None:
    hook, _ = add(database)
    with database.transaction() as session:
        there = keeping.find(session, str(hook.id))
        there.state, there.error, there.warned_at, there.told = HELD, "too_slow", NOW.replace(tzinfo=None), 0
    with database.transaction() as session:
        keeping.resume(session, keeping.find(session, str(hook.id)))
    (there,) = hooks(database)
    assert (there.state, there.error, there.warned_at, there.told) == (ON, None, None, 0)


def renew(database: Database, hook: Hook, seen: str, seal: Seal = SEAL) -> str:
    with database.transaction() as session:
        return keeping.renew_secret(session, seal, keeping.find(session, str(hook.id)), seen=seen, now=NOW)


def test_a_new_secret_signs_beside_the_old_one(database: Database) -> None:
    hook, first = add(database)
    second = renew(database, hook, mark_of(hook.secret))
    kept = SEAL.opened(hooks(database)[0].secret)
    assert kept is not None
    assert (kept.newest, kept.old) == (second, ((first, NOW + timedelta(hours=24)),))


def test_a_form_that_is_sent_twice_makes_one_new_secret(database: Database) -> None:
    hook, _ = add(database)
    second = renew(database, hook, mark_of(hook.secret))
    for seen in (mark_of(hook.secret), ""):
        with pytest.raises(Conflict, match="stale"):
            renew(database, hook, seen)
    assert SEAL.opened(hooks(database)[0].secret).newest == second  # type: ignore[union-attr]


def test_a_secret_that_cannot_be_opened_any_more_is_replaced(database: Database) -> None:
    hook, _ = add(database)
    other = Seal(Fernet.generate_key())
    secret = renew(database, hook, mark_of(hook.secret), other)
    kept = other.opened(hooks(database)[0].secret)
    assert kept is not None
    assert (kept.newest, kept.old) == (secret, ())
