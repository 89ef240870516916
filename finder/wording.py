"""Codes and values turned into short plain sentences in the reader's language, for every page, the API and mail.

Outside a request or an app the language is English. No fact is added here and nothing is looked up in the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from finder.errors import Problem
from finder.wordings import (
    checks,
    facts,
    listing_lines,
    piece_names,
    problems,
    reasons,
    results,
    schedule,
    states,
    visits,
)
from finder.wordings.kept import kept
from finder.wordings.language import capital, day, listed, miles, reach
from finder.wordings.topics import FORMATS, TOPICS, named

__all__ = [
    "age_text", "arriving_text", "band_text", "capacity_text", "check_text", "cost_text", "day_text", "distance_text",
    "facet_text", "facet_value_text", "format_text", "freshness_text", "hidden_text", "join_text", "label",
    "languages_text", "leader_text", "listed", "listing_lines_text", "moment_text", "notice_text", "notice_title",
    "piece_text", "privacy_lines", "problem_text", "reach_text", "reason_text", "relax_text", "schedule_text",
    "severity_text", "state_text", "support_range_text", "support_text", "topics_text", "weekday_text",
]


def reason_text(reason: Mapping[str, Any]) -> str:
    """Why a group may fit, from a reason's `code`, `criterion` and `values`; a short fact without a full stop."""
    return _reason(reason.get("code"), reason.get("criterion"), reason.get("values"))


def check_text(check: Mapping[str, Any]) -> str:
    """What to ask first, with the question word for word, from a check's `code`, `criterion` and `values`."""
    return _check(check.get("code"), check.get("criterion"), check.get("values"))


@kept
def _reason(code: str | None, criterion: str | None, values: Mapping[str, Any] | None) -> str:
    return reasons.reason_sentence({"code": code, "criterion": criterion, "values": values})


@kept
def _check(code: str | None, criterion: str | None, values: Mapping[str, Any] | None) -> str:
    return checks.check_sentence({"code": code, "criterion": criterion, "values": values})


def hidden_text(code: str) -> str:
    """Why programs were left out: "Too far away"."""
    return results.hidden_label(code)


def relax_text(relax: Mapping[str, Any]) -> str:
    """What one change of the search would add: "Widen to 25 miles: 7 more"."""
    return results.relax_sentence(relax)


def notice_title(code: str) -> str:
    """The heading of a notice."""
    return results.notice_title(code)


def notice_text(code: str) -> str:
    """The body of a notice, without numbers to call: those are settings and stand beside it."""
    return results.notice_sentences(code)


def band_text(band: str) -> str:
    """How well a group fits: "Strong fit"."""
    return results.band_sentence(band)


def severity_text(level: int | None) -> str:
    """How heavy things feel right now, by the person's own answers (levels 0-4, None unknown)."""
    return results.level_sentence(level)


def problem_text(problem: Problem) -> str:
    """What is wrong with an answer, and how to put it right."""
    return problems.problem_sentence(problem)


@kept
def schedule_text(session: Mapping[str, Any], *, today: date | None = None, zone: bool | None = None) -> str:
    """When a session of a listing document meets: "Every Tuesday, 6:00–7:30 pm Eastern".

    With `today`, past dates are left out. `zone` True or False forces the time zone; None shows it unless people meet
    in person only.
    """
    return schedule.session_sentence(session, today=today, zone=zone)


def moment_text(moment: datetime, zone: str | None = None, *, begins: bool = True) -> str:
    """One meeting: "Tuesday, December 1, 6:00 pm Eastern"; `zone` is the IANA name of the moment's own zone, `begins`
    says whether it begins a sentence."""
    return schedule.moment_sentence(moment, zone, begins=begins)


def day_text(moment: date | str, *, year: bool = True) -> str:
    """A date in words: "January 14, 2027"; accepts YYYY-MM-DD."""
    return day(date.fromisoformat(moment) if isinstance(moment, str) else moment, year=year)


@kept
def cost_text(cost: Mapping[str, Any] | None) -> str:
    """What a group costs, from a listing's `cost`."""
    return facts.cost(cost)


@kept
def capacity_text(capacity: Mapping[str, Any] | None, *, starts_on: str | None = None,
                  today: date | None = None) -> str:
    """Whether there is a place, from a listing's `capacity` and `starts_on`."""
    return facts.capacity(capacity, starts_on=starts_on, today=today)


@kept
def freshness_text(verified_on: str | None, today: date) -> str:
    """When the facts were last checked: "Checked 3 weeks ago"."""
    return facts.checked(verified_on, today)


def distance_text(distance_miles: float) -> str:
    """A distance: "2 miles"."""
    return miles(distance_miles)


def reach_text(radius_miles: float) -> str:
    """A radius as it was asked for: "22.5 miles"."""
    return reach(radius_miles)


@kept
def label(list_name: str, code: str) -> str:
    """The label of a vocabulary code in the reader's language."""
    return facts.label(list_name, code)


def languages_text(codes: list[str] | tuple[str, ...]) -> str:
    """Languages as a list: "English and Spanish"."""
    return capital(facts.languages(codes))


def topics_text(codes: list[str] | tuple[str, ...]) -> str:
    """Focus codes as a list inside a sentence: "anxiety and worry, and trouble sleeping"."""
    return named(TOPICS, codes)


def format_text(code: str) -> str:
    """How a session meets: "By video"."""
    return named(FORMATS, code) or code


@kept
def leader_text(led_by: str | None) -> str:
    """Who leads a group: "Led by a licensed therapist"."""
    return facts.leader(led_by)


def age_text(age: Mapping[str, Any] | None) -> str:
    """Who may come by age, from a listing's `age`: "Ages 18 to 25"."""
    return facts.ages(age)


def support_text(group_type: str) -> str:
    """What the first visit to a kind of group is like."""
    return facts.support_line(group_type)


def arriving_text(formats: list[str]) -> str:
    """What to do the first time, by the ways a group meets."""
    return visits.arriving(formats)


def privacy_lines(document: Mapping[str, Any]) -> list[str]:
    """Who hears what is said in a group: sentences from a listing document."""
    return visits.privacy(document)


def join_text(document: Mapping[str, Any]) -> str:
    """How to join a group, in one sentence."""
    return listing_lines.joining(document)


def listing_lines_text(document: Mapping[str, Any], today: date) -> list[tuple[str, list[str]]]:
    """What the people of a listing are asked about: when, where, phone and so on, each a title and lines."""
    return listing_lines.lines(document, today)


def piece_text(piece: str) -> str:
    """A piece of a listing that people decide about, in words: "Phone" for "contact.phone"."""
    return piece_names.name(piece)


def state_text(code: str) -> str:
    """The name of a state from its two letters."""
    return states.name(code)


@kept
def support_range_text(low: int, high: int, *, stated: bool = True) -> str:
    """How much support a group gives: "Light to medium support"; levels 0-4."""
    return facts.support_range(low, high, stated=stated)


def facet_text(facet: str) -> str:
    """The title of a facet."""
    return results.facet_title(facet)


@kept
def facet_value_text(facet: str, code: str) -> str:
    """The label of one choice of a facet; `unknown` is "Not stated"."""
    return results.facet_label(facet, code)


def weekday_text(number: int) -> str:
    """The name of a day of the week, 0 Monday to 6 Sunday."""
    return schedule.weekday_text(number)
