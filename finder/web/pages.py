"""What every page has: its language, links, the crisis line, the way out, and whether answers are being carried."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, current_app, g, render_template, request
from jinja2.ext import Extension

from finder import wording
from finder.config import Settings
from finder.search.snapshot import Snapshot
from finder.services import Services
from finder.web import board, counting, own
from finder.web.answers import AnswerCookie, Answers
from finder.web.assets import Assets
from finder.web.help_now import HelpNow
from finder.web.language import Links
from finder.web.listing_ids import encode
from finder.web.quick import TopicCounter, TopicCounts
from finder.web.results_page import notices_of
from finder.web.saved import SavedCookie

# The sentences that templates make themselves; all others come with the view.
SENTENCES = ("band_text", "facet_text", "facet_value_text", "notice_text", "notice_title", "relax_text")

QUIET = "safety_dv_first"

# The letters on a telephone's keys (ITU-T E.161).
_KEYS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_EXTENSION = re.compile(r"(?:\bext\b\.?|\bx|[,;#]).*$", re.IGNORECASE)
_UNITED_STATES_DIGITS = 10
_HALF_OF_DAY = re.compile(r"\d (?:[ap]m\b|[ap]\. m\.)")
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def install(app: Flask, settings: Settings, cookie: AnswerCookie, assets: Assets) -> None:
    """Gives templates what all of them use."""
    app.extensions.update(finder_answers=cookie, finder_assets=assets, finder_topics=TopicCounter())
    own.install(app, settings)
    board.install(app)
    counting.install(app, on=settings.tallies == "on")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension(Outdented)
    app.jinja_env.filters.update(tel=tel, unbroken=unbroken, lower_first=lambda words: words[:1].lower() + words[1:])
    app.jinja_env.globals.update({name: getattr(wording, name) for name in SENTENCES})

    @app.context_processor
    def everywhere() -> dict[str, Any]:
        mine = own.own()
        return {
            "link": Links(app, settings.default_locale), "asset": assets.address,
            "site_name": mine.site_name, "exit_url": settings.exit_url, "contact": mine.contact,
            "operator": mine.operator, **own.brand(),
            "lamp": help_now().lamp(), "has_answers": cookie.is_carried(request), "area": "",
            "saved_keys": saved_keys(), "here": request.full_path.rstrip("?"), "quiet": is_quiet(),
            "is_new": Seen().is_new,
        }


class Outdented(Extension):
    """Makes one space of the space before a line of a template, which is there for its authors only."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _INDENT.sub(" ", source)


class Seen:
    """Which drawings a page holds already: a page draws the first of a kind, and the others refer to it."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def is_new(self, name: str) -> bool:
        """Whether this is the first time that the name is asked for."""
        if name in self._names:
            return False
        self._names.add(name)
        return True


def services() -> Services:
    """What the app was built with."""
    found: Services = current_app.extensions["finder"]
    return found


def snapshot() -> Snapshot:
    """The listings as they stand: looked up once a request, so that banner and list agree and one statement does."""
    if "snapshot" not in g:
        g.snapshot = services().snapshot()
    found: Snapshot = g.snapshot
    return found


def cookie() -> AnswerCookie:
    found: AnswerCookie = current_app.extensions["finder_answers"]
    return found


def help_now() -> HelpNow:
    """The help lines of this instance."""
    return own.help_now()


def kept() -> list[str] | None:
    """The listing ids this device keeps, read once a request; None when nobody has said yes.

    A page that shows them is personal and never stored.
    """
    if "kept" not in g:
        saved: SavedCookie = current_app.extensions["finder_saved"]
        g.kept = saved.open(request, services().now())
        g.personal = g.get("personal") or g.kept is not None
    found: list[str] | None = g.kept
    return found


def saved_keys() -> list[str]:
    """The kept ids as addresses hold them."""
    return [encode(one) for one in kept() or ()]


def topic_counts() -> TopicCounts:
    """How many groups there are, in all, by topic and by kind."""
    counter: TopicCounter = current_app.extensions["finder_topics"]
    return counter.count(services(), snapshot())


def link() -> Links:
    """Addresses in the reader's language."""
    return Links(current_app, services().settings.default_locale)


def answers() -> Answers | None:
    """The reader's answers, if they carry any that are still good. The page that asks is never kept."""
    g.personal = True
    if "said" not in g:
        g.said = cookie().open(request, services().now())
    found: Answers | None = g.said
    return found


def is_quiet() -> bool:
    """Whether answers are carried that speak of violence: then no page offers to save or to share (design, "Leave")."""
    said = answers() if cookie().is_carried(request) else None
    return said is not None and QUIET in notices_of(said, services().vocabulary)


def render(template: str, **values: Any) -> str:
    """A page, with the banner while the listings are made up."""
    return render_template(f"seeker/{template}.html", demonstration=_demonstration(), **values)


def _demonstration() -> bool:
    """Whether the listings are made up. A page that needs no listing must show also when the database is away."""
    try:
        return snapshot().demo
    except Exception:  # any failure of any database driver; the pages that need listings report it themselves
        return False


def tel(phone: str) -> str:
    """A telephone link from a number as people write it; ten digits are taken as of the United States."""
    dialed = _EXTENSION.sub("", phone).upper().translate(_KEYS)
    digits = re.sub(r"[^0-9]", "", dialed)
    if dialed.lstrip().startswith("+"):
        return f"tel:+{digits}"
    if len(digits) == _UNITED_STATES_DIGITS:
        return f"tel:+1{digits}"
    return f"tel:+{digits}" if len(digits) == _UNITED_STATES_DIGITS + 1 and digits.startswith("1") else f"tel:{digits}"


def unbroken(times: str) -> str:
    """Times of day whose "am" or "p. m." never stands alone at the start of a line."""
    return _HALF_OF_DAY.sub(lambda found: found[0].replace(" ", "\u00a0"), times)
