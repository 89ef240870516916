"""The door for people: HTML pages in each language that work without scripts, and the cookie that carries answers."""

from __future__ import annotations

from flask import Flask

from finder.config import Settings
from finder.web import (
    about_pages,  # noqa: F401 - hangs its pages on the blueprint, as every page module does
    assets,
    browse_index,  # noqa: F401
    browsing,  # noqa: F401
    calendar_page,  # noqa: F401
    errors,
    headers,
    keep_pages,  # noqa: F401
    language,
    learn_pages,  # noqa: F401
    offline_pages,
    pages,
    report_page,
    seeker,  # noqa: F401
)
from finder.web.answers import AnswerCookie
from finder.web.blueprint import seeker as blueprint
from finder.web.saved import SavedCookie
from finder.web.secret import instance_secret, key_for


def install(app: Flask, settings: Settings) -> None:
    """Hangs pages, static files, languages, headers and error pages on an app."""
    secret = instance_secret(settings)
    cookie = AnswerCookie(key_for(secret, "answers"), secure=settings.secure)
    app.extensions["finder_saved"] = SavedCookie(key_for(secret, "saved"), secure=settings.secure)
    app.extensions["finder_stamp"] = report_page.Stamp(key_for(secret, "report"))
    prefixes = language.install(app, settings)
    headers.install(app, cookie, settings.base_url, settings.map_origin)
    static = assets.install(app, app.config["FINDER_PACKAGE"] / "static")
    pages.install(app, settings, cookie, static)
    offline_pages.install(app, static)
    for prefix, code in prefixes.items():
        app.register_blueprint(blueprint, url_prefix=prefix or None, name=f"seeker_{code}" if prefix else "seeker")
    app.register_error_handler(Exception, errors.page)
