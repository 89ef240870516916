"""Any spreadsheet saved as CSV into listings, by a mapping file: columns to fields, fixed values, signed rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from finder.exchange import files
from finder.exchange.cells import times
from finder.exchange.cells.contacts import phones, web_address
from finder.exchange.cells.spots import Address, country_code, county_name, postal_code, state_code
from finder.exchange.cells.text import clean, digest, display, normalized, prose, short, slug, stated
from finder.exchange.ground import Ground, spot
from finder.exchange.mapping import Column, Rule
from finder.exchange.mapping import Mapping as Plan
from finder.exchange.rows import Document, OutOfScope, Refused, Row, listing, put

FORMAT = "finder-listing/1"
BEFORE_TODAY = "before today"
_DATES = frozenset(("starts_on", "verified.on", "capacity.as_of", "source.retrieved", "session.valid_from",
                    "session.valid_until"))
_WHOLE = frozenset(("age.min", "age.max", "severity.min", "severity.max", "capacity.seats", "policies.group_size",
                    "policies.min_days_sober", "session.duration_minutes"))
_LISTS = frozenset(("modalities", "focus", "populations", "restricted_to", "languages", "cost.insurance",
                    "licensed_states"))
_URLS = frozenset(("organization.url", "contact.url", "source.url", "session.join_url"))
_PHONES = frozenset(("organization.phone", "contact.phone"))


class _Wrong(Exception):
    def __init__(self, field: str, code: str) -> None:
        self.field, self.code = field, code
        super().__init__(field, code)


@dataclass(slots=True)
class _Table:
    """One import of a spreadsheet: the plan, the places, the day, and the ids met so far."""

    plan: Plan
    ground: Ground
    today: date
    seen: dict[str, int]


def read(path: Path, plan: Plan, *, ground: Ground, today: date) -> Iterator[Row]:
    """A listing, out of scope (a rule says so, or no group type results) or a refusal for each row, as it is read.

    Rows are numbered as a spreadsheet shows them. A second row with the same id, or without ids the same name and
    address, is refused as repeated.
    """
    if not plan.columns:
        raise files.Broken("no_mapping")
    needed = {name for column in plan.columns.values() for name in column.names}
    needed |= {name for rule in plan.rules for name in rule.when}
    table = _Table(plan, ground, today, {})
    for one in files.paths(path, ".csv"):
        for cells in files.csv_rows(one, needed):
            if cells.problem:
                yield Refused(cells.number, *cells.problem)
                continue
            try:
                yield _row(table, cells)
            except _Wrong as wrong:
                yield Refused(cells.number, wrong.field, wrong.code)


def _row(table: _Table, cells: files.Cells) -> Row:
    plan, values = table.plan, {name: stated(cell) for name, cell in cells.values.items()}
    rules = [rule for rule in plan.rules if _applies(rule, values, plan, table.today)]
    outside = next((rule.out_of_scope for rule in rules if rule.out_of_scope), None)
    if outside:
        return OutOfScope(cells.number, outside)
    flags: set[str] = set()
    document: Document = {"format": FORMAT}
    for name, value in plan.fixed.items():
        put(document, name, value)
    stated_fields = {name: _text(column, values) for name, column in plan.columns.items()}
    _fill(document, stated_fields, plan, flags)
    for rule in rules:
        for name, value in rule.fixed.items():
            put(document, name, value)
        if rule.status:
            document["status"] = rule.status
    if not document.get("group_type"):
        return OutOfScope(cells.number, "no_group_stated")
    if not document.get("verified", {}).get("on"):
        document.pop("verified", None)  # a fixed method says nothing without the day of the check
    _place(document, stated_fields, table, flags)
    _hours(document, values, plan, flags)
    signed = [{"signed_by": rule.signed_by, "why": rule.why} for rule in rules if rule.signed_by]
    if signed:
        put(document, "x.rules", signed)
    _identify(document, stated_fields, table, cells.number)
    return listing(document, (cells.number,), flags, publish=all(rule.publish for rule in rules))


def _applies(rule: Rule, values: Mapping[str, str], plan: Plan, today: date) -> bool:
    return all(_holds(values.get(column, ""), wanted, plan, today) for column, wanted in rule.when.items())


def _holds(cell: str, wanted: tuple[str, ...], plan: Plan, today: date) -> bool:
    """Whether a cell is one of the wanted texts (capitals do not count), or a date before today."""
    if BEFORE_TODAY in wanted:
        try:
            day = times.calendar_day(cell, plan.dates)
        except times.Unreadable:
            return False
        return day is not None and day < today.isoformat()
    return cell.casefold() in {one.casefold() for one in wanted}


def _text(column: Column, values: Mapping[str, str]) -> str:
    found = [values[name] for name in column.names if values.get(name)]
    if column.join is not None:
        return column.join.join(dict.fromkeys(found))
    return found[0] if found else ""


def _fill(document: Document, fields: Mapping[str, str], plan: Plan, flags: set[str]) -> None:
    for name, text in fields.items():
        if not text or name.startswith(("location.", "session.location")) or name == "id":
            continue
        value = _value(name, text, plan, flags)
        if value not in (None, "", []):
            put(document, name, value)
        elif name in _PHONES or name in _URLS:
            flags.add(f"unreadable:{name}")
            if name == "contact.phone" and "contact.note" not in fields:
                put(document, "contact.note", short(text, 500))  # a sentence may hold what a person can use


def _value(name: str, text: str, plan: Plan, flags: set[str]) -> Any:
    known = plan.values.get(name)
    if name in _LISTS:
        parts = [one.strip() for one in text.split(plan.lists.get(name, ","))]
        ours = [known.get(one, None) if known is not None else one for one in parts if one]
        flat = [code for one in ours if one is not None for code in (one if isinstance(one, list) else [one])]
        if None in ours:
            flags.add(f"unknown_value:{name}")
        return list(dict.fromkeys(flat))
    if known is not None:
        if text not in known:
            flags.add(f"unknown_value:{name}")
        return known.get(text)
    read = _READERS.get(name)
    if read is None and name in _DATES:
        return _date(name, text, plan)
    return read(text) if read else display(clean(text))


def _date(name: str, text: str, plan: Plan) -> str | None:
    try:
        return times.calendar_day(text, plan.dates)
    except times.Unreadable:
        raise _Wrong(name, "not_a_date") from None


def _whole(name: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        try:
            return int(text)
        except ValueError:
            raise _Wrong(name, "not_a_number") from None
    return read


def _first_phone(text: str) -> str | None:
    found = phones(text)
    return found[0] if found else None


_READERS: dict[str, Callable[[str], Any]] = {
    **{name: _whole(name) for name in _WHOLE}, **dict.fromkeys(_URLS, web_address),
    **dict.fromkeys(_PHONES, _first_phone),
    "description": prose, "contact.note": prose, "contact.email": clean, "organization.email": clean,
}


def _place(document: Document, fields: Mapping[str, str], table: _Table, flags: set[str]) -> None:
    """The sessions: one at the row's place, with the time the columns give, if any."""
    cell = {name.partition(".")[2]: text for name, text in fields.items() if name.startswith("location.")}
    session = document.pop("session", {})
    country = country_code(cell.get("country")) or "US"
    address = Address(display(cell.get("name", "")), display(cell.get("address_1", "")), display(cell.get("city", "")),
                      state_code(cell.get("state")), postal_code(cell.get("postal_code"), country)[0],
                      country, county_name(cell.get("county")))
    there = spot(address, cell.get("latitude"), cell.get("longitude"), table.ground,
                 approximate=bool(session.pop("approximate", False)))
    flags |= there.flags
    session = _session(session, there.zone or table.plan.timezone, flags)
    if cell and there.location:
        session.setdefault("format", "in_person")
        if session["format"] in ("in_person", "hybrid"):
            session["location"] = there.location
    if session.get("format"):
        document["sessions"] = [session]


