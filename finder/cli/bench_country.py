"""Made-up listings spread over the United States as its people are: for benchmarks of a whole country.

Places are ZIP codes drawn by their people (Census of 2010), and names and hours follow 3,939 meetings of six real
directories of 2020 to 2023: one start in seven at 20:00, one in eight at noon, "group" in one name of seven, and a
long tail of words that stand in few names.
"""

from __future__ import annotations

import math
import random
from bisect import bisect
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from typing import Any, NamedTuple

from finder.places import gazetteer, lookup, people
from finder.places.gazetteer import Gazetteer, Zip
from finder.search import synthetic

HOURS = {"20:00": 608, "12:00": 478, "19:00": 434, "19:30": 306, "18:00": 256, "07:00": 185, "17:30": 179, "10:00": 159,
         "06:00": 142, "18:30": 136, "07:30": 98, "06:30": 97, "08:00": 80, "09:00": 59, "11:00": 59, "10:30": 52,
         "16:00": 47, "17:00": 44, "09:30": 36, "13:00": 32, "08:30": 30, "14:00": 29, "20:30": 28, "12:30": 28}
_TOPICS = ("Serenity", "Big Book Study", "Step Study", "New Beginnings", "Hope", "Early Risers", "Sober Living",
           "Grief", "Anxiety and Depression", "Nueva Vida", "Women's", "Men's Stag", "Candlelight",
           "Attitude Adjustment",
           "Happy Hour", "Reflections", "As Bill Sees It", "Living Sober", "Caregivers", "Veterans", "Parents",
           "Recovery", "Mindfulness", "Healing Hearts", "Circle of Friends", "Young People", "Back to Basics",
           "One Day at a Time")
_KINDS = ("Group", "Group", "Meeting", "Meeting", "Discussion", "Support Group", "AFG", "Grupo", "Workshop", "Circle")
_HOUSES = ("Saint Mary Church", "First Methodist Church", "Community Center", "Grace Lutheran Church", "Hospital",
           "Public Library", "Alano Club", "Saint Joseph Parish", "Unity Church", "VA Clinic",
           "Behavioral Health Center")
_STREETS = ("Main St", "Church St", "Oak Ave", "Washington Blvd", "2nd St", "Park Ave", "Maple Dr", "Broadway",
            "Elm St")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LINES = ("Newcomers are welcome.", "Please call before your first visit.", "Enter through the back door.",
          "We read and talk in turn.", "Coffee is there from a quarter to.", "Wheelchair ramp on the north side.")


class Town(NamedTuple):
    """One ZIP code that people live in."""

    zip_code: str
    city: str
    state: str
    latitude: float
    longitude: float
    zone: str


@cache
def towns() -> tuple[tuple[Town, ...], tuple[int, ...]]:
    """The ZIP codes of the states, and the running total of their people."""
    known = gazetteer.load()
    counts = people.of_zips(list(known.zips)).tolist()
    found = [(Town(one.code, one.city, one.state, one.latitude, one.longitude, _zone(one, known)), count)
             for one, count in zip(known.zips.values(), counts, strict=True) if count]
    return tuple(town for town, _ in found), tuple(accumulate(count for _, count in found))


def _zone(one: Zip, known: Gazetteer) -> str:
    zone = lookup.at_point(one.latitude, one.longitude, known).timezone
    assert zone is not None
    return zone


def documents(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """`count` canonical listing documents, dated as those of `synthetic`; the same ones for the same seed."""
    chance = random.Random(seed)
    known, until = towns()
    hours = list(HOURS), list(accumulate(HOURS.values()))
    for number in range(count):
        town = known[bisect(until, chance.randrange(until[-1]))]
        found = synthetic.listing(number, (town.latitude, town.longitude, town.zone, town.state, 1), chance)
        _name(found, town, chance)
        where = _place(town, chance)  # of most groups all sessions are there
        for session in found["sessions"]:
            if "start_time" in session:
                session["start_time"] = hours[0][bisect(hours[1], chance.randrange(hours[1][-1]))]
            if "location" in session:
                session["location"] = where if chance.random() < 0.97 else _place(town, chance)
        yield found


def _name(found: dict[str, Any], town: Town, chance: random.Random) -> None:
    roll, pick = chance.random(), chance.choice
    topic, kind = pick(_TOPICS), pick(_KINDS)
    if roll < 0.35:
        found["name"] = f"{town.city} {topic} {kind}"
    elif roll < 0.6:
        found["name"] = f"{pick(_DAYS)} Night {topic}"
    elif roll < 0.8:
        found["name"] = f"{topic} {kind} at {pick(_HOUSES)}"
    else:  # the long tail: a name that few others share a word with
        found["name"] = f"{_word(chance)} {topic} {kind}"
    if chance.random() < 0.4:
        found["description"] = " ".join(chance.sample(_LINES, 2))
    if chance.random() < 0.6:
        found["organization"] = {"name": f"{town.city} {pick(_HOUSES)}", "phone": f"+1555{chance.randrange(10**7):07}"}


def _word(chance: random.Random) -> str:
    """A made-up proper name, one of some hundred thousand."""
    syllables = ("ba", "ri", "ton", "mel", "sa", "ka", "lo", "wen", "dor", "fi", "na", "rus", "hal", "ber", "gi", "ost")
    return "".join(chance.choice(syllables) for _ in range(chance.choice((3, 4, 4)))).capitalize()


def _place(town: Town, chance: random.Random) -> dict[str, Any]:
    far, turn = abs(chance.gauss(0, 0.03)), chance.uniform(0, 2 * math.pi)
    return {"address_1": f"{chance.randrange(1, 9999)} {chance.choice(_STREETS)}", "city": town.city,
            "state": town.state,
            "postal_code": town.zip_code, "latitude": round(town.latitude + far * math.sin(turn), 5),
            "longitude": round(town.longitude + far * math.cos(turn), 5), "precision": "street"}
