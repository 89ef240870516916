"""A site whose first group has an editor, and the ways a browser sends the form of that group."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from finder.accounts.permissions import Role, Scope
from finder.listings import changes
from finder.listings.changes import Listing
from tests.make import make_session
from tests.pages import Page
from tests.web.people import Person
from tests.web.site import Site, group

HOUSE = {"name": "Blue House", "address_1": "1 Elm Street", "city": "Durham", "state": "NC", "postal_code": "27701",
         "latitude": 35.99, "longitude": -78.9, "precision": "street"}
RICH: dict[str, Any] = {
    "organization": {"name": "Lantern Street", "kind": "peer_run", "url": "https://lantern.example.org"},
    "description": "Tea is on.\nYou can just listen.", "led_by": "peer", "focus": ["depression", "loneliness"],
    "severity": {"min": 0, "max": 2}, "cost": {"free": True}, "languages": ["en"],
    "contact": {"phone": "919-555-0142", "email": "hello@lantern.example.org", "how_to_join": "call"},
    "capacity": {"status": "open", "as_of": "2026-10-01"}, "verified": {"on": "2026-05-01", "method": "phone"},
    "accessibility": {"step_free": "yes"}, "policies": {"walk_in": True}, "x": {"coffee": "yes", "tags": ["river"]},
    "sessions": [make_session(location=HOUSE), make_session(format="online_video", repeats="FREQ=WEEKLY;BYDAY=TH",
                                                            join_url="https://meet.example.org/a")],
}


class OperatorDesk(Site):
    """Two groups of one organization and a third one; Joy edits the first."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        away = {"city": "Reno", "state": "NV"}
        super().__init__(folder, [group(1, **RICH), group(2, **{**RICH, "name": "River Circle 2"}),
                                  group(3, sessions=[make_session(location=away)])], **settings)
        self.slug = self.slugs[0]
        self.joy = Person(self, "joy@example.org", (Role.OPERATOR, Scope.PROGRAM, str(self.ids[0])))

    @property
    def edit(self) -> str:
        return f"/operator/listings/{self.slug}/edit"

    @property
    def preview(self) -> str:
        return f"/operator/listings/{self.slug}/preview"

    def steward(self, *, state: str = "") -> Person:
        return Person(self, "sam@example.org", (Role.STEWARD, Scope.STATE if state else Scope.ALL, state))

    def listing(self, number: int = 0) -> Listing:
        with self.database.reading() as session:
            return changes.find(session, str(self.ids[number]))

    def send(self, person: Person, form: Mapping[str, Any], do: str = "publish", path: str = "") -> Page:
        """Opens the form, changes it and presses a button."""
        at = path or self.edit
        return person.send(person.get(at), at, {**form, "do": do})
