"""Where the links in letters about a listing lead: its facts, and buttons that say with one tap how things stand.

Nobody signs in: who holds the link reads the group's mail. Opening it changes nothing, only a button does; opened again
it shows what was said. The links are good for a month, and an old one can be sent anew to the listing's own contact.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import g, redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.accounts import tokens
from finder.accounts.tokens import Link
from finder.catalog.models import PUBLISHED
from finder.errors import Conflict, Invalid, Problem, TooOften
from finder.listings import one_tap, pauses
from finder.listings.changes import Listing
from finder.web.blueprint import seeker
from finder.web.desk import render
from finder.web.pages import link, services
from finder.wordings.language import N_, gettext

RIGHT, PAUSED, BACK, STOP, REMOVE = "right", "paused", "back", "stop", "remove"
# What was said, by the code that the link keeps.
SAID: Mapping[str, str] = {
    RIGHT: N_("All of this is right."), "open": N_("You have room for new people."),
    "waitlist": N_("You have a waiting list."), "full": N_("You are full."),
    "ask": N_("People should ask you if there is room."), PAUSED: N_("You do not meet for now."),
    BACK: N_("You meet again."), STOP: N_("You want no more letters like this."),
    REMOVE: N_("You do not want to be in this list. A person will look at this soon."),
}
# By field and code, where the general sentence would not help.
WRONG: Mapping[tuple[str, str], str] = {
    ("", "required"): N_("Choose one of the buttons."),
    ("weeks", "not_a_number"): N_("Write the number of weeks, with digits only."),
    ("back_on", "required"): N_("Choose the day when you meet again."),
}


@seeker.route("/mail/<secret>", methods=["GET", "POST"])
def mailed(secret: str) -> ResponseReturnValue:
    """Say if a listing is still right"""
    found, listing = _look(secret)
    if not _is_open(found, listing):
        return _closed(secret, found, listing)
    if request.method == "GET":
        return _page(secret, found, listing)
    what = request.form.get("what", "")
    try:
        with services().database.transaction() as session:
            _say(session, found, listing, what)
            tokens.mark(session, secret, "check", now=services().now(), result=f"{what} {services().now().date()}")
    except Invalid as wrong:
        return _page(secret, found, listing, wrong.errors), 422
    except Conflict:
        return _page(secret, *_look(secret), changed=True), 409
    return redirect(link()("mailed", secret=secret), 303)


def _say(session: Any, found: Link, listing: Listing, what: str) -> None:
    """Does what a button says. Raises Invalid by field, and Conflict when the listing changed since it was shown."""
    now = services().now()
    if what == RIGHT:
        one_tap.confirm(session, listing.id, base=_version(), now=now)
    elif what in (*one_tap.ROOM, one_tap.ASK):
        one_tap.say_room(session, listing.id, what, weeks=_weeks() if what == "waitlist" else None, now=now)
    elif what == PAUSED:
        one_tap.pause(session, listing.id, back_on=_day(), now=now)
    elif what == BACK:
        one_tap.back(session, listing.id, now=now)
    elif what == STOP:
        one_tap.stop_letters(session, str(found.facts.get("address", "")), now)
    else:
        raise Invalid({"": [Problem("required")]})


@seeker.route("/mail/<secret>/not-listed", methods=["GET", "POST"])
def mailed_remove(secret: str) -> ResponseReturnValue:
    """Ask not to be listed, once more before it is sent"""
    found, listing = _look(secret)
    if not _is_open(found, listing):
        return _closed(secret, found, listing)
    words = request.form.get("words", "")
    if request.method == "POST":
        now = services().now()
        try:
            with services().database.transaction() as session:
                one_tap.ask_removal(session, listing.id, words=words, now=now, locale=link().language,
                                    address=found.facts.get("address"))
                tokens.mark(session, secret, "check", now=now, result=f"{REMOVE} {now.date()}")
        except Invalid as wrong:
            return _remove_page(secret, listing, words, wrong.errors), 422
        return redirect(link()("mailed", secret=secret), 303)
    return _remove_page(secret, listing, words, {})


def _remove_page(secret: str, listing: Listing, words: str, errors: Mapping[str, list[Problem]]) -> str:
    return render("mailed/remove", secret=secret, name=listing.document["name"], form={"words": words},
                  most=one_tap.LONGEST_WORDS, errors=_words(errors))


@seeker.post("/mail/<secret>/again")
def mailed_again(secret: str) -> ResponseReturnValue:
    """Send a new link to the listing's own contact"""
    _, listing = _look(secret)
    state = "sent"
    try:
        with services().database.transaction() as session:
            if listing.state != PUBLISHED or not one_tap.send_again(session, listing.id, services().now(),
                                                                    locale=link().language):
                state = "nobody"
    except TooOften:
        state = "too_often"
    return render("mailed/again", state=state, slug=listing.slug), 429 if state == "too_often" else 200


