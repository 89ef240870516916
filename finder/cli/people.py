"""`finder user`: accounts, their roles, and links to sign in on a machine that sends no mail."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click
from marshmallow import ValidationError

from finder import fields
from finder.accounts import people, roles, setup, tokens
from finder.accounts.models import ACTIVE, Account
from finder.accounts.permissions import Granted, Role, Scope
from finder.cli import audited
from finder.cli.script import Failure, Instance, note, show
from finder.cli.server import address
from finder.db import is_ready
from finder.errors import Conflict, Invalid, NotFound
from finder.listings import changes
from finder.teams import joining, membership
from finder.wordings.states import NAMES

BY = "the command line"
WRONG = {"last_administrator": "This is the only administrator. Make somebody else one first.",
         "disabled": "This account is closed. `finder user enable` opens it.",
         "other_team": "This account is in another team already."}


@click.group("user")
@click.pass_obj
def user(instance: Instance) -> None:
    """Look after accounts and what they may do.

    \b
    Example:
      finder user add ann@example.org --role steward --state US:PA
      finder user list
    """
    if not is_ready(instance.services.database):
        raise Failure("There is no instance here yet. `finder init` makes one.")
    instance.services.database.upgrade()


def _email(_context: click.Context, _option: click.Parameter, value: str) -> str:
    try:
        return people.plain(str(fields.mailbox().read(value.strip())))
    except ValidationError:
        raise click.BadParameter(f"{fields.shown(value)} is no email address.") from None


def _state(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    if value is not None and not (value.startswith("US:") and value[3:] in NAMES):
        raise click.BadParameter(f"{fields.shown(value)} is no state. Write it as in US:PA.")
    return value


WHOSE = click.argument("email", callback=_email)
ROLE = click.option("--role", type=click.Choice([one.value for one in Role]), required=True, help="What they may do.")
STATE = click.option("--state", callback=_state, help="Only in this state, as in US:PA.")
ORGANIZATION = click.option("--organization", type=click.UUID, help="Only for this organization (its id).")
PROGRAM = click.option("--program", help="Only for this listing (its id, or the last part of its address).")
TEAM = click.option("--team", help="In this team of providers (its name); it is made if there is none.")


@user.command("add")
@WHOSE
@ROLE
@STATE
@ORGANIZATION
@PROGRAM
@TEAM
@click.pass_obj
def add(instance: Instance, /, email: str, role: str, **scope: Any) -> None:
    """Make an account and give it a role; one that is there is given the role.

    \b
    Example:
      finder user add ann@example.org --role operator --program quiet-oak-durham
      finder user add ann@example.org --role provider --team "Eastside Family Clinic"
    """
    with _deed(instance) as session:
        account = people.find_or_make(session, email, now=instance.services.now(),
                                      locale=instance.settings.default_locale)
        given = _give(session, account, _grant(session, instance, role, **scope), instance)
    note(f"{email} is {role} now." if given else f"{email} had this role already.")


@user.command("role")
@click.argument("change", type=click.Choice(["give", "take"]))
@WHOSE
@ROLE
@STATE
@ORGANIZATION
@PROGRAM
@TEAM
@click.pass_obj
def role(instance: Instance, /, change: str, email: str, role: str, **scope: Any) -> None:
    """Give a role to an account, or take it away.

    \b
    Example:
      finder user role take ann@example.org --role steward --state US:PA
    """
    now = instance.services.now()
    with _deed(instance) as session:
        account, grant = _account(session, email), _grant(session, instance, role, makes=change == "give", **scope)
        done = _give(session, account, grant, instance) if change == "give" else _take(session, account, grant, now)
    if not done:
        raise Failure(f"{email} has this role already." if change == "give" else f"{email} does not have this role.")
    note(f"Done. {email} is signed out everywhere.")


@user.command("disable")
@WHOSE
@click.pass_obj
def disable(instance: Instance, email: str) -> None:
    """Close an account: nothing lets it in until it is enabled.

    \b
    Example:
      finder user disable ann@example.org
    """
    with _deed(instance) as session:
        roles.disable(session, _account(session, email), now=instance.services.now())
    note(f"{email} is closed and signed out everywhere.")


@user.command("enable")
@WHOSE
@click.pass_obj
def enable(instance: Instance, email: str) -> None:
    """Open a closed account again.

    \b
    Example:
      finder user enable ann@example.org
    """
    with _deed(instance) as session:
        roles.enable(session, _account(session, email), now=instance.services.now())
    note(f"{email} is open.")


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
@click.option("--role", type=click.Choice([one.value for one in Role]), help="Only who has this role.")
@click.pass_obj
def list_(instance: Instance, as_json: bool, role: str | None) -> None:
    """Show who has an account, and what they may do.

    \b
    Example:
      finder user list --role steward
    """
    audited.exported(instance.services.database)
    with instance.services.database.reading() as session:
        found = people.listed(session, role=Role(role) if role else None, most=1_000_000)
    if as_json:
        show([{"number": one.id, "email": one.email, "name": one.name, "state": one.state, "roles": [
            {"role": grant.role, "scope": grant.scope, "value": grant.value} for grant in one.grants]}
            for one in found])
        return
    for one in found:
        held = ", ".join(grant.role + (f" ({grant.value})" if grant.value else "") for grant in one.grants)
        click.echo(f"{one.id}  {one.email}  {held or 'no role'}{'' if one.state == ACTIVE else '  closed'}")
    note(f"{len(found)} in all.")


@user.command("setup-token")
@click.pass_obj
def setup_token(instance: Instance) -> None:
    """Print a link that makes the first administrator; it is good for 30 minutes and ends an older one.

    \b
    Example:
      finder user setup-token
    """
    link = setup_link(instance, instance.settings.port)
    if link is None:
        raise Failure("There is an administrator already.")
    click.echo(link)


@user.command("sign-in-link")
@WHOSE
@click.pass_obj
def sign_in_link(instance: Instance, email: str) -> None:
    """Print a link that signs somebody in, for a machine that sends no mail; it is good once, for 15 minutes.

    \b
    Example:
      finder user sign-in-link ann@example.org
    """
    with _deed(instance) as session:
        account = _account(session, email)
        if account.state != ACTIVE:
            raise Conflict("disabled")
        secret = tokens.make(session, "sign_in", now=instance.services.now(), account_id=account.id,
                             facts={"email": account.email, "to": ""})
    click.echo(f"{site(instance, instance.settings.port)}/account/link/{secret}")


def _team(session: Any, instance: Instance, role: str, name: str | None, makes: bool) -> Granted:
    """The right to a team by its name; providers work in one, and nobody else does."""
    if role != Role.PROVIDER or not name:
        raise click.UsageError("A provider works in a team: name it with --team. Nobody else has one.")
    there = joining.named(session, name)
    if len(there) > 1:
        raise Failure(f"There are {len(there)} teams of that name. Change one of them on its page first.")
    if not there and not makes:
        raise Failure(f"There is no team {fields.shown(name)}.")
    try:
        team = there[0] if there else joining.make(session, name, now=instance.services.now())
    except Invalid:
        raise Failure(f"{fields.shown(name)} cannot be the name of a team.") from None
    return membership.grant_of(team.id)


def setup_link(instance: Instance, port: int) -> str | None:
    """A link that makes the first administrator; None where there is one."""
    with instance.services.database.transaction() as session:
        secret = setup.make_link(session, now=instance.services.now())
    return f"{site(instance, port)}/account/setup/{secret}" if secret else None


def offer_setup(instance: Instance, port: int) -> None:
    """Prints such a link where nobody looks after accounts yet."""
    link = setup_link(instance, port)
    if link is not None:
        note("Nobody looks after this instance yet. For 30 minutes this link makes its administrator:")
        click.echo(link)


def site(instance: Instance, port: int) -> str:
    """Where this instance is reached, without a stroke at the end."""
    return (instance.settings.base_url or address(instance.settings.host, port)).rstrip("/")


@contextmanager
def _deed(instance: Instance) -> Iterator[Any]:
    """One transaction; what an account does not allow is said in a sentence."""
    try:
        with instance.services.database.transaction() as session:
            yield session
    except Conflict as wrong:
        raise Failure(WRONG.get(wrong.code, "That did not work.")) from None


def _account(session: Any, email: str) -> Account:
    found = people.find(session, email)
    if found is None:
        raise Failure(f"There is no account of {email}. `finder user add` makes one.")
    return found


def _give(session: Any, account: Account, grant: Granted, instance: Instance) -> bool:
    given = roles.give(session, account, grant, by=BY, now=instance.services.now())
    membership.settle(session, account.id, now=instance.services.now())
    return given


def _take(session: Any, account: Account, grant: Granted, now: datetime) -> bool:
    if grant.scope is not Scope.TEAM:
        return roles.take(session, account, grant, now=now)
    return membership.let_go(session, account, grant, now=now)


def _grant(session: Any, instance: Instance, role: str, *, state: str | None, organization: uuid.UUID | None,
           program: str | None, team: str | None, makes: bool = True) -> Granted:
    if sum(one is not None for one in (state, organization, program, team)) > 1:
        raise click.UsageError("Name a state, an organization, a program or a team, not several.")
    if team is not None or (role == Role.PROVIDER and makes):
        return _team(session, instance, role, team, makes)
    if state is not None:
        return Granted(Role(role), Scope.STATE, state)
    if organization is not None:
        return Granted(Role(role), Scope.ORGANIZATION, str(organization))
    if program is None:
        return Granted(Role(role))
    try:
        return Granted(Role(role), Scope.PROGRAM, str(changes.find(session, program).id))
    except NotFound:
        raise Failure(f"There is no listing {fields.shown(program)}.") from None
