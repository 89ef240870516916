"""One referral as its team sees it: where each program stands, what it was told and under which consent, what may come
next, and who did what. Sealed parts are opened here and go to this page only.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from finder import wording
from finder.catalog.models import PUBLISHED
from finder.listings import changes
from finder.listings.changes import Listing
from finder.referrals import consents, reading
from finder.referrals.draft import SUBSTANCE_NEEDS
from finder.referrals.models import OPEN, Consent, Referral, ReferralEvent, ReferralTask
from finder.referrals.states import AT_RECEIVER, State, Who, allowed
from finder.teams import membership
from finder.teams.models import Team
from finder.web import listing_ids
from finder.web.provider import timeline
from finder.web.provider.blueprint import referral_keys
from finder.web.provider.refer_choices import level_words
from finder.web.provider.timeline import Place, Standing, Step
from finder.web.showing import Mark, by_line, phone, place, seat
from finder.wordings import consents as words_of_consents
from finder.wordings import referral_events, referrals
from finder.wordings.language import day, gettext

Facts = list[tuple[str, str]]
NO_PLACE = frozenset((State.DECLINED, State.NO_ANSWER, State.WITHDRAWN, State.SKIPPED))


@dataclass(frozen=True, slots=True)
class Told:
    """A consent in words. `said`: the sentences that were agreed to; `stands`: it is good today."""

    recipient: str
    facts: Facts
    said: Sequence[str]
    stands: bool


@dataclass(frozen=True, slots=True)
class TaskShown:
    """One program of the referral. `at` goes before the ids of its fields; `moves` are what the team may do."""

    key: str
    version: int
    at: str
    name: str
    slug: str
    phone: str | None
    state: str
    words: str
    steps: Sequence[Step]
    zone: str
    moves: frozenset[str]
    told: Told | None
    at_receiver: bool
    more: str  # beside where it stands, in a list: what comes next, or why not


@dataclass(frozen=True, slots=True)
class Better:
    """A program that can be asked next."""

    key: str
    slug: str
    name: str
    by: str
    where: str
    seat: Mark


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the history."""

    when: str
    what: str
    who: str
    about: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The whole page. `main` is the program that it is about now, `others` the rest in order."""

    key: str
    code: str
    team: str
    owner: int | None
    owned_by: str
    made: str
    closed: str
    is_open: bool
    as_of: str
    substance: bool
    asked_for: Facts
    hand_off: Facts
    identity: Facts
    main: TaskShown
    others: Sequence[TaskShown]
    better: Sequence[Better]
    entries: Sequence[Entry]
    group_keys: Sequence[str]


def view(session: Any, referral: Referral, *, me: int, now: datetime) -> Shown:
    """Everything that the page shows."""
    tasks, keys = list(referral.tasks), referral_keys()
    there = changes.find_all(session, [one.program_id for one in tasks])
    about: Mapping[str, Any] = keys.opened(referral.about) or {}
    team = session.get_one(Team, referral.team_id).name
    shown = list(_tasks(session, referral, tasks, there, team, now))
    main = _main(shown)
    colleagues = {one.id: one.name or one.email for one in membership.everybody(session, referral.team_id)}
    place = Place.of(there[tasks[shown.index(main)].program_id].document)
    names = {one.key: there[one.program_id].document["name"] for one in tasks}
    return Shown(
        key=referral.key, code=referral.code, team=team,
        owner=referral.owner_id, owned_by=colleagues.get(referral.owner_id or 0, ""),
        made=day(place.day(referral.made_at)), is_open=referral.state == OPEN, as_of=referral.changed_at.isoformat(),
        closed=referrals.outcome_text(referral.outcome) if referral.state != OPEN else "",
        substance=referral.substance, asked_for=_asked_for(referral, about), hand_off=_hand_off(about),
        identity=_identity(keys.opened(referral.identity) or {}), main=main,
        others=[one for one in shown if one is not main], better=_better(session, referral, now),
        entries=[_entry(one, place, me, colleagues, names) for one in reading.history(session, referral.key)],
        group_keys=_to_go_to(tasks, there))


def _to_go_to(tasks: Sequence[ReferralTask], there: Mapping[uuid.UUID, Listing]) -> list[str]:
    """The groups for the person's sheet, as addresses hold them: those that did not say no, else all."""
    listed = [one for one in tasks if there[one.program_id].state == PUBLISHED]
    open_ones = [one for one in listed if one.state not in NO_PLACE]
    return [listing_ids.encode(str(one.program_id)) for one in open_ones or listed]


def _main(shown: Sequence[TaskShown]) -> TaskShown:
    """The first program that has it before it; else the last that had; else the first in order."""
    live = [one for one in shown if one.at_receiver]
    asked = [one for one in shown if one.state not in (State.PLANNED, State.SKIPPED)]
    return live[0] if live else asked[-1] if asked else shown[0]


