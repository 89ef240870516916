"""A typed place to what an address may hold: the place as the gazetteer spells it, and never the words that were typed.

People write other things into a box for a place too, and addresses stand in histories and on shared screens.
"""

from __future__ import annotations

from finder.errors import Invalid, Problem
from finder.places import lookup
from finder.places.gazetteer import Gazetteer
from finder.places.lookup import Place

MOST_ALIKE = 3  # towns offered for one that nobody knows


def spelled(typed: str, gazetteer: Gazetteer) -> str | None:
    """A ZIP code as typed, a town as the gazetteer spells it; None for words that name no place.

    A name that stands in several states is a place too: the page asks which one was meant.
    """
    found = lookup.resolve(typed, gazetteer)
    if isinstance(found, Place):
        return typed if typed.isdecimal() and typed.isascii() else found.text
    return found.choices[0].text.rpartition(", ")[0] if found.why == "ambiguous" else None


def for_address(typed: str, gazetteer: Gazetteer, box: str = "place") -> str:
    """The same. Raises Invalid at the box for words that name no place, with the towns that look alike."""
    place = spelled(typed, gazetteer)
    if place is not None:
        return place
    found = lookup.resolve(typed, gazetteer)
    alike = "; ".join(one.text for one in found.choices[:MOST_ALIKE]) if not isinstance(found, Place) else ""
    raise Invalid({box: [Problem("unknown_place", alike=alike) if alike else Problem("unknown_place")]})
