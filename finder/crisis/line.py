"""What a help line is: its names in both languages, the ways to reach it, and what it is for."""

from __future__ import annotations

import re
from dataclasses import dataclass

KINDS = ("call", "text", "chat", "web")
# What a line is for; the panel of a notice asks for lines by these.
TOPICS = ("suicide", "listening", "emergency", "mental", "violence", "poison", "treatment")


@dataclass(frozen=True, slots=True)
class Words:
    """One phrase in both languages of the pages."""

    en: str
    es: str

    def of(self, lang: str) -> str:
        """The phrase in a language; English where there is none."""
        return self.es if lang == "es" else self.en


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a line. `to` is the number as people write it, or an https address for chat and web.

    `keyword` is what to text; `then` what to do once connected. Both may differ by language, "" means nothing.
    """

    kind: str
    to: str
    keyword: Words = Words("", "")
    then: Words = Words("", "")

    def href(self, lang: str = "en") -> str:
        """The address of a link: tel:, sms: or https:."""
        if self.kind in ("chat", "web"):
            return self.to
        digits = re.sub(r"[^0-9]", "", self.to)
        number = f"+{digits}" if self.to.startswith(("+", "1-")) else digits
        if self.kind == "call":
            return f"tel:{number}"
        keyword = self.keyword.of(lang)
        # "?&" because some phones know only "?body=" and some only "&body="; both read this.
        return f"sms:{number}?&body={keyword}" if keyword else f"sms:{number}"


@dataclass(frozen=True, slots=True)
class Line:
    """One help line. All national ones are free to use, day and night; `hours` says when a local one answers."""

    id: str
    country: str
    name: Words
    about: Words
    ways: tuple[Way, ...]
    topics: tuple[str, ...]
    languages: tuple[str, ...]
    source: str
    stated: str
    hours: Words = Words("", "")
    local: bool = False
