"""What programs that look through sites may look at: the pages that are the same for everybody, and the sitemap.

What lies behind a sign-in, an answer or a mailed link is left out by where its addresses begin, so this file names no
address that works by being secret.
"""

from __future__ import annotations

from flask import Response

from finder.api.blueprint import arguments, services
from finder.api.feeds import around, described
from finder.api.feeds.blueprint import feeds
from finder.api.open_door import is_known, kept, unchanged
from finder.search.query_schema import load_nothing

# How paths begin, in every language. "/programs?*=" are lists that are narrowed: the same groups, without end (a bare
# question mark at the end is dropped by a common reader of such files, which then leaves every listing out). Calendars
# stay open, for some calendar programs on the web ask here before they fetch one that a person subscribed to.
CLOSED = ("/account", "/operator", "/provider", "/steward", "/answers/", "/calendar/", "/claims/", "/compare", "/find/",
          "/handout", "/leave", "/list", "/mail/", "/next-step", "/offline/now", "/programs?*=",
          "/programs/*/", "/referrals/", "/results", "/saved")
OPEN = ("/calendar/*.ics",)
_EXAMPLE = "User-agent: *\nDisallow: /account\nDisallow: /es/account\n\nSitemap: https://finder.example/sitemap.xml\n"


@feeds.route("/robots.txt", tags=["data"])
@feeds.doc(operationId="readRobots", responses=described.text(
    "Rules as RFC 9309 has them, and where the sitemap is.", "text/plain", _EXAMPLE, 422))
def robots() -> Response:
    """Read what programs may look through"""
    load_nothing(arguments())
    name = f"robots-{around.mark()}"
    if is_known(name):
        return unchanged(name)
    rules = [f"{rule}: {before}{path}" for rule, paths in (("Allow", OPEN), ("Disallow", CLOSED))
             for path in paths for _, before in around.prefixes()]
    text = "\n".join(["User-agent: *", *rules, "", f"Sitemap: {services().settings.address}/sitemap.xml", ""])
    return kept(Response(text, mimetype="text/plain"), name)
