"""The ways into the list for those who would rather look around: every topic, every kind of group, every place.

Their links hold a place and filter numbers, as all addresses of the list do.
"""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from finder import wording
from finder.errors import NotFound
from finder.places.lookup import STATES
from finder.search import indexes, towns
from finder.web import filters as narrowing
from finder.web.blueprint import seeker
from finder.web.pages import render, services, snapshot, topic_counts

NEAR_TOWN_MILES = 15  # one of the radii that the list offers


@seeker.get("/topics")
def topics() -> ResponseReturnValue:
    """Every topic, with how many groups hold it"""
    counts = topic_counts().by_topic
    codes = services().vocabulary.lists["focus_areas"].codes
    return render("topics", topics=[(wording.label("focus_areas", code), narrowing.number_of("focus", code),
                                     counts.get(code, 0)) for code in codes])


@seeker.get("/kinds")
def kinds() -> ResponseReturnValue:
    """Every kind of group, what the first visit is like, and how many there are"""
    counts = topic_counts().by_kind
    codes = services().vocabulary.lists["group_types"].codes
    return render("kinds", kinds=[(wording.label("group_types", code), narrowing.number_of("group_type", code),
                                   counts.get(code, 0), wording.support_text(code)) for code in codes])


@seeker.get("/places")
def places() -> ResponseReturnValue:
    """The states in which groups meet in person"""
    found = _towns()
    states = [(wording.state_text(state), state.lower(), len(found[state])) for state in found]
    return render("places", states=sorted(states))


@seeker.get("/places/<state>")
def towns_of(state: str) -> ResponseReturnValue:
    """The towns of a state in which groups meet in person"""
    code = state.upper()
    if code not in STATES or state != code.lower():
        raise NotFound("place")
    found = _towns().get(code, {})
    return render("towns", state=wording.state_text(code), code=code, far=NEAR_TOWN_MILES, towns=sorted(found.items()))


def _towns() -> dict[str, dict[str, int]]:
    return towns.counts((indexes.of_towns(part), part.dead) for part in snapshot().parts)
