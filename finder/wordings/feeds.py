"""What calendars and feeds of meetings say beside the listings' own words, in the reader's language."""

from __future__ import annotations

from finder.wordings.language import gettext


def calendar_name() -> str:
    """What a calendar of groups is called."""
    return gettext("Groups")


def event_title(town: str) -> str:
    """The title of an event: no name and no topic, because others may see a calendar. `town` may be ""."""
    return gettext("Group in %(place)s", place=town) if town else gettext("Group")


def event_note(how: str) -> str:
    """What stands in an event; `how` it meets, in words ("By video")."""
    return gettext("%(how)s. Please check with the group before you go.", how=how)


def meeting_notes() -> tuple[str, str, str]:
    """What a meeting of a feed says where its address comes later, where one asks first, and where its page tells how
    to join."""
    return (gettext("The address is given after you get in touch."), gettext("Please ask before you come."),
            gettext("The way to join is on the group’s page."))
