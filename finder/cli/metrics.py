"""`finder metrics`: what /metrics tells, on the command line, and the token that opens it."""

from __future__ import annotations

import click

from finder.cli.script import Failure, Instance
from finder.db import is_ready


@click.command("metrics")
@click.option("--token", is_flag=True, help="Print the token that a program sends to /metrics.")
@click.pass_obj
def metrics(instance: Instance, token: bool) -> None:
    """Print counts and states as Prometheus reads them. A server gives the same at /metrics, to who sends the token
    as `Authorization: Bearer TOKEN`.

    \b
    Example:
      finder metrics > /var/lib/node_exporter/finder.prom
      finder metrics --token
    """
    if not is_ready(instance.services.database):
        raise Failure("There is no instance here yet. `finder init` makes one.")
    app = instance.create_app(instance.settings, services=instance.services)
    if token:
        click.echo(next(iter(app.extensions["finder_metrics"].tokens())))
        return
    for line in app.extensions["finder_metrics"].lines(instance.services.now()):
        click.echo(line)
