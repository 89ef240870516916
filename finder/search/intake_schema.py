"""The one validator of intake documents (`finder-intake/1`), for forms, API and command line alike.

It accepts what the contract's schema accepts and refuses the rest by name; nothing a person answered is logged or
echoed beyond a code that is not on its list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields

from finder.errors import Invalid, Problem
from finder.fields import Code, Codes, Field, Flag, Number, Text, Whole, flatten, refuse, shown
from finder.intake import document as doc

# Directions of writing come along with pasted Arabic or Farsi. They are taken out, as nobody else reads this text.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")
_MAYBE: dict[str, Any] = {"allow_none": True}


class _Words(Text):
    """One line in a person's own words: at most MOST_TEXT characters, none of them a control character."""

    def __init__(self, minimum: int, **kwargs: Any) -> None:
        super().__init__(doc.MOST_TEXT, minimum, **kwargs)

    def read(self, value: Any) -> str:
        if type(value) is str and len(value) <= self.maximum:
            value = _BIDI.sub("", value)
        return super().read(value)


class _Must(Codes):
    """true: all that is wished is a must; a list: these are; false: nothing is."""

    def read(self, value: Any) -> Any:
        return value if type(value) is bool else super().read(value)


class _Phq4(Field):
    """The four answers of the PHQ-4, each 0-3."""

    def read(self, value: Any) -> list[int]:
        if type(value) is not list:
            raise refuse("wrong_type", expected="list")
        if len(value) > doc.PHQ4_ITEMS:
            raise refuse("too_many", max=doc.PHQ4_ITEMS)
        if len(value) < doc.PHQ4_ITEMS:
            raise refuse("too_few", min=doc.PHQ4_ITEMS)
        found, wrong = [], {}
        for item, one in enumerate(value):
            try:
                found.append(_PHQ4_ITEM.deserialize(one))
            except ma.ValidationError as broken:
                wrong[item] = broken.messages
        if wrong:
            raise ma.ValidationError(wrong)
        return found


_PHQ4_ITEM = Whole(0, 3)


class _Emphasis(Field):
    """Weights for this search only: criterion -> 0.5, 1 or 2."""

    def read(self, value: Any) -> dict[str, float]:
        if type(value) is not dict:
            raise refuse("wrong_type", expected="object")
        for name, factor in value.items():
            if name not in doc.CRITERIA:
                raise ma.ValidationError({shown(name): [Problem("unknown_key")]})
            if type(factor) not in (int, float) or factor not in doc.EMPHASES:
                raise ma.ValidationError({name: [Problem("not_a_code", value=shown(factor))]})
        return value


class _Strict(ma.Schema):
    class Meta:
        unknown = ma.RAISE


