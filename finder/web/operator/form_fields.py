"""The one table of the form for listings: every field of a listing document, in the order of the page.

A field's path is its name in the document, in the form and in errors. Sessions have tables of their own below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from finder.web.operator.form_kinds import (
    Counties,
    Kind,
    Lines,
    Listed,
    Number,
    Options,
    Payers,
    Pick,
    Posts,
    States,
    Tags,
    Text,
    Tick,
    Ticks,
    Tongues,
    Topics,
    Whole,
    YesNo,
    of_list,
    of_table,
)
from finder.wordings.language import N_, zone_name
from finder.wordings.topics import SUPPORT


@dataclass(frozen=True, slots=True)
class Field:
    """One field: where it stands in the document, how it is asked, and what helps to answer."""

    path: str
    label: str
    kind: Kind
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Fields under one heading. `name` is its id on the page; a `folded` one opens with a press."""

    name: str
    title: str
    fields: tuple[Field, ...]
    hint: str = ""
    folded: bool = False


ANSWERS = of_table({"yes": N_("Yes"), "on_request": N_("If you ask first"), "no": N_("No")})
_WELCOME = of_table({"welcome": N_("Welcome"), "refused": N_("Not welcome here")})
_YES_NO = of_table({"yes": N_("Yes"), "no": N_("No")})
STATUSES: Mapping[str, str] = {
    "active": N_("Meeting now"), "paused": N_("Not meeting for now"), "closed": N_("It has ended"),
}
ORGANIZATION_KINDS: Mapping[str, str] = {
    "peer_run": N_("Run by peers"), "nonprofit": N_("Nonprofit"), "public": N_("Public agency"),
    "health_system": N_("Hospital or health system"), "private_practice": N_("Private practice"),
    "faith": N_("Faith community"), "school": N_("School or college"), "employer": N_("Employer"),
    "tribal": N_("Tribal organization"), "veterans": N_("Veterans’ organization"), "library": N_("Library"),
    "other": N_("Something else"),
}
ATTENDEES: Mapping[str, str] = {
    "person": N_("People who have this themselves"), "relatives": N_("Family, friends and carers"),
    "anyone": N_("Anyone: you, family and friends"),
}
GENDERS: Mapping[str, str] = {"women": N_("Women only"), "men": N_("Men only"), "mixed": N_("Mixed")}
PAYERS: Mapping[str, str] = {
    "none": N_("Takes no insurance"), "medicaid": N_("Medicaid"), "medicare": N_("Medicare"),
    "private": N_("Private insurance"), "military_ins": N_("TRICARE or other military insurance"),
    "va": N_("VA benefits"), "ihs": N_("Indian Health Service or tribal funds"),
    "state_insurance": N_("State insurance"), "justice_funds": N_("Court funds"), "grant": N_("Grant funds"),
}
CAPACITIES: Mapping[str, str] = {
    "open": N_("Open to new people"), "waitlist": N_("Waiting list"), "full": N_("Full, no waiting list"),
    "assessment_first": N_("A first talk comes before joining"),
}
JOINING: Mapping[str, str] = {
    "walk_in": N_("People just come"), "call": N_("People call first"), "register": N_("People sign up first"),
    "referral": N_("People need a referral"),
}
LATER = of_table({"yes": N_("You can join at any time"), "no": N_("Only at the start")})
POSTS: Mapping[str, str] = {
    "0": N_("Company and talk"), "1": N_("Hard weeks"), "2": N_("Low mood most days. We know who to call"),
    "3": N_("A therapist is part of the group"), "4": N_("Several times a week, with a care team"),
}
ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
         "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico", "Pacific/Guam")


def _zones() -> Mapping[str, str]:
    return {one: zone_name(one) for one in ZONES}


def _access() -> tuple[Field, ...]:
    labels = of_list("accessibility")()
    return tuple(Field(f"accessibility.{code}", label, Pick(options=ANSWERS)) for code, label in labels.items())


def _flag(path: str, label: str, hint: str = "", options: Options = _YES_NO) -> Field:
    return Field(path, label, YesNo(options=options), hint)


