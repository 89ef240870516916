"""Keeping groups without an account: save, compare, share a list, read it as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, g, redirect, request
from flask.typing import ResponseReturnValue

from finder.errors import Invalid, NotFound, Problem
from finder.web import comparing, listing_fit, listing_ids
from finder.web.blueprint import seeker
from finder.web.calendar_page import listings_of
from finder.web.pages import answers, cookie, kept, link, render, services, snapshot
from finder.web.saved import SavedCookie
from finder.web.showing import card

LONGEST_WAY_BACK = 500  # characters of an address of ours


@seeker.get("/saved")
def saved() -> ResponseReturnValue:
    """The groups kept on this device"""
    g.personal = True
    ids = kept() or []
    return render("saved", keeps=kept() is not None, **_cards(ids))


@seeker.post("/saved")
def save() -> ResponseReturnValue:
    """Keep a group on this device, or take it off"""
    back = way_back(request.form.get("back", ""))
    action, ids = _wish()
    now, held = services().now(), kept()
    if action == "clear":
        response = redirect(link()("saved"), 303)
        saved_cookie().clear(response)
        return response
    if action not in ("add", "remove") or not ids:
        raise Invalid({"g": [Problem("required")]})
    if held is None and "yes" not in request.form:
        if action == "remove":
            return redirect(back, 303)
        return render("saved_ask", ids=[listing_ids.encode(one) for one in ids], back=back)
    left = [one for one in held or () if one not in ids]
    response = redirect(back, 303)
    saved_cookie().seal(response, left + ids if action == "add" else left, now)
    return response


def _wish() -> tuple[str, list[str]]:
    """What to do and with which ids: a button beside a group says both at once, a form for several holds them apart."""
    said = next((one for one in ("add", "remove") if one in request.form), "")
    action = said or request.form.get("action", "add")
    return action, listing_ids.decoded(request.form.getlist(said or "g"))


@seeker.get("/compare")
def compare() -> ResponseReturnValue:
    """Two to four groups side by side"""
    g.personal = True
    listings = asked_for() if "g" in request.args else []
    if not comparing.FEWEST <= len(listings) <= comparing.MOST:
        return render("compare_choose", **_cards([one["id"] for one in listings])), 422 if listings else 404
    held, said = services(), answers() if cookie().is_carried(request) else None
    fits = [listing_fit.view(one["id"], held, snapshot(), said) for one in listings] if said else []
    level = fits[0]["level"] if fits and fits[0] else None
    return render("compare", listings=listings, keys=keys_of(listings), level=level,
                  rows=comparing.rows(listings, held.now().date(), [] if None in fits else fits))


@seeker.get("/list")
def shared_list() -> ResponseReturnValue:
    """A list of groups that somebody shares: its address holds ids and nothing else"""
    listings = asked_for()
    calendar = f"{base()}{link()('list_calendar', keys='.'.join(keys_of(listings)))}"
    return render("list", gone=_asked() - len(listings), address=list_address(listings), calendar=calendar,
                  **_cards([one["id"] for one in listings]))


@seeker.get("/list/text")
def list_text() -> ResponseReturnValue:
    """A list as short lines to read out or to send"""
    listings = asked_for()
    return render("list_text", keys=keys_of(listings), text=_as_text(listings))


def saved_cookie() -> SavedCookie:
    found: SavedCookie = current_app.extensions["finder_saved"]
    return found


def way_back(wanted: str) -> str:
    """An address of this site to return to; the saved list for anything else."""
    parts = urlsplit(wanted) if wanted.isprintable() and len(wanted) <= LONGEST_WAY_BACK else None
    own = parts is not None and not parts.scheme and not parts.netloc and wanted.startswith("/")
    return wanted if own and not wanted.startswith("//") and "\\" not in wanted else link()("saved")


def _asked() -> int:
    return len(set(request.args.getlist("g")))


def asked_for() -> list[dict[str, Any]]:
    """The listings an address names. Raises NotFound when it names none that is known."""
    found = listings_of(listing_ids.decoded(request.args.getlist("g")))
    if not found:
        raise NotFound("programs")
    return found


def _cards(ids: Iterable[str]) -> dict[str, Any]:
    today = services().now().date()
    found = listings_of(ids)
    return {"keys": keys_of(found),
            "cards": [card({"id": one["id"], "slug": one["slug"]}, one["document"], distance_miles=None, today=today)
                      for one in found]}


def keys_of(listings: Iterable[Mapping[str, Any]]) -> list[str]:
    """The ids of listings as addresses hold them."""
    return [listing_ids.encode(one["id"]) for one in listings]


def list_address(listings: Iterable[Mapping[str, Any]]) -> str:
    """The whole address of a list on this site."""
    return f"{base()}{link()('shared_list', g=keys_of(listings))}"


def base() -> str:
    """Where this site is, without a slash at the end."""
    return (services().settings.base_url or request.host_url).rstrip("/")


def _as_text(listings: Iterable[Mapping[str, Any]]) -> str:
    """The plain text of some listings: name, time, place, cost, number; a blank line between them."""
    today, blocks = services().now().date(), []
    for one in listings:
        shown = card({"id": one["id"], "slug": one["slug"]}, one["document"], distance_miles=None, today=today)
        lines = (shown.name, "; ".join(shown.when), shown.where, shown.cost, shown.phone)
        blocks.append("\n".join(line for line in lines if line))
    return "\n\n".join(blocks)
