"""Made-up intakes for timing: the same ones for the same seed, mixed as people ask: near, online, or both."""

from __future__ import annotations

import random
from typing import Any

# ZIP codes in the middle of areas that the made-up listings lie in.
ZIPS = ("10001", "90012", "60601", "77002", "85004", "19104", "75201", "20001", "33130", "30303", "02108", "94103",
        "98101", "80202", "55401", "92101", "63101", "21201", "97204", "28202", "28801", "37203", "84101")
_NEEDS = ("depression", "anxiety", "alcohol", "grief", "trauma_ptsd", "family_of_sud", "general_mh", "opioids",
          "loneliness", "caregiver_stress", "bipolar", "eating_disorder")
_TIMES = ("evening", "weekend", "weekday_daytime", "any")
_SPOKEN: tuple[list[str], ...] = (["en"], ["en"], ["en"], ["en"], ["es", "en"], ["es"], [])


def intakes(count: int, seed: int = 7) -> list[dict[str, Any]]:
    """Valid intake documents: two fifths in person only, a fifth online only, two fifths either way."""
    chance = random.Random(seed)
    return [_intake(chance) for _ in range(count)]


def _intake(chance: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {
        "format": "finder-intake/1", "needs": chance.sample(_NEEDS, chance.choice((1, 1, 2, 3))),
        "age": chance.randint(16, 80), "languages": list(chance.choice(_SPOKEN)),
    }
    way = chance.random()
    if way < 0.4:
        found |= {"formats": ["in_person"], "formats_required": chance.random() < 0.5}
    elif way < 0.6:
        found |= {"formats": ["online_video", "phone"], "formats_required": chance.random() < 0.5}
    else:
        found["formats"] = ["in_person", "online_video"] if chance.random() < 0.6 else []
    if way < 0.4 or way >= 0.6 or chance.random() < 0.5:
        found |= {"near": {"text": chance.choice(ZIPS)}, "radius_miles": chance.choice((5, 10, 25, 25, 50, 100))}
    found |= {name: value for share, name, value in _rest(chance) if chance.random() < share}
    return found


def _rest(chance: random.Random) -> tuple[tuple[float, str, Any], ...]:
    return (
        (0.7, "phq4", [chance.randint(0, 3) for _ in range(4)]),
        (0.6, "impact", chance.randint(0, 4)),
        (0.6, "gender", chance.choice(("woman", "man", "nonbinary"))),
        (0.6, "times", chance.sample(_TIMES, chance.choice((1, 2)))),
        (0.1, "times_required", True),
        (0.5, "cost", chance.choice(({"kind": "free_only"}, {"kind": "up_to", "amount": 30}, {"kind": "any"}))),
        (0.3, "insurance", chance.choice((["medicaid"], ["private"], ["unknown"]))),
        (0.3, "identities", chance.sample(("lgbtq", "veterans", "latino", "parents", "black"), 1)),
        (0.2, "access", chance.sample(("step_free", "captions", "transit", "childcare"), 1)),
        (0.4, "led_by", chance.choice(("peer", "professional", "either"))),
        (0.3, "safety", chance.choice(("none", "none", "past", "passive"))),
        (0.1, "start_soon", True),
        (0.8, "attending_as", chance.choice(("person", "person", "person", "relative"))),
    )
