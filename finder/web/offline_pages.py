"""Installing the site and using it without a network: the manifest, and the pages that a reader may keep.

A browser keeps nothing until the reader presses the button on the page `offline`; `static/sw.js` does the rest.
"""

from __future__ import annotations

import orjson
from flask import Flask, current_app, make_response
from flask.typing import ResponseReturnValue

from finder.web.assets import Assets
from finder.web.blueprint import seeker
from finder.web.own import own
from finder.web.pages import help_now, link, render
from finder.wordings.language import gettext

PLAIN = ("crisis", "offline", "no_network")  # the same for every reader, so asked for without cookies
OWN = ("saved",)  # the reader's own, as last seen
FILES = ("site.css", "site.js", "seat.svg")
PAPER = "#f7f5f3"  # as in site.css; the picture while an installed site starts
ICONS = (("icon-192.png", "192x192", "any"), ("icon-512.png", "512x512", "any"),
         ("icon-maskable-512.png", "512x512", "maskable"), ("seat.svg", "any", "any"))


@seeker.get("/offline")
def offline() -> ResponseReturnValue:
    """What can be kept for when there is no network, and forgetting it"""
    assets: Assets = current_app.extensions["finder_assets"]
    return render("offline", plain=[link()(page) for page in PLAIN], own=[link()(page) for page in OWN],
                  files=[assets.address(name) for name in FILES])


@seeker.get("/offline/now")
def no_network() -> ResponseReturnValue:
    """What shows in place of a page that cannot be reached"""
    return render("no_network", lines=help_now().all())


@seeker.get("/manifest.webmanifest")
def manifest() -> ResponseReturnValue:
    """How the site looks once it is installed; the word under its icon tells nothing"""
    mine, assets = own(), current_app.extensions["finder_assets"]
    home = link()("home")
    document = {
        "id": home, "start_url": home, "scope": "/", "name": mine.site_name, "short_name": mine.short_name,
        "description": gettext("A free directory of peer support and therapy groups."), "display": "standalone",
        "lang": link().language, "dir": link().own.direction, "theme_color": PAPER, "background_color": PAPER,
        "icons": [{"src": assets.address(name), "sizes": sizes, "purpose": purpose,
                   "type": "image/svg+xml" if name.endswith(".svg") else "image/png"}
                  for name, sizes, purpose in ICONS],
    }
    response = make_response(orjson.dumps(document))
    response.headers.update({"Content-Type": "application/manifest+json", "Cache-Control": "no-cache"})
    return response


def install(app: Flask, assets: Assets) -> None:
    """Serves the worker from the top, because it may only look after pages below its own address."""
    app.extensions["finder_assets"] = assets
    app.add_url_rule("/sw.js", endpoint="worker", view_func=lambda: assets.answer("sw.js"), methods=["GET"])
