"""Saying what a listing says: whole, in part, or taking it down. What leads people to a stranger waits for a steward,
as at the desk, and the answer says field by field what is shown now and what waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response

from finder.accounts.permissions import Action
from finder.api import openapi
from finder.api.blueprint import api, json_answer, services
from finder.api.listings import asked, described, shapes
from finder.api.tokens import READ_LISTINGS, WRITE_LISTINGS, needs, signed
from finder.errors import Conflict, Invalid, Problem
from finder.listings import by_program, changes
from finder.listings.by_program import FIXED, Told
from finder.listings.changes import Listing
from finder.listings.in_reach import target_of

_FIELDS = frozenset(shapes.SCHEMAS["ListingPatch"]["properties"])


def answer(found: Told) -> Response:
    """What became of it, with the version that is there now as the ETag."""
    response = json_answer(shapes.outcome(found, whole=READ_LISTINGS in signed().scopes))
    if found.listing is not None:
        response.headers["ETag"] = f'"{found.listing.version}"'
    return response


@api.route("/listings/<key>", methods=["PUT"], tags=["listings"], parameters=described.PATH)
@api.doc(operationId="writeListing", parameters=[described.VERSION_HEADER], security=openapi.token_for(WRITE_LISTINGS),
         requestBody=openapi.body("ListingText", shapes.TEXT_EXAMPLE),
         responses=described.outcome("What is shown now and what waits.", *described.BODY_PROBLEMS))
@needs(WRITE_LISTINGS)
def write_listing(key: str) -> Response:
    """Say all that a listing says; saying the same again changes nothing"""
    asked.query(asked.Nothing())
    base, text = asked.version(), asked.body()
    return asked.answered(lambda: _change(key, base, lambda there: text))


@api.route("/listings/<key>", methods=["PATCH"], tags=["listings"], parameters=described.PATH)
@api.doc(operationId="patchListing", parameters=[described.VERSION_HEADER], security=openapi.token_for(WRITE_LISTINGS),
         requestBody=described.patch(),
         responses=described.outcome("What is shown now and what waits.", *described.BODY_PROBLEMS))
@needs(WRITE_LISTINGS)
def patch_listing(key: str) -> Response:
    """Change some fields of a listing (JSON merge patch); a word on free places without a day is of today"""
    asked.query(asked.Nothing())
    base, patch = asked.version(), asked.body(patch=True)
    return asked.answered(lambda: _change(key, base, lambda there: _patched(there, patch)))


@api.route("/listings/<key>", methods=["DELETE"], tags=["listings"], parameters=described.PATH)
@api.doc(operationId="deleteListing", parameters=[described.VERSION_HEADER], security=openapi.token_for(WRITE_LISTINGS),
         responses=described.outcome("It is taken down; `undelete` brings it back at any time.", state="deleted",
                                     applied=[]))
@needs(WRITE_LISTINGS)
def delete_listing(key: str) -> Response:
    """Take a listing down: no visitor sees it and no import brings it back"""
    asked.query(asked.Nothing())
    base = asked.version()
    return asked.answered(lambda: _delete(key, base))


def _change(key: str, base: int, text: Callable[[Listing], Mapping[str, Any]]) -> Response:
    with services().database.transaction() as session:
        there = asked.own(session, key)
        if there.version != base:
            raise Conflict("stale", version=there.version)
        return answer(by_program.change(session, there, text(there), base, asked.teller_for(target_of(there))))


def _delete(key: str, base: int) -> Response:
    held = services()
    with held.database.transaction() as session:
        there = asked.own(session, key, Action.DELETE_LISTING)
        after = changes.delete(session, there.id, base=base, author=asked.author(), now=held.now())
        return answer(by_program.told(session, there, after, asked.teller_for(target_of(there))))


def _patched(there: Listing, patch: Mapping[str, Any]) -> dict[str, Any]:
    """A listing's text with a patch laid over it. Raises Invalid for fields that a patch cannot name."""
    wrong = {name: [Problem("kept_elsewhere" if name in (*FIXED, "format") else "unknown_key")]
             for name in patch if name not in _FIELDS}
    if wrong:
        raise Invalid(wrong, "listing")
    found = merged(there.document, patch)
    if "x" in patch:
        found.setdefault("x", {})  # taken away, and not merely left out
    room = patch.get("capacity")
    if isinstance(room, dict) and room and "as_of" not in room and isinstance(found["capacity"], dict):
        found["capacity"]["as_of"] = services().now().date().isoformat()
    return {name: one for name, one in found.items() if name not in FIXED}


def merged(target: Any, patch: Any) -> Any:
    """A value with a patch applied to it (RFC 7396, 2)."""
    if not isinstance(patch, dict):
        return patch
    found = dict(target) if isinstance(target, dict) else {}
    for name, one in patch.items():
        if one is None:
            found.pop(name, None)
        else:
            found[name] = merged(found.get(name), one)
    return found
