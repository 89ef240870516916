"""Help right now, which stands before everything else of an answer and is never shortened: notices in words, and for
each line that goes with them every way to reach it. Numbers come from finder.crisis alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finder import crisis, wording
from finder.crisis import Line, Way
from finder.intake import notices, severity
from finder.intake.need import every_need
from finder.understanding import understand
from finder.vocabulary import Vocabulary
from finder.wordings.bilingual import HELP_LINE, say
from finder.wordings.language import gettext, language

STANDING = "standing_line_only"
# Notices that can be said in their turn; all others come before everything else.
IN_TURN = frozenset((STANDING, "see_clinician_soon"))


@dataclass(frozen=True, slots=True)
class Help:
    """The help lines of an instance, and what is said of them in the reader's language."""

    country: str
    local: tuple[Line, ...] = ()

    def all(self) -> list[dict[str, Any]]:
        """Every line, somebody to talk to first."""
        return [_line(one) for one in crisis.lines(self.country, self.local)]

    def about(self, raised: Sequence[str]) -> dict[str, Any]:
        """What to say first for these notices, and the lines that go with them."""
        return {
            "say_first": comes_first(raised),
            "notices": [{"code": code, "title": wording.notice_title(code), "text": notice_words(code)}
                        for code in raised],
            "lines": [_line(one) for one in crisis.panel(raised, self.country, self.local)],
        }


def comes_first(raised: Sequence[str]) -> bool:
    """Whether help has to be said before anything else."""
    return not IN_TURN.issuperset(raised)


def notice_words(code: str) -> str:
    """What a notice says; the standing one points to the lines beside it and not to a page."""
    if code == STANDING:
        return gettext("If things get worse, call or text one of these lines at any time.")
    return wording.notice_text(code)


def of_intake(intake: Mapping[str, Any], vocabulary: Vocabulary) -> tuple[str, ...]:
    """The notices of an intake, which may be a part of one: as a match raises them."""
    words = intake.get("needs_text")
    understood = [one.code for one in understand(words, vocabulary) if one.certainty != "unsure"] if words else []
    return notices.raised(intake, every_need(intake, understood), severity.assess(intake).level)


def of_search(words: str | None, topics: Collection[str], vocabulary: Vocabulary) -> tuple[str, ...]:
    """The notices of what somebody looks for in the directory."""
    understood = [one.code for one in understand(words, vocabulary) if one.certainty != "unsure"] if words else []
    return notices.raised({}, [*topics, *understood], None)


def _line(line: Line) -> dict[str, Any]:
    return {"id": line.id, "name": say(line.name.of, HELP_LINE), "about": say(line.about.of, HELP_LINE),
            "hours": say(line.hours.of, HELP_LINE), "languages": list(line.languages), "topics": list(line.topics),
            "ways": [_way(one) for one in line.ways]}


def _way(way: Way) -> dict[str, str]:
    keyword, then = way.keyword.of(language()), say(way.then.of, HELP_LINE)
    words = {
        "call": gettext("Call %(number)s", number=way.to),
        "text": gettext("Text %(keyword)s to %(number)s", keyword=keyword, number=way.to) if keyword
        else gettext("Text %(number)s", number=way.to),
        "chat": gettext("Chat online"), "web": gettext("Find a help line"),
    }[way.kind]
    return {"kind": way.kind, "to": way.to, "keyword": keyword, "then": then, "words": words,
            "link": way.href(language())}
