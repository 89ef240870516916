"""POST /match: an intake document in, a match document out. Nothing of it is kept or logged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from flask import Response
from flask_babel import force_locale

from finder import strict_json
from finder.api import openapi
from finder.api.blueprint import api, arguments, json_answer, json_body, languages, services
from finder.matching.explanation import Check, Reason
from finder.search import find
from finder.search.intake_schema import load as load_intake
from finder.search.query_schema import Controls, load_match
from finder.services import Services
from finder.wording import check_text, reason_text
from finder.wordings.language import locale_name

MOST_BYTES = 64 * 1024  # an intake document takes about 2 KB


@api.route("/match", methods=["POST"], tags=["match"])
@api.doc(operationId="match", parameters=openapi.match_parameters(), requestBody=openapi.body("Intake"),
         responses=openapi.answers("Match", "Programs that fit, best first, and why.", 400, 413, 415, 422, 503))
def match() -> Response:
    """Match an intake with the published programs"""
    controls = load_match(arguments(), languages())
    intake = load_intake(json_body(MOST_BYTES))
    held = services()
    return json_answer(written(found(intake, controls, held), language(controls, held)))


def found(intake: Mapping[str, Any], controls: Controls, held: Services) -> find.Answer:
    """What fits a valid intake, as the query asks for it."""
    return find.answer(intake, snapshot=held.snapshot(), gazetteer=held.gazetteer, vocabulary=held.vocabulary,
                       now=held.now(), page=controls.page, per_page=controls.per_page, filters=controls.filters,
                       hidden_ids=controls.hidden_ids, rules=held.rules)


def language(controls: Controls, held: Services) -> str:
    """The language of the sentences to send; empty for none."""
    return (controls.lang or held.settings.default_locale) if controls.text else ""


def written(found: find.Answer, lang: str) -> dict[str, Any]:
    """The match document to send, with the sentences of a language; without any where `lang` is empty.

    Reasons and questions are shared by many matches and many searches, so each is put in writing once and then
    fitted in as it is.
    """
    if not lang:
        return _document(found, lang)
    with force_locale(locale_name(lang)):
        return _document(found, lang)


def _document(found: find.Answer, lang: str) -> dict[str, Any]:
    whole = {**found.head, "matches": [{
        "rank": one.rank, "id": one.told.id, "listing": orjson.Fragment(one.told.summary), "band": one.band,
        "score": one.score, "distance_miles": one.distance_miles, "next_session": one.next_session,
        "reasons": [each.written.get(lang) or _written(each, reason_text, lang) for each in one.reasons],
        "check_first": [each.written.get(lang) or _written(each, check_text, lang) for each in one.check_first],
    } for one in found.matches]}
    del whole["understood"]
    return whole


def _written(one: Reason | Check, sentence: Callable[[Mapping[str, Any]], str], lang: str) -> Any:
    """One to send; what is kept for the next search is put down in writing for it."""
    line = {**one.line, "text": sentence(one.line)} if lang else one.line
    if not one.lasting:
        return line
    found = one.written[lang] = orjson.Fragment(strict_json.written(line))
    return found
