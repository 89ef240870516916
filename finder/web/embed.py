"""The finder for other sites: a page that they put into a frame, the script that does it for them, and their colors.

The only page of ours that may be framed. It holds no session, changes nothing, and counts nothing; what is typed is
sent to the page itself and stands in no address. Hosts' choices stand in the frame's address (`embed_presets`).
"""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, Flask, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.http import generate_etag

from finder import colors, wording
from finder.errors import NotFound
from finder.search.query_schema import FACETS
from finder.web import board, embed_colors, embed_headers, embed_presets, embed_search, errors
from finder.web import filters as narrowing
from finder.web.assets import Assets
from finder.web.browse_page import RADII
from finder.web.embed_presets import Presets
from finder.web.embed_search import Asked, Found
from finder.web.own import ONE_YEAR, own
from finder.web.pages import help_now, link, services, snapshot, topic_counts
from finder.wordings.language import gettext

SCRIPT = "embed.js"
# Hosts take a mended script within the hour, and never wait for it.
SCRIPT_KEPT = "public, max-age=3600, stale-while-revalidate=604800"

embed = Blueprint("embed", __name__)


@embed.route("/embed", methods=["GET", "POST"])
def finder() -> ResponseReturnValue:
    """The finder in a frame on the page of another site; looking for groups sends the form to the page itself"""
    presets = embed_presets.read(request.args.to_dict(flat=False), services().gazetteer)
    wanted = _wanted_language()
    if wanted and request.method == "GET":
        return redirect(address(presets, wanted), 302)
    return _answer(presets, searched=request.method == "POST")


def _answer(presets: Presets, *, searched: bool) -> ResponseReturnValue:
    """The page with help and list; without the list where that cannot be had."""
    asked = Asked.sent(request.form.to_dict()) if searched else embed_search.opening(presets)
    help_first = embed_search.panels(asked, presets, services(), help_now())
    try:
        found = _found(asked, presets, searched=searched)
        status = 422 if found and found.errors else 200
        page = _page(asked, presets, found=found, panels=help_first, searched=searched, topics=_topics())
    except Exception as broken:  # whatever broke: help does not wait for the list, and a frame is no place for nothing
        status = errors.status_of(broken)
        if status >= 500:
            errors.report(broken)
        page = _page(asked, presets, found=None, panels=help_first, searched=searched, topics=[], broken=True)
    return page, status


def _wanted_language() -> str:
    """A language that the address asks for by name and is not that of its path; "" where there is none such."""
    wanted = request.args.get("lang", "")[:20]
    codes = [one.code for one in link().languages]
    best = next((code for code in (wanted, wanted.partition("-")[0]) if code in codes), "")
    return best if best != link().language else ""


def address(presets: Presets, language: str = "", *, full: bool = False) -> str:
    """The frame's address for the choices of a host, in a language, or in the reader's own."""
    links = link()
    links.language = language or links.language
    path = links("embed.finder", **presets.in_address())
    return f"{services().settings.address}{path}" if full else path


def _found(asked: Asked, presets: Presets, *, searched: bool) -> Found | None:
    """The list; none before anybody has searched or chosen anything."""
    if not searched and not presets.lists_at_once:
        snapshot()  # so that a list that is away is said at once
        return None
    found = embed_search.search(asked, presets, link().language, services(), snapshot())
    board.concerns(found.states)
    return found


def _page(asked: Asked, presets: Presets, *, found: Found | None, searched: bool, **more: Any) -> str:
    """The page; what stands in it for `broken` needs no database."""
    said = {name: [wording.problem_text(one) for one in many] for name, many in (found.errors if found else {}).items()}
    return render_template(
        "embed/finder.html", asked=asked, presets=presets, found=found, searched=searched, errors=said,
        demonstration=not more.get("broken") and snapshot().demo, colors_css=style(presets),
        radii=RADII, days=[(day, wording.weekday_text(int(day))) for day in embed_search.DAYS],
        kinds=[wording.label("group_types", code) for code in presets.kinds],
        themes=[wording.label("focus_areas", code) for code in presets.topics],
        action=address(presets), elsewhere=[(one, address(presets, one.code)) for one in link().others],
        alone=request.headers.get("Sec-Fetch-Dest") == "document", **more)


def _topics() -> list[tuple[str, str]]:
    """The topics that some group holds: number and words, by their words."""
    counts = topic_counts().by_topic
    found = [(str(narrowing.number_of("focus", code)), wording.label("focus_areas", code))
             for code in FACETS["focus"] if counts.get(code)]
    return sorted(found, key=lambda one: one[1].casefold())


def style(presets: Presets) -> str:
    """The address of the colors of a host, else of this instance; "" where neither has any."""
    mine = own().saved.color
    if not presets.color and not presets.background:
        return url_for("embed_own_colors", v=_version(colors.stylesheet(mine))) if mine else ""
    accent, background = presets.color or mine or embed_colors.PLUM, presets.background or colors.PAPER
    return url_for("embed_colors", accent=accent.removeprefix("#"), background=background.removeprefix("#"),
                   v=_version(embed_colors.stylesheet(accent, background)))


def _host_colors(accent: str, background: str) -> ResponseReturnValue:
    given = f"#{accent}", f"#{background}"
    if not all(map(colors.is_color, given)):
        raise NotFound("colors")
    return _css(embed_colors.stylesheet(*given))


def _own_colors() -> ResponseReturnValue:
    color = own().saved.color
    if not color:
        raise NotFound("colors")
    return _css(colors.stylesheet(color))


def _version(made: str) -> str:
    return hashlib.sha256(made.encode()).hexdigest()[:8]


def _css(made: str) -> ResponseReturnValue:
    response = make_response(made)
    response.content_type = "text/css; charset=utf-8"
    response.headers["Cache-Control"] = ONE_YEAR if request.args.get("v") == _version(made) else "no-cache"
    response.set_etag(generate_etag(made.encode()))
    return response.make_conditional(request)


def _script() -> ResponseReturnValue:
    assets: Assets = current_app.extensions["finder_assets"]
    response = assets.answer(SCRIPT)
    response.headers["Cache-Control"] = SCRIPT_KEPT
    return response


def _failed(error: Exception) -> ResponseReturnValue:
    """A failure as a page that shows in the frame too, with the line for help."""
    if not embed_headers.is_framed(request.endpoint):
        return errors.page(error)
    status = errors.status_of(error)
    if status >= 500:
        errors.report(error)
    heading, advice = errors.PAGES.get(status) or errors.PAGES[500 if status >= 500 else 400]
    presets = embed_presets.read(request.args.to_dict(flat=False), services().gazetteer)
    return render_template("embed/failed.html", heading=gettext(heading), advice=gettext(advice), status=status,
                           colors_css=style(presets), action=address(presets),
                           alone=request.headers.get("Sec-Fetch-Dest") == "document"), status


@embed.after_request
def differs(response: Response) -> Response:
    """Says that the page is another one where it stands by itself: then it brings its own first heading."""
    response.vary.add("Sec-Fetch-Dest")
    return response


embed.register_error_handler(Exception, _failed)


def install(app: Flask) -> None:
    """Serves the script and the colors, which are the same in every language."""
    app.add_url_rule(f"/{SCRIPT}", endpoint="embed_script", view_func=_script, methods=["GET"])
    app.add_url_rule("/embed/colors-<accent>-<background>.css", endpoint="embed_colors", view_func=_host_colors,
                     methods=["GET"])
    app.add_url_rule("/embed/colors.css", endpoint="embed_own_colors", view_func=_own_colors, methods=["GET"])
