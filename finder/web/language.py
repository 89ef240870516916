"""The reader's language, told by the address alone: `/es/…` is Spanish. No cookie and no header decides it."""

from __future__ import annotations

from typing import Any

from flask import Flask, has_request_context, request, url_for
from flask_babel import Babel

LANGUAGES = {"en": "English", "es": "Español"}  # code -> its own name, as the language link shows it
FOLDER = "translations"


def prefixes(default: str) -> dict[str, str]:
    """Address prefix -> language. Pages without a prefix are in the default one; Spanish always has `/es`."""
    found = {"": default, "/es": "es"}
    if default == "es":
        found["/en"] = "en"
    return found


def language_of(path: str, default: str) -> str:
    """The language of an address, also of one that no page has."""
    for prefix, language in prefixes(default).items():
        if prefix and (path == prefix or path.startswith(f"{prefix}/")):
            return language
    return default


def install(app: Flask, default: str) -> None:
    """Makes gettext, dates and numbers follow the address."""

    def chosen() -> str:
        return language_of(request.path, default) if has_request_context() else default

    Babel(app, default_locale=default, default_domain="messages",
          default_translation_directories=str(app.config["FINDER_PACKAGE"] / FOLDER), locale_selector=chosen)
    app.config["FINDER_LANGUAGE"] = chosen


def blueprint_name(language: str, default: str) -> str:
    """The name under which the pages of a language are registered."""
    return "seeker" if language == default else f"seeker_{language}"


class Links:
    """Addresses of pages in the reader's language, and of the same page in the other one."""

    def __init__(self, app: Flask, default: str) -> None:
        self.default = default
        self.language: str = app.config["FINDER_LANGUAGE"]()

    def __call__(self, page: str, /, **values: Any) -> str:
        """The path of a seeker's page, for instance `link("listing", slug="river-bend")`."""
        return url_for(f"{blueprint_name(self.language, self.default)}.{page}", **values)

    @property
    def other_language(self) -> str:
        return next(code for code in LANGUAGES if code != self.language)

    def elsewhere(self) -> str:
        """The present page in the other language; its home where the present address is no page of a seeker."""
        other = blueprint_name(self.other_language, self.default)
        endpoint = request.endpoint or ""
        blueprint, _, page = endpoint.partition(".")
        if request.method not in ("GET", "HEAD") and page in ("results", "home"):
            return url_for(f"{other}.{page}")
        if not blueprint.startswith("seeker") or request.routing_exception is not None:
            return url_for(f"{other}.home")
        values: dict[str, Any] = {**request.args.to_dict(flat=False), **(request.view_args or {})}
        if request.method not in ("GET", "HEAD") and page != "question":
            return url_for(f"{other}.home")
        return url_for(f"{other}.{page}", **values)
