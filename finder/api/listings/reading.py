"""The listings that a token's account may edit, whatever their state: a page of them, and one whole. By token only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import marshmallow as ma
from flask import Response

from finder.api import openapi
from finder.api.blueprint import api, json_answer, services
from finder.api.listings import asked, described, shapes
from finder.api.tokens import READ_LISTINGS, needs, signed
from finder.fields import Code, Text, Whole, refuse
from finder.listings import by_program, in_reach, pauses
from finder.listings.changes import Listing


class _Count(Whole):
    """A whole number in an address, where all is text."""

    def read(self, value: Any) -> int:
        if not (value.isascii() and value.isdigit() and len(value) <= 9):
            raise refuse("not_a_number")
        return super().read(int(value))


class _Listed(ma.Schema):
    state = Code(shapes.STATES)
    after = Text(36, 36, pattern=re.compile(shapes.UUID), code="not_an_id")
    limit = _Count(1, shapes.MOST_LISTED)


@api.route("/listings", methods=["GET"], tags=["listings"])
@api.doc(operationId="listKeptListings", parameters=described.LIST_PARAMETERS,
         security=openapi.token_for(READ_LISTINGS),
         responses=openapi.answers("KeptListings", "One page, by id.", 401, 403, 422, 503,
                                   example=shapes.LIST_EXAMPLE))
@needs(READ_LISTINGS)
def list_kept_listings() -> Response:
    """List the listings that you may edit: state, version, and what waits for a steward"""
    wanted = asked.query(_Listed())
    most = wanted.get("limit", shapes.USUAL)
    with services().database.reading() as session:
        found = in_reach.page(session, signed().actor, after=asked.as_uuid(wanted.get("after")),
                              state=wanted.get("state"), most=most + 1)
        page = _standings(session, found[:most])
    return json_answer({"listings": page, "next": page[-1]["id"] if len(found) > most else None})


@api.route("/listings/<key>", methods=["GET"], tags=["listings"], parameters=described.PATH)
@api.doc(operationId="readKeptListing", security=openapi.token_for(READ_LISTINGS),
         responses=described.answers("KeptListing", "The listing; its version is the ETag.", 401, 403, 404, 422,
                                     503, example=shapes.WHOLE_EXAMPLE))
@needs(READ_LISTINGS)
def read_kept_listing(key: str) -> Response:
    """Read one listing that you may edit, as it is kept: also what visitors are not shown"""
    asked.query(asked.Nothing())
    with services().database.reading() as session:
        there = asked.own(session, key)
        (standing,) = _standings(session, [there])
    response = json_answer({**standing, "listing": there.document})
    response.headers["ETag"] = f'"{there.version}"'
    return response


def _standings(session: Any, listings: Sequence[Listing]) -> list[dict[str, Any]]:
    waiting = by_program.waiting(session, [one.id for one in listings], signed().actor.account_id)
    return [shapes.standing(one, waiting, pauses.back_on(session, one.id)
                            if one.document.get("status") == "paused" else None) for one in listings]
