"""A listing in the pieces that people look at and decide about one by one, and which of those can do harm.

A piece is a top-level field, or for `contact`, `organization` and `cost` each of their fields ("contact.phone"). Pure.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from finder.catalog import rows
from finder.listings.sessions import keep_ids

SPLIT = ("organization", "cost", "contact")
APART = frozenset(("format", "id", "verified", "source"))  # nobody edits these as such
# Where a wrong value leads people to a stranger: these wait for a second person (TRUST Y4).
RISKY_CONTACT = ("phone", "email", "url")
RISKY_SESSION = ("location", "join_url", "dial_in")
# What people wrote themselves, in which such a value could hide.
FREE_WORDS = ("name", "description", "organization.name", "cost.note", "contact.note")
# An address of any kind: a mark of one, a full stop in the midst of letters as in "evil.io" (and not as in "M.Ed" or
# "p.m."), or a name of any length with a path behind it.
_ADDRESS = re.compile(r"@|https?:|ftp:|mailto:|www\.|[a-z0-9-]{2}\.[a-z]{2,24}\b|[a-z0-9]\.[a-z]{2,24}/", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9(+][0-9() .-]{5,40}[0-9]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|\b(?:19|20)[0-9]{2} ?- ?(?:19|20)[0-9]{2}\b")  # also from year to year
_PLAIN = {"Pd": "-", "Zs": " ", "Cf": ""}  # Unicode's categories of dashes, spaces, and signs that nobody sees
_STOPS = str.maketrans(dict.fromkeys("\u3002\u00b7\u2022\u2027\u22c5\u30fb", ".") | {"\u2212": "-"})
_SHORTEST_NUMBER = 7  # digits of a telephone number


def pieces(document: Mapping[str, Any]) -> dict[str, Any]:
    """Every piece that a listing states, in the contract's order."""
    found: dict[str, Any] = {}
    for key in rows.ORDER:
        if key in APART or key not in document:
            continue
        if key in SPLIT:
            found |= {f"{key}.{name}": one for name, one in document[key].items()}
        else:
            found[key] = document[key]
    return found


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The pieces in which two listings differ, in order."""
    old, new = pieces(before), pieces(after)
    names = sorted(old.keys() | new.keys(), key=_place)
    return [name for name in names if old.get(name) != new.get(name)]


def _place(name: str) -> tuple[int, str]:
    return rows.ORDER.index(name.partition(".")[0]), name


def taken(onto: Mapping[str, Any], of: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """A listing with some pieces of another one; what the other does not state goes."""
    found = {key: dict(one) if key in SPLIT else one for key, one in onto.items()}
    for name in names:
        key, _, part = name.partition(".")
        if not part:
            _set(found, key, of.get(key))
            continue
        inside = found.setdefault(key, {})
        _set(inside, part, (of.get(key) or {}).get(part))
        if not inside:
            del found[key]
    return {key: found[key] for key in rows.ORDER if key in found}


def _set(into: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        into.pop(key, None)
    else:
        into[key] = value


def risky(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The changed pieces that bring a phone number, address, link or place which the listing did not have before, also
    in the midst of words.

    Taking one away is not risky.
    """
    old, new = pieces(before), pieces(after)
    differing = changed(before, after)
    found = [name for name in differing if name.partition(".")[2] in RISKY_CONTACT and name in new]
    found += [name for name in differing if name in FREE_WORDS and _reaches(new.get(name)) - _reaches(old.get(name))]
    if "sessions" in differing and not _known_places(old.get("sessions"), new.get("sessions")):
        found.append("sessions")
    return sorted(found, key=_place)


def _reaches(words: Any) -> frozenset[str]:
    """The telephone numbers, addresses and links in the midst of a text."""
    text = _DATE.sub(" ", _plain(str(words or "")))
    numbers = (re.sub(r"[^0-9]", "", one) for one in _NUMBER.findall(text))
    return frozenset(one for one in numbers if len(one) >= _SHORTEST_NUMBER) | frozenset(
        one for one in text.split() if _ADDRESS.search(one))


def _plain(text: str) -> str:
    """A text with dashes, spaces, stops and digits of every kind as the plain ones, and without what is not seen."""
    return "".join(_PLAIN.get(unicodedata.category(sign), sign) for sign in unicodedata.normalize("NFKC", text)
                   .translate(_STOPS))


def _known_places(old: Any, new: Any) -> bool:
    return all(_is_known(session, old) for session in new or ())


def _is_known(session: Mapping[str, Any], old: Any) -> bool:
    return all(session.get(name) is None or any(one.get(name) == session[name] for one in old or ())
               for name in RISKY_SESSION)


def safe_part(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The listing as it may be shown at once: all that changed but for the risky pieces.

    A session that moved keeps its old place with its new time; a new one at a new place waits.
    """
    held = risky(before, after)
    found = taken(after, before, [name for name in held if name != "sessions"])
    if "sessions" in held:
        sessions = _safe_sessions(before.get("sessions") or [], after.get("sessions") or [])
        found = taken(found, {"sessions": sessions or None}, ["sessions"])
    return found


def _safe_sessions(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ids = [uuid.UUID(int=number) for number in range(len(old))]
    kept = keep_ids(new, dict(zip(ids, old, strict=True)))
    found = []
    for session, key in zip(new, kept, strict=True):
        if _is_known(session, old):
            found.append(session)
        elif key is not None:
            was = old[key.int]
            place = {name: was[name] for name in RISKY_SESSION if name in was}
            found.append({name: one for name, one in session.items() if name not in RISKY_SESSION} | place)
    return found
