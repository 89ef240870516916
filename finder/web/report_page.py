"""Telling the steward that something in a listing is wrong: no account, no address, nothing that tells who wrote."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app, redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.errors import Invalid, NotFound, Problem
from finder.listings import reports
from finder.search import find
from finder.web.blueprint import seeker
from finder.web.pages import link, render, services, snapshot
from finder.wordings.language import N_, gettext

KINDS: Mapping[str, str] = {
    "closed": N_("It does not meet any more"), "time": N_("The day or time is wrong"),
    "place": N_("The place is wrong"), "contact": N_("The phone, email or link does not work"),
    "full": N_("It takes no new people"), "unsafe": N_("I felt unsafe, or was treated badly"),
    "other": N_("Something else"),
}
NEEDED: Mapping[str, str] = {
    "kind": N_("Choose what is wrong."), "note": N_("Say in a few words what is wrong."),
}
CLOSED: Mapping[str, str] = {
    "too_many_today": N_("Many people have written today. Please try again tomorrow."),
    "too_many_from_you": N_("You have sent several already. Please try again in an hour."),
}
TRAP = "website"  # a field that no person sees; machines fill it in
FASTEST_SECONDS, OLDEST_SECONDS = 3, 24 * 3600  # between showing the form and sending it


class Stamp:
    """What the form carries so that the time it was open is known, and how a sender is told from another for a day."""

    def __init__(self, key: bytes) -> None:
        self._fernet, self._key = Fernet(key), key

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
        try:
            found = ipaddress.ip_address((address or "").partition("%")[0])
        except ValueError:
            return ""
        network = ipaddress.ip_network((found, 24 if found.version == 4 else 56), strict=False)
        return hmac.new(self._key, f"{now.date()} {network}".encode(), hashlib.sha256).hexdigest()


@seeker.route("/programs/<slug>/report", methods=["GET", "POST"])
def report(slug: str) -> ResponseReturnValue:
    """Say what is wrong with a listing"""
    found = find.program(slug, snapshot=snapshot(), now=services().now())
    if found is None:
        raise NotFound("program")
    if request.method == "GET":
        return _page(found, {}, {})
    form = {name: request.form.get(name, "") for name in ("kind", "note", "stamp", TRAP)}
    try:
        _send(uuid.UUID(found["id"]), form)
    except Invalid as wrong:
        return _page(found, form, wrong.errors), 422
    except reports.TooMany as full:
        return _page(found, form, {}, gettext(CLOSED[full.code])), 429
    return redirect(link()("reported", slug=found["slug"] or slug), 303)


@seeker.get("/programs/<slug>/report/sent")
def reported(slug: str) -> ResponseReturnValue:
    """Says that the report has come in"""
    found = find.program(slug, snapshot=snapshot(), now=services().now())
    if found is None:
        raise NotFound("program")
    return render("reported", slug=slug)


def _page(found: Mapping[str, Any], form: Mapping[str, str], errors: Mapping[str, list[Problem]],
          closed: str = "") -> str:
    words = {field: [gettext(NEEDED[field]) if one.code == "required" else wording.problem_text(one) for one in many]
             for field, many in errors.items()}
    return render("report", slug=found["slug"] or found["id"], name=found["document"]["name"], form=form, errors=words,
                  kinds={code: gettext(label) for code, label in KINDS.items()}, closed=closed, trap=TRAP,
                  stamp=_stamp().of(services().now()))


def _send(program: uuid.UUID, form: Mapping[str, str]) -> None:
    held, now = services(), services().now()
    open_for = _stamp().seconds(form["stamp"], now)
    if form[TRAP]:
        return  # a machine learns nothing from the answer
    if open_for is None or open_for < FASTEST_SECONDS:
        raise Invalid({"": [Problem("too_fast")]})
    with held.database.transaction() as session:
        reports.send(session, program, kind=form["kind"], note=form["note"],
                     sender=_stamp().sender(request.remote_addr, now), now=now)


def _stamp() -> Stamp:
    found: Stamp = current_app.extensions["finder_stamp"]
    return found
