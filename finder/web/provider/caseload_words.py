"""What the pages of a caseload say: its columns, what is wrong with a file or a row, and a row with its groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from finder import wording
from finder.errors import Problem
from finder.referrals import draft
from finder.vocabulary import vocabulary
from finder.web.provider import refer_choices
from finder.web.provider.caseload_rows import Offer
from finder.web.showing import Card, card
from finder.wordings import consents, referrals
from finder.wordings.language import N_, fill, gettext

CRISIS, STANDING = "crisis_panel_first", "standing_line_only"
OWN: Mapping[str, str] = {
    "file.required": N_("Choose a CSV file with a row for each person."),
    "file_too_large": N_("This file is larger than %(max)s KB."),
    "not_a_table": N_("We cannot read this file as CSV. Save it as CSV from your spreadsheet."),
    "identity_column": N_("This file has a column that tells who people are: “%(value)s”. Take it out. We did not read "
                          "the rows."),
    "no_columns": N_("This file needs the columns code and need. Take the template below."),
    "column_twice": N_("Two columns mean the same: “%(value)s” is one of them. Keep one."),
    "too_many_rows": N_("This file has more than %(max)s people. Split it."),
    "no_rows": N_("This file has no rows below the headings."),
    "too_many_looks": N_("You have sent many files in this hour. Please wait a little."),
    "too_old": N_("That page was open for more than an hour, so what it held is gone. Please send the file again."),
    "too_many_today": N_("Your team has sent 200 referrals from files today. Send this one tomorrow."),
    "failed": N_("This one could not be sent. Please try it once more."),
    "not_a_client_code": N_("Use a code such as K7-41: a few letters and digits, no name, no date, no long number."),
    "code.required": N_("This row has no code."),
    "code.repeated": N_("This code is in the file twice. We use the first row."),
    "need.required": N_("Say what this person needs help with."),
    "near.required": N_("Write a town or ZIP code, or “online”."),
    "place.required": N_("Write a town or ZIP code, or “online”."),
    "not_understood": N_("We do not know this word. Use a code, or a plain word for it."),
    "item9_needed": N_("Give item 9 too. The PHQ-9 total can hide it."),
    "nothing_chosen": N_("Choose what to do with one person at least."),
}
COLUMNS: Mapping[str, str] = {
    "code": N_("What your team calls the person, such as K7-41"),
    "need": N_("Up to three topics, as codes or plain words, with | between them"),
    "place": N_("ZIP code, or town and state, or “online”"),
    "ways": N_("How the person can join"),
    "times": N_("When the person can come"),
    "language": N_("A code such as es, or its name"),
    "age": N_("In years"),
    "gender": N_("woman, man or nonbinary, if it matters"),
    "phq9": N_("PHQ-9 total, 0 to 27"),
    "phq9_item9": N_("PHQ-9 item 9, 0 to 3. Needed with a PHQ-9 total"),
    "gad7": N_("GAD-7 total, 0 to 21"),
    "audit_c": N_("AUDIT-C total, 0 to 12"),
    "dast10": N_("DAST-10 total, 0 to 10"),
    "pc_ptsd5": N_("PC-PTSD-5 total, 0 to 5"),
    "level": N_("How much support you choose, 0 to 4. Empty: what the totals suggest"),
}
# Notices in words for somebody who looks after the person; the others keep their own title.
NOTICES: Mapping[str, str] = {
    "safety_dv_first": N_("Somebody may hurt this person. Ask them alone what is safe, calls and letters too."),
    "offer_panel": N_("Ask about thoughts of suicide and self-harm today."),
    "see_clinician_soon": N_("A group alone may not be enough. Plan care for this week as well."),
}
_CODES: Mapping[str, Sequence[str]] = {
    "ways": vocabulary().lists["session_formats"].codes, "times": ("early", "weekday_daytime", "evening", "weekend")}


@dataclass(frozen=True, slots=True)
class Shown:
    """A row with the groups that fit, in order."""

    number: int
    code: str
    needs: str
    level: str
    sources: str
    suggested: str  # "" where the sender goes by it
    ask_safety: bool
    notices: Sequence[str]
    groups: Sequence[tuple[Card, str]]  # with how well each fits


def own(code: str) -> str:
    """A sentence of these pages."""
    return gettext(OWN[code])


def said(errors: Mapping[str, Sequence[Problem]]) -> dict[str, list[str]]:
    """Sentences for problems by field or column."""
    return {field: [_sentence(field, one) for one in many] for field, many in errors.items()}


def _sentence(field: str, problem: Problem) -> str:
    words = OWN.get(f"{field}.{problem.code}") or OWN.get(problem.code)
    return fill((words,), problem.values) if words else wording.problem_text(problem)


def columns() -> list[tuple[str, str, str]]:
    """Each column, what goes in, and its codes."""
    return [(name, gettext(words), ", ".join(_CODES.get(name, ()))) for name, words in COLUMNS.items()]


def unused(wrong: Mapping[int, Mapping[str, Sequence[Problem]]]) -> list[tuple[int, list[tuple[str, str]]]]:
    """Rows that cannot be used, by number: the column and what is wrong there."""
    return [(number, [(column, words) for column, many in said(of_row).items() for words in many])
            for number, of_row in sorted(wrong.items())]


def shown(offer: Offer, documents: Mapping[str, Mapping[str, Any]], today: date) -> Shown:
    """A row as the page shows it; groups that are not listed any more are left out."""
    found = [(documents[key], band) for key, band in offer.groups if key in documents]
    level = "" if offer.level is None else refer_choices.level_words(offer.level)
    suggested = refer_choices.level_words(offer.suggested) if offer.is_own_level and offer.suggested is not None else ""
    return Shown(
        offer.number, offer.code, wording.listed(wording.label("focus_areas", one) for one in offer.needs), level,
        referrals.instruments_text(list(offer.sources)), suggested, CRISIS in offer.notices,
        [gettext(NOTICES[one]) if one in NOTICES else wording.notice_title(one) for one in offer.notices
         if one not in (CRISIS, STANDING)],
        [(card(one, one["document"], distance_miles=None, today=today), wording.band_text(band))
         for one, band in found])


def choices(team: str, *, substance: bool) -> dict[str, Any]:
    """What the consent of a batch is made of. Nothing that tells how to reach people or who they are is in a file."""
    said = consents.consent_lines(draft.CONSENT_TEXT, team=team, programs=gettext("the groups beside my code"),
                                  substance=substance)
    lists = refer_choices.of_consent()
    told = [one for one in lists["whats"] if one[0] in (draft.NEEDS, draft.LEVEL)]
    return {**lists, "whats": told, "said": said, "part_2": consents.part_2_text() if substance else "",
            "reasons": refer_choices.of(draft.OVERRIDES, referrals.override_text)}
