"""The page of one program: when first, then how to join, who it is for, the facts, and when each was last checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from finder import wording
from finder.exchange import schema_org
from finder.matching.ruleset import CAPACITY_DAYS
from finder.schedules.recurrence import Rule, occurrences
from finder.web.mapping import ROUGH
from finder.web.showing import IN_PERSON, REMOTE_ICONS, Mark, by_line, freshness, phone, seat, support, town
from finder.wordings.language import N_, gettext
from finder.wordings.piece_names import FIELDS as CHECKED
from finder.wordings.topics import PAYERS, named

MOST_DATES = 3
METHODS: Mapping[str, str] = {
    "phone": N_("Somebody called"), "email": N_("By email"), "web": N_("On their website"),
    "operator": N_("The group told us"), "visit": N_("Somebody visited"), "import": N_("From the source list"),
}
ANSWERS: Mapping[str, str] = {"yes": N_("Yes"), "no": N_("No"), "on_request": N_("If you ask first")}
ATTENDEES: Mapping[str, str] = {
    "person": N_("People who have this themselves"), "relatives": N_("Family, friends and carers"),
    "anyone": N_("Anyone: you, family and friends"),
}


@dataclass(frozen=True, slots=True)
class Start:
    """One of the next meetings: in the group's zone, and in the reader's where the server knows that."""

    words: str
    instant: str
    zone: str
    mine: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """One regular session as the page shows it."""

    schedule: str
    dates: tuple[Start, ...]
    way: str
    icon: str
    address: tuple[str, ...]
    address_later: bool
    join_url: str | None
    dial_in: str | None
    directions: str  # an address of another site; empty where no place is known


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of "The facts"."""

    title: str
    words: str


def view(found: Mapping[str, Any], now: datetime, *, zone: str | None = None, directions: str = "") -> dict[str, Any]:
    """Everything the template shows of a program from `find.program`.

    `zone` is the reader's own where their answers name a place; `directions` the address of a site that shows the way,
    with {to} in it.
    """
    document = found["document"]
    today = now.date()
    checked = document.get("verified") or {}
    sessions = document.get("sessions") or ()
    meetings = [_meeting(one, now, found["status"] == "active", zone, directions) for one in sessions]
    return {
        "document": document, "by": by_line(document), "title": title(document),
        "meetings": meetings, "calendar": any(one.dates for one in meetings),
        "seat": seat(document.get("capacity"), document.get("starts_on"), today), "support": support(document),
        "seat_age": seat_age(document.get("capacity"), today),
        "arriving": wording.arriving_text([one["format"] for one in sessions]),
        "private": wording.privacy_lines(document),
        "fresh": freshness(checked.get("on"), today), "phone": phone(document), "join": wording.join_text(document),
        "first_visit": wording.support_text(document["group_type"]), "who": who_words(document),
        "facts": _facts(document), "checks": _checks(document, today), "status": found["status"],
    }


def linked_data(found: Mapping[str, Any], address: str) -> str:
    """What schema.org says of a program from `find.program`, to stand in the head of its page. It is the same for every
    reader and in every language. `address`: where this instance is."""
    page = f"{address}/programs/{found['slug'] or found['id']}"
    return schema_org.embedded(schema_org.graph(found["document"], page=page))


def title(document: Mapping[str, Any]) -> str:
    """The page's title. It names no group, because names often name a condition and titles stay in the history."""
    places = [one.get("location") for one in document.get("sessions") or () if one["format"] in IN_PERSON]
    city = next((words for one in places if (words := town(one))), "")
    return gettext("A group in %(place)s", place=city) if city else gettext("A group")


def seat_age(capacity: Mapping[str, Any] | None, today: date) -> str:
    """How old the word on free places is; old ones are said again, because the mark no longer shows them."""
    if not capacity:
        return ""
    on = capacity["as_of"]
    if (today - date.fromisoformat(on)).days <= CAPACITY_DAYS:
        return gettext("Places as of %(day)s.", day=wording.day_text(on))
    return gettext("On %(day)s it said: “%(places)s”. That is old, so please ask.", day=wording.day_text(on),
                   places=wording.capacity_text(capacity))


