"""The cells of a caseload: each column's words to a piece of an intake, in codes or in plain English or Spanish."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from finder.fields import refuse
from finder.places import lookup
from finder.places.gazetteer import Gazetteer
from finder.places.lookup import Place
from finder.referrals.draft import ClientCode
from finder.understanding import understand
from finder.vocabulary import Vocabulary

TOTALS = ("phq9", "phq9_item9", "gad7", "audit_c", "dast10", "pc_ptsd5")
LONGEST_CELL = 200
MOST_ALIKE = 3
# By folded words. "tarde" and "noche" both begin at five in the evening here.
_TIMES: Mapping[str, str] = {
    "early": "early", "morning": "early", "temprano": "early", "weekdaydaytime": "weekday_daytime",
    "daytime": "weekday_daytime", "day": "weekday_daytime", "dia": "weekday_daytime", "dedia": "weekday_daytime",
    "evening": "evening", "evenings": "evening", "tarde": "evening", "tardes": "evening", "noche": "evening",
    "noches": "evening", "weekend": "weekend", "weekends": "weekend", "findesemana": "weekend",
    "finesdesemana": "weekend", "any": "any", "cualquiera": "any"}
_GENDERS: Mapping[str, str] = {
    "woman": "woman", "female": "woman", "mujer": "woman", "femenino": "woman", "man": "man", "male": "man",
    "hombre": "man", "masculino": "man", "nonbinary": "nonbinary", "nobinario": "nonbinary", "nobinaria": "nonbinary"}
_WAYS: Mapping[str, str] = {
    "enpersona": "in_person", "presencial": "in_person", "video": "online_video", "online": "online_video",
    "videollamada": "online_video", "enlinea": "online_video", "telefono": "phone", "texto": "text_chat",
    "text": "text_chat"}
_ONLINE = frozenset(("online", "enlinea"))  # instead of a place: any way that needs none
_REMOTE = ("online_video", "phone", "text_chat", "self_paced")
_SEVERAL = re.compile(r"[|;,/]")
_WHOLE = re.compile(r"([0-9]{1,3})(\.0+)?")  # spreadsheets like to write 11 as 11.0
_ISO = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Known:
    """What words are looked up in."""

    gazetteer: Gazetteer
    vocabulary: Vocabulary


Read = Callable[[str, Known], dict[str, Any]]


def piece(column: str, text: str, known: Known) -> dict[str, Any]:
    """What a cell that is not empty says: a part of an intake, or `code` or `level`.

    Raises marshmallow's ValidationError: too_long, not_a_client_code, not_understood, not_a_number, unknown_place.
    """
    if len(text) > LONGEST_CELL:
        raise refuse("too_long", max=LONGEST_CELL)
    return READ[column](text, known)


def folded(text: str) -> str:
    """Small letters and digits without accents, spaces and signs."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in plain if one.isalnum())


def _place(text: str, known: Known) -> dict[str, Any]:
    if folded(text) in _ONLINE:
        return {"formats": list(_REMOTE)}
    found = lookup.resolve(text, known.gazetteer)
    if isinstance(found, Place):
        return {"near": {"text": found.text}}
    alike = "; ".join(one.text for one in found.choices[:MOST_ALIKE])
    raise refuse("unknown_place", alike=alike) if alike else refuse("unknown_place")


def _coded(part: str, name: str) -> Read:
    """Codes of a list of the vocabularies, from codes or from words that surely mean one."""
    def read(text: str, known: Known) -> dict[str, Any]:
        return {part: list(dict.fromkeys(code for one in _parts(text) for code in _codes(one, name, known)))}
    return read


def _codes(words: str, name: str, known: Known) -> list[str]:
    code = words.casefold().replace(" ", "_").replace("-", "_")
    if code in known.vocabulary.lists[name] or name == "languages" and _ISO.fullmatch(code):
        return [code]
    if name == "session_formats" and folded(words) in _WAYS:
        return [_WAYS[folded(words)]]
    meant = [one.code for one in understand(words, known.vocabulary, (name,)) if one.certainty != "unsure"]
    if not meant:
        raise refuse("not_understood")
    return meant


def _parts(text: str) -> list[str]:
    return [one.strip() for one in _SEVERAL.split(text) if one.strip()]


def _listed(text: str, table: Mapping[str, str]) -> str:
    found = table.get(folded(text))
    if found is None:
        raise refuse("not_understood")
    return found


def _number(text: str) -> int:
    found = _WHOLE.fullmatch(text)
    if found is None:
        raise refuse("not_a_number")
    return int(found[1])


def _total(name: str) -> Read:
    return lambda text, known: {"scores": {name: _number(text)}}


READ: Mapping[str, Read] = {
    "code": lambda text, known: {"code": ClientCode().read(text)},
    "need": _coded("needs", "focus_areas"), "ways": _coded("formats", "session_formats"),
    "language": _coded("languages", "languages"), "place": _place,
    "times": lambda text, known: {"times": list(dict.fromkeys(_listed(one, _TIMES) for one in _parts(text)))},
    "gender": lambda text, known: {"gender": _listed(text, _GENDERS)},
    "age": lambda text, known: {"age": _number(text)}, "level": lambda text, known: {"level": _number(text)},
    **{name: _total(name) for name in TOTALS},
}
