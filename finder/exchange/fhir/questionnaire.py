"""Our intake as a FHIR R4 Questionnaire, and its answers as an intake document. Link ids are the paths of the intake.

There is a Questionnaire for each language, with an id and a canonical address of its own: what stands under an address
is the same for everybody who asks. Answers are read for programs that hold them where the person is; no address of a
server takes a QuestionnaireResponse, for a server of FHIR is expected to keep what it is sent, and we keep no answers.

LOINC codes stand at the items that the PHQ-4 shares with PHQ-9 and GAD-7, and at their answers: these instruments may
be shown by anybody. This material contains content from LOINC (http://loinc.org). LOINC is copyright Regenstrief
Institute, Inc. and the LOINC Committee and is available at no cost under the license at http://loinc.org/license.

| what is lost                          | why                                                                      |
|---------------------------------------|--------------------------------------------------------------------------|
| headings of folded options, "at most" | FHIR has neither; an intake with too many is refused when it is checked  |
| why we ask, words about somebody else | one wording for each question: that for the person themselves            |
| a point in place of a town            | no question asks for it; `near.latitude` and `near.longitude` are read   |
| weights for one search (`emphasis`)   | no question asks for them                                                |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from finder.crosswalks import crosswalk
from finder.errors import Invalid, Problem
from finder.exchange.fhir.elements import Resource, instant, stated, system
from finder.intake.answers import FIRST_NEED, answers_to_intake, intake_to_form, is_field
from finder.intake.document import PATHS
from finder.intake.question_data import Condition, Option, Page, Question, Questionnaire

PREFIX = "intake-"  # of ids; the language follows
LOINC = "http://loinc.org"
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
LOINC_NOTICE = ("This material contains content from LOINC (http://loinc.org). LOINC is copyright Regenstrief "
                "Institute, Inc. and the LOINC Committee and is available at no cost under the license at "
                "http://loinc.org/license.")
MUST_TEXT: Mapping[str, str] = {"en": "Which of these does it have to be?",
                                "es": "¿Cuáles de estas son indispensables?"}
_TYPES: Mapping[str, str] = {"single": "choice", "multi": "choice", "scale": "choice", "text": "string",
                             "place": "string", "number": "decimal"}
_MOST_ITEMS, _DEEPEST = 500, 8


def canonical(base: str, lang: str) -> str:
    """The name of the Questionnaire of a language, which is its address at this instance. `base`: of the FHIR door."""
    return f"{base}/Questionnaire/{PREFIX}{lang}"


def questionnaire(of: Questionnaire, *, base: str, lang: str) -> Resource:
    """The Questionnaire of all pages in a language, "en" or "es". `base`: address of the FHIR door."""
    notes = dict.fromkeys(question.instrument.credit.of(lang) for page in of.pages for question in page.questions
                          if question.instrument)
    asked = {question.path: question for page in of.pages for question in page.questions}
    return {
        "resourceType": "Questionnaire", "id": f"{PREFIX}{lang}", "language": lang, "url": canonical(base, lang),
        "version": str(of.version), "name": "Intake", "title": of.pages[0].title.of(lang), "status": "active",
        "subjectType": ["Patient"], "copyright": "\n\n".join([*notes, LOINC_NOTICE]),
        "item": [_page(page, asked, lang) for page in of.pages],
    }


def _page(page: Page, asked: Mapping[str, Question], lang: str) -> Resource:
    lead = {"linkId": f"page.{page.id}.lead", "type": "display", "text": page.lead.of(lang)}
    stems = {question.instrument.id: question.instrument.stem.of(lang) for question in page.questions
             if question.instrument}
    return {"linkId": f"page.{page.id}", "type": "group", "text": page.title.of(lang), **_when(page.when, asked),
            "item": [lead, *({"linkId": f"page.{page.id}.{name}", "type": "display", "text": stem}
                             for name, stem in stems.items()),
                     *(item for question in page.questions for item in _items(question, asked, lang))]}


def _items(question: Question, asked: Mapping[str, Question], lang: str) -> Iterator[Resource]:
    """The question, and behind it the one which of its wishes are musts."""
    yield stated({"linkId": question.path, "code": _loinc(question.path), "text": question.text.of(lang),
                  "type": _type(question), **_when(question.when, asked), "repeats": question.kind == "multi" or None,
                  "answerOption": _options(question, question.options, lang)})
    if question.must:
        options = tuple(one for one in question.options
                        if not one.wish_only and one.value in PATHS[question.must].codes)
        yield {"linkId": question.must, "text": MUST_TEXT[lang], "type": "choice", "repeats": True,
               "enableWhen": [{"question": question.path, "operator": "exists", "answerBoolean": True}],
               "answerOption": _options(question, options, lang)}


def _type(question: Question) -> str:
    value = PATHS.get(question.path)
    if value is not None and value.kind == "flag":
        return "boolean"
    return "integer" if value is not None and value.kind == "whole" and not question.options \
        else _TYPES[question.kind]


def _options(question: Question, options: Sequence[Option], lang: str) -> list[Resource]:
    value = PATHS.get(question.path)
    if value is not None and value.kind == "flag":
        return []
    answers = crosswalk("loinc") if _loinc(question.path) else None
    found: list[Resource] = []
    for option in options:
        loinc = answers.theirs("phq_answers", option.value) if answers else ()
        coding: Resource = {"system": LOINC if loinc else system(option.list or question.path),
                  "code": loinc[0] if loinc else option.value, "display": option.label(lang)}
        if question.kind == "scale":
            coding = {"extension": [{"url": ORDINAL, "valueDecimal": int(option.value)}], **coding}
        found.append({"valueCoding": coding})
    return found


def _loinc(path: str) -> list[Resource]:
    return [{"system": LOINC, "code": code} for code in crosswalk("loinc").theirs("intake", path)]


def _when(conditions: Sequence[Condition], asked: Mapping[str, Question]) -> Resource:
    """When an item is asked, as far as FHIR can say it: "at least two" becomes "any".

    "None of these" is written as "no answer, or one of the others": clients differ on what an unanswered question is.
    """
    parts: list[Resource] = []
    behavior = "all"
    for one in conditions:
        path = next(path for path in asked if path == one.path or path.startswith(f"{one.path}."))
        codes = one.any or tuple(option.value for option in asked[path].options if option.value not in one.none)
        if one.any or one.none:
            behavior = "any"
            parts += [{"question": path, "operator": "=", "answerCoding": _coding(asked[path], code)}
                      for code in codes]
        exists = one.answered if one.answered is not None else True if one.at_least else False if one.none else None
        if exists is not None:
            parts.append({"question": path, "operator": "exists", "answerBoolean": exists})
    if not parts:
        return {}
    return {"enableWhen": parts} | ({"enableBehavior": behavior} if len(parts) > 1 else {})


def _coding(question: Question, code: str) -> Resource:
    option = next((one for one in question.options if one.value == code), None)
    return {"system": system(option.list if option and option.list else question.path), "code": code}


def response(intake: Mapping[str, Any], *, base: str, now: datetime, lang: str = "en") -> Resource:
    """The QuestionnaireResponse that holds an intake document; `intake_of` gives it back. No subject is named.
    `lang`: of the questions that were answered."""
    items = []
    for name, values in intake_to_form(_listed_musts(intake)).items():
        if name in PATHS or name == FIRST_NEED:
            items.append({"linkId": name, "answer": [_answer(name, one) for one in values]})
    for name in ("formats", "times", "access"):
        for path in (name, f"{name}_required"):
            codes = _listed_musts(intake).get(path) or ()
            if codes:
                items.append({"linkId": path, "answer": [_answer(path, one) for one in codes]})
    return stated({"resourceType": "QuestionnaireResponse", "questionnaire": canonical(base, lang),
                   "status": "completed", "authored": instant(now), "item": items})


def _listed_musts(intake: Mapping[str, Any]) -> dict[str, Any]:
    """The intake with `true` ("all that is wished is a must") as the list that it means."""
    return {name: (list(intake.get(name.removesuffix("_required")) or ()) if value is True else value or None)
            if name.endswith("_required") else value for name, value in intake.items()}


def _answer(path: str, value: str) -> Resource:
    kind = PATHS[path].kind if path in PATHS else "code"
    if _loinc(path) and path.startswith("phq4."):
        return {"valueCoding": {"system": LOINC, "code": crosswalk("loinc").theirs("phq_answers", value)[0]}}
    if kind == "text":
        return {"valueString": value}
    if kind == "flag":
        return {"valueBoolean": value == "true"}
    if kind in ("whole", "number") and path != "radius_miles":
        return {"valueInteger": int(value)} if kind == "whole" else {"valueDecimal": float(value)}
    return {"valueCoding": {"system": system(path), "code": value}}


def intake_of(answered: object) -> dict[str, Any]:
    """The intake document of a QuestionnaireResponse, not yet validated: `search.intake_schema` does that.

    Items may be nested as the questionnaire is, or not. Raises Invalid: `wrong_type` for what is no such resource,
    `too_many` items or `too_deep`, `unknown_key` for a link id that is no path of the intake, `wrong_type` for an
    answer without a value we read.
    """
    if not isinstance(answered, dict) or answered.get("resourceType") != "QuestionnaireResponse":
        raise Invalid({"resourceType": [Problem("wrong_type", expected="QuestionnaireResponse")]}, "intake")
    form: dict[str, list[str]] = {}
    for item in _flat(answered, 0):
        path, answers = item.get("linkId"), item.get("answer")
        if not isinstance(path, str):
            raise Invalid({"linkId": [Problem("required")]}, "intake")
        if answers is None and path.startswith("page."):
            continue
        if not is_field(path):
            raise Invalid({path[:100]: [Problem("unknown_key")]}, "intake")
        form.setdefault(path, []).extend(_value(path, one) for one in _list(answers, path))
        if sum(map(len, form.values())) > _MOST_ITEMS:
            raise Invalid({path: [Problem("too_many", max=_MOST_ITEMS)]}, "intake")
    return answers_to_intake(form)


def _flat(of: Mapping[str, Any], depth: int) -> Iterator[Mapping[str, Any]]:
    if depth == _DEEPEST:
        raise Invalid({"item": [Problem("too_deep")]}, "intake")
    for item in _list(of.get("item"), "item"):
        if not isinstance(item, dict):
            raise Invalid({"item": [Problem("wrong_type", expected="object")]}, "intake")
        yield item
        yield from _flat(item, depth + 1)


def _list(value: object, where: str) -> list[Any]:
    if value is None or isinstance(value, list):
        return value or []
    raise Invalid({where[:100]: [Problem("wrong_type", expected="list")]}, "intake")


def _value(path: str, answer: object) -> str:
    """An answer as a form's text."""
    found = next((value for name, value in answer.items() if name.startswith("value")), None) \
        if isinstance(answer, dict) else None
    if isinstance(found, dict):
        found = found.get("code")
        scores = crosswalk("loinc").ours("phq_answers", found) if isinstance(found, str) else ()
        found = scores[0] if scores and path.startswith("phq4.") else found
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, str) or isinstance(found, int | float):
        return str(found)
    raise Invalid({path: [Problem("wrong_type", expected="value")]}, "intake")
