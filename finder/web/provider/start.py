"""What is known of a person when a referral is begun: from the desk's own intake, else nothing."""

from __future__ import annotations

from dataclasses import dataclass

from finder.intake.need import needs_of
from finder.referrals.draft import MOST_SHORTLIST
from finder.web import listing_ids, question_page
from finder.web.pages import services, snapshot
from finder.web.provider import case, shortlist


@dataclass(frozen=True, slots=True)
class Begun:
    """The start of a referral: codes and numbers, as `referrals.draft` names them. "" and () for what is not known;
    `shortlist` holds ids as addresses do."""

    code: str = ""
    needs: tuple[str, ...] = ()
    suggested: int | None = None
    sources: tuple[str, ...] = ()
    level: int | None = None
    reason: str = ""
    note: str = ""
    shortlist: tuple[str, ...] = ()


def begun() -> Begun:
    """What the intake of this browser says, and what the provider chose beside it."""
    said, carried, held = case.said(), case.current(), services()
    level = case.level_of(said.intake, carried)
    best = shortlist.ids(case.searched(said.intake, carried), services=held,
                         snapshot=snapshot()) if said.can_search else ()
    return Begun(
        code=carried.code, needs=needs_of(said.intake, question_page.understood(said.intake, held.vocabulary)),
        suggested=level.suggested, sources=level.sources, level=level.level,
        reason=carried.reason if level.is_own else "", note=carried.note if level.is_own else "",
        shortlist=tuple(map(listing_ids.encode, dict.fromkeys([*carried.added, *best])))[:MOST_SHORTLIST])
