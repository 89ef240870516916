"""`finder listing`: the history of a listing, any version of it, and taking back what one account did."""

from __future__ import annotations

from dataclasses import asdict

import click

from finder.accounts import people
from finder.cli.script import Failure, Instance, day_given, note, show
from finder.db import is_ready
from finder.errors import Conflict, Invalid, NotFound
from finder.listings import changes, reverting
from finder.listings.writing import Author

BY = Author("command")


@click.group("listing")
@click.pass_context
def listing(context: click.Context) -> None:
    """Look into one listing's past, and go back.

    \b
    Example:
      finder listing history asheville-nc-0d4ccba17de3
      finder listing restore asheville-nc-0d4ccba17de3 4
      finder listing revert-account joy@example.org --since 2027-01-14 --dry-run
    """
    instance: Instance = context.obj
    if not is_ready(instance.services.database):
        raise Failure("There is no instance here yet. `finder init` makes one.")
    instance.services.database.upgrade()


@listing.command("history")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print every step as JSON, with the whole texts.")
@click.pass_obj
def history(instance: Instance, name: str, as_json: bool) -> None:
    """Show every change of a listing, the newest first."""
    with instance.services.database.reading() as session:
        entries = changes.history(session, _found(session, name).id)
    if as_json:
        show([{**asdict(one), "at": one.at.isoformat()} for one in entries])
        return
    for one in entries:
        after = one.after if one.after is not None else one.before
        fields = ", ".join(changes.changed_fields(one.before, after or {})) if one.before is not None else ""
        click.echo(f"{one.version:>4}  {one.at:%Y-%m-%d %H:%M}  {one.kind:<9} {one.state_after:<9} {one.actor}"
                   + (f"  {fields}" if fields else ""))
        if one.reason:
            click.echo("      " + one.reason.replace("\n", "\n      "))
    note(f"{len(entries)} changes.")


@listing.command("show")
@click.argument("name")
@click.option("--version", "number", type=click.IntRange(1, 999_999_999), help="A version; the present one without it.")
@click.pass_obj
def show_listing(instance: Instance, name: str, number: int | None) -> None:
    """Print a listing as JSON, as it is or as it was."""
    with instance.services.database.reading() as session:
        there = _found(session, name)
        try:
            document = there.document if number is None else \
                changes.as_of([changes.at_version(session, there.id, number)], number)[0]
        except NotFound:
            raise Failure(f"This listing has no version {number}.") from None
    show(document)


@listing.command("restore")
@click.argument("name")
@click.argument("number", metavar="VERSION", type=click.IntRange(1, 999_999_999))
@click.option("--reason", default="", help="Why; it stands in the history.")
@click.pass_obj
def restore(instance: Instance, name: str, number: int, reason: str) -> None:
    """Put a listing back to a version, text and state."""
    held = instance.services
    try:
        with held.database.transaction() as session:
            there = _found(session, name)
            after = changes.restore(session, there.id, number, base=there.version, author=BY, now=held.now(),
                                    reason=reason.strip()[:1000] or None)
    except NotFound:
        raise Failure(f"This listing has no version {number}.") from None
    except Invalid:
        raise Failure(f"Version {number} breaks a rule of today, so it cannot come back as it is.") from None
    except Conflict:
        raise Failure("Somebody changed the listing meanwhile. Please try again.") from None
    note("It was like that already." if after.version == there.version else
         f"It is as in version {number} again ({after.state}). That is version {after.version}.")


@listing.command("revert-account")
@click.argument("email")
@click.option("--since", metavar="DAY", help="Only what came since this day (UTC), for instance 2027-01-14.")
@click.option("--reason", default="", help="Why; it stands in the history of every listing.")
@click.option("--dry-run", is_flag=True, help="Only say what would be taken back.")
@click.pass_obj
def revert_account(instance: Instance, email: str, since: str | None, reason: str, dry_run: bool) -> None:
    """Take back all that one account changed, in one deed. What others wrote since stays."""
    held, start = instance.services, day_given(since)
    with held.database.transaction() as session:
        account = people.find(session, email)
        if account is None:
            raise Failure(f"There is no account {email}.")
        if dry_run:
            for one in reverting.deeds(session, account.id, since=start):
                if one.differs:
                    click.echo(f"{one.listing.slug}  {one.times}  {one.listing.document['name']}"
                               + ("  (others came after)" if one.others_after else ""))
            note("Nothing was changed.")
            return
        done = reverting.revert_account(session, account.id, author=BY, now=held.now(), since=start,
                                        reason=reason.strip()[:1000] or None)
    for slug in done.refused:
        click.echo(slug)
    note(f"{done.changed} listings are as they were."
         + (f" {len(done.refused)} could not go back: their old text breaks a rule of today." if done.refused else ""))


def _found(session: object, name: str) -> changes.Listing:
    try:
        return changes.find(session, name)  # type: ignore[arg-type]
    except NotFound:
        raise Failure(f"There is no listing {name}.") from None
