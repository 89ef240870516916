"""What each likeness and difference is worth, and where "likely" and "same" begin.

Weights are bits in the sense of Fellegi and Sunter (A Theory for Record Linkage, JASA 1969): the binary logarithm of
how much likelier the finding is among repeats than among other listings that share a block.
"""

from __future__ import annotations

from collections.abc import Mapping

WEIGHTS: Mapping[str, float] = {
    "name_same": 5.0, "name_alike": 4.0, "name_close": 2.0, "name_partly": -2.0, "name_differs": -7.0,
    "common_name": -3.5, "plain_name": -2.0, "name_unknown": 0.0, "words_of_one": -0.5, "words_of_both": -3.0,
    "other_number": -11.0, "number_of_one": -11.0,
    "same_address": 4.0, "near": 3.0, "next_door": -0.5, "other_unit": -2.0, "same_town": 0.5, "other_house": -3.5,
    "other_place": -8.0, "other_way": -1.0, "other_site": -4.0,
    "same_room": 5.0, "shared_room": 1.0, "other_room": -4.0,
    "same_time": 3.0, "some_same_times": 2.0, "time_close": 0.0, "no_times": -1.0, "other_time": -3.0,
    "other_day": -4.0,
    "same_phone": 3.0, "shared_phone": 0.5, "other_phone": -0.5,
    "same_page": 4.0, "shared_page": 0.0, "same_site": 0.5, "same_email": 2.0, "shared_email": 0.0,
    "same_organization": 1.0, "other_organization": -1.0, "other_fellowship": -9.0,
    "other_people": -8.0, "people_of_one": -11.0, "other_form": -2.0, "other_language": -6.0,
    "other_kind": -7.0, "other_focus": -3.0,
}
PRIOR = -6.0

# Likeness of names, 0..1.
SAME_NAME, ALIKE, CLOSE, PARTLY = 0.97, 0.88, 0.78, 0.6
CONTAINED, EXPLAINED, SAME_CORE = 0.86, 0.92, 0.98
WORTH_A_LOOK, WORDS_WORTH_A_LOOK = 0.5, 0.75
STRONG_SHARE = 0.6
LONG_WORD = 7
WORD_ALIKE = 0.75

STREET_ALIKE = 0.8
NEAR_METERS = 150.0  # geocoders put one house so far apart
OTHER_PLACE_METERS = 1500.0
CLOSE_MINUTES = 30

SHARED_NAME_BY = 4  # a name of more listings than this is a common one
SHARED_BY = 8  # a number, page or room of more listings than this belongs to a fellowship or a house, not to a group
LIKELY_SCORE, SAME_SCORE = 50.0, 97.0
# With one of these nothing is "same", however much else agrees.
NEVER_SAME = frozenset(("common_name", "plain_name", "words_of_one", "words_of_both", "other_number", "number_of_one",
                        "next_door", "other_unit", "other_site", "other_house", "other_place", "other_room",
                        "other_time", "other_day", "time_close", "other_fellowship", "other_people", "people_of_one",
                        "other_form", "other_language", "other_kind", "other_focus"))
# With one of these two listings are not even sessions of one group.
NOT_ONE_GROUP = frozenset(("other_house", "other_place", "other_fellowship", "other_number", "other_people",
                           "other_language", "other_kind", "other_focus"))
# Kinds of group that sources use for one another; any other two are different things.
PEER_KINDS = frozenset(("peer_support", "mutual_aid", "family_peer", "grief_group", "online_community"))
