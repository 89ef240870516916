"""Telephone numbers that may not stand in a listing: those that cost the caller, and those that ring abroad. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from finder.errors import Invalid, Problem

# The North American Numbering Plan: numbers that cost the caller (900, and 976 in every area), and the areas that are
# neither in the United States nor in Canada, though they are dialed alike.
_PREMIUM = re.compile(r"^(?:900[0-9]{7}|[0-9]{3}976[0-9]{4})$")
_OTHER_COUNTRIES = frozenset((
    "242", "246", "264", "268", "284", "345", "441", "473", "649", "658", "664", "721", "758", "767", "784", "809",
    "829", "849", "868", "869", "876"))
_NATIONAL = 10  # digits of such a number without the 1 before it
_EXTENSION = re.compile(r"(?:\bext\b\.?|\bx *[0-9]|[,;#]).*$", re.IGNORECASE)
_KEYS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")


def check(before: Mapping[str, Any], after: Mapping[str, Any], country: str) -> None:
    """Refuses numbers that a listing would newly have. Raises Invalid by dotted field ("contact.phone",
    "sessions.0.dial_in")."""
    known = set(_numbers(before).values())
    errors = {name: [Problem(code)] for name, number in _numbers(after).items()
              if number not in known and (code := bad(number, country)) is not None}
    if errors:
        raise Invalid(errors)


def _numbers(document: Mapping[str, Any]) -> dict[str, str]:
    found = {f"{key}.phone": (document.get(key) or {}).get("phone") for key in ("contact", "organization")}
    found |= {f"sessions.{place}.dial_in": one.get("dial_in")
              for place, one in enumerate(document.get("sessions") or ())}
    return {name: number for name, number in found.items() if number}


def bad(phone: str, country: str = "US") -> str | None:
    """Why a phone number may not stand in a listing: "premium_number", "foreign_number"; None when it may.

    `country` is the instance's; only for the United States and Canada is it known which numbers are foreign.
    """
    if country not in ("US", "CA"):
        return None
    dialed = _EXTENSION.sub("", phone).strip().upper().translate(_KEYS)
    digits = re.sub(r"[^0-9]", "", dialed)
    if digits.startswith("011") or (dialed.startswith("+") and not digits.startswith("1")):
        return "foreign_number"
    if len(digits) > _NATIONAL and digits.startswith("1"):
        digits = digits[1:]
    national = digits[:_NATIONAL]  # what a telephone network hears; more letters than keys are for the eye
    if _PREMIUM.match(national):
        return "premium_number"
    return "foreign_number" if len(national) == _NATIONAL and national[:3] in _OTHER_COUNTRIES else None
