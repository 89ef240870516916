"""What a person says yes to before a program is told of them, in the words that they read or hear, by version.

A version stays here as long as a consent to it may be kept. The sentences follow the parts of a written consent in
42 CFR 2.31: from whom, to whom, what, why, until when, and that it may be taken back.
"""

from __future__ import annotations

from collections.abc import Mapping

from finder.wordings.language import N_, gettext, names

TEXTS: Mapping[str, tuple[str, ...]] = {
    "2026-11": (
        N_("%(team)s may ask these groups for a place for me: %(programs)s."),
        N_("Each group may be told what is ticked here, for the reason that is chosen here, until the day set here."),
        N_("I can take my yes back at any time. I tell %(team)s, or I use my own code on this site. What a group was "
           "told before that, it knows."),
        N_("I do not have to say yes. Without it I still get the list and can go there by myself."),
    ),
}
SUBSTANCE: Mapping[str, str] = {
    "2026-11": N_("The request shows that I look for help with alcohol or drugs. Federal rules (42 CFR part 2) "
                  "protect that. The group may not pass it on unless they allow it."),
}
# 42 CFR 2.32(a)(2), the short statement that goes with each disclosure, word for word (89 FR 12472, February 2024).
PART_2 = N_("42 CFR part 2 prohibits unauthorized use or disclosure of these records.")


def consent_lines(version: str, *, team: str, programs: str, substance: bool) -> list[str]:
    """The sentences of a version, about a team and the programs that it may ask; none for an unknown version.

    `substance`: with the one on care for substance use.
    """
    facts = {"team": team, "programs": programs}
    said = [gettext(one, **{name: facts[name] for name in names(one)}) for one in TEXTS.get(version, ())]
    return [*said, gettext(SUBSTANCE[version])] if substance and version in SUBSTANCE else said


def part_2_text() -> str:
    """The notice on all that shows care for substance use."""
    return gettext(PART_2)
