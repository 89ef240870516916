"""What a request about listings says: whose listing it is, the version that was read, the text whole or as a patch.

What is others' answers as what is not there, before anything that was sent is judged.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import marshmallow as ma
from flask import Response, request

from finder.accounts.permissions import Action, Role, Target, may, require
from finder.api import problems
from finder.api.blueprint import arguments, json_body, services
from finder.api.listings.shapes import MERGE_PATCH
from finder.api.tokens import signed, turned_away
from finder.errors import Conflict, Invalid, Problem, Unversioned
from finder.fields import flatten
from finder.listings import changes
from finder.listings.by_program import Teller
from finder.listings.changes import Listing
from finder.listings.in_reach import target_of
from finder.listings.review import Sender, Trust
from finder.listings.writing import Author

MOST_BYTES = 256 * 1024  # the longest listing several times over
_VERSION = re.compile(r'"?([0-9]{1,9})"?')
_ONCE = re.compile(r"[!-~]{1,64}")


class Nothing(ma.Schema):
    """No parameter at all."""


def query(schema: ma.Schema) -> dict[str, Any]:
    """The parameters of the address, each once. Raises Invalid."""
    given = arguments()
    twice = {name: [Problem("repeated")] for name, values in given.items() if len(values) > 1}
    if twice:
        raise Invalid(twice)
    return loaded(schema, {name: values[0] for name, values in given.items()})


def loaded(schema: ma.Schema, document: Mapping[str, Any]) -> dict[str, Any]:
    """What a schema makes of an object. Raises Invalid by field."""
    try:
        found: dict[str, Any] = schema.load(document)
    except ma.ValidationError as wrong:
        raise Invalid(flatten(wrong.messages)) from None
    return found


def body(*, patch: bool = False) -> dict[str, Any]:
    """The object that was sent; a patch also under the name that its standard gives it."""
    found = json_body(MOST_BYTES, *([MERGE_PATCH] if patch else []))
    if not isinstance(found, dict):
        raise Invalid({"": [Problem("wrong_type", expected="object")]})
    return found


def version() -> int:
    """The version of the listing that the sender had read. Raises Unversioned."""
    found = _VERSION.fullmatch(request.headers.get("If-Match", "").strip())
    if found is None:
        raise Unversioned
    return int(found[1])


def once() -> str:
    """The sender's own key for what is to be made once. Raises Invalid."""
    sent = request.headers.get("Idempotency-Key", "")
    if not _ONCE.fullmatch(sent):
        raise Invalid({"Idempotency-Key": [Problem("required") if not sent else Problem("invalid")]})
    return sent


# -- whose it is -----------------------------------------------------------------------------------------------------


def own(session: Any, key: str, action: Action = Action.EDIT_LISTING) -> Listing:
    """A listing that the token's account may do this to. Raises NotFound, also for what is others'."""
    with turned_away():
        found = changes.find(session, key)
        require(signed().actor, action, target_of(found))
    return found


def sender_for(target: Target) -> Sender:
    """The account and how far its word goes about something, as at its desk."""
    found = signed()
    as_steward = replace(found.actor, grants=tuple(one for one in found.actor.grants if one.role is Role.STEWARD))
    trust = Trust.STEWARD if may(as_steward, Action.EDIT_LISTING, target) else Trust.EDITOR
    return Sender(trust, found.actor.account_id, locale=found.locale, program=found.name)


def teller_for(target: Target) -> Teller:
    """Who speaks about something, and when."""
    held = services()
    return Teller(sender_for(target), held.now(), held.settings.country)


def author() -> Author:
    """The account as history names it, and its program."""
    found = signed()
    return Author(found.actor.author, found.actor.account_id).through(found.name)


def answered(deed: Callable[[], Response]) -> Response:
    """The answer of a deed; where somebody was first, with the version that is there now."""
    try:
        return deed()
    except Conflict as met:
        now_at = met.values.get("version")
        return problems.answer(409, met.code, headers={"ETag": f'"{now_at}"'} if now_at is not None else None)


def as_uuid(text: str | None) -> uuid.UUID | None:
    """An id of a page; None for none."""
    return uuid.UUID(text) if text is not None else None
