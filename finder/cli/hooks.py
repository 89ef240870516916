"""`finder hook`: programs elsewhere that are told when listings change (webhooks)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from finder import fields
from finder.catalog import queries
from finder.cli import hook_jobs
from finder.cli.script import FAILED, Failure, Instance, note, show
from finder.db import is_ready
from finder.errors import Invalid, NotFound
from finder.exchange.posting import without_query
from finder.hooks import calling, keeping, telling
from finder.hooks.models import HELD, OFF, ON, Hook
from finder.hooks.signing import Seal, mark_of, new_message_id
from finder.services import Services

STATES = {ON: "is told", OFF: "paused", HELD: "waits for somebody to look"}
WRONG = {
    "fetch_not_https": "That address does not start with https://. --anywhere allows http:// too.",
    "fetch_not_http": "Write a web address that starts with https://.",
    "fetch_bad_address": "That is no plain web address.",
    "fetch_port": "That address has a port of its own. --anywhere allows it.",
    "fetch_private_address": "That address is on this machine or a local network. --anywhere allows it.",
    "url.repeated": "That address is told already.", "name.repeated": "There is a hook of that name already.",
    "name.too_long": f"A name has at most {keeping.LONGEST_NAME} characters.",
    "name.required": "Give it a name with --name.", "name.bad_text": "That name has signs that cannot be shown.",
    "too_many": f"There are {keeping.MOST} hooks already. `finder hook remove` removes one.",
}
ERRORS = {
    "private_address": "that address is on this machine or a local network",
    "unknown_host": "nobody knows the host of that address", "unreachable": "no answer came",
    "not_safe": "its certificate does not hold", "too_slow": "it took too long",
    calling.SEALED: "its secret cannot be opened; `finder hook rotate` makes a new one",
}
WHICH = click.argument("hook", metavar="NAME")


@click.group("hook")
def hook() -> None:
    """Tell other programs when listings change.

    \b
    Example:
      finder hook add https://example.org/in --name "County line"
      finder hook list
    """


@hook.command("add")
@click.argument("url")
@click.option("--name", required=True, help="What the program is called.")
@click.option("--anywhere", is_flag=True, help="Also this machine, local networks, any port and http.")
@click.pass_obj
def add(instance: Instance, url: str, name: str, anywhere: bool) -> None:
    """Tell an address from now on, and print the secret that signs what is sent there. It is not shown again.

    \b
    Example:
      finder hook add https://example.org/in --name "County line"
      finder hook add http://127.0.0.1:9000/ --name "Try" --anywhere
    """
    held = _services(instance)
    try:
        with held.database.transaction() as session:
            made, secret = keeping.add(session, _seal(instance), name=name.strip(), url=url.strip(), account_id=None,
                                       now=held.now(), anywhere=anywhere)
    except Invalid as wrong:
        raise Failure(_first(wrong)) from None
    note(f"{fields.shown(made.name)} is told of what changes from now on. Its secret:")
    click.echo(secret)


@hook.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
@click.pass_obj
def list_(instance: Instance, as_json: bool) -> None:
    """Show who is told, and how each is doing.

    \b
    Example:
      finder hook list --json
    """
    with _services(instance).database.reading() as session:
        version, found = queries.version(session), keeping.every(session)
    if as_json:
        show([_facts(one, version) for one in found])
        return
    for one in found:
        click.echo(f"{one.name}  {without_query(one.url)}  {STATES[one.state]}"
                   f"{'' if one.told >= version else '  behind'}{f'  ({_error(one.error)})' if one.error else ''}")
    note(f"{len(found)} in all.")


@hook.command("pause")
@WHICH
@click.pass_obj
def pause(instance: Instance, hook: str) -> None:
    """Tell it nothing for now.

    \b
    Example:
      finder hook pause "County line"
    """
    with _found(instance, hook) as (session, found):
        keeping.pause(session, found)
    note(f"{fields.shown(found.name)} is paused.")


@hook.command("resume")
@WHICH
@click.pass_obj
def resume(instance: Instance, hook: str) -> None:
    """Tell it again, first of all that changed meanwhile; also one that waits for somebody to look.

    \b
    Example:
      finder hook resume "County line"
    """
    with _found(instance, hook) as (session, found):
        keeping.resume(session, found)
    note(f"{fields.shown(found.name)} is told again, by the next round of `finder work`.")


@hook.command("remove")
@WHICH
@click.pass_obj
def remove(instance: Instance, hook: str) -> None:
    """Forget it and its secret.

    \b
    Example:
      finder hook remove "County line"
    """
    with _found(instance, hook) as (session, found):
        keeping.remove(session, found)
    note(f"{fields.shown(found.name)} is removed.")


@hook.command("rotate")
@WHICH
@click.pass_obj
def rotate(instance: Instance, hook: str) -> None:
    """Print a new secret; for 24 hours the one before it signs as well.

    \b
    Example:
      finder hook rotate "County line"
    """
    held, seal = _services(instance), _seal(instance)
    with _found(instance, hook) as (session, found):
        secret = keeping.renew_secret(session, seal, found, seen=mark_of(found.secret), now=held.now())
    note(f"{fields.shown(found.name)} has a new secret. The old one counts for 24 hours more.")
    click.echo(secret)


@hook.command("ping")
@WHICH
@click.pass_obj
def ping(instance: Instance, hook: str) -> int:
    """Send it a message that says nothing but who sends it, and say whether it arrived.

    \b
    Example:
      finder hook ping "County line"
    """
    held, seal = _services(instance), _seal(instance)
    here, now = hook_jobs.here(held), held.now()
    with _found(instance, hook) as (session, found):
        line, body = calling.line_of(found, seal), telling.ping(session, here, now=now)
    outcome = calling.call(line, new_message_id(), body, now=now)
    if outcome.error is None:
        note(f"{fields.shown(found.name)} has taken the message.")
        return 0
    note(f"The message did not arrive: {_error(outcome.error)}.")
    return FAILED


def _services(instance: Instance) -> Services:
    """What commands work on, with the newest tables. Raises Failure where there is no instance."""
    found: Services = instance.services
    if not is_ready(found.database):
        raise Failure("There is no instance here yet. `finder init` makes one.")
    found.database.upgrade()
    return found


def _seal(instance: Instance) -> Seal:
    """What closes and opens secrets; the app makes it from the instance's own."""
    found: Seal = instance.create_app(instance.settings, services=instance.services).extensions["finder_hooks"]
    return found


