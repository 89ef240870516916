import uuid
from datetime import timedelta

import pytest
from marshmallow import ValidationError

from finder.errors import Invalid
from finder.intake import severity
from finder.referrals import draft
from finder.referrals.draft import ClientCode, load
from tests.listings.database import NOW
from tests.referrals.samples import document

TODAY = NOW.date()
ONE, TWO = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))


@pytest.mark.parametrize("typed", [
    "K7-41", "AB12", "7F3-22", "A1", "9Z", "JS3", "K7-41-B2", "k7-41", " K7-41 ", "T12-345", "X9X9", "ABC-123",
    "12-A", "7-B-9", "Q0-00", "A-77-2",
    "K1-985", "B19-7", "K9-85", "B20-41", "A-19-B85"])
def test_a_code_from_nothing_is_taken(typed):
    assert ClientCode().read(typed) == typed.strip().upper()


@pytest.mark.parametrize("typed", [
    # names, with and without numbers
    "MARIA", "JO SMITH", "ANNA1", "SMITH-7", "J-SMITH", "LEE", "JO", "SAM-LEE", "O'NEIL7", "JOSÉ1", "JOSE-85", "MAR1A",
    # dates of birth
    "1985-03-14", "03-14-85", "031485", "3-14-85", "1985", "A-1985", "14-MAR-85", "MAR-85", "MAY1", "J-3-14",
    "3/14/85", "DOB-85", "ANN-19-85", "B19-85", "A-20-07", "19-85-A",
    # telephones, social security, numbers of charts and cards
    "919-555-0142", "9195550142", "5550142", "123-45-6789", "123456789", "6789", "X-6789", "MRN-123", "MRN1234567",
    "00123456", "A1-2345", "SSN-1", "12-34-56", "A12-34-56",
    # what is no code at all
    "", " ", "K7_41", "K7--41", "-K7", "K7-", "K7-41-B2-C3", "K7\n41", "Ｋ7-41", "K7-41\0", "41", "K",
])
def test_a_code_that_could_tell_who_somebody_is_is_refused(typed):
    with pytest.raises(ValidationError):
        ClientCode().read(typed)


@pytest.mark.parametrize("value", [None, 741, ["K7-41"], {}, True])
def test_a_code_is_text(value):
    with pytest.raises(ValidationError):
        ClientCode().read(value)


def wrong(more=None, **fields):
    with pytest.raises(Invalid) as refused:
        load(document([ONE], **fields) | (more or {}), today=TODAY)
    return {path: [one.code for one in many] for path, many in refused.value.errors.items()}


def test_a_draft_is_filled_in():
    made = load(document([ONE, TWO], suggested=3), today=TODAY)
    assert made["programs"] == [uuid.UUID(ONE), uuid.UUID(TWO)]
    assert (made["level"], made["override"], made["identity"], made["asks_next"]) == (3, None, None, True)
    assert (made["needs"], made["sources"], made["shortlist"], made["hand_off"]) == ([], [], [], {})
    assert made["consent"]["given_on"] == TODAY
    assert made["consent"]["until"] == TODAY + timedelta(90)


@pytest.mark.parametrize(("fields", "path", "code"), [
    ({"code": "MARIA"}, "code", "not_a_client_code"),
    ({"name": "Maria"}, "name", "unknown_key"),
    ({"birth_date": "1985-03-14"}, "birth_date", "unknown_key"),
    ({"hand_off": {"ssn": "1"}}, "hand_off.ssn", "unknown_key"),
    ({"hand_off": {"interpreter": "Spanish please"}}, "hand_off.interpreter", "too_long"),
    ({"hand_off": []}, "hand_off", "wrong_type"),
    ({"sources": ["maria"]}, "sources", "not_a_code"),
    ({"sources": "phq9"}, "sources", "wrong_type"),
    ({"needs": ["unheard_of"]}, "needs", "not_a_code"),
    ({"level": 5}, "level", "out_of_range"),
    ({"suggested": 2, "level": 4}, "override.reason", "override_needed"),
    ({"suggested": 2, "level": 4, "override": {"reason": "because"}}, "override.reason", "not_a_code"),
    ({"identity": {"name": "Maria"}}, "identity", "not_covered"),
    ({"identity": {"email": "a@b.example, c@d.example"}}, "identity.email", "not_an_email"),
    ({"shortlist": [str(uuid.UUID(int=one)) for one in range(21)]}, "shortlist", "too_many"),
    ({"consent": {"what": ["everything"]}}, "consent.what", "not_a_code"),
    ({"consent": {"purpose": "marketing"}}, "consent.purpose", "not_a_code"),
    ({"consent": {"confirmed": False}}, "consent.confirmed", "consent_needed"),
    ({"consent": {"confirmed": "yes"}}, "consent.confirmed", "wrong_type"),
    ({"consent": {"given_on": (TODAY + timedelta(1)).isoformat()}}, "consent.given_on", "in_the_future"),
    ({"consent": {"given_on": "2026-02-30"}}, "consent.given_on", "not_a_date"),
    ({"consent": {"until": (TODAY - timedelta(1)).isoformat()}}, "consent.until", "in_the_past"),
    ({"consent": {"until": (TODAY + timedelta(366)).isoformat()}}, "consent.until", "too_far"),
    ({"needs": ["alcohol"], "consent": {"what": ["needs"], "substance": False}}, "consent.substance",
     "consent_needed"),
])
def test_what_is_wrong_is_said_at_its_field(fields, path, code):
    assert code in wrong(**fields)[path]


@pytest.mark.parametrize(("more", "path", "code"), [
    ({"programs": []}, "programs", "none_chosen"),
    ({"programs": [ONE, ONE]}, "programs", "twice"),
    ({"programs": [str(uuid.UUID(int=one)) for one in range(6)]}, "programs", "too_many"),
    ({"programs": ["not an id"]}, "programs.0", "invalid"),
    ({"programs": None}, "programs", "required"),
    ({"consent": None}, "consent", "required"),
    ({"consent": "yes"}, "consent", "wrong_type"),
])
def test_what_is_missing_or_not_of_its_shape_is_said(more, path, code):
    assert wrong(more)[path] == [code]


@pytest.mark.parametrize("value", [None, [], "text", 3])
def test_what_is_no_document_is_refused(value):
    with pytest.raises(Invalid) as refused:
        load(value, today=TODAY)
    assert [one.code for one in refused.value.errors[""]] == ["wrong_type"]


def test_identity_and_another_level_are_taken_with_consent_and_reason():
    made = load(document([ONE], suggested=2, level=4, override={"reason": "wish"}, identity={"name": "Maria"},
                         consent={"what": ["identity"]}), today=TODAY)
    assert made["identity"] == {"name": "Maria"}
    assert (made["suggested"], made["level"]) == (2, 4)


def test_a_consent_to_one_more_program_is_checked_as_in_a_draft():
    said = document([])["consent"]
    assert draft.consent(said, today=TODAY)["until"] == TODAY + timedelta(90)
    with pytest.raises(Invalid) as refused:
        draft.consent(said | {"confirmed": False, "until": "2020-01-01"}, today=TODAY)
    assert set(refused.value.errors) == {"consent.confirmed", "consent.until"}
    with pytest.raises(Invalid) as refused:
        draft.consent({"what": ["level"], "purpose": 3}, today=TODAY)
    assert {"consent.purpose", "consent.way"} <= set(refused.value.errors)
    with pytest.raises(Invalid) as refused:
        draft.consent([], today=TODAY)
    assert set(refused.value.errors) == {"consent"}


def test_sources_are_those_of_the_questionnaire():
    assert draft.SOURCES == severity.SOURCES
