"""A site whose groups were asked for a place by a clinic, with the letters that went out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from finder.outbox import Message
from finder.referrals import moving
from finder.referrals.keys import Keys
from finder.referrals.models import Consent, Referral, ReferralEvent, ReferralTask
from finder.referrals.states import Move
from tests.listings.database import NOW
from tests.make import make_session
from tests.pages import Page
from tests.referrals.samples import make_referral, make_team, sender
from tests.web.site import Site, group

NEXT_MEETING = "2026-12-01"  # the clock stands on Tuesday, November 24, after the group has met
BROWSER = {"Sec-Fetch-Dest": "document"}
PERSON = {"name": "Zqcanary Quill", "phone": "919-555-0177"}
HAND_OFF = {"way": "call", "time": "after five", "voicemail": "no", "interpreter": "es",
            "note": "Ask for the front desk."}
EVERYTHING: dict[str, Any] = {"needs": ["depression"], "suggested": 2, "hand_off": HAND_OFF, "identity": PERSON,
                              "consent": {"what": ["needs", "level", "reach", "identity"]}}


class AskedSite(Site):
    """Three groups with mail; Eastside Family Clinic asks the first, then the second in order."""

    def __init__(self, folder: Path, *, groups: int = 2, **more: Any) -> None:
        meets = [make_session(repeats="FREQ=WEEKLY;BYDAY=TU", start_time="06:30", timezone="America/New_York")]
        super().__init__(folder, [group(one, sessions=meets, contact={
            "email": f"joy{one}@example.org", "phone": f"919-555-010{one}"}) for one in (1, 2, 3)])
        with self.database.transaction() as session:
            self.team, (self.account,) = make_team(session, "Eastside Family Clinic", "sam@example.org")
            made = make_referral(session, self.team, self.account, self.ids[:groups], keys=self.seal, **more)
            self.key, self.code = made.referral.key, str(made.short_code)

    @property
    def seal(self) -> Keys:
        found: Keys = self.app.extensions["finder_referrals"]
        return found

    def rows(self, model: Any) -> list[Any]:
        with self.database.reading() as session:
            return list(session.scalars(select(model)))

    @property
    def referral(self) -> Referral:
        return next(one for one in self.rows(Referral) if one.key == self.key)

    def task(self, place: int = 0) -> ReferralTask:
        return sorted((one for one in self.rows(ReferralTask) if one.referral_key == self.key),
                      key=lambda one: one.position)[place]

    def letters(self, kind: str) -> list[Message]:
        return [one for one in self.rows(Message) if one.kind == kind]

    @property
    def secret(self) -> str:
        return str(self.letters("referral")[0].facts["link"])

    @property
    def path(self) -> str:
        return f"/referrals/{self.secret}"

    def events(self, kind: str) -> list[ReferralEvent]:
        return [one for one in self.rows(ReferralEvent) if one.kind == kind]

    def open(self, path: str = "") -> Page:
        return self.pages.get(path or self.path, headers=BROWSER)

    def say(self, what: str, **more: Any) -> Page:
        """Opens the link and presses a button."""
        version = self.open().all("input", name="version")[0]["value"]
        return self.pages.post(self.path, {"what": what, "version": version, **more})

    def move(self, what: Move, place: int = 0, **more: Any) -> None:
        """What the clinic does."""
        with self.database.transaction() as session:
            task = moving.find(session, self.task(place).key)
            moving.move(session, task, what, sender(self.account), now=self.clock(), **more)

    def end_consent(self, *, until: date | None = None) -> None:
        with self.database.transaction() as session:
            for one in session.scalars(select(Consent)):
                if until is not None:
                    one.until = until
                else:
                    one.ended_at = NOW.replace(tzinfo=None)
