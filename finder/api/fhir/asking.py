"""What a request to this door says: its parameters, how strictly they are to be taken, and which form it wants."""

from __future__ import annotations

import re

from flask import request
from werkzeug.exceptions import BadRequest, NotAcceptable, RequestEntityTooLarge, UnsupportedMediaType

from finder.exchange.fhir.searching import decoded, is_json

MOST_BYTES = 64 * 1024
FORM = "application/x-www-form-urlencoded"
_OTHER_FORMS = ("application/fhir+xml", "application/xml", "text/xml", "application/xml+fhir",
                "application/fhir+turtle", "text/turtle")


def parameters() -> list[tuple[str, str]]:
    """Those of the address, and of a form behind them: both count together (FHIR R4 section 3.1.1.1.1).

    Raises BadRequest for what cannot be decoded, Invalid for too many, UnsupportedMediaType for a body that is no form,
    NotAcceptable for a form of answer that we have not.
    """
    try:
        found = decoded(request.query_string)
        if request.method == "POST":
            found += decoded(_body())
    except UnicodeError:
        raise BadRequest from None
    _check_form(found)
    return found


def is_lenient() -> bool:
    """Whether parameters that are not known are to be left out (FHIR R4 section 3.1.1.4.0.5)."""
    wishes = (one.strip().lower() for line in request.headers.getlist("Prefer") for one in re.split("[,;]", line))
    return "handling=lenient" in wishes


def _body() -> bytes:
    request.max_content_length = MOST_BYTES
    body = request.get_data(cache=False)
    if request.content_length is None and len(body) >= MOST_BYTES:  # sent in chunks, and cut off at the limit
        raise RequestEntityTooLarge
    if request.mimetype != FORM and (body or request.mimetype):
        raise UnsupportedMediaType
    return body


def _check_form(pairs: list[tuple[str, str]]) -> None:
    """`_format` counts before Accept. Programs send odd ones: only who reads nothing but XML or Turtle is refused."""
    wanted = [value for name, value in pairs if name == "_format" and value.strip()]
    accepted = [name for name, quality in request.accept_mimetypes if quality > 0]
    if not all(map(is_json, wanted)) or not wanted and accepted and all(one in _OTHER_FORMS for one in accepted):
        raise NotAcceptable
