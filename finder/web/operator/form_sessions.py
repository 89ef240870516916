"""The sessions of the form: when a group meets, as people say it; where, with a point as good as what is known.

What was not touched stays as it was, also a rule that no short phrase can say.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from finder.errors import Problem
from finder.listings.sessions import keep_ids
from finder.places import lookup
from finder.places.gazetteer import Gazetteer
from finder.places.lookup import Place
from finder.schedules.spoken.reading import FIELDS, read
from finder.schedules.spoken.saying import written
from finder.web.operator.form_fields import PLACE, REMOTE, SESSION, Field
from finder.web.operator.form_kinds import Form, Sent, first, plain

MARK = "sessions"  # a hidden field that says how many there are
MOST = 60  # contract: sessions
_NAME = re.compile(r"^sessions\.([0-9]{1,2})\.")
_ADDRESS = ("address_1", "city", "state", "postal_code", "country")
_POINT = ("latitude", "longitude")
_HIDDEN_DIGITS = 2  # of a degree, about a kilometer: as near as a hidden place may be known (TRUST P9)
LANGUAGES = ("en", "es")  # that schedules are read and said in


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a form needs to know: places, the language of what was typed, and the day."""

    gazetteer: Gazetteer
    language: str
    today: date


@dataclass(slots=True)
class Block:
    """One session of the form as it was read: usually one session of the listing, several where a text names several.

    `problems` are by the field's own name ("when"); `assumed` says what was taken for granted.
    """

    number: int
    sessions: list[dict[str, Any]]
    problems: dict[str, list[Problem]] = field(default_factory=dict)
    assumed: tuple[Problem, ...] = ()


def said(session: Mapping[str, Any], language: str) -> str:
    """When a session meets, as its box holds it; "" where there is nothing to say, or no words for it."""
    return written([session], language=language if language in LANGUAGES else "en") or ""


def show(sessions: Sequence[Mapping[str, Any]], language: str) -> Sent:
    """The fields of sessions as the form holds them."""
    found: Sent = {MARK: [str(len(sessions))]}
    for number, session in enumerate(sessions):
        found |= {f"sessions.{number}.{name}": one for name, one in shown(session, language).items()}
        found[f"sessions.{number}.was"] = [str(number)]
    return found


def show_beside(sessions: Sequence[Mapping[str, Any]], base: Sequence[Mapping[str, Any]], language: str) -> Sent:
    """The fields of sessions that are no longer those of `base` in its order: each goes on from the one it was."""
    found = show(sessions, language)
    old = {uuid.UUID(int=place): one for place, one in enumerate(base)}
    same = [next((key for key, one in old.items() if one == session), None) for session in sessions]
    left = {key: one for key, one in old.items() if key not in same}
    kept = iter(keep_ids([one for one, key in zip(sessions, same, strict=True) if key is None], left))
    for number, key in enumerate(same):
        was = key if key is not None else next(kept)
        found[f"sessions.{number}.was"] = ["" if was is None else str(was.int)]
    return found


def shown(session: Mapping[str, Any], language: str) -> Sent:
    """The fields of one session without what they begin with in the form."""
    found: Sent = {}
    for one in (*SESSION, *PLACE, *REMOTE):
        if one.path == "when":
            found["when"] = [said(session, language)]
            continue
        head, _, part = one.path.partition(".")
        value = (session.get(head) or {}).get(part) if part else session.get(head)
        found |= one.kind.show(one.path, value)
    return found


def numbers(form: Form) -> list[int]:
    """The numbers of the sessions in a form, in order."""
    return sorted({int(found[1]) for name in form if (found := _NAME.match(name))})[:MOST]


def blocks(form: Form, base: Sequence[Mapping[str, Any]], reading: Reading) -> list[Block]:
    """Every session of a form, read. `base` are the sessions that the form was made from; empty blocks are left out."""
    found = []
    for number in numbers(form):
        own = {name.removeprefix(f"sessions.{number}."): one for name, one in form.items()
               if name.startswith(f"sessions.{number}.")}
        was = _was(own, base)
        if was or not _is_empty(own):
            found.append(_block(number, own, was, reading))
    return found


