"""`finder work`: what an instance does by the clock, beside its server: letters, reminders, pauses that end, tidying.

Every job is a line in JOBS. Of one that fails, kind and place are said and never words of people; the others go on.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TextIO

import click
from flask import Flask, current_app

from finder import journal, limits, outbox, secret
from finder.accounts import sign_ins, tokens
from finder.backup import quiet
from finder.cli import (
    audit,
    audited,
    backup_jobs,
    hook_jobs,
    import_jobs,
    referral_jobs,
    search_jobs,
    secrets,
    upkeep_jobs,
)
from finder.cli.script import FAILED, Failure, Instance, show
from finder.config import Settings
from finder.db import is_ready
from finder.journal import Logged
from finder.listings import claims, doubles, drafts, pauses, reminders, tallies, visitors
from finder.mail import bounces, sending
from finder.mail.postbox import opened
from finder.services import Services

log = logging.getLogger("finder.work")

Counts = Mapping[str, int]
TICK_SECONDS = 60
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_SCREEN = "finder_screen"  # where the app prints letters when no mail server is set


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do again and again. `run` gets the services and the time, and gives counts of what it did.

    It runs inside the app's context, and opens transactions of its own: short ones, without waiting for a network.
    """

    name: str
    every: timedelta
    run: Callable[[Services, datetime], Counts]
    when_quiet: bool = False  # also while a restored instance waits for a steward: it tells nobody anything


def _end_pauses(services: Services, now: datetime) -> Counts:
    with services.database.reading() as session:
        due = pauses.due(session, now.date())
    ended = 0
    for program in due:
        with services.database.transaction() as session:
            ended += pauses.end(session, program, now=now, locale=services.settings.default_locale)
    return {"ended": ended}


def _remind(services: Services, now: datetime) -> Counts:
    with services.database.reading() as session:
        planned = reminders.plan(session, now, locale=services.settings.default_locale)
    written = 0
    for one in planned:
        with services.database.transaction() as session:
            written += reminders.write(session, one, now)
    return {"written": written}


def _look_for_doubles(services: Services, now: datetime) -> Counts:
    """Looks for listings that are there twice; the long part reads only."""
    with services.database.reading() as session:
        found = doubles.look(session)
    with services.database.transaction() as session:
        return {"new": doubles.keep(session, found, now=now)}


def _send(services: Services, now: datetime) -> Counts:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    with opened(services.settings.mail_url, app.extensions[_SCREEN]) as postbox:
        return sending.send_due(app, services, postbox, now)


def _tidy(services: Services, now: datetime) -> Counts:
    """Drops what is past its time: links, browsers, limits, sent letters, old counts, old drafts, who sent reports."""
    for forget in (tokens.forget, sign_ins.forget, limits.forget, outbox.forget, tallies.forget, drafts.forget):
        with services.database.transaction() as session:
            forget(session, now)
    with services.database.transaction() as session:
        visitors.forget(session, now=now)
        claims.expire(session, now=now)
    services.database.sweep()  # one that is still owed, because others were at work
    services.database.empty_log()  # deleted addresses are in it until then
    return {}


# In this order: what earlier ones write is sent in the same round.
JOBS: list[Job] = [
    Job("backups", 10 * MINUTE, backup_jobs.look_after, when_quiet=True),  # before anything is changed or deleted
    Job("bounces", MINUTE, bounces.take_in),
    Job("pauses", HOUR, _end_pauses),
    Job("reminders", HOUR, _remind),
    Job("feeds", MINUTE, import_jobs.read_feeds),
    Job("imports", MINUTE, import_jobs.work_off),
    Job("searches", DAY, search_jobs.tell_of_new),
    Job("referrals", 10 * MINUTE, referral_jobs.look_after),
    Job("retention", DAY, referral_jobs.retain),
    Job("audit", DAY, audit.look_after),
    Job("alarms", MINUTE, upkeep_jobs.look_out),
    Job("crisis", DAY, upkeep_jobs.ask_for_checks),
    Job("outbox", MINUTE, _send),
    Job("hooks", MINUTE, hook_jobs.look_after),  # after letters, which are not to wait for anybody's server
    Job("doubles", DAY, _look_for_doubles),
    Job("housekeeping", HOUR, _tidy),
    Job("secret", 10 * MINUTE, secrets.look_after),
]


@click.command("work")
@click.option("--once", is_flag=True, help="Do everything once and end, for a timer of the system.")
@click.option("--json", "as_json", is_flag=True, help="With --once: print what was done as JSON.")
@click.pass_obj
def work(instance: Instance, once: bool, as_json: bool) -> int:
    """Send letters and do what is due, every minute until it is stopped.

    \b
    Example:
      finder work
      finder work --once --json
    """
    if as_json and not once:
        raise click.UsageError("--json goes with --once.")
    if not is_ready(instance.services.database):
        raise Failure("There is no instance here yet. `finder init` makes one.")
    instance.services.database.upgrade()
    screen: TextIO = sys.stderr if as_json else sys.stdout
    worker, done = Worker(instance.services, JOBS), {}
    with journal.kept():
        while not worker.stop.is_set():
            mark = secret.state(instance.settings)
            app = instance.create_app(instance.settings, services=instance.services)
            app.extensions[_SCREEN] = screen
            with app.app_context():
                if once:
                    done = worker.round()
                    break
                worker.go_on(partial(_is_same, instance.settings, mark))
    if as_json:
        show(done)
    return FAILED if worker.failed else 0


def _is_same(settings: Settings, mark: object) -> bool:
    return secret.state(settings) == mark


class Worker:
    """Runs jobs when it is their time."""

    def __init__(self, services: Services, jobs: list[Job]) -> None:
        self.services, self.jobs = services, jobs
        self.failed = 0
        self.stop = threading.Event()
        self._last: dict[str, datetime] = {}
        self._quiet = False

    def round(self) -> dict[str, Counts | None]:
        """Runs what is due once and gives its counts; None for a job that failed."""
        done: dict[str, Counts | None] = {}
        quietly = quiet.found(self.services.settings.instance) is not None
        if quietly and not self._quiet:
            log.warning(Logged("quiet", says="This instance was restored from a backup: nothing is sent until "
                                           "`finder restore --confirm`."))
        self._quiet = quietly
        for job in self.jobs:
            now = self.services.now()
            last = self._last.get(job.name)
            if self.stop.is_set() or (last is not None and last + job.every > now) or (quietly and not job.when_quiet):
                continue
            self._last[job.name] = now
            done[job.name] = self._run(job, now)
        return done

    def _run(self, job: Job, now: datetime) -> Counts | None:
        try:
            with audited.job(job.name):
                counts = job.run(self.services, now)
        except Exception as wrong:  # noqa: BLE001 - no job may stop the others
            self.failed += 1
            log.error(Logged("job_failed", job=job.name, error=type(wrong).__name__,  # noqa: TRY400 - no message
                           at=journal.steps(wrong.__traceback__)))
            return None
        did = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        if did:
            log.info(Logged("job_done", job=job.name, counts=did))
        return counts

    def go_on(self, while_: Callable[[], bool] = lambda: True) -> None:
        """Runs rounds until the process is told to end, or `while_` does not hold; a job that has begun is finished."""
        before = signal.signal(signal.SIGTERM, lambda *_: self.stop.set())
        try:
            while not self.stop.is_set() and while_():
                self.round()
                self.stop.wait(TICK_SECONDS)
        finally:
            signal.signal(signal.SIGTERM, before)
