"""A new secret for an instance: what the old one sealed is sealed anew, whoever kills it and whenever."""

from __future__ import annotations

import os
import signal
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import event, select

from finder import sealed, secret
from finder.__main__ import _build_services
from finder.accounts import people, totp
from finder.accounts.models import Factor
from finder.audit.chain import ENTRY
from finder.catalog.models import Program
from finder.cli import audit, secrets
from finder.config import Settings
from finder.hooks import keeping
from finder.hooks.models import Hook
from finder.hooks.signing import Seal
from finder.referrals import own_view
from finder.referrals.keys import Keys
from finder.referrals.models import Referral, ReferralTask
from finder.secret import Ring, fernet
from finder.services import Services
from tests.cli.conftest import Command, listing
from tests.cli.test_setup import START_SECONDS, free_port, start
from tests.make import NOW
from tests.referrals.samples import make_referral, make_team

WORDS = {"name": "Zaida Qcanary", "reach": "919-555-0142"}
STEPS = 40  # more than a rotation has


@dataclass
class Held:
    """An instance with something sealed by each purpose, and the words that were sealed."""

    settings: Settings
    code: str
    once: str
    totp: bytes = b"twenty bytes of secret"[:20]
    signing: str = ""

    def services(self) -> Services:
        made: Services = _build_services(self.settings)
        return made

    def keys(self, ring: Ring) -> Keys:
        codes = ring.keys("client codes")
        return Keys(fernet(ring.keys("referrals")), codes[0], codes[1:])

    def opens(self, services: Services, ring: Ring) -> dict[str, bool]:
        """Which of the sealed things a ring opens."""
        with services.database.reading() as session:
            referral, task = session.scalars(select(Referral)).one(), session.scalars(select(ReferralTask)).first()
            factor, hook = session.scalars(select(Factor)).one(), session.scalars(select(Hook)).one()
            keys = self.keys(ring)
            signing = Seal(*ring.keys("hooks")).opened(hook.secret)
            try:
                app = fernet(ring.keys("second-step")).decrypt(factor.secret) == self.totp
            except Exception:  # noqa: BLE001 - any failure to open
                app = False
            return {"about": (keys.opened(referral.about) or {}).get("needs") == ["grief"],
                    "note": task is not None and keys.opened(task.note) == WORDS["reach"],
                    "hook": signing is not None and signing.newest == self.signing, "app": app,
                    "code": own_view.find(session, self.code, keys=keys) is not None}


@pytest.fixture
def held(finder: Command) -> Held:
    code, _, err = finder("import", finder.file("a.json", [listing(1), listing(2)]), "--format", "listing", "--source",
                          "test")
    assert code == 0, err
    settings = Settings.from_env(finder.environ)
    services = _build_services(settings)
    made = Held(settings, "", uuid.uuid4().hex)
    ring = secret.ring(settings)
    with services.database.transaction() as session:
        programs = session.scalars(select(Program.id)).all()
        team, (member,) = make_team(session)
        sent = make_referral(session, team, member, programs, once=made.once, keys=made.keys(ring), needs=["grief"])
        assert sent.short_code is not None
        made.code = sent.short_code
        for task in sent.referral.tasks:
            task.note = made.keys(ring).hidden(WORDS["reach"])
        account = people.find_or_make(session, "ada@example.org", now=NOW)
        totp.add(session, account.id, made.totp, seal=fernet(ring.keys("second-step")), step=1, name=None, now=NOW)
        _, made.signing = keeping.add(session, Seal(*ring.keys("hooks")), name="County", url="https://example.org/x",
                                      account_id=None, now=NOW)
    services.database.close()
    return made


def whole(held: Held, ring: Ring | None = None) -> None:
    """Everything opens, and the audit is proved."""
    services = held.services()
    opened = held.opens(services, ring or secret.ring(held.settings))
    assert all(opened.values()), opened
    assert audit.proved(services).broken is None
    services.database.close()


