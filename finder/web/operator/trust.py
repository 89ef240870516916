"""How far the word of the signed-in person goes about a listing: a steward's of its region at once, an editor's but for
what could lead people to a stranger."""

from __future__ import annotations

from dataclasses import replace

from finder.accounts.permissions import Action, Role, Target, may
from finder.listings.review import Sender, Trust
from finder.web.signed_in import actor
from finder.wordings.language import language


def trust_for(target: Target) -> Trust:
    """The trust that goes with the grant which covers a listing."""
    person = actor()
    as_steward = replace(person, grants=tuple(one for one in person.grants if one.role is Role.STEWARD))
    return Trust.STEWARD if may(as_steward, Action.EDIT_LISTING, target) else Trust.EDITOR


def sender_for(target: Target) -> Sender:
    """The signed-in person as proposals name them."""
    return Sender(trust_for(target), actor().account_id, locale=language())
