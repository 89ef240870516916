"""A list on paper: one sheet with the crisis line, large numbers, what to say and what to expect; as a page and a PDF.

Its address holds ids of listings and how it looks, nothing else. The desk of a provider shows the same sheet with who
gave it and a code for the next step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from finder.errors import Invalid, Problem, TooOften, Unavailable
from finder.limits import Limit, spend, used
from finder.paper import Press
from finder.web import listing_ids, listing_page, qr
from finder.web.account.keys import network_key
from finder.web.assets import Assets
from finder.web.blueprint import seeker
from finder.web.keep_pages import asked_for, base, keys_of, list_address
from finder.web.pages import link, render, services
from finder.web.showing import card
from finder.wordings import handouts
from finder.wordings.handouts import Words
from finder.wordings.language import capital, day, gettext, ngettext

SIZES, READING = ("usual", "large"), ("usual", "plain")
MOST_PRINTED = 12  # groups in a PDF, which is work for the server
FILE_NAME = "list.pdf"  # says nothing: it lies among downloads
STYLES = "hand.css"
# Where people print on US Letter; everybody else has A4 (CLDR, measurementData, paperSize).
LETTER = frozenset("BZ CA CL CO CR GT MX NI PA PH PR SV US VE".split())
FROM_ONE = Limit("pdf", 20, 300)  # PDFs of one network: each is work for the server
NEXT_STEP = "next-step"  # the page where the person types the code


@dataclass(frozen=True, slots=True)
class Group:
    """One group as paper shows it, in sentences; "" for what there is nothing to say about."""

    name: str
    when: str
    next: str
    where: str
    cost: str
    reach: str  # a number, else an address to write to or a web page
    phone: str | None
    join: str
    trip: str
    first_visit: str
    checked: str
    status: str


@seeker.get("/handout")
def handout() -> ResponseReturnValue:
    """A list on paper: large numbers, what to say, what to expect, and the crisis line"""
    listings = asked_for()
    size, words = layout()
    made = press()
    made.warm()
    printed = made.ready() and len(listings) <= MOST_PRINTED
    return render("handout", **sheet(listings, services().now(), size=size, words=words), keys=keys_of(listings),
                  pdf=link()("handout_pdf", **look(listings, size, words)) if printed else "",
                  other_size=link()("handout", **look(listings, _other(SIZES, size), words)),
                  other_words=link()("handout", **look(listings, size, _other(READING, words))))


@seeker.get("/handout.pdf")
def handout_pdf() -> ResponseReturnValue:
    """The same sheet as a tagged PDF"""
    if len(listing_ids.decoded(request.args.getlist("g"))) > MOST_PRINTED:
        raise Invalid({"g": [Problem("too_many", max=MOST_PRINTED)]})
    _count()
    size, words = layout()
    return pdf(sheet(asked_for(), services().now(), size=size, words=words))


def _count() -> None:
    """Counts a PDF of the reader's network. Raises TooOften. While others write, as in an import, nobody waits to be
    counted; who has had all is refused then too."""
    held, network = services(), network_key()
    now, waits = held.now(), 0

    def count(session: Any) -> None:
        nonlocal waits
        waits = spend(session, FROM_ONE, network, now)

    if not held.database.at_leisure(count):
        with held.database.reading() as session:
            full = used(session, FROM_ONE, network, now) >= FROM_ONE.most
        waits = FROM_ONE.seconds - int(now.timestamp()) % FROM_ONE.seconds if full else 0
    if waits:
        raise TooOften(FROM_ONE.kind, seconds=waits)


def layout() -> tuple[str, Words]:
    """Size and reading level that an address asks for; the usual ones for anything unknown."""
    size, words = request.args.get("size", ""), request.args.get("words", "")
    return size if size in SIZES else SIZES[0], cast(Words, words if words in READING else READING[0])


def look(listings: Sequence[Mapping[str, Any]], size: str, words: str) -> dict[str, Any]:
    """The query of a sheet's address: ids, and what differs from the usual."""
    return {"g": keys_of(listings), **({"size": size} if size != SIZES[0] else {}),
            **({"words": words} if words != READING[0] else {})}