def newest_alone(held: Held) -> Ring:
    return Ring(secret.instance_secret(held.settings), tuple(
        one for one in secret.kept(held.settings.instance) if one.purpose == "client codes"))


def told(held: Held) -> list[str]:
    services = held.services()
    with services.database.reading() as session:
        found = list(session.scalars(select(ENTRY.c.what).order_by(ENTRY.c.number)))
    services.database.close()
    return found


def test_S6_after_a_rotation_the_new_secret_alone_opens_everything(held: Held, finder: Command) -> None:
    before, entries = secret.instance_secret(held.settings), told(held)
    code, out, err = finder("secret", "rotate", "--json")
    assert code == 0, err
    assert '"referral":1' in out
    assert secret.instance_secret(held.settings) != before
    whole(held, newest_alone(held))
    assert told(held)[len(entries):] == ["command.secret.rotate"]
    services = held.services()
    assert not any(held.opens(services, Ring(before)).get(name) for name in ("about", "note", "hook", "app"))
    services.database.close()
    for path in held.settings.instance.rglob("*"):
        assert not path.is_file() or before not in path.read_bytes(), path
    assert {(held.settings.instance / name).stat().st_mode & 0o777 for name in ("secret", "secret.old")} == {0o600}


def test_S6_rotated_again_and_again_it_opens_what_the_first_sealed(held: Held, finder: Command) -> None:
    for _ in range(3):
        assert finder("secret", "rotate")[0] == 0
    whole(held, newest_alone(held))
    code, out, err = finder("audit", "verify")
    assert code == 0, err


def test_O3_without_anything_sealed_a_rotation_is_one_entry(finder: Command) -> None:
    assert finder("init")[0] == 0
    assert finder("secret", "rotate")[0] == 0
    held = Held(Settings.from_env(finder.environ), "", "")
    assert told(held).count("command.secret.rotate") == 1


def test_S6_cookies_are_good_for_one_day_more_and_codes_of_clients_for_as_long_as_referrals(held: Held) -> None:
    old = secret.ring(held.settings, NOW)
    secret.replace(held.settings, NOW)
    for at, purposes in ((timedelta(hours=23), set(secret.OVERLAP) - {"limits"}),
                         (timedelta(hours=25), {"saved", "audit names", "client codes", "calendar of search",
                                                "calendar of saved"}),
                         (timedelta(days=731), set())):
        now = secret.ring(held.settings, NOW + at)
        assert {one for one in secret.OVERLAP if old.newest(one) in now.keys(one)} == purposes


def test_S6_the_job_seals_what_an_old_process_has_sealed_since_and_then_drops_the_keys(held: Held) -> None:
    services = held.services()
    at = services.now()
    secret.replace(held.settings, at)  # and nothing more, as if it had been killed there
    whole(held)
    assert secrets.look_after(services, at)["sealed"] > 0
    whole(held, newest_alone(held))
    assert secrets.look_after(services, at) == {"sealed": 0, "dropped": 0}
    assert secrets.look_after(services, at + timedelta(hours=25))["dropped"] > 5
    assert {one.purpose for one in secret.kept(held.settings.instance)} & {"answers", "referrals", "audit"} == set()
    services.database.close()
    whole(held)


def test_S6_a_worker_that_was_down_for_a_week_still_seals_anew_before_it_drops(held: Held) -> None:
    services = held.services()
    secret.replace(held.settings, services.now() - timedelta(days=7))
    assert not all(held.opens(services, secret.ring(held.settings)).values())
    secrets.look_after(services, services.now())
    services.database.close()
    whole(held, newest_alone(held))


def test_S6_every_column_that_is_sealed_is_sealed_anew() -> None:
    found = {(table, column) for table, (columns, _) in sealed.COLUMNS.items() for column in columns}
    assert found == {("referral", "about"), ("referral", "identity"), ("referral_task", "note"), ("hook", "secret"),
                     ("factor", "secret")}
    assert {purpose for _, purpose in sealed.COLUMNS.values()} <= set(secret.OVERLAP)