def _start(start: datetime, session: Mapping[str, Any], rule: Rule, mine: str | None) -> Start:
    elsewhere = mine and session["format"] != "in_person" and start.astimezone(ZoneInfo(mine)).replace(
        tzinfo=None) != start.replace(tzinfo=None)
    words = wording.moment_text(start.astimezone(ZoneInfo(mine)), mine) if mine and elsewhere else ""
    return Start(wording.moment_text(start, rule.timezone), start.isoformat(), rule.timezone or "", words)


def _way_there(location: Mapping[str, Any], directions: str) -> str:
    """The link that shows the way to a place: to its point, or to its street where only that is stated."""
    if not directions or location.get("hidden"):
        return ""
    to = ""
    if location.get("latitude") is not None and location.get("precision") not in ROUGH:
        to = f"{location['latitude']:.5f},{location['longitude']:.5f}"
    elif location.get("address_1") and location.get("city"):
        to = ", ".join(location[key] for key in ("address_1", "city", "state", "postal_code") if location.get(key))
    return directions.replace("{to}", quote(to, safe=",")) if to else ""


def _meeting(session: Mapping[str, Any], now: datetime, running: bool, zone: str | None, directions: str) -> Meeting:
    rule = Rule.of(session)
    starts = occurrences(rule, now.date(), MOST_DATES + 1) if running and not rule.anytime else ()
    location = session.get("location") or {}
    in_person = session["format"] in IN_PERSON
    lines = [location.get("name"), location.get("address_1"),
             " ".join(part for part in (town(location), location.get("postal_code")) if part)]
    return Meeting(
        schedule=wording.schedule_text(session, today=now.date(), zone=True),
        dates=tuple(_start(one, session, rule, zone) for one in starts if one >= now)[:MOST_DATES],
        way=wording.format_text(session["format"]), icon="pin" if in_person else REMOTE_ICONS[session["format"]],
        address=tuple(line for line in lines if line) if in_person else (),
        address_later=in_person and bool(location.get("hidden")), join_url=session.get("join_url"),
        dial_in=session.get("dial_in"), directions=_way_there(location, directions) if in_person else "")


def who_words(document: Mapping[str, Any]) -> list[str]:
    """Who it is for, in sentences; what is not stated is left out here and asked under the facts."""
    lines = []
    if document.get("focus"):
        lines.append(gettext("For %(topics)s.", topics=wording.topics_text(document["focus"])))
    if document.get("restricted_to"):
        groups = wording.listed((wording.label("populations", code) for code in document["restricted_to"]),
                                either=True)
        lines.append(gettext("Only for: %(groups)s.", groups=groups))
    if document.get("gender_mix") in ("women", "men"):
        lines.append(gettext("Only women come.") if document["gender_mix"] == "women" else gettext("Only men come."))
    if document.get("populations"):
        groups = _labels("populations", document["populations"])
        lines.append(gettext("Made with these people in mind: %(groups)s.", groups=groups))
    return lines


def _facts(document: Mapping[str, Any]) -> list[Fact]:
    unknown = gettext("Not stated. You can ask.")
    cost, policies = document.get("cost") or {}, document.get("policies") or {}
    pairs = [
        (gettext("Cost"), _cost(cost)),
        (gettext("Language"), wording.languages_text(document["languages"]) if document.get("languages") else ""),
        (gettext("Interpreter"), _answer(document.get("interpreter"))),
        (gettext("Led by"), wording.label("facilitator_types", document["led_by"]) if document.get("led_by") else ""),
        (gettext("Style"), _labels("modalities", document.get("modalities"))),
        (gettext("Ages"), wording.age_text(document["age"]) if document.get("age") else ""),
        (gettext("Who may come"), gettext(ATTENDEES[document["attendees"]]) if document.get("attendees") else ""),
        (gettext("Recovery medicine"), _welcome(policies.get("recovery_medication"))),
    ]
    facts = [Fact(name, words or unknown) for name, words in pairs]
    facts += [Fact(name, words) for name, words in _rules(policies, document) if words]
    access = [Fact(wording.label("accessibility", code), _answer(answer))
              for code, answer in (document.get("accessibility") or {}).items()]
    return facts + (access or [Fact(gettext("Access"), unknown)])


