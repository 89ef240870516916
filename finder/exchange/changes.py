"""The shape of what changed in an instance of this software, as it is given out and as another one reads it.

Pure. Whoever keeps a copy goes through the changes page by page: a listing as it is now, or a word that it is gone.
Every listing names the instance that keeps it (`origin`) and its id there, however many instances it came through.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from finder.exchange.files import Broken
from finder.exchange.rows import Refused

PUBLISHED, GONE = "published", "gone"
MOST_IN_PAGE = 500
LONGEST_CURSOR = 200
_CURSOR = re.compile(rf"[!-~]{{1,{LONGEST_CURSOR}}}")
_MOST_READ = 5000  # changes in one page of somebody else
_LONGEST_ID = 200
_LONGEST_TEXT = 200
_LONGEST_URL = 500


@dataclass(frozen=True, slots=True)
class Keeper:
    """An instance. `address` has no stroke at its end, and is empty where none is known; `license` is that of its
    listings as data. `demonstration`: its listings are made up."""

    id: uuid.UUID
    name: str = ""
    address: str = ""
    license: str | None = None
    demonstration: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """The instance that keeps a listing, and the listing's id there. `address`: its page there, where it is known."""

    instance: uuid.UUID
    id: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Into:
    """The listing that stands in the place of one that is gone."""

    id: uuid.UUID
    slug: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Change:
    """A listing as it is now: `listing` is its public document, None when it is gone. `into` only for one that was
    made one with another. `changed_at` is UTC."""

    id: uuid.UUID
    slug: str
    changed_at: datetime
    origin: Origin
    listing: Mapping[str, Any] | None = None
    into: Into | None = None

    @property
    def state(self) -> str:
        """What became of it: published or gone."""
        return PUBLISHED if self.listing is not None else GONE


@dataclass(frozen=True, slots=True)
class Page:
    """One piece of the changes of an instance. `next` asks for what comes after it, now or later; `more`: there is
    something already. `complete`: the walk that this page belongs to started from nothing, so that what none of its
    pages names is not there."""

    keeper: Keeper
    changes: Sequence[Change | Refused]
    next: str
    more: bool
    complete: bool


# -- given out -------------------------------------------------------------------------------------------------------


def instant(at: datetime) -> str:
    """An instant as documents write it: 2026-11-24T12:00:00Z."""
    plain = at.astimezone(UTC).replace(tzinfo=None)
    return plain.isoformat(timespec="microseconds" if at.microsecond else "seconds") + "Z"


def written(page: Page) -> dict[str, Any]:
    """A page as JSON values."""
    keeper = page.keeper
    return {
        "instance": {"id": str(keeper.id), "name": keeper.name, "address": keeper.address or None,
                     "license": keeper.license or None, "demonstration": keeper.demonstration},
        "changes": [written_change(one) for one in page.changes if isinstance(one, Change)],
        "next": page.next, "more": page.more, "complete": page.complete,
    }


def written_change(change: Change) -> dict[str, Any]:
    """One change as JSON values. `listing` is only there while it is published, `into` only when it is gone."""
    found: dict[str, Any] = {"id": str(change.id), "state": change.state, "slug": change.slug,
                             "changed_at": instant(change.changed_at), "origin": _written_origin(change.origin)}
    if change.listing is not None:
        return found | {"listing": change.listing}
    into = change.into
    return found | {"into": {"id": str(into.id), "slug": into.slug, "origin": _written_origin(into.origin)}
                    if into is not None else None}


def _written_origin(origin: Origin) -> dict[str, Any]:
    found = {"instance": str(origin.instance), "id": origin.id}
    return found | ({"address": origin.address} if origin.address else {})


# -- read ------------------------------------------------------------------------------------------------------------


def read(value: Any) -> Page:
    """A page that another instance gave. What it says beyond this shape is left alone; a change that cannot be read is
    refused alone. Raises files.Broken (`not_changes`)."""
    try:
        keeper = _keeper(value["instance"])
        rows, after, more, complete = value["changes"], value["next"], value["more"], value["complete"]
    except (TypeError, KeyError, ValueError, AttributeError):
        raise Broken("not_changes") from None
    if not isinstance(rows, list) or not isinstance(more, bool) or not isinstance(complete, bool):
        raise Broken("not_changes")
    if not isinstance(after, str) or not _CURSOR.fullmatch(after):
        raise Broken("not_changes")
    if len(rows) > _MOST_READ:
        raise Broken("too_large")
    return Page(keeper, tuple(_rows(rows)), after, more, complete)


def _keeper(value: Mapping[str, Any]) -> Keeper:
    licensed = _text(value.get("license"))
    return Keeper(uuid.UUID(value["id"]), _text(value.get("name")), _address(value.get("address")).rstrip("/"),
                  licensed or None, value.get("demonstration") is True)


def _rows(rows: Sequence[Any]) -> Iterator[Change | Refused]:
    for number, row in enumerate(rows, 1):
        try:
            yield _change(row)
        except (TypeError, KeyError, ValueError, AttributeError, OverflowError):
            yield Refused(number, "change", "not_a_change")


def _change(row: Mapping[str, Any]) -> Change:
    state = row["state"]
    if state not in (PUBLISHED, GONE):
        raise ValueError(state)
    listing, into = row.get("listing"), row.get("into")
    if (state == PUBLISHED) != isinstance(listing, dict):
        raise ValueError(state)
    at = datetime.fromisoformat(row["changed_at"])
    return Change(uuid.UUID(row["id"]), _text(row.get("slug")), at if at.tzinfo else at.replace(tzinfo=UTC),
                  _origin(row["origin"]), listing,
                  Into(uuid.UUID(into["id"]), _text(into.get("slug")), _origin(into["origin"])) if into else None)


def _origin(value: Mapping[str, Any]) -> Origin:
    key = value["id"]
    if not isinstance(key, str) or not 0 < len(key) <= _LONGEST_ID or not key.isprintable() or " " in key:
        raise ValueError("id")
    return Origin(uuid.UUID(value["instance"]), key, _address(value.get("address")) or None)


def _text(value: Any) -> str:
    """A short text of somebody else, empty when it is none."""
    return value if isinstance(value, str) and len(value) <= _LONGEST_TEXT and value.isprintable() else ""


def _address(value: Any) -> str:
    """A web address of somebody else, empty when it is none."""
    if not isinstance(value, str) or len(value) > _LONGEST_URL or not value.isascii() or not value.isprintable():
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        return ""
    plain = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc and " " not in value
    return value if plain else ""
