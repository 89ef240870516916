from __future__ import annotations

import copy
import json
import re
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finder.exchange import fhir_referral
from finder.referrals.exporting import PART_2, Asked, Whole
from finder.referrals.keys import new_key
from finder.referrals.models import CLOSED, OPEN, Consent, Referral, ReferralTask
from finder.referrals.moving import DECLINE_REASONS, QUESTIONS
from finder.referrals.states import State
from finder.wordings import consents as pages
from tests.exchange.fhir_judges import faults, judged

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
AT = NOW.replace(tzinfo=None)  # as the database keeps it
SITE = "https://finder.example"
TEAM = uuid.UUID("2f1a5c1e-30a5-4a5e-9f5a-0d6b1f6c3c11")
PROGRAM = uuid.UUID("6a1f0c9e-7a40-4c52-9df3-0a4f2d6cf001")


def asked(state: State = State.SENT, position: int = 0, consent: Consent | None = None, **more: Any) -> Asked:
    task = ReferralTask(key=new_key(), program_id=PROGRAM, position=position, way="mail", state=state,
                        **{"sent_at": AT, "asked": [], **more})
    return Asked(task, "River Circle", "Harbor House", consent)


def whole(*tasks: Asked, needs: tuple[str, ...] | None = None, npi: str | None = None, **more: Any) -> Whole:
    about = {"state": OPEN, "substance": False, "made_at": AT, "changed_at": AT, **more}
    return Whole(Referral(key=new_key(), team_id=TEAM, code="K7-41", **about), "Eastside Family Clinic", npi, tasks,
                 needs)


def written(one: Whole) -> dict[str, Any]:
    return fhir_referral.bundle([one], site=SITE, now=NOW)


def request(bundle: dict[str, Any]) -> dict[str, Any]:
    return dict(bundle["entry"][0]["resource"])


def task(bundle: dict[str, Any]) -> dict[str, Any]:
    return dict(bundle["entry"][1]["resource"])


FULL = written(whole(
    asked(State.ATTENDED, consent=Consent(given_on=date(2026, 11, 20), until=date(2027, 2, 22), recorded_at=AT),
          ended_at=AT + timedelta(days=3), answered_at=AT, first_on=date(2026, 12, 1), wait_weeks=3, asked=["age"]),
    asked(State.DECLINED, 1, reason="full"), needs=("alcohol", "grief"), npi="1234567893", substance=True, level=2,
    state=CLOSED, outcome="attended"))

moments = st.none() | st.integers(0, 200).map(lambda hours: AT + timedelta(hours=hours))
days = st.integers(-300, 300).map(lambda many: AT.date() + timedelta(many))


@st.composite
def consents(draw: st.DrawFn) -> Consent | None:
    if draw(st.booleans()):
        return None
    return Consent(given_on=draw(days), until=draw(days), recorded_at=AT, ended_at=draw(moments))


@st.composite
def wholes(draw: st.DrawFn) -> Whole:
    """A referral as it may lie in the database, and some that should not."""
    tasks = [asked(draw(st.sampled_from(State)), position, draw(consents()), sent_at=draw(moments),
                   seen_at=draw(moments), answered_at=draw(moments), ended_at=draw(moments),
                   first_on=draw(st.none() | days), wait_weeks=draw(st.none() | st.integers(0, 260)),
                   reason=draw(st.none() | st.sampled_from(DECLINE_REASONS)),
                   asked=draw(st.lists(st.sampled_from(QUESTIONS), max_size=3, unique=True)))
             for position in range(draw(st.integers(1, 3)))]
    level = draw(st.none() | st.integers(0, 4))
    return whole(*tasks, needs=draw(st.sampled_from([None, (), ("grief",), ("alcohol", "anxiety")])),
                 npi=draw(st.sampled_from([None, "1234567893"])), state=draw(st.sampled_from([OPEN, CLOSED])),
                 outcome=draw(st.none() | st.sampled_from([*map(str, State), "other"])), level=level, suggested=level,
                 substance=draw(st.booleans()))


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(wholes(), min_size=25, max_size=25))
def test_whatever_a_referral_holds_two_judges_find_nothing_wrong(many: list[Whole]) -> None:
    assert faults([written(one) for one in many]) == []


def test_every_state_is_written_and_valid() -> None:
    assert faults([written(whole(asked(state))) for state in State]) == []
    assert faults([FULL, fhir_referral.bundle([], site=SITE, now=NOW)]) == []


