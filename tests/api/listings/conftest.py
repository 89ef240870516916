from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from finder.accounts import api_tokens, people
from finder.accounts.models import TOTP, Factor
from finder.accounts.permissions import Role, Scope
from finder.catalog.rows import program_id
from tests.listings.database import take
from tests.web.site import Site

PATH = "/api/v1/listings"
BOTH = ("listings.read", "listings.write")
HERE = {"city": "Durham", "state": "NC", "address_1": "12 Canary Lane"}
AWAY = {"city": "Reno", "state": "NV"}


def add_second_step(session: Session, account: int, at: datetime) -> None:
    session.add(Factor(account_id=account, kind=TOTP, secret=b"sealed", made_at=at.replace(tzinfo=None)))
    session.flush()


def added(site: Site, document: dict[str, Any]) -> str:
    """The id of one more listing, from a source of its own."""
    source = f"Feed {uuid.uuid4().hex}"
    take(site.database, [document], source=source)
    return str(program_id(source, document["id"]))


class Program:
    """A program that acts for somebody with these rights: (role, scope, value) each."""

    def __init__(self, site: Site, *grants: tuple[Role, Scope, str], scopes: Sequence[str] = BOTH, days: int = 30,
                 second_step: bool = True, email: str = "", name: str = "Night sync") -> None:
        self.site, self.client = site, site.app.test_client()
        self.email = email or f"{uuid.uuid4().hex[:8]}@example.org"
        now = site.clock()
        with site.database.transaction() as session:
            account = people.find_or_make(session, self.email, now=now)
            for role, scope, value in grants:
                people.give(session, account.id, role, by="a test", now=now, scope=scope, value=value)
            if second_step:
                add_second_step(session, account.id, now)
            self.account = account.id
            self.secret = api_tokens.make(session, account.id, name, scopes, days=days, now=now)
        self.headers = {"Authorization": f"Bearer {self.secret}"}

    def send(self, method: str, path: str = "", body: Any = None, **headers: Any) -> TestResponse:
        """One request; `If_Match=7` and the like are headers."""
        more = {name.replace("_", "-"): f'"{one}"' if name == "If_Match" else str(one)
                for name, one in headers.items()}
        return self.client.open(PATH + path, method=method, json=body, headers={**self.headers, **more})

    def get(self, key: str) -> dict[str, Any]:
        found = self.send("GET", f"/{key}")
        assert found.status_code == 200, found.json
        answer: dict[str, Any] = found.json
        return answer

    def put(self, key: str, document: Mapping[str, Any], version: int | None = None) -> TestResponse:
        return self.send("PUT", f"/{key}", dict(document), If_Match=version or self.get(key)["version"])

    def patch(self, key: str, patch: Mapping[str, Any], version: int | None = None) -> TestResponse:
        return self.send("PATCH", f"/{key}", dict(patch), If_Match=version or self.get(key)["version"])

    def deed(self, key: str, deed: str, body: Any = None, version: int | None = None) -> TestResponse:
        return self.send("POST", f"/{key}/{deed}", body, If_Match=version or self.get(key)["version"])


def editor(site: Site, key: str, **more: Any) -> Program:
    """A program of somebody who looks after one listing."""
    return Program(site, (Role.OPERATOR, Scope.PROGRAM, key), **more)


def steward(site: Site, state: str = "US:NC", **more: Any) -> Program:
    """A program of a steward of a state; "" of everywhere."""
    return Program(site, (Role.STEWARD, Scope.STATE if state else Scope.ALL, state), **more)
