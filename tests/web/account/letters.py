"""Letters that wait in the outbox, as the pages of accounts write them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from finder.outbox import Message
from tests.web.site import Site


def letters(site: Site, address: str, kind: str = "") -> list[dict[str, Any]]:
    """The facts of all letters to an address, the oldest first; with their kind."""
    with site.database.reading() as session:
        found = session.scalars(select(Message).where(Message.address == address).order_by(Message.id))
        return [{"kind": one.kind, "due_at": one.due_at, "locale": one.locale, **one.facts} for one in found
                if not kind or one.kind == kind]


def last_link(site: Site, address: str, kind: str = "sign_in") -> str:
    """The secret in the newest letter of a kind."""
    return str(letters(site, address, kind)[-1]["link"])


def told(site: Site, address: str) -> list[str]:
    """What an address was told about its account, in order."""
    return [str(one["what"]) for one in letters(site, address, "security_notice")]
