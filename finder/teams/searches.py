"""Searches that a team keeps, about no one person, and who hears of it when a group is new in one.

What is kept is made by `general` and by nothing else; `KEPT` names all of an intake that may stay.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from finder import outbox
from finder.accounts import people
from finder.accounts.models import ACTIVE, Account
from finder.accounts.permissions import Granted, Role, Scope
from finder.errors import Invalid, NotFound, Problem
from finder.fields import WITHOUT_LINK, Text, flatten
from finder.places import lookup
from finder.places.gazetteer import Gazetteer
from finder.places.lookup import Place
from finder.teams.models import APPROVED, SavedSearch, Team
from finder.understanding import understand
from finder.vocabulary import Vocabulary

# Of an intake: what somebody wants of a group. Not here, on purpose: answers about how somebody feels, totals, safety,
# what is urgent, use and medicine, who they are, and words of their own.
KEPT = ("attending_as", "age", "needs", "stated_level", "near", "radius_miles", "travel", "formats",
        "formats_required", "times", "times_required", "languages", "women_only", "cost", "insurance", "access",
        "access_required", "led_by", "avoid", "emphasis")
# From which age on, and the age that stands for the group: one that is clear of the matcher's wide limits for teens
# (20), young adults (30) and older adults (50).
AGES = ((60, 70), (26, 40), (18, 21), (0, 15))
POINT_DECIMALS = 2  # of a degree: about half a mile
MOST_NEEDS = 3  # contract section 2
MOST = 50  # of a team
MOST_SEEN = 20_000  # ids that one search remembers
NAME_LENGTH = 100
NEW_GROUPS = "new_groups"  # kind of letter
_NAME = Text(NAME_LENGTH, pattern=WITHOUT_LINK, code="has_link")


def general(intake: Mapping[str, Any], *, level: int | None, gazetteer: Gazetteer,
            vocabulary: Vocabulary) -> dict[str, Any]:
    """What may be kept of a valid intake; of what it makes itself it makes the same again.

    Words become the needs they surely name, and go. A place is as the gazetteer spells it or a rounded point; one that
    nobody knows goes. An age is one of four. `level` is what the search found, 0-4, and stands for what led to it.
    """
    kept = {name: intake[name] for name in KEPT if intake.get(name) is not None}
    words = intake.get("needs_text")
    named = [one.code for one in understand(words, vocabulary) if one.certainty != "unsure"] if words else []
    needs = list(dict.fromkeys([*(intake.get("needs") or ()), *named]))[:MOST_NEEDS]
    more = {"needs": needs, "near": _near(intake.get("near"), gazetteer), "stated_level": level,
            "age": group_age(intake.get("age"))}
    kept = {**kept, **more}
    return {name: kept[name] for name in KEPT if kept.get(name) not in (None, [], {})}


def group_age(age: int | None) -> int | None:
    """The age that stands for the group somebody is in: under 18, 18 to 25, 26 to 59, 60 and older."""
    return None if age is None else next(stands for least, stands in AGES if age >= least)


def _near(near: Mapping[str, Any] | None, gazetteer: Gazetteer) -> dict[str, Any] | None:
    if not near:
        return None
    if near.get("latitude") is not None:
        return {name: round(near[name], POINT_DECIMALS) for name in ("latitude", "longitude")}
    found = lookup.resolve(near["text"], gazetteer)
    if isinstance(found, Place):
        return {"text": found.text}
    return {"text": found.choices[0].text.rpartition(", ")[0]} if found.why == "ambiguous" else None


def keep(session: Session, team: uuid.UUID, account_id: int, name: str, intake: Mapping[str, Any], *,
         fits: Sequence[str], gazetteer: Gazetteer, vocabulary: Vocabulary, now: datetime) -> SavedSearch:
    """Keeps what `general` made of a search, under a name of the team's own; letters go to who keeps it.

    `fits` are the ids of the listings that fit now. Raises Invalid at "name" (required, too_long, repeated), and at ""
    (too_many_searches) for more than MOST.
    """
    count = session.scalar(select(func.count()).where(SavedSearch.team_id == team)) or 0
    if count >= MOST:
        raise Invalid({"": [Problem("too_many_searches", max=MOST)]})
    made = SavedSearch(
        id=uuid.uuid4(), team_id=team, account_id=account_id, name=_free_name(session, team, name), alerts=True,
        intake=general(intake, level=intake.get("stated_level"), gazetteer=gazetteer, vocabulary=vocabulary),
        seen=list(fits)[:MOST_SEEN], fresh=[], made_at=_naive(now), looked_at=_naive(now))
    session.add(made)
    session.flush()
    return made


def _free_name(session: Session, team: uuid.UUID, name: str, but: uuid.UUID | None = None) -> str:
    plain = " ".join(name.split())
    if not plain:
        raise Invalid({"name": [Problem("required")]})
    try:
        plain = _NAME.read(plain)
    except ValidationError as wrong:
        raise Invalid(flatten({"name": wrong.messages})) from None
    there = session.execute(select(SavedSearch.id, SavedSearch.name).where(SavedSearch.team_id == team)).all()
    if any(one.name.casefold() == plain.casefold() and one.id != but for one in there):
        raise Invalid({"name": [Problem("name_taken")]})
    return plain


def of_team(session: Session, team: uuid.UUID) -> list[SavedSearch]:
    """All that a team keeps, by name."""
    found = session.scalars(select(SavedSearch).where(SavedSearch.team_id == team))
    return sorted(found, key=lambda one: (one.name.casefold(), one.id))


def find(session: Session, key: str) -> SavedSearch:
    """A kept search by its id, whoever's. Raises NotFound."""
    try:
        found = session.get(SavedSearch, uuid.UUID(key))
    except ValueError:
        found = None
    if found is None:
        raise NotFound("page")
    return found