@contextmanager
def _found(instance: Instance, words: str) -> Iterator[tuple[Any, Hook]]:
    """One hook by its name or id, in a transaction."""
    with _services(instance).database.transaction() as session:
        try:
            found = keeping.named(session, words)
        except NotFound:
            raise Failure(f"There is no hook {fields.shown(words)}. `finder hook list` shows them.") from None
        yield session, found


def _first(wrong: Invalid) -> str:
    """The first thing that is wrong, in a sentence."""
    name, problems = next(iter(wrong.errors.items()))
    code = problems[0].code
    return WRONG.get(f"{name}.{code}") or WRONG.get(code) or WRONG["fetch_bad_address"]


def _facts(one: Hook, version: int) -> dict[str, Any]:
    """A hook for machines. The part of its address that may be a password is left out."""
    moments = {name: at.isoformat(timespec="seconds") + "Z" if at else None for name, at in (
        ("made_at", one.made_at), ("tried_at", one.tried_at), ("good_at", one.good_at))}
    return {"id": str(one.id), "name": one.name, "url": without_query(one.url), "state": one.state,
            "anywhere": one.anywhere, "told": one.told, "version": version, **moments, "error": one.error}


def _error(code: str) -> str:
    if code.startswith("status "):
        return f"it answers {code.removeprefix('status ')}"
    return ERRORS.get(code) or WRONG.get(f"fetch_{code}", "it broke").rstrip(".").lower()
