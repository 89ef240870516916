"""The person's own side of a referral, by a short code: where it stands, "I went", no more of it, consent taken back.

Nothing is committed here. Who holds the code is the person: nothing else is asked, and nothing shown that names them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.errors import Conflict, NotFound
from finder.limits import Limit, spend, used
from finder.listings import changes
from finder.referrals import consents, letters, moving
from finder.referrals.keys import Keys
from finder.referrals.models import Consent, Referral, ReferralTask
from finder.referrals.moving import CLIENT
from finder.referrals.states import AT_RECEIVER, LIVE, Move, State, Who, allowed
from finder.teams.models import Team

# A code has 58 random bits: ten wrong ones in five minutes of a network find none in any time, nor would a million
# networks. There is no limit that all share: whoever used that up would lock everybody out, also from taking their
# yes back. Right ones count for nothing, for many people share a network.
FROM_ONE = Limit("short_code", 10, 300)
REVOKED = "revoked"  # what history calls a consent that was taken back by itself
# Programs that said yes already know who comes: taking a consent back does not give the place back.
_PROMISED = frozenset((State.WAITING, State.ACCEPTED))


@dataclass(frozen=True, slots=True)
class Step:
    """One program of a referral as the person sees it. `consent`: what it may know now, None for nothing."""

    task: ReferralTask
    name: str
    slug: str
    phone: str | None
    consent: Consent | None

    @property
    def state(self) -> State:
        return State(self.task.state)

    @property
    def may_say_went(self) -> bool:
        return Move.ATTEND in allowed(self.state, Who.CLIENT)

    @property
    def may_stop(self) -> bool:
        return Move.WITHDRAW in allowed(self.state, Who.CLIENT)


@dataclass(frozen=True, slots=True)
class OwnView:
    """A referral as the person sees it: who asked for them, and the programs in order."""

    referral: Referral
    team: str
    phone: str | None
    steps: Sequence[Step]


def wait_for_tries(session: Session, network: bytes, now: datetime) -> int:
    """Seconds until codes are looked at again; 0 when they are now."""
    full = used(session, FROM_ONE, network, now) >= FROM_ONE.most
    return FROM_ONE.seconds - int(now.timestamp()) % FROM_ONE.seconds if full else 0


def was_wrong(session: Session, network: bytes, now: datetime) -> None:
    """Counts a code that was nobody's."""
    spend(session, FROM_ONE, network, now)


def find(session: Session, code: str, *, keys: Keys) -> Referral | None:
    """The referral of a short code however it is typed; None for a wrong one and for one that is gone."""
    hashes = [one.code_hash(code) for one in keys.each()]
    return session.scalars(select(Referral).where(Referral.short_code.in_(hashes))).first()


def view(session: Session, referral: Referral, *, now: datetime) -> OwnView:
    """All that the person is shown."""
    team, tasks = session.get_one(Team, referral.team_id), list(referral.tasks)
    there = changes.find_all(session, [one.program_id for one in tasks])
    steps = []
    for one in tasks:
        listing = there[one.program_id]
        contact: Mapping[str, str] = listing.document.get("contact") or {}
        steps.append(Step(one, listing.document["name"], listing.slug, contact.get("phone"),
                          consents.stands(session, one.key, now=now)))
    return OwnView(referral, team.name, team.phone, steps)


def went(session: Session, referral: Referral, key: str, *, now: datetime) -> None:
    """The person was there. Raises NotFound for a task that is not theirs, Conflict."""
    moving.move(session, _own(referral, key), Move.ATTEND, CLIENT, now=now)


def stop(session: Session, referral: Referral, key: str | None, *, now: datetime) -> None:
    """No more of one program, or of all (`key` None): what waits its turn first, so that nobody new is asked.

    Raises NotFound for a task that is not theirs, and Conflict where there is nothing to stop.
    """
    chosen = [_own(referral, key)] if key is not None else [
        one for one in sorted(referral.tasks, key=_planned_first) if State(one.state) in LIVE]
    if not chosen:
        raise Conflict("over")
    _withdraw(session, chosen, now)


def take_back_consent(session: Session, referral: Referral, *, now: datetime) -> None:
    """Nobody may be told anything any more. What nobody said yes to is taken back with it; a place that is promised
    stays, and the program's links end. Raises Conflict where no consent stands."""
    standing = [one for one in referral.tasks if consents.stands(session, one.key, now=now) is not None]
    if not standing:
        raise Conflict("over")
    _withdraw(session, [one for one in sorted(referral.tasks, key=_planned_first)
                        if State(one.state) in LIVE - _PROMISED], now)
    for task in standing:
        consents.end_of_task(session, task.key, CLIENT.name, now=now)
        letters.end_links(session, task, now=now)
        moving.record(session, referral.key, REVOKED, CLIENT, now=now, task=task.key)
    referral.changed_at = now.replace(tzinfo=None)
    letters.tell_owner(session, referral, letters.CONSENT_OVER, now=now)
    session.flush()


def _withdraw(session: Session, tasks: Sequence[ReferralTask], now: datetime) -> None:
    """Consents end first, so that none of these is asked because another one was withdrawn."""
    for task in tasks:
        consents.end_of_task(session, task.key, CLIENT.name, now=now)
    for task in tasks:
        if State(task.state) is not State.WITHDRAWN:
            moving.move(session, task, Move.WITHDRAW, CLIENT, now=now)


def _own(referral: Referral, key: str) -> ReferralTask:
    found = next((one for one in referral.tasks if one.key == key), None)
    if found is None:
        raise NotFound("page")
    return found


def _planned_first(task: ReferralTask) -> bool:
    return State(task.state) in AT_RECEIVER
