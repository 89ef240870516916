"""Taking back all that one account did, in one deed: what nobody touched afterwards is again exactly what it was, and
where somebody did, their word stays and only the account's goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.catalog import listing_schema, queries, rows
from finder.catalog.models import DELETED, Source
from finder.errors import Invalid
from finder.listings import changes, pieces, writing
from finder.listings.changes import Entry, Listing
from finder.listings.models import Revision
from finder.listings.writing import CHUNK, Author, Change, Writing, naive

Theirs = Callable[[Entry], bool]
UNITS_APART = ("verified", "source")  # no pieces that people edit, but an account may have changed them
BY_SOURCES = frozenset(("import", "added"))  # kinds of change that keep no field against a feed


@dataclass(frozen=True, slots=True)
class Target:
    """A listing without what one account did: its text, its state and the fields that other people set."""

    document: dict[str, Any]
    state: str
    kept_fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Deed:
    """One listing that an account changed: how often, from when to when (UTC), whether others came after, and whether
    taking it back would make it different now."""

    listing: Listing
    times: int
    first_at: datetime
    last_at: datetime
    others_after: bool
    differs: bool


@dataclass(frozen=True, slots=True)
class Reverted:
    """How many listings are different now, and the slugs of those whose old text breaks a rule of today; they stay as
    they are."""

    changed: int
    refused: tuple[str, ...] = ()


def deeds(session: Session, account_id: int, *, since: datetime | None = None) -> list[Deed]:
    """What an account did (since an instant), listing by listing, the latest first."""
    found = [_deed(there, entries, theirs)
             for there, entries, theirs in _with_history(session, account_id, since)]
    return sorted(found, key=lambda one: (one.last_at, one.listing.slug), reverse=True)


def _deed(there: Listing, entries: Sequence[Entry], theirs: Theirs) -> Deed:
    own = [one for one in entries if theirs(one)]
    others_after = any(one.number > own[-1].number and not theirs(one) for one in entries)
    return Deed(there, len(own), own[-1].at, own[0].at, others_after, without(entries, there, theirs) is not None)


def revert_account(session: Session, account_id: int, *, author: Author, now: datetime,
                   since: datetime | None = None, reason: str | None = None) -> Reverted:
    """Takes back all that an account changed (since an instant); doing it twice changes nothing more.

    A listing that the account added is deleted. All of it is one deed: the door commits it whole.
    """
    version = queries.next_version(session)  # takes the writers' turn, so what is read now stays true
    wanted: dict[str, list[tuple[Listing, Target]]] = {}
    refused = []
    for there, entries, theirs in _with_history(session, account_id, since):
        target = without(entries, there, theirs)
        if target is None:
            continue
        if target.document != there.document and _is_refused(target.document):
            refused.append(there.slug)
            continue
        wanted.setdefault(there.source, []).append((there, target))
    touched = False
    for source, listed in wanted.items():
        found = session.execute(select(Source).where(Source.name == source)).scalar_one()
        to = Writing(session, found, version, now, author, "reverted", reason=reason)
        for chunk in _chunks(listed):
            _write(to, chunk)
        touched |= to.touched
    if touched:
        queries.raise_version(session)
    return Reverted(sum(map(len, wanted.values())), tuple(refused))


def _is_refused(document: Mapping[str, Any]) -> bool:
    try:
        listing_schema.load(dict(document))
    except Invalid:
        return True
    return False


def _write(to: Writing, listed: Sequence[tuple[Listing, Target]]) -> None:
    before = writing.read_rows(to.session, [there.id for there, _ in listed])
    changes.lift_removals(to.session, [there.id for there, target in listed
                                       if there.state == DELETED != target.state], to.now)
    writing.change(to, [
        Change(before[there.id], target.document, target.state, rows.content_hash(target.document),
               {"kept_fields": target.kept_fields or None,
                "merged_into": there.merged_into if target.state == DELETED else None})
        for there, target in listed])


def _with_history(session: Session, account_id: int, since: datetime | None) \
        -> Iterator[tuple[Listing, list[Entry], Theirs]]:
    start = naive(since) if since is not None else datetime.min  # noqa: DTZ901 - the tables' instants have no zone

    def theirs(entry: Entry) -> bool:
        return entry.account_id == account_id and entry.at >= start

    touched = session.scalars(select(Revision.program_id).where(
        Revision.account_id == account_id, Revision.at >= start).distinct()).all()
    for chunk in _chunks(touched):
        found, entries = changes.find_all(session, chunk), changes.histories(session, chunk)
        yield from ((found[one], entries[one], theirs) for one in chunk)


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))


# -- what would be without them --------------------------------------------------------------------------------------


def without(entries: Sequence[Entry], there: Listing, theirs: Theirs) -> Target | None:
    """A listing without the changes that are `theirs`, from its history (newest first); None when nothing differs.

    Piece by piece the last word of anybody else counts, and what stood there before where nobody else had one.
    """
    steps = [(one, _changed(one)) for one in entries]
    now, back = _units(there.document), {}
    for name in sorted({name for one, changed in steps if theirs(one) for name in changed}):
        value = _last_word([one for one, changed in steps if name in changed], name, theirs)
        if value != now.get(name):
            back[name] = value
    document = _with(there.document, back) if back else there.document
    state = _state(entries, there, theirs)
    if document == there.document and state == there.state:
        return None
    return Target(document, state, _kept(entries, there, theirs))


def _units(document: Mapping[str, Any] | None) -> dict[str, Any]:
    if document is None:
        return {}
    return pieces.pieces(document) | {name: document[name] for name in UNITS_APART if name in document}


def _after(entry: Entry) -> Mapping[str, Any] | None:
    return entry.after if entry.after is not None else entry.before  # taken down: its words stayed


def _changed(entry: Entry) -> set[str]:
    old, new = _units(entry.before), _units(_after(entry))
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def _last_word(changing: Sequence[Entry], name: str, theirs: Theirs) -> Any:
    """The newest value of a unit that is not theirs, from the entries that changed it; where the listing itself is
    theirs, what they began with."""
    for entry in changing:
        if not theirs(entry) or entry.before is None:
            return _units(_after(entry)).get(name)
    return _units(changing[-1].before).get(name)


def _with(document: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """A document with some units of other values, canonical if it passes the rules; None takes one out."""
    found = {key: dict(one) if key in pieces.SPLIT else one for key, one in document.items()}
    for name, value in values.items():
        key, _, part = name.partition(".")
        inside = found.setdefault(key, {}) if part else found
        if value is None:
            inside.pop(part or key, None)
        else:
            inside[part or key] = value
        if part and not inside:
            del found[key]
    ordered = {key: found[key] for key in rows.ORDER if key in found}
    try:
        return listing_schema.load(ordered)
    except Invalid:
        return ordered  # revert_account names it


def _state(entries: Sequence[Entry], there: Listing, theirs: Theirs) -> str:
    """The state without them: the last that anybody else gave it; deleted for a listing that they added."""
    state: str | None = there.state
    for entry in entries:
        if entry.state_before == entry.state_after:
            continue
        if not theirs(entry):
            return entry.state_after
        state = entry.state_before
    return state or DELETED


def _kept(entries: Sequence[Entry], there: Listing, theirs: Theirs) -> dict[str, str]:
    """The fields that people other than them set, with when: only those are held against a feed afterwards."""
    kept = dict(there.kept_fields)
    steps = [(one, changes.changed_fields(one.before or {}, _after(one) or {})) for one in entries]
    for name in {name for one, fields in steps if theirs(one) for name in fields} & kept.keys():
        said = next((one for one, fields in steps
                     if not theirs(one) and one.kind not in BY_SOURCES and name in fields), None)
        if said is None:
            del kept[name]
        else:
            kept[name] = said.at.replace(tzinfo=UTC).isoformat()
    return kept
