"""The history of a listing for those who look after it: what changed, when, and by whom in their role."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from finder.accounts.permissions import Action
from finder.listings import changes
from finder.web import history_words
from finder.web.desk import listing_here, render
from finder.web.operator.blueprint import desk
from finder.web.pages import services

A_PAGE = 30  # versions


@desk.page("/<slug>/history", Action.SEE_HISTORY, about=listing_here)
def history(slug: str) -> ResponseReturnValue:
    """Every change of your listing"""
    number = request.args.get("after", "0")
    start = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
    with services().database.reading() as session:
        there = changes.find(session, slug)
        entries = changes.history(session, there.id)
    return render("operator/history", there=there, steps=history_words.steps(entries[start : start + A_PAGE]),
                  older=start + A_PAGE if start + A_PAGE < len(entries) else 0)
