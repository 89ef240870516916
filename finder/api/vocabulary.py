"""GET /vocabulary: the nine code lists with their words. Synonyms serve search only and are never shown."""

from __future__ import annotations

from flask import Response

from finder.api import openapi
from finder.api.blueprint import api, arguments, kept_answer, services
from finder.search.query_schema import load_lang

_SECONDS = 300


@api.route("/vocabulary", tags=["vocabulary"])
@api.doc(operationId="readVocabulary", parameters=[openapi.lang()],
         responses=openapi.answers("Vocabulary", "Every list, in its own order.", 422, kept=True))
def vocabulary() -> Response:
    """Read the code lists"""
    held = services()
    lang = load_lang(arguments()) or held.settings.default_locale
    lists = {name: [{"code": code, "label": one.label(code, lang), "definition": one.definition(code, lang)}
                    for code in one.codes] for name, one in held.vocabulary.lists.items()}
    return kept_answer({"lang": lang, "lists": lists}, _SECONDS)
