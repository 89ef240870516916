"""Listings and searches at random, from a seed: every field of the contract, stated, unstated, empty and extreme.

Few values per field, so that listings and searches meet often; the seed makes every failure repeatable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from finder.catalog.listing_schema import load
from finder.intake.need import need_from_answers
from finder.intake.severity import assess
from finder.matching.types import Need
from finder.places.lookup import Place
from finder.vocabulary import vocabulary

_LISTS = vocabulary().lists
FOCUS = _LISTS["focus_areas"].codes
TYPES = _LISTS["group_types"].codes
MODALITIES = ("peer_sharing", "mutual_aid_12step", "mutual_aid_secular", "self_management_training", "moderation",
              "faith_recovery", "CBT", "DBT", "MI", "mindfulness")
LEADERS = _LISTS["facilitator_types"].codes
POPULATIONS = ("children", "teens", "young_adults", "older_adults", "women", "men", "trans_nonbinary", "lgbtq",
               "veterans", "parents", "black", "justice", "secular", "faith_muslim")
ACCESS = _LISTS["accessibility"].codes
FORMATS = ("in_person", "online_video", "phone", "text_chat", "hybrid", "self_paced")
SLOTS = ("early", "weekday_daytime", "evening", "weekend")
LANGUAGES = ("en", "es", "asl", "fa", "prs", "vi")
PAYERS = ("medicaid", "medicare", "private", "va")
ZONES = ("America/New_York", "America/Denver", "America/Los_Angeles", "Pacific/Apia", "Asia/Kolkata")
# Somewhere dense, somewhere empty, beside the line where longitudes wrap, and where days differ most.
PLACES = (
    Place("Philadelphia, PA", 39.95, -75.16, "city", "America/New_York", "PA", "US", "Philadelphia", "19103"),
    Place("Miles City, MT", 46.41, -105.84, "postal_code", "America/Denver", "MT", "US", "Custer", "59301"),
    Place("Adak, AK", 51.88, 179.95, "exact", "America/Adak", "AK", "US", None, None),
    Place("a point", -13.83, -171.77, "exact", "Pacific/Apia", None, "WS", None, None),
)
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Draw:
    """A seeded source of choices."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def one(self, values: Any) -> Any:
        return self.random.choice(values)

    def some(self, values: Sequence[str], most: int) -> list[Any]:
        return self.random.sample(list(values), self.random.randint(1, min(most, len(values))))

    def maybe(self, share: float, value: Callable[[], Any]) -> Any:
        """The value of a function in a share of cases, else nothing."""
        return value() if self.chance(share) else None


@dataclass(frozen=True)
class Pool:
    """Listing documents, the day they are looked at, the focus codes they share, and where most of them meet."""

    listings: list[dict[str, Any]]
    today: date
    focus: list[str]
    home: Place

    def by_id(self) -> dict[str, dict[str, Any]]:
        return {listing["id"]: listing for listing in self.listings}


def pool(seed: int, size: int = 30) -> Pool:
    """Canonical listings for one seed. Some pools state much, so that much is hidden; others little."""
    draw = Draw(seed)
    # Two years with a leap day and both clock changes.
    today = date(2023, 11, 1) + timedelta(days=draw.random.randrange(800))
    strict = draw.one((0.05, 0.15, 0.4))
    hot = draw.random.sample(FOCUS, 7)
    home = draw.one(PLACES)
    made = [load(_listing(draw, f"L{seed}-{number}", today, strict, hot, home)) for number in range(size)]
    return Pool(made, today, hot, home)


def _listing(draw: Draw, name: str, today: date, strict: float, hot: list[str], home: Place) -> dict[str, Any]:
    document = {
        "format": "finder-listing/1", "id": name, "name": name, "group_type": draw.one(TYPES),
        "led_by": draw.maybe(0.6, lambda: draw.one(LEADERS)),
        "modalities": draw.maybe(0.6, lambda: draw.some(MODALITIES, 3)),
        "focus": draw.maybe(0.92, lambda: draw.some(hot if draw.chance(0.8) else FOCUS, 3)),
        "severity": draw.maybe(0.6, lambda: _ordered(draw, 0, 4, "min", "max")),
        "sessions": [_session(draw, today, home) for _ in range(draw.one((0, 1, 1, 1, 2, 3, 10)))],
        "capacity": draw.maybe(0.6, lambda: _capacity(draw, today, strict)),
        "starts_on": draw.maybe(0.3, lambda: _near(draw, today, 120)),
        "open_group": draw.one((None, None, True, False)),
        "cost": draw.maybe(0.8, lambda: _cost(draw)),
        "accessibility": draw.maybe(0.6, lambda: _access(draw, strict)),
        "policies": draw.maybe(0.5, lambda: _policies(draw, strict)),
        "verified": draw.maybe(0.8, lambda: {"on": _past(draw, today), "method": "phone"}),
        "populations": draw.maybe(0.3, lambda: draw.some(POPULATIONS, 3)),
        **_limits(draw, strict),
    }
    return {key: value for key, value in document.items() if value is not None}


