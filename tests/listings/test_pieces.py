from __future__ import annotations

from typing import Any

import pytest

from finder.listings import pieces

HALL = {"name": "Hall", "city": "Asheville", "state": "NC"}
TUESDAY = {"format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:00",
           "timezone": "America/New_York", "location": HALL}
ONLINE = {"format": "online_video", "repeats": "FREQ=WEEKLY;BYDAY=TH", "start_time": "19:00",
          "timezone": "America/New_York", "join_url": "https://example.org/room"}


def listing(**more: Any) -> dict[str, Any]:
    return {"format": "finder-listing/1", "id": "g1", "name": "River Circle", "group_type": "peer_support", **more}


BEFORE = listing(
    organization={"name": "Open Door"}, description="Call 919-555-0142 first.",
    cost={"free": True}, sessions=[TUESDAY, ONLINE],
    contact={"phone": "919-555-0142", "email": "joy@example.org", "note": "Ring twice."},
    verified={"on": "2026-10-01", "method": "phone"}, source={"name": "A feed"})


def test_a_listing_falls_into_pieces_in_the_order_of_the_contract() -> None:
    assert list(pieces.pieces(BEFORE)) == [
        "name", "organization.name", "description", "group_type", "cost.free", "sessions", "contact.phone",
        "contact.email", "contact.note"]


def test_what_differs_is_named_whether_it_came_changed_or_went() -> None:
    after = {**BEFORE, "contact": {"phone": "919-555-0143", "email": "joy@example.org"}, "led_by": "peer"}
    assert pieces.changed(BEFORE, after) == ["led_by", "contact.note", "contact.phone"]
    assert pieces.changed(BEFORE, BEFORE) == []


@pytest.mark.parametrize("names", [[], ["contact.phone"], ["cost.free", "name"], ["description", "contact.note"]],
                         ids=lambda names: "+".join(names) or "none")
def test_taking_some_pieces_leaves_all_others_as_they_are(names: list[str]) -> None:
    other = listing(name="Other", contact={"phone": "919-555-0199"})
    found = pieces.taken(BEFORE, other, names)
    assert pieces.pieces(found) == {
        **{name: one for name, one in pieces.pieces(BEFORE).items() if name not in names},
        **{name: one for name, one in pieces.pieces(other).items() if name in names}}


def test_taking_every_piece_gives_the_other_listing() -> None:
    other = listing(name="Other", contact={"url": "https://example.org/"}, led_by="peer")
    names = pieces.changed(BEFORE, other)
    assert pieces.pieces(pieces.taken(BEFORE, other, names)) == pieces.pieces(other)


def test_taking_does_not_touch_what_it_was_handed() -> None:
    before = listing(contact={"phone": "919-555-0142"})
    pieces.taken(before, listing(contact={"phone": "919-555-0199"}), ["contact.phone"])
    assert before["contact"] == {"phone": "919-555-0142"}