@pytest.mark.parametrize("settings", [{"secret_key": "k" * 40}])
def test_a_configured_secret_is_not_replaced(finder: Command, settings: dict[str, Any]) -> None:
    assert finder("init")[0] == 0
    finder.environ["FINDER_SECRET_KEY"] = settings["secret_key"]
    code, _, err = finder("secret", "rotate")
    assert code == 1
    assert "FINDER_SECRET_KEY" in err


# -- killed ------------------------------------------------------------------------------------------------------------


def killed_at(step: int, deed: Callable[[], object], services: Services) -> bool:
    """Runs a deed in a process of its own that is killed before its n-th step (a name given to a file, a statement of
    SQL, a commit). False when it came to its end before that."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    with suppress(BaseException):
        left = [step]

        def count(*_: object, **__: object) -> None:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        replace, sync = os.replace, os.fsync
        os.replace = lambda *given: (count(), replace(*given))[1]  # type: ignore[assignment]
        os.fsync = lambda file: (count(), sync(file))[1]  # type: ignore[assignment]
        event.listen(services.database.engine, "before_cursor_execute", count)
        event.listen(services.database.engine, "commit", count)
        deed()
    os._exit(0)


def rotate(services: Services) -> None:
    secret.replace(services.settings, services.now())
    secrets.reseal(services)


def kills(held: Held, finder: Command, steps: range) -> int:
    done = 0
    for step in steps:
        services = held.services()
        services.database.close()

        done += killed_at(step, partial(rotate, services), services)
        whole(held)
    assert finder("secret", "rotate")[0] == 0
    whole(held, newest_alone(held))
    return done


def test_S6_killed_at_any_step_everything_still_opens_and_the_next_run_ends_it(
        held: Held, finder: Command, record_property: Callable[[str, object], None]) -> None:
    done = kills(held, finder, range(0, STEPS, 3))
    assert done >= 6
    record_property("figure", f"killed at {done} of its steps; everything opened each time")


@pytest.mark.soak
def test_S6_killed_at_each_step_everything_still_opens_and_the_next_run_ends_it(
        held: Held, finder: Command, record_property: Callable[[str, object], None]) -> None:
    done = kills(held, finder, range(STEPS))
    assert done >= 18
    record_property("figure", f"killed at each of its {done} steps; everything opened each time")


# -- a site that runs --------------------------------------------------------------------------------------------------


def status(url: str, token: str = "") -> int:
    try:
        with urlopen(Request(url, headers={"Authorization": f"Bearer {token}"} if token else {}), timeout=20) as answer:
            return int(answer.status)
    except HTTPError as refused:
        return refused.code


@pytest.mark.soak
def test_V6_a_running_site_takes_the_new_secret_by_itself_and_loses_no_request(held: Held, finder: Command) -> None:
    port, lost, stop = free_port("127.0.0.1"), [], threading.Event()
    child = start(held.settings.instance, "run", "--port", str(port), "--workers", "2")
    url = f"http://127.0.0.1:{port}/"

    def read() -> None:
        while not stop.is_set():
            try:
                lost.extend([] if status(url + "crisis") == 200 else ["not 200"])
            except OSError as broken:
                lost.append(repr(broken))

    try:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            with suppress(URLError, OSError):
                if status(url + "healthz") == 200:
                    break
            time.sleep(0.1)
        reader = threading.Thread(target=read)
        reader.start()
        assert finder("secret", "rotate")[0] == 0
        token = secret.key_for(secret.instance_secret(held.settings), "metrics").decode().rstrip("=")
        until, in_a_row = time.monotonic() + 60, 0
        while time.monotonic() < until and in_a_row < 8:  # of both workers
            in_a_row = in_a_row + 1 if status(url + "metrics", token) == 200 else 0
            time.sleep(0.1)
    finally:
        stop.set()
        child.send_signal(signal.SIGTERM)
        out, err = child.communicate(timeout=40)
    reader.join()
    assert in_a_row == 8, err
    assert lost == []

