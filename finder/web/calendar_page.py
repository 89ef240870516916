"""Groups for the reader's own calendar: one listing to download, or a list to subscribe to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Response, make_response, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.errors import NotFound
from finder.exchange import ical
from finder.search import find
from finder.web import listing_ids
from finder.web.blueprint import seeker
from finder.web.pages import link, services, snapshot
from finder.wordings import feeds


@seeker.get("/programs/<slug>.ics")
def program_calendar(slug: str) -> ResponseReturnValue:
    """One group as calendar events"""
    found = find.program(slug, snapshot=snapshot(), now=services().now())
    if found is None:
        raise NotFound("program")
    response = calendar(lambda: [found])
    response.headers["Content-Disposition"] = "attachment; filename=group.ics"
    return response


@seeker.get("/calendar/<keys>.ics")
def list_calendar(keys: str) -> ResponseReturnValue:
    """A list of groups as a calendar that stays up to date"""
    known = listings_of(listing_ids.decoded(keys.split(".")))
    if not known:
        raise NotFound("programs")
    return calendar(lambda: known)


def listings_of(ids: Iterable[str]) -> list[dict[str, Any]]:
    """The listings of these ids that are still published, as `find.program` gives them, in the same order."""
    held, now = snapshot(), services().now()
    return [found for one in ids if (found := find.program(one, snapshot=held, now=now)) is not None]


def calendar(listings: Callable[[], Iterable[Mapping[str, Any]]]) -> Response:
    """A calendar of some listings as `find.program` gives them; those that are paused or over have no events.

    `listings` is asked only when something may have changed since whoever asks was here: the list, or the day.
    """
    name = _name()
    if request.if_none_match.contains_weak(name):
        response = Response(status=304)
    else:
        entries = [ical.Entry(one["id"], one["document"], _page_of(one)) for one in listings()]
        words = ical.Wording(feeds.calendar_name(), feeds.event_title, _note)
        response = make_response(ical.write(entries, words=words, now=services().now()))
        response.content_type = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = "inline; filename=groups.ics"  # not the sealed token of the address
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    response.set_etag(name, weak=True)
    return response


def _name() -> str:
    """What an answer at this address is called while it says the same."""
    held = services()
    where = hashlib.sha256(f"{request.path} {held.settings.base_url}".encode()).hexdigest()[:12]
    return f"{where}-{snapshot().version}-{held.now().date().toordinal()}"


def _page_of(one: Mapping[str, Any]) -> str | None:
    """The address of a listing's page where this instance knows its own; a calendar needs a whole one."""
    base = services().settings.base_url
    return f"{base.rstrip('/')}{link()('listing', slug=one['slug'] or one['id'])}" if base else None


def _note(session: Mapping[str, Any]) -> str:
    return feeds.event_note(wording.format_text(session["format"]))
