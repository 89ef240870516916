"""The map beside a list and on a listing's page: outlines of states and counties, and a number for every group.

It is drawn here, as part of the page, so that nobody else learns what somebody looks at. Only an operator who names
tiles of their own has pictures laid under it. Every number leads to its group in the list, which says it in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, log2
from typing import Any

from finder.places import drawing, outlines
from finder.places.distance import sphere_miles
from finder.places.drawing import HIGH, WIDE, Frame, Land, Spot
from finder.services import Services
from finder.web.pin_places import Box, arranged, room_for
from finder.web.showing import IN_PERSON
from finder.wordings.language import gettext, listed, ngettext, number

RING_SHOWN = 2.2  # times the way to the farthest group: a wider ring would leave the numbers in one heap
WIDEST_MILES = 3_600.0
MAINLAND = (24.3, -125.0, 49.5, -66.8)  # of the United States: south, west, north, east
MOST_NAMED = 4  # numbers without a point that a caption names one by one
TOWNS_TRIED, MOST_TOWNS = 40, 6
MILES_AROUND = {"exact": 20.0, "street": 20.0, "postal_code": 30.0, "city": 40.0}  # width for one place, by precision
ROUGH = frozenset(("postal_code", "city"))  # a point that is only somewhere about there
TILE_PIXELS, DEEPEST_TILE = 256, 19  # of the tiles that web maps agreed on


@dataclass(frozen=True, slots=True)
class Stop:
    """One group of a list as the map needs it."""

    number: int
    anchor: str  # id of its heading in the page
    name: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pin:
    """A number on the map, where it is drawn, and the heading it leads to."""

    number: int | None
    x: int
    y: int
    anchor: str
    words: str
    rough: bool


@dataclass(frozen=True, slots=True)
class Label:
    """A town's name on the map."""

    words: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture of the operator's own map."""

    address: str
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class Map:
    """Everything a template draws, in units of a frame of `WIDE` by `HIGH`."""

    label: str
    caption: Sequence[str]
    land: Land
    towns: Sequence[Label]
    pins: Sequence[Pin]
    leads: Sequence[tuple[int, int, int, int]]  # from where a group is to where its number had to move
    own: tuple[int, int] | None
    ring: int  # 0 for none
    tiles: Sequence[Tile]
    credit: str

    @property
    def numbers(self) -> frozenset[int | None]:
        """The numbers that are on it."""
        return frozenset(pin.number for pin in self.pins)


def of_list(stops: Sequence[Stop], place: Mapping[str, Any] | None, radius_miles: float | None,
            services: Services) -> Map | None:
    """The map of one page of a list; None when no group on it has a point to show."""
    own = (place["latitude"], place["longitude"]) if place else None
    points = {one.number: point for one in stops if (point := _point(one.document, own))}
    if not points:
        return None
    held = _together([spot for spot, _ in points.values()], own, radius_miles)
    ring = _ring(own, held, radius_miles)
    frame = drawing.frame_of([own, *held] if own else held, ring_miles=ring)
    points = {one: point for one, point in points.items() if frame.holds(point[0])}
    dot = frame.spot(own) if own else None
    pins, leads = _pins([one for one in stops if one.number in points], points, frame, dot)
    return Map(
        gettext("Map. The same groups stand in the list, with their places in words."),
        _caption(stops, points, place, ring), drawing.land(frame, outlines.load(), own),
        _towns(frame, pins, dot, services), pins, leads, dot, frame.length(ring, own[0]) if own and ring else 0,
        tiles(frame, services.settings.map_tiles), services.settings.map_credit)


def of_listing(document: Mapping[str, Any], services: Services) -> Map | None:
    """The map of one group; None when it has no point to show."""
    found = {spot: rough for spot, rough in _points(document)}
    if not found:
        return None
    precisions = [(one.get("location") or {}).get("precision") or "city" for one in document["sessions"]]
    frame = drawing.frame_of(list(found), least_miles=max(MILES_AROUND[one] for one in precisions))
    pins = [Pin(None, *frame.spot(spot), "", "", rough) for spot, rough in found.items()]
    rough = any(found.values())
    return Map(gettext("Map of where this group meets. The address stands under it."),
               (gettext("The dot is only about right: the group states its area and not the exact spot."),)
               if rough else (),
               drawing.land(frame, outlines.load(), next(iter(found))), _towns(frame, pins, None, services), pins, (),
               None, 0, tiles(frame, services.settings.map_tiles), services.settings.map_credit)


def to_pick(spot: Spot, services: Services) -> tuple[Map, Frame]:
    """A map around a point that its editor may move, and the frame that turns a press into degrees."""
    frame = drawing.frame_of([spot])
    own = frame.spot(spot)
    return Map(gettext("Map around the point."), (), drawing.land(frame, outlines.load(), spot),
               _towns(frame, (), own, services), (), (), own, 0, tiles(frame, services.settings.map_tiles),
               services.settings.map_credit), frame


