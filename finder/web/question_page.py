"""The questionnaire as pages: a page of it to fields with their answers, a sent form to an intake, and what was said.

Answers come in by POST and live in the cookie. Nothing typed is ever in an address or a title.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from finder import wording
from finder.errors import Invalid, Problem
from finder.intake import questionnaire
from finder.intake.document import MOST_TEXT
from finder.intake.need import needs_of
from finder.intake.questionnaire import Option, Page, Question
from finder.search import intake_schema
from finder.understanding import understand
from finder.vocabulary import Vocabulary
from finder.web.answers import Answers
from finder.wordings.bilingual import QUESTION, say
from finder.wordings.language import N_, gettext

Form = Mapping[str, Sequence[str]]
Errors = Mapping[str, Sequence[Problem]]

# Short lists of which one is picked: a drop-down takes less room than cards.
DROP_DOWNS = frozenset(("radius_miles", "travel"))
# Long lists that few people need: folded away until something in them is chosen.
FOLDED = frozenset(("not_identities", "avoid"))
# Longest input and the keyboard a phone shows, for numbers.
KEYS = {"age": (3, "numeric"), "cost.amount": (10, "decimal")}
# Pages whose answers are never said again in words (DESIGN, .used): what was answered there has its own sentence.
_MILES = re.compile(r"[0-9]{1,4}(\.[0-9]{1,6})?")
UNSPOKEN = frozenset(("feelings", "impact", "safety"))
LONGEST_SUMMARY = 6  # answers of one page that the summary names
HELP_IN_PAGE = {"safety": "offer_panel"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose; `wish` is no, wish or must where options are answered one by one."""

    value: str
    id: str
    label: str
    ticked: bool
    wish: str = "no"
    wish_only: bool = False


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """Choices under a heading, or under none."""

    heading: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the page shows it."""

    name: str  # of the form field
    id: str
    shape: str  # often, choices, boxes, wishes, menu, words
    text: str
    hint: str
    groups: tuple[ChoiceGroup, ...]
    folded: tuple[ChoiceGroup, ...]  # choices behind "show more"
    value: str
    errors: tuple[str, ...]
    length: int
    keys: str
    answered: bool

    @property
    def choices(self) -> tuple[Choice, ...]:
        return tuple(choice for group in (*self.groups, *self.folded) for choice in group.choices)

    @property
    def first_id(self) -> str:
        """Where the summary of errors leads to."""
        return self.choices[0].id if self.choices else self.id

    @property
    def hidden(self) -> int:
        return sum(len(group.choices) for group in self.folded)


def field_id(name: str) -> str:
    """The id of a field's element."""
    return name.replace(".", "-").replace("_", "-")


def understood(said: Mapping[str, Any], vocabulary: Vocabulary) -> tuple[str, ...]:
    """The needs that free text names surely enough to be used."""
    words = said.get("needs_text")
    return tuple(one.code for one in understand(words, vocabulary) if one.certainty != "unsure") if words else ()


def view(page: Page, said: Answers, codes: Sequence[str], form: Form | None = None,
         errors: Errors | None = None) -> dict[str, Any]:
    """What the template shows of one page. `codes` are the needs understood; `form` and `errors` of a refused one."""
    shown = questionnaire.pages(said.intake, codes)
    texts: dict[str, list[str]] = {}
    for name, many in (errors or {}).items():
        texts.setdefault(_owner(page, name), []).extend(problem_words(name, one) for one in many)
    filled = questionnaire.intake_to_form(said.intake) if form is None else form
    questions = [asked_of(one, said.intake, filled, texts) for one in questionnaire.asked(page, said.intake, codes)]
    heads = not page.questions[0].instrument and page.questions[0].text == page.title
    if heads and questions:  # the question is the heading, and the page's lead its hint
        questions[0] = replace(questions[0], hint=say(page.lead.of, QUESTION))
    before = questionnaire.previous_page(page.id, said.intake, codes)
    stem = next((one.instrument for one in page.questions if one.instrument), None)
    title = say(page.title.of, QUESTION)
    return {
        "page": page.id, "title": title, "lead": say(page.lead.of, QUESTION), "questions": questions,
        "heading": say(stem.stem.of, QUESTION) if stem else title,
        "credit": say(stem.credit.of, QUESTION) if stem else "",
        "heading_in_question": heads, "previous": before and before.id,
        "number": shown.index(page) + 1 if page in shown else 1, "total": len(shown), "last": page == shown[-1],
        "can_search": said.can_search, "errors": texts, "skippable": all(one.skippable for one in page.questions),
        "names": {one.name: one.first_id for one in questions},
        "notice": HELP_IN_PAGE.get(page.id),
    }


