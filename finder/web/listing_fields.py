"""The main facts of a listing as boxes that a stranger can fill in, and a listing document made of what they typed.

Nothing is refused that words can tell: what cannot be read as days and hours, or put at a place, goes along as a note.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from finder import wording
from finder.errors import Invalid, Problem
from finder.places import lookup
from finder.places.gazetteer import Gazetteer
from finder.schedules.spoken import reading, saying
from finder.vocabulary import vocabulary
from finder.web.listing_page import ATTENDEES
from finder.web.showing import IN_PERSON
from finder.wordings.language import N_, gettext

Form = Mapping[str, str]

PLAIN: Mapping[str, str] = {"name": "name", "phone": "contact.phone", "email": "contact.email", "url": "contact.url",
                            "attendees": "attendees", "gender_mix": "gender_mix", "group_type": "group_type",
                            "led_by": "led_by", "description": "description"}
ONLY_ADDED = frozenset(("group_type", "led_by", "description"))  # boxes that stand in the form for new groups only
ONLY_CORRECTED = frozenset(("attendees", "gender_mix"))
PLACE: Mapping[str, str] = {"place": "name", "street": "address_1", "city": "city", "state": "state",
                            "zip": "postal_code"}
COST, AGES = ("cost", "amount"), ("age_min", "age_max")
# Boxes under other names in the validator's findings; a number is the place of a session.
_BOX_OF = {path: box for box, path in PLAIN.items()} | {f"location.{part}": box for box, part in PLACE.items()} | {
    "cost.amount": "amount", "age.min": "age_min", "age.max": "age_max", "age": "age_min", "languages": "language",
    "format": "way"}
_OTHERS = frozenset(("focus", "join_url", "note", "relation", "reply_to", "way"))  # boxes with the name of their field
_SESSION = re.compile(r"^sessions\.[0-9]+\.")
GENDERS: Mapping[str, str] = {"women": N_("Women"), "men": N_("Men"), "mixed": N_("Everybody together")}
COSTS: Mapping[str, str] = {"free": N_("Free"), "paid": N_("It costs money")}
LANGUAGES = ("en", "es", "zh", "vi", "tl", "ko", "ar", "fr", "ru", "ht", "pt", "hi")
MOST_WHEN = reading.MOST_CHARACTERS


@dataclass(slots=True)
class Typed:
    """A listing as somebody would have it, and what of their words could not be put into it."""

    document: dict[str, Any]
    note: list[str] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)  # piece of the listing -> what was typed for it


def options() -> dict[str, Mapping[str, str]]:
    """What the boxes with a list offer, in the reader's language."""
    lists = {"group_type": "group_types", "led_by": "facilitator_types", "focus": "focus_areas",
             "way": "session_formats"}
    found: dict[str, Mapping[str, str]] = {
        box: {code: wording.label(name, code) for code in vocabulary().lists[name].codes}
        for box, name in lists.items()}
    return found | {
        "attendees": {code: gettext(words) for code, words in ATTENDEES.items()},
        "gender_mix": {code: gettext(words) for code, words in GENDERS.items()},
        "cost": {code: gettext(words) for code, words in COSTS.items()},
        "language": {code: wording.languages_text([code]) for code in LANGUAGES}}


def shown(document: Mapping[str, Any], language: str) -> dict[str, str]:
    """What the boxes hold for a listing that visitors see."""
    found = {box: str(_at(document, path) or "") for box, path in PLAIN.items()}
    cost, age = document.get("cost") or {}, document.get("age") or {}
    found["cost"] = "" if not cost else "free" if cost["free"] else "paid"
    found["amount"] = f"{cost['amount']:g}" if cost.get("amount") else ""
    found |= {box: str(age[part]) if part in age else "" for box, part in zip(AGES, ("min", "max"), strict=True)}
    location = _place(document) or {}
    found |= {box: location.get(part) or "" for box, part in PLACE.items()}
    return found | {"when": "\n".join(_lines(document, language))}


