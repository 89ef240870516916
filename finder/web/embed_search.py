"""The search of an embedded finder: what a visitor sent and what the host chose, to a list and to help before it.

It is the search of the browse page and the notices of the results page. Nothing of it is kept, counted or put in an
address; the form carries all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from finder import wording
from finder.errors import Invalid, Problem
from finder.intake import notices
from finder.intake.document import REMOTE
from finder.search import find
from finder.search.query_schema import FACETS
from finder.search.snapshot import Snapshot
from finder.services import Services
from finder.understanding import understand
from finder.web import board, browse_page, looking, typed_place
from finder.web import filters as narrowing
from finder.web.browse_page import RADII, Pages
from finder.web.embed_presets import Presets
from finder.web.help_now import HelpNow, Panel
from finder.web.quick import ONLINE
from finder.web.showing import Card, card
from finder.wordings.language import N_, gettext

PER_PAGE = 8
STANDING = "standing_line_only"
DAYS = tuple(str(day) for day in range(7))
WAYS: Mapping[str, tuple[str, ...]] = {"person": ("in_person", "hybrid"), "online": (*REMOTE, "hybrid")}
LONGEST = 2000  # characters of one field that are looked at, so that help is found in words too long for a search
_PAGE = re.compile(r"[1-9][0-9]?|[1-4][0-9]{2}")  # a browse query goes no farther
# What may be taken back when nothing is left, and the words of the button.
WIDER: Mapping[str, str] = {"day": N_("Any day"), "how": N_("In person or online"), "far": N_("Any distance"),
                            "topic": N_("Any topic"), "q": N_("Without the words")}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form of the frame holds. All are texts as sent; `topic` is a filter number as addresses have them."""

    q: str = ""
    near: str = ""
    far: str = ""
    topic: str = ""
    how: str = ""
    day: str = ""
    page: str = ""  # a number from 1, or nothing for the first

    @classmethod
    def sent(cls, form: Mapping[str, str]) -> Asked:
        """What a visitor sent; choices that no list of the form holds count as none."""
        said = {one.name: form.get(one.name, "")[:LONGEST].strip() for one in fields(cls)}
        known = {"day": DAYS, "how": tuple(WAYS), "far": tuple(map(str, RADII)),
                 "topic": tuple(str(number) for number in range(1, len(FACETS["focus"]) + 1))}
        asked = cls(**{name: value for name, value in said.items() if name not in known or value in known[name]})
        asked = replace(asked, page=asked.page if _PAGE.fullmatch(asked.page) else "")
        if asked.near.casefold() in ONLINE:
            return replace(asked, near="", how="online")
        return asked

    def without(self, name: str) -> Asked:
        """The same with one thing taken back."""
        return replace(self, page="", **{name: ""})

    def held(self) -> list[tuple[str, str]]:
        """Name and value of all that a button of another page must carry on."""
        return [(one.name, value) for one in fields(self) if one.name != "page" and (value := getattr(self, one.name))]


@dataclass(frozen=True, slots=True)
class Row:
    """One group of the list: its card, when it next meets, and the languages it speaks."""

    card: Card
    next: str
    languages: str


@dataclass(frozen=True, slots=True)
class Wider:
    """One thing to take back when nothing is left: its words, how many groups that brings, and what to ask then."""

    words: str
    total: int
    asked: Asked


@dataclass(frozen=True, slots=True)
class Found:
    """A list, or why there is none. `named` are groups that were called by name or hold the words typed; `place` is
    the one that distances are from, `choices` those that may be meant."""

    errors: Mapping[str, Sequence[Problem]] = field(default_factory=dict)
    named: Sequence[Row] = ()
    rows: Sequence[Row] = ()
    total: int = 0
    fitting: int = 0  # of these, all but the named
    place: str = ""
    states: frozenset[str] = frozenset()
    choices: Sequence[str] = ()
    unknown_place: bool = False
    no_such_words: bool = False
    miles: float | None = None
    pages: Pages | None = None
    wider: Sequence[Wider] = ()


def opening(presets: Presets) -> Asked:
    """What the form holds before anybody has sent it."""
    return Asked(near=presets.place, far=presets.miles)


def panels(asked: Asked, presets: Presets, services: Services, helping: HelpNow) -> list[Panel]:
    """The help that what was typed or chosen calls for, in the contract's order; it needs no list and no database.

    All codes that are read with certainty count, not only the first three as in a match: here nothing else is weighed.
    """
    codes = _codes(asked.q, services)
    if asked.near and typed_place.spelled(asked.near, services.gazetteer) is None:
        codes += _codes(asked.near, services)  # people write other things into the box for a place too
    if asked.topic:
        codes.append(narrowing.code_of("focus", asked.topic))
    raised = notices.raised({}, codes or presets.topics, None)
    return [helping.panel(code) for code in raised if code != STANDING]