@seeker.route("/mail/stop/<secret>", methods=["GET", "POST"])
def mailed_stop(secret: str) -> ResponseReturnValue:
    """No more letters; also for the button of mail programs, which follow no redirect (RFC 8058)"""
    g.personal = True
    now = services().now()
    with services().database.reading() as session:
        found = tokens.look(session, secret, "stop", now=now)
    done = found.result is not None
    if request.method == "POST" and not done:
        with services().database.transaction() as session:
            one_tap.stop_letters(session, str(found.facts.get("address", "")), now)
            tokens.mark(session, secret, "stop", now=now, result="stopped")
        done = True
    return render("mailed/stop", secret=secret, done=done)


# -- the page --------------------------------------------------------------------------------------------------------


def _look(secret: str) -> tuple[Link, Listing]:
    g.personal = True
    with services().database.reading() as session:
        return one_tap.look(session, secret, now=services().now())


def _is_open(found: Link, listing: Listing) -> bool:
    return found.state == "open" and listing.state == PUBLISHED


def _closed(secret: str, found: Link, listing: Listing) -> ResponseReturnValue:
    """A link that has ended, or whose listing is not shown any more."""
    return render("mailed/closed", secret=secret, listed=listing.state == PUBLISHED, said=_said(found)), 410


def _page(secret: str, found: Link, listing: Listing, errors: Mapping[str, list[Problem]] | None = None, *,
          changed: bool = False) -> str:
    today = services().now().date()
    with services().database.reading() as session:
        back_on = pauses.back_on(session, listing.id)
    document = listing.document
    return render("mailed/check", secret=secret, slug=listing.slug, version=listing.version, name=document["name"],
                  lines=wording.listing_lines_text(document, today),
                  fresh=wording.freshness_text((document.get("verified") or {}).get("on"), today),
                  said=_said(found), changed=changed, errors=_words(errors or {}), form=request.form,
                  paused=document.get("status") == "paused", back_on=wording.day_text(back_on) if back_on else "",
                  tomorrow=date.fromordinal(today.toordinal() + 1).isoformat(),
                  last_day=date.fromordinal(today.toordinal() + pauses.LONGEST_DAYS).isoformat())


def _said(found: Link) -> tuple[str, str] | None:
    """What was said with this link, and on which day."""
    code, _, day = (found.result or "").partition(" ")
    return (gettext(SAID[code]), wording.day_text(day)) if code in SAID and day else None


def _words(errors: Mapping[str, list[Problem]]) -> dict[str, list[str]]:
    return {field: [gettext(WRONG[field, one.code]) if (field, one.code) in WRONG else wording.problem_text(one)
                    for one in many] for field, many in errors.items()}


# -- what was typed --------------------------------------------------------------------------------------------------


def _version() -> int:
    """The version of the listing that was shown; one that cannot be read is none there ever was."""
    sent = request.form.get("version", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0


def _weeks() -> float | None:
    typed = request.form.get("weeks", "").strip()
    if not typed:
        return None
    if not typed.isascii() or not typed.isdigit() or len(typed) > 4:
        raise Invalid({"weeks": [Problem("not_a_number")]})
    return int(typed)


def _day() -> date:
    typed = request.form.get("back_on", "").strip()
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Invalid({"back_on": [Problem("not_a_date" if typed else "required")]}) from None
