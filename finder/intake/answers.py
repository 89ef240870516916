"""Between an HTML form and an intake document: flat fields, each a list of texts, and the nested document.

Field names are the paths of the intake ("cost.kind"), and four of their own: a wish by option ("formats.phone": no,
wish or must), "needs.first", and "online" as the radius. Nothing here refuses; the schema does, by the same paths.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from finder.intake.document import FORMAT, PATHS, PHQ4_ITEMS, REMOTE, Value

WISHES = ("no", "wish", "must")
WISHED = ("formats", "times", "access")  # lists whose options are wishes or musts
FIRST_NEED = "needs.first"
ONLINE = "online"  # answer to "how far": nothing in person
_YES, _NO = frozenset(("true", "yes", "on", "1")), frozenset(("false", "no", "off", "0"))
# Longer digits are no answer, and Python refuses to read very long ones.
_WHOLE = re.compile(r"[+-]?[0-9]{1,30}")
_NUMBER = re.compile(r"[+-]?([0-9]{1,30}([.,][0-9]{0,30})?|[.,][0-9]{1,30})")

Form = Mapping[str, Iterable[str]]


def is_field(name: str) -> bool:
    """Whether a form field is an answer; others (a button, a token) are none."""
    parent, _, option = name.partition(".")
    return name in PATHS or name == FIRST_NEED or (parent in WISHED and option in PATHS[parent].codes)


def answers_to_intake(answers: Form) -> dict[str, Any]:
    """The intake document of form fields, not yet validated.

    Blank fields and fields that are no answer are dropped. What cannot be read as a number or as yes or no stays text,
    so that the schema names it. A PHQ-4 of fewer than four answers is left out: it has no total. An amount counts only
    for "up to", which it implies when nothing else was said about cost.
    """
    given = {name: found for name, values in answers.items()
             if is_field(name) and (found := [value.strip() for value in values if value.strip()])}
    flat = {name: _read(PATHS[name], values) for name, values in given.items() if name in PATHS}
    for name in WISHED:
        _gather_wishes(name, given, flat)
    if given.get("radius_miles") == [ONLINE]:
        _only_online(flat)
    _settle(flat, given)
    return {"format": FORMAT, **_nested(flat)}


def intake_to_form(intake: Mapping[str, Any]) -> dict[str, list[str]]:
    """The form fields of an intake document, such that `answers_to_intake` gives it back.

    Musts come back as a list, what means "not stated" is gone, and `emphasis`, which no form asks for, is left out.
    """
    form: dict[str, list[str]] = {}
    online = _is_online(intake)
    for path, value in PATHS.items():
        name = path.partition(".")[0]
        if name in WISHED or value.kind == "must":
            continue
        found = _at(intake, path)
        if found not in (None, "", []):
            form[path] = [_written(one) for one in found] if isinstance(found, (list, tuple)) else [_written(found)]
    for name in WISHED:
        wished, musts = _wishes(intake, name)
        for code in dict.fromkeys([*wished, *musts]):
            must = code in musts and not (online and name == "formats")
            form[f"{name}.{code}"] = ["must" if must else "wish"]
    if online:
        form["radius_miles"] = [ONLINE]
    if len(intake.get("needs") or ()) > 1:
        form[FIRST_NEED] = [intake["needs"][0]]
    return form


def _read(value: Value, texts: list[str]) -> Any:
    if value.kind == "codes":
        return list(dict.fromkeys(texts))
    last = texts[-1]
    if value.kind == "must":
        return _flag(last) if len(texts) == 1 and last in ("true", "false") else list(dict.fromkeys(texts))
    if value.kind == "flag":
        return _flag(last)
    if value.kind in ("whole", "number"):
        return _number(last, whole=value.kind == "whole")
    return last


def _flag(text: str) -> bool | str:
    plain = text.lower()
    return True if plain in _YES else False if plain in _NO else text


def _number(text: str, *, whole: bool) -> int | float | str:
    plain = text.removeprefix("$").strip()
    if _WHOLE.fullmatch(plain):
        return int(plain)
    return text if whole or not _NUMBER.fullmatch(plain) else float(plain.replace(",", "."))


def _gather_wishes(name: str, given: Mapping[str, list[str]], flat: dict[str, Any]) -> None:
    """Options answered one by one become the list of wishes and the list of musts. A must is a wish too."""
    said = {field.partition(".")[2]: values[-1] for field, values in given.items() if field.startswith(f"{name}.")}
    wished = [code for code, wish in said.items() if wish != "no"]
    musts = [code for code, wish in said.items() if wish == "must" and code in PATHS[f"{name}_required"].codes]
    if wished:
        flat[name] = list(dict.fromkeys([*flat.get(name, ()), *wished]))
    if musts and not isinstance(flat.get(f"{name}_required"), bool):
        flat[f"{name}_required"] = list(dict.fromkeys([*flat.get(f"{name}_required", ()), *musts]))


def _only_online(flat: dict[str, Any]) -> None:
    """ "Online only": the remote ways that were wished, or all of them, and no other."""
    remote = [code for code in flat.get("formats", ()) if code in REMOTE] or list(REMOTE)
    flat["formats"], flat["formats_required"] = remote, list(remote)
    del flat["radius_miles"]


def _wishes(intake: Mapping[str, Any], name: str) -> tuple[list[str], list[str]]:
    """What was wished, and which of it (or beside it) is a must."""
    wished, stated = list(intake.get(name) or ()), intake.get(f"{name}_required")
    musts = wished if stated is True else stated or ()
    return wished, [code for code in musts if code in PATHS[f"{name}_required"].codes]


def _is_online(intake: Mapping[str, Any]) -> bool:
    """Whether "online only" says the same: every way is remote and a must, and no distance was given."""
    wished, musts = _wishes(intake, "formats")
    ways = {*wished, *musts}
    return bool(ways) and set(musts) == ways and ways <= set(REMOTE) and not intake.get("radius_miles")


def _settle(flat: dict[str, Any], given: Mapping[str, list[str]]) -> None:
    """Takes out what contradicts or only repeats another answer."""
    first = given.get(FIRST_NEED, [""])[-1]
    if first in flat.get("needs", ()):
        flat["needs"] = [first, *(code for code in flat["needs"] if code != first)]
    if "near.text" in flat:  # the words stand on the page, a point does not
        flat.pop("near.latitude", None)
        flat.pop("near.longitude", None)
    if "cost.amount" in flat and flat.setdefault("cost.kind", "up_to") != "up_to":
        del flat["cost.amount"]
    items = [f"phq4.{item}" for item in range(PHQ4_ITEMS)]
    scored = [flat.pop(item) for item in items if item in flat]
    if len(scored) == PHQ4_ITEMS:
        flat["phq4"] = scored


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for path, value in flat.items():
        name, _, inner = path.partition(".")
        if inner:
            document.setdefault(name, {})[inner] = value
        else:
            document[name] = value
    return document


def _at(intake: Mapping[str, Any], path: str) -> Any:
    name, _, inner = path.partition(".")
    found = intake.get(name)
    if not inner or found is None:
        return found
    return found[int(inner)] if isinstance(found, (list, tuple)) else found.get(inner)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
