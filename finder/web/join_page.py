"""The links to meetings online, behind a button: a program that collects addresses finds none in the pages."""

from __future__ import annotations

from flask import redirect, request
from flask.typing import ResponseReturnValue

from finder import wording
from finder.web.blueprint import seeker
from finder.web.open_form import TRAP
from finder.web.pages import link, render, services
from finder.web.report_page import listing


@seeker.route("/programs/<slug>/join", methods=["GET", "POST"])
def join(slug: str) -> ResponseReturnValue:
    """Show the link to join a meeting online"""
    found = listing(slug)
    if request.method == "GET" or request.form.get(TRAP):
        return redirect(link()("listing", slug=slug), 303)
    today = services().now().date()
    rooms = [(wording.schedule_text(one, today=today, zone=True), one["join_url"])
             for one in found["document"].get("sessions") or () if one.get("join_url")]
    return render("join", slug=slug, name=found["document"]["name"], rooms=rooms)