def _points(document: Mapping[str, Any]) -> Iterable[tuple[Spot, bool]]:
    """Where a group meets in person, each with whether that is only about right. A place kept private has no point."""
    for session in document.get("sessions") or ():
        location = session.get("location") or {}
        if session["format"] in IN_PERSON and location.get("latitude") is not None and not location.get("hidden"):
            yield (location["latitude"], location["longitude"]), location.get("precision") in ROUGH


def _point(document: Mapping[str, Any], own: Spot | None) -> tuple[Spot, bool] | None:
    """The point of a group nearest to the reader, the first one without a reader's place."""
    found = list(_points(document))
    if own and len(found) > 1:
        return min(found, key=lambda one: sphere_miles(*own, *one[0]))
    return found[0] if found else None


def _ring(own: Spot | None, held: Sequence[Spot], radius_miles: float | None) -> float:
    """The reach asked for, in miles; 0 when there is none, or when it would dwarf what it holds."""
    if not own or not radius_miles:
        return 0.0
    farthest = max(sphere_miles(*own, *spot) for spot in held)
    return radius_miles if radius_miles <= RING_SHOWN * max(farthest, drawing.LEAST_MILES / 2) else 0.0


def _together(held: Sequence[Spot], own: Spot | None, radius_miles: float | None) -> Sequence[Spot]:
    """The points that one map can show well: those within the reach asked for, or those on the mainland.

    A group far off is in a list because it also meets online. With Alaska or the islands on it, a map of the whole
    country would be mostly sea.
    """
    if own:
        near = [spot for spot in held if radius_miles and sphere_miles(*own, *spot) <= radius_miles]
        return near or held
    if drawing.frame_of(held).miles <= WIDEST_MILES:
        return held
    south, west, north, east = MAINLAND
    return [spot for spot in held if south <= spot[0] <= north and west <= spot[1] <= east] or held


def _pins(stops: Sequence[Stop], points: Mapping[int, tuple[Spot, bool]],
          frame: Frame, own: tuple[int, int] | None) -> tuple[list[Pin], list[tuple[int, int, int, int]]]:
    wanted = [frame.spot(points[one.number][0]) for one in stops]
    places = arranged(wanted, WIDE, HIGH, own)
    pins = [Pin(one.number, x, y, one.anchor, f"{one.number}. {one.name}", points[one.number][1])
            for one, (x, y) in zip(stops, places, strict=True)]
    leads = [(*true, *drawn) for true, drawn in zip(wanted, places, strict=True) if true != drawn]
    return pins, leads


def _towns(frame: Frame, pins: Sequence[Pin], own: tuple[int, int] | None, services: Services) -> list[Label]:
    """Names of the larger towns, where there is room beside the numbers and each other."""
    taken = [Box.around_pin(pin.x, pin.y) for pin in pins]
    if own:
        taken.append(Box.around_pin(*own))
    labels = []
    for town in drawing.towns(frame, services.gazetteer, TOWNS_TRIED):
        place = room_for(town.name, town.x, town.y, taken, wide=WIDE, high=HIGH)
        if place:
            labels.append(Label(town.name, *place))
            if len(labels) == MOST_TOWNS:
                break
    return labels


def _caption(stops: Sequence[Stop], points: Mapping[int, tuple[Spot, bool]], place: Mapping[str, Any] | None,
             ring: float) -> list[str]:
    said = [gettext("Numbers follow the list.")]
    missing = [number(one.number) for one in stops if one.number not in points]
    if len(missing) > MOST_NAMED:
        said.append(gettext("The others are not on it: they meet online or by phone, far off, or keep their address "
                            "private."))
    elif missing:
        said.append(gettext("Not on it: %(which)s. They meet online or by phone, far off, or keep their address "
                            "private.", which=listed(missing)))
    if any(rough for _, rough in points.values()):
        said.append(gettext("A number with a dotted edge stands about there: the group does not state the exact spot."))
    if place:
        said.append(gettext("The gold dot is %(place)s.", place=place["text"]))
    if ring:
        said.append(ngettext("The dotted ring is %(miles)s mile.", "The dotted ring is %(miles)s miles.", ring,
                             miles=number(ring)))
    return said


def tiles(frame: Frame, address: str) -> list[Tile]:
    """The pictures that fill a frame, from the operator's own map; none without an address for them."""
    if not address:
        return []
    deep = min(max(round(log2(WIDE / TILE_PIXELS / frame.width)), 0), DEEPEST_TILE)
    count = 2 ** deep
    size = WIDE / (frame.width * count)
    columns = range(max(floor(frame.west * count), 0), min(floor((frame.west + frame.width) * count) + 1, count))
    rows = range(max(floor(frame.north * count), 0), min(floor((frame.north + frame.height) * count) + 1, count))
    return [Tile(address.replace("{z}", str(deep)).replace("{x}", str(x)).replace("{y}", str(y)),
                 round(size * (x - frame.west * count), 2), round(size * (y - frame.north * count), 2), round(size, 2))
            for y in rows for x in columns]
