"""The sheet for paper that a provider gives: the groups, who gave it, and the person's own code if that was just made.

No client code of the team, no need and no score is on it; its address holds ids of groups and how it looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import make_response, redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts.permissions import Action
from finder.errors import Invalid, TooOften
from finder.teams.models import Team
from finder.web import handout_page, listing_ids, open_form
from finder.web.calendar_page import listings_of
from finder.web.desk import render
from finder.web.keep_pages import keys_of
from finder.web.pages import is_quiet, link, services
from finder.web.provider import code_cookie, mail_list
from finder.web.provider.blueprint import desk, my_team
from finder.web.signed_in import actor

WITH_CODE = "code"  # of the address: the mark of the code that is to be printed
KEPT = ("g", "size", "words", WITH_CODE)


@desk.page("/handout", Action.REFER)
def handout() -> ResponseReturnValue:
    """A sheet for the person: how to get in touch, get there, and what to say"""
    listings = chosen()
    if not listings:
        return render("provider/refer_nobody", gone="g" in request.args)
    return page(listings, {}, {}, told="sent" if "sent" in request.args else "")


@desk.page("/handout.pdf", Action.REFER)
def handout_pdf() -> ResponseReturnValue:
    """The same sheet as a tagged PDF"""
    listings = chosen()
    if not listings or len(listings) > handout_page.MOST_PRINTED:
        return redirect(link()("provider.handout", g=keys_of(listings)), 303)
    return handout_page.pdf(_sheet(listings), desk=True)


@desk.page("/handout/send", Action.REFER, methods=("POST",))
def send_list() -> ResponseReturnValue:
    """Send the list to the person"""
    listings = chosen()
    if not listings:
        return redirect(link()("provider.handout"), 303)
    form = {"email": request.form.get("email", "")}
    if is_quiet():  # no letter where answers speak of violence; the page does not offer one
        return page(listings, form, {}), 409
    try:
        mail_list.send(listings, form["email"])
    except Invalid as wrong:
        return page(listings, form, open_form.words(wrong.errors, {})), 422
    except TooOften as full:
        response = make_response(page(listings, form, {}, told=full.code), 429)
        response.headers["Retry-After"] = str(full.values["seconds"])
        return response
    return redirect(link()("provider.handout", **{name: request.args.getlist(name) for name in KEPT
                                                  if name in request.args}, sent="1", _anchor="send"), 303)


def chosen() -> list[dict[str, Any]]:
    """The groups that the address names and that are in the list."""
    return listings_of(listing_ids.decoded(request.args.getlist("g")))


def page(listings: Sequence[Mapping[str, Any]], form: Mapping[str, str], errors: Mapping[str, list[str]], *,
         told: str = "") -> str:
    """The sheet with the ways to pass it on. `told`: what became of the letter that was asked for."""
    size, words = handout_page.layout()
    press = handout_page.press()
    press.warm()
    code, keys = _code(), keys_of(listings)
    look = {**handout_page.look(listings, size, words), **({WITH_CODE: code.mark} if code else {})}
    printed = press.ready() and len(listings) <= handout_page.MOST_PRINTED
    return render(
        "provider/handout", **_sheet(listings), keys=keys, form=form, errors=errors, told=told,
        has_code=code is not None, pdf=link()("provider.handout_pdf", **look) if printed else "",
        other_size=link()("provider.handout", **{**look, "size": _other(handout_page.SIZES, size)}),
        other_words=link()("provider.handout", **{**look, "words": _other(handout_page.READING, words)}),
        bare=link()("provider.handout", **handout_page.look(listings, size, words)),
        send=link()("provider.send_list", **look), **mail_list.ways(listings))


def _sheet(listings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    size, words = handout_page.layout()
    with services().database.reading() as session:
        team = session.get_one(Team, my_team())
        given_by = ", ".join(part for part in (team.name, team.phone) if part)
    code = _code()
    return handout_page.sheet(listings, services().now(), size=size, words=words, given_by=given_by,
                              next_code=code.code if code else None)


def _code() -> code_cookie.Told | None:
    """The person's code, if this browser was told it just now and the address asks for this very one."""
    found = code_cookie.told(actor().account_id)
    return found if found is not None and request.args.get(WITH_CODE) == found.mark else None


def _other(two: Sequence[str], one: str) -> str:
    return two[1] if one == two[0] else two[0]
