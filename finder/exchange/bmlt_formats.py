"""BMLT formats: what a listing offers, each with a key and a number of its own that never change.

A format is a type of the Meeting Guide where one says it, else a code of our own lists with its own definition.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from finder.crosswalks import crosswalk
from finder.exchange import types
from finder.exchange.bmlt import WORLD_IDS
from finder.exchange.weekly import Site
from finder.vocabulary import Vocabulary

LANGUAGES = ("en", "es")  # of the vocabularies
# BMLT's kinds of formats: FC1 how it is held, FC2 the place, FC3 for whom, O who may come, LANG the language.
_KINDS = {"group_types": "FC1", "modalities": "FC1", "accessibility": "FC2", "focus_areas": "FC3",
          "populations": "FC3", "languages": "LANG"}
_WORLD = {ours: world for world, ours in WORLD_IDS.items()} | {"VM": "VM", "HY": "HYBR"}
# What our lists have no word for: kind, and name by language.
_OWN = {"O": ("O", {"en": "Open", "es": "Abierta"}), "C": ("O", {"en": "Closed", "es": "Cerrada"}),
        "VM": ("FC2", {"en": "Virtual Meeting", "es": "Reunión virtual"}),
        "HY": ("FC2", {"en": "Hybrid", "es": "Híbrida"})}


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its key, what it is in our lists ("" for a structural one), and its kind."""

    key: str
    list_name: str
    ours: str
    kind: str

    @property
    def id(self) -> str:
        """A number that follows from the key, so that it never changes."""
        return str(zlib.crc32(self.key.encode()))


VIRTUAL_MEETING, HYBRID_MEETING = (Format(key, "", "", "FC2") for key in ("VM", "HY"))


def formats(document: Mapping[str, Any]) -> list[Format]:
    """The formats of a listing, each once."""
    return list({one.key: one for one in (*map(_of_type, types.written(document)), *_coded(_codes(document)))}.values())


def every(vocabulary: Vocabulary) -> list[Format]:
    """All formats that listings could have, by key."""
    coded = ((name, code) for name in _KINDS for code in vocabulary.lists[name].codes)
    written = [_of_type(code) for code in ("O", "C", "W", "M", *(code for codes in types.WRITTEN.values()
                                                                 for code in codes), *_languages(vocabulary))]
    found = {one.key: one for one in (*_coded(coded), *written, VIRTUAL_MEETING, HYBRID_MEETING)}
    return [found[key] for key in sorted(found)]


def _languages(vocabulary: Vocabulary) -> Iterator[str]:
    for code in vocabulary.lists["languages"].codes:
        yield from crosswalk("meeting_guide").theirs("languages", code)


def _codes(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "group_types", document["group_type"]
    for list_name, field_name in (("focus_areas", "focus"), ("modalities", "modalities"),
                                  ("populations", "populations"), ("populations", "restricted_to"),
                                  ("languages", "languages")):
        for code in document.get(field_name) or ():
            yield list_name, code
    for code, answer in (document.get("accessibility") or {}).items():
        if answer == "yes":
            yield "accessibility", code


def _coded(codes: Iterator[tuple[str, str]]) -> Iterator[Format]:
    """Those that no type of the Meeting Guide says."""
    table = crosswalk("meeting_guide")
    for list_name, code in codes:
        named = table.theirs("languages", code) if list_name == "languages" else types.WRITTEN.get((list_name, code))
        if not named:
            yield Format(code, list_name, code, _KINDS[list_name])


def _of_type(code: str) -> Format:
    if code in _OWN:
        return Format(code, "", "", _OWN[code][0])
    row = next(one for one in crosswalk("meeting_guide").rows if one.theirs == code)
    return Format(code, row.list_name, row.ours, _KINDS.get(row.list_name, "FC1"))


def definition(one: Format, vocabulary: Vocabulary, lang: str, site: Site) -> dict[str, str]:
    """A format as GetFormats answers; English where a language has no words for it."""
    lang = lang if lang in LANGUAGES else "en"
    label = crosswalk("meeting_guide").labels.get(one.key, "") if one.key != one.ours else ""
    name, text = _OWN[one.key][1][lang] if one.key in _OWN else "", ""
    if one.list_name and one.ours in vocabulary.lists[one.list_name]:
        term = vocabulary.lists[one.list_name].term(one.ours, lang)
        name, text = (label if label and lang == "en" else term.label), term.definition
    return {"key_string": one.key, "name_string": name or label or one.key, "description_string": text, "lang": lang,
            "id": one.id, "world_id": _WORLD.get(one.key, ""), "format_type_enum": one.kind,
            "root_server_uri": site.url}