def change(entry: int, **fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda bundle: bundle["entry"][entry]["resource"].update(fields)


@pytest.mark.parametrize(("judge", "breaking"), [
    ("fhir", change(1, status="seen")),
    ("fhir", change(0, intent=None)),
    ("medplum", change(1, lastModified="2020-01-01T00:00:00Z")),
    ("medplum", change(0, color="red")),
    ("medplum", change(0, orderDetail="2")),
], ids=["a status of our own", "no intent", "changed before it was made", "an unknown field", "a wrong type"])
def test_each_judge_can_say_no(judge: str, breaking: Callable[[dict[str, Any]], None]) -> None:
    broken = copy.deepcopy(FULL)
    breaking(broken)
    found = judged([broken])[0][judge]
    if found is None:
        pytest.skip("medplum needs Node 20.19")
    assert found


@pytest.mark.parametrize(("state", "status"), [
    (State.PLANNED, "draft"), (State.SENT, "requested"), (State.SEEN, "requested"), (State.RECEIVED, "received"),
    (State.ASKED, "on-hold"), (State.WAITING, "accepted"), (State.ACCEPTED, "accepted"), (State.DECLINED, "rejected"),
    (State.NO_ANSWER, "failed"), (State.WITHDRAWN, "cancelled"), (State.SKIPPED, "cancelled"),
    (State.ATTENDED, "completed"), (State.MISSED, "completed")])
def test_a_state_has_its_status_and_says_its_own_name_too(state: State, status: str) -> None:
    found = task(written(whole(asked(state))))
    assert found["status"] == status
    assert found["businessStatus"]["coding"][0]["code"] == state


@pytest.mark.parametrize(("state", "outcome", "status"), [
    (OPEN, None, "active"), (CLOSED, "attended", "completed"), (CLOSED, "withdrawn", "revoked"),
    (CLOSED, "no_answer", "revoked"), (CLOSED, "other", "revoked")])
def test_a_request_is_completed_only_when_the_person_went(state: str, outcome: str | None, status: str) -> None:
    assert request(written(whole(asked(), state=state, outcome=outcome)))["status"] == status


def test_the_person_is_a_code_and_no_resource() -> None:
    for entry in FULL["entry"]:
        subject = entry["resource"].get("subject") or entry["resource"]["for"]
        assert subject == {"type": "Patient", "identifier": {"system": f"{SITE}/client-codes/{TEAM}",
                                                             "value": "K7-41"}}
    assert {entry["resource"]["resourceType"] for entry in FULL["entry"]} == {"ServiceRequest", "Task"}


def test_tasks_point_to_their_request_and_keep_their_order() -> None:
    first, *tasks = FULL["entry"]
    assert [one["resource"]["focus"]["reference"] for one in tasks] == [first["fullUrl"]] * 2
    assert [one["resource"]["input"][0]["valuePositiveInt"] for one in tasks] == [1, 2]
    for one in FULL["entry"]:
        assert one["fullUrl"] == f"urn:uuid:{one['resource']['id']}"
        assert re.fullmatch(r"[A-Za-z0-9.-]{1,64}", one["resource"]["id"])


def test_what_a_program_said_is_output_and_a_no_has_its_reason() -> None:
    said = {one["type"]["text"]: one for one in task(FULL)["output"]}
    assert said["First date"]["valueDate"] == "2026-12-01"
    assert said["Wait"]["valueQuantity"]["value"] == 3
    assert said["Attendance"]["valueCodeableConcept"]["coding"][0]["code"] == "attended"
    assert FULL["entry"][2]["resource"]["statusReason"]["coding"][0]["code"] == "full"


def test_who_did_not_go_is_told_apart_from_who_went() -> None:
    found = task(written(whole(asked(State.MISSED))))["output"][0]
    assert found["valueCodeableConcept"]["coding"][0]["code"] == "missed"


def test_a_consent_gives_the_days_within_which_it_may_be_done() -> None:
    assert task(FULL)["restriction"]["period"] == {"start": "2026-11-20", "end": "2027-02-22"}
    ended = Consent(given_on=date(2026, 11, 20), until=date(2027, 2, 22), recorded_at=AT, ended_at=AT)
    assert task(written(whole(asked(consent=ended))))["restriction"]["period"]["end"] == "2026-11-24"


def test_needs_come_along_only_where_they_are_asked_for() -> None:
    assert [one["coding"][0]["code"] for one in request(FULL)["reasonCode"]] == ["alcohol", "grief"]
    assert "reasonCode" not in request(written(whole(asked())))


def test_part_2_marks_every_resource_and_says_so_in_words() -> None:
    label = [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "42CFRPart2"}]
    for marked in (FULL, *(entry["resource"] for entry in FULL["entry"])):
        assert marked["meta"]["security"] == label
    assert request(FULL)["note"] == [{"text": PART_2}]
    assert PART_2 == pages.PART_2  # what pages say
    plain = json.dumps(written(whole(asked())))
    assert "42CFRPart2" not in plain
    assert PART_2 not in plain


def test_a_team_with_a_number_is_named_by_it() -> None:
    assert request(FULL)["requester"] == {
        "type": "Organization", "display": "Eastside Family Clinic",
        "identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}}
    assert "identifier" not in request(written(whole(asked())))["requester"]


def test_ids_stay_the_same_each_time() -> None:
    one = whole(asked(), asked(State.PLANNED, 1))
    assert written(one) == written(one)