def rename(session: Session, search: SavedSearch, name: str) -> None:
    """Gives it another name. Raises Invalid at "name"."""
    search.name = _free_name(session, search.team_id, name, but=search.id)
    session.flush()


def set_letters(session: Session, search: SavedSearch, account_id: int | None) -> None:
    """Who gets letters about it from now on; None for nobody."""
    search.alerts = account_id is not None
    if account_id is not None:
        search.account_id = account_id
    session.flush()


def drop(session: Session, search: SavedSearch) -> None:
    """Keeps it no longer."""
    session.delete(search)
    session.flush()


def unseen(search: SavedSearch, fits: Sequence[str]) -> list[str]:
    """Those that fit now and did not when somebody last looked, in the same order.

    One that was gone for a while and came back was seen before.
    """
    seen = frozenset(search.seen)
    return [one for one in fits if one not in seen]


def looked(session: Session, search: SavedSearch, fits: Sequence[str], *, now: datetime) -> None:
    """Notes that somebody looked at all that fits now."""
    search.seen = list(dict.fromkeys([*fits, *search.fresh, *search.seen]))[:MOST_SEEN]
    search.fresh, search.looked_at = [], _naive(now)
    session.flush()


# -- letters ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A search that somebody gets letters about."""

    key: uuid.UUID
    intake: Mapping[str, Any]


def with_letters(session: Session, team: uuid.UUID | None = None) -> dict[int, list[Asked]]:
    """The searches (of one team, or all) to look through, by the account that is told: one that is there and still in
    that team."""
    rows = session.execute(
        select(SavedSearch, Account.id).join(Account, Account.id == SavedSearch.account_id)
        .join(Team, Team.id == SavedSearch.team_id)
        .where(SavedSearch.alerts, Account.state == ACTIVE, Team.state == APPROVED,
               *(() if team is None else (SavedSearch.team_id == team,)))
        .order_by(Account.id, SavedSearch.made_at, SavedSearch.id)).all()
    grants = {account: people.grants_of(session, account) for account in {account for _, account in rows}}
    found: dict[int, list[Asked]] = {}
    for search, account in rows:
        if Granted(Role.PROVIDER, Scope.TEAM, str(search.team_id)) in grants[account]:
            found.setdefault(account, []).append(Asked(search.id, search.intake))
    return found


def tell(session: Session, account_id: int, fits: Mapping[uuid.UUID, Sequence[str]], *, now: datetime) -> bool:
    """Writes to somebody that groups are new in their searches, once a day at most; gives whether it did.

    `fits`: the ids that fit each search now. Nobody is told of a listing twice.
    """
    account, once = session.get(Account, account_id), f"{NEW_GROUPS}:{account_id}:{now.date()}"
    if account is None or outbox.is_written(session, once):
        return False
    new: set[str] = set()
    searches = 0
    for key, ids in fits.items():
        search = session.get(SavedSearch, key)
        if search is None or not search.alerts or search.account_id != account_id:
            continue  # it was changed meanwhile
        told = frozenset(search.fresh)
        fresh = [one for one in unseen(search, ids) if one not in told]
        if fresh:
            search.fresh = [*fresh, *search.fresh][:MOST_SEEN]
            new.update(fresh)
            searches += 1
    if new:
        outbox.write(session, NEW_GROUPS, account.email, {"count": len(new), "searches": searches}, now=now,
                     locale=account.locale, once=once)
    return bool(new)


def _naive(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)
