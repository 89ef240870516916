"""Forms that anybody may send without an account: how long one was open, a trap for machines, and who is told from
another for a day without being known."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import uuid
from collections.abc import Mapping
from datetime import datetime

from cryptography.fernet import InvalidToken
from flask import current_app, request

from finder import secret, wording
from finder.errors import Invalid, Problem, TooOften
from finder.listings.review import Sender, Trust
from finder.web.pages import link, services
from finder.wordings.language import N_, gettext

TRAP = "website"  # a field that no person sees; machines fill it in
FASTEST_SECONDS, OLDEST_SECONDS = 3, 24 * 3600  # between showing the form and sending it
MARK_LETTERS = 3  # 12 bits: of all networks of /24, about four thousand share a mark
CLOSED: Mapping[str, str] = {
    "too_many_today": N_("Many people have written today. Please try again tomorrow."),
    "too_many_from_you": N_("You have sent several already. Please try again in an hour."),
}


class Stamp:
    """What the form carries so that the time it was open is known, and how a sender is told from another for a day."""

    def __init__(self, key: secret.Key) -> None:
        self._fernet, self._key = secret.fernet(key), secret.first(key)

    def of(self, now: datetime) -> str:
        return self._fernet.encrypt_at_time(b"", int(now.timestamp())).decode()

    def seconds(self, stamp: str, now: datetime) -> int | None:
        """How long the form was open; None when the stamp is not ours or too old."""
        try:
            self._fernet.decrypt_at_time(stamp.encode("ascii", "replace"), OLDEST_SECONDS, int(now.timestamp()))
            return int(now.timestamp()) - self._fernet.extract_timestamp(stamp.encode("ascii", "replace"))
        except InvalidToken:
            return None

    def sender(self, address: str | None, now: datetime) -> str:
        """A keyed hash of the network (/24, or /56 in IPv6) and the day; "" for an address nobody can read."""
        return self._hash(address, str(now.date()))

    def mark(self, address: str | None, listing: uuid.UUID) -> str:
        """What thousands of networks share, and for one listing only: tells reporters apart on several days."""
        return self._hash(address, f"listing {listing}")[:MARK_LETTERS]

    def _hash(self, address: str | None, about: str) -> str:
        try:
            found = ipaddress.ip_address((address or "").partition("%")[0])
        except ValueError:
            return ""
        network = ipaddress.ip_network((found, 24 if found.version == 4 else 56), strict=False)
        return hmac.new(self._key, f"{about} {network}".encode(), hashlib.sha256).hexdigest()


def stamp() -> Stamp:
    found: Stamp = current_app.extensions["finder_stamp"]
    return found


def is_from_a_person() -> bool:
    """Whether the form that was sent looks filled in by hand. False for one that fell into the trap: it is thanked
    like any other, for a machine should learn nothing. Raises Invalid for one that was not open for a moment."""
    if request.form.get(TRAP):
        return False
    open_for = stamp().seconds(request.form.get("stamp", ""), services().now())
    if open_for is None or open_for < FASTEST_SECONDS:
        raise Invalid({"": [Problem("too_fast")]})
    return True


def sender() -> str:
    """Who sent this, as limits know them."""
    return stamp().sender(request.remote_addr, services().now())


def visitor(reply_to: str) -> Sender:
    """Who sent this, as review knows them. `reply_to` is a checked address, or ""."""
    return Sender(Trust.ANYBODY, reply_to=reply_to or None, locale=link().language, sender=sender() or None)


def again() -> dict[str, str]:
    """What every form of this kind holds beside its own fields."""
    return {"trap": TRAP, "stamp": stamp().of(services().now())}


def closed_words(full: TooOften) -> str:
    """Why nothing more is taken for now."""
    return gettext(CLOSED.get(full.code, CLOSED["too_many_today"]))


def words(errors: Mapping[str, list[Problem]], own: Mapping[str, str]) -> dict[str, list[str]]:
    """Sentences for problems by field. `own` has a form's own words for a code, or for "required" in one field as
    "field.required"."""
    return {field: [_sentence(field, one, own) for one in many] for field, many in errors.items()}


def _sentence(field: str, problem: Problem, own: Mapping[str, str]) -> str:
    words = own.get(f"{field}.{problem.code}") or own.get(problem.code)
    return gettext(words) if words else wording.problem_text(problem)
