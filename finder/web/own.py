"""What this instance calls itself: its saved settings over those of the environment, held until somebody saves again.

A page must show also when the database is away: then what was known last counts.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, abort, current_app, g, make_response, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.http import generate_etag

from finder import colors, crisis, instance
from finder.config import Settings
from finder.crisis import Line
from finder.instance import Instance
from finder.journal import Logged
from finder.services import Services
from finder.web.help_now import HelpNow

log = logging.getLogger("finder.web")

ONE_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Own:
    """The words and marks of this instance as pages show them."""

    site_name: str
    short_name: str
    operator: str
    contact: str
    country: str
    saved: Instance


class Keeper:
    """Reads the saved settings anew when the catalog's version has moved, which every save does."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.help: dict[str, HelpNow] = {}
        self._local: tuple[Line, ...] = crisis.load_local(Path(settings.local_crisis_lines)) \
            if settings.local_crisis_lines else ()
        self._seen = -1
        self._own = self._with(Instance())

    def own(self, services: Services) -> Own:
        """What counts now."""
        try:
            if "snapshot" not in g:
                g.snapshot = services.snapshot()
            version = g.snapshot.version
            if version != self._seen:
                with services.database.reading() as session:
                    self._own = self._with(instance.newest(session))
                self._seen = version
        except Exception as away:  # noqa: BLE001 - any failure of any driver; the page shows all the same
            log.warning(Logged("settings_unread", error=type(away).__name__))
        return self._own

    def _with(self, saved: Instance) -> Own:
        held = self.settings
        return Own(saved.name or held.site_name, saved.short_name or held.short_name, saved.operator or held.operator,
                   saved.contact or held.contact, saved.country or held.country, saved)

    def help_now(self, country: str) -> HelpNow:
        """The help lines of a country, with the operator's own."""
        return self.help.setdefault(country, HelpNow(country, self._local))


def install(app: Flask, settings: Settings) -> None:
    """Hangs the keeper and the instance's own style sheet and picture on an app."""
    app.extensions["finder_own"] = Keeper(settings)
    app.add_url_rule("/brand.css", endpoint="brand_css", view_func=_style, methods=["GET"])
    app.add_url_rule("/brand.png", endpoint="brand_png", view_func=_logo, methods=["GET"])


def own() -> Own:
    """What this instance calls itself, looked up once a request."""
    if "own" not in g:
        g.own = _keeper().own(current_app.extensions["finder"])
    found: Own = g.own
    return found


def help_now() -> HelpNow:
    """The help lines of this instance's country."""
    return _keeper().help_now(own().country)


def brand() -> dict[str, Any]:
    """Addresses of the style sheet and the picture that an instance has of its own; empty ones where it has none."""
    saved = own().saved
    return {"brand_css": url_for("brand_css", v=saved.version) if saved.color else "",
            "brand_png": url_for("brand_png", v=saved.version) if saved.has_logo else ""}


def _keeper() -> Keeper:
    found: Keeper = current_app.extensions["finder_own"]
    return found


def _style() -> ResponseReturnValue:
    color = own().saved.color
    if not color:
        abort(404)
    return _answer(colors.stylesheet(color).encode(), "text/css; charset=utf-8")


def _logo() -> ResponseReturnValue:
    with current_app.extensions["finder"].database.reading() as session:
        body = instance.logo(session)
    if body is None:
        abort(404)
    return _answer(body, "image/png")


def _answer(body: bytes, kind: str) -> ResponseReturnValue:
    response = make_response(body)
    response.headers["Content-Type"] = kind
    named = request.args.get("v") == str(own().saved.version)
    response.headers["Cache-Control"] = ONE_YEAR if named else "no-cache"
    response.set_etag(generate_etag(body))
    return response.make_conditional(request)
