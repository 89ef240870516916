"""What can be said about a listing in one word: it pauses, it meets again, all is still right, it is back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import marshmallow as ma
from flask import Response

from finder.accounts.permissions import Action, may
from finder.api import openapi
from finder.api.blueprint import api, services
from finder.api.listings import asked, described, shapes
from finder.api.listings.texts import answer
from finder.api.tokens import WRITE_LISTINGS, needs, signed
from finder.catalog.listing_schema import DATED_FIELDS
from finder.errors import Conflict, Invalid, Problem
from finder.fields import Code, Codes, Day
from finder.listings import by_program, checks, looked_after, pauses
from finder.listings.changes import Listing
from finder.listings.in_reach import target_of

Deed = Callable[[Any, Listing], Listing]


class _Pause(ma.Schema):
    back_on = Day(required=True)


class _Check(ma.Schema):
    method = Code(shapes.METHODS)
    fields_ = Codes(DATED_FIELDS, len(DATED_FIELDS), data_key="fields")


@api.route("/listings/<key>/pause", methods=["POST"], tags=["listings"], parameters=described.PATH)
@api.doc(operationId="pauseListing", parameters=[described.VERSION_HEADER], security=openapi.token_for(WRITE_LISTINGS),
         requestBody=openapi.body("ListingPause", shapes.PAUSE_EXAMPLE),
         responses=described.outcome("It is shown as not meeting for now.", *described.BODY_PROBLEMS,
                                     applied=["status"], waiting=[]))
@needs(WRITE_LISTINGS)
def pause_listing(key: str) -> Response:
    """Say that a group does not meet until a day, on which its listing is back by itself"""
    said = _said(_Pause())
    back_on = date.fromisoformat(said["back_on"])
    return _done(key, lambda session, there: pauses.pause(
        session, there.id, back_on=back_on, base=asked.version(), author=asked.author(), now=services().now()))


@api.route("/listings/<key>/resume", methods=["POST"], tags=["listings"], parameters=described.PATH)
@api.doc(operationId="resumeListing", parameters=[described.VERSION_HEADER], security=openapi.token_for(WRITE_LISTINGS),
         responses=described.outcome("It is shown as before the pause.", applied=["status"], waiting=[]))
@needs(WRITE_LISTINGS)
def resume_listing(key: str) -> Response:
    """Say that a paused group meets again"""
    asked.query(asked.Nothing())
    return _done(key, _resume)


def _resume(session: Any, there: Listing) -> Listing:
    if there.document.get("status") != "paused" and there.version == asked.version():
        raise Conflict("not_paused")
    return looked_after.meet_again(session, there.id, base=asked.version(), author=asked.author(), now=services().now())


@api.route("/listings/<key>/verify", methods=["POST"], tags=["listings"], parameters=described.PATH)
@api.doc(operationId="verifyListing", parameters=[described.VERSION_HEADER], security=openapi.token_for(WRITE_LISTINGS),
         requestBody=openapi.body("ListingCheck", shapes.CHECK_EXAMPLE),
         responses=described.outcome("The day of the check is written down.", *described.BODY_PROBLEMS,
                                     applied=["capacity", "verified"], waiting=[]))
@needs(WRITE_LISTINGS)
def verify_listing(key: str) -> Response:
    """Say that somebody looked and all is still right"""
    said = _said(_Check())
    return _done(key, lambda session, there: _check(session, there, said.get("method", shapes.OWN_WORD),
                                                    said.get("fields_")))


def _check(session: Any, there: Listing, method: str, fields: list[str] | None) -> Listing:
    """A check by the listing's own people, or by a steward in one of the ways that stewards have."""
    base, author, now = asked.version(), asked.author(), services().now()
    if method == shapes.OWN_WORD:
        if fields is not None:
            raise Invalid({"fields": [Problem("unknown_key")]})
        return looked_after.still_right(session, there.id, base=base, author=author, now=now)
    if not may(signed().actor, Action.VERIFY_LISTING, target_of(there)):
        raise Invalid({"method": [Problem("not_a_code", value=method)]})
    return checks.record(session, there.id, base=base, method=method, author=author, now=now,
                         fields=checks.stated(there.document) if fields is None else fields)


@api.route("/listings/<key>/undelete", methods=["POST"], tags=["listings"], parameters=described.PATH)
@api.doc(operationId="undeleteListing", parameters=[described.VERSION_HEADER],
         security=openapi.token_for(WRITE_LISTINGS),
         responses=described.outcome("It is as it was.", applied=[], waiting=[]))
@needs(WRITE_LISTINGS)
def undelete_listing(key: str) -> Response:
    """Bring back a listing that was taken down"""
    asked.query(asked.Nothing())
    return _done(key, lambda session, there: looked_after.bring_back(
        session, there.id, base=asked.version(), author=asked.author(), now=services().now()), Action.DELETE_LISTING)


def _said(schema: ma.Schema) -> dict[str, Any]:
    """The body, when the rest of the request is in order."""
    asked.query(asked.Nothing())
    asked.version()
    return asked.loaded(schema, asked.body())


def _done(key: str, deed: Deed, action: Action = Action.EDIT_LISTING) -> Response:
    def done() -> Response:
        with services().database.transaction() as session:
            there = asked.own(session, key, action)
            after = deed(session, there)
            return answer(by_program.told(session, there, after, asked.teller_for(target_of(there))))
    asked.version()
    return asked.answered(done)
