"""What the audit is told of requests, of pages and of programs alike: whose account, which page, about what.

Of an address only what a guard has looked at is told, and never a secret of a mailed link; of a form, nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, current_app, g, has_request_context, request

from finder import limits
from finder.audit.chain import Deed
from finder.audit.recording import EXPORTED, NOT_SIGNED_IN, READ, READ_ROWS, REFUSED, Keys, Recorder
from finder.errors import Unavailable
from finder.limits import EVERYBODY, Limit

HOUR = 3600
# So that nobody can fill the disk by trying: what comes beyond is refused all the same, and not told.
LIMITS = (Limit("audit_refused", 60, HOUR), Limit("audit_refused_all", 600, HOUR))
FAILURES = Limit("audit_failed", 600, HOUR)
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_RANDOM = re.compile(r"[A-Za-z0-9_-]{22}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{1,9}")
_KINDS = {"referrals": "referral", "listings": "listing", "sent": "proposal"}  # by the part before it in an address


def install(app: Flask, recorder: Recorder, keys: Callable[[], Keys]) -> None:
    """Has a recorder ask this app's requests, and tells of those that were refused."""
    recorder.hang("request", lambda rows: _deed(app, rows), keys)

    @app.after_request
    def tell_of_refusal(response: Response) -> Response:
        if "audit_refused" in g or response.status_code in (401, 403):
            _refused(recorder, response.status_code)
        return response


def say(what: str, *, account_id: int | None = None, **facts: Any) -> None:
    """Tells of this request under another name, also where it writes nothing else. `facts`: codes and ids."""
    g.audit_said = (what, account_id, facts)


def exported(**facts: Any) -> None:
    """Tells that this request gives out a file that names people. Raises Unavailable: what cannot be told is not given.
    `facts`: codes and counts."""
    account_id = _account_id()
    kind, key = _about()
    _recorder().tell_alone(Deed(EXPORTED, _channel(account_id), account_id, kind, key, {"page": _page(), **facts}),
                           lambda session: True)


def nothing() -> None:
    """What this request writes is no deed yet, such as a letter to an address that anybody can type."""
    g.audit_nothing = True


def about(kind: str, key: str, *, is_proved: bool = True) -> None:
    """What this request is about, as its guard knows. Before that is proved, an address may say anything: only what
    has the form of a random id or a number is told."""
    if (_ID if is_proved else _RANDOM).fullmatch(key):
        g.audit_about = (kind, key)


def refused() -> None:
    """This request was turned away for want of a right, whatever it is answered."""
    g.audit_refused = True


def failed(session: Any, account_id: int | None) -> None:
    """Tells that somebody gave a wrong password; only so many in an hour, and the same whether there is an account."""
    if limits.spend(session, FAILURES, EVERYBODY, _now()):
        nothing()
        return
    say(NOT_SIGNED_IN, tried=account_id)


def _deed(app: Flask, rows: Mapping[str, int]) -> Deed | None:
    if not has_request_context() or current_app._get_current_object() is not app:  # type: ignore[attr-defined]
        return None
    what, account_id, facts = g.pop("audit_said", None) or ("", None, {})
    if not (rows or what) or "audit_nothing" in g:
        return None
    kind, key = _about()
    page = _page()
    if not what:
        what = page
        if set(rows) == READ_ROWS:
            what, facts = READ, {"page": page}
    else:
        facts = {**facts, "page": page}
    mine = _account_id()
    g.audit_told = g.get("audit_told", 0) + 1  # a request that tells of two deeds did them in two transactions
    return Deed(what, _channel(mine), account_id if account_id is not None else mine, kind, key, facts)


def _refused(recorder: Recorder, status: int) -> None:
    account_id, now = _account_id(), _now()
    kind, key = _about()
    deed = Deed(REFUSED, _channel(account_id), account_id, kind, key, {"page": _page(), "status": status})

    def counts(session: Any) -> bool:
        spent = limits.spend(session, LIMITS[0], str(account_id or "").encode(), now)
        return not spent and not limits.spend(session, LIMITS[1], EVERYBODY, now)
    try:
        recorder.tell_alone(deed, counts)
    except Unavailable:  # somebody writes for long, or nothing can be written; who was refused should not wait for that
        pass


def _about() -> tuple[str | None, str | None]:
    """What a guard has found, or what stands in an open address: a listing, or what a program names."""
    if "audit_about" in g:
        kind, key = g.audit_about
        return kind, key
    values, rule = request.view_args or {}, request.url_rule
    if rule is not None and "key" in values and "finder_token" in g:
        name = rule.rule.partition("/<key>")[0].rpartition("/")[2]
        if name in _KINDS and _ID.fullmatch(str(values["key"])):
            return _KINDS[name], str(values["key"])
    if "slug" in values and _ID.fullmatch(str(values["slug"])):
        return "listing", str(values["slug"])
    return None, None


def _page() -> str:
    """The name of a page, the same in every language."""
    area, _, view = (request.endpoint or "").partition(".")
    return f"{area.partition('_')[0]}.{view}" if view else area


def _account_id() -> int | None:
    found = g.get("signed_in") or g.get("finder_token")
    number: int | None = found.actor.account_id if found is not None else None
    return number


def _channel(account_id: int | None) -> str:
    if "finder_token" in g:
        return "program"
    return "page" if account_id is not None else "visitor"


def _recorder() -> Recorder:
    found: Recorder = current_app.extensions["finder"].audit
    return found


def _now() -> Any:
    return current_app.extensions["finder"].now()
