import uuid

import pytest

from finder.listings.sessions import keep_ids

TUESDAY, THURSDAY = "FREQ=WEEKLY;BYDAY=TU", "FREQ=WEEKLY;BYDAY=TH"


def session(repeats=TUESDAY, start="18:00", form="in_person"):
    return {"format": form, "repeats": repeats, "start_time": start}


@pytest.mark.parametrize(("old", "new", "kept"), [
    ([session()], [session()], [0]),
    ([session(), session(THURSDAY)], [session(THURSDAY), session()], [1, 0]),
    ([session()], [session(start="19:00")], [0]),
    ([session()], [session(form="online_video")], [None]),
    ([session(start="18:00"), session(start="09:00")], [session(start="18:30")], [0]),
    ([session()], [session(), session()], [0, None]),
    ([session()], [session(THURSDAY)], [0]),
    ([session(THURSDAY, "18:00"), session(TUESDAY, "12:00")], [session(TUESDAY, "18:00")], [1]),
], ids=["the same", "moved in the list", "another time", "another format is another session", "the nearest time",
        "one id is given once", "another day at the same time", "the same day before the same time"])
def test_a_session_continues_the_closest_one_of_before(old, new, kept):
    ids = [uuid.UUID(int=number + 1) for number in range(len(old))]
    expected = [None if place is None else ids[place] for place in kept]
    assert keep_ids(new, dict(zip(ids, old, strict=True))) == expected
