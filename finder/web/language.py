"""The reader's language, told by the address alone: `/es/…` is Spanish. No cookie and no header decides it.

Which languages there are follows from the catalogs: a folder `xx/LC_MESSAGES/messages.mo` makes the language xx.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel import UnknownLocaleError
from flask import Flask, current_app, has_request_context, request, url_for
from flask_babel import Babel
from werkzeug.exceptions import HTTPException

from finder.config import Settings
from finder.errors import Invalid, Problem
from finder.wordings.language import capital, code_of, locale_name, locale_of, tongue

FOLDER = "translations"
SOURCE = "en"  # the sentences themselves; it needs no catalog
CATALOG = "*/LC_MESSAGES/messages.mo"


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the pages: its code, its own name as language links show it, and which way it runs."""

    code: str
    name: str
    direction: str  # "ltr" or "rtl", as HTML's dir

    @classmethod
    def of(cls, code: str) -> Language:
        """Name and direction from CLDR. Raises ValueError or UnknownLocaleError for a code it does not have."""
        locale = locale_of(code)
        return cls(code_of(locale), capital(locale.get_display_name() or code), locale.text_direction)


def found_in(folders: Iterable[Path]) -> dict[str, Language]:
    """English and every language with a compiled catalog in one of the folders, by code, in the order of their names.

    Raises Invalid naming a folder that is no language.
    """
    names = {SOURCE} | {path.parent.parent.name.replace("_", "-") for one in folders for path in one.glob(CATALOG)}
    languages = []
    for name in names:
        try:
            languages.append(Language.of(name))
        except (UnknownLocaleError, ValueError) as unknown:
            raise Invalid({"FINDER_CATALOGS": [Problem("not_a_code", value=name)]}, "settings") from unknown
    return {one.code: one for one in sorted(languages, key=lambda one: one.name.casefold())}


def offered(settings: Settings, folders: Iterable[Path]) -> tuple[Language, ...]:
    """The languages of an instance: those it names, else every one there is a catalog for.

    Raises Invalid for one without a catalog, and when the default language is not among them.
    """
    found = found_in(folders)
    missing = [code for code in settings.languages if code not in found]
    if missing:
        raise Invalid({"FINDER_LOCALES": [Problem("not_a_code", value=code) for code in missing]}, "settings")
    languages = tuple(found[code] for code in settings.languages) or tuple(found.values())
    if settings.default_locale not in [one.code for one in languages]:
        raise Invalid({"FINDER_DEFAULT_LOCALE": [Problem("not_a_code", value=settings.default_locale)]}, "settings")
    return languages


def prefixes(default: str, codes: Iterable[str]) -> dict[str, str]:
    """Address prefix -> language. Pages without a prefix are in the default one; all but English always have one."""
    return {"": default} | {f"/{code}": code for code in codes if code != SOURCE or default != SOURCE}


def language_of(path: str, default: str, codes: Iterable[str]) -> str:
    """The language of an address, also of one that no page has."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return prefixes(default, codes).get(f"/{first}" if first else "", default)


def install(app: Flask, settings: Settings) -> dict[str, str]:
    """Makes gettext, dates and numbers follow the address. Gives address prefix -> language for the pages."""
    default = settings.default_locale
    folders = [app.config["FINDER_PACKAGE"] / FOLDER, *([Path(settings.catalogs)] if settings.catalogs else [])]
    languages = offered(settings, folders)
    codes = tuple(one.code for one in languages)

    def chosen() -> str:
        return language_of(request.path, default, codes) if has_request_context() else default

    Babel(app, default_locale=locale_name(default), default_domain="messages",
          default_translation_directories=";".join(str(folder.resolve()) for folder in folders),
          locale_selector=lambda: locale_name(chosen()))
    # Templates ask for their sentences where everything else does, instead of in Flask-Babel each time.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda sentence: tongue().one(sentence),
        ngettext=lambda one, several, count: tongue().several(one, several, count), newstyle=True)
    app.config.update(FINDER_LANGUAGE=chosen, FINDER_LANGUAGES=languages, FINDER_LANGUAGE_CODES=codes)
    return prefixes(default, codes)


def blueprint_name(language: str, default: str, area: str = "seeker") -> str:
    """The name under which the pages of an area are registered in a language."""
    return area if language == default else f"{area}_{language}"


class Links:
    """Addresses of pages in the reader's language, and of the same page in the other ones."""

    def __init__(self, app: Flask, default: str) -> None:
        self.default = default
        self.language: str = app.config["FINDER_LANGUAGE"]()
        self.languages: Sequence[Language] = app.config["FINDER_LANGUAGES"]

    def __call__(self, page: str, /, **values: Any) -> str:
        """The path of a page, for instance `link("listing", slug="river-bend")` or `link("operator.listings")`.

        A name without an area is a seeker's page.
        """
        area, _, name = page.rpartition(".")
        return url_for(f"{blueprint_name(self.language, self.default, area or 'seeker')}.{name}", **values)

    @property
    def own(self) -> Language:
        """The reader's language."""
        return next(one for one in self.languages if one.code == self.language)

    @property
    def others(self) -> list[Language]:
        """The languages a reader can change to."""
        return [one for one in self.languages if one.code != self.language]

    def elsewhere(self, code: str) -> str:
        """The present page in another language; its home where the present address is no page of a seeker."""
        endpoint, values = _page_here()
        blueprint, _, page = endpoint.partition(".")
        area = blueprint.partition("_")[0]
        if not page or area not in current_app.config["FINDER_AREAS"]:
            return url_for(f"{blueprint_name(code, self.default)}.home")
        address = url_for(f"{blueprint_name(code, self.default, area)}.{page}", **values)
        query = urlencode(list(request.args.items(multi=True))) if request.method in ("GET", "HEAD") else ""
        return f"{address}?{query}" if query else address


def _page_here() -> tuple[str, dict[str, Any]]:
    """What is shown at the present address when it is asked for; after a form was sent, that may be another page."""
    if request.routing_exception is not None:
        return "", {}
    if request.method in ("GET", "HEAD"):
        return request.endpoint or "", dict(request.view_args or {})
    try:
        endpoint, values = current_app.url_map.bind("").match(request.path, method="GET")
    except HTTPException:
        return "", {}
    return str(endpoint), dict(values)
