"""Referrals of a team for its own programs: listed, made, read and moved on, and as FHIR. By bearer token only.

A list tells where referrals stand and nothing of the person; reading one is noted in its history, unless the token is
its owner's. What is another team's, deleted or never was answers alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import marshmallow as ma
import orjson
from flask import Response, current_app, request

from finder.accounts.permissions import Action, Target, require
from finder.api import openapi, problems
from finder.api import referral_shapes as shapes
from finder.api.blueprint import api, arguments, json_answer, json_body, services
from finder.api.tokens import READ, WRITE, needs, signed, turned_away
from finder.errors import Conflict, Invalid, NotFound, Problem, Unversioned
from finder.exchange import fhir_referral
from finder.fields import Code, Codes, Day, Text, Whole, flatten, refuse
from finder.referrals import creating, draft, exporting, moving, pace, reading
from finder.referrals.keys import Keys
from finder.referrals.models import CLOSED, OPEN, Referral
from finder.referrals.moving import DECLINE_REASONS, MOST_WEEKS, QUESTIONS, By
from finder.referrals.states import Move, Who

MOST_BYTES = 64 * 1024
_ONCE = re.compile(r"[!-~]{1,64}")
_VERSION = re.compile(r'"?([0-9]{1,9})"?')
_ONCE_HEADER = openapi.header("Idempotency-Key", "Your own key for this one referral, as a UUID: sent again, it gives "
                              "the same referral and makes none.", "^[!-~]{1,64}$", "5f0e9d0c-referral-1")
_VERSION_HEADER = openapi.header("If-Match", "The task's `version` as you read it.", '^"?[0-9]{1,9}"?$', '"2"')


class _Count(Whole):
    """A whole number in a query, where all is text."""

    def read(self, value: Any) -> int:
        if not (value.isascii() and value.isdigit() and len(value) <= 9):
            raise refuse("not_a_number")
        return super().read(int(value))


class _Listing(ma.Schema):
    state = Code((OPEN, CLOSED))
    after = Text(22, 22, pattern=re.compile(shapes.KEY), code="not_an_id")
    limit = _Count(1, shapes.MOST_LISTED)


class _Words(ma.Schema):
    words = Code(("0", "1"))


class _Needs(ma.Schema):
    needs = Code(("0", "1"))


class _Nothing(ma.Schema):
    """No parameter at all."""


class _Move(ma.Schema):
    move = Code(shapes.MOVES, required=True)
    first_on = Day()
    weeks = Whole(0, MOST_WEEKS)
    reason = Code(DECLINE_REASONS)
    asked = Codes(QUESTIONS, len(QUESTIONS))
    note = Text(moving.LONGEST_NOTE, lines=True)


@api.route("/referrals", methods=["GET"], tags=["referrals"])
@api.doc(operationId="listReferrals", parameters=openapi.referral_parameters(), security=openapi.token_for(READ),
         responses=openapi.answers("ReferralList", "One page, what changed last first.", 401, 403, 422, 503,
                                   example=shapes.LIST_EXAMPLE))
@needs(READ)
def list_referrals() -> Response:
    """List your team's referrals: where each stands, and nothing of the person"""
    asked = _query(_Listing())
    most = asked.get("limit", shapes.MOST_LISTED)
    with services().database.reading() as session:
        found = reading.of_team(session, _team(), state=asked.get("state"), after=asked.get("after"), most=most + 1)
    page = found[:most]
    return json_answer({"referrals": [shapes.in_list(one) for one in page],
                        "next": page[-1].key if len(found) > most else None})


@api.route("/referrals", methods=["POST"], tags=["referrals"])
@api.doc(operationId="makeReferral", parameters=[_ONCE_HEADER], security=openapi.token_for(WRITE),
         requestBody=openapi.body("ReferralDraft", shapes.DRAFT_EXAMPLE),
         responses=openapi.making("ReferralAnswer", shapes.WHOLE_EXAMPLE, 400, 401, 403, 409, 413, 415, 422, 429, 503))
@needs(WRITE)
def make_referral() -> Response:
    """Make a referral and ask its first program; the same Idempotency-Key gives the same referral"""
    _query(_Nothing())
    once, held = _once(), services()
    now = held.now()
    wanted = draft.load(_object(json_body(MOST_BYTES)), today=now.date())
    try:
        with held.database.transaction() as session:
            made = creating.create(session, _team(), wanted, by=_by(), once=once, keys=_keys(), now=now)
            if made.is_new:
                pace.take_turn(session, made.referral.team_id, now)
            elif READ in signed().scopes:
                reading.looked(session, made.referral, _by(), now=now, how="api")
            document = {**_answer(session, made.referral), "short_code": made.short_code}
    except Conflict as met:
        return problems.answer(409, met.code)
    response = json_answer(document)
    if made.is_new:
        response.status_code = 201
        response.headers["Location"] = f"/api/v1/referrals/{made.referral.key}"
    return response


@api.route("/referrals/<key>", methods=["GET"], tags=["referrals"], parameters=openapi.referral_path())
@api.doc(operationId="readReferral", parameters=[openapi.words()], security=openapi.token_for(READ),
         responses=openapi.answers("Referral", "The referral.", 401, 403, 404, 422, 503,
                                   example=shapes.WHOLE_EXAMPLE))
@needs(READ)
def read_referral(key: str) -> Response:
    """Read one referral: its tasks, what you may do to each, and what happened"""
    words = _query(_Words()).get("words") == "1"
    return _read(key, lambda session, found: json_answer(_document(session, found, _keys() if words else None)))


