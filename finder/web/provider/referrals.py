"""The team's referrals: what waits for them, and where each stands."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from finder.accounts.permissions import Action
from finder.referrals import reading
from finder.web.desk import render
from finder.web.pages import services
from finder.web.provider.blueprint import desk, my_team


@desk.page("/", Action.SEE_REFERRAL)
def referrals() -> ResponseReturnValue:
    """Your team's referrals"""
    with services().database.reading() as session:
        found = reading.of_team(session, my_team())
    return render("provider/referrals", referrals=found)
