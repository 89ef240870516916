"""What the two weekly formats are written with: this instance, and its sentences in its own language."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version

from flask_babel import force_locale

from finder.api.blueprint import services
from finder.api.open_door import site
from finder.api.problems import default_lang
from finder.exchange.meeting_guide_feed import Words
from finder.exchange.weekly import Site
from finder.wordings import feeds
from finder.wordings.language import locale_name

_DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Writing:
    """An instance as it writes weekly formats. `direct_links` as in `meeting_guide_feed.meetings`; `mark` are eight
    signs that change with anything of this, which no version of the catalog tells of."""

    site: Site
    words: Words
    lang: str
    direct_links: bool
    mark: str


def writing() -> Writing:
    """This instance."""
    found, lang, links = site(), default_lang(), services().settings.feed_links
    with force_locale(locale_name(lang)):
        words = Words(*feeds.meeting_notes())
    said = (version("finder"), found.name, found.url, found.country, lang, links, words.address_later, words.ask_first,
            words.on_page)
    return Writing(found, words, lang, links == _DIRECT, hashlib.sha256("\n".join(said).encode()).hexdigest()[:8])
