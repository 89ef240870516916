"""The listings that a person may edit."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from finder.accounts.permissions import Action
from finder.web.desk import render
from finder.web.operator.blueprint import desk


@desk.page("/", Action.SEE_OWN_LISTINGS)
def listings() -> ResponseReturnValue:
    """The groups you look after"""
    return render("operator/listings")
