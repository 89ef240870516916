"""Who a program acts for: the bearer token of a request, looked up before anything else of the request is read.

Cookies count for nothing here, so no page of another site can have a browser do any of this.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Response, g, request

from finder.accounts import api_tokens
from finder.accounts.api_tokens import Signed, TokenScope
from finder.api import problems
from finder.api.blueprint import services
from finder.errors import NotFound

View = Callable[..., Response]

READ, WRITE = TokenScope.READ_REFERRALS, TokenScope.WRITE_REFERRALS
READ_LISTINGS, WRITE_LISTINGS = TokenScope.READ_LISTINGS, TokenScope.WRITE_LISTINGS
SCHEME = "token"  # what the description calls this way of signing in
_BEARER = re.compile(r"Bearer +([A-Za-z0-9_~+/.=-]{1,200}) *", re.IGNORECASE)  # RFC 6750, 2.1


def needs(scope: TokenScope) -> Callable[[View], View]:
    """Lets in who brings a good token that allows this; 401 without one, 403 for one that allows other things.

    Both say what is wanted in WWW-Authenticate (RFC 6750, 3).
    """
    def hang(view: View) -> View:
        @functools.wraps(view)
        def guarded(**values: Any) -> Response:
            found = _found(scope.area)
            if found is None:
                wrong = ', error="invalid_token"' if "Authorization" in request.headers else ""
                return problems.answer(401, "token_needed",
                                       headers={"WWW-Authenticate": f'Bearer realm="finder"{wrong}'})
            if scope not in found.scopes:
                return problems.answer(403, "scope_needed", headers={
                    "WWW-Authenticate": f'Bearer realm="finder", error="insufficient_scope", scope="{scope}"'})
            g.finder_token = found
            return view(**values)
        return guarded
    return hang


def signed() -> Signed:
    """Who this request was let in for."""
    held: Signed = g.finder_token
    return held


@contextmanager
def turned_away() -> Iterator[None]:
    """Whoever meets NotFound in here was refused: others' things and none are the same to the audit (web/audited.py),
    and cost the same work."""
    try:
        yield
    except NotFound:
        g.audit_refused = True
        raise


def _found(area: str) -> Signed | None:
    sent = _BEARER.fullmatch(request.headers.get("Authorization", ""))
    if sent is None:
        return None
    held = services()
    now = held.now()
    with held.database.reading() as session:
        found = api_tokens.find(session, sent[1], now=now, area=area)
    if found is not None and found.must_touch:
        held.database.at_leisure(lambda session: api_tokens.touch(session, found.token_id, on=now.date()))
    return found
