"""What a list of the standard is asked for, in an address or, so that it stands in none, in the body of a POST.

The standard says of most parameters no more than that they are texts. Of those, what cannot be read is passed over, and
the answer names it under `ignored`; what is no whole number, no true or false, or no parameter at all is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from flask import request
from werkzeug.exceptions import MethodNotAllowed, UnsupportedMediaType

from finder.api.blueprint import arguments, json_body
from finder.errors import Invalid, Problem
from finder.exchange.hsds.filed import folded_code
from finder.exchange.hsds.paging import MOST_PER_PAGE, Page
from finder.fields import shown

MOST_BYTES = 64 * 1024
MOST_FULL = 100  # whole services, places or organizations on one page
PER_PAGE = 50
FORM = "application/x-www-form-urlencoded"
LATEST_PAGE = 1_000_000_000
MOST_METERS = 40_100_000.0  # around the earth
METHODS = ("GET", "HEAD", "OPTIONS", "POST")
TEXT, WHOLE, FLAG = "string", "integer", "boolean"
_WHOLE = re.compile(r"[+-]?[0-9]{1,400}(?:\.0+)?")
_METERS = re.compile(r"\+?[0-9]{1,12}(?:\.[0-9]{1,12})?")
_FLAGS = {"true": True, "false": False}
# An instant whose plus sign an address has made a space of.
_LOST_PLUS = re.compile(r"(?<=\d) (?=\d\d:?\d\d$)")
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. Texts are "" where they are not given; `page` None: all in one, or as lines. `ignored`: names
    of parameters whose values could not be read."""

    page: Page
    lines: bool = False
    minimal: bool = False
    full: bool = False
    full_service: bool = False
    search: str = ""
    taxonomy_term_id: str = ""
    taxonomy_id: str = ""
    organization_id: str = ""
    parent_id: str = ""
    modified_after: datetime | None = None
    postcode: str = ""
    meters: float | None = None
    ignored: tuple[str, ...] = ()

    @property
    def narrows(self) -> bool:
        """Whether the list is not that of everything."""
        return bool(self.search or self.taxonomy_term_id or self.taxonomy_id or self.organization_id or self.postcode
                    or self.parent_id or self.modified_after)


def asked(kinds: Mapping[str, str], *, most_minimal: int = 0) -> Asked:
    """Reads a request for a list that takes the parameters `kinds` (name -> TEXT, WHOLE or FLAG).

    `most_minimal`: rows of a page of ids alone, where the list has such. Raises Invalid naming every wrong parameter;
    UnsupportedMediaType and MethodNotAllowed for a POST that brings neither JSON nor a form.
    """
    values = _checked(*_given(), kinds)
    found = Asked(_page(values, most_minimal), **{name: values[name] for name in (
        "minimal", "full", "full_service", "taxonomy_term_id", "taxonomy_id", "organization_id", "parent_id")
        if name in values}, search=values.get("search", "").strip())
    return _read(found, values)


def _given() -> tuple[Mapping[str, list[Any]], bool]:
    """Every value of every name, and whether they have the types of JSON."""
    if request.method != "POST":
        return arguments(), False
    request.max_content_length = MOST_BYTES
    if not request.mimetype and not request.get_data(cache=False):
        raise MethodNotAllowed(METHODS)  # whoever asks for everything may say so by GET, or with {}
    if request.args:
        raise Invalid({shown(name): [Problem("unknown_key")] for name in request.args}, "query")
    if request.mimetype == "application/json":
        return {name: [value] for name, value in _object().items()}, True
    if request.mimetype == FORM:
        return request.form.to_dict(flat=False), False
    raise UnsupportedMediaType


def _object() -> dict[str, Any]:
    found = json_body(MOST_BYTES)
    if not isinstance(found, dict):
        raise Invalid({"": [Problem("wrong_type")]}, "query")
    return found


def _checked(given: Mapping[str, list[Any]], typed: bool, kinds: Mapping[str, str]) -> dict[str, Any]:
    errors: dict[str, list[Problem]] = {}
    found: dict[str, Any] = {}
    for name, values in given.items():
        if name not in kinds:
            errors[shown(name)] = [Problem("unknown_key")]
        elif len(values) > 1:
            errors[name] = [Problem("repeated")]
        else:
            value, problem = _value(values[0], kinds[name], typed)
            if problem:
                errors[name] = [Problem(problem)]
            else:
                found[name] = value
    if errors:
        raise Invalid(errors, "query")
    return found


def _value(value: Any, kind: str, typed: bool) -> tuple[Any, str]:
    """A value and "", or None and what is wrong with it."""
    if kind == TEXT:
        return (value, "") if isinstance(value, str) and _is_text(value) else (None, "bad_text")
    if typed:
        return _typed(value, kind)
    if kind == FLAG:
        flag = _FLAGS.get(value.lower())
        return flag, "" if flag is not None else "wrong_type"
    return (int(value.partition(".")[0]), "") if _WHOLE.fullmatch(value) else (None, "not_a_number")


def _typed(value: Any, kind: str) -> tuple[Any, str]:
    if kind == FLAG:
        return value, "" if isinstance(value, bool) else "wrong_type"
    whole = isinstance(value, int) and not isinstance(value, bool) or isinstance(value, float) and value.is_integer()
    return (int(value), "") if whole else (None, "not_a_number")


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a sign
        return False
    return True


def _page(values: Values, most_minimal: int) -> Page:
    """The page that is asked for, counted from 1; one before the first is the first, and a page is as long as it may
    be at most, and at least a row long."""
    minimal = most_minimal and values.get("minimal")
    most = most_minimal if minimal else MOST_FULL if values.get("full") or values.get("full_service") else MOST_PER_PAGE
    usual = most if minimal else min(PER_PAGE, most)
    return Page(min(max(1, values.get("page", 1)), LATEST_PAGE), min(max(1, values.get("per_page", usual)), most))


def _read(found: Asked, values: Values) -> Asked:
    """With the texts that mean more than their letters."""
    ignored = []
    lines = values.get("format", "").strip().lower()
    if lines not in ("", "json", "ndjson"):
        ignored.append("format")
    after = values.get("modified_after", "").strip()
    instant = _instant(after) if after else None
    if after and instant is None:
        ignored.append("modified_after")
    code = folded_code(values.get("postcode", ""))
    if values.get("postcode", "").strip() and not code:
        ignored.append("postcode")
    meters, said = None, values.get("proximity", "").strip()
    if said and code and _METERS.fullmatch(said):
        meters = min(float(said), MOST_METERS)
    elif said:  # no number, or from no place
        ignored.append("proximity")
    return replace(found, lines=lines == "ndjson", modified_after=instant, postcode=code, meters=meters,
                   ignored=tuple(sorted(ignored)))


def _instant(text: str) -> datetime | None:
    """A day or an instant as ISO 8601 writes it; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(_LOST_PLUS.sub("+", text))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def nothing_asked(names: Sequence[str] = ()) -> dict[str, bool]:
    """The flags `names` of a request for one thing; everything else is refused. Raises Invalid."""
    found = _checked(arguments(), False, dict.fromkeys(names, FLAG))
    return {name: bool(found.get(name)) for name in names}
