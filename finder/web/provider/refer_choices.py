"""What can be chosen in the form of a referral: codes with their words, in the order in which they are offered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from finder import wording
from finder.referrals import draft
from finder.vocabulary import vocabulary
from finder.web.provider.refer_form import Form
from finder.wordings import facts, referrals
from finder.wordings.language import capital

Choices = list[tuple[str, str]]
LEVELS = range(5)


def all_of(form: Form) -> dict[str, Any]:
    """Every list of choices, by the name that the template knows it by."""
    suggested = form.get("suggested", "")
    return {
        "levels": [(str(one), level_words(one)) for one in LEVELS],
        "suggested_words": level_words(int(suggested)) if suggested in map(str, LEVELS) else "",
        "topics": of(draft.FOCUS, lambda code: wording.label("focus_areas", code)),
        "reasons": of(draft.OVERRIDES, referrals.override_text), **of_consent(),
        "best_ways": of(draft.HAND_OFF_WAYS, referrals.hand_off_text),
        "voicemails": of(draft.VOICEMAIL, referrals.voicemail_text),
        "languages": of([one for one in vocabulary().lists["languages"].codes if one != "en"],
                        lambda code: wording.label("languages", code)),
    }


def of_consent() -> dict[str, Choices]:
    """What a consent is made of."""
    return {"whats": of(draft.WHAT, referrals.what_text), "purposes": of(draft.PURPOSES, referrals.purpose_text),
            "ways": of(draft.WAYS, referrals.way_text)}


def of(codes: Iterable[str], words: Callable[[str], str]) -> Choices:
    """Codes with their words."""
    return [(one, words(one)) for one in codes]


def level_words(level: int) -> str:
    """A level of support, standing alone."""
    return capital(facts.level(level))
