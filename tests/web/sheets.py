"""Groups for sheets of paper: four that fill one as full as groups do, and more after them, in the order of names."""

from __future__ import annotations

from typing import Any

from tests.web.sample import DURHAM
from tests.web.site import group

ROOM = "https://meet.example.org/zqroom"


def weekly(day: str, **more: Any) -> dict[str, Any]:
    """A session in a house with a long address."""
    return {"format": "in_person", "repeats": f"FREQ=WEEKLY;BYDAY={day}", "start_time": "18:00",
            "duration_minutes": 90, "timezone": "America/New_York",
            "location": {**DURHAM, "name": "Garden House", "address_1": "1180 Lantern Street", "postal_code": "27701"},
            **more}


FOUR = [
    group(1, name="A Lantern Street", sessions=[weekly("TU")], cost={"free": True},
          contact={"phone": "919-555-0142", "how_to_join": "walk_in"}, verified={"on": "2026-11-01", "method": "phone"},
          accessibility={"transit": "yes", "ride_help": "on_request", "step_free": "yes"}),
    group(2, name="B Steady Ground: eight weeks of practice with people who worry a lot", group_type="iop",
          sessions=[weekly(day) for day in ("TH", "MO", "WE", "FR")], verified={"on": "2025-11-01", "method": "phone"},
          cost={"free": False, "amount": 25, "sliding_scale": True, "insurance": ["medicaid", "medicare"]},
          contact={"phone": "919-555-0117", "how_to_join": "referral"}),
    group(3, name="C Quiet Hours Online", group_type="mutual_aid", cost={"free": True},
          sessions=[weekly("MO", format="online_video", location=None, join_url=ROOM)],
          contact={"phone": "919-555-0163"}, accessibility={"camera_optional": "yes"}),
    group(4, name="D Other Shore", group_type="family_peer", sessions=[weekly("WE", format="hybrid")],
          contact={"email": "hello@example.org", "how_to_join": "register"}, status="paused"),
]
MORE = [group(number, name=f"E Circle {number}", contact={"phone": f"919-555-0{number}"}) for number in range(200, 209)]
