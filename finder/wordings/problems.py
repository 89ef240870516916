"""What is wrong with an answer in a form, and how to put it right: one sentence per problem code."""

from __future__ import annotations

from collections.abc import Mapping

from finder.errors import Problem
from finder.wordings.language import N_, fill

# From the fullest sentence to one that needs no value.
PROBLEMS: Mapping[str, tuple[str, ...]] = {
    "required": (N_("Please fill this in."),),
    "invalid": (N_("Please check this answer. We could not read it."),),
    "wrong_type": (N_("This is not the kind of answer we expect here."),),
    "too_long": (N_("This is too long. Use at most %(max)s characters."), N_("This is too long.")),
    "too_short": (N_("This is too short. Use at least %(min)s characters."), N_("This is too short.")),
    "bad_text": (N_("This text has signs we cannot show. Please type it again."),),
    "has_link": (N_("A name holds no web address. Leave it out."),),
    "not_a_code": (N_("“%(value)s” is not on the list. Pick one from the list."), N_("Pick one from the list.")),
    "too_many": (N_("This is too many. Pick at most %(max)s."), N_("This is too many.")),
    "too_few": (N_("This is too few. Pick at least %(min)s."), N_("This is too few.")),
    "repeated": (N_("The same thing is here twice. Keep one."),),
    "not_a_number": (N_("Write a number, with digits only."),),
    "out_of_range": (N_("Use a number from %(min)s to %(max)s."), N_("This number is too low or too high.")),
    "below_floor": (N_("This weight cannot go below %(min)s."), N_("This weight is too low.")),
    "vignettes_worse": (N_("These weights make the example searches worse. Choose others."),),
    "not_a_date": (N_("Write a real date: year, month, day. For example 2027-01-14."),),
    "day_not_ahead": (N_("Choose a day after today and within a year."),),
    "not_a_time": (N_("Write a time from 00:00 to 23:59. For example 18:30."),),
    "unknown_key": (N_("We do not know this field. Please take it out."),),
    "kept_elsewhere": (N_("This is not set here. Leave it as it is, or leave it out."),),
    "not_a_url": (N_("Write a full web address that starts with https://."),),
    "not_a_mail_url": (N_("Write where letters go. For example smtp://name:word@example.org:587, or file:///folder."),),
    "not_a_key": (N_("Write a public key of age. It begins with age1."),),
    "not_an_email": (N_("Write an email address. For example name@example.org."),),
    "not_a_phone": (N_("Write a phone number. For example 919-555-0142."),),
    "premium_number": (N_("This number costs the caller money. Give one that does not."),),
    "foreign_number": (N_("This number is in another country. Give one that people here can call."),),
    "not_an_id": (N_("An id has no spaces. Use letters, digits and dashes."),),
    "min_above_max": (N_("The first number is higher than the last. Swap them."),),
    "free_with_amount": (N_("It cannot be free and cost money. Pick one."),),
    "totals_differ": (N_("This total and item 9 do not go together. Please check both."),),
    "one_coordinate": (N_("A point on the map needs both numbers. Add the other, or leave both out."),),
    "zero_point": (N_("This point is in the sea. Add the real one, or leave it out."),),
    "not_a_rule": (N_("We cannot read how often it meets. Pick the days again."),),
    "not_a_zone": (N_("This is not a time zone. For example America/New_York."),),
    "unknown_zone": (N_("We do not know this time zone. For example America/New_York."),),
    "anytime_with_time": (N_("It cannot be open at any time and have a set time. Pick one."),),
    "from_after_until": (N_("The first day comes after the last day. Swap them."),),
    "needs_valid_from": (N_("Add the first day. We need it to count the weeks."),),
    "too_deep": (N_("This file has too many layers. Make it simpler."),),
    "unknown_place": (N_("We do not know that place. Did you mean: %(alike)s?"),
                      N_("We do not know that place. Try a ZIP code, or a town and its state.")),
    "place_twice": (N_("Give the place as words or as a point, not both."),),
    "bad_json": (N_("We cannot read this file. It is not proper JSON."),),
    "not_readable": (N_("We cannot read this file."),),
    "bad_toml": (N_("We cannot read this file. It is not proper TOML."),),
    "wrong_content_type": (N_("Send this as JSON."),),
    "too_fast": (N_("Please look at it once more and send it again."),),
    "not_a_client_code": (
        N_("Use a code such as K7-41: a few letters and digits, no name, no date, no long number."),),
    "none_chosen": (N_("Name one group at least."),),
    "twice": (N_("The same group is here twice. Keep one."),),
    "not_listed": (N_("One of these groups is not in the list any more. Choose again."),),
    "override_needed": (N_("Say why you choose another level than the totals suggest."),),
    "consent_needed": (N_("This needs the person’s yes. Ask them first."),),
    "not_covered": (N_("The person’s yes does not cover this. Leave it out, or ask them."),),
    "in_the_past": (N_("This day is over."),),
    "in_the_future": (N_("This day is still to come."),),
    "too_far": (N_("A yes can be good for one year at most."),),
    "not_an_instant": (N_("Write a day and time with its zone. For example 2027-01-14T18:30:00Z."),),
    "start_over": (N_("This site does not know that place in the list. Start again without it."),),
    "wrong_columns": (N_("Line %(line)s does not have the right columns."), N_("The columns are not right.")),
}
GENERIC = (N_("Please check this answer."),)


def problem_sentence(problem: Problem) -> str:
    """The sentence of a problem."""
    return fill(PROBLEMS.get(problem.code, GENERIC), problem.values)
