"""Answers as plain text in the reader's language, for assistants that read words; help first, then the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from finder import wording
from finder.errors import FinderError, Invalid
from finder.wording import problem_text
from finder.wordings.language import N_, gettext, ngettext

MISSING: Mapping[str, str] = {
    "needs": N_("Ask what the group should help with."),
    "near": N_("Ask for a ZIP code, or a town and its state, or whether a group online would do."),
}
MOST_REASONS = 3  # in words; the values hold all
MOST_PROBLEMS = 8


def no_diagnosis() -> str:
    """What an answer is not."""
    return gettext("This is not a diagnosis, and it says nothing about how likely a group is to help. It shows which "
                   "groups fit what was said, and why.")


def missing(field: str) -> str:
    """What to ask for, so that a match can be better."""
    return gettext(MISSING[field])


def problem(wrong: FinderError) -> str:
    """What went wrong, with the names of the fields."""
    if isinstance(wrong, Invalid):
        named = [f"{field or '(all)'}: {problem_text(one)}" for field, many in wrong.errors.items() for one in many]
        more = len(named) - MOST_PROBLEMS
        return "\n".join([gettext("This cannot be asked so:"), *(f"- {one}" for one in named[:MOST_PROBLEMS]),
                          *([f"- … +{more}"] if more > 0 else [])])
    plain = {"program": gettext("There is no such group in the list. It may have closed.")}
    return plain.get(wrong.code, gettext("The list of groups cannot be read just now. Try again in a minute."))


def help_text(values: Mapping[str, Any]) -> str:
    """Notices and lines, whole."""
    parts = [gettext("Say this first, and all of it:")] if values["say_first"] else []
    for one in values["notices"]:
        parts.append(f"{one['title']} {one['text']}")
    return "\n".join([*parts, *_lines(values["lines"])])


def _lines(lines: Iterable[Mapping[str, Any]]) -> list[str]:
    return [f"- {one['name']}: {'; '.join(_way(way) for way in one['ways'])}. {one['about']}"
            + (f" ({one['hours']})" if one["hours"] else "") for one in lines]


def _way(way: Mapping[str, str]) -> str:
    said = f"{way['words']} {way['then']}".strip()
    return f"{said} ({way['to']})" if way["kind"] in ("chat", "web") else said


def search(values: Mapping[str, Any], *, asked_near: bool) -> tuple[str, ...]:
    """A page of a search."""
    found = [_place(values, asked_near), _total(values["total"]), *_groups(values["groups"], values)]
    return help_text(values["help_now"]), "\n".join(filter(None, [*found, _more(values)]))


def match(values: Mapping[str, Any], *, asked_near: bool) -> tuple[str, ...]:
    """A page of a match: what it is not, how heavy things feel, who fits and why, who was left out."""
    head = [values["no_diagnosis"], values["severity"]["text"], _place(values, asked_near),
            *(one["question"] for one in values["ask_for"]), _understood(values["understood"]),
            _total(values["total"])]
    left = "; ".join(f"{one['text']}: {one['count']}" for one in values["left_out"])
    tail = [_more(values), _said(gettext("Left out:"), left),
            *(_said(gettext("To find more:"), one["text"]) for one in values["to_find_more"])]
    return (help_text(values["help_now"]),
            "\n".join(filter(None, [*head, *_groups(values["groups"], values), *tail])))


def _understood(found: Sequence[Mapping[str, str]]) -> str:
    sure = [one["code"] for one in found if one["certainty"] != "unsure"]
    return _said(gettext("Understood as:"), str(wording.topics_text(sure)) if sure else "")


def _place(values: Mapping[str, Any], asked_near: bool) -> str:
    place = values["place"]
    if place is not None:
        return _said(gettext("Near:"), place["text"])
    if not asked_near:
        return ""
    choices = [one["text"] for one in values["place_choices"]]
    if choices:
        return gettext("We do not know that place. Did you mean: %(alike)s?", alike="; ".join(choices))
    return gettext("We do not know that place. Try a ZIP code, or a town and its state.")


def _total(count: int) -> str:
    return ngettext("%(count)s group.", "%(count)s groups.", count)


def _more(values: Mapping[str, Any]) -> str:
    if values["page"] * values["per_page"] >= values["total"]:
        return ""
    return gettext("There are more: ask for page %(page)s.", page=values["page"] + 1)


def _groups(found: Sequence[Mapping[str, Any]], values: Mapping[str, Any]) -> list[str]:
    first = (values["page"] - 1) * values["per_page"] + 1
    return [text for number, one in enumerate(found, first) for text in _group(number, one)]


def _group(number: int, one: Mapping[str, Any]) -> list[str]:
    title = f"{number}. {one['name']}" + (f" ({one['organization']})" if one["organization"] else "")
    far = wording.distance_text(one["distance_miles"]) if one["distance_miles"] is not None else ""
    facts = [one.get("fit", ""), one["kind"], "; ".join(one["when"]), one["where"], far, one["cost"], one["room"],
             one["join"], one["checked"]]
    reach = [one[name] for name in ("phone", "email", "url", "page") if one[name]]
    reasons = [each["text"] for each in one.get("reasons", ())][:MOST_REASONS]
    asks = [each["text"] for each in one.get("ask_first", ())]
    more = (_said(gettext("Why:"), "; ".join(reasons)), _said(gettext("Ask first:"), " ".join(asks)))
    return [title, _line(facts), _line([*reach, f"id {one['id']}"]), *(f"   {said}" for said in more if said)]


def _said(what: str, text: str) -> str:
    """A word and what stands behind it; nothing where there is nothing to say. (What is marked for translation within
    an f-string is not found.)"""
    return f"{what} {text}" if text else ""


def _line(parts: Iterable[str]) -> str:
    return "   " + " · ".join(one.rstrip(".") for one in parts if one)


def listing(values: Mapping[str, Any]) -> tuple[str, ...]:
    """One group whole."""
    document = values["listing"]
    found = [document["name"], wording.label("group_types", document["group_type"]),
             *(f"{one['title']}: {' '.join(one['lines'])}" for one in values["in_words"]), values["checked"],
             values["page"] or "", document.get("description") or ""]
    return "\n".join(filter(None, found)), help_text(values["help_now"])


def vocabulary(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Code lists."""
    found = []
    for name, terms in values["lists"].items():
        found += [f"{name}:", *(f"- {one['code']}: {one['label']}"
                                + (f". {one['definition']}" if one.get("definition") else "") for one in terms)]
    return ("\n".join(found),)


def crisis_lines(values: Mapping[str, Any]) -> tuple[str, ...]:
    """All lines."""
    return ("\n".join([*_lines(values["lines"]), values["note"]]),)