RISKY = {
    "another phone": ({"contact": {**BEFORE["contact"], "phone": "919-555-0143"}}, ["contact.phone"]),
    "a first link": ({"contact": {**BEFORE["contact"], "url": "https://example.org/"}}, ["contact.url"]),
    "another address for letters": ({"contact": {**BEFORE["contact"], "email": "new@example.org"}}, ["contact.email"]),
    "a link of the organization": ({"organization": {"name": "Open Door", "url": "https://example.org/"}},
                                   ["organization.url"]),
    "another place": ({"sessions": [{**TUESDAY, "location": {**HALL, "name": "Cellar"}}, ONLINE]}, ["sessions"]),
    "another room online": ({"sessions": [TUESDAY, {**ONLINE, "join_url": "https://example.org/x"}]}, ["sessions"]),
    "a first number to dial": ({"sessions": [TUESDAY, {**ONLINE, "dial_in": "919-555-0100"}]}, ["sessions"]),
    "a phone among words": ({"description": "Call (828) 555-0142 first."}, ["description"]),
    "an address in a note": ({"contact": {**BEFORE["contact"], "note": "Write to me@example.org."}}, ["contact.note"]),
    "a phone with long dashes": ({"description": "Call 828\u2013555\u20130142 first."}, ["description"]),
    "a phone with dots in the middle": ({"description": "Call 828\u00b7555\u00b70142."}, ["description"]),
    "a phone with spaces that do not break": ({"description": "Call (828)\u00a0555\u00a00142."}, ["description"]),
    "a phone in wide digits": ({"description": "Call \uff18\uff12\uff18\u3000555 0142."}, ["description"]),
    "a phone with a sign that nobody sees": ({"description": "Call 828\u2060555\u20600142."}, ["description"]),
    "a link that is short": ({"description": "Join at bit.ly/x1 today."}, ["description"]),
    "a link to somebody's chat": ({"description": "Join at t.me/somebody."}, ["description"]),
    "a link under another ending": ({"description": "Look at river-circle.io first."}, ["description"]),
    "a link with a stop of another writing": ({"description": "Look at river\u3002example."}, ["description"]),
    "a link in a name": ({"name": "River Circle example.com"}, ["name"]),
    "a link in a note on cost": ({"cost": {"free": True, "note": "Pay at www.example.org"}}, ["cost.note"]),
    "two at once": ({"contact": {"phone": "919-555-0143", "url": "https://example.org/"}},
                    ["contact.phone", "contact.url"]),
}
HARMLESS = {
    "nothing": {},
    "a phone less": {"contact": {"email": "joy@example.org"}},
    "all contacts gone": {"contact": None},
    "another time at the same place": {"sessions": [{**TUESDAY, "start_time": "17:00"}, ONLINE]},
    "a session less": {"sessions": [TUESDAY]},
    "a new session at a known place": {"sessions": [TUESDAY, ONLINE, {**TUESDAY, "repeats": "FREQ=WEEKLY;BYDAY=FR"}]},
    "words around a known phone": {"description": "Please call 919-555-0142 before you come."},
    "a day in the words": {"description": "Call 919-555-0142 first. From 2026-12-01 at 6:00-7:30 pm, 20 chairs."},
    "titles and short forms": {"description": "Led by J. Doe, M.Ed., at 6 p.m., e.g. for all (Ph.D.). Since 2019."},
    "from year to year": {"description": "In the winter of 2025\u20132026, at 6:00\u20137:30 p.m."},
    "another name": {"name": "Creek Circle"},
    "a price": {"cost": {"free": False, "amount": 5}},
}


def after(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: one for key, one in {**BEFORE, **fields}.items() if one is not None}


@pytest.mark.parametrize(("fields", "expected"), RISKY.values(), ids=RISKY.keys())
def test_Y4_what_could_lead_people_to_a_stranger_is_risky(fields: dict[str, Any], expected: list[str]) -> None:
    assert pieces.risky(BEFORE, after(fields)) == expected


@pytest.mark.parametrize("fields", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_leads_nowhere_new_is_not_risky(fields: dict[str, Any]) -> None:
    assert pieces.risky(BEFORE, after(fields)) == []
    assert pieces.safe_part(BEFORE, after(fields)) == after(fields)


@pytest.mark.parametrize(("fields", "expected"), RISKY.values(), ids=RISKY.keys())
def test_the_safe_part_holds_nothing_risky_and_all_the_rest(fields: dict[str, Any], expected: list[str]) -> None:
    wanted = after({**fields, "led_by": "peer"})
    safe = pieces.safe_part(BEFORE, wanted)
    assert pieces.risky(BEFORE, safe) == []
    assert pieces.changed(safe, wanted) == expected
    assert safe["led_by"] == "peer"


def test_a_session_that_moved_keeps_its_old_place_with_its_new_time() -> None:
    moved = {**TUESDAY, "start_time": "17:00", "location": {"name": "Cellar"}}
    safe = pieces.safe_part(BEFORE, after({"sessions": [moved, ONLINE]}))
    assert safe["sessions"] == [{**TUESDAY, "start_time": "17:00"}, ONLINE]


def test_Y4_a_new_session_at_a_new_place_waits_whole() -> None:
    new = {"format": "phone", "dial_in": "919-555-0100", "anytime": True}
    assert pieces.safe_part(BEFORE, after({"sessions": [TUESDAY, ONLINE, new]}))["sessions"] == [TUESDAY, ONLINE]


def test_a_link_known_from_one_session_may_stand_in_another() -> None:
    both = {**TUESDAY, "format": "hybrid", "join_url": ONLINE["join_url"]}
    assert pieces.risky(BEFORE, after({"sessions": [both]})) == []