class _Substance(_Strict):
    loss_of_control = Whole(0, 4)
    consequences = Whole(0, 2)

    @ma.validates_schema(skip_on_field_errors=True)
    def some(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data:
            raise refuse("required")


_Scores = type("_Scores", (_Strict,), {name: Whole(0, most, **_MAYBE) for name, most in doc.TOTALS.items()})


class _Near(_Strict):
    """Words or a point, not both."""

    text = _Words(1)
    latitude = Number(-90, 90)
    longitude = Number(-180, 180)

    @ma.validates_schema(skip_on_field_errors=True)
    def one(self, data: dict[str, Any], **kwargs: Any) -> None:
        point = {"latitude", "longitude"} & set(data)
        if point and "text" in data:
            raise ma.ValidationError({"text": [Problem("place_twice")]})
        if len(point) == 1:
            missing = ({"latitude", "longitude"} - point).pop()
            raise ma.ValidationError({missing: [Problem("one_coordinate")]})
        if not data:
            raise ma.ValidationError({"text": [Problem("required")]})


class _Cost(_Strict):
    kind = Code(doc.COST_KINDS, required=True)
    amount = Number(0, doc.MOST_COST, **_MAYBE)

    @ma.validates_schema(skip_on_field_errors=True)
    def stated(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["kind"] == "up_to" and data.get("amount") is None:
            raise ma.ValidationError({"amount": [Problem("required")]})


def _coded(path: str) -> Code:
    return Code(doc.PATHS[path].codes, allow_none=doc.PATHS[path].nullable)


def _listed(path: str) -> Codes:
    value = doc.PATHS[path]
    kind = _Must if value.kind == "must" else Codes
    return kind(value.codes, int(value.maximum), int(value.minimum))


class Intake(_Strict):
    """The whole document, in the contract's order of keys."""

    format = Code((doc.FORMAT,), required=True)
    asked_by = _coded("asked_by")
    attending_as = _coded("attending_as")
    age = Whole(0, doc.OLDEST, **_MAYBE)
    gender = _coded("gender")
    needs = _listed("needs")
    needs_text = _Words(0, **_MAYBE)
    phq4 = _Phq4(**_MAYBE)
    impact = Whole(0, 4, **_MAYBE)
    substance = fields.Nested(_Substance, **_MAYBE)
    stated_level = Whole(0, 4, **_MAYBE)
    scores = fields.Nested(_Scores, **_MAYBE)
    safety = _coded("safety")
    urgent = _listed("urgent")
    goal = _coded("goal")
    recently_using = Flag(**_MAYBE)
    takes_recovery_medication = Flag(**_MAYBE)
    near = fields.Nested(_Near, **_MAYBE)
    radius_miles = Number(0, doc.MOST_MILES, above=True, **_MAYBE)
    travel = _coded("travel")
    formats = _listed("formats")
    formats_required = _listed("formats_required")
    times = _listed("times")
    times_required = _listed("times_required")
    languages = Codes(None, 10, pattern=_LANGUAGE)
    identities = _listed("identities")
    not_identities = _listed("not_identities")
    identity_preference = _coded("identity_preference")
    women_only = Flag()
    cost = fields.Nested(_Cost, **_MAYBE)
    insurance = _listed("insurance")
    access = _listed("access")
    access_required = _listed("access_required")
    led_by = _coded("led_by")
    avoid = _listed("avoid")
    one_to_one_preferred = Flag()
    start_soon = Flag()
    emphasis = _Emphasis()


_INTAKE = Intake()
# What is checked of an object as a whole, once its fields are in order.
_RULES: Mapping[type[ma.Schema], Callable[..., None]] = {
    _Substance: _Substance.some, _Near: _Near.one, _Cost: _Cost.stated}
_ORDER = tuple(_INTAKE.fields)


def load(document: object) -> dict[str, Any]:
    """The canonical intake document.

    Gives a new dict with the contract's keys in the contract's order, without what means "not stated": null, empty
    text, empty lists and objects. What was answered stays, defaults too. Raises Invalid naming every wrong field by
    dotted path. Beyond the schema it refuses lone surrogates and NaN (contract section 1, checks beyond the schema).
    """
    if not isinstance(document, dict):
        raise Invalid({"": [Problem("wrong_type", expected="object")]}, "intake")
    loaded = _unobjected(document)
    if loaded is None:
        try:
            loaded = _INTAKE.load(document)
        except ma.ValidationError as broken:
            raise Invalid(flatten(broken.messages), "intake") from None
    return {key: kept for key in _ORDER if key in loaded and (kept := _stated(loaded[key])) is not None}


def _unobjected(document: dict[str, Any]) -> dict[str, Any] | None:
    """What the fields make of a document in which none of them objects; None where one does.

    Runs the schema's own fields and leaves the naming of what is wrong to the schema, whose loading costs twice as
    much as all that the fields do.
    """
    if "format" not in document:
        return None
    fields_of, found = _INTAKE.fields, {}
    try:
        for name, value in document.items():
            one = fields_of[name]
            if value is not None:
                found[name] = one.read(value) if isinstance(one, Field) else _inside(one, value)
            elif not one.allow_none:
                return None
    except (KeyError, ma.ValidationError):
        return None
    return found


def _inside(nested: Any, value: Any) -> dict[str, Any]:
    """The same of an object within the document. Raises KeyError or ValidationError where its schema would object."""
    schema: Any = nested.schema
    if type(value) is not dict or not value.keys() <= schema.fields.keys():
        raise KeyError
    found: dict[str, Any] = {}
    for name, one in schema.fields.items():
        if name in value:
            found[name] = one.read(value[name]) if value[name] is not None else one.deserialize(None)
        elif one.required:
            raise KeyError
    rule = _RULES.get(type(schema))
    if rule is not None:
        rule(schema, found)
    return found


def searchable(intake: Mapping[str, Any]) -> dict[str, list[Problem]]:
    """What is missing before a search can be made, by field; empty when nothing is.

    Contract section 2: a search needs one need (or text) and a place or remote formats.
    """
    missing: dict[str, list[Problem]] = {}
    if not intake.get("needs") and not (intake.get("needs_text") or "").strip():
        missing["needs"] = [Problem("required")]
    if not intake.get("near") and not _wished_formats(intake) & set(doc.REMOTE):
        missing["near"] = [Problem("required")]
    return missing


def _wished_formats(intake: Mapping[str, Any]) -> set[str]:
    required = intake.get("formats_required")
    return {*(intake.get("formats") or ()), *(required if isinstance(required, list) else ())}


def _stated(value: Any) -> Any:
    """The value without empty parts; None when nothing is left."""
    if type(value) is dict:
        value = {key: one for key, one in value.items() if one is not None}
    return None if value in ("", [], {}) else value
