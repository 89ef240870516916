"""`finder secret rotate`: a new secret for an instance, and what the job does until the old keys are gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import click

from finder import sealed
from finder import secret as keys
from finder.cli import audited
from finder.cli.script import Failure, Instance, note, show
from finder.db import is_ready
from finder.errors import Conflict
from finder.services import Services


@click.group("secret")
def secret() -> None:
    """Look after the secret that cookies, links and what is sealed hang on.

    \b
    Example:
      finder secret rotate
    """


@secret.command("rotate")
@click.option("--json", "as_json", is_flag=True, help="Print what was sealed anew as JSON.")
@click.pass_obj
def rotate(instance: Instance, as_json: bool) -> None:
    """Make a new secret and seal anew what the old one sealed.

    Running servers of `finder run` and `finder work` take the new secret by themselves, within seconds and without
    losing a request; anything else that serves the app has to be restarted. Cookies and forms of before are good for
    one more day. Run it again if it was interrupted.

    \b
    Example:
      finder secret rotate
    """
    services = instance.services
    if not is_ready(services.database):
        raise Failure("There is no instance here yet. `finder init` makes one.")
    services.database.upgrade()
    try:
        keys.replace(services.settings, services.now())
    except Conflict:
        raise Failure("The secret comes from FINDER_SECRET_KEY. Write it into the file `secret` of the instance "
                      "(chmod 600), take the variable away, restart, then try again.") from None
    with audited.always():
        done = reseal(services)
    if as_json:
        show(done)
    note(f"There is a new secret; {sum(done.values()):,} rows are sealed anew. Keep a copy of the file `secret` where "
         "you keep such things: no backup holds it.")


def reseal(services: Services) -> dict[str, int]:
    """Seals anew, in one transaction, whatever old keys have sealed; gives how many rows of each table."""
    ring = keys.ring(services.settings, services.now())
    with services.database.transaction() as session:
        return sealed.reseal(session, ring, _before(services))


def look_after(services: Services, now: datetime) -> Mapping[str, int]:
    """The job: seals anew what a process with the secret of before has sealed meanwhile, and what an interrupted
    command has left; then drops old keys whose day has come."""
    before = _before(services)
    if not before:
        return {}
    with services.database.reading() as session:
        is_owed = sealed.is_owed(session, keys.ring(services.settings, now), before)
    done = sum(reseal(services).values()) if is_owed else 0
    return {"sealed": done, "dropped": keys.forget(services.settings.instance, now)}


def _before(services: Services) -> dict[str, Sequence[bytes]]:
    """Every old key that is still there, by purpose, also those whose day has come."""
    found: dict[str, list[bytes]] = {}
    for one in keys.kept(services.settings.instance):
        found.setdefault(one.purpose, []).append(one.key)
    return dict(found)
