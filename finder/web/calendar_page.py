"""Groups for the reader's own calendar: one listing to download, or a list to subscribe to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
from finder.wordings.language import gettext


@seeker.get("/programs/<slug>.ics")
def program_calendar(slug: str) -> ResponseReturnValue:
    """One group as calendar events"""
    found = find.program(slug, snapshot=snapshot(), now=services().now())
    if found is None:
        raise NotFound("program")
    response = _calendar([found])
    response.headers["Content-Disposition"] = "attachment; filename=group.ics"
    return response


@seeker.get("/calendar/<keys>.ics")
def list_calendar(keys: str) -> ResponseReturnValue:
    """A list of groups as a calendar that stays up to date"""
    known = listings_of(listing_ids.decoded(keys.split(".")))
    if not known:
        raise NotFound("programs")
    return _calendar(known)


def listings_of(ids: Iterable[str]) -> list[dict[str, Any]]:
    """The listings of these ids that are still published, as `find.program` gives them, in the same order."""
    held, now = snapshot(), services().now()
    return [found for one in ids if (found := find.program(one, snapshot=held, now=now)) is not None]


def _calendar(listings: Iterable[Mapping[str, Any]]) -> Response:
    entries = [ical.Entry(one["id"], one["document"], _page_of(one)) for one in listings]
    words = ical.Wording(gettext("Groups"), _event_title, _note)
    response = make_response(ical.write(entries, words=words, now=services().now()))
    response.content_type = "text/calendar; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _page_of(one: Mapping[str, Any]) -> str | None:
    """The address of a listing's page where this instance knows its own; a calendar needs a whole one."""
    base = services().settings.base_url
    return f"{base.rstrip('/')}{link()('listing', slug=one['slug'] or one['id'])}" if base else None


def _event_title(town: str) -> str:
    return gettext("Group in %(place)s", place=town) if town else gettext("Group")


def _note(session: Mapping[str, Any]) -> str:
    return gettext("%(how)s. Please check with the group before you go.", how=wording.format_text(session["format"]))
