"""GET /vocabulary: the nine code lists with their words. Synonyms serve search only and are never shown."""

from __future__ import annotations

from functools import partial

from flask import Response
from flask_babel import force_locale

from finder.api import openapi
from finder.api.blueprint import api, arguments, kept_answer, languages, services
from finder.search.query_schema import load_lang
from finder.wordings.bilingual import say
from finder.wordings.language import locale_name

_SECONDS = 300


@api.route("/vocabulary", tags=["vocabulary"])
@api.doc(operationId="readVocabulary", parameters=[openapi.lang()],
         responses=openapi.answers("Vocabulary", "Every list, in its own order.", 422, kept=True))
def vocabulary() -> Response:
    """Read the code lists"""
    held = services()
    lang = load_lang(arguments(), languages()) or held.settings.default_locale
    with force_locale(locale_name(lang)):
        lists = {name: [{"code": code, "label": say(partial(one.label, code), name),
                         "definition": say(partial(one.definition, code), name)} for code in one.codes]
                 for name, one in held.vocabulary.lists.items()}
    return kept_answer({"lang": lang, "lists": lists}, _SECONDS)