def _codes(words: str, services: Services) -> list[str]:
    return [one.code for one in understand(words, services.vocabulary) if one.certainty != "unsure"]


def search(asked: Asked, presets: Presets, lang: str, services: Services, snapshot: Snapshot) -> Found:
    """The list for what was asked."""
    try:
        query, alone, none = _query(asked, presets, lang, services, snapshot)
    except Invalid as wrong:
        return Found(errors=wrong.errors)
    found = _browse(query, services, snapshot)
    pages = Pages(found["total"], query["page"], PER_PAGE)
    if pages.page > pages.last:
        pages = Pages(found["total"], pages.last, PER_PAGE)
        found = _browse(query | {"page": pages.page}, services, snapshot)
    named = found.get("named", ())
    total = len(named) + (0 if alone else found["total"])
    return Found(
        named=_rows(named, services) if pages.page == 1 else (),
        rows=() if alone else _rows(found["programs"], services), total=total, fitting=found["total"],
        place=(found["place"] or {}).get("text", ""), states=frozenset(board.of_place(found["place"])),
        choices=[one["text"] for one in found["place_choices"]],
        unknown_place=bool(query["near"]) and found["place"] is None, no_such_words=none,
        miles=query["radius_miles"] if found["place"] else None, pages=None if alone else pages,
        wider=() if total else _wider(asked, presets, lang, services, snapshot))


def _browse(query: Mapping[str, Any], services: Services, snapshot: Snapshot) -> dict[str, Any]:
    return find.browse({**query, "per_page": PER_PAGE}, snapshot=snapshot, gazetteer=services.gazetteer,
                       vocabulary=services.vocabulary, now=services.now())


def _rows(programs: Iterable[Mapping[str, Any]], services: Services) -> list[Row]:
    now, made = services.now(), []
    for one in programs:
        starts = one["next_session"]
        made.append(Row(card(one["listing"], one["document"], distance_miles=one["distance_miles"], today=now.date()),
                        wording.moment_text(datetime.fromisoformat(starts), begins=False) if starts else "",
                        wording.languages_text(one["document"].get("languages") or ())))
    return made


def _query(asked: Asked, presets: Presets, lang: str, services: Services,
           snapshot: Snapshot) -> tuple[dict[str, Any], bool, bool]:
    """The browse query, whether the words name groups and say nothing else, and whether no group holds them.

    Raises Invalid naming the fields of the form.
    """
    said = looking.landing(asked.q, lang, services=services, snapshot=snapshot) if asked.q else looking.Landing({})
    address = {name: [str(one) for one in value] if isinstance(value, list) else [str(value)]
               for name, value in said.address.items()}
    called = looking.named(address)
    alone = bool(called) and not set(address) - {"g"} and not (asked.topic or asked.how or asked.day)
    if asked.near and not ("near" in address and asked.near == presets.place):
        address["near"] = [typed_place.for_address(asked.near, services.gazetteer, "near")]
    elif said.unknown_place:
        address["near"] = [said.unknown_place]
    _choose(address, asked, presets)
    query, _ = browse_page.read(address)
    return query | {"named": called}, alone, "none" in address


def _choose(address: dict[str, list[str]], asked: Asked, presets: Presets) -> None:
    """Adds what was chosen in the lists of the form, and what the host chose where the visitor says nothing of it."""
    if asked.topic:
        address.setdefault("topic", []).append(asked.topic)
    if asked.how:
        address["how"] = _numbers("formats", WAYS[asked.how])
    for name in ("day", "far", "page"):
        if getattr(asked, name):
            address[name] = [getattr(asked, name)]
    for name, facet, codes in (("kind", "group_type", presets.kinds), ("topic", "focus", presets.topics)):
        address.setdefault(name, _numbers(facet, codes))


def _numbers(facet: str, codes: Iterable[str]) -> list[str]:
    return [str(narrowing.number_of(facet, code)) for code in codes]


def _wider(asked: Asked, presets: Presets, lang: str, services: Services, snapshot: Snapshot) -> list[Wider]:
    """What taking one thing back would bring, the most useful first."""
    found = []
    for name, words in WIDER.items():
        less = asked.without(name)
        if less != replace(asked, page=""):
            query, *_ = _query(less, presets, lang, services, snapshot)
            found.append(Wider(gettext(words), _browse(query, services, snapshot)["total"], less))
    return sorted((one for one in found if one.total), key=lambda one: -one.total)