def _labels(list_name: str, codes: Sequence[str] | None) -> str:
    return wording.listed(wording.label(list_name, code) for code in codes or ())


def _cost(cost: Mapping[str, Any]) -> str:
    if not cost:
        return ""
    parts = [wording.cost_text(cost), cost.get("note")]
    if cost.get("free") and cost.get("insurance"):
        parts.append(gettext("Takes %(payers)s", payers=named(PAYERS, cost["insurance"])))
    return ". ".join(part.rstrip(".") for part in parts if part)


def _rules(policies: Mapping[str, Any], document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Rules that few groups have: shown only where stated."""
    days, hours, size = policies.get("min_days_sober"), policies.get("hours_per_week"), policies.get("group_size")
    yes, no = gettext("Yes"), gettext("No")
    said: dict[bool | None, str] = {True: yes, False: no, None: ""}
    later: dict[bool | None, str] = {True: gettext("You can join at any time"), False: gettext("Only at the start"),
                                     None: ""}
    return [
        (gettext("Cutting down, not stopping"), _welcome(policies.get("moderation_goal"))),
        (gettext("Days without use first"), str(days) if days else ""),
        (gettext("Only for people sent by a court"), yes if policies.get("court_ordered_only") else ""),
        (gettext("Partners may come"), said[policies.get("partners_welcome")]),
        (gettext("One-to-one talks"), said[policies.get("one_to_one")]),
        (gettext("Someone watches over the space"), said[policies.get("moderated")]),
        (gettext("Hours a week"), f"{hours:g}" if hours else ""),
        (gettext("People in the group"), gettext("About %(count)s", count=size) if size else ""),
        (gettext("Start date"), wording.day_text(document["starts_on"]) if document.get("starts_on") else ""),
        (gettext("Joining later"), later[document.get("open_group")]),
        (gettext("States it may serve"), ", ".join(document.get("licensed_states") or ())),
        (gettext("Area it serves"), _area(document.get("coverage") or {})),
        (gettext("In a crisis with thoughts of suicide"),
         gettext("This group asks people to get other help first") if policies.get("excludes") else ""),
    ]


MOST_AREAS = 12


def _area(coverage: Mapping[str, Any]) -> str:
    counties = [gettext("%(county)s County, %(state)s", county=one.partition(":")[2], state=one.partition(":")[0])
                for one in coverage.get("counties") or ()]
    names = [*(coverage.get("countries") or ()), *(coverage.get("states") or ()), *counties,
             *(coverage.get("postal_codes") or ())]
    more = len(names) - MOST_AREAS
    words = ", ".join(names[:MOST_AREAS])
    return gettext("%(areas)s and %(count)s more", areas=words, count=more) if more > 0 else words


def _answer(answer: str | None) -> str:
    return gettext(ANSWERS[answer]) if answer else ""


def _welcome(answer: str | None) -> str:
    return {"welcome": gettext("Welcome"), "refused": gettext("Not welcome here")}.get(answer or "", "")


def _checks(document: Mapping[str, Any], today: date) -> list[tuple[str, Mark, str]]:
    """Fact, when it was checked, how. The last line speaks for every fact without a date of its own."""
    checked = document.get("verified") or {}
    how = gettext(METHODS[checked["method"]]) if checked.get("method") else gettext("Not stated")
    own = dict(checked.get("field_dates") or {})
    if document.get("capacity"):
        own.setdefault("capacity", document["capacity"]["as_of"])
    rows = [(gettext(words), _dated(own[name], today), how) for name, words in CHECKED.items() if name in own]
    rest = gettext("Everything else") if rows else gettext("Everything")
    return [*rows, (rest, _dated(checked.get("on"), today), how)]


def _dated(on: str | None, today: date) -> Mark:
    mark = freshness(on, today)
    return Mark(mark.kind, wording.day_text(on)) if on else mark
