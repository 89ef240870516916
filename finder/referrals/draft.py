"""What a referral is made from, checked: the one validator for the desk's form, the JSON API and a caseload from CSV.

It refuses what could tell who somebody is wherever that is not asked for: a client's code cannot be a name, a number
or a date of birth.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import marshmallow as ma

from finder.errors import Invalid, Problem
from finder.fields import Code, Codes, Day, Flag, Phone, Text, Whole, flatten, mailbox, refuse
from finder.vocabulary import vocabulary

FOCUS = vocabulary().lists["focus_areas"].codes
# Codes in one to three parts of one to four letters and digits, some of each ("K7-41", "AB12"). Four letters in a row
# could be a name, four digits a year or the end of a number; a month, a month and a day, or a
# year in two halves, a date of birth.
_CODE = re.compile(r"(?=.*[0-9])(?=.*[A-Z])[A-Z0-9]{1,4}(-[A-Z0-9]{1,4}){0,2}")
MOST_DIGITS, MOST_IN_A_ROW = 5, 3  # in a client's code: digits all together; letters, and digits, in a row
_TELLING = re.compile(rf"[A-Z]{{{MOST_IN_A_ROW + 1}}}|[0-9]{{{MOST_IN_A_ROW + 1}}}"
                      r"|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
                      r"|(?<![A-Z0-9])(0?[1-9]|1[0-2])-(0?[1-9]|[12][0-9]|3[01])(?![A-Z0-9])|SSN|DOB|MRN"
                      r"|(?<![0-9])(19-[0-9]{2}|20-[0-2][0-9])(?![0-9])")
# Which answers reach the level (intake.severity.SOURCES): this room knows no questionnaires, and takes no other word.
SOURCES = ("phq4", "phq9", "gad7", "k6", "audit_c", "dast10", "substance", "stated_level", "impact", "pc_ptsd5",
           "phq9_item9", "safety", "urgent")
MOST_PROGRAMS, MOST_SHORTLIST = 5, 20
SUBSTANCE_NEEDS = frozenset(("alcohol", "opioids", "stimulants", "cannabis", "general_recovery", "cooccurring"))

# What may be told beside the bare request, by the consent that says so.
NEEDS, LEVEL, REACH, IDENTITY = "needs", "level", "reach", "identity"
WHAT = (NEEDS, LEVEL, REACH, IDENTITY)
PURPOSES = ("join", "care")  # to ask for a place; to work together on care
WAYS = ("written", "spoken", "electronic")  # 42 CFR 2.31 asks for a signature, on paper or electronic, for part 2
OVERRIDES = ("judgment", "wish", "no_group", "old_totals", "other")
REASON_LENGTH = NOTE_LENGTH = 300
HAND_OFF_WAYS = ("call", "text", "email", "through_us")
VOICEMAIL = ("yes", "no", "unknown")
LONGEST_CONSENT = timedelta(days=365)
CONSENT_TEXT = "2026-11"  # version of the words on the form; raise it when they change


class ClientCode(Text):
    """What a team calls a person by. Upper case is made of what is typed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(14, **kwargs)

    def read(self, value: Any) -> str:
        text = super().read(value.strip().upper() if type(value) is str else value)
        if not _CODE.fullmatch(text) or _TELLING.search(text) or sum(map(str.isdigit, text)) > MOST_DIGITS:
            raise refuse("not_a_client_code")
        return text


class _Strict(ma.Schema):
    class Meta:
        unknown = ma.RAISE


_REQUIRED: dict[str, Any] = {"required": [Problem("required")], "null": [Problem("required")]}


class _Override(_Strict):
    reason = Code(OVERRIDES, required=True)
    note = Text(REASON_LENGTH, lines=True)


class _HandOff(_Strict):
    way = Code(HAND_OFF_WAYS)
    time = Text(100)
    voicemail = Code(VOICEMAIL)
    interpreter = Text(3, 2, pattern=re.compile("[a-z]{2,3}"), code="not_a_code")
    note = Text(NOTE_LENGTH, lines=True)


class _Identity(_Strict):
    name = Text(120)
    phone = Phone()
    email = mailbox()


class _Consent(_Strict):
    what = Codes(WHAT, len(WHAT), required=True)
    purpose = Code(PURPOSES, required=True)
    way = Code(WAYS, required=True)
    given_on = Day(required=True)
    until = Day(required=True)
    substance = Flag()
    confirmed = Flag(required=True)


