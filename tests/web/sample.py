"""Invented groups around Durham, North Carolina, and online: enough kinds to fill every part of a page."""

from __future__ import annotations

from typing import Any

from finder.catalog.listing_schema import load

DURHAM = {"city": "Durham", "state": "NC", "postal_code": "27701", "country": "US", "latitude": 35.996,
          "longitude": -78.899, "precision": "street"}
RALEIGH = {"city": "Raleigh", "state": "NC", "postal_code": "27601", "country": "US", "latitude": 35.78,
           "longitude": -78.64, "precision": "city"}
EASTERN = "America/New_York"
HOSTILE = "<script>window.__x=1</script><img src=x onerror=alert(1)> “quoted” & 'single'"


def _weekly(day: str, start: str, way: str = "in_person", **more: Any) -> dict[str, Any]:
    return {"format": way, "repeats": f"FREQ=WEEKLY;BYDAY={day}", "start_time": start, "duration_minutes": 90,
            "timezone": EASTERN, **more}


def _listing(id_: str, name: str, **more: Any) -> dict[str, Any]:
    return load({"format": "finder-listing/1", "id": id_, "name": name, "group_type": "peer_support", **more})


def _fresh(on: str = "2026-11-02") -> dict[str, Any]:
    return {"on": on, "method": "operator"}


