"""Keys for programs that act for a provider, such as a clinic's records."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from finder.accounts.api_tokens import REFERRALS
from finder.accounts.permissions import Action
from finder.web import token_page
from finder.web.provider.blueprint import desk

_DESK = token_page.Desk("provider.tokens", "provider/tokens", REFERRALS)


@desk.page("/tokens", Action.MAKE_TOKEN, methods=("GET", "POST"))
def tokens() -> ResponseReturnValue:
    """Tokens for programs that act for you"""
    return token_page.answer(_DESK)
