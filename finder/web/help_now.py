"""Help right now, as pages show it: the line on every page, the panel before a page, and the box in it.

Numbers come from finder.crisis alone. Nothing here needs the database, and nothing hides or delays anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from finder import crisis, wording
from finder.crisis import Line, Way
from finder.wordings.bilingual import HELP_LINE, say
from finder.wordings.language import gettext, language

MOST_WAYS = 4  # cards of a panel: more would push the words under them off a phone
MOST_IN_BOX = 3
ICONS = {"call": "phone", "text": "text", "chat": "chat", "web": "next"}
# Notices that stand before everything else on the page; the others are a box in it (DESIGN, crisis line).
FIRST = frozenset(("crisis_panel_first", "medical_urgent_first", "safety_dv_first", "urgent_assessment_first"))


@dataclass(frozen=True, slots=True)
class Reach:
    """One way to reach one line: where the link goes and what it says."""

    href: str
    icon: str
    words: str  # "Call 988"
    then: str  # "and press 2", what to do once connected
    name: str  # of the line

    @property
    def is_web(self) -> bool:
        return self.href.startswith("http")


@dataclass(frozen=True, slots=True)
class Lamp:
    """The standing line: who to call or text in a crisis, and who in danger."""

    call: Reach | None
    text: Reach | None
    web: Reach | None
    danger: Reach | None
    danger_words: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A notice with its ways to get help."""

    code: str
    title: str
    words: str
    ways: tuple[Reach, ...]


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One line on the page of all lines."""

    name: str
    about: str
    hours: str
    ways: tuple[Reach, ...]
    emergency: bool


class HelpNow:
    """The lines of one instance: those of its country, and its own."""

    def __init__(self, country: str, local: Iterable[Line] = ()) -> None:
        self.country, self.local = country, tuple(local)
        self.lines = crisis.lines(country, self.local)

    def lamp(self) -> Lamp:
        """What stands on every page."""
        line = next(one for one in self.lines if "suicide" in one.topics)
        danger = next(one for one in self.lines if "emergency" in one.topics)
        ways = {way.kind: reach(way, line) for way in reversed(line.ways)}
        number = next((reach(way, danger) for way in danger.ways), None)
        return Lamp(ways.get("call"), ways.get("text"), ways.get("web"), number, say(danger.name.of, HELP_LINE))

    def panel(self, code: str, most: int = MOST_WAYS) -> Panel:
        """One notice in words, with the ways that help with it; the emergency number is always among them."""
        ways = _ways(crisis.panel([code], self.country, self.local), most)
        return Panel(code, wording.notice_title(code), wording.notice_text(code), ways)

    def raised(self, notices: Sequence[str]) -> tuple[Panel | None, tuple[Panel, ...]]:
        """What stands before the page, and the boxes in it, in the contract's order."""
        first = next((code for code in notices if code in FIRST), None)
        boxes = tuple(self.panel(code, MOST_IN_BOX) for code in notices
                      if code not in (first, "standing_line_only"))
        return (self.panel(first) if first else None), boxes

    def all(self) -> tuple[HelpLine, ...]:
        """Every line of the instance."""
        return tuple(HelpLine(say(line.name.of, HELP_LINE), say(line.about.of, HELP_LINE),
                              say(line.hours.of, HELP_LINE), tuple(reach(way, line) for way in line.ways),
                              "emergency" in line.topics)
                     for line in self.lines)


def reach(way: Way, line: Line) -> Reach:
    """A way in words: "Call 988", "Text HOME to 741741"."""
    lang = language()
    keyword = way.keyword.of(lang)
    words = {
        "call": gettext("Call %(number)s", number=way.to),
        "text": gettext("Text %(keyword)s to %(number)s", keyword=keyword, number=way.to) if keyword
        else gettext("Text %(number)s", number=way.to),
        "chat": gettext("Chat online"), "web": gettext("Find a help line"),
    }[way.kind]
    return Reach(way.href(lang), ICONS[way.kind], words, say(way.then.of, HELP_LINE), say(line.name.of, HELP_LINE))


def _ways(lines: Sequence[Line], most: int) -> tuple[Reach, ...]:
    """All ways of the first line, then the first way of each other one, the emergency line before the rest."""
    if not lines:
        return ()
    others = sorted(lines[1:], key=lambda line: "emergency" not in line.topics)
    found = [reach(way, lines[0]) for way in lines[0].ways]
    danger = [reach(line.ways[0], line) for line in others if line.ways and "emergency" in line.topics]
    rest = [reach(line.ways[0], line) for line in others if line.ways and "emergency" not in line.topics]
    return (*found[: most - len(danger)], *danger, *rest)[:most]
