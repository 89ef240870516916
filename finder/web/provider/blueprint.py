"""The desk of providers, and what its pages share: whose referral a page is about, and the keys that open it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask, current_app

from finder.accounts.permissions import Target
from finder.errors import NotFound
from finder.referrals import reading
from finder.referrals.keys import Keys
from finder.referrals.moving import By
from finder.referrals.states import Who
from finder.web.desk import Desk
from finder.web.signed_in import actor

desk = Desk("provider")


def referral_here(session: Any, key: str, **values: Any) -> Target:
    """What a page about one referral is about: one's own team, where it is that team's; else one that nobody is in, so
    that others' and none are refused in the same steps (TRUST A1)."""
    return Target(team=reading.team_of(session, key, actor().team))


def my_team() -> uuid.UUID:
    """The team of the signed-in provider. Raises NotFound for a provider without one."""
    found = actor().team
    if found is None:
        raise NotFound("page")
    return found


def sender() -> By:
    """The signed-in provider as the history of a referral names them."""
    found = actor()
    return By(Who.SENDER, found.author, found.account_id)


def install(app: Flask, keys: Keys, *, days: int) -> None:
    """Hangs the keys of referrals on an app, and tells pages for how many days a closed one is kept."""
    app.extensions["finder_referrals"] = keys
    app.jinja_env.globals["referral_days"] = days


def referral_keys() -> Keys:
    """What this instance seals referrals with."""
    found: Keys = current_app.extensions["finder_referrals"]
    return found
