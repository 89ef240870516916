"""The desk of those who keep the listings true: what waits, what is old, what looks alike."""

from finder.web.steward import (  # noqa: F401 - each hangs its pages on the desk
    alerts,
    checks,
    claims,
    conflicts,
    crisis_lines,
    doubles,
    feeds,
    history,
    hooks,
    import_look,
    import_new,
    imports,
    insight,
    instance,
    proposal,
    queue,
    reports_page,
    revert_page,
    tables,
    tags,
    teams,
)
from finder.web.steward.blueprint import desk

__all__ = ["desk"]
