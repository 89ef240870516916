from __future__ import annotations

import pytest

from finder.search import alike
from tests.conftest import make_snapshot
from tests.make import make_listing, make_session

HALL = {"address_1": "12 Bell Road", "city": "Durham", "state": "NC", "latitude": 35.99, "longitude": -78.9}
TUESDAY = {"repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:00", "timezone": "America/New_York"}
CIRCLE = make_listing(id="circle", name="Bell Road Lantern Circle", contact={"phone": "919-555-0117"},
                      sessions=[make_session(location=HALL, **TUESDAY)])
OTHERS = tuple(make_listing(id=f"other-{number}", name=f"Weekday Table {number}",
                            sessions=[make_session(location={**HALL, "latitude": 36.5 + number})])
               for number in range(20))


@pytest.fixture(scope="module")
def snapshot():
    return make_snapshot((CIRCLE, *OTHERS))


@pytest.mark.parametrize("written", [
    {"name": "Lantern Circle on Bell Rd", "sessions": [make_session(location=HALL, **TUESDAY)]},
    {"name": "Bell Road Lantern Circle", "contact": {"phone": "+1 (919) 555-0117"}},
    {"name": "Bell Road Lantern Circle", "sessions": [make_session(format="online_video", **TUESDAY)],
     "contact": {"phone": "919.555.0117"}},
], ids=["near and a like name", "phone in another style", "phone and name, no place"])
def test_what_is_being_written_meets_the_listing_that_is_there(snapshot, written):
    (found,) = alike.find(snapshot, written)
    assert found.id == "circle"
    assert found.likeness.reasons


@pytest.mark.parametrize("written", [
    {}, {"name": ""}, {"name": "Weekday Quilt"},
    {"name": "Bell Road Lantern Circle",
     "sessions": [make_session(location={"latitude": 47.6, "longitude": -122.3, "city": "Seattle"}, **TUESDAY)]},
], ids=["nothing", "no name", "another group", "the same name far away"])
def test_what_is_not_there_meets_nothing(snapshot, written):
    assert alike.find(snapshot, written) == []


def test_a_listing_does_not_meet_itself(snapshot):
    assert alike.find(snapshot, CIRCLE, but="circle") == []
