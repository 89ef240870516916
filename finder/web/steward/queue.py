"""What waits for a steward, the oldest first."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from finder.accounts.permissions import Action
from finder.web.desk import render
from finder.web.steward.blueprint import desk


@desk.page("/", Action.SEE_QUEUE)
def queue() -> ResponseReturnValue:
    """Changes to look at"""
    return render("steward/queue")
