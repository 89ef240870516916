"""Referrals as FHIR R4: a ServiceRequest for what is asked for a person, and a Task for every program asked to do it.

Base R4 only; no profile is claimed. Where a task stands, and why it is told so (http://hl7.org/fhir/task-status):

| here      | Task.status | because                                                                               |
|-----------|-------------|---------------------------------------------------------------------------------------|
| planned   | draft       | not yet ready to be acted upon: those before it are asked first                       |
| sent      | requested   | action is sought                                                                      |
| seen      | requested   | somebody opened the letter, nobody took it on                                         |
| received  | received    | they have it and are looking at it                                                    |
| asked     | on-hold     | paused until they know more; what they ask is in output                               |
| waiting   | accepted    | they will do it, later; the weeks are in output                                       |
| accepted  | accepted    | they will do it; the first date is in output                                          |
| declined  | rejected    | with the coded reason in statusReason                                                 |
| no_answer | failed      | it was tried and came to nothing                                                      |
| withdrawn | cancelled   | taken back by who sent it, or by the person                                           |
| skipped   | cancelled   | was planned and never asked                                                           |
| attended  | completed   | they went; output says so                                                             |
| missed    | completed   | the program did its part; output says that they did not go                            |

Our own state is always in businessStatus, so nothing of it is lost. A referral is active while open, completed when
the person went, else revoked. The person is a code of the team's (an identifier, no Patient resource, no name).

| what is lost in FHIR              | why                                                                           |
|-----------------------------------|-------------------------------------------------------------------------------|
| who the person is, how to be met  | never exported                                                                |
| the consent's own words and ways  | Task.restriction.period holds its days; there is no Consent resource yet      |
| the level that totals suggested   | orderDetail holds the level gone by; the CSV holds both and the reason        |
| notes of either side, the history | sealed words stay here; a Task knows its latest state only                    |
| reminders, the rest of a shortlist| nobody acts on them                                                           |
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from finder.referrals.exporting import PART_2, Asked, Whole
from finder.referrals.models import OPEN, Referral, ReferralTask
from finder.referrals.states import State

Resource = dict[str, Any]

MIMETYPE = "application/fhir+json"
_S = State
STATUS: Mapping[State, str] = {
    _S.PLANNED: "draft", _S.SENT: "requested", _S.SEEN: "requested", _S.RECEIVED: "received", _S.ASKED: "on-hold",
    _S.WAITING: "accepted", _S.ACCEPTED: "accepted", _S.DECLINED: "rejected", _S.NO_ANSWER: "failed",
    _S.WITHDRAWN: "cancelled", _S.SKIPPED: "cancelled", _S.ATTENDED: "completed", _S.MISSED: "completed",
}
# Lists of codes that are the same on every instance are named by tags (RFC 4151): there is nothing to fetch.
CODES = "tag:finder.example,2026:codes/"
NPI = "http://hl7.org/fhir/sid/us-npi"
_TASK_CODE = {"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}
_UCUM = "http://unitsofmeasure.org"
# No code of SNOMED CT here: its license is each operator's own affair.
_ASKED_FOR = {"text": "Referral to a support or therapy group"}
_LABELS = [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "42CFRPart2"}]


def bundle(referrals: Iterable[Whole], *, site: str, now: datetime) -> Resource:
    """A collection of every referral's ServiceRequest, each with its Tasks behind it.

    `site` ("https://finder.example") is what numbers of this instance are told apart by: client codes, referrals,
    programs. Ids are the referrals' own 128 bits as UUIDs. Source: FHIR R4 (4.0.1), ServiceRequest and Task.
    """
    entries, marked = [], False
    for one in referrals:
        marked = marked or one.referral.substance
        entries += [{"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
                    for resource in (_request(one, site), *(_task(one, asked, site) for asked in one.asked))]
    found: Resource = {"resourceType": "Bundle", "type": "collection", "timestamp": _instant(_naive(now))}
    if marked:
        found["meta"] = {"security": _LABELS}
    if entries:
        found["entry"] = entries
    return found


def _request(one: Whole, site: str) -> Resource:
    """What is asked for the person."""
    referral = one.referral
    first = max((asked.task.first_on for asked in one.asked if asked.task.first_on is not None), default=None)
    found: Resource = {
        "resourceType": "ServiceRequest", "id": _id(referral.key), **_marks(referral),
        "identifier": [{"system": f"{site}/referrals", "value": referral.key}],
        "status": _request_status(referral), "intent": "order", "category": [{"text": "Referral"}],
        "code": _ASKED_FOR, "subject": _subject(referral, site), "authoredOn": _instant(referral.made_at),
        "requester": _requester(one),
    }
    if referral.level is not None:
        found["orderDetail"] = [_coded("level-of-care", str(referral.level))]
    if first is not None:
        found["occurrenceDateTime"] = first.isoformat()
    if one.needs:
        found["reasonCode"] = [_coded("focus-areas", code) for code in one.needs]
    if referral.substance:
        found["note"] = [{"text": PART_2}]
    return found


def _request_status(referral: Referral) -> str:
    if referral.state == OPEN:
        return "active"
    return "completed" if referral.outcome == State.ATTENDED else "revoked"


def _task(one: Whole, asked: Asked, site: str) -> Resource:
    """What one program is asked to do, and how far it is."""
    task, state = asked.task, State(asked.task.state)
    authored = _authored(one.referral, asked)
    found: Resource = {
        "resourceType": "Task", "id": _id(task.key), **_marks(one.referral),
        "identifier": [{"system": f"{site}/referral-tasks", "value": task.key}],
        "status": STATUS[state], "businessStatus": _coded("task-states", state), "intent": "order",
        "code": {"coding": [_TASK_CODE]},
        "focus": {"reference": f"urn:uuid:{_id(one.referral.key)}", "type": "ServiceRequest"},
        "for": _subject(one.referral, site), "authoredOn": _instant(authored),
        "lastModified": _instant(max((authored, *_moments(task)))), "requester": _requester(one),
        "owner": {"type": "HealthcareService", "display": _owner(asked),
                  "identifier": {"system": f"{site}/programs", "value": str(task.program_id)}},
        "input": [{"type": {"text": "Place in the order of asking"}, "valuePositiveInt": task.position + 1}],
    }
    if state is State.DECLINED and task.reason:
        found["statusReason"] = _coded("decline-reasons", task.reason)
    if task.sent_at is not None:
        found["executionPeriod"] = _period(task.sent_at, task.ended_at)
    if asked.consent is not None:
        over = asked.consent.ended_at.date() if asked.consent.ended_at is not None else asked.consent.until
        found["restriction"] = {"period": {"start": asked.consent.given_on.isoformat(),
                                           "end": max(asked.consent.given_on, over).isoformat()}}
    output = _output(task, state)
    if output:
        found["output"] = output
    return found


def _output(task: ReferralTask, state: State) -> list[Resource]:
    """What the program said: questions, weeks on a waiting list, a first date; and whether the person went."""
    found: list[Resource] = [{"type": {"text": "Question of the program"},
                              "valueCodeableConcept": _coded("questions", code)} for code in task.asked or ()]
    if task.wait_weeks is not None:
        weeks = {"value": task.wait_weeks, "unit": "weeks", "system": _UCUM, "code": "wk"}
        found.append({"type": {"text": "Wait"}, "valueQuantity": weeks})
    if task.first_on is not None:
        found.append({"type": {"text": "First date"}, "valueDate": task.first_on.isoformat()})
    if state in (State.ATTENDED, State.MISSED):
        found.append({"type": {"text": "Attendance"}, "valueCodeableConcept": _coded("task-states", state)})
    return found


def _marks(referral: Referral) -> Resource:
    return {"meta": {"security": _LABELS}} if referral.substance else {}


def _subject(referral: Referral, site: str) -> Resource:
    return {"type": "Patient", "identifier": {"system": f"{site}/client-codes/{referral.team_id}",
                                              "value": referral.code}}


def _requester(one: Whole) -> Resource:
    number = {"identifier": {"system": NPI, "value": one.npi}} if one.npi else {}
    return {"type": "Organization", "display": one.team, **number}


def _owner(asked: Asked) -> str:
    return f"{asked.program}, {asked.organization}" if asked.organization else asked.program


def _coded(codes: str, code: str) -> Resource:
    return {"coding": [{"system": f"{CODES}{codes}", "code": code}]}


def _authored(referral: Referral, asked: Asked) -> datetime:
    """When it was asked for; one that was added later came with its consent."""
    made = asked.consent.recorded_at if asked.consent is not None else referral.made_at
    return min(made, asked.task.sent_at or made)


def _moments(task: ReferralTask) -> list[datetime]:
    return [one for one in (task.sent_at, task.seen_at, task.answered_at, task.ended_at) if one is not None]


def _period(start: datetime, end: datetime | None) -> Resource:
    return {"start": _instant(start)} | ({"end": _instant(max(start, end))} if end is not None else {})


def _id(key: str) -> str:
    """The 128 bits of a key as a UUID: an id of FHIR holds no underscore, and a key may."""
    return str(uuid.UUID(bytes=base64.urlsafe_b64decode(f"{key}==")))


def _instant(naive: datetime) -> str:
    return f"{naive.isoformat(timespec='seconds')}Z"


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)
