"""The form for listings as its template draws it: sections of controls with what was typed and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from finder import wording
from finder.errors import Problem
from finder.schedules.recurrence import next_dates
from finder.web.operator import form_sessions
from finder.web.operator.form_fields import (
    AFTER_SESSIONS,
    BEFORE_SESSIONS,
    PLACE,
    REMOTE,
    SESSION,
    SEVERITY_LABELS,
    Field,
    Section,
    fields_of,
)
from finder.web.operator.form_kinds import Form, Pick, Ticks, several
from finder.web.operator.form_sessions import Block
from finder.wordings.language import N_, capital, gettext

DATES_SHOWN = 5
# What the reading of forms and schedules finds, beside what the validator does (wordings.problems).
PROBLEMS: Mapping[str, str] = {
    "not_understood": N_("We do not understand “%(words)s”. Say it in other words, for example: Tuesdays, 6–7:30 pm"),
    "time_needed": N_("Please say the time as well. For example: 6–7:30 pm"),
    "day_needed": N_("Please say the day as well. For example: Tuesdays"),
    "which_week": N_("Please say which week of the month. For example: 2nd and 4th Tuesday"),
    "which_weekday": N_("Please say which day of the week."),
    "weekday_mismatch": N_("That date is another day of the week. Please check both."),
    "conflicting": N_("Two things here do not fit together: “%(words)s”. Please say it in two times."),
    "never_meets": N_("With these dates it would never meet. Please check them."),
    "exception_not_exact": N_("We cannot tell which dates are left out. Name each date."),
    "length_out_of_range": N_("A meeting lasts from a minute to a day. Please check the times."),
    "premium_number": N_("This number costs the caller money. Give one that does not."),
    "foreign_number": N_("This number is in another country. Give one that people here can call."),
    "conflict": N_("Somebody else changed this first. Please choose for each part."),
}
ASSUMED: Mapping[str, str] = {
    "assumed_morning": N_("We took the morning: %(time)s."),
    "assumed_afternoon": N_("We took the afternoon: %(time)s."),
    "assumed_evening": N_("We took the evening: %(time)s."),
    "assumed_year": N_("We took the next such date: %(day)s."),
    "assumed_start": N_("We count from %(day)s. Name the first date if that is another one."),
    "assumed_last_day": N_("We took %(day)s as the last day."),
    "assumed_holidays": N_("We left out these days: %(days)s."),
    "assumed_every_year": N_("We took it as every year."),
    "assumed_of_the_month": N_("We took it as of each month."),
    "assumed_every_two_weeks": N_("We took it as every two weeks."),
    "assumed_for_all": N_("We took it for all the times."),
    "assumed_for_last": N_("We took it for the last time only."),
    "assumed_two_times": N_("We took it as two times, not as from one to the other."),
}


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to pick or tick."""

    code: str
    label: str
    chosen: bool
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """One field as it is drawn. `options` of ticks begin with what is ticked, so that its order stays."""

    name: str
    label: str
    hint: str
    control: str
    value: str
    more: str  # of the box beside the ticks
    options: tuple[Option, ...]
    errors: tuple[str, ...]
    type: str
    most: int
    size: str
    inputmode: str

    @property
    def chosen(self) -> int:
        return sum(one.chosen for one in self.options)


@dataclass(frozen=True, slots=True)
class Part:
    """A section of controls."""

    name: str
    title: str
    hint: str
    controls: tuple[Control, ...]
    folded: bool


@dataclass(frozen=True, slots=True)
class Meeting:
    """One session: its controls, and what its words were understood as."""

    number: int
    was: str
    when: tuple[Control, ...]
    place: tuple[Control, ...]
    point: tuple[Control, ...]
    remote: tuple[Control, ...]
    said: tuple[str, ...]
    dates: tuple[str, ...]
    assumed: tuple[str, ...]
    unsaid: str  # the rule in words, where the box cannot hold it
    point_words: str
    spot: tuple[float, float] | None  # that a map can be drawn around
    has_place: bool
    has_link: bool


def parts(form: Form, errors: Mapping[str, Sequence[str]], *, after: bool) -> list[Part]:
    """The sections before or after the sessions."""
    return [_part(one, form, errors) for one in (AFTER_SESSIONS if after else BEFORE_SESSIONS)]


def _part(section: Section, form: Form, errors: Mapping[str, Sequence[str]]) -> Part:
    controls = tuple(_control(one, one.path, form, errors) for one in fields_of(section))
    open_now = any(one.errors for one in controls) or any(one.value or one.more or one.chosen for one in controls
                                                          if section.name in ("tags",))
    return Part(section.name, gettext(section.title), gettext(section.hint) if section.hint else "", controls,
                section.folded and not open_now)


def controls(asked: Iterable[Field], form: Form, errors: Mapping[str, Sequence[str]]) -> list[Control]:
    """Single fields, for a page that asks for a few."""
    return [_control(one, one.path, form, errors) for one in asked]


def _control(one: Field, name: str, form: Form, errors: Mapping[str, Sequence[str]]) -> Control:
    ticked, kind = several(form, name), one.kind
    value = (form.get(name) or ("",))[0]
    main = (form.get(f"{name}.main") or ("",))[0]
    more = (form.get(f"{name}.more") or ("",))[0]
    return Control(name, gettext(one.label), gettext(one.hint) if one.hint else "", kind.control, value, main or more,
                   _options(kind, value, ticked), tuple(errors.get(name, ())), kind.type, kind.most, kind.size,
                   kind.inputmode)