def _limits(draw: Draw, strict: float) -> dict[str, Any]:
    """What may hide a listing from somebody."""
    return {
        "status": draw.maybe(strict / 3, lambda: draw.one(("active", "paused", "closed"))),
        "attendees": draw.maybe(0.3, lambda: draw.one(("person", "relatives", "anyone"))),
        "age": draw.maybe(strict, lambda: draw.one(({"min": 18}, {"max": 17}, {"min": 12, "max": 25}, {"min": 50}))),
        "gender_mix": draw.maybe(strict, lambda: draw.one(("women", "men", "mixed", "mixed"))),
        "restricted_to": draw.maybe(strict, lambda: draw.some(POPULATIONS, 2)),
        "languages": draw.maybe(strict * 1.5, lambda: draw.some(LANGUAGES, 2)),
        "interpreter": draw.maybe(0.2, lambda: draw.one(("yes", "on_request", "no"))),
        "licensed_states": draw.maybe(strict, lambda: draw.one((["PA", "NJ"], ["MT"], ["AK", "MT", "PA"], []))),
        "coverage": draw.maybe(strict, lambda: _coverage(draw)),
    }


def _session(draw: Draw, today: date, home: Place) -> dict[str, Any]:
    session: dict[str, Any] = {"format": draw.one((*FORMATS, "in_person", "in_person", "hybrid"))}
    if draw.chance(0.12):
        session["anytime"] = True
    elif draw.chance(0.85):
        session |= _times(draw, today)
    if session["format"] in ("in_person", "hybrid") and draw.chance(0.85):
        session["location"] = _location(draw, home)
    return session


def _times(draw: Draw, today: date) -> dict[str, Any]:
    start = _near(draw, today, 60) if draw.chance(0.2) else None
    repeats = draw.one(("FREQ=WEEKLY;BYDAY=" + ",".join(draw.some(_DAYS, 2)), "FREQ=MONTHLY;BYDAY=1TU,3SA",
                        "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=" + draw.one(_DAYS), None))
    if start and repeats and draw.chance(0.5):
        repeats += draw.one((";INTERVAL=2", ";COUNT=3"))
    hour = draw.one(("06:30", "08:59", "09:00", "12:00", "16:59", "17:00", "19:30", "23:30"))
    times = {"repeats": repeats, "start_time": draw.maybe(0.9, lambda: hour),
             "timezone": draw.maybe(0.9, lambda: draw.one(ZONES)), "valid_from": start}
    if draw.chance(0.15):
        times["valid_until"] = max(_near(draw, today, 40), start or "")
    if draw.chance(0.1):
        times["except_dates"] = [(today + timedelta(days=ahead)).isoformat() for ahead in range(draw.one((3, 30)))]
    return {key: value for key, value in times.items() if value is not None}


def _location(draw: Draw, home: Place) -> dict[str, Any]:
    if draw.chance(0.1):
        return {"city": "Philadelphia"}
    center = home if draw.chance(0.8) else draw.one(PLACES)
    spread = draw.one((0.0, 0.05, 0.3, 1.0))
    latitude = center.latitude + draw.random.uniform(-spread, spread)
    longitude = center.longitude + draw.random.uniform(-spread, spread)
    found = {"latitude": round(latitude, 5), "longitude": round((longitude + 180) % 360 - 180, 5)}
    return found | ({"hidden": True} if round(latitude * 100_000) % 5 == 0 else {})


def _ordered(draw: Draw, low: int, high: int, first: str, second: str) -> dict[str, int]:
    ends = sorted((draw.random.randint(low, high), draw.random.randint(low, high)))
    return {first: ends[0], second: ends[1]}


def _near(draw: Draw, today: date, days: int) -> str:
    return (today + timedelta(days=draw.one((draw.random.randint(-days, days), 0, 1)))).isoformat()


def _past(draw: Draw, today: date) -> str:
    days = draw.one((0, 30, 91, 92, 200, 700, 1200, draw.random.randint(-5, 2000)))
    return (today - timedelta(days=days)).isoformat()


def _capacity(draw: Draw, today: date, strict: float) -> dict[str, Any]:
    capacity = {"status": draw.one(("open", "waitlist", "assessment_first")),
                "as_of": (today - timedelta(days=draw.one((0, 10, 90, 91, 400)))).isoformat()}
    if draw.chance(strict):
        capacity["status"] = "full"
    if draw.chance(0.5):
        capacity["wait_weeks"] = draw.one((0, 1, 10, 11, 26.5))
    return capacity


def _cost(draw: Draw) -> dict[str, Any]:
    if draw.chance(0.3):
        return {"free": True, "amount": draw.one((None, 0)), "insurance": draw.one((None, []))}
    return {"free": False, "amount": draw.one((None, None, 0, 10, 25.5, 40, 150)),
            "sliding_scale": draw.one((None, False, True)) or False,
            "insurance": draw.one((None, [], draw.some(PAYERS, 2), draw.some(PAYERS, 2)))}


def _access(draw: Draw, strict: float) -> dict[str, str]:
    answers = ("yes", "on_request", "no", "no") if draw.chance(strict * 2) else ("yes", "on_request")
    return {code: draw.one(answers) for code in draw.some((*ACCESS, "captions", "ride_help", "asl"), 9)}


