"""Why a group may fit: one short fact for every reason code of the contract, section 9.

Every code has sentences from the fullest to one that needs no fact at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finder.wordings.language import N_, capital, fill
from finder.wordings.values import words

REASONS: Mapping[str, tuple[str, ...]] = {
    "need_exact": (N_("For %(need)s"), N_("For %(focus)s"), N_("For what you named")),
    "need_also": (N_("Also for %(need)s"), N_("Also for %(focus)s"), N_("Also for what you named")),
    "need_related": (N_("For %(focus)s, close to what you named"), N_("For something close to what you named")),
    "need_none": (N_("Mainly for %(focus)s"), N_("Mainly for something else")),
    "need_unknown": (N_("For %(focus)s. You did not name a topic"), N_("Topics not stated")),
    "level_inside": (N_("Gives %(support)s, as your answers suggest"), N_("Gives the support your answers suggest")),
    "level_above_range": (N_("Gives %(support)s; your answers suggest more"),
                          N_("Gives less support than your answers suggest")),
    "level_below_range": (N_("Gives %(support)s; your answers suggest less"),
                          N_("Gives more support than your answers suggest")),
    "level_typical": (N_("Groups like this tend to give %(support)s, as your answers suggest"),
                      N_("How much support it gives is not stated")),
    "level_unknown": (N_("Gives %(support)s. You did not say how much you want"),
                      N_("You did not say how much support you want")),
    "near": (N_("%(miles)s away"), N_("Near you")),
    "far": (N_("%(miles)s away, a longer trip"), N_("A longer trip")),
    "distance_unknown": (N_("Distance not known"),),
    "online": (N_("By video, so you can join from home"),),
    "by_phone": (N_("By phone, so you can join from home"),),
    "by_text": (N_("By text or chat, so you can join from home"),),
    "self_paced": (N_("Online, at your own pace"),),
    "format_not_chosen": (N_("%(format)s, which you did not pick"), N_("Meets in a way you did not pick")),
    "time_fits": (N_("Meets %(slots)s, as you asked"), N_("Meets at a time you asked for")),
    "any_time": (N_("The time works for you"),),
    "time_does_not_fit": (N_("Meets %(slots)s; you asked for another time"),
                          N_("Meets at another time than you asked")),
    "time_unknown": (N_("Meets %(slots)s"), N_("Day and time not stated")),
    "leader_fits": (N_("%(led_by)s, as you asked"), N_("%(leader)s"), N_("You named no wish for who leads it")),
    "leader_other": (N_("%(led_by)s; you asked for %(wanted)s"),
                     N_("Led another way than you asked")),
    "leader_unknown": (N_("Who leads it is not clear"),),
    "goal_fits": (N_("Its goal can be your goal"),),
    "goal_other": (N_("Its goal may not be your goal"),),
    "goal_unknown": (N_("Its goal is not stated"),),
    "secular_conflict": (N_("Has a spiritual or faith side"),),
    "one_to_one": (N_("You can also talk one to one"),),
    "group_only": (N_("Meets as a group of about %(group_size)s people"), N_("Meets as a group, not one to one")),
    "free": (N_("Free"),),
    "covered": (N_("Takes the insurance you have"),),
    "within_limit": (N_("%(amount)s, within your limit"), N_("Costs no more than your limit")),
    "sliding": (N_("%(amount)s, or less if your income is low"), N_("You pay by income")),
    "fee": (N_("%(amount)s each time"), N_("Takes %(insurance)s"), N_("There is a fee")),
    "not_covered": (N_("Takes %(insurance)s, not the insurance you have"), N_("Does not take the insurance you have")),
    "cost_unknown": (N_("Price not stated"),),
    "shared_identity": (N_("Welcomes %(codes)s"), N_("Welcomes people like you")),
    "own_gender": (N_("Only %(gender_mix)s come"), N_("Only %(codes)s come"), N_("Only people of your gender come")),
    "open_to_all": (N_("For %(gender_mix)s"), N_("Welcomes %(codes)s, and others too"),
                    N_("Open to all groups of people")),
    "other_identity": (N_("Made for %(codes)s"), N_("Made for %(gender_mix)s"),
                       N_("Made for a group you did not name")),
    "avoided": (N_("You asked to avoid this: %(codes)s"), N_("Has something you asked to avoid")),
    "open_now": (N_("Has room for new people"),),
    "waitlist": (N_("There is a wait of about %(weeks)s"), N_("There is a waiting list")),
    "starts_later": (N_("It starts on %(starts_on)s"), N_("It starts in about %(weeks)s"), N_("It starts later")),
    "assessment_first": (N_("You meet someone first, then join"),),
    "availability_unknown": (N_("Whether there is room is not stated"),),
    "checked_recently": (N_("We checked the facts %(age)s ago"), N_("We checked the facts on %(on)s"),
                         N_("We checked the facts a short time ago")),
    "check_old": (N_("The facts were last checked %(age)s ago"), N_("The facts were last checked on %(on)s"),
                  N_("The facts were last checked long ago")),
    "never_checked": (N_("Nobody has checked the facts yet"),),
    "access_yes": (N_("%(access_yes)s"), N_("Has the access you asked for")),
    "access_on_request": (N_("If you ask first: %(access_on_request)s"),
                          N_("Has the access you asked for, if you ask first")),
    "access_unknown": (N_("Not stated: %(access_unknown)s"), N_("Access not stated")),
    "access_no": (N_("Does not have: %(access_no)s"), N_("Does not have the access you asked for")),
}
GENERIC = (N_("It may fit. Ask the group."),)


def reason_sentence(reason: Mapping[str, Any]) -> str:
    """The fact behind a reason, without a full stop, for a list under "Why this may fit"."""
    return capital(fill(REASONS.get(str(reason.get("code")), GENERIC), words(reason)))