def _was(own: Form, base: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    typed = first(own, "was")
    at = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else len(base)
    return base[at] if at < len(base) else {}


def _is_empty(own: Form) -> bool:
    return not any(plain(one) for name, many in own.items() if name not in ("was", "timezone") for one in many)


def _block(number: int, own: Form, was: Mapping[str, Any], reading: Reading) -> Block:
    before = shown(was, reading.language) if was else {}
    session: dict[str, Any] = {}
    for one in (SESSION[0], *REMOTE):
        _set(session, one.path, _value(one, own, before, was.get(one.path)))
    location = _location(own, before, was.get("location") or {}, reading.gazetteer)
    _set(session, "location", location or None)
    times, problems, assumed = _times(own, was, location, reading)
    found = Block(number, [{**session, **one} for one in times] or [session], assumed=assumed)
    if problems:
        found.problems["when"] = problems
    return found


def _value(one: Field, own: Form, before: Sent, value: Any) -> Any:
    """What a field says now; a box that still holds what it held, or was not sent, says what it said."""
    if not set(one.kind.names(one.path)) & set(own):
        return value
    return value if _same(one, own, before) and value is not None else one.kind.read(one.path, own)


def _same(one: Field, own: Form, before: Sent) -> bool:
    return all(sorted(filter(None, map(plain, own.get(name, ())))) == sorted(filter(None, map(plain, before[name])))
               for name in one.kind.names(one.path) if name in before)


def _set(into: dict[str, Any], key: str, value: Any) -> None:
    if value is not None:
        into[key] = value


# -- when ------------------------------------------------------------------------------------------------------------


def _times(own: Form, was: Mapping[str, Any], location: Mapping[str, Any],
           reading: Reading) -> tuple[list[dict[str, Any]], list[Problem], tuple[Problem, ...]]:
    """The times of a session: as they were when its words were left alone, else what the words say."""
    text, zone = first(own, "when"), first(own, "timezone")
    if "when" not in own or (was and text in {plain(said(was, one)) for one in LANGUAGES}):
        times = {name: was[name] for name in FIELDS if name in was and name != "timezone"}
        kept = was.get("timezone") if "timezone" not in own else zone
        return [times | ({"timezone": kept} if kept else {})], [], ()
    if not text:
        return [{"timezone": zone} if zone else {}], [], ()
    zone = zone or _zone_of(location)
    spoken = read(text, language=reading.language if reading.language in LANGUAGES else "en", today=reading.today,
                  timezone=zone)
    problems = list(spoken.problems) or ([] if spoken.sessions else [Problem("not_understood", words=text[:40])])
    return [dict(one) for one in spoken.sessions], problems, spoken.assumed


def _zone_of(location: Mapping[str, Any]) -> str:
    point = [location.get(name) for name in _POINT]
    if not all(isinstance(one, int | float) for one in point):
        return ""
    latitude, longitude = point
    on_earth = -90 <= latitude <= 90 and -180 <= longitude <= 180  # type: ignore[operator]
    return lookup.timezone_at(latitude, longitude) or "" if on_earth else ""  # type: ignore[arg-type]


# -- where -----------------------------------------------------------------------------------------------------------


def _location(own: Form, before: Sent, was: Mapping[str, Any], gazetteer: Gazetteer) -> dict[str, Any]:
    """The place as stated. Its point is what it was, unless the address changed; then the middle of the ZIP code or
    town; or the one that was typed."""
    if all(_same(one, own, before) or one.path not in own for one in PLACE) and was:
        return dict(was)
    found: dict[str, Any] = {}
    for one in PLACE:
        name = one.path.partition(".")[2]
        if name not in _POINT:
            _set(found, name, _value(one, own, before, was.get(name)))
    if not found.get("hidden"):
        found.pop("hidden", None)
    _spell(found)
    point = {one.path.partition(".")[2]: one.kind.read(one.path, own) for one in PLACE[-2:] if one.path in own}
    point = {name: one for name, one in point.items() if one is not None}
    old_point = {name: was[name] for name in (*_POINT, "precision") if name in was}
    typed = bool(point) and not (was and all(_same(one, own, before) for one in PLACE[-2:]))
    moved = any(found.get(name) != was.get(name) for name in _ADDRESS)
    if typed:
        found |= point | {"precision": "exact"}
    elif old_point and not moved:
        found |= old_point
    else:
        found |= _looked_up(found, gazetteer)
    return _snapped(found, gazetteer) if found.get("hidden") else found


def _spell(location: dict[str, Any]) -> None:
    """Letters for the name of a state, capitals for a country."""
    if "country" in location:
        location["country"] = location["country"].upper()
    if location.get("country", "US") == "US" and location.get("state"):
        location["state"] = lookup.state_code(location["state"]) or location["state"]


def _looked_up(location: dict[str, Any], gazetteer: Gazetteer) -> dict[str, Any]:
    """The point that the gazetteer knows for an address, and the town and state of a ZIP code alone."""
    if location.get("country", "US") != "US":
        return {}
    place = lookup.resolve_zip(location["postal_code"], gazetteer) if location.get("postal_code") else None
    if place is None and location.get("city") and location.get("state"):
        found = lookup.resolve_city(location["city"], location["state"], gazetteer)
        place = found if isinstance(found, Place) else None
    if place is None:
        return {}
    named: dict[str, Any] = {}
    if place.postal_code and not location.get("city") and not location.get("state"):
        town, _, rest = place.text.rpartition(", ")
        named = {"city": town, "state": rest.partition(" ")[0]}
    return {**named, "latitude": place.latitude, "longitude": place.longitude, "precision": place.precision}


def _snapped(location: dict[str, Any], gazetteer: Gazetteer) -> dict[str, Any]:
    """A hidden place with no better point than its ZIP code's or town's."""
    rest = {name: one for name, one in location.items() if name not in (*_POINT, "precision")}
    rough = _looked_up(rest, gazetteer)
    if rough:
        return rest | rough
    point = {name: round(location[name], _HIDDEN_DIGITS) if isinstance(location.get(name), int | float) else
             location[name] for name in _POINT if name in location}
    return rest | point | ({"precision": "city"} if point else {})
