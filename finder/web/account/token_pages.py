"""Keys for programs that act for somebody who keeps listings, such as an organization's own list of its groups."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from finder.accounts.api_tokens import LISTINGS, LONGEST_DAYS, STEWARD_DAYS
from finder.accounts.permissions import Action, Role
from finder.web import token_page
from finder.web.account.blueprint import desk
from finder.web.signed_in import actor


@desk.page("/programs", Action.MAKE_LISTING_TOKEN, methods=("GET", "POST"))
def programs() -> ResponseReturnValue:
    """Programs that may act for you"""
    person = actor()
    lends = person.second_step and Role.STEWARD in person.roles()
    return token_page.answer(token_page.Desk("account.programs", "account/tokens", LISTINGS,
                                             STEWARD_DAYS if lends else LONGEST_DAYS))
