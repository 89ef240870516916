"""What a host chooses for a finder on its pages, as the address of the frame says it; nothing a visitor typed is here.

Every value is checked, and what is not known is left out without a word: the page of somebody else must not break.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from finder import colors
from finder.places import lookup
from finder.places.gazetteer import Gazetteer
from finder.places.lookup import Place
from finder.search.query_schema import FACETS, MOST_TEXT
from finder.web import typed_place
from finder.web.browse_page import RADII, RADIUS

MOST_CODES = 10  # kinds or topics of one frame
NAMES = ("place", "miles", "kind", "topic", "color", "background")  # in the address; data-… of the script
_MILES = frozenset(map(str, RADII))
MOST_VALUE = 400  # characters of one value that are looked at
Arguments = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Presets:
    """The choices of a host. `place` is spelled as the gazetteer has it; colors as `colors.is_color` takes them."""

    place: str = ""
    miles: str = RADIUS
    kinds: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    color: str = ""
    background: str = ""

    @property
    def lists_at_once(self) -> bool:
        """Whether enough is chosen for a list before anybody has searched."""
        return bool(self.place or self.kinds or self.topics)

    def in_address(self) -> dict[str, str]:
        """The frame's address for these choices; what is as usual is left out."""
        said = {"place": self.place, "miles": "" if self.miles == RADIUS else self.miles, "kind": ",".join(self.kinds),
                "topic": ",".join(self.topics), "color": self.color.removeprefix("#"),
                "background": self.background.removeprefix("#")}
        return {name: value for name, value in said.items() if value}


def read(arguments: Arguments, gazetteer: Gazetteer) -> Presets:
    """The choices in an address or a form; never raises."""
    said = {name: _one(arguments, name) for name in NAMES}
    return Presets(place=_place(said["place"], gazetteer), miles=said["miles"] if said["miles"] in _MILES else RADIUS,
                   kinds=_codes(said["kind"], "group_type"), topics=_codes(said["topic"], "focus"),
                   color=color_of(said["color"]), background=color_of(said["background"]))


def color_of(text: str) -> str:
    """A color as people write it ("#00695C", "00695c", "#069") in the form that `colors` takes; "" for other words."""
    plain = text.strip().lower().removeprefix("#")
    if len(plain) == 3:  # the short form of CSS
        plain = "".join(sign * 2 for sign in plain)
    return f"#{plain}" if colors.is_color(f"#{plain}") else ""


def _one(arguments: Arguments, name: str) -> str:
    values = arguments.get(name) or ("",)
    return values[0][:MOST_VALUE].strip()


def _place(text: str, gazetteer: Gazetteer) -> str:
    """Only a place that nobody need be asked about."""
    if not text or len(text) > MOST_TEXT or not isinstance(lookup.resolve(text, gazetteer), Place):
        return ""
    return typed_place.spelled(text, gazetteer) or ""


def _codes(text: str, facet: str) -> tuple[str, ...]:
    known = FACETS[facet]
    return tuple(dict.fromkeys(code for part in text.split(",") if (code := part.strip()) in known))[:MOST_CODES]
