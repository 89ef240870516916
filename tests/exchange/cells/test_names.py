from __future__ import annotations

import pytest

from finder.exchange.cells.names import read_name


@pytest.mark.parametrize(("found", "name", "paused", "form"), [
    ("Suspended: Back to Basics", "Back to Basics", True, None), ("SUSPENDED: Tues on 54", "Tues on 54", True, None),
    ("Back to Basics (SUSPENDED)", "Back to Basics", True, None), ("Night Owls - CANCELED", "Night Owls", True, None),
    ("TEMPORARILY CLOSED - Night Owls", "Night Owls", True, None),
    ("Step Study (Closed until September 2023)", "Step Study", True, None),
    ("Do It Sober (Zoom)", "Do It Sober", False, "online_video"),
    ("Hybrid: Uncut Group", "Uncut Group", False, "hybrid"),
    ("Sunrisers -- In Person", "Sunrisers", False, "in_person"),
    ("Sunrisers (ONLINE)", "Sunrisers", False, "online_video"),
    ("Double Winners - In Person & Online", "Double Winners", False, "hybrid"),
    ("Jumpstart (Newport) Hybrid", "Jumpstart (Newport)", False, "hybrid"),
    ("Geckos - Big Book - 5am Eastern - Online", "Geckos - Big Book", False, "online_video"),
    ("Memphis, TN - 7pm Central- In-Person", "Memphis, TN", False, "in_person"),
    ("Chatroom - 12pm Eastern - Discord", "Chatroom", False, "text_chat"),
    ("Closed Women's Book Study", "Closed Women's Book Study", False, None),
    ("Pause for Serenity", "Pause for Serenity", False, None), ("Back Bay Online", "Back Bay Online", False, None),
    ("Third Tradition: Monday Miracles", "Third Tradition: Monday Miracles", False, None),
    ("It's a New Morning (Irvine)", "It's a New Morning (Irvine)", False, None), ("Online", "Online", False, None),
])
def test_status_and_format_words_leave_the_name(found: str, name: str, paused: bool, form: str | None) -> None:
    read = read_name(found)
    assert (read.text, read.paused, read.format) == (name, paused, form)
    assert read.original == found
