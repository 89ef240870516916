"""A listing reduced to what is compared: names folded, numbers and links stripped, places and times as sets."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from finder.duplicates import words
from finder.duplicates.spots import Spot, spot_of
from finder.duplicates.times import Times, times_of

_DIGITS = re.compile(r"\D+")
_EXTENSION = re.compile(r"(?:[,;]|\bx|\bext\.?).*$", re.I)
_URL = re.compile(r"^https?://(?:www\.)?([^/?#:]+)(?::\d+)?([^?#]*)(?:\?([^#]*))?", re.I)
_ROOM = re.compile(r"/(?:j|my|w|s|join|lookup)/([^/?#]{3,})|\b(?:confno|meeting_?id|mtid)=([^&]+)", re.I)
_DIALED_ROOM = re.compile(r"(?<![,;#*])[,;#*]++(\d{6,})")
# Links that are rooms, not pages about a group.
_ROOM_HOSTS = ("zoom.us", "meet.google.com", "teams.microsoft.com", "webex.com", "gotomeet.me", "gotomeeting.com",
               "freeconferencecall.com", "whereby.com", "jit.si", "skype.com")
_CODE = re.compile(r"\w?\d{5,}")  # a number where a name should be
_REMOTE = frozenset(("online_video", "phone", "text_chat", "self_paced"))
MOST_KEPT = 100_000  # values that cards share, kept once each
MOST_TEXT = 200  # letters of a name that are read, as the listing format allows


@dataclass(frozen=True, slots=True)
class Card:
    """What one listing is compared by. Everything is folded; what is not stated is empty.

    `whole`: the words of the name, joined; `core`: the telling ones among them; `strong`: those that tell much;
    `coded`: the name is a number. `phones`: digits without country code and extension. `pages`: host and path of its
    own page; `sites`: hosts. `rooms`: ids of video and telephone rooms. `placed`: words of towns and houses.
    `marks`: pairs of matter and answer (gender, age, …) from name and fields.
    """

    id: str
    whole: str = ""
    core: str = ""
    strong: str = ""
    said: frozenset[str] = frozenset()
    coded: bool = False
    telling: tuple[str, ...] = ()
    numbers: frozenset[str] = frozenset()
    marks: frozenset[tuple[str, str]] = frozenset()
    organization: str = ""
    fellowship: str = ""
    phones: frozenset[str] = frozenset()
    pages: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    rooms: frozenset[str] = frozenset()
    spots: tuple[Spot, ...] = ()
    placed: frozenset[str] = frozenset()
    remote: bool = False
    times: Times = field(default_factory=Times)
    languages: frozenset[str] = frozenset()
    group_type: str = ""
    focus: frozenset[str] = frozenset()
    restricted: frozenset[str] = frozenset()


def card_of(document: Mapping[str, Any], key: str | None = None) -> Card:
    """The card of a listing document, also of one that is still being typed: every field may be missing.

    `key`: what it is called where a publisher's own id would not be unique.
    """
    name = (document.get("name") or "")[:MOST_TEXT]
    organization = document.get("organization") or {}
    contact = document.get("contact") or {}
    sessions = document.get("sessions") or ()
    spots, towns, venues = _places(sessions)
    said = words.words(name)
    runner = words.words(organization.get("name") or "")
    telling = words.telling(said, frozenset(towns))
    pages, sites = _links((contact.get("url"), organization.get("url")))
    core, strong = " ".join(telling), " ".join(word for word in telling if not words.is_plain(word))
    return Card(
        id=str(document.get("id") or "") if key is None else key, whole=" ".join(said), core=core,
        strong=core if strong == core else strong, said=frozenset(said), coded=bool(_CODE.fullmatch(name.strip())),
        telling=telling, numbers=words.numbers(said), marks=_one(_marks(document, said)),
        organization=" ".join(words.telling(runner)),
        fellowship=words.fellowship(organization.get("name") or "") or words.fellowship(name),
        phones=frozenset(filter(None, map(phone, (contact.get("phone"), organization.get("phone"))))),
        pages=pages, sites=_one(sites),
        emails=frozenset(one.strip().lower() for one in (contact.get("email"), organization.get("email")) if one),
        rooms=frozenset(_rooms(sessions)), spots=_one(spots), placed=_one(frozenset(towns | venues)),
        remote=any(one.get("format") in _REMOTE or one.get("join_url") for one in sessions),
        times=_one(times_of(sessions)), languages=_one(frozenset(document.get("languages") or ())),
        group_type=document.get("group_type") or "", focus=_one(frozenset(document.get("focus") or ())),
        restricted=_one(frozenset(document.get("restricted_to") or ())))


@lru_cache(maxsize=MOST_KEPT)
def _one(value: Hashable) -> Any:
    """The value kept once for all cards that hold an equal one: a house has many groups, a fellowship one topic."""
    return value


@lru_cache(maxsize=65_536)
def phone(value: str | None) -> str:
    """The digits of a number without extension and the 1 of North America; empty for fewer than seven."""
    digits = _DIGITS.sub("", _EXTENSION.sub("", value or ""))
    digits = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    return digits if len(digits) >= 7 else ""


def _places(sessions: Iterable[Mapping[str, Any]]) -> tuple[tuple[Spot, ...], set[str], set[str]]:
    """The different spots, and the words of their towns and houses, which names repeat ("Salem Men's Group")."""
    spots: dict[Spot, None] = {}
    towns: set[str] = set()
    venues: set[str] = set()
    for one in sessions:
        location = one.get("location")
        if location:
            spots[spot_of(location)] = None
            towns.update(words.words(location.get("city") or ""))
            if not location.get("hidden"):
                venues.update(words.words(location.get("name") or ""))
    return tuple(spots), towns, venues


def _marks(document: Mapping[str, Any], said: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Those of the name, and the gender that the document states where it is closed to others."""
    gender = document.get("gender_mix")
    return words.marks(said) | ({("gender", gender)} if gender in ("women", "men") else frozenset())


def _links(urls: Iterable[str | None]) -> tuple[frozenset[str], frozenset[str]]:
    pages, sites = set(), set()
    for url in urls:
        found = _URL.match(url or "")
        if found and not found.group(1).lower().endswith(_ROOM_HOSTS):
            host, path = found.group(1).lower(), found.group(2).rstrip("/").lower()
            sites.add(host)
            if path or found.group(3):
                pages.add(f"{host}{path}?{found.group(3)}" if found.group(3) else f"{host}{path}")
    return frozenset(pages), frozenset(sites)


def _rooms(sessions: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """Ids of rooms: the number in a join link or behind a number to dial; else the link itself."""
    for one in sessions:
        if url := one.get("join_url"):
            found = _ROOM.search(url)
            whole = _URL.match(url)
            if found:
                yield (found.group(1) or found.group(2)).lower()
            elif whole:
                yield f"{whole.group(1)}{whole.group(2)}".lower().rstrip("/")
        yield from _DIALED_ROOM.findall(one.get("dial_in") or "")