def _options(kind: Any, value: str, ticked: Sequence[str]) -> tuple[Option, ...]:
    if isinstance(kind, Pick):
        known = dict(kind.options())
        blank = {"": gettext(kind.unstated)} if kind.unstated else {} if value else {"": gettext("Please pick one")}
        if value:
            known.setdefault(value, value)
        return tuple(Option(code, label, code == value) for code, label in {**blank, **known}.items())
    if isinstance(kind, Ticks):
        known = dict(kind.options())
        if kind.control == "posts":
            return tuple(Option(code, capital(gettext(SEVERITY_LABELS[code])), code in ticked, words)
                         for code, words in known.items())
        first = [one for one in ticked if kind.control == "tongues" or one in known]
        order = [*first, *(code for code in known if code not in first)]
        return tuple(Option(code, known.get(code) or wording.label("languages", code), code in first)
                     for code in order)
    return (Option("yes", "", bool(ticked)),) if kind.control == "tick" else ()


# -- sessions --------------------------------------------------------------------------------------------------------


def meetings(form: Form, errors: Mapping[str, Sequence[str]], blocks: Sequence[Block], now: datetime) -> list[Meeting]:
    """The sessions of a form; `blocks` is how they were read."""
    read = {one.number: one for one in blocks}
    return [_meeting(number, form, errors, read.get(number), now) for number in form_sessions.numbers(form)]


def _meeting(number: int, form: Form, errors: Mapping[str, Sequence[str]], block: Block | None,
             now: datetime) -> Meeting:
    head = f"sessions.{number}."

    def drawn(several_fields: Iterable[Field]) -> tuple[Control, ...]:
        return tuple(_control(one, head + one.path, form, errors) for one in several_fields)

    when, remote = drawn(SESSION), drawn(REMOTE)
    place, point = drawn(PLACE[:5] + PLACE[6:7]), drawn(PLACE[5:6] + PLACE[7:])
    sessions = [one for one in (block.sessions if block else ()) if _timed(one)] if not when[1].errors else []
    said = tuple(_sentence(one, now) for one in sessions)
    unsaid = said[0] if said and not when[1].value.strip() else ""
    dates = sorted({one for session in sessions for one in _starts(session, now)})[:DATES_SHOWN]
    location = (block.sessions[0].get("location") or {}) if block else {}
    return Meeting(
        number, (form.get(f"{head}was") or ("",))[0], when, place, point, remote, said,
        tuple(wording.moment_text(one, str(one.tzinfo)) for one in dates),
        tuple(assumed_words(one) for one in (block.assumed if block else ())), unsaid,
        _point_words(location), _spot(location),
        _stated((*place, *point)) or when[0].value in ("", "in_person", "hybrid"),
        _stated(remote) or when[0].value not in ("", "in_person"))


def _stated(controls: Sequence[Control]) -> bool:
    return any(one.value.strip() or one.chosen or one.errors for one in controls)


def _timed(session: Mapping[str, Any]) -> bool:
    return any(session.get(name) for name in ("anytime", "repeats", "start_time", "valid_from"))


def _sentence(session: Mapping[str, Any], now: datetime) -> str:
    try:
        return wording.schedule_text(session, today=now.date(), zone=True)
    except (KeyError, ValueError, IndexError):
        return ""  # a rule that the validator is about to refuse


def _starts(session: Mapping[str, Any], now: datetime) -> list[datetime]:
    try:
        return next_dates(session, now=now, count=DATES_SHOWN)
    except (KeyError, ValueError, TypeError):
        return []


def _spot(location: Mapping[str, Any]) -> tuple[float, float] | None:
    """The point of a place that is shown to everybody; one outside the square of web maps has no map."""
    latitude, longitude = location.get("latitude"), location.get("longitude")
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float) or location.get("hidden"):
        return None
    return (float(latitude), float(longitude)) if -85 < latitude < 85 and -180 <= longitude <= 180 else None


def _point_words(location: Mapping[str, Any]) -> str:
    """How good the point of a place is."""
    if location.get("latitude") is None:
        return gettext("No point on the map yet. A ZIP code, or a town and its state, gives one.")
    return {"exact": gettext("The map shows the very point."), "street": gettext("The map shows the street address."),
            "postal_code": gettext("The map shows the middle of the ZIP code."),
            "city": gettext("The map shows the middle of the town.")}.get(
                str(location.get("precision")), gettext("The map shows a point."))


# -- words for problems ----------------------------------------------------------------------------------------------


def problem_words(problems: Mapping[str, Sequence[Problem]]) -> dict[str, list[str]]:
    """Sentences for problems, by field."""
    return {name: list(dict.fromkeys(_problem(one) for one in many)) for name, many in problems.items()}


def _problem(one: Problem) -> str:
    sentence = PROBLEMS.get(one.code)
    values = {"words": "", **one.values}
    return gettext(sentence, **values) if sentence and "%(" in sentence else gettext(sentence) if sentence else \
        wording.problem_text(one)


def assumed_words(one: Problem) -> str:
    """What was taken for granted in reading a schedule, so that people can put it right."""
    values: dict[str, Any] = dict(one.values)
    if "day" in values:
        values["day"] = wording.day_text(values["day"])
    if "days" in values:
        values["days"] = wording.listed(wording.day_text(day) for day in values["days"])
    sentence = ASSUMED.get(one.code, N_("We took the likeliest meaning."))
    return gettext(sentence, **values) if "%(" in sentence else gettext(sentence)
