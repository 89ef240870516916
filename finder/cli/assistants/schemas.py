"""What the tools are called, what they take and what they answer, as JSON Schema 2020-12, written from the same lists
that check what is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from finder.cli.assistants.asked import MATCH_PAGE, MODES, MOST_MATCHED, MOST_SEARCHED, SEARCH_PAGE
from finder.crisis import COUNTRIES
from finder.crisis.line import KINDS, TOPICS
from finder.intake.notices import ORDER as NOTICES
from finder.matching.ruleset import BANDS
from finder.search import query_schema as query
from finder.vocabulary import LIST_NAMES

Schema = dict[str, Any]

# The contract's three documents as they are published; the JSON API describes itself with the same files.
DOCUMENTS = Path(__file__).resolve().parents[2] / "api" / "documents"
NAMES = ("listing", "intake", "match")

SAFETY = ("If somebody may be in danger (thoughts of suicide or self-harm, an overdose, withdrawal, violence, losing "
          "touch with what is real), give them the crisis lines first and whole, before any group, and in the words of "
          "the answer: never shortened, never put last. Nothing here is a diagnosis, medical advice or an emergency "
          "service.")
INSTRUCTIONS = (
    "A directory of outpatient peer support groups and group therapy programs, and a matcher that says why a group "
    "fits. It only reads: nothing that is asked is stored or logged.\n\n" + SAFETY + "\n\n"
    "Use match_groups when a person tells what they need: pass what they said and no more, and leave out what you do "
    "not know; unknown is never no. Tell the reasons in the answer, the questions to ask first, and how many groups "
    "were left out and why. Do not turn a band into a number or a promise. Use search_groups to look things up by "
    "words, place and filters, get_listing for one group, list_vocabulary for the codes, crisis_lines for help right "
    "now. Facts in listings come from the groups; say when each was last checked, and do not add to them.")


def document(name: str) -> Schema:
    """One of the contract's schemas: `listing`, `intake` or `match`."""
    loaded: Schema = orjson.loads((DOCUMENTS / f"{name}.schema.json").read_bytes())
    return loaded


@dataclass(frozen=True, slots=True)
class Described:
    """One tool as assistants see it."""

    name: str
    title: str
    about: str
    takes: Schema
    gives: Schema


def tools(languages: Iterable[str]) -> tuple[Described, ...]:
    """Every tool, for an instance that speaks these languages."""
    lang: Schema = {"type": "string", "enum": list(languages), "description": "Language of the answer."}
    return (
        Described("search_groups", "Search groups", _SEARCH, _browse(lang), _SEARCH_ANSWER),
        Described("match_groups", "Match a person with groups", _MATCH, _matching(lang), _MATCH_ANSWER),
        Described("get_listing", "Read one group", "Everything known about one group, by its id or slug from an answer "
                  "before: when and where it meets, cost, how to join, when it was last checked. A group that is "
                  "paused is told too.", _takes({"id": {"type": "string", "minLength": 1, "maxLength": query.MOST_TEXT,
                                                 "description": "The id (a UUID) or the slug."}, "lang": lang}, "id"),
                  _LISTING_ANSWER),
        Described("list_vocabulary", "List the codes", "The codes that searches and matches go by, with their words. "
                  "Name one list to read its definitions too.", _takes({
                      "list": {"type": "string", "enum": list(LIST_NAMES), "description": "One list; else all."},
                      "lang": lang}), _VOCABULARY_ANSWER),
        Described("crisis_lines", "Crisis lines", "Help right now: the lines to call, text or chat with, somebody to "
                  "talk to first, with what each is for. " + SAFETY, _takes({"lang": lang}), _LINES_ANSWER),
    )


# -- what is taken ---------------------------------------------------------------------------------------------------


def _takes(properties: Mapping[str, Schema], *required: str, **more: Any) -> Schema:
    return {"type": "object", "properties": dict(properties), "required": list(required),
            "additionalProperties": False, **more}


def _codes(codes: Iterable[str], **more: Any) -> Schema:
    return {"type": "array", "items": {"type": "string", "enum": list(codes)}, "maxItems": query.MOST_CODES, **more}


_CODES: Schema = {"type": "array", "items": {"type": "string"}, "maxItems": query.MOST_CODES}


def _facet(facet: str) -> Schema:
    known = (*query.FACETS[facet], *(() if facet in query.ALWAYS_STATED else (query.UNKNOWN,)))
    if facet == "languages":
        return {"type": "array", "items": {"type": "string", "pattern": "^([a-z]{2,3}|unknown)$"},
                "maxItems": query.MOST_CODES}
    return _codes(known)


def _text(about: str, **more: Any) -> Schema:
    return {"type": "string", "maxLength": query.MOST_TEXT, "description": about, **more}


def _whole(about: str, most: int, **more: Any) -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": most, "description": about, **more}