def _tasks(session: Any, referral: Referral, tasks: Sequence[ReferralTask], there: Mapping[uuid.UUID, Listing],
           team: str, now: datetime) -> Iterator[TaskShown]:
    given = {one.task_key: one for one in consents.of_referral(session, referral.key)}  # the newest of each
    others = any(one.state == State.PLANNED for one in tasks)
    waits = referral.asks_next and others and any(one.state in AT_RECEIVER for one in tasks)
    for at, task in enumerate(tasks):
        listing, state = there[task.program_id], State(task.state)
        place, consent = Place.of(listing.document), given.get(task.key)
        note = referral_keys().opened(task.note)
        steps = timeline.line(Standing(task, listing.document["name"], consent, place, str(note or ""), waits,
                                       others, referral.state == OPEN, now.date()))
        yield TaskShown(
            key=task.key, version=task.version, at=f"t{at}-", name=listing.document["name"],
            slug=listing.slug if listing.state == PUBLISHED else "", phone=phone(listing.document), state=task.state,
            words=referrals.state_text(state, way=task.way), steps=steps, zone=place.name,
            moves=frozenset(map(str, allowed(state, Who.SENDER))),
            told=_told(consent, team, referral.substance, now) if consent is not None else None,
            at_receiver=state in AT_RECEIVER, more=_more(state, task, steps))


def _more(state: State, task: ReferralTask, steps: Sequence[Step]) -> str:
    if state is State.DECLINED:
        return referrals.decline_text(task.reason)
    if state is State.PLANNED:
        return steps[-1].words
    return next((one.words for one in steps if one.kind == timeline.NEXT), "") if state in AT_RECEIVER else ""


def _told(consent: Consent, team: str, substance: bool, now: datetime) -> Told:
    ended = [(gettext("Ended on"), day(consent.ended_at.date()))] if consent.ended_at is not None else []
    return Told(consent.recipient, [
        (gettext("What may be told"), referrals.whats_text(consent.what)),
        (gettext("What for"), referrals.purpose_text(consent.purpose)),
        (gettext("How they said yes"), referrals.way_text(consent.way)),
        (gettext("They said yes on"), day(consent.given_on)), (gettext("Good until"), day(consent.until)), *ended,
    ], words_of_consents.consent_lines(consent.text, team=team, programs=consent.recipient, substance=substance),
        consent.ended_at is None and consent.until >= now.date())


def _asked_for(referral: Referral, about: Mapping[str, Any]) -> Facts:
    found = []
    if about.get("needs"):
        found.append((gettext("What they need help with"),
                      "; ".join(wording.label("focus_areas", one) for one in about["needs"])))
    if referral.level is not None:
        found.append((gettext("Support asked for"), level_words(referral.level)))
    if referral.suggested is not None and referral.suggested != referral.level:
        by = referrals.instruments_text(list(about.get("sources") or ()))
        found.append((gettext("The totals suggested"), level_words(referral.suggested) + (f" ({by})" if by else "")))
    if referral.override:
        why = referrals.override_text(referral.override)
        found.append((gettext("Why another level"), ". ".join(part for part in (why, about.get("override")) if part)))
    return found


def _hand_off(about: Mapping[str, Any]) -> Facts:
    said = about.get("hand_off") or {}
    ways: dict[str, tuple[str, Callable[[str], str]]] = {
        "way": (gettext("Best way"), referrals.hand_off_text), "time": (gettext("Best time"), str),
        "voicemail": (gettext("Voicemail"), referrals.voicemail_text),
        "interpreter": (gettext("Interpreter"), lambda code: wording.languages_text([code])),
        "note": (gettext("Note"), str)}
    return [(title, words(said[name])) for name, (title, words) in ways.items() if said.get(name)]


def _identity(sealed: Mapping[str, Any]) -> Facts:
    titles = {"name": gettext("Name"), "phone": gettext("Phone"), "email": gettext("Email")}
    return [(title, str(sealed[name])) for name, title in titles.items() if sealed.get(name)]


def _better(session: Any, referral: Referral, now: datetime) -> list[Better]:
    """What may be asked next while it goes on."""
    if referral.state != OPEN:
        return []
    best = reading.next_best(session, referral, today=now.date())
    there = changes.find_all(session, best)
    return [better(there[one], now) for one in best]


def better(listing: Listing, now: datetime) -> Better:
    """A program as one that can be asked."""
    document = listing.document
    return Better(listing_ids.encode(str(listing.id)), listing.slug, document["name"], by_line(document),
                  place(document.get("sessions") or (), None)[0],
                  seat(document.get("capacity"), document.get("starts_on"), now.date()))


def tells_of_substance(referral: Referral, listing: Listing) -> bool:
    """Whether asking a program for this person shows care for substance use."""
    return referral.substance or bool(SUBSTANCE_NEEDS & set(listing.document.get("focus") or ()))


def _entry(event: ReferralEvent, place: Place, me: int, colleagues: Mapping[int, str],
           names: Mapping[str, str]) -> Entry:
    who = referral_events.who_text(event.who, is_you=event.account_id == me,
                                   colleague=colleagues.get(event.account_id or 0))
    return Entry(place.words(event.at), referral_events.event_text(event.kind, event.facts or {}), who,
                 names.get(event.task_key or "", ""))
