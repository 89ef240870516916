"""POST /match: an intake document in, a match document out. Nothing of it is kept or logged."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from flask import Response, request
from flask_babel import force_locale
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from finder import strict_json
from finder.api import openapi
from finder.api.blueprint import api, arguments, json_answer, languages, services
from finder.search import find
from finder.search.intake_schema import load as load_intake
from finder.search.query_schema import load_match
from finder.wording import check_text, reason_text
from finder.wordings.language import locale_name

MOST_BYTES = 64 * 1024  # an intake document takes about 2 KB
MOST_SENTENCES = 16_384


@api.route("/match", methods=["POST"], tags=["match"])
@api.doc(operationId="match", parameters=openapi.match_parameters(), requestBody=openapi.body("Intake"),
         responses=openapi.answers("Match", "Programs that fit, best first, and why.", 400, 413, 415, 422, 503))
def match() -> Response:
    """Match an intake with the published programs"""
    controls = load_match(arguments(), languages())
    intake = load_intake(_body())
    held = services()
    found = find.match(intake, snapshot=held.snapshot(), gazetteer=held.gazetteer, vocabulary=held.vocabulary,
                       now=held.now(), page=controls.page, per_page=controls.per_page, filters=controls.filters,
                       hidden_ids=controls.hidden_ids, rules=held.rules)
    found.pop("understood", None)
    if controls.text:
        add_texts(found, controls.lang or held.settings.default_locale)
    return json_answer(found)


def _body() -> Any:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    request.max_content_length = MOST_BYTES
    body = request.get_data(cache=False)
    if request.content_length is None and len(body) >= MOST_BYTES:  # sent in chunks, and cut off at the limit
        raise RequestEntityTooLarge
    return strict_json.read(body)


def add_texts(found: Mapping[str, Any], lang: str) -> None:
    """Writes the sentence of every reason and question in a language."""
    with force_locale(locale_name(lang)):
        for one in found["matches"]:
            for reason in one["reasons"]:
                reason["text"] = _sentence(lang, "reason", _facts(reason))
            for check in one["check_first"]:
                check["text"] = _sentence(lang, "check", _facts(check))


def _facts(line: Mapping[str, Any]) -> bytes:
    return orjson.dumps((line["criterion"], line["code"], line["values"]))


@lru_cache(maxsize=MOST_SENTENCES)
def _sentence(lang: str, kind: str, facts: bytes) -> str:
    """The sentence of a reason or question, made once for equal facts.

    Making one takes some thirty microseconds and an answer holds about 250, most of them alike from search to search.
    Facts are codes and numbers; nothing in them tells who asked.
    """
    criterion, code, values = orjson.loads(facts)
    line = {"criterion": criterion, "code": code, "values": values}
    return reason_text(line) if kind == "reason" else check_text(line)