@api.route("/referrals/<key>/fhir", methods=["GET"], tags=["referrals"], parameters=openapi.referral_path())
@api.doc(operationId="readReferralAsFhir", parameters=[openapi.with_needs()], security=openapi.token_for(READ),
         responses=openapi.answers("FhirReferrals", "A Bundle of FHIR R4.", 401, 403, 404, 422, 503,
                                   mimetype=fhir_referral.MIMETYPE, example=shapes.FHIR_EXAMPLE))
@needs(READ)
def read_referral_as_fhir(key: str) -> Response:
    """Read one referral as FHIR R4: a ServiceRequest, and a Task for each program"""
    keys = _keys() if _query(_Needs()).get("needs") == "1" else None
    return _read(key, lambda session, found: _fhir(session, found, keys))


@api.route("/referrals/<key>/tasks/<task>/moves", methods=["POST"], tags=["referrals"],
           parameters=openapi.referral_path("task"))
@api.doc(operationId="moveReferral", parameters=[_VERSION_HEADER], security=openapi.token_for(WRITE),
         requestBody=openapi.body("ReferralMove", shapes.MOVE_EXAMPLE),
         responses=openapi.answers("ReferralAnswer", "The referral as it stands now.", 400, 401, 403, 404, 409,
                                   413, 415, 422, 428, 429, 503, example=shapes.WHOLE_EXAMPLE))
@needs(WRITE)
def move_referral(key: str, task: str) -> Response:
    """Say what became of one program: withdraw, attend, or what it told you on the telephone"""
    _query(_Nothing())
    held, version, said = services(), _version(), _move()
    try:
        with held.database.transaction() as session:
            referral, moved = _own(session, key, Action.REFER), moving.find(session, task)
            if moved.referral_key != referral.key:
                raise NotFound
            moving.move(session, moved, by=_by(), now=held.now(), version=version, **said)
            document = _answer(session, referral)
    except Conflict as met:
        return problems.answer(409, met.code)
    return json_answer(document)


def _read(key: str, answer: Callable[[Any, Referral], Response]) -> Response:
    """One referral, noted first where it is a colleague's."""
    held = services()
    with held.database.reading() as session:
        is_own = _own(session, key, Action.SEE_REFERRAL).owner_id == signed().actor.account_id
    if not is_own:
        with held.database.transaction() as session:
            reading.looked(session, _own(session, key, Action.SEE_REFERRAL), _by(), now=held.now(), how="api")
    with held.database.reading() as session:
        return answer(session, _own(session, key, Action.SEE_REFERRAL))


def _own(session: Any, key: str, action: Action) -> Referral:
    """The team's referral of a key. Raises NotFound, also for another team's."""
    with turned_away():
        found = reading.find(session, key)
        require(signed().actor, action, Target(team=found.team_id))
    return found


def _team() -> Any:
    found = signed().actor.team
    if found is None:
        raise NotFound
    return found


def _by() -> By:
    actor = signed().actor
    return By(Who.SENDER, actor.author, actor.account_id)


def _keys() -> Keys:
    held: Keys = current_app.extensions["finder_referrals"]
    return held


def _answer(session: Any, referral: Referral) -> dict[str, Any]:
    """What a deed is answered with: the whole to a token that may read, else where it stands."""
    if READ in signed().scopes:
        return _document(session, referral)
    return shapes.stand(exporting.whole(session, [referral])[0])


def _document(session: Any, referral: Referral, keys: Keys | None = None) -> dict[str, Any]:
    return shapes.whole(exporting.whole(session, [referral])[0], reading.history(session, referral.key), keys)


def _fhir(session: Any, referral: Referral, keys: Keys | None) -> Response:
    held = services()
    site = (held.settings.base_url or request.host_url).rstrip("/")
    found = fhir_referral.bundle(exporting.whole(session, [referral], keys=keys), site=site, now=held.now())
    response = Response(orjson.dumps(found), mimetype=fhir_referral.MIMETYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


# -- what was sent ---------------------------------------------------------------------------------------------------


def _query(schema: ma.Schema) -> dict[str, Any]:
    given = arguments()
    twice = {name: [Problem("repeated")] for name, values in given.items() if len(values) > 1}
    if twice:
        raise Invalid(twice)
    return _loaded(schema, {name: values[0] for name, values in given.items()})


def _loaded(schema: ma.Schema, document: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found: dict[str, Any] = schema.load(document)
    except ma.ValidationError as wrong:
        raise Invalid(flatten(wrong.messages)) from None
    return found


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise Invalid({"": [Problem("wrong_type", expected="object")]})
    return body


def _move() -> dict[str, Any]:
    """The move that was sent, as `moving.move` takes it; its words sealed."""
    said = _loaded(_Move(), _object(json_body(MOST_BYTES)))
    first, note = said.get("first_on"), said.get("note")
    return {"what": Move(said["move"]), "first_on": date.fromisoformat(first) if first else None,
            "weeks": said.get("weeks"), "reason": said.get("reason"), "asked": said.get("asked", ()),
            "note": _keys().hidden(moving.checked_note(note)) if note else None}


def _once() -> str:
    sent = request.headers.get("Idempotency-Key", "")
    if not _ONCE.fullmatch(sent):
        raise Invalid({"Idempotency-Key": [Problem("required") if not sent else Problem("invalid")]})
    return sent


def _version() -> int:
    """The version of the task that the sender had read. Raises Unversioned."""
    found = _VERSION.fullmatch(request.headers.get("If-Match", "").strip())
    if found is None:
        raise Unversioned
    return int(found[1])
