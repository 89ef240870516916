"""Why two listings look like one, in words: a sentence for each finding for and against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from finder.wordings.language import N_, gettext

FOR: Mapping[str, str] = {
    "name_same": N_("The same name"), "name_alike": N_("Names that sound alike"), "name_close": N_("Similar names"),
    "same_address": N_("The same address"), "near": N_("Next to each other"), "same_town": N_("The same town"),
    "same_room": N_("The same online room"), "shared_room": N_("An online room that others use too"),
    "same_time": N_("The same day and time"), "some_same_times": N_("Some of the same times"),
    "time_close": N_("Nearly the same time"), "same_phone": N_("The same phone"),
    "shared_phone": N_("A phone number that others use too"), "same_page": N_("The same web page"),
    "same_site": N_("The same website"), "same_email": N_("The same email"),
    "same_organization": N_("The same organization"),
}
AGAINST: Mapping[str, str] = {
    "name_partly": N_("Names that agree in part"), "name_differs": N_("Different names"),
    "common_name": N_("A name that many groups have"), "plain_name": N_("A name that tells little"),
    "words_of_one": N_("One name says more"), "words_of_both": N_("Each name says something else"),
    "other_site": N_("Another site of the same organization"), "no_times": N_("No times to compare"),
    "next_door": N_("Next door"), "other_number": N_("Different numbers in the names"),
    "number_of_one": N_("A number in one name only"), "other_unit": N_("Another suite or room"),
    "other_house": N_("Another house number"), "other_place": N_("Another place"),
    "other_way": N_("One meets in person, one does not"), "other_room": N_("Another online room"),
    "other_time": N_("Another time"), "other_day": N_("Another day"), "other_phone": N_("Another phone"),
    "other_organization": N_("Another organization"), "other_fellowship": N_("Another fellowship"),
    "other_people": N_("For other people"), "people_of_one": N_("One is for certain people only"),
    "other_form": N_("Another kind of meeting"), "other_language": N_("Another language"),
    "other_kind": N_("Another kind of group"), "other_focus": N_("About something else"),
}


def reasons(found: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """What speaks for one group and what against, in the order found; findings that mean nothing are left out."""
    codes = [str(one["code"]) for one in found]
    return ([gettext(FOR[code]) for code in codes if code in FOR],
            [gettext(AGAINST[code]) for code in codes if code in AGAINST])
