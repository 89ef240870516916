"""Words that stand in data in English and Spanish (code lists, questions, help lines), for readers of any language.

Other languages have them in their catalog, under a context that says where the words stand.
"""

from __future__ import annotations

from collections.abc import Callable

import flask_babel

from finder.wordings.language import language

WRITTEN = ("en", "es")  # the languages that the data itself is written in
QUESTION = "question"
HELP_LINE = "help line"


def say(words: Callable[[str], str], context: str) -> str:
    """Words of the data in the reader's language; English where its catalog has none.

    `words` gives them for "en" and "es". `context` is QUESTION, HELP_LINE or the name of a code list.
    """
    lang = language()
    if lang in WRITTEN:
        return words(lang)
    english = words("en")
    return str(flask_babel.pgettext(context, english)) if english else ""
