"""Failures as pages a person can use: what happened, what to do next, and the crisis line as on every page.

One table says what each number means. Nothing of the request is shown or logged but the route's template.
"""

from __future__ import annotations

import logging

from flask import Response, g, make_response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError, NotImplemented, ServiceUnavailable

from finder.errors import (
    Conflict,
    FinderError,
    Forbidden,
    Invalid,
    NotFound,
    TooOften,
    Unavailable,
    Unversioned,
)
from finder.journal import Logged, steps
from finder.web import unsaved
from finder.web.crowded import CROWDED
from finder.wordings.language import N_, gettext

log = logging.getLogger("finder.web")

# Status -> heading and what to do. Every other number shows the words of 400 or 500.
PAGES: dict[int, tuple[str, str]] = {
    400: (N_("We could not read that"), N_("Please go back and try again.")),
    403: (N_("That did not come from this site"),
          N_("For your safety we only take answers sent from our own pages. Please start again here.")),
    404: (N_("We could not find that page"), N_("It may have moved. You can look for a group from here.")),
    405: (N_("That page does not work this way"), N_("Please start again from here.")),
    409: (N_("Somebody else changed this first"), N_("Please look at the page again.")),
    413: (N_("That was too much to send"), N_("Please use fewer words and try again.")),
    422: (N_("Something does not fit yet"), N_("Please go back and check what you sent.")),
    428: (N_("We need to know what you saw"), N_("Please open the page again and change it there.")),
    429: (N_("Too many tries"), N_("Please wait a minute and try again.")),
    500: (N_("Something broke on our side"), N_("It is not your fault. Please try again in a minute.")),
    501: (N_("No PDF can be made here"), N_("Please print the page instead. Most browsers can save it as a PDF too.")),
    503: (N_("The list is not there right now"), N_("Please try again in a minute.")),
}
MANY = N_("Many people are asking right now")
SOON = N_("Please try again in a few seconds. Help by phone or text is there at any time.")
# What is missing at a desk was often there a moment ago: of two presses the second one finds nothing.
DESKS = frozenset(("account", "operator", "provider", "steward"))
NOT_AT_DESK = N_("It may have been removed meanwhile, or others look after it.")
RETRY_SECONDS = 30  # what people are told by programs when a part is away and nothing says for how long
STATUS_OF: tuple[tuple[type[FinderError], int], ...] = (
    (NotFound, 404), (Invalid, 422), (Conflict, 409), (Forbidden, 403), (Unavailable, 503),
    (Unversioned, 428), (TooOften, 429), (FinderError, 400))


def page(error: Exception) -> Response:
    """The page for any failure. Redirects that routing raises pass through as they are."""
    if isinstance(error, HTTPException) and error.code is not None and 300 <= error.code < 400:
        return make_response(error.get_response())
    status = status_of(error)
    is_crowded = isinstance(error, Unavailable) and error.code == CROWDED
    if status >= 500 and not is_crowded:  # a line for each of so many would only add to it
        report(error)
    heading, advice = (MANY, SOON) if is_crowded else PAGES.get(status) or PAGES[500 if status >= 500 else 400]
    at_desk = status == 404 and request.blueprint in DESKS
    told, again = (gettext(heading), gettext(NOT_AT_DESK if at_desk else advice)), None
    if is_crowded:
        again = unsaved.again()
    if unsaved.is_meant(error):
        again = unsaved.again()
        told = unsaved.words(again)
    body = render_template("errors/error.html", heading=told[0], status=status, at_desk=at_desk, advice=told[1],
                           again=again, request_id=g.get("request_id", "-"))
    response = make_response(body, status)
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = str(
            error.values.get("seconds") or unsaved.RETRY_SECONDS.get(error.code, RETRY_SECONDS))
    if isinstance(error, HTTPException):
        for name, value in error.get_headers(request.environ):
            if name in ("Allow", "Retry-After"):
                response.headers[name] = value
    if isinstance(error, TooOften) and "seconds" in error.values:
        response.headers["Retry-After"] = str(error.values["seconds"])
    return response


def status_of(error: Exception) -> int:
    """The HTTP number of a failure; 500 for everything unexpected."""
    if isinstance(error, HTTPException):
        return error.code or InternalServerError.code
    for kind, status in STATUS_OF:
        if isinstance(error, kind):
            return status
    return InternalServerError.code


def report(error: Exception) -> None:
    """Logs where it broke: files, lines and functions, never a message, for messages quote what people typed."""
    if isinstance(error, NotImplemented | ServiceUnavailable):
        return
    rule = request.url_rule.rule if request.url_rule else "-"
    log.error(Logged("request_failed", rid=g.get("request_id", "-"), method=request.method, route=rule,
                   status=status_of(error), error=type(error).__name__, at=steps(error.__traceback__)))
