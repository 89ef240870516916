"""Made-up listings for measuring repeats: like directories in what confuses, such as common names, shared houses,
hotlines, chains and meetings side by side. The same ones for the same seed."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from finder.search.synthetic import AREAS

Document = dict[str, Any]

_FIRST = """Morning Quiet Harbor Stone Willow Lantern Cedar River Summit Garden Bridge Open Second Turning Steady Gentle
    Common North Golden Silver Blue Maple Orchard Prairie Canyon Desert Ocean Valley Hillside Meadow Copper Amber Winter
    Spring Autumn Kindred Plain Simple Honest Brave Patient Humble Grateful Wandering Rising Evening Hidden Living Clear
    Bright Little Great Early Late Broken Mended Shared Rolling Crooked Painted Paper Iron""".split()
_SECOND = """Steps Circle Path Light Hope Voices Table Anchor House Journey Courage Roots Door Window Hands Hearts Road
    Chance Beginnings Promise Harbor Shelter Compass Horizon Echo Ember Feather Ladder Mirror Needle Kettle Porch Quilt
    Ripple Sail Thread Umbrella Vine Well Acorn Beacon Candle Drum Gate Key Lake Mountain Nest Oar Pebble Reed Song
    Trail Wave Yard Bench Cup Field""".split()
_USUAL = ("Serenity Group", "New Beginnings", "Step Study", "Big Book Study", "Women's Meeting", "Men's Group",
          "Early Birds", "Living Sober", "Happy Hour", "Young People's Group", "Depression Support Group",
          "Grief Support Group", "Anxiety Group", "Caregiver Support Group", "Just for Today", "Easy Does It")
_ENDS = ("Group", "Group", "Meeting", "Support Group", "Fellowship", "", "", "")
_STREETS = """Oak Elm Pine Main Church Park Lake Hill Mill Center Washington Lincoln Jefferson Spring Highland Union
    River Franklin Chestnut Walnut Prospect Locust School Academy Clinton Madison Jackson Grove Railroad Winter Summer
    College Liberty Orchard Valley Meadow Cherry Spruce Ash Vine""".split()
_KINDS = ("Street", "Avenue", "Road", "Boulevard", "Drive", "Lane")
_TOWNS = """Ashford Brookfield Clayton Dunmore Eastfield Fairmont Glenville Hartwell Ironton Kingsbury Lakewood Milford
    Newbury Oakdale Pinehurst Ridgeway Stanton Thornton Upton Westbrook""".split()
_HOUSES = ("First Baptist Church", "St. Mark's Church", "Grace Lutheran Church", "Community Center", "Public Library",
           "Alano Club", "United Methodist Church", "Trinity Church", "Senior Center", "Wellness Center")
_FELLOWSHIPS = (("Alcoholics Anonymous", "aa", "alcohol"), ("Narcotics Anonymous", "na", "general_recovery"),
                ("Al-Anon Family Groups", "alanon", "family_of_sud"), ("Overeaters Anonymous", "oa", "overeating"))
_FOCUS = ("depression", "anxiety", "grief", "bipolar", "trauma_ptsd", "caregiver_stress", "loneliness", "general_mh")
_CARE = (("Group therapy", "process"), ("Peer support", "peer_support"), ("Family psychoeducation", "psychoed"),
         ("Intensive outpatient program", "iop"))
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
STARTS = ("07:00", "09:00", "10:00", "12:00", "12:15", "17:30", "18:00", "18:30", "19:00", "19:30", "20:00")
_PER_HOUSE = 5  # listings that meet in one house in the mean
_PER_CHAIN = 12


@dataclass(slots=True)
class Ground:
    """Where made-up groups meet, and who runs them."""

    chance: random.Random
    houses: list[Document]
    zones: list[str]
    chains: list[str]
    taken: set[tuple[int, str, str]]


def listings(count: int, seed: int) -> Iterator[Document]:
    """`count` listing documents; no two are one group."""
    chance = random.Random(seed)
    houses, zones = [], []
    for _ in range(max(3, count // _PER_HOUSE)):
        area = chance.choices(AREAS, [area[4] for area in AREAS])[0]
        houses.append(house(chance, area[0], area[1], area[3]))
        zones.append(area[2])
    chains = [f"{chance.choice(_FIRST)} {chance.choice(_SECOND)} {chance.choice(('Health', 'Counseling', 'Services'))}"
              for _ in range(max(2, count // _PER_CHAIN // 3))]
    ground = Ground(chance, houses, zones, chains, set())
    for number in range(count):
        yield _listing(number, ground)


def house(chance: random.Random, latitude: float, longitude: float, state: str) -> Document:
    """A location: a house in one of the towns around a point."""
    far, turn = abs(chance.gauss(0, 0.25)), chance.uniform(0, 2 * math.pi)
    north, east = latitude + far * math.sin(turn), longitude + far * math.cos(turn)
    town = _TOWNS[(int(north * 10) * 7 + int(east * 10) * 3) % len(_TOWNS)]
    return {"name": chance.choice(_HOUSES), "city": town, "state": state, "country": "US",
            "address_1": f"{chance.randint(1, 9999)} {chance.choice(('', '', 'North ', 'West '))}"
                         f"{chance.choice(_STREETS)} {chance.choice(_KINDS)}",
            "postal_code": f"{(int(abs(north) * 10) * 331 + int(abs(east) * 10) * 17) % 90000 + 10000}",
            "latitude": round(north, 6), "longitude": round(east, 6), "precision": "exact"}


def name(chance: random.Random) -> str:
    """A name for a group, now and then one that many have."""
    if chance.random() < 0.2:
        return chance.choice(_USUAL)
    return f"{chance.choice(_FIRST)} {chance.choice(_SECOND)} {chance.choice(_ENDS)}".strip()


def phone(chance: random.Random) -> str:
    """A number that nobody has: exchange 555."""
    return f"+1{chance.randint(201, 989)}555{chance.randint(0, 9999):04}"


def _listing(number: int, ground: Ground) -> Document:
    chance = ground.chance
    place = chance.randrange(len(ground.houses))
    kind = chance.random()
    found: Document = {"format": "finder-listing/1", "id": f"sample-{number}"}
    if kind < 0.45:
        called, code, focus = chance.choice(_FELLOWSHIPS)
        found |= {"name": name(chance), "group_type": "mutual_aid", "focus": [focus],
                  "organization": {"name": called, "url": f"https://{code}.example.org"}}
        if chance.random() < 0.5:
            found["contact"] = {"url": f"https://{code}.example.org/meetings/{number}"}
        elif chance.random() < 0.5:
            found["contact"] = {"phone": f"+1800555{place % 40:04}"}  # a hotline of many
    elif kind < 0.7:
        return found | _care(number, ground, place)
    else:
        found |= {"name": name(chance), "group_type": chance.choice(("peer_support", "clinician_support", "skills")),
                  "focus": [chance.choice(_FOCUS)], "contact": {"phone": phone(chance)}}
        if chance.random() < 0.5:
            found["contact"]["url"] = f"https://group{number}.example.org"
    if "Women" in found["name"] or "Men's" in found["name"]:
        found["gender_mix"] = "women" if "Women" in found["name"] else "men"
    if chance.random() < 0.5:
        found["languages"] = ["es"] if chance.random() < 0.1 else ["en"]
    found["sessions"] = _sessions(number, ground, place)
    return found


def _care(number: int, ground: Ground, place: int) -> Document:
    """A kind of group at a site of a chain: no times, one number for all sites or one for each."""
    chance = ground.chance
    chain = ground.chains[number % len(ground.chains)]
    words, group_type = chance.choice(_CARE)
    site = f"{ground.houses[place]['city']} {chance.choice(_FIRST)} {chance.choice(_SECOND)} Clinic"
    return {"name": f"{words}, {site}", "organization": {"name": chain}, "group_type": group_type,
            "focus": ["general_mh"], "sessions": [{"format": "in_person", "location": ground.houses[place]}],
            "contact": {"phone": phone(random.Random(chain) if chance.random() < 0.4 else chance)}}


def _sessions(number: int, ground: Ground, place: int) -> list[Document]:
    chance = ground.chance
    remote = chance.random() < 0.2
    found: dict[tuple[str, str], Document] = {}
    start = chance.choice(STARTS)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        day = chance.choice(DAYS)
        if not remote and (place, day, start) in ground.taken:
            continue
        ground.taken.add((place, day, start))
        one: Document = {"format": "online_video" if remote else "in_person", "repeats": f"FREQ=WEEKLY;BYDAY={day}",
                         "start_time": start, "duration_minutes": 60, "timezone": ground.zones[place]}
        if remote:
            one["join_url"] = f"https://us02web.zoom.us/j/8{number:09}"
        else:
            one["location"] = ground.houses[place]
        found[day, start] = one
    return list(found.values()) or [{"format": "in_person", "location": ground.houses[place]}]