LISTINGS: tuple[dict[str, Any], ...] = (
    _listing(
        "lantern-street", "Lantern Street Low Mood Circle", led_by="peer", focus=["depression", "anxiety"],
        organization={"name": "Lantern Street Neighbors", "kind": "peer_run", "url": "https://lantern.example/"},
        description="Come ten minutes early. Somebody will meet you at the side door.\nYou can just listen.",
        severity={"min": 0, "max": 2}, attendees="person", age={"min": 18}, languages=["en"],
        modalities=["peer_sharing"], cost={"free": True, "note": "Nobody asks for a gift"},
        sessions=[_weekly("TU", "18:00", location={**DURHAM, "name": "Lantern Street Hall",
                                                   "address_1": "1180 Lantern Street"},
                          except_dates=["2026-12-22"])],
        capacity={"status": "open", "as_of": "2026-11-14"},
        accessibility={"step_free": "yes", "accessible_restroom": "yes", "childcare": "no", "asl": "on_request"},
        policies={"walk_in": True, "recovery_medication": "welcome", "group_size": 8},
        contact={"phone": "919-555-0142", "email": "hello@lantern.example", "url": "https://lantern.example/join",
                 "how_to_join": "walk_in", "note": "If you would like to talk first, call and ask for Renée."},
        verified={"on": "2026-11-01", "method": "operator",
                  "field_dates": {"accessibility": "2026-06-20", "contact": "2026-11-01"}},
        source={"name": "Lantern Street Neighbors", "license": "CC0-1.0", "url": "https://lantern.example/list"}),
    _listing(
        "steady-ground", "Steady Ground: Skills for Worry", group_type="skills", led_by="licensed_clinician",
        focus=["anxiety", "depression"], modalities=["CBT"], severity={"min": 1, "max": 3}, languages=["en"],
        organization={"name": "Ninth Bell Counseling Co-op", "kind": "private_practice"},
        cost={"free": False, "amount": 40, "sliding_scale": True, "insurance": ["medicaid", "private"]},
        sessions=[_weekly("TH", "17:30", location={**DURHAM, "address_1": "9 Bell Court"}, valid_from="2027-01-14",
                          valid_until="2027-03-04")],
        starts_on="2027-01-14", open_group=False, capacity={"status": "open", "seats": 3, "as_of": "2026-11-16"},
        contact={"phone": "919-555-0117 x12", "how_to_join": "register"}, verified=_fresh("2026-11-16"),
        policies={"hours_per_week": 1.5, "moderation_goal": "welcome"}),
    _listing(
        "quiet-hours", "Quiet Hours Online", led_by="trained_facilitator", focus=["depression"],
        organization={"name": "Piedmont Peer Network"}, cost={"free": True}, languages=["en", "es"],
        sessions=[_weekly("MO", "19:00", "online_video", join_url="https://quiet.example/room"),
                  _weekly("SA", "10:00", "phone", dial_in="919-555-0163")],
        licensed_states=["NC", "SC"], accessibility={"camera_optional": "yes", "captions": "yes"},
        capacity={"status": "waitlist", "wait_weeks": 5, "as_of": "2026-11-10"},
        contact={"url": "https://quiet.example/"}, verified=_fresh("2026-07-20")),
    _listing(
        "manana-clara", "Mañana Clara", focus=["stress_burnout", "depression"], languages=["es", "en"],
        populations=["latino"], organization={"name": "Casa Robledal"}, cost={"free": True},
        sessions=[_weekly("WE", "18:30", "hybrid", location={"city": "Chapel Hill", "state": "NC", "country": "US",
                                                             "latitude": 35.91, "longitude": -79.05,
                                                             "precision": "city", "hidden": True,
                                                             "address_1": "4 Secret Lane"})],
        contact={"phone": "+1 (919) 555-0188", "how_to_join": "call"}, verified=_fresh("2026-02-01")),
    _listing(
        "alder-evening", "Alder Evening Program", group_type="iop", led_by="medical",
        focus=["depression", "suicidal_thoughts", "general_mh"], severity={"min": 3, "max": 4},
        organization={"name": "Alder Health", "kind": "health_system"},
        cost={"free": False, "insurance": ["medicaid", "medicare", "private"]}, languages=["en"],
        sessions=[_weekly("MO,WE,TH", "17:30", location={**DURHAM, "address_1": "300 Alder Road"})],
        capacity={"status": "open", "seats": 2, "as_of": "2026-11-18"}, policies={"hours_per_week": 9},
        contact={"phone": "919-555-0134", "how_to_join": "referral"}, verified=_fresh("2026-11-18")),
    _listing("maple-line", "Maple Line Phone Circle", group_type="warmline", focus=["general_mh"],
             sessions=[{"format": "phone", "anytime": True, "dial_in": "919-555-0175"}], cost={"free": True},
             contact={"phone": "919-555-0175"}, verified=_fresh("2026-02-10")),
    _listing("river-bend", "River Bend Evening Group", group_type="structured_therapy", led_by="licensed_clinician",
             focus=["trauma_ptsd"], gender_mix="women", restricted_to=["veterans"], age={"min": 18, "max": 64},
             cost={"free": False, "amount": 45, "insurance": []}, policies={"excludes": ["active_suicidal_crisis"]},
             sessions=[_weekly("TU", "09:00", location={**RALEIGH, "address_1": "12 River Bend"})],
             coverage={"states": ["NC"], "counties": ["NC:Wake"]}, verified=_fresh()),
    _listing("full-house", "Full House Grief Table", group_type="grief_group", focus=["grief"],
             sessions=[_weekly("SU", "15:00", location=DURHAM)],
             capacity={"status": "full", "as_of": "2026-11-20"}, verified=_fresh()),
    _listing("winter-rest", "Winter Rest Circle", status="paused", focus=["depression"],
             sessions=[_weekly("FR", "12:00", location=DURHAM)], contact={"phone": "919-555-0101"}, verified=_fresh()),
    _listing("hostile", HOSTILE, focus=["loneliness"], description=HOSTILE, organization={"name": HOSTILE},
             sessions=[_weekly("FR", "18:00", location={**DURHAM, "name": HOSTILE})],
             contact={"note": HOSTILE, "phone": "919-555-0102"}, cost={"free": True, "note": HOSTILE}),
    _listing("bare", "A Group That Says Nothing"),
    *(_listing(f"steps-{number}", f"Evening Steps {number}", group_type="mutual_aid", focus=["alcohol"],
               modalities=["mutual_aid_12step"], cost={"free": True}, languages=["en"],
               sessions=[_weekly("MO", "20:00", location=DURHAM)], verified=_fresh())
      for number in range(1, 25)),
)
