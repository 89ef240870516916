"""The provider's form on what they know of a person: from the answers to fields, and from a sent form back to answers.

The fields are those of the questionnaire, with the totals of American instruments beside them. Empty means not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from finder import wording
from finder.errors import Invalid, Problem
from finder.intake import questionnaire
from finder.intake.answers import ONLINE, WISHED
from finder.intake.document import FORMAT, PATHS, REMOTE
from finder.intake.questionnaire import Question
from finder.search import intake_schema
from finder.understanding import Understood
from finder.web import emphasis, quick
from finder.web.provider.case import PROVIDER as PROVIDER
from finder.web.question_page import Asked, Choice, ChoiceGroup, asked_of, field_id
from finder.wordings.language import N_, gettext

Form = Mapping[str, Sequence[str]]

_TOP = ("needs", "needs_text", "near.text", "attending_as", "age", "gender")
SAFETY = ("safety", "urgent")
# Asked where somebody uses: what a group may ask of them, or refuse.
USE = ("goal", "recently_using", "takes_recovery_medication")
MORE = ("radius_miles", "travel", "formats", "times", "languages", "cost.kind", "cost.amount", "insurance", "access",
        "led_by", "start_soon")
# Totals in the order of the form, by the names that clinicians know them by (contract section 4).
ITEM = "scores.phq9_item9"
TOTALS: Mapping[str, str] = {
    "scores.phq9": N_("PHQ-9 total"), ITEM: N_("PHQ-9, item 9"), "scores.gad7": N_("GAD-7 total"),
    "scores.audit_c": N_("AUDIT-C total"), "scores.dast10": N_("DAST-10 total"),
    "scores.pc_ptsd5": N_("PC-PTSD-5 total"),
}
# The answers of a PHQ-9 item, as it is printed (Kroenke, Spitzer & Williams 2001).
ITEM_ANSWERS = (N_("0, not at all"), N_("1, several days"), N_("2, more than half the days"),
                N_("3, nearly every day"))
_OTHER_ITEMS = 24  # the eight other items of a PHQ-9, three points each
OWN = frozenset((*_TOP, *SAFETY, *USE, *MORE, *TOTALS))
SHORT: Mapping[str, tuple[str, str]] = {
    "needs_text": (N_("What does this person need help with?"),
                   N_("A few words, like “drinking again since the divorce”")),
    "near.text": (N_("ZIP code or town"), N_("Or “online”")),
    "attending_as": (N_("Who would go?"), ""), "age": (N_("Age"), ""), "gender": (N_("Gender, if it matters"), ""),
}
_WORDS: Mapping[tuple[str, str], str] = {
    (ITEM, "required"): N_("Give item 9 too. The PHQ-9 total can hide it."),
    ("needs", "required"): N_("Say in a few words what the person needs, or pick a topic."),
    ("near", "required"): N_("Write a town or ZIP code, or “online”."),
    ("reason", "override_needed"): N_("Say why you choose another level."),
    ("code", "not_a_client_code"): N_("Use a code such as K7-41: a few letters and digits, no name, no date, no long "
                                      "number."),
}
# What matters more, in words about somebody else.
_EMPHASES: Mapping[str, str] = {
    "need": N_("That it is about the need"), "reach": N_("That it is easy to get to"),
    "schedule": N_("That the time suits"), "preference": N_("Who leads it, and how"), "cost": N_("What it costs"),
    "identity": N_("People like them"), "availability": N_("That they can start soon"),
}
_PLACES: Mapping[str, str] = {"needs": "needs_text", "near": "near.text", "cost": "cost.kind"}


@dataclass(frozen=True, slots=True)
class Part:
    """Questions that are folded away together until one is answered or wrong."""

    id: str
    title: str
    questions: tuple[Asked, ...]

    @property
    def is_open(self) -> bool:
        return any(one.errors or one.answered or any(choice.ticked for choice in one.choices)
                   for one in self.questions)


@cache
def _questions() -> Mapping[str, Question]:
    return {one.path: one for page in questionnaire.questionnaire().pages for one in page.questions}


def taken(said: Mapping[str, Any], form: Form, sure: Callable[[Mapping[str, Any]], Sequence[str]]) -> dict[str, Any]:
    """The answers after the form was sent; what it does not ask stays. `sure` gives the needs that words surely name.

    Raises Invalid by path: what the schema refuses, a PHQ-9 without item 9 or at odds with it, and what a search
    needs.
    """
    sent = {name: list(values) for name, values in form.items() if path_of(name) in OWN}
    _settle_place(sent, said)
    kept = {name: values for name, values in questionnaire.intake_to_form(said).items()
            if path_of(name) not in OWN and name != "asked_by"}
    found = questionnaire.answers_to_intake({**kept, **sent, "asked_by": [PROVIDER]})
    asked = _asked_paths(found, sure(found))
    found = {key: value for key, value in found.items() if key not in USE or key in asked}
    if said.get("emphasis"):
        found["emphasis"] = said["emphasis"]
    intake = intake_schema.load(emphasis.taken(found, form))
    errors = {**_of_phq9(intake.get("scores") or {}), **intake_schema.searchable(intake)}
    if errors:
        raise Invalid(errors)
    return intake


def heard(form: Form) -> dict[str, Any]:
    """What a form says of safety, however wrong the rest of it is: help does not wait for a corrected field."""
    found = questionnaire.answers_to_intake(form)
    item = (found.get("scores") or {}).get("phq9_item9")
    said = {"safety": found.get("safety"), "urgent": found.get("urgent") or [], "needs": found.get("needs"),
            "scores": {"phq9_item9": item}}
    kept: dict[str, Any] = {}
    for name, value in said.items():
        try:
            kept |= intake_schema.load({"format": FORMAT, name: value}) if value else {}
        except Invalid:
            continue
    return kept


def _settle_place(sent: dict[str, list[str]], said: Mapping[str, Any]) -> None:
    """"Online" in the box for the place is the answer that nothing needs to be near; a place instead takes it back."""
    typed = sent.get("near.text", [""])[-1].strip()
    if typed.casefold() in quick.ONLINE:
        sent["near.text"], sent["radius_miles"] = [], [ONLINE]
    elif typed and sent.get("radius_miles") == [ONLINE] and not said.get("near"):
        sent["radius_miles"] = []
        if {name for name, values in sent.items() if name.startswith("formats.") and values != ["no"]} == {
                f"formats.{one}" for one in REMOTE}:
            sent.update({f"formats.{one}": [] for one in REMOTE})


def _of_phq9(scores: Mapping[str, int]) -> dict[str, list[Problem]]:
    """A total holds its ninth item, which is asked for with it; the item alone is fine."""
    total, item = scores.get("phq9"), scores.get("phq9_item9")
    if total is None:
        return {}
    if item is None:
        return {ITEM: [Problem("required")]}
    return {} if item <= total <= item + _OTHER_ITEMS else {"scores.phq9": [Problem("totals_differ")]}


def path_of(name: str) -> str:
    """The question that a form field belongs to: a wish to its list, a point to the place."""
    parent = name.partition(".")[0]
    if parent == "near":
        return "near.text"
    return parent.removesuffix("_required") if parent.removesuffix("_required") in WISHED else name


def _asked_paths(intake: Mapping[str, Any], sure: Sequence[str]) -> frozenset[str]:
    return frozenset(one.path for page in questionnaire.pages(intake, sure)
                     for one in questionnaire.asked(page, intake, sure))


def view(intake: Mapping[str, Any], understood: Sequence[Understood], form: Form | None,
         errors: Mapping[str, Sequence[Problem]]) -> dict[str, Any]:
    """What the template shows of the form. `form` is one that was refused, shown as it was sent, with its `errors`."""
    texts = words_of(errors)
    filled = _filled(intake) if form is None else form
    asked = {**intake, "asked_by": PROVIDER}
    shown = {path: asked_of(_questions()[path], asked, filled, texts) for path in (*_TOP, *SAFETY, *USE, *MORE)}
    for path, (label, hint) in SHORT.items():
        shown[path] = replace(shown[path], text=gettext(label), hint=gettext(hint) if hint else "")
    totals = tuple(_total(path, filled, texts) for path in TOTALS)
    paths = _asked_paths(asked, [one.code for one in understood if one.certainty != "unsure"])
    parts = (Part("safe", gettext("Safety and urgent signs"), tuple(shown[one] for one in SAFETY)),
             Part("use", gettext("Alcohol or drug use"), tuple(shown[one] for one in USE if one in paths)),
             Part("more", gettext("Ways to meet, times, language, cost, access"), tuple(shown[one] for one in MORE)))
    picked = set(filled.get("needs", ()))
    return {
        "top": shown, "totals": totals, "parts": [one for one in parts if one.questions],
        "picked": sum(one.ticked for one in shown["needs"].choices), "errors": texts,
        "sure": [wording.label("focus_areas", one.code) for one in understood if one.certainty != "unsure"],
        "meant": [Choice(one.code, field_id(f"meant-{one.code}"), wording.label("focus_areas", one.code), False)
                  for one in understood if one.certainty == "unsure" and one.code not in picked],
        "weighing": [replace(one, words=gettext(_EMPHASES[one.field])) for one in _weighed(intake, filled, form)],
        "names": {one.name: one.first_id for one in (*shown.values(), *totals)},
    }


def _filled(intake: Mapping[str, Any]) -> dict[str, list[str]]:
    filled = questionnaire.intake_to_form(intake)
    if filled.get("radius_miles") == [ONLINE] and "near.text" not in filled:
        filled["near.text"] = [gettext("online")]
    return filled


def _weighed(intake: Mapping[str, Any], filled: Form, form: Form | None) -> Sequence[emphasis.Row]:
    if form is None:
        return emphasis.rows(intake)
    return [replace(one, steps=tuple((value, words, value == (filled.get(one.field) or ("1",))[-1])
                                     for value, words, _ in one.steps)) for one in emphasis.rows({})]


def _total(path: str, filled: Form, errors: Mapping[str, Sequence[str]]) -> Asked:
    value = (filled.get(path) or ("",))[-1]
    most = int(PATHS[path].maximum)
    made = Asked(path, field_id(path), "words", gettext(TOTALS[path]), gettext("0 to %(most)s", most=most), (), (),
                 value, tuple(errors.get(path, ())), 3, "numeric", bool(value))
    if path != ITEM:
        return made
    answers = tuple(Choice(str(number), made.id if number == 0 else field_id(f"{path}-{number}"), gettext(words),
                           value == str(number)) for number, words in enumerate(ITEM_ANSWERS))
    return replace(made, shape="menu", groups=(ChoiceGroup("", answers),), hint=gettext("Needed with the total"))


def words_of(errors: Mapping[str, Sequence[Problem]]) -> dict[str, list[str]]:
    """Sentences by field of the form."""
    texts: dict[str, list[str]] = {}
    for path, many in errors.items():
        owner = path.removesuffix("_required")
        owner = _PLACES.get(owner, owner if owner in OWN else _PLACES.get(owner.partition(".")[0], owner))
        texts.setdefault(owner, []).extend(_sentence(path, one) for one in many)
    return {name: list(dict.fromkeys(many)) for name, many in texts.items()}


def _sentence(path: str, problem: Problem) -> str:
    words = _WORDS.get((path, problem.code))
    return gettext(words) if words else wording.problem_text(problem)


