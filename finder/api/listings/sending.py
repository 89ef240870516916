"""New listings, which go where those of the form go: in the list on a steward's word, else to a steward; and what an
account has sent, with what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import marshmallow as ma
from flask import Response

from finder.accounts.permissions import Target
from finder.api import openapi, problems
from finder.api.blueprint import api, json_answer, services
from finder.api.listings import asked, described, shapes
from finder.api.listings.texts import answer
from finder.api.tokens import READ_LISTINGS, WRITE_LISTINGS, needs, signed
from finder.fields import Code
from finder.listings import by_program, changes, review
from finder.listings.by_program import Teller, Told
from finder.search import alike
from finder.search.alike import Alike


class _Sure(ma.Schema):
    sure = Code(("0", "1"))


@api.route("/listings", methods=["POST"], tags=["listings"])
@api.doc(operationId="sendListing", parameters=[described.ONCE_HEADER, described.SURE],
         security=openapi.token_for(WRITE_LISTINGS), requestBody=openapi.body("ListingNew", shapes.NEW_EXAMPLE),
         responses=described.sending())
@needs(WRITE_LISTINGS)
def send_listing() -> Response:
    """Send a new listing; it is shown when a steward has said yes"""
    sure = asked.query(_Sure()).get("sure") == "1"
    once, held = asked.once(), services()
    document = by_program.check_new(asked.body(), held.now())
    by = asked.teller_for(Target(states=changes.states_of(document)))
    return asked.answered(lambda: _send(document, once, by, sure))


def _send(document: Mapping[str, Any], once: str, by: Teller, sure: bool) -> Response:
    doubles = [] if sure else alike.find(services().snapshot(), document)
    with services().database.transaction() as session:
        found = by_program.made_before(session, document, once, by)
        if found is None and doubles:
            return _looks_alike(doubles)
        return _made(found or by_program.send_new(session, document, once, by))


def _made(found: Told) -> Response:
    response = answer(found)
    if found.is_new:
        response.status_code = 202 if found.listing is None else 201
        where = f"/{found.listing.id}" if found.listing is not None else f"/sent/{found.waiting[0].id}"
        response.headers["Location"] = f"/api/v1/listings{where}"
    return response


def _looks_alike(doubles: Sequence[Alike]) -> Response:
    """Says which listings look like the new one, by links to them."""
    links = ", ".join(f'</api/v1/programs/{one.id}>; rel="related"' for one in doubles)
    return problems.answer(409, "looks_alike", headers={"Link": links})


@api.route("/listings/sent", methods=["GET"], tags=["listings"])
@api.doc(operationId="listSentListings", security=openapi.token_for(READ_LISTINGS),
         responses=openapi.answers("ListingsSent", "All that waits, and what was decided within three months.", 401,
                                   403, 422, 503, example=shapes.SENT_LIST_EXAMPLE))
@needs(READ_LISTINGS)
def list_sent() -> Response:
    """List what you sent to the stewards and what became of it, the newest first"""
    asked.query(asked.Nothing())
    held = services()
    with held.database.reading() as session:
        found = by_program.sent(session, signed().actor.account_id, now=held.now())
    return json_answer({"sent": [shapes.sent(one) for one in found]})


@api.route("/listings/sent/<key>", methods=["GET"], tags=["listings"], parameters=described.SENT_PATH)
@api.doc(operationId="readSentListing", security=openapi.token_for(READ_LISTINGS),
         responses=openapi.answers("ListingSent", "Where it stands.", 401, 403, 404, 422, 503,
                                   example=shapes.SENT_EXAMPLE))
@needs(READ_LISTINGS)
def read_sent(key: str) -> Response:
    """Read what became of one thing you sent"""
    asked.query(asked.Nothing())
    with services().database.reading() as session:
        return json_answer(shapes.sent(by_program.find_sent(session, key, signed().actor.account_id)))


@api.route("/listings/sent/<key>", methods=["DELETE"], tags=["listings"], parameters=described.SENT_PATH)
@api.doc(operationId="takeBackListing", security=openapi.token_for(WRITE_LISTINGS),
         responses=openapi.answers("ListingSent", "It waits no more.", 401, 403, 404, 409, 422, 503,
                                   example={**shapes.SENT_EXAMPLE, "state": review.WITHDRAWN}))
@needs(WRITE_LISTINGS)
def take_back(key: str) -> Response:
    """Take back what waits for a steward"""
    asked.query(asked.Nothing())
    return asked.answered(lambda: _take_back(key))


def _take_back(key: str) -> Response:
    held, account = services(), signed().actor.account_id
    with held.database.transaction() as session:
        found = by_program.find_sent(session, key, account)
        review.withdraw(session, found.id, account_id=account, now=held.now())
        session.flush()
        return json_answer(shapes.sent(found))