def _policies(draw: Draw, strict: float) -> dict[str, Any]:
    policies = {
        "recovery_medication": draw.maybe(strict, lambda: draw.one(("welcome", "refused"))),
        "moderation_goal": draw.maybe(0.3, lambda: draw.one(("welcome", "refused"))),
        "excludes": draw.maybe(strict, lambda: ["active_suicidal_crisis"]),
        "min_days_sober": draw.maybe(0.3, lambda: draw.one((0, 1, 6, 7, 30))),
        "court_ordered_only": draw.maybe(0.3, lambda: draw.chance(strict)),
        "partners_welcome": draw.maybe(0.4, lambda: draw.chance(0.5)),
        "one_to_one": draw.maybe(0.3, lambda: draw.chance(0.5)),
        "moderated": draw.maybe(0.4, lambda: draw.chance(0.5)),
        "group_size": draw.maybe(0.3, lambda: draw.one((1, 5, 6, 12))),
    }
    return {key: value for key, value in policies.items() if value is not None}


def _coverage(draw: Draw) -> dict[str, Any]:
    lists = {"countries": ["US"], "states": draw.some(("PA", "MT", "AK"), 2),
             "counties": draw.some(("PA:Philadelphia", "PA:Montgomery", "MT:Custer"), 2),
             "postal_codes": draw.some(("19103", "59301", "19104"), 2)}
    return {name: lists[name] for name in draw.some(list(lists), 2)}


def intake(seed: int, focus: Sequence[str] = FOCUS) -> dict[str, Any]:
    """An intake document for one seed. Some people state much and require much; others hardly anything."""
    draw = Draw(seed)
    rate = draw.one((0.1, 0.3, 0.6))
    document: dict[str, Any] = {"format": "finder-intake/1"}
    for name, value in _answers(draw, focus).items():
        if draw.chance(rate if name not in ("needs", "stated_level") else 0.85):
            document[name] = value
    for name in ("formats", "times", "access"):
        if name in document and draw.chance(0.4):
            wanted = [code for code in document[name] if code != "any"]
            document[f"{name}_required"] = True if draw.chance(0.6) or not wanted else draw.some(wanted, 2)
    return document


def _answers(draw: Draw, focus: Sequence[str]) -> dict[str, Any]:
    return {
        "needs": draw.some(focus if draw.chance(0.8) else FOCUS, 3),
        "stated_level": draw.random.randint(0, 4),
        "attending_as": draw.one(("person", "person", "relative")),
        "age": draw.one((9, 12, 13, 16, 17, 18, 19, 20, 30, 31, 49, 50, 70)),
        "gender": draw.one(("woman", "man", "nonbinary")),
        "safety": draw.one(("none", "past", "passive", "active", "skip")),
        "urgent": draw.some(("withdrawal", "overdose", "medical", "violence", "mania", "psychosis"), 2),
        "goal": draw.one(("stop", "moderation", "unsure")),
        "recently_using": draw.chance(0.5),
        "takes_recovery_medication": draw.chance(0.7),
        "radius_miles": draw.one((0.4, 2, 5, 15, 25, 40, 700, 1000)),
        "travel": draw.one(("car", "transit", "walk")),
        "formats": draw.some(FORMATS, 3),
        "times": ["any"] if draw.chance(0.15) else draw.some((*SLOTS, *SLOTS, "any"), 2),
        "languages": draw.one((["en"], ["asl"], ["asl", "en"], ["prs"], ["es", "vi"])),
        "identities": draw.some(POPULATIONS, 3),
        "not_identities": draw.some(POPULATIONS, 4),
        "identity_preference": draw.one(("none", "prefer", "require")),
        "women_only": draw.chance(0.4),
        "cost": draw.one(({"kind": "free_only"}, {"kind": "free_only"}, {"kind": "up_to", "amount": 40},
                          {"kind": "up_to", "amount": 25.5}, {"kind": "insurance"}, {"kind": "any"})),
        "insurance": draw.one((["none"], ["unknown"], ["medicaid"], ["private", "va"], ["medicare", "unknown"])),
        "access": draw.some(ACCESS, 3),
        "led_by": draw.one(("peer", "professional", "either")),
        "avoid": draw.one((["mutual_aid"], ["CBT", "process"], ["faith_muslim", "women"], ["mutual_aid_12step"])),
        "one_to_one_preferred": draw.chance(0.5),
        "start_soon": draw.chance(0.5),
        "emphasis": {code: draw.one((0.5, 1, 2)) for code in
                     draw.some(("need", "severity", "reach", "schedule", "cost", "identity", "freshness"), 5)},
    }


def place(seed: int, home: Place) -> Place | None:
    return Draw(seed).one((home, home, home, *PLACES, None))


def need(seed: int, among: Pool) -> Need:
    """What matching reads of one person, at some hour of the pool's day."""
    answers = intake(seed, among.focus)
    now = datetime.combine(among.today, time(Random(seed).randrange(24)), UTC)
    return need_from_answers(answers, needs=answers.get("needs", ()), place=place(seed, among.home),
                             level=assess(answers).level, now=now)