class _Draft(_Strict):
    code = ClientCode(required=True)
    programs = ma.fields.List(ma.fields.UUID(), required=True, error_messages=_REQUIRED)
    shortlist = ma.fields.List(ma.fields.UUID())
    needs = Codes(FOCUS, 3)
    suggested = Whole(0, 4, allow_none=True)
    sources = Codes(SOURCES, len(SOURCES))
    level = Whole(0, 4, allow_none=True)
    override = ma.fields.Nested(_Override)
    asks_next = Flag()
    consent = ma.fields.Nested(_Consent, required=True, error_messages=_REQUIRED)
    hand_off = ma.fields.Nested(_HandOff)
    identity = ma.fields.Nested(_Identity)


_SCHEMA, _CONSENT = _Draft(), _Consent()


def load(document: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """The draft as `creating.create` takes it: UUIDs and dates read, defaults filled in. Raises Invalid.

    Paths are dotted, as "consent.until". Codes beside those of the fields: not_a_client_code, none_chosen, too_many,
    twice, override_needed, consent_needed, not_covered, in_the_past, in_the_future, too_far.
    """
    found = _read(_SCHEMA, document, "")
    errors = {**_of_programs(found), **_of_level(found), **_of_consent(found, today)}
    if errors:
        raise Invalid(errors)
    return {"shortlist": [], "needs": [], "suggested": None, "sources": [], "asks_next": True, "hand_off": {},
            "identity": None, "override": None, **found, "level": found.get("level", found.get("suggested")),
            "consent": _with_dates(found["consent"])}


def consent(document: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """A consent to one more program, as `creating.ask_another` takes it. Raises Invalid, with paths as of a draft."""
    found = _read(_CONSENT, document, "consent.")
    if errors := _of_consent({"consent": found}, today):
        raise Invalid(errors)
    return _with_dates(found)


def _read(schema: ma.Schema, document: object, inside: str) -> dict[str, Any]:
    if not isinstance(document, Mapping):
        raise Invalid({inside.rstrip("."): [Problem("wrong_type", expected="object")]})
    try:
        return dict(schema.load(dict(document)))
    except ma.ValidationError as wrong:
        raise Invalid({f"{inside}{path}": problems for path, problems in flatten(wrong.messages).items()}) from None


def _with_dates(said: Mapping[str, Any]) -> dict[str, Any]:
    return {**said, "given_on": date.fromisoformat(said["given_on"]), "until": date.fromisoformat(said["until"])}


def _of_programs(found: Mapping[str, Any]) -> dict[str, list[Problem]]:
    asked = found["programs"]
    if not asked:
        return {"programs": [Problem("none_chosen")]}
    if len(asked) > MOST_PROGRAMS:
        return {"programs": [Problem("too_many", max=MOST_PROGRAMS)]}
    if len(set(asked)) < len(asked):
        return {"programs": [Problem("twice")]}
    if len(found.get("shortlist", ())) > MOST_SHORTLIST:
        return {"shortlist": [Problem("too_many", max=MOST_SHORTLIST)]}
    return {}


def _of_level(found: Mapping[str, Any]) -> dict[str, list[Problem]]:
    """Another level than the totals suggest wants a reason."""
    suggested, level = found.get("suggested"), found.get("level")
    if suggested is not None and level is not None and level != suggested and not found.get("override"):
        return {"override.reason": [Problem("override_needed")]}
    return {}


def _of_consent(found: Mapping[str, Any], today: date) -> dict[str, list[Problem]]:
    consent, errors = found["consent"], dict[str, list[Problem]]()
    given, until = date.fromisoformat(consent["given_on"]), date.fromisoformat(consent["until"])
    if not consent["confirmed"]:
        errors["consent.confirmed"] = [Problem("consent_needed")]
    if given > today:
        errors["consent.given_on"] = [Problem("in_the_future")]
    if until < today:
        errors["consent.until"] = [Problem("in_the_past")]
    elif until > today + LONGEST_CONSENT:
        errors["consent.until"] = [Problem("too_far", days=LONGEST_CONSENT.days)]
    if found.get("identity") and IDENTITY not in consent["what"]:
        errors["identity"] = [Problem("not_covered")]
    if SUBSTANCE_NEEDS & set(found.get("needs", ())) and NEEDS in consent["what"] and not consent.get("substance"):
        errors["consent.substance"] = [Problem("consent_needed")]
    return errors