def _browse(lang: Schema) -> Schema:
    clock = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
    modes = {"all_of": "Only groups that have all of these codes, as {\"accessibility\": [\"step_free\"]}.",
             "none_of": "Only groups that have none of these codes."}
    assert set(modes) == set(MODES)
    return _takes({
        "q": _text("Words to look for, all of them; \"quoted words\" as they stand; OR between wordings; a minus "
                   "before what must not be there. No story of a person: use match_groups for that."),
        "near": _text("A ZIP code, or `city, state`. Not together with a point."),
        "latitude": {"type": "number", "minimum": -90, "maximum": 90, "description": "Together with `longitude`."},
        "longitude": {"type": "number", "minimum": -180, "maximum": 180, "description": "Together with `latitude`."},
        "radius_miles": {"type": "number", "exclusiveMinimum": 0, "maximum": query.MOST_MILES,
                         "description": "Straight line; counts only with a place."},
        "nearest": _whole("Only so many groups that meet in person, the nearest. Needs a place.", query.MOST_NEAREST),
        "days": {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 6}, "maxItems": 7,
                 "description": "Days it meets on, 0 Monday to 6 Sunday."},
        "from": {"type": "string", "pattern": clock, "description": "Starts at this time (HH:MM) or later."},
        "until": {"type": "string", "pattern": clock, "description": "Starts at this time (HH:MM) or earlier."},
        "starting": _whole("Starts within so many hours from now.", query.MOST_HOURS),
        **{name: {**_facet(name), "description": "Any of these will do."} for name in query.FACETS},
        **{name: _takes({facet: _CODES for facet in query.FACETS}, description=about) for name, about in modes.items()},
        "insurance": _codes(query.INSURANCE, description="What pays; `cost: [\"covered\"]` goes by it."),
        "status": {"type": "string", "enum": list(query.STATUSES), "description": "Paused groups only when asked for."},
        "sort": {"type": "string", "enum": list(query.SORTS)},
        "facets": {"type": "boolean", "default": False, "description": "Also count what the groups found have."},
        "page": _whole("Which page.", query.DEEPEST, default=1),
        "per_page": _whole("Groups on one page.", MOST_SEARCHED, default=SEARCH_PAGE), "lang": lang,
    })


# What the parts of an intake mean (contract section 2), where their names do not say it.
_ABOUT: Mapping[str, str] = {
    "format": "May be left out.",
    "asked_by": "Who speaks; changes wording only. All else is about the person who would attend.",
    "attending_as": "person: has the difficulty; relative: family or carer.",
    "needs": "What it is about, most important first.",
    "needs_text": "What it is about in the person's own words; codes are read out of it.",
    "phq4": "The four answers of the PHQ-4, 0-3 each, in its order; only if all four were asked.",
    "impact": "How much it gets in the way of daily life: 0 not at all, 4 cannot manage.",
    "scores": "Totals of questionnaires that a provider states. phq9_item9 apart, because a total hides it.",
    "safety": "Thoughts of suicide: passive has thoughts and no plan, active may act, skip preferred not to say. "
              "Leave out what was not asked.",
    "urgent": "What cannot wait.", "goal": "With alcohol or drugs.",
    "near": "A ZIP code, `city, state`, or a point.", "radius_miles": "Straight line; left out: no limit.",
    "formats": "Wishes; see formats_required for musts.", "times": "Wishes; see times_required for musts.",
    "languages": "Any of these will do; en, es, asl and so on.",
    "identities": "What the person says they are, and no guess.", "not_identities": "What they say does not apply.",
    "women_only": "No men.", "access": "Wishes; see access_required for musts.",
    "avoid": "Kinds of group, ways of working or communities they would rather not be in.",
    "start_soon": "Within weeks.",
}