def sheet(listings: Sequence[Mapping[str, Any]], now: datetime, *, size: str = "usual", words: Words = "usual",
          given_by: str | None = None, next_code: str | None = None) -> dict[str, Any]:
    """What `templates/_hand.html` shows of listings, as `find.program` gives them.

    `given_by` is the team and its number, in plain words. `next_code` is the person's short code as they type it.
    """
    address = list_address(listings)
    return {"hand": {
        "size": size, "plain": words == "plain", "groups": [_group(one, now, words) for one in listings],
        "title": ngettext("%(num)s place to start", "%(num)s places to start", len(listings)),
        **{name: handouts.sheet_text(name, words) for name in ("start", "say", "calm", "code")},
        "qr": qr.code(address), "address": address,
        "given": handouts.sheet_text("given", words, team=given_by) if given_by else "",
        "next": handouts.sheet_text("next", words) if next_code else "", "next_code": next_code or "",
        "next_page": f"{base()}{link()('home')}{NEXT_STEP}".partition("://")[2],
    }}


def pdf(values: Mapping[str, Any], *, desk: bool = False) -> Response:
    """A sheet as a PDF that no browser keeps. Ends with 501 where PDFs cannot be made.

    `values` is what `sheet` gave; `desk` for a sheet that a signed-in person gives.
    """
    hand = dict(values["hand"])
    hand["qr"] = qr.code(hand["address"], title=gettext("Opens this list"))
    try:
        made = press().print(render_template("_paper.html", hand=hand, title=hand["title"]), _styles(), desk=desk)
    except Unavailable:
        abort(501)
    response = Response(made, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f"inline; filename={FILE_NAME}"
    response.headers["Cache-Control"] = "no-store"
    return response


def press() -> Press:
    """What makes PDFs here."""
    return services().press


def _group(listing: Mapping[str, Any], now: datetime, words: Words) -> Group:
    document = listing["document"]
    shown = card({"id": listing["id"], "slug": listing["slug"]}, document, distance_miles=None, today=now.date())
    page = listing_page.view(listing, now)
    first: listing_page.Meeting | None = page["meetings"][0] if page["meetings"] else None
    contact, fresh = document.get("contact") or {}, page["fresh"]
    more = ngettext("%(num)s more time", "%(num)s more times", shown.more_times) if shown.more_times else ""
    where = ", ".join(first.address) if first and first.address else shown.where
    if first and first.address_later:
        where = f"{where}. {handouts.sheet_text('later', words)}"
    return Group(
        name=document["name"], where=where, cost=shown.cost, phone=shown.phone,
        when="; ".join((*shown.when, *([more] if more else []))).rstrip(".") or gettext("Times not stated"),
        next=_next(page["meetings"]),
        reach=shown.phone or contact.get("email") or contact.get("url") or "",
        join=handouts.joining(document, words), trip=handouts.trip(document, words, phone=bool(shown.phone)),
        first_visit=handouts.first_visit(document, words),
        checked=handouts.checked((document.get("verified") or {}).get("on"), words, old=fresh.kind == "old"),
        status=handouts.sheet_text(page["status"], words) if page["status"] in ("paused", "closed") else "")


def _next(meetings: Sequence[listing_page.Meeting]) -> str:
    """The next meeting of all: its day, and its hour where there are several to choose from."""
    starts = {datetime.fromisoformat(one.dates[0].instant): one.dates[0].words for one in meetings if one.dates}
    if not starts:
        return ""
    first = min(starts)
    date = day(first, weekday=True, year=False)
    hour = starts[first].removeprefix(capital(date))  # a line of its own begins with a capital, and this is none
    return gettext("Next: %(time)s", time=date if len(meetings) == 1 else
                   f"{date}{hour}" if hour != starts[first] else hour)


def _other(two: Sequence[str], one: str) -> str:
    return two[1] if one == two[0] else two[0]


def _styles() -> str:
    static: Assets = current_app.extensions["finder_assets"]
    size = "letter" if services().settings.country in LETTER else "A4"
    return f"{static.plain[STYLES].decode()}\n@page {{ size: {size} }}"