def _at(document: Mapping[str, Any], path: str) -> Any:
    key, _, part = path.partition(".")
    return (document.get(key) or {}).get(part) if part else document.get(key)


def _place(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Where it meets in person, if that is no secret."""
    for one in document.get("sessions") or ():
        location: Mapping[str, Any] | None = one.get("location")
        if one["format"] in IN_PERSON and location and not location.get("hidden"):
            return location
    return None


def _lines(document: Mapping[str, Any], language: str) -> list[str]:
    """A line for each session; none at all where one of them has no short words."""
    lines = [saying.written([one], language=_spoken(language)) for one in document.get("sessions") or ()]
    return [one or "" for one in lines] if all(lines) else []


def _spoken(language: str) -> str:
    return "es" if language == "es" else "en"


# -- reading ---------------------------------------------------------------------------------------------------------


def corrected(document: Mapping[str, Any], form: Form, *, language: str, today: date, gazetteer: Gazetteer) -> Typed:
    """The listing with what was changed in the boxes; a box that holds what it held is not touched.

    Raises Invalid by box.
    """
    held = shown(document, language)
    changed = {name for name in held if name in form and _plain(form[name]) != _plain(held[name])}
    typed = Typed(copy.deepcopy(dict(document)))
    for box in changed & (PLAIN.keys() - ONLY_ADDED):
        _set(typed.document, PLAIN[box], _plain(form[box]))
    if changed & set(COST):
        _cost(typed.document, form)
    if changed & set(AGES):
        _ages(typed.document, form)
    if changed & PLACE.keys():
        _move(typed, form, gazetteer)
    if "when" in changed:
        _retime(typed, held["when"], form, _spoken(language), today)
    return typed


def added(form: Form, *, language: str, today: date, gazetteer: Gazetteer) -> Typed:
    """A new listing from the boxes. Raises Invalid by box."""
    typed = Typed({"format": "finder-listing/1", "id": "new"})
    for box in PLAIN.keys() - ONLY_CORRECTED:
        _set(typed.document, PLAIN[box], _plain(form.get(box, "")))
    typed.document |= {"focus": [form["focus"]]} if form.get("focus") else {}
    typed.document |= {"languages": [form["language"]]} if form.get("language") else {}
    if form.get("cost") or form.get("amount"):
        _cost(typed.document, form)
    session: dict[str, Any] = {"format": form.get("way") or "in_person"}
    location, zone = _located(form, gazetteer)
    if location and session["format"] in IN_PERSON:
        session["location"] = location
    elif location:
        typed.note.append(gettext("Where: %(words)s", words=_address(form)))
    if _plain(form.get("join_url", "")):
        session["join_url"] = _plain(form["join_url"])
    when = _plain(form.get("when", ""))
    said = reading.read(when, language=_spoken(language), today=today, timezone=zone or "")
    if said.sessions and not said.problems:
        typed.document["sessions"] = [session | one for one in said.sessions]
    else:
        typed.document["sessions"] = [session]
        typed.note += [gettext("When: %(words)s", words=when)] if when else []
    return typed


def boxes(errors: Mapping[str, list[Problem]]) -> dict[str, list[Problem]]:
    """Problems by box, from the dotted paths of the validator. What belongs to no box stands for the whole form."""
    found: dict[str, list[Problem]] = {}
    for path, problems in errors.items():
        plain = _SESSION.sub("", path)
        box = _BOX_OF.get(plain) or (plain if plain in _BOX_OF.values() or plain in _OTHERS else "")
        found.setdefault(box, []).extend(problems)
    return found


def _plain(typed: str) -> str:
    return typed.replace("\r\n", "\n").replace("\r", "\n").strip()


def _set(document: dict[str, Any], path: str, value: str) -> None:
    key, _, part = path.partition(".")
    if not part:
        document.pop(key, None)
        document |= {key: value} if value else {}
        return
    inside = {name: one for name, one in (document.get(key) or {}).items() if name != part}
    inside |= {part: value} if value else {}
    document.pop(key, None)
    document |= {key: inside} if inside else {}


def _cost(document: dict[str, Any], form: Form) -> None:
    chosen, amount = form.get("cost", ""), _plain(form.get("amount", "")).lstrip("$").strip()
    if not chosen and not amount:
        document.pop("cost", None)
        return
    kept = {name: one for name, one in (document.get("cost") or {}).items() if name not in ("free", "amount")}
    if amount and not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,2})?", amount):
        raise Invalid({"amount": [Problem("not_a_number")]})
    number = float(amount) if amount else 0.0
    free = chosen == "free" or (not chosen and not number)
    if free and number:
        raise Invalid({"amount": [Problem("free_with_amount")]})
    whole: float | int = int(number) if number == int(number) else number
    document["cost"] = {"free": free, **({"amount": whole} if number else {}), **kept}


def _ages(document: dict[str, Any], form: Form) -> None:
    age: dict[str, int] = {}
    for box, part in zip(AGES, ("min", "max"), strict=True):
        words = _plain(form.get(box, ""))
        if words and not (words.isascii() and words.isdigit() and len(words) < 4):
            raise Invalid({box: [Problem("not_a_number")]})
        age |= {part: int(words)} if words else {}
    document.pop("age", None)
    document |= {"age": age} if age else {}


def _address(form: Form) -> str:
    return ", ".join(words for box in PLACE if (words := _plain(form.get(box, ""))))


def _located(form: Form, gazetteer: Gazetteer) -> tuple[dict[str, Any], str | None]:
    """The place in the boxes with the point of its ZIP code or town, and its time zone where that is known."""
    location: dict[str, Any] = {part: words for box, part in PLACE.items() if (words := _plain(form.get(box, "")))}
    if "state" in location:
        location["state"] = lookup.state_code(location["state"]) or location["state"]
    asked = location.get("postal_code") or ", ".join(location[one] for one in ("city", "state") if one in location)
    there = lookup.resolve(asked, gazetteer) if asked else None
    if not isinstance(there, lookup.Place):
        return location, None
    point = {"latitude": there.latitude, "longitude": there.longitude, "precision": there.precision}
    return location | point, there.timezone


def _move(typed: Typed, form: Form, gazetteer: Gazetteer) -> None:
    """Puts every session that met at the place on the page at the one in the boxes."""
    old, (new, _) = _place(typed.document), _located(form, gazetteer)
    if old is not None and all(old.get(part) == new.get(part) for box, part in PLACE.items() if box != "place"):
        new = {**old, "name": new.get("name")}
    moved = [one for one in typed.document.get("sessions") or ()
             if one["format"] in IN_PERSON and one.get("location") == old]
    for one in moved:
        one["location"] = new or None
    typed.words["sessions"] = _address(form)
    if not moved:
        typed.note.append(gettext("Where: %(words)s", words=_address(form)))


def _retime(typed: Typed, held: str, form: Form, language: str, today: date) -> None:
    """Gives each session whose line was changed its new times; lines that cannot be told apart go into the note."""
    old, new = held.splitlines(), [one.strip() for one in _plain(form["when"]).splitlines() if one.strip()]
    sessions = typed.document.get("sessions") or []
    said = [reading.read(line, language=language, today=today, timezone=session.get("timezone") or "")
            for line, session in zip(new, sessions, strict=False)]
    clear = len(old) == len(new) == len(sessions) and all(
        was == line or (len(one.sessions) == 1 and not one.problems)
        for was, line, one in zip(old, new, said, strict=False))
    typed.words["sessions"] = " / ".join(filter(None, (typed.words.get("sessions"), *new)))
    if not clear:
        typed.note.append(gettext("When: %(words)s", words=" / ".join(new)))
        return
    for place, (was, line, one) in enumerate(zip(old, new, said, strict=True)):
        if was != line:
            kept = {name: value for name, value in sessions[place].items() if name not in reading.FIELDS}
            sessions[place] = kept | one.sessions[0]