_GROUP = Section("group", N_("The group"), (
    Field("name", N_("Name of the group"), Text()),
    Field("group_type", N_("Kind of group"), Pick(options=of_list("group_types"), unstated=None)),
    Field("status", N_("Is it meeting?"), Pick(options=of_table(STATUSES), unstated=None)),
    Field("led_by", N_("Who leads it"), Pick(options=of_list("facilitator_types"))),
    Field("focus", N_("What it is about"), Topics(options=of_list("focus_areas"))),
    Field("modalities", N_("Ways of working"), Ticks(options=of_list("modalities"))),
    Field("description", N_("About the group, and what to expect the first time"), Lines(5000),
          N_("Who greets people? Can they just listen? How many come?")),
))
_ORGANIZATION = Section("organization", N_("Who runs it"), (
    Field("organization.name", N_("Name of the organization"), Text()),
    Field("organization.kind", N_("What it is"), Pick(options=of_table(ORGANIZATION_KINDS))),
    Field("organization.url", N_("Website"), Text(2000, inputmode="url"), N_("It starts with https://")),
    Field("organization.email", N_("Email"), Text(254, type="email")),
    Field("organization.phone", N_("Phone"), Text(60, type="tel", size="w-m")),
))
_START = Section("start", N_("When people can join"), (
    Field("starts_on", N_("Next start date"), Text(10, type="date", size="w-m"),
          N_("For groups that begin on a set day.")),
    Field("open_group", N_("Can people join later?"), YesNo(options=LATER)),
    Field("capacity.status", N_("Can new people come?"), Pick(options=of_table(CAPACITIES)),
          N_("After 90 days people are told to ask.")),
    Field("capacity.wait_weeks", N_("How many weeks people wait"), Number(8, size="w-s", inputmode="decimal")),
    Field("capacity.seats", N_("Free places"), Whole(6, size="w-s", inputmode="numeric")),
))
_WHO = Section("who", N_("Who it is for"), (
    Field("attendees", N_("Who may come"), Pick(options=of_table(ATTENDEES))),
    Field("age.min", N_("Youngest age"), Whole(3, size="w-s", inputmode="numeric")),
    Field("age.max", N_("Oldest age"), Whole(3, size="w-s", inputmode="numeric")),
    Field("gender_mix", N_("Women, men or mixed"), Pick(options=of_table(GENDERS))),
    Field("populations", N_("Made for"), Ticks(options=of_list("populations")), N_("Others may come too.")),
    Field("restricted_to", N_("Only for"), Ticks(options=of_list("populations")), N_("Nobody else may come.")),
    Field("languages", N_("Language"), Tongues(options=of_list("languages"))),
    Field("interpreter", N_("Interpreter"), Pick(options=ANSWERS)),
    Field("severity", N_("How much support do you give?"), Posts(options=of_table(POSTS)),
          N_("Think of the hardest day you can hold. Pick all that fit.")),
))
_COST = Section("cost", N_("Cost"), (
    _flag("cost.free", N_("Is it free?"), options=of_table({"yes": N_("Yes, free"), "no": N_("No, there is a fee")})),
    Field("cost.amount", N_("Fee for each time"), Number(10, size="w-s", inputmode="decimal")),
    Field("cost.currency", N_("Currency"), Text(3, size="w-s"), N_("Three letters. Empty means US dollars.")),
    Field("cost.sliding_scale", N_("People with a low income pay less"), Tick()),
    Field("cost.insurance", N_("Insurance"), Payers(options=of_table(PAYERS))),
    Field("cost.note", N_("More about the cost"), Text(300)),
))
_CONTACT = Section("contact", N_("How people join"), (
    Field("contact.how_to_join", N_("How to join"), Pick(options=of_table(JOINING))),
    Field("contact.phone", N_("Phone"), Text(60, type="tel", size="w-m")),
    Field("contact.email", N_("Email"), Text(254, type="email")),
    Field("contact.url", N_("Web page"), Text(2000, inputmode="url"), N_("It starts with https://")),
    Field("contact.note", N_("What to say or bring"), Text(500)),
))
_RULES = Section("rules", N_("Rules"), (
    Field("policies.recovery_medication", N_("Recovery medicine"), Pick(options=_WELCOME)),
    Field("policies.moderation_goal", N_("Cutting down, not stopping"), Pick(options=_WELCOME)),
    Field("policies.min_days_sober", N_("Days without use first"), Whole(4, size="w-s", inputmode="numeric")),
    Field("policies.excludes", N_("People it cannot take now"),
          Ticks(options=of_table({"active_suicidal_crisis": N_("People in a crisis with thoughts of suicide")}))),
    _flag("policies.court_ordered_only", N_("Only for people sent by a court")),
    _flag("policies.partners_welcome", N_("Partners may come")),
    _flag("policies.one_to_one", N_("One-to-one talks")),
    _flag("policies.walk_in", N_("People can walk in")),
    _flag("policies.moderated", N_("Someone watches over the space"), N_("For text and chat.")),
    Field("policies.hours_per_week", N_("Hours a week"), Number(5, size="w-s", inputmode="decimal")),
    Field("policies.group_size", N_("People in the group"), Whole(5, size="w-s", inputmode="numeric")),
), folded=True)
_AREA = Section("area", N_("Where people must live"), (
    Field("licensed_states", N_("States it may serve online"), States(1000), N_("Letters or names, with commas.")),
    Field("coverage.states", N_("Only for people in these states"), States(1000), N_("Letters or names, with commas.")),
    Field("coverage.counties", N_("Only for people in these counties"), Counties(20000),
          N_("One a line, like Montgomery, PA")),
    Field("coverage.postal_codes", N_("Only for people in these ZIP codes"), Listed(20000), N_("With commas.")),
    Field("coverage.countries", N_("Only for people in these countries"), Listed(500),
          N_("Two letters each, with commas.")),
), hint=N_("Leave it empty when there is no limit."), folded=True)
_TAGS = Field("x.tags", N_("Tags"), Tags(1000), N_("Short words that a steward has set, with spaces between."))

