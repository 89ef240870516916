"""`finder mcp`: serves the tools over standard input and output, to one assistant on this machine."""

from __future__ import annotations

import secrets
from dataclasses import replace
from importlib.util import find_spec

import click

from finder.cli.assistants.tools import Tools
from finder.cli.script import Failure, Instance
from finder.db import is_ready

MISSING = "`finder mcp` needs one more package. Install it with: pip install -e '.[mcp]'"


@click.command("mcp")
@click.pass_obj
def mcp(instance: Instance) -> None:
    """Let an assistant on this machine search and match, read-only (Model Context Protocol, stdio).

    The assistant starts this command itself. It changes nothing, listens on no network, and keeps and logs nothing of
    what is asked; `finder run` may serve the same instance meanwhile.

    \b
    Example:
      FINDER_INSTANCE=/srv/finder finder mcp

    \b
    In the settings of an assistant:
      {"mcpServers": {"finder": {"command": "finder", "args": ["mcp"],
                                 "env": {"FINDER_INSTANCE": "/srv/finder"}}}}
    """
    if find_spec("mcp") is None:
        raise Failure(MISSING)
    try:
        from finder.cli.assistants import protocol  # the SDK is heavy, and only this command needs it
    except ImportError:  # an SDK of another age
        raise Failure(MISSING) from None
    services = instance.services
    if not is_ready(services.database):
        raise Failure("There is no instance here yet. `finder init` or `finder demo` makes one.")
    # The app gives the languages. Nothing here is signed or sealed, so the instance's own secret is not even read.
    settings = replace(instance.settings, secret_key=secrets.token_hex(32))
    app = instance.create_app(settings, services=services)
    protocol.serve(Tools(app, services), ready=services.snapshot)