def _session(cell: dict[str, Any], zone: str | None, flags: set[str]) -> dict[str, Any]:
    day, start, end = cell.pop("day", None), cell.pop("time", None), cell.pop("end_time", None)
    try:
        days, begin = times.weekdays(day, times.SUNDAY_IS_0), times.clock(start)
        finish = times.clock(end)
    except times.Unreadable as odd:
        raise _Wrong("session.time" if start else "session.day", "not_a_time") from odd
    if days and begin is not None and zone:
        cell |= {"repeats": f"FREQ=WEEKLY;BYDAY={','.join(days)}", "start_time": times.clock_text(begin),
                 "timezone": zone}
        if finish is not None:
            cell["duration_minutes"] = times.minutes_between(begin, finish)
    elif days or begin is not None:
        flags.add("no_zone" if days and begin is not None else "no_day_or_time")
    return cell


def _hours(document: Document, values: Mapping[str, str], plan: Plan, flags: set[str]) -> None:
    """Opening hours of the house, kept beside the listing: they are not the times of a group (quirk 5)."""
    hours: dict[str, Any] = {}
    for day, column in plan.hours.items():
        try:
            span = times.opening(values.get(column, ""))
        except times.Unreadable as odd:
            hours[day] = str(odd)
            flags.add("hours_unreadable")
            continue
        if span:
            hours[day] = list(span)
    if hours:
        put(document, "x.hours", hours)


def _identify(document: Document, fields: Mapping[str, str], table: _Table, number: int) -> None:
    given = fields.get("id", "")
    if given and given.strip("0-"):
        key = "-".join(given.split())
    else:
        key = f"{slug(str(document.get('name', '')), 48) or 'row'}-" + digest(
            *(normalized(fields.get(name, "")) for name in ("name", "location.address_1", "location.city",
                                                             "session.day", "session.time")))
    document["id"] = key
    if key in table.seen:
        raise _Wrong("id", "repeated")
    table.seen[key] = number


