"""`finder audit`: whether the audit is whole, and what it says."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from finder.accounts import people
from finder.audit import chain, checking, reading, verifying
from finder.audit.models import AuditEntry
from finder.audit.verifying import Verdict
from finder.cli.script import FAILED, Failure, Instance, day_given, note, show
from finder.db import is_ready
from finder.errors import NotFound
from finder.journal import Logged
from finder.listings import changes
from finder.services import Services

log = logging.getLogger("finder.work")
WHY = {
    verifying.CHANGED: "Entry {0} was changed, or does not follow from the one before it.",
    verifying.GAP: "Entry {0} is missing.",
    verifying.CUT: "The end is not where it was: look at entry {0} and what comes after it.",
    verifying.SEAL: "The end was not sealed by this instance, so nothing before it is proved. Was the secret changed?",
    verifying.BACK: "Entries from {0} on were there when the audit was last proved, and are gone.",
    verifying.OTHER: "Entry {0} was another one when the audit was last proved.",
}


@click.group("audit")
@click.pass_obj
def audit(instance: Instance) -> None:
    """Prove that the audit is whole, and look things up in it.

    \b
    Example:
      finder audit verify
      finder audit show --about listing:asheville-nc-0d4ccba17de3
      finder audit show --actor joy@example.org --since 2027-01-14
    """
    if not is_ready(instance.services.database):
        raise Failure("There is no instance here yet. `finder init` makes one.")
    instance.services.database.upgrade()


@audit.command("verify")
@click.option("--after-restore", is_flag=True, help="Take the audit as it stands after you put a backup back.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.pass_obj
def verify(instance: Instance, after_restore: bool, as_json: bool) -> int:
    """Prove that no entry was changed, taken out or put in. Exit code 1 if one was.

    \b
    Example:
      finder audit verify
      finder audit verify --after-restore
    """
    services = instance.services
    if after_restore:
        found = checking.take(services.database.transaction, services.database.engine, services.audit.keys,
                              services.settings.instance, services.now())
    else:
        found = look(services)
    if as_json:
        show(asdict(found))
    elif found.broken is None:
        click.echo(f"{found.entries} entries, all whole. The last is {found.end.number} {found.end.hash}")
    if found.broken is None:
        return 0
    next_ = ("After a restore, `finder audit verify --after-restore` takes it as it is."
             if found.why in checking.RESTORED else f"{found.entries} entries before that are whole.")
    note(f"{WHY[found.why].format(found.broken)} {next_}")
    return FAILED


@audit.command("show")
@click.option("--about", metavar="KIND:ID", help="About one thing, as listing:its-address, referral:KEY or run:ID.")
@click.option("--actor", metavar="EMAIL", help="By this account.")
@click.option("--since", metavar="DAY", help="Since this day (UTC), for instance 2027-01-14.")
@click.option("--json", "as_json", is_flag=True, help="Print the entries as JSON.")
@click.pass_obj
def show_entries(instance: Instance, about: str | None, actor: str | None, since: str | None, as_json: bool) -> None:
    """Show the newest thousand entries that fit, the newest first.

    \b
    Example:
      finder audit show --about referral:sWvSgjIdr5ItTLJmPEYLSQ
    """
    with instance.services.database.reading() as session:
        thing = _thing(session, about, instance.services.audit.keys.names)
        found = reading.entries(session, about=thing, account_id=_account(session, actor), since=day_given(since))
    if as_json:
        show([_plain(one) for one in found])
        return
    for one in found:
        who = f"account {one.account_id}" if one.account_id is not None else one.channel
        what = f"{one.kind} {one.about}" if one.kind is not None else ""
        facts = " ".join(f"{name}={value}" for name, value in one.facts.items() if name != "rows")
        at = f"{one.number:>7}  {one.at:%Y-%m-%d %H:%M:%S}"
        click.echo("  ".join(filter(None, (at, who, one.what, what, facts))))
    note(f"{len(found)} entries.")


def look_after(services: Services, now: datetime) -> dict[str, int]:
    """The daily job: drops what is past its time, proves the rest, and says so when it is broken."""
    with services.database.transaction() as session:
        dropped = chain.purge(session.connection(), now=now, key=services.audit.key)
    found = look(services)
    if found.broken is not None:
        log.error(Logged("alarm", says="The audit is broken: " + WHY[found.why].format(found.broken)))
    return {"dropped": dropped, "broken": int(found.broken is not None)}


def look(services: Services) -> Verdict:
    """Proves the audit; where it is whole, its end is the one seen last from now on."""
    return checking.look(services.database.engine, services.audit.keys, services.settings.instance, services.now())


def proved(services: Services) -> Verdict:
    """What a check finds."""
    return checking.proved(services.database.engine, services.audit.keys, services.settings.instance)


def _plain(entry: AuditEntry) -> dict[str, Any]:
    columns = AuditEntry.__table__.columns.keys()
    return {name: getattr(entry, name) for name in columns} | {"at": entry.at.replace(tzinfo=UTC).isoformat()}


def _thing(session: Any, words: str | None, sealed_with: tuple[bytes, ...]) -> tuple[str, tuple[str, ...]] | None:
    if words is None:
        return None
    kind, colon, key = words.partition(":")
    if not (kind and colon and key):
        raise Failure("Write what it is about as in listing:asheville-nc-0d4ccba17de3.")
    if kind != "listing":
        return kind, tuple(chain.name_of(kind, key, one) for one in sealed_with)
    try:
        there = changes.find(session, key)
    except NotFound:
        return kind, (key,)  # it may be gone
    return kind, (key, str(there.id), there.slug)


def _account(session: Any, email: str | None) -> int | None:
    if email is None:
        return None
    found = people.find(session, email)
    if found is None:
        raise Failure("There is no account with this address.")
    return found.id
