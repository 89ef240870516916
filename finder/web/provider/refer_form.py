"""The form that a referral is made with: its fields read into a draft, and what is wrong said at the field.

The order of programs is a choice beside each, so that it works without scripts and nothing typed is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from finder.errors import Problem
from finder.referrals.draft import IDENTITY, SUBSTANCE_NEEDS
from finder.web import listing_ids, open_form
from finder.wordings.language import N_, gettext

Form = MultiDict[str, str]

LEAVE_OUT = "out"
# Part of a draft -> field of the form, for what is a text of its own.
TEXTS: Mapping[str, str] = {
    "code": "code", "consent.purpose": "purpose", "consent.way": "way", "consent.given_on": "given_on",
    "consent.until": "until", "override.reason": "reason", "override.note": "reason_note",
    "hand_off.way": "best_way", "hand_off.time": "best_time", "hand_off.voicemail": "voicemail",
    "hand_off.interpreter": "interpreter", "hand_off.note": "note", "identity.name": "person",
    "identity.phone": "phone", "identity.email": "email",
}
NUMBERS: Mapping[str, str] = {"level": "level", "suggested": "suggested"}
FLAGS: Mapping[str, str] = {"consent.confirmed": "confirmed", "consent.substance": "substance"}
# Where an error of a draft is shown, beside the fields above.
PLACES: Mapping[str, str] = {"programs": "programs", "needs": "need", "consent.what": "what", "identity": "person"}
# Where the summary of errors leads, by field.
ANCHORS: Mapping[str, str] = {one: one for one in (*TEXTS.values(), *NUMBERS.values(), *FLAGS.values(),
                                                   *PLACES.values())} | {"suggested": "level"}
OWN: Mapping[str, str] = {
    "code.required": N_("Give the person a code, such as K7-41."),
    "not_a_client_code": N_("Use a code such as K7-41: a few letters and digits, no name, no date, no long number."),
    "none_chosen": N_("Keep one group at least."),
    "programs.too_many": N_("Ask at most five groups at once."),
    "not_listed": N_("One of these groups is not in the list any more. Choose again."),
    "sent_before": N_("This form made another person’s referral before. Look at it once more, and send it again."),
    "twice": N_("This group was asked before."),
    "override_needed": N_("Say why you choose another level than the totals suggest."),
    "confirmed.consent_needed": N_("Ask the person first. Then tick that they said yes."),
    "substance.consent_needed": N_("This shows care for substance use. It needs its own yes."),
    "not_covered": N_("Tick that their name may be told, or leave name and number empty."),
    "in_the_future": N_("This day is still to come."),
    "in_the_past": N_("This day is over."),
    "too_far": N_("A yes can be good for one year at most."),
    "purpose.required": N_("Choose what it is for."),
    "way.required": N_("Choose how they said yes."),
    "given_on.required": N_("Give the day when they said yes."),
    "until.required": N_("Give the day when their yes ends."),
}


def ordered(form: Form) -> list[str]:
    """The programs as they are to be asked, as addresses hold them: by the number chosen, then as they stood."""
    keys = [listing_ids.encode(one) for one in listing_ids.decoded(form.getlist("g"))]
    said = {key: form.get(f"order-{key}", "") for key in keys}
    kept = [key for key in keys if said[key] != LEAVE_OUT]
    return sorted(kept, key=lambda key: int(said[key]) if said[key].isdecimal() and len(said[key]) < 3 else len(keys))


def draft_of(form: Form) -> dict[str, Any]:
    """The form as the document that `referrals.draft.load` checks. Fields that are empty are left out."""
    found: dict[str, Any] = {"code": "", "programs": listing_ids.decoded(ordered(form)), "consent": {}}
    for path, field in TEXTS.items():
        words = form.get(field, "").strip().replace("\r\n", "\n")
        if words:
            _put(found, path, words)
    for path, field in NUMBERS.items():
        typed = form.get(field, "").strip()
        if typed:
            _put(found, path, int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 3 else typed)
    for path, field in FLAGS.items():
        _put(found, path, field in form)
    found["consent"]["what"] = list(dict.fromkeys(form.getlist("what")))
    found["needs"] = list(dict.fromkeys(one for one in form.getlist("need") if one))
    found["sources"] = list(dict.fromkeys(one for one in form.getlist("source") if one))
    found["shortlist"] = listing_ids.decoded(form.getlist("short"))
    found["asks_next"] = "asks_next" in form
    if not found["code"]:
        del found["code"]
    if found.get("override") and "reason" not in found["override"]:
        del found["override"]  # words without a choice: the rule on levels says what is missing
    return found


def _put(document: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for name in outer:
        document = document.setdefault(name, {})
    document[last] = value


def errors_of(errors: Mapping[str, Sequence[Problem]]) -> dict[str, list[str]]:
    """Sentences by field of the form."""
    places = {**TEXTS, **NUMBERS, **FLAGS, **PLACES}
    by_field: dict[str, list[Problem]] = {}
    for path, many in errors.items():
        field = places.get(path) or places.get(path.rpartition(".")[0], "")
        by_field.setdefault(field, []).extend(many)
    return {field: list(dict.fromkeys(words)) for field, words in open_form.words(by_field, OWN).items()}


def shows_substance(needs: Sequence[str], listings: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a referral to these listings tells of substance use."""
    focus = {code for one in listings for code in one["document"].get("focus") or ()}
    return bool(SUBSTANCE_NEEDS & (focus | set(needs)))


def places_words(count: int) -> list[tuple[str, str]]:
    """The choices of order for so many programs: value and words."""
    first = gettext("Ask it first")
    later = [gettext("Ask it as number %(number)s", number=number) for number in range(2, count + 1)]
    return [*((str(at), words) for at, words in enumerate([first, *later], 1)), (LEAVE_OUT, gettext("Leave it out"))]


def tells_identity(form: Form) -> bool:
    """Whether anything that tells who the person is was typed or ticked; then that part of the form stands open."""
    return IDENTITY in form.getlist("what") or any(form.get(name) for name in ("person", "phone", "email"))
