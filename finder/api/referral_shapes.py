"""The shapes of referrals in the JSON API: the schemas and examples of their description, and the documents themselves.

Schemas are written from the lists that check requests. Instants are UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from finder.api.schemas import Schema, ref
from finder.referrals import draft, moving, owners
from finder.referrals.exporting import PART_2, Asked, Whole
from finder.referrals.keys import Keys
from finder.referrals.models import CLOSED, OPEN, Referral, ReferralEvent
from finder.referrals.states import TABLE, State, Who, allowed

MOVES = tuple(map(str, TABLE[Who.SENDER]))
MOST_LISTED = 100
KEY = "^[A-Za-z0-9_-]{22}$"

_TEXT: Schema = {"type": "string"}
_KEY: Schema = {"type": "string", "pattern": KEY}
_UUID: Schema = {"type": "string", "format": "uuid"}
_DAY: Schema = {"type": "string", "format": "date"}
_INSTANT: Schema = {"type": "string", "format": "date-time"}
_FLAG: Schema = {"type": "boolean"}
_LEVEL: Schema = {"type": ["integer", "null"], "minimum": 0, "maximum": 4}


def _maybe(schema: Schema) -> Schema:
    return {"oneOf": [{"type": "null"}, schema]}


def _codes(codes: Iterable[str], **more: Any) -> Schema:
    return {"type": "array", "items": {"type": "string", "enum": sorted(codes)}, "uniqueItems": True, **more}


def _object(properties: Mapping[str, Schema], *optional: str, **more: Any) -> Schema:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False,
            "required": [name for name in properties if name not in optional], **more}


def _code(codes: Iterable[str]) -> Schema:
    return {"type": "string", "enum": sorted(codes)}


def _text(longest: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": longest}


_CONSENT = _object({
    "what": _codes(draft.WHAT), "purpose": _code(draft.PURPOSES), "way": _code(draft.WAYS), "given_on": _DAY,
    "until": _DAY, "substance": _FLAG, "confirmed": {"const": True},
}, "substance", description="What the person agreed to be told, to each program named. `substance` is needed where "
                            "anything shows care for substance use (42 CFR part 2).")
_HAND_OFF = _object({
    "way": _code(draft.HAND_OFF_WAYS), "time": _text(100), "voicemail": _code(draft.VOICEMAIL),
    "interpreter": {"type": "string", "pattern": "^[a-z]{2,3}$"}, "note": _text(draft.NOTE_LENGTH),
}, "way", "time", "voicemail", "interpreter", "note")
_DRAFT = _object({
    "code": {**_text(14), "description": "What your team calls the person by, as K7-41: letters and digits, no name, "
                                         "no date and no number of a register."},
    "programs": {"type": "array", "items": _UUID, "minItems": 1, "maxItems": draft.MOST_PROGRAMS, "uniqueItems": True,
                 "description": "Asked in this order, the next after a no or no answer."},
    "shortlist": {"type": "array", "items": _UUID, "maxItems": draft.MOST_SHORTLIST},
    "needs": _codes(draft.FOCUS, maxItems=3),
    "suggested": {**_LEVEL, "description": "The level of care that totals suggest; no totals are kept."},
    "sources": _codes(draft.SOURCES), "level": _LEVEL,
    "override": _object({"reason": _code(draft.OVERRIDES), "note": _text(draft.REASON_LENGTH)}, "note"),
    "asks_next": {**_FLAG, "default": True}, "consent": ref("ReferralConsent"), "hand_off": ref("ReferralHandOff"),
    "identity": _object({"name": _text(120), "phone": _text(60), "email": _text(254)}, "name", "phone", "email",
                        description="Only with a consent that covers `identity`; told after a yes."),
}, "shortlist", "needs", "suggested", "sources", "level", "override", "asks_next", "hand_off", "identity")
_MOVE = _object({
    "move": _code(MOVES), "first_on": {**_DAY, "description": "With accept: the first date."},
    "weeks": {"type": "integer", "minimum": 0, "maximum": moving.MOST_WEEKS, "description": "With wait."},
    "reason": {**_code(moving.DECLINE_REASONS), "description": "Needed with decline."},
    "asked": {**_codes(moving.QUESTIONS), "description": "Needed with ask: what the program wants to know."},
    "note": _text(moving.LONGEST_NOTE),
}, "first_on", "weeks", "reason", "asked", "note",
    description="What happened, also what a program said on the telephone.")
_TASK = _object({
    "id": _KEY, "program": _UUID, "name": _TEXT, "organization": {"type": ["string", "null"]},
    "position": {"type": "integer", "minimum": 0}, "way": _code(("mail", "phone")), "state": _code(map(str, State)),
    "version": {"type": "integer", "minimum": 1, "description": "For If-Match."},
    "sent_at": _maybe(_INSTANT), "seen_at": _maybe(_INSTANT), "answered_at": _maybe(_INSTANT),
    "ended_at": _maybe(_INSTANT), "first_on": _maybe(_DAY), "wait_weeks": {"type": ["integer", "null"]},
    "reason": {"type": ["string", "null"]}, "asked": _codes(moving.QUESTIONS), "consent_until": _maybe(_DAY),
    "moves": {**_codes(MOVES), "description": "What you may do now."},
    "note": {"type": ["string", "null"], "description": "The last words of either side; with words=1 only."},
}, "note")
_EVENT = _object({
    "at": _INSTANT, "task": _maybe(_KEY), "by": {**_TEXT, "description": "Which side, never who."}, "kind": _TEXT,
    "before": {"type": ["string", "null"]}, "after": {"type": ["string", "null"]},
    "facts": {"type": "object", "description": "Codes, dates and numbers."},
})
_IN_LIST = {"id": _KEY, "state": _code((OPEN, CLOSED)), "outcome": {"type": ["string", "null"]}, "made_at": _INSTANT,
            "changed_at": _INSTANT, "closed_at": _maybe(_INSTANT)}
_WHOLE = _object({
    **_IN_LIST, "code": _TEXT, "suggested": _LEVEL, "level": _LEVEL,
    "override": {"type": ["string", "null"]}, "substance": _FLAG, "asks_next": _FLAG,
    "shortlist": {"type": "array", "items": _UUID}, "tasks": {"type": "array", "items": ref("ReferralTask")},
    "history": {"type": "array", "items": ref("ReferralEvent")},
    "notice": {"type": ["string", "null"], "description": "42 CFR 2.32, where `substance` is true."},
    "needs": {**_codes(draft.FOCUS), "description": "With words=1 only."},
    "sources": {**_codes(draft.SOURCES), "description": "With words=1 only."},
    "hand_off": {"type": "object", "description": "How the person may be met; with words=1 only."},
    "override_note": {"type": ["string", "null"], "description": "With words=1 only."},
    "short_code": {"type": ["string", "null"],
                   "description": "For the person. In the answer that makes a referral, the first time only."},
}, "needs", "sources", "hand_off", "override_note", "short_code")

# What a token that may not read is told, of what it just made or moved.
_STAND = _object({
    "id": _KEY, "state": _code((OPEN, CLOSED)), "short_code": _WHOLE["properties"]["short_code"],
    "tasks": {"type": "array", "items": _object({
        "id": _KEY, "state": _code(map(str, State)), "version": {"type": "integer"}, "moves": _codes(MOVES)})},
}, "short_code")

SCHEMAS: dict[str, Schema] = {
    "ReferralAnswer": {"oneOf": [ref("Referral"), ref("ReferralStand")],
                       "description": "All of it with `referrals.read`, else only where it stands."},
    "ReferralStand": _STAND, "Referral": _WHOLE, "ReferralTask": _TASK, "ReferralEvent": _EVENT,
    "ReferralDraft": _DRAFT, "ReferralConsent": _CONSENT, "ReferralHandOff": _HAND_OFF, "ReferralMove": _MOVE,
    "ReferralList": _object({"referrals": {"type": "array", "items": _object(_IN_LIST)}, "next": _maybe(_KEY)}),
    "FhirReferrals": {"type": "object", "required": ["resourceType", "type"],
                   "properties": {"resourceType": {"const": "Bundle"}, "type": {"const": "collection"}},
                   "description": "FHIR R4: a ServiceRequest and a Task for each program."},
}

_PROGRAM, _ID = "6a1f0c9e-7a40-4c52-9df3-0a4f2d6cf001", "q3mX0b1cR9e2Zt7uVw4y5A"
DRAFT_EXAMPLE: dict[str, Any] = {
    "code": "K7-41", "programs": [_PROGRAM], "needs": ["grief"], "suggested": 1, "sources": ["phq9"], "level": 2,
    "override": {"reason": "judgment"}, "hand_off": {"way": "call", "time": "after 5 pm", "voicemail": "no"},
    "consent": {"what": ["needs", "level", "reach"], "purpose": "join", "way": "written", "given_on": "2026-11-24",
                "until": "2027-02-22", "confirmed": True},
}
MOVE_EXAMPLE: dict[str, Any] = {"move": "accept", "first_on": "2026-12-01"}
_AT = "2026-11-24T12:00:00+00:00"
_IN_LIST_EXAMPLE: dict[str, Any] = {"id": _ID, "state": OPEN, "outcome": None, "made_at": _AT, "changed_at": _AT,
                                    "closed_at": None}
WHOLE_EXAMPLE: dict[str, Any] = {
    **_IN_LIST_EXAMPLE, "code": "K7-41", "suggested": 1, "level": 2, "override": "judgment",
    "substance": False, "asks_next": True, "shortlist": [], "notice": None,
    "tasks": [{"id": "Hn2Jc8sKq0PwLr5TgYvB3Q", "program": _PROGRAM, "name": "River Circle", "organization": None,
               "position": 0, "way": "mail", "state": "sent", "version": 2, "sent_at": _AT, "seen_at": None,
               "answered_at": None, "ended_at": None, "first_on": None, "wait_weeks": None, "reason": None,
               "asked": [], "consent_until": "2027-02-22",
               "moves": ["accept", "ask", "attend", "decline", "receive", "wait", "withdraw"]}],
    "history": [{"at": _AT, "task": None, "by": "provider", "kind": "created", "before": None, "after": None,
                 "facts": {}}],
}
LIST_EXAMPLE: dict[str, Any] = {"referrals": [_IN_LIST_EXAMPLE], "next": None}
FHIR_EXAMPLE: dict[str, Any] = {"resourceType": "Bundle", "type": "collection"}


def in_list(referral: Referral) -> dict[str, Any]:
    """A referral as a list tells of it: where it stands, and nothing of the person."""
    return {"id": referral.key, "state": referral.state, "outcome": referral.outcome,
            "made_at": _instant(referral.made_at), "changed_at": _instant(referral.changed_at),
            "closed_at": _instant(referral.closed_at)}


def whole(one: Whole, history: Iterable[ReferralEvent], keys: Keys | None = None) -> dict[str, Any]:
    """A referral with its tasks and what happened; with `keys` also the words that are kept sealed, but never who the
    person is."""
    referral = one.referral
    found = {
        **in_list(referral), "code": referral.code, "suggested": referral.suggested,
        "level": referral.level, "override": referral.override, "substance": referral.substance,
        "asks_next": referral.asks_next, "shortlist": referral.shortlist,
        "tasks": [_task(asked, keys) for asked in one.asked], "history": [_event(each) for each in history],
        "notice": PART_2 if referral.substance else None,
    }
    if keys is not None:
        about = keys.opened(referral.about) or {}
        found |= {"needs": about.get("needs") or [], "sources": about.get("sources") or [],
                  "hand_off": about.get("hand_off") or {}, "override_note": about.get("override")}
    return found


def stand(one: Whole) -> dict[str, Any]:
    """Where a referral stands and what can be done, for who may not read it."""
    return {"id": one.referral.key, "state": one.referral.state, "tasks": [
        {name: told[name] for name in ("id", "state", "version", "moves")}
        for told in (_task(asked, None) for asked in one.asked)]}


def _task(asked: Asked, keys: Keys | None) -> dict[str, Any]:
    task = asked.task
    found = {
        "id": task.key, "program": str(task.program_id), "name": asked.program, "organization": asked.organization,
        "position": task.position, "way": task.way, "state": task.state, "version": task.version,
        "sent_at": _instant(task.sent_at), "seen_at": _instant(task.seen_at),
        "answered_at": _instant(task.answered_at), "ended_at": _instant(task.ended_at), "first_on": _day(task.first_on),
        "wait_weeks": task.wait_weeks, "reason": task.reason, "asked": task.asked,
        "consent_until": _day(asked.consent.until) if asked.consent and asked.consent.ended_at is None else None,
        "moves": sorted(map(str, allowed(State(task.state), Who.SENDER))),
    }
    return found if keys is None else {**found, "note": keys.opened(task.note)}


def _event(one: ReferralEvent) -> dict[str, Any]:
    return {"at": _instant(one.at), "task": one.task_key, "by": one.who.partition(":")[0], "kind": one.kind,
            "before": one.before, "after": one.after,
            "facts": {} if one.kind == owners.CHANGED else one.facts}  # of that line they are numbers of accounts


def _instant(naive: datetime | None) -> str | None:
    return naive.replace(tzinfo=UTC).isoformat() if naive is not None else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
