"""Made-up listings in any number for benchmarks: the same ones for the same seed, shaped like real directories.

About two thirds meet in person, a fifth online, the rest both; 1.6 ways to attend in the mean; many facts not stated.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from typing import Any

from finder.matching.traits import ACCESS, FOCUS, GROUP_TYPES, LEADERS, MODALITIES, PAYERS, POPULATIONS

# Rough centers and relative sizes of US metropolitan areas: latitude, longitude, zone, state, weight.
AREAS: tuple[tuple[float, float, str, str, int], ...] = (
    (40.71, -74.01, "America/New_York", "NY", 20), (34.05, -118.24, "America/Los_Angeles", "CA", 13),
    (41.88, -87.63, "America/Chicago", "IL", 9), (29.76, -95.37, "America/Chicago", "TX", 7),
    (33.45, -112.07, "America/Phoenix", "AZ", 5), (39.95, -75.17, "America/New_York", "PA", 6),
    (32.78, -96.80, "America/Chicago", "TX", 7), (38.91, -77.04, "America/New_York", "DC", 6),
    (25.76, -80.19, "America/New_York", "FL", 6), (33.75, -84.39, "America/New_York", "GA", 6),
    (42.36, -71.06, "America/New_York", "MA", 5), (37.77, -122.42, "America/Los_Angeles", "CA", 5),
    (47.61, -122.33, "America/Los_Angeles", "WA", 4), (39.74, -104.99, "America/Denver", "CO", 3),
    (44.98, -93.27, "America/Chicago", "MN", 4), (32.72, -117.16, "America/Los_Angeles", "CA", 3),
    (27.95, -82.46, "America/New_York", "FL", 3), (38.63, -90.20, "America/Chicago", "MO", 3),
    (39.29, -76.61, "America/New_York", "MD", 3), (45.52, -122.68, "America/Los_Angeles", "OR", 3),
    (35.23, -80.84, "America/New_York", "NC", 3), (35.60, -82.55, "America/New_York", "NC", 1),
    (36.16, -86.78, "America/Chicago", "TN", 2), (40.76, -111.89, "America/Denver", "UT", 2),
    (61.22, -149.90, "America/Anchorage", "AK", 1), (21.31, -157.86, "Pacific/Honolulu", "HI", 1),
)
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_HOURS = ("06:30", "07:00", "09:00", "10:00", "12:00", "12:15", "13:00", "15:30", "17:30", "18:00", "18:30", "19:00",
          "19:30", "20:00")
_LANGUAGES = (("en",),) * 12 + (("es",),) * 2 + (("en", "es"),) * 2 + (("zh",), ("vi",), ("en", "asl"), ())
_REMOTE = ("online_video",) * 8 + ("phone", "text_chat", "self_paced")


def documents(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """`count` canonical listing documents, dated for searches in November 2026."""
    chance = random.Random(seed)
    weights = [area[4] for area in AREAS]
    for number in range(count):
        area = chance.choices(AREAS, weights)[0]
        yield listing(number, area, chance)


def _pick(chance: random.Random, codes: Sequence[str], count: int) -> list[str]:
    """Up to `count` different codes, early ones of the list far likelier than late ones, as in real directories."""
    weights = [1 / (place + 1) for place in range(len(codes))]
    return list(dict.fromkeys(chance.choices(codes, weights, k=count)))


def listing(number: int, area: tuple[float, float, str, str, int], chance: random.Random) -> dict[str, Any]:
    """One listing in an area: latitude, longitude, zone, state, weight."""
    group_type = chance.choice(GROUP_TYPES)
    found: dict[str, Any] = {
        "format": "finder-listing/1", "id": f"made-{number}", "name": f"Group {number}", "group_type": group_type,
        "focus": _pick(chance, FOCUS, chance.choice((1, 1, 1, 2, 3))), "sessions": _sessions(area, chance),
    }
    low = chance.randint(0, 3)
    spoken = chance.choice(_LANGUAGES)
    maybe: tuple[tuple[float, str, Any], ...] = (
        (0.01, "status", "paused"),
        (0.7, "led_by", _pick(chance, LEADERS, 1)[0]),
        (0.5, "modalities", _pick(chance, MODALITIES, chance.choice((1, 1, 2)))),
        (0.4, "severity", {"min": low, "max": min(4, low + chance.randint(1, 2))}),
        (0.5, "attendees", chance.choice(("person", "person", "relatives", "anyone"))),
        (0.4, "age", {"min": chance.choice((13, 16, 18, 18, 18, 55))}),
        (0.4, "gender_mix", chance.choice(("mixed", "mixed", "women", "men"))),
        (0.2, "populations", _pick(chance, POPULATIONS, chance.choice((1, 2)))),
        (0.04, "restricted_to", _pick(chance, POPULATIONS, 1)),
        (1.0 if spoken else 0.0, "languages", list(spoken)),
    )
    found.update((name, value) for share, name, value in maybe if chance.random() < share)
    _terms(found, area[3], chance)
    return found


def _terms(found: dict[str, Any], state: str, chance: random.Random) -> None:
    roll = chance.random
    if roll() < 0.75:
        found["cost"] = {"free": True} if roll() < 0.6 else _fee(chance)
    if roll() < 0.15:
        found["capacity"] = {"status": chance.choice(("open", "open", "waitlist", "full", "assessment_first")),
                             "as_of": f"2026-{chance.randint(7, 11):02}-{chance.randint(1, 20):02}"}
    if roll() < 0.05:
        found["licensed_states"] = [state]
    if roll() < 0.03:
        found["coverage"] = {"states": [state]}
    if roll() < 0.4:
        found["accessibility"] = {code: chance.choice(("yes", "yes", "yes", "no", "on_request"))
                                  for code in _pick(chance, ACCESS, 2)}
    if roll() < 0.05:
        found["policies"] = chance.choice(({"recovery_medication": "welcome"}, {"recovery_medication": "refused"},
                                           {"min_days_sober": 30}, {"one_to_one": True}, {"group_size": 5}))
    if roll() < 0.85:
        found["verified"] = {"on": f"{chance.choice((2024, 2025, 2026, 2026))}-{chance.randint(1, 10):02}-"
                                   f"{chance.randint(1, 28):02}", "method": "import"}


def _fee(chance: random.Random) -> dict[str, Any]:
    cost: dict[str, Any] = {"free": False}
    if chance.random() < 0.7:
        cost["amount"] = float(chance.choice((10, 20, 40, 60, 120)))
    if chance.random() < 0.4:
        cost["sliding_scale"] = True
    if chance.random() < 0.5:
        cost["insurance"] = _pick(chance, PAYERS, 2)
    return cost


def _sessions(area: tuple[float, float, str, str, int], chance: random.Random) -> list[dict[str, Any]]:
    roll = chance.random()
    count = chance.choice((1, 1, 1, 1, 2))
    if roll < 0.03:
        return []
    if roll < 0.68:
        location = _location(area, chance)
        return [_session("in_person", area[2], chance, location) for _ in range(count)]
    if roll < 0.88:
        return [_session(chance.choice(_REMOTE), area[2], chance) for _ in range(count)]
    if roll < 0.95:
        return [_session("hybrid", area[2], chance, _location(area, chance))]
    return [_session("in_person", area[2], chance, _location(area, chance)), _session("online_video", area[2], chance)]


def _session(form: str, zone: str, chance: random.Random, location: dict[str, Any] | None = None) -> dict[str, Any]:
    if form in ("text_chat", "self_paced") and chance.random() < 0.8:
        return {"format": form, "anytime": True}
    found: dict[str, Any] = {"format": form}
    if chance.random() < 0.92:
        day = chance.choice(_DAYS)
        monthly = f"FREQ=MONTHLY;BYDAY={chance.randint(1, 4)}{day}"
        rule = monthly if chance.random() < 0.1 else f"FREQ=WEEKLY;BYDAY={day}"
        found |= {"repeats": rule, "start_time": chance.choice(_HOURS), "duration_minutes": 60, "timezone": zone}
    if location is not None:
        found["location"] = location
    return found


def _location(area: Sequence[Any], chance: random.Random) -> dict[str, Any]:
    far = abs(chance.gauss(0, 0.25))
    turn = chance.uniform(0, 2 * math.pi)
    return {"city": "Somewhere", "state": area[3], "latitude": round(area[0] + far * math.sin(turn), 5),
            "longitude": round(area[1] + far * math.cos(turn), 5), "precision": "street"}