SESSION: tuple[Field, ...] = (
    Field("format", N_("How you meet"), Pick(options=of_list("session_formats"), unstated=N_("Please pick one"))),
    Field("when", N_("When"), Lines(500),
          N_("Say it as you would to a friend: 2nd and 4th Tuesday, 6–7:30 pm, not in July")),
    Field("timezone", N_("Time zone"), Pick(options=_zones, size="w-l")),
)
PLACE: tuple[Field, ...] = (
    Field("location.name", N_("Name of the place"), Text()),
    Field("location.address_1", N_("Street and number"), Text()),
    Field("location.city", N_("Town"), Text(100)),
    Field("location.state", N_("State"), Text(50, size="w-m")),
    Field("location.postal_code", N_("ZIP code"), Text(20, size="w-s")),
    Field("location.country", N_("Country"), Text(2, size="w-s"), N_("Two letters. Empty means the United States.")),
    Field("location.hidden", N_("Do not show the address. People get it when they call."), Tick()),
    Field("location.latitude", N_("Latitude"), Number(20, size="w-m", inputmode="decimal")),
    Field("location.longitude", N_("Longitude"), Number(20, size="w-m", inputmode="decimal")),
)
REMOTE: tuple[Field, ...] = (
    Field("join_url", N_("Link to join"), Text(2000, inputmode="url"), N_("It starts with https://")),
    Field("dial_in", N_("Number to dial in"), Text(60, type="tel", size="w-m")),
)
BEFORE_SESSIONS = (_GROUP, _ORGANIZATION)
AFTER_SESSIONS = (_START, _WHO, _COST, _CONTACT,
                  Section("access", N_("Access"), (), hint=N_("Unknown is fine. People will ask you."), folded=True),
                  _RULES, _AREA, Section("tags", N_("Tags"), (_TAGS,), folded=True))


def fields() -> tuple[Field, ...]:
    """Every field but those of sessions, in the order of the page, with labels of the reader's language for access."""
    return tuple(field for section in (*BEFORE_SESSIONS, *AFTER_SESSIONS) for field in fields_of(section))


def fields_of(section: Section) -> tuple[Field, ...]:
    """The fields of a section; those of access are the vocabulary's own."""
    return _access() if section.name == "access" else section.fields


SEVERITY_LABELS: Mapping[str, str] = {str(level): words for level, words in SUPPORT.items()}
