"""The questionnaire: eight pages of questions as versioned data, which page follows which, and what a page changes.

The data check themselves when they are loaded: a question can only fill what the intake document has, with values it
allows, and may depend only on what an earlier page asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from finder.errors import Invalid, NotFound, Problem
from finder.intake import question_data
from finder.intake.answers import WISHED, Form, answers_to_intake, intake_to_form
from finder.intake.need import needs_of
from finder.intake.question_data import Condition, Option, Page, Question, Questionnaire

__all__ = ["Option", "Page", "Question", "Questionnaire", "answered", "answers_to_intake", "asked", "intake_to_form",
           "load", "next_page", "options", "page", "pages", "previous_page", "questionnaire"]

FILE = Path(__file__).resolve().parents[2] / "seed_data" / "questionnaire.json"


def load(path: Path) -> Questionnaire:
    """The questionnaire of a file. Raises Invalid naming by dotted path what is wrong with it."""
    try:
        return question_data.read(json.loads(path.read_text(encoding="utf-8")))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise Invalid({"": [Problem("bad_json")]}, "questionnaire") from None


@cache
def questionnaire() -> Questionnaire:
    """The questionnaire that ships with Finder."""
    return load(FILE)


def page(page_id: str) -> Page:
    """One page. Raises NotFound."""
    for one in questionnaire().pages:
        if one.id == page_id:
            return one
    raise NotFound("page")


def pages(intake: Mapping[str, Any], understood: Sequence[str] = ()) -> tuple[Page, ...]:
    """The pages that are shown to somebody who gave these answers, in order.

    `understood`: needs found in free text; questions that depend on a need are asked for them too.
    """
    return tuple(one for one in questionnaire().pages if asked(one, intake, understood))


def asked(one: Page, intake: Mapping[str, Any], understood: Sequence[str] = ()) -> tuple[Question, ...]:
    """The questions of a page that are shown to somebody who gave these answers; none if the page is not."""
    if not _hold(one.when, intake, understood):
        return ()
    return tuple(question for question in one.questions if _hold(question.when, intake, understood))


def next_page(page_id: str, intake: Mapping[str, Any], understood: Sequence[str] = ()) -> Page | None:
    """The page shown after this one; None after the last. Raises NotFound for an unknown page."""
    return next(_shown(questionnaire().pages, page(page_id), intake, understood), None)


def previous_page(page_id: str, intake: Mapping[str, Any], understood: Sequence[str] = ()) -> Page | None:
    """The page shown before this one; None before the first. Raises NotFound for an unknown page."""
    return next(_shown(questionnaire().pages[::-1], page(page_id), intake, understood), None)


def options(question: Question, intake: Mapping[str, Any]) -> tuple[Option, ...]:
    """The answers to choose from; for a question about earlier answers, just those."""
    if question.chosen_from is None:
        return question.options
    chosen = intake.get(question.chosen_from) or ()
    return tuple(one for one in question.options if one.value in chosen)


def answered(one: Page, intake: Mapping[str, Any], form: Form, understood: Sequence[str] = ()) -> dict[str, Any]:
    """The intake after a page was sent: its answers replaced by the form's, all others kept; not yet validated.

    An unanswered question of the page is a skipped one. What was answered to a question that is no longer asked
    (drinking, after the need was changed to sleep) is taken out, so that it cannot count unseen.
    """
    mine = {question.path for question in asked(one, intake, understood)}
    kept = {name: values for name, values in intake_to_form(intake).items() if _path(name) not in mine}
    sent = {name: list(values) for name, values in form.items() if _path(name) in mine}
    merged = kept | sent
    for later in questionnaire().pages:
        found = answers_to_intake(merged)
        shown = {question.path for question in asked(later, found, understood)}
        dropped = {question.path for question in later.questions} - shown
        merged = {name: values for name, values in merged.items() if _path(name) not in dropped}
    changed = answers_to_intake(merged)
    return changed | {"emphasis": intake["emphasis"]} if intake.get("emphasis") else changed


def _path(name: str) -> str:
    """The question's path that a form field belongs to: a wish to its list, a point or online to the place."""
    parent = name.partition(".")[0]
    if parent == "near":
        return "near.text"
    return parent.removesuffix("_required") if parent.removesuffix("_required") in WISHED else name


def _shown(order: Sequence[Page], after: Page, intake: Mapping[str, Any],
           understood: Sequence[str]) -> Iterator[Page]:
    return (one for one in order[order.index(after) + 1:] if asked(one, intake, understood))


def _hold(conditions: Sequence[Condition], intake: Mapping[str, Any], understood: Sequence[str]) -> bool:
    return all(_holds(one, intake, understood) for one in conditions)


def _holds(condition: Condition, intake: Mapping[str, Any], understood: Sequence[str]) -> bool:
    found = needs_of(intake, understood) if condition.path == "needs" else intake.get(condition.path)
    values = () if found is None else found if isinstance(found, (list, tuple)) else (found,)
    if condition.any and not set(condition.any) & set(values):
        return False
    if set(condition.none) & set(values) or len(values) < condition.at_least:
        return False
    return condition.answered is None or condition.answered == bool(values)
