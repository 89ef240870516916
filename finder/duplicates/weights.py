"""What each likeness and difference is worth, and where "likely" and "same" begin.

Weights are bits in the sense of Fellegi and Sunter (A Theory for Record Linkage, JASA 1969): the binary logarithm of
how much likelier a finding is among repeats than among other listings that share a block. Behind each line stands what
was measured on 7,777 repeats and 119,026 other pairs (made-up listings of seed 1 and three sets of real ones, `finder
bench duplicates`). Findings that say one thing twice, such as name and organization, got less than measured; those of
which the real sets hold little, such as rooms and hours, or that no repeat showed, were set by hand and then tried.
"""

from __future__ import annotations

from collections.abc import Mapping

WEIGHTS: Mapping[str, float] = {
    # measured: 2.0, 2.4, -0.1, -3.8, -5.0. Names that share a block are alike more often than any two names.
    "name_same": 5.0, "name_alike": 4.0, "name_close": 2.0, "name_partly": -2.0, "name_differs": -7.0,
    # measured: -8.1, 0.4, -1.3; -0.6, -6.7. A common name counts where no house or room is shared.
    "common_name": -3.5, "plain_name": -2.0, "name_unknown": 0.0, "words_of_one": -0.5, "words_of_both": -3.0,
    # measured: -5.1, -4.1. By hand: a second group shares all else with the first, so this must outweigh all else.
    "other_number": -12.0, "number_of_one": -12.0,
    # measured: 4.1, 4.7, -1.9, 1.5, -1.2, -5.8, -12.3, -5.1, -7.0. By hand: suites, as licenses are given by suite; the
    # town, as whoever types a listing starts with its name and town.
    "same_address": 4.0, "near": 3.0, "next_door": -0.5, "other_unit": -2.0, "same_town": 1.5, "other_house": -3.5,
    "other_place": -10.0, "other_way": -1.0, "other_site": -4.0,
    # measured: 4.0, -4.1, -12.4. A shared room is a house of many groups; feeds repeat old links, so the last is less.
    "same_room": 5.0, "shared_room": 1.0, "other_room": -4.0,
    # measured: 1.3, -4.7, -4.7, 1.0, -11.3, -9.9; most real repeats have no times. The last two decide by themselves.
    "same_time": 3.0, "some_same_times": 2.0, "time_close": 0.0, "no_times": -1.0, "other_time": -3.0,
    "other_day": -4.0,
    # measured: 3.8, -1.8, -12.6 (numbers were how the real repeats were known, so the last is set by hand).
    "same_phone": 3.0, "shared_phone": 0.5, "other_phone": -0.5,
    # measured: 2.8, -4.2, -1.2, 1.1, 3.9; few.
    "same_page": 4.0, "shared_page": 0.0, "same_site": 0.5, "same_email": 2.0, "shared_email": 0.0,
    # measured: 1.3, -1.8, -11.6. Feeds name the region where others name the fellowship.
    "same_organization": 1.0, "other_organization": -1.0, "other_fellowship": -9.0,
    # measured: -6.5, -5.1, -5.1, -8.8, -11.7, -12.7. Groups side by side share house, hour and number, as above.
    "other_people": -8.0, "people_of_one": -12.0, "other_form": -2.0, "other_language": -6.0, "other_kind": -7.0,
    "other_focus": -3.0,
}
# Before anything is known: one pair in 64 of those that share a block is a repeat (measured: 1 in 16, of which most are
# two editions of one directory).
PRIOR = -6.0
LIKELY_SCORE = 50.0  # as likely as not
# From here on no pair of the training sets was wrong, once NEVER_SAME was kept; bits of about 5.
SAME_SCORE = 97.0

# Likeness of names, 0..1, and the words for it; set where repeats and others of the training sets part.
SAME_NAME, ALIKE, CLOSE, PARTLY = 0.97, 0.88, 0.78, 0.6
SAME_CORE = 0.98  # the telling words are the same
EXPLAINED = 0.92  # what one has more is the organization, town or house
CONTAINED = 0.86  # one has more: "Harbor Clinic", "Harbor Clinic Evening Team"
STRONG_SHARE = 0.6  # of the likeness comes from words that tell much, where both names have some
LONG_WORD = 7  # letters above which one shared word is enough to hold a name
WORD_ALIKE = 0.75  # one slip in four letters, two in eight
# Below both, no repeat that shares no number, link or room was found; held equal to `compare` by a test.
WORTH_A_LOOK, WORDS_WORTH_A_LOOK = 0.5, 0.75

STREET_ALIKE = 0.8  # "genesse" and "genesee"; one slip in five letters
NEAR_METERS = 150.0  # two geocoders put one house up to so far apart (directory of 2020 beside meeting feeds)
OTHER_PLACE_METERS = 1500.0  # farther is another place, nearer perhaps a point set badly
CLOSE_MINUTES = 30  # feeds give the doors or the start

SHARED_NAME_BY = 4  # a name of more listings than this is a common one
# A number, page or room of more listings than this belongs to a fellowship or a house; six kinds of group at one site
# share theirs, and a second source may list them again in part.
SHARED_BY = 8
# With one of these nothing is "same", however much else agrees.
NEVER_SAME = frozenset(("common_name", "plain_name", "words_of_one", "words_of_both", "other_number", "number_of_one",
                        "next_door", "other_unit", "other_site", "other_house", "other_place", "other_room",
                        "other_time", "other_day", "time_close", "other_fellowship", "other_people", "people_of_one",
                        "other_form", "other_language", "other_kind", "other_focus"))
# With one of these two listings are not even sessions of one group.
NOT_ONE_GROUP = frozenset(("other_house", "other_place", "other_fellowship", "other_number", "number_of_one",
                           "other_people", "people_of_one", "other_language", "other_kind", "other_focus"))
# Kinds of group that sources use for one another; any other two are different things.
PEER_KINDS = frozenset(("peer_support", "mutual_aid", "family_peer", "grief_group", "online_community"))