def taken(page: Page, said: Answers, form: Form, codes: Sequence[str]) -> dict[str, Any]:
    """The intake after this page was sent. Raises Invalid by field, also when a needed answer is missing."""
    intake = checked(questionnaire.answered(page, said.intake, form, codes))
    asked = {one.path.partition(".")[0] for one in page.questions if not one.skippable}
    missing = {name: found for name, found in intake_schema.searchable(intake).items() if name in asked}
    if missing:
        raise Invalid(missing)
    return intake


def checked(document: Mapping[str, Any]) -> dict[str, Any]:
    """A valid intake document. Raises Invalid."""
    return intake_schema.load(dict(document))


NEEDED = {
    "needs": N_("Pick at least one topic, or say it in your own words."),
    "near": N_("Write a town or ZIP code, or pick “Online only”."),
}


def problem_words(field: str, problem: Problem) -> str:
    """What is wrong with a field; the two that a search needs have sentences of their own."""
    return gettext(NEEDED[field]) if problem.code == "required" and field in NEEDED else wording.problem_text(problem)


def _owner(page: Page, path: str) -> str:
    """The question of the page that a wrong field belongs to; the field itself when there is none."""
    parent = path.partition(".")[0].removesuffix("_required")
    paths = [one.path for one in page.questions]
    return path if path in paths else next((one for one in paths if one.partition(".")[0] == parent), path)


def asked_of(question: Question, intake: Mapping[str, Any], form: Form,
             errors: Mapping[str, Sequence[str]]) -> Asked:
    """A question as a page shows it, with what was answered or sent, and the sentences of its errors."""
    values = [value for value in form.get(question.path, ()) if value]
    hint = " ".join(say(words.of, QUESTION) for words in (question.hint, question.why) if words is not None)
    groups, folded = _groups(question, intake, form, values)
    groups += _other_reach(question, groups, values)
    length, keys = KEYS.get(question.path, (MOST_TEXT, ""))
    return Asked(
        question.path, field_id(question.path), _shape(question),
        say(partial(question.wording, asked_by=intake.get("asked_by")), QUESTION),
        "" if question.instrument else hint, groups, folded, values[-1] if values else "",
        tuple(errors.get(question.path, ())), length, keys, bool(values))


def _other_reach(question: Question, groups: Sequence[ChoiceGroup],
                 values: Sequence[str]) -> tuple[ChoiceGroup, ...]:
    """A radius that the menu does not offer, as after "widen": it stands in the menu, chosen, so that it is kept."""
    offered = {one.value for group in groups for one in group.choices}
    if question.path != "radius_miles" or not values or values[-1] in offered or not _MILES.fullmatch(values[-1]):
        return ()
    return (ChoiceGroup("", (Choice(values[-1], field_id(f"{question.path}-other"),
                                    wording.reach_text(float(values[-1])), True),)),)


def _shape(question: Question) -> str:
    if question.kind in ("text", "place", "number"):
        return "words"
    if question.must:
        return "wishes"
    if question.kind == "multi":
        return "boxes"
    if question.instrument:
        return "often"
    return "menu" if question.path in DROP_DOWNS else "choices"


