"""Catalogs made for a test out of every sentence there is: a stretched, accented one, and one in Arabic letters.

Both change every Latin letter, so that a letter of English in a page is a sentence that nobody can translate.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from flask import Flask

from tests.shared import ROOT

STRETCHED = "el"  # CLDR writes Greek dates in Greek letters, so that they are not taken for English
ARABIC = "ar"
LONGER = 0.4  # how much longer another language may well be
_PLACEHOLDER = re.compile(r"(%\(\w+\)[sd]|%%)")
_ACCENTED = str.maketrans("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
                          "áƀćđéƒĝĥíĵķłḿñóƥʠŕšťúṽŵẋýžÁƁĆĐÉƑĜĤÍĴĶŁḾÑÓƤɊŔŠŤÚṼŴẊÝŽ")
_IN_ARABIC = str.maketrans("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,;?",
                           "ابصديفغهيجكلمنوبقرستعوطخيزابصديفغهيجكلمنوبقرستعوطخيز،؛؟")


def accented(sentence: str) -> str:
    """The sentence in accented letters and two fifths longer; placeholders stay."""
    more = "".join(" " if at % 7 == 0 else "ŧ" for at in range(round(len(sentence) * LONGER)))
    return "".join(part if _PLACEHOLDER.fullmatch(part) else part.translate(_ACCENTED)
                   for part in _PLACEHOLDER.split(sentence)) + more


def arabic(sentence: str) -> str:
    """The sentence letter by letter in Arabic script; placeholders stay."""
    return "".join(part if _PLACEHOLDER.fullmatch(part) else part.translate(_IN_ARABIC)
                   for part in _PLACEHOLDER.split(sentence))


def template() -> Catalog:
    """Every sentence of program, pages and data, as the commands in `language.cfg` find them."""
    config = (ROOT / "finder" / "translations" / "language.cfg").read_text(encoding="utf-8")
    methods, options = parse_mapping_cfg(io.StringIO(config))
    found = Catalog()
    for _, _, message, _, context in extract_from_dir(ROOT, methods, options):
        found.add(message, context=context)
    return found


def write(folder: Path, code: str, change: Callable[[str], str], sentences: Catalog) -> None:
    """Writes a compiled catalog of a language, as `pybabel compile` would."""
    made = Catalog(locale=code)
    for message in sentences:
        if isinstance(message.id, tuple):
            one, several = map(change, message.id)
            made.add(message.id, (one, *[several] * (made.num_plurals - 1)), context=message.context)
        elif message.id:
            made.add(message.id, change(message.id), context=message.context)
    path = folder / code / "LC_MESSAGES" / "messages.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, made)


def addresses(app: Flask, language: str) -> list[str]:
    """Every page of a language that can be asked for; what an address names is a group of the sample."""
    return sorted({re.sub(r"<.*?>", "lantern-street", rule.rule) for rule in app.url_map.iter_rules()
                   if rule.endpoint.startswith(f"seeker_{language}.") and "GET" in (rule.methods or ())})