def _matching(lang: Schema) -> Schema:
    intake = document("intake")
    inner = intake.pop("$defs", {})
    for key in ("$schema", "$id", "title", "required"):
        intake.pop(key, None)
    for name, about in _ABOUT.items():
        intake["properties"][name] = {**intake["properties"][name], "description": about}
    intake["description"] = ("What the person said, in codes. All of it may be left out; leave out what you do not "
                             "know. A good match needs `needs` or `needs_text`, and `near` or a way to meet from afar.")
    return _takes({
        "intake": intake, "page": _whole("Which page.", query.DEEPEST // MOST_MATCHED, default=1),
        "per_page": _whole("Groups on one page.", MOST_MATCHED, default=MATCH_PAGE), "lang": lang,
    }, "intake", **{"$defs": inner})


# -- what is given ---------------------------------------------------------------------------------------------------

_STRING: Schema = {"type": "string"}
_MAYBE: Schema = {"type": ["string", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_STRINGS: Schema = {"type": "array", "items": _STRING}
_FACTS: Schema = {"type": "object"}


def _gives(properties: Mapping[str, Schema], *optional: str, **more: Any) -> Schema:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False,
            "required": [name for name in properties if name not in optional], **more}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _code(codes: Iterable[str]) -> Schema:
    return {"type": "string", "enum": list(codes)}


_LINE = _gives({
    "id": _STRING, "name": _STRING, "about": _STRING, "hours": _STRING, "languages": _STRINGS,
    "topics": _list(_code(TOPICS)),
    "ways": _list(_gives({"kind": _code(KINDS), "to": _STRING, "keyword": _STRING, "then": _STRING, "words": _STRING,
                          "link": _STRING})),
})
_HELP = _gives({
    "say_first": {"type": "boolean", "description": "true: tell the person this before anything else, and all of it."},
    "notices": {**_list(_gives({"code": _code(NOTICES), "title": _STRING, "text": _STRING})), "minItems": 1},
    "lines": {**_list(_LINE), "minItems": 1},
}, description="Help right now. It stands first and is never shortened.")
_PLACE = {"type": ["object", "null"]}
_GROUP: dict[str, Schema] = {
    "id": _STRING, "slug": _MAYBE, "page": _MAYBE, "name": _STRING, "organization": _MAYBE, "group_type": _STRING,
    "kind": _STRING, "focus": _STRINGS, "topics": _STRING, "led_by": _MAYBE, "formats": _STRINGS,
    "languages": _STRINGS, "status": _code(("active", "paused", "closed")), "when": _STRINGS, "where": _STRING,
    "cost": _STRING, "room": _STRING, "join": _STRING, "phone": _MAYBE, "url": _MAYBE, "email": _MAYBE,
    "checked": _STRING, "distance_miles": {"type": ["number", "null"], "minimum": 0}, "next_session": _MAYBE,
}
_MATCHED: dict[str, Schema] = {
    **_GROUP, "rank": {"type": "integer", "minimum": 1}, "band": _code([name for name, _ in BANDS]), "fit": _STRING,
    "reasons": _list(_gives({"criterion": _STRING, "code": _STRING, "text": _STRING})),
    "ask_first": {**_list(_gives({"code": _STRING, "text": _STRING})),
                  "description": "What is not known and should be asked before going there."},
}
_PAGED: dict[str, Schema] = {"place": _PLACE, "place_choices": _list(_FACTS), "total": _COUNT, "page": _COUNT,
                             "per_page": _COUNT}
_SEARCH_ANSWER = _gives({"help_now": _HELP, **_PAGED, "groups": _list(_gives(_GROUP)), "facets": _FACTS}, "facets")
_MATCH_ANSWER = _gives({
    "help_now": _HELP, "no_diagnosis": _STRING,
    "severity": _gives({"level": {"type": ["integer", "null"], "minimum": 0, "maximum": 4}, "sources": _STRINGS,
                        "text": _STRING}, description="How heavy things feel right now; no diagnosis."),
    **_PAGED, "understood": _list(_FACTS),
    "ask_for": _list(_gives({"field": _STRING, "question": _STRING})),
    "groups": _list(_gives(_MATCHED)),
    "left_out": {**_list(_gives({"reason": _STRING, "count": _COUNT, "text": _STRING})),
                 "description": "How many groups a rule left out; one group can be counted under several."},
    "to_find_more": _list(_gives({"change": _STRING, "value": {"type": ["number", "null"]}, "adds": _COUNT,
                                  "text": _STRING})),
})
_LISTING_ANSWER = _gives({
    "help_now": _HELP, "id": _STRING, "slug": _MAYBE, "status": _GROUP["status"], "page": _MAYBE, "checked": _STRING,
    "in_words": _list(_gives({"title": _STRING, "lines": _STRINGS})), "next_sessions": _STRINGS,
    "listing": {"type": "object", "description": "The whole document, finder-listing/1."},
})
_VOCABULARY_ANSWER = _gives({"lists": {
    "type": "object", "propertyNames": {"enum": list(LIST_NAMES)}, "additionalProperties": _list(
        _gives({"code": _STRING, "label": _STRING, "definition": _STRING}, "definition"))}})
_LINES_ANSWER = _gives({"country": {"type": "string", "description": f"For instance {COUNTRIES[0]}."},
                        "lines": {**_list(_LINE), "minItems": 1}, "note": _STRING})

_SEARCH = ("Search the directory of peer support groups and group therapy programs by words, place and radius, way to "
           "meet, day and time, cost, language and more; the same search as the site's. For a person who tells what "
           "they need, match_groups is better: it knows who may come and says why a group fits. If somebody may be in "
           "danger, give them the crisis lines of the answer first and whole.")
_MATCH = ("Match what a person says they need with groups: an intake document or its main parts, judged by fixed "
          "rules. The answer begins with help right now; then the groups that fit, best first, each with its reasons "
          "and with what to ask before going; how many were left out and why; and what one change would add. It is "
          "no diagnosis and tells no chance of success. Pass only what the person said. " + SAFETY)