def _groups(question: Question, intake: Mapping[str, Any], form: Form,
            values: Sequence[str]) -> tuple[tuple[ChoiceGroup, ...], tuple[ChoiceGroup, ...]]:
    """The choices that are shown, and those folded away under their headings; what is chosen is never folded."""
    allowed = {one.value for one in questionnaire.options(question, intake)}
    known = {one.value: _choice(question, one, intake, form, values) for one in question.options
             if one.value in allowed}
    groups = [ChoiceGroup(say(group.text.of, QUESTION) if group.text else "",
                          tuple(known[one.value] for one in group.options if one.value in known))
              for group in question.groups]
    if not question.first and question.path not in FOLDED:
        return tuple(groups), ()
    first = [known[value] for value in question.first if value in known]
    first += [one for one in known.values() if one.ticked and one not in first]
    rest = [ChoiceGroup(group.heading, tuple(one for one in group.choices if one not in first)) for group in groups]
    return (ChoiceGroup("", tuple(first)),), tuple(group for group in rest if group.choices)


def _choice(question: Question, option: Option, intake: Mapping[str, Any], form: Form,
            values: Sequence[str]) -> Choice:
    wish = next(iter(form.get(f"{question.path}.{option.value}", ())), "no") if question.must else "no"
    return Choice(option.value, field_id(f"{question.path}-{option.value}"),
                  say(partial(option.label, asked_by=intake.get("asked_by")), option.list or QUESTION),
                  option.value in values or wish in ("wish", "must"), wish, option.wish_only)


def used(said: Mapping[str, Any], found: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What the list was built from: title, words, and the page to change it. Last comes what was skipped."""
    rows, skipped = [], []
    codes = [one["code"] for one in found["understood"] if one["certainty"] != "unsure"]
    pages = questionnaire.pages(said, codes)
    for page in pages:
        words = _said(page, said, found, codes)
        if words:
            rows.append((say(page.title.of, QUESTION), words, page.id))
        elif page.id not in UNSPOKEN:
            skipped.append(page)
    level = next(page.id for page in pages if page.id in ("feelings", "impact"))
    rows.insert(min(1, len(rows)), (gettext("How heavy things feel"), wording.severity_text(found["severity"]["level"]),
                                    level))
    if skipped:
        titles = wording.listed(say(page.title.of, QUESTION).rstrip("?؟").lstrip("¿") for page in skipped)
        rows.append((gettext("Not used"), gettext("You skipped: %(pages)s", pages=titles), skipped[0].id))
    return rows


def _said(page: Page, said: Mapping[str, Any], found: Mapping[str, Any], codes: Sequence[str]) -> str:
    if page.id == "safety":
        answered = said.get("safety") or said.get("urgent")
        return gettext("Your answer is used. We do not repeat it here.") if answered else ""
    if page.id in UNSPOKEN:
        return ""
    if page.id == "need":
        needs = [wording.label("focus_areas", code) for code in needs_of(said, codes)]
        return "; ".join(needs) or str(said.get("needs_text") or "")
    form = questionnaire.intake_to_form(said)
    parts = [words for question in questionnaire.asked(page, said, codes)
             for words in _answer(question, said, form, found)]
    more = len(parts) - LONGEST_SUMMARY
    shown = "; ".join(parts[:LONGEST_SUMMARY])
    return gettext("%(answers)s; and %(count)s more", answers=shown, count=more) if more > 0 else shown


def _answer(question: Question, said: Mapping[str, Any], form: Form, found: Mapping[str, Any]) -> list[str]:
    """The words of one answer, a piece for each thing chosen."""
    if question.path == "near.text" and found.get("place"):
        return [found["place"]["text"]]
    if question.path not in form and not any(name.startswith(f"{question.path}.") for name in form):
        return []  # nothing of it was answered, so that nothing of it can be ticked
    shown = asked_of(question, said, form, {})
    if shown.shape == "words":
        return [shown.value] if shown.value else []
    ticked = [choice for choice in shown.choices if choice.ticked]
    if question.must:
        return [gettext("%(wish)s (must)", wish=one.label) if one.wish == "must" else one.label for one in ticked]
    if question.path == "radius_miles":
        return [gettext("Up to %(miles)s", miles=one.label) if _MILES.fullmatch(one.value) else one.label
                for one in ticked]
    return [f"{shown.text} {one.label}" if one.value in ("true", "false") else one.label for one in ticked]
