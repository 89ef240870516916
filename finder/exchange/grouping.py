"""Meetings of one group at one place made into one program with several sessions.

The key of a program stays the same from import to import: the group's own id, else its name, with its place and the
people it is for (a women's meeting and an open one are two programs even when one group holds both).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from finder.exchange import schedule
from finder.exchange.cells.text import digest, normalized, short, slug
from finder.exchange.meeting import REMOTE, Meeting
from finder.exchange.rows import Document, Listing, listing, put

FORMAT = "finder-listing/1"
MOST_SOURCE_IDS = 60


@dataclass(frozen=True, slots=True)
class Feed:
    """What holds for a whole feed: values a mapping fixes, and the day of the import."""

    today: date
    fixed: Mapping[str, Any] = field(default_factory=dict)


def programs(meetings: Iterable[Meeting], feed: Feed) -> Iterator[Listing]:
    """One listing for each group at each place, in the order of first rows.

    Active meetings make the sessions; a group whose meetings are all paused is paused; one with only inactive ones is
    withheld. Every row that was handed in stands in exactly one listing's `rows`.
    """
    groups: dict[str, list[Meeting]] = {}
    for one in meetings:
        groups.setdefault(group_key(one), []).append(one)
    for key, members in groups.items():
        yield _program(key, members, feed)


def group_key(meeting: Meeting) -> str:
    """The document id of the program a meeting belongs to (quirk 24): stable, readable, unique in its source."""
    traits = meeting.traits
    who = "+".join(part for part in (traits.gender_mix or "", traits.who) if part)
    name = normalized(meeting.name.text)
    place = meeting.place or (meeting.join_url if meeting.format in REMOTE else "")
    if meeting.group:
        return f"g{slug(meeting.group, 40) or 'x'}-{digest(meeting.group, place, who)}"
    return f"{slug(meeting.name.text, 40) or 'meeting'}-{digest(name, place, who)}"


def _program(key: str, members: list[Meeting], feed: Feed) -> Listing:
    shown = [one for one in members if one.status == "active"]
    status = "active"
    if not shown:
        shown = [one for one in members if one.status == "paused"]
        status = "paused" if shown else "active"
    publish = bool(shown)
    flags = {flag for one in members for flag in one.flags}
    if shown and len(shown) < len(members):
        flags.add("some_meetings_left_out")
    shown = shown or members
    sessions, doubts = schedule.sessions(shown)
    document = _document(key, shown, status, sessions, feed)
    return listing(document, tuple(sorted(one.row for one in members)), flags | doubts, publish=publish)


def _document(key: str, shown: list[Meeting], status: str, sessions: list[dict[str, Any]], feed: Feed) -> Document:
    first = shown[0]
    fellowship = first.fellowship
    document: Document = {
        "format": FORMAT, "id": key, "name": _name(shown), "status": status,
        "group_type": fellowship.group_type if fellowship else "mutual_aid",
        "focus": _together((*(fellowship.focus if fellowship else ()), *_union(shown, "focus"))),
        "modalities": _modalities(shown),
        "populations": _union(shown, "populations"), "languages": _union(shown, "languages"),
        "gender_mix": first.traits.gender_mix, "attendees": _attendees(shown), "accessibility": _accessibility(shown),
        "sessions": sessions, "x": _extras(shown),
    }
    if fellowship:
        document |= {"led_by": "peer", "cost": {"free": True, "note": f"{fellowship.gift} (Seventh Tradition)"}}
    elif all(one.traits.donation for one in shown):
        document["cost"] = {"free": True, "note": "Voluntary contributions."}
    organization = next((one.organization for one in shown if one.organization), None)
    if organization is None and fellowship:
        organization = {"name": fellowship.name, "kind": "peer_run"}
    checked = min((one.checked_on for one in shown if one.checked_on), default=None)
    url = next((one.url for one in shown if one.url), "")
    document |= {"organization": organization, "description": _description(shown) or None,
                 "contact": {"url": url} if url else None, "source": {"url": url} if url else None,
                 "verified": {"on": min(checked, feed.today.isoformat()), "method": "import"} if checked else None}
    for field_name, value in feed.fixed.items():
        put(document, field_name, value)
    return {name: value for name, value in document.items() if value not in (None, [], {})}


def _name(shown: list[Meeting]) -> str:
    names = dict.fromkeys(normalized(one.name.text) for one in shown)
    if len(names) > 1 and shown[0].group_name:
        return short(shown[0].group_name, 200)
    return short(shown[0].name.text or shown[0].group_name, 200)


def _union(shown: list[Meeting], name: str) -> list[str]:
    return _together(code for one in shown for code in getattr(one.traits, name))


def _together(codes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(codes))


def _modalities(shown: list[Meeting]) -> list[str]:
    """The fellowship's own way first; a secular meeting is a twelve-step one only if it says so."""
    stated = _union(shown, "modalities")
    fellowship = shown[0].fellowship
    if fellowship and "mutual_aid_secular" not in stated:
        stated = [*fellowship.modalities, *stated]
    return _together(stated)


def _attendees(shown: list[Meeting]) -> str | None:
    """`relatives` where the fellowship is for them; else open meetings are for anyone and closed ones for those who
    have the difficulty (the A.A. Group, pamphlet P-16; NA format definitions); mixed or silent is not stated."""
    fellowship = shown[0].fellowship
    if fellowship and fellowship.attendees:
        return fellowship.attendees
    said = {one.traits.is_open for one in shown}
    return "anyone" if said == {True} else "person" if said == {False} else None


def _accessibility(shown: list[Meeting]) -> dict[str, str]:
    """What every meeting of the group says; one room with a ramp does not speak for the others."""
    answers = [dict(one.traits.accessibility) for one in shown]
    return {code: answer for code, answer in answers[0].items() if all(one.get(code) == answer for one in answers)}


def _description(shown: list[Meeting]) -> str:
    several = len({normalized(one.name.text) for one in shown}) > 1
    lines: dict[str, None] = {}
    for one in shown:
        times = schedule.words(one)
        parts = [f"{times}: {one.name.text}" if several and times else one.name.text if several else "", one.note]
        if one.name.original != one.name.text and (one.name.monthly or one.name.every_other) and not several:
            parts.insert(0, one.name.original)
        if one.start is not None and one.zone is None and not several:
            parts.append(f"{times} (time zone not stated)")
        text = "\n".join(part for part in parts if part)
        if text:
            lines[text] = None
    return short("\n".join(lines), 4000)


def _extras(shown: list[Meeting]) -> dict[str, Any]:
    ids = _together(one.source_id for one in shown if one.source_id)
    extras: dict[str, Any] = {"source_ids": ids[:MOST_SOURCE_IDS]} if ids else {}
    types = _union(shown, "unknown")
    if types:
        extras["types"] = types[:60]
    originals = _together(one.name.original for one in shown if one.name.original != one.name.text)
    if originals:
        extras["original_names"] = originals[:20]
    return extras
