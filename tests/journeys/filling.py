"""Fills what people and programs can write with texts that would like to run: whole listings, and every form of every
page by itself, so that a new field is filled without being named here."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from marshmallow import Schema, ValidationError

from finder.catalog import listing_schema
from finder.catalog.strict_schema import Part, Parts
from finder.fields import Text
from finder.web.open_form import TRAP
from tests.journeys.payloads import fitted, mark_of
from tests.listings.database import NOW
from tests.pages import FIELDS, Page, Pages, Tag
from tests.web.embed_pages import Frames

WORDS = frozenset(("", "email", "number", "search", "tel", "text", "url"))  # types of <input> that hold words
SHORTEST = 100  # letters; where a field does not say how many it takes
KEPT = frozenset(("format", "id", "currency", "country", "postal_code", "start_time", "timezone", "repeats"))
UNUSUAL_STATE = 9  # one listing in so many has no state of the country
TRIES = 12  # spellings of a payload, what stood there before, and boxes ticked
STRIDE = 7  # payloads between where two fields begin
LONGEST = 1000  # letters of payloads at once, so that pages stay pages
MOST_TICKS = 4  # of one name
DAYS = 7  # from now, where a form asks for a day
Pick = Callable[[str, int], str]  # the payload for a field of this name that takes so many letters


@dataclass
class Turns:
    """Whose turn a payload is: each field goes through all of them, as many at once as it takes, and no two fields in
    step. Texts are joined by spaces: one that is shown as words leaves the next as able to run as if it stood alone."""

    payloads: tuple[str, ...]
    fields: dict[str, int] = field(default_factory=dict)  # field -> the payload that is next
    pairs: set[tuple[str, str]] = field(default_factory=set)  # field and payload that were together
    last: dict[str, int] = field(default_factory=dict)  # which spelling a field let in last
    taken: int = 0  # times that a field let a payload in

    def __call__(self, name: str, most: int) -> str:
        place = self.fields.setdefault(name, len(self.fields) * STRIDE)
        made = self._take(name, place, most)
        for number in range(1, len(self.payloads)):
            more = f"{made} {self.payloads[(place + number) % len(self.payloads)]}"
            if len(more) > min(most, LONGEST):
                break
            made = more
            self._take(name, place + number, most)
        return made

    def _take(self, name: str, place: int, most: int) -> str:
        payload = self.payloads[place % len(self.payloads)]
        self.pairs.add((name, payload))
        self.fields[name] = place + 1
        return fitted(payload, most)


# Where among the spellings the right one for a field is likely to be, by a part of its name or kind.
LIKELY = {"email": 4, "reply_to": 4, "url": 3, "phone": 6, "tel": 6, "code": 5, "numeric": -1, "decimal": -1,
          "number": -1}


def one_line(text: str) -> str:
    """The text without signs that no field takes which shows one line."""
    return "".join(one if one >= " " else " " for one in text)


def spellings(payload: str) -> Iterator[str]:
    """The payload, and what is left of it in shapes that fields of addresses and numbers take."""
    yield payload
    bare = "".join(one for one in payload if one not in "<>\" \t\n\f")
    yield one_line(payload)
    yield bare
    yield f"https://example.org/{bare}"
    yield "".join(one for one in bare if one not in "(),:;[]\\@")[:60] + "@example.org"
    yield mark_of(payload)
    yield "919-555-0142 " + "".join(one for one in bare if one.isascii() and (one.isalnum() or one in "+.-#,;/()"))[:40]
    yield "https://example.org/" + "".join(one for one in bare if one.isascii() and (one.isalnum() or one in "=/.-"))


def poisoned(listing: Mapping[str, Any], pick: Pick, number: int) -> dict[str, Any]:
    """A listing whose every text is a payload, as far as the one validator lets it be. Its name keeps its words before
    the payload, so that the order of names stays."""
    made = _poisoned(listing_schema.Listing(), listing, pick, "", number)
    made["name"] = one_line(f"{listing['name']} {pick('name', 100)}")[:200]
    if made.get("sessions"):
        made["coverage"] = {"states": ["NC"], "counties": ["NC:" + one_line(pick("counties", 60)).replace(":", "")]}
    made["x"] = {one_line(pick("x key", 60)): pick("x", 500), "tags": ["river"]}
    return made


def _poisoned(schema: Schema, there: Mapping[str, Any], pick: Pick, path: str, number: int) -> dict[str, Any]:
    made = dict(there)
    for name, one in schema.load_fields.items():
        if name in KEPT or (name == "state" and number % UNUSUAL_STATE):
            continue
        if isinstance(one, Part) and (there.get(name) or name in ("organization", "contact", "source")):
            made[name] = _poisoned(one.schema, there.get(name) or {}, pick, f"{path}{name}.", number)
        elif isinstance(one, Parts) and there.get(name):
            made[name] = [_poisoned(one.inner.schema, part, pick,  # type: ignore[attr-defined]
                                     f"{path}{name}.", number) for part in there[name]]
        elif isinstance(one, Text):
            found = next((text for text in spellings(pick(f"{path}{name}", one.maximum)) if _reads(one, text)), None)
            made[name] = found or there.get(name)
    return {name: value for name, value in made.items() if value is not None}


def _reads(one: Text, text: str) -> bool:
    try:
        one.read(text)
    except ValidationError:
        return False
    return True


@dataclass
class Filler:
    """Sends the forms of pages with payloads in all that holds words, in other spellings where they are refused."""

    pages: Pages | Frames
    turns: Turns
    wait: Callable[[], None]  # a form is open for a while before it is sent
    answers: list[Page] = field(default_factory=list)  # all pages that came back

    def fill(self, page: Page, name: str, given: Mapping[str, str] | None = None) -> None:
        """Sends every form of a page by each of its buttons. `name` tells its fields from those of other pages; `given`
        is chosen where a form offers a choice."""
        for number, form in enumerate(page.all("form")):
            if not any(True for _ in _wordy(form)) or form["method"] != "post":
                continue
            buttons = [one for one in form.all("button") if one["type"] in ("", "submit")] or [form]
            for button in buttons[:3]:
                self._send(page, form, button, f"{name} {number}", given or {})

    def _send(self, page: Page, form: Tag, button: Tag, name: str, given: Mapping[str, str]) -> None:
        ways = {one["name"]: (*spellings(self.turns(f"{name} {one['name']}", int(one["maxlength"] or SHORTEST))),
                              value_of(one)) for one in _wordy(form)}
        kinds = {one["name"]: f"{one['name']} {one['type']} {one['inputmode']}" for one in _wordy(form)}
        now, ticked = dict.fromkeys(ways, 0), False
        action = button["formaction"] or form["action"] or page.path
        for _ in range(TRIES):
            self.wait()
            said = {key: ways[key][way] for key, way in now.items()}
            answer = self.pages.post(action, {**fields_of(form, ticked), **said, **given, **_pressed(button),
                                              **_files(form, said)})
            self.answers.append(answer)
            if answer.status < 400:
                self._note(name, now)
                break
            named = {one["name"] for one in answer.all(*FIELDS) if one["aria-invalid"] == "true"}
            wrong = {key for key in named & now.keys() if now[key] < len(ways[key]) - 1}
            if not wrong and ticked:
                break
            ticked = ticked or not wrong or bool(named - now.keys())  # a box that must be ticked, a day that is missing
            for key in wrong:
                likely = 0 if now[key] else self.turns.last.get(f"{name} {key}", likely_of(kinds[key], ways[key]))
                now[key] = min(max(now[key] + 1, likely), len(ways[key]) - 1)

    def _note(self, name: str, now: Mapping[str, int]) -> None:
        self.turns.last |= {f"{name} {key}": way for key, way in now.items()}
        self.turns.taken += len(now)


def _wordy(form: Tag) -> Iterator[Tag]:
    for one in form.all("input", "textarea"):
        if one["name"] and one["name"] != TRAP and (one.name == "textarea" or one["type"] in WORDS):
            yield one


def _pressed(button: Tag) -> dict[str, str]:
    return {button["name"]: button["value"]} if button.name == "button" and button["name"] else {}


def _files(form: Tag, words: Mapping[str, str]) -> dict[str, Any]:
    """A small table for each file that a form takes: its head and its cells are payloads too."""
    table = "name,city,note\r\n" + "\r\n".join('"' + one.replace('"', '""') + '",Durham,x' for one in words.values())
    return {one["name"]: (io.BytesIO(table.encode()), f"{next(iter(words.values()), 'a')[:40]}.csv")
            for one in form.all("input", type="file") if "image" not in one["accept"]}


def likely_of(kind: str, ways: Collection[str]) -> int:
    """Which spelling to try after the payload as it is."""
    return next((place % len(ways) for part, place in LIKELY.items() if part in kind), 0)


def value_of(one: Tag) -> str:
    return "".join(part for part in one.parts if isinstance(part, str)).removeprefix("\n") \
        if one.name == "textarea" else one["value"]


def fields_of(form: Tag, ticked: bool) -> dict[str, list[str]]:
    """What a browser would send of a form as it stands; of choices that nobody made, the first is made, and where
    `ticked` every box is ticked and every day filled in."""
    sent: dict[str, list[str]] = {}
    made = {one["name"] for one in form.all("input", type="radio") if "checked" in one.attributes}
    for one in form.all(*FIELDS):
        if one["type"] == "file" or not one["name"]:
            continue
        if one["type"] in ("radio", "checkbox") and "checked" not in one.attributes:
            if one["type"] == "radio" and one["value"] and one["name"] not in made:
                sent.setdefault(one["name"], [one["value"]])
            elif one["type"] == "checkbox" and ticked and len(sent.get(one["name"], ())) < MOST_TICKS:
                sent.setdefault(one["name"], []).append(one["value"])
            continue
        value = value_of(one)
        if one["type"] == "date" and ticked:
            value = value or (NOW.date() + timedelta(DAYS)).isoformat()
        if one.name == "select":
            options = [option for option in one.all("option") if option["value"]]
            value = next((option["value"] for option in options if "selected" in option.attributes),
                         options[0]["value"] if options else "")
        sent.setdefault(one["name"], []).append(value)
    return sent
