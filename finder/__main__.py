"""The `finder` script, around the app factory."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from finder.cli import garbage
from finder.cli.script import Instance, run
from finder.config import Settings


def _create_app(settings: Settings, services: Any = None) -> Any:
    with garbage.untouched():
        from finder.app import create_app  # the web door is heavy, and most commands need none of it

        return create_app(settings, services=services)


def _build_services(settings: Settings) -> Any:
    with garbage.untouched():
        from finder.app import build_services
        from finder.audit.recording import Keys
        from finder.cli import audited
        from finder.secret import ring

        services = build_services(settings)

    def keys() -> Keys:
        held = ring(settings)
        return Keys(held.keys("audit"), held.keys("audit names"))

    services.audit.hang("command", audited.deed, keys)
    return services


OTHERS_MAY_NOTHING = 0o077  # what an instance holds is for its owner only, whatever the shell says (TRUST S6)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and ends the process with its exit code."""
    os.umask(OTHERS_MAY_NOTHING)
    sys.exit(run(Instance(os.environ, _create_app, _build_services), arguments))


if __name__ == "__main__":
    main()
