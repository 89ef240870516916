"""Facts for every kind of letter, as those who write it to the outbox give them. A new template adds its own here."""

from __future__ import annotations

from typing import Any

NAME = "Grief and Sobriety Circle"
SECRET = "k" * 43
DOCUMENT: dict[str, Any] = {
    "name": NAME, "contact": {"phone": "919-555-0142", "email": "joy@example.org", "how_to_join": "call"},
    "capacity": {"status": "open", "as_of": "2026-11-01"}, "cost": {"free": True},
    "sessions": [
        {"format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:30",
         "timezone": "America/New_York",
         "location": {"address_1": "1 Main Street", "city": "Durham", "state": "NC", "postal_code": "27701"}},
        {"format": "online_video", "repeats": "FREQ=MONTHLY;BYDAY=2SA", "start_time": "10:00",
         "timezone": "America/New_York", "dial_in": "919-555-0199"},
    ],
}
_SLUG = "durham-nc-0a1b2c3d4e5f"
_CLAIM = {"name": NAME, "person": "sam@example.org", "program": "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d", "slug": _SLUG,
          "link": SECRET}
ROLES = ("operator", "provider", "steward", "administrator")
NOTICES = ("password_set", "password_removed", "email_asked", "email_changed", "step_added", "step_removed",
           "codes_made", "token_made", "role_given", "role_taken", "disabled", "enabled", "way_back_asked",
           "way_back_approved",
           "way_back_refused", "way_back_stopped", "way_back_used", "deleted")
_ONE = {"name": NAME, "slug": _SLUG, "link": SECRET, "document": DOCUMENT}
_BARE = {**_ONE, "document": {"name": NAME}}
_DECISION = {"name": NAME, "kind": "suggestion", "reason": None, "state": "accepted", "accepted": ["contact.phone"],
             "rejected": [], "program": "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"}

SAMPLES: dict[str, list[dict[str, Any]]] = {
    "check": [{"listings": [_ONE], "stop": SECRET}, {"listings": [_ONE, _BARE], "stop": SECRET}],
    "capacity": [{"listings": [_ONE], "stop": SECRET}, {"listings": [_ONE], "stop": SECRET, "wanted": True}],
    "paused": [{"listings": [_ONE], "stop": SECRET}],
    "contact_change": [{"name": NAME, "link": SECRET, "fields": ["contact.phone", "sessions"]}],
    "decision": [
        _DECISION,
        {**_DECISION, "state": "partly", "rejected": ["sessions", "cost.amount"], "reason": "We called.\nThey said no.",
         "link": SECRET},
        {**_DECISION, "kind": "new", "state": "rejected", "accepted": [], "rejected": ["name"], "program": None,
         "reason": "It is no support group.", "link": SECRET},
        {**_DECISION, "kind": "delete", "accepted": ["listing"]},
    ],
    "sign_in": [{"link": SECRET, "is_new": False}, {"link": SECRET, "is_new": True}],
    "reset": [{"link": SECRET, "is_new": False}, {"link": SECRET, "is_new": True}],
    "email": [{"link": SECRET}],
    "invite": [{"link": SECRET, "role": role} for role in ("operator", "provider", "steward", "administrator")],
    "way_back": [{"link": SECRET}],
    "security_notice": [{"what": what, "role": "steward"} for what in (
        "password_set", "password_removed", "email_asked", "email_changed", "step_added", "step_removed", "codes_made",
        "token_made", "role_given", "role_taken", "disabled", "enabled", "way_back_asked", "way_back_approved",
        "way_back_refused",
        "way_back_stopped", "way_back_used", "deleted")],
    "report_answer": [{"name": NAME, "answer": "We called them and put it right.", "slug": "durham-nc-0a1b2c3d4e5f"},
                      {"name": NAME, "answer": None, "slug": None}],
    "question": [{"name": NAME, "question": "Do you meet at six or at seven?", "slug": "durham-nc-0a1b2c3d4e5f"}],
    "claim": [{"name": NAME, "person": "joy@example.org", "program": _DECISION["program"], "link": SECRET}],
    "claim_told": [{"name": NAME, "person": "joy@example.org", "program": _DECISION["program"], "link": SECRET,
                    "state": state} for state in ("approved", "waiting")],
    "claim_decided": [
        {"name": NAME, "state": "approved", "reason": None, "slug": "durham-nc-0a1b2c3d4e5f"},
        {"name": NAME, "state": "rejected", "reason": "Nobody there knows you.", "slug": "durham-nc-0a1b2c3d4e5f"}],
    "team_decided": [
        {"name": "Eastside Family Clinic", "state": "approved", "reason": None},
        {"name": "Eastside Family Clinic", "state": "refused", "reason": "We could not reach you."},
        {"name": "Eastside Family Clinic", "state": "renamed", "reason": None},
        {"name": "Eastside Family Clinic", "state": "not_renamed", "reason": "It is the name of another clinic."},
        {"name": "Eastside Family Clinic", "state": "ended", "reason": "The clinic has closed."}],
    "alarm": [{"about": about, "many": 25, "person": "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"}
              for about in ("sign_ins", "phones", "crisis", "backup", "audit")],
    "crisis_check": [{"many": 1}, {"many": 9}],
    "feed_warning": [{"name": "County list", "since": "2026-11-01", "held": held} for held in (True, False)],
    "hook_warning": [{"name": "County line", "since": "2026-11-01", "what": what}
                     for what in ("failing", "held", "gone")],
    "new_groups": [{"count": 1, "searches": 1}, {"count": 7, "searches": 1}, {"count": 7, "searches": 3}],
    "referral": [{"link": SECRET, "team": "Eastside Family Clinic", "name": NAME}],
    "referral_reminder": [{"link": SECRET, "team": "Eastside Family Clinic", "name": NAME}],
    "referral_over": [{"team": "Eastside Family Clinic", "name": NAME}],
    "referral_news": [{"key": "k" * 22, "what": "accepted", "then": None}],
    "list": [{"keys": ["a" * 22, "b" * 22]}],
    "referral_came": [{"link": SECRET, "team": "Eastside Family Clinic", "name": NAME, "state": state}
                      for state in ("accepted", "waiting")],
}
