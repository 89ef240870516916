"""Questions as frozen values, and the reading of them from data with every check that keeps them true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from finder.errors import Invalid, Problem
from finder.intake.answers import FIRST_NEED, ONLINE
from finder.intake.document import PATHS, Value
from finder.vocabulary import vocabulary

LANGUAGES = ("en", "es")
# The kinds of question, and the kinds of value each may fill.
KINDS: Mapping[str, tuple[str, ...]] = {
    "single": ("code", "flag", "number"), "multi": ("codes",), "text": ("text",), "number": ("whole", "number"),
    "place": ("text",), "scale": ("whole",),
}
# Answered for somebody else: the words about "this person" are used (contract section 2: changes wording only).
OTHERS = ("parent", "provider")


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in both languages."""

    en: str
    es: str

    def of(self, lang: str) -> str:
        """The sentence in a language; English where there is none."""
        return self.es if lang == "es" else self.en


@dataclass(frozen=True, slots=True)
class Option:
    """One answer. Its words, or the vocabulary list whose label it bears; `wish_only`: it cannot be a must."""

    value: str
    text: Words | None
    text_other: Words | None
    list: str | None
    wish_only: bool = False

    def label(self, lang: str, asked_by: str | None = None) -> str:
        """What the answer is called."""
        if self.text is None:
            return vocabulary().lists[self.list or ""].label(self.value, lang)
        return (self.text_other if self.text_other and asked_by in OTHERS else self.text).of(lang)


@dataclass(frozen=True, slots=True)
class Group:
    """Options that stand together under a heading, or under none."""

    id: str
    text: Words | None
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """When something is shown: all parts that are stated must hold for the answer under `path`."""

    path: str
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    answered: bool | None = None
    at_least: int = 0


@dataclass(frozen=True, slots=True)
class Instrument:
    """A published instrument: its opening words, credit line and citation, unchanged."""

    id: str
    name: str
    stem: Words
    credit: Words
    citation: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `path` is where its answer goes, and the name of its form field.

    With `must`, every option is its own field ("formats.phone": no, wish or must). A question that may not be skipped
    may be left blank when the one at path `instead` is answered. `first` are options shown before the groups are
    unfolded; `chosen_from` a list of the intake to which the options are narrowed; `most` how many may be chosen.
    """

    id: str
    path: str
    kind: str
    text: Words
    why: Words
    skippable: bool
    groups: tuple[Group, ...] = ()
    first: tuple[str, ...] = ()
    text_other: Words | None = None
    hint: Words | None = None
    must: str | None = None
    instead: str | None = None
    most: int | None = None
    chosen_from: str | None = None
    instrument: Instrument | None = None
    when: tuple[Condition, ...] = ()

    @property
    def options(self) -> tuple[Option, ...]:
        """All options, group after group."""
        return tuple(option for group in self.groups for option in group.options)

    def wording(self, lang: str, asked_by: str | None = None) -> str:
        """The question itself, about "you" or about "this person"."""
        return (self.text_other if self.text_other and asked_by in OTHERS else self.text).of(lang)


@dataclass(frozen=True, slots=True)
class Page:
    """One topic."""

    id: str
    title: Words
    lead: Words
    questions: tuple[Question, ...]
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """All pages in order. `version` goes up with every change that a saved answer could notice."""

    version: int
    pages: tuple[Page, ...]


class _Reader:
    """Reads the data and collects what is wrong, by dotted path."""

    def __init__(self) -> None:
        self.errors: dict[str, list[Problem]] = {}
        self.asked: set[str] = set()
        self.ids: dict[str, set[str]] = {"page": set(), "question": set()}
        self.instruments: dict[str, Instrument] = {}

    def refuse(self, where: str, code: str, **values: object) -> None:
        self.errors.setdefault(where, []).append(Problem(code, **values))

    def words(self, data: Any, where: str) -> Words:
        if not isinstance(data, dict) or set(data) != set(LANGUAGES):
            self.refuse(where, "required")
            return Words("", "")
        for lang in LANGUAGES:
            if not isinstance(data[lang], str) or not data[lang].strip():
                self.refuse(f"{where}.{lang}", "required")
        return Words(str(data["en"]), str(data["es"]))

    def maybe(self, data: Mapping[str, Any], name: str, where: str) -> Words | None:
        return self.words(data[name], f"{where}.{name}") if name in data else None

    def id(self, data: Mapping[str, Any], where: str, of: str) -> str:
        found = data.get("id")
        if not isinstance(found, str) or not found:
            self.refuse(f"{where}.id", "required")
        elif found in self.ids[of]:
            self.refuse(f"{where}.id", "repeated")
        self.ids[of].add(str(found))
        return str(found)

    def instrument(self, key: str, data: Mapping[str, Any]) -> Instrument:
        where = f"instruments.{key}"
        if not data.get("citation"):
            self.refuse(f"{where}.citation", "required")
        return Instrument(key, str(data.get("name")), self.words(data.get("stem"), f"{where}.stem"),
                          self.words(data.get("credit"), f"{where}.credit"), str(data.get("citation")))

    def page(self, data: Mapping[str, Any], where: str) -> Page:
        when = self.when(data, where)
        questions = tuple(self.question(one, f"{where}.questions.{number}")
                          for number, one in enumerate(data.get("questions") or ()))
        if not questions:
            self.refuse(f"{where}.questions", "required")
        self.asked |= {_top(question.path) for question in questions}
        return Page(self.id(data, where, "page"), self.words(data.get("title"), f"{where}.title"),
                    self.words(data.get("lead"), f"{where}.lead"), questions, when)

    def question(self, data: Mapping[str, Any], where: str) -> Question:
        path, kind = str(data.get("path")), str(data.get("kind"))
        value = Value("code", PATHS["needs"].codes) if path == FIRST_NEED else PATHS.get(path)
        if value is None:
            self.refuse(f"{where}.path", "not_a_code", value=path)
        elif value.kind not in KINDS.get(kind, ()):
            self.refuse(f"{where}.kind", "not_a_code", value=kind)
        if type(data.get("skippable")) is not bool:
            self.refuse(f"{where}.skippable", "required")
        options = data.get("options", [])
        if (kind in ("single", "multi", "scale")) != bool(options):
            self.refuse(f"{where}.options", "required")
        for name, known in (("instrument", self.instruments), ("instead", PATHS), ("must", PATHS)):
            if name in data and data[name] not in known:
                self.refuse(f"{where}.{name}", "not_a_code", value=str(data[name]))
        folded = options if isinstance(options, dict) else {}
        groups = self.groups(options, f"{where}.options")
        offered = [option.value for group in groups for option in group.options]
        for option in offered:
            if value is not None and not _allows(path, value, option):
                self.refuse(f"{where}.options", "not_a_code", value=option)
        if not set(folded.get("first", ())) <= set(offered):
            self.refuse(f"{where}.options.first", "not_a_code")
        return Question(
            self.id(data, where, "question"), path, kind, self.words(data.get("text"), f"{where}.text"),
            self.words(data.get("why"), f"{where}.why"), bool(data.get("skippable")), groups,
            tuple(folded.get("first", ())), self.maybe(data, "text_other", where), self.maybe(data, "hint", where),
            data.get("must"), data.get("instead"), data.get("most"), folded.get("from"),
            self.instruments.get(str(data.get("instrument"))), self.when(data, where))

    def groups(self, data: Any, where: str) -> tuple[Group, ...]:
        """Options written out, a whole vocabulary list, or groups of either."""
        if isinstance(data, list):
            return (Group("", None, self.options({"values": data}, None, where)),) if data else ()
        parts = data.get("groups")
        if not parts:
            return (Group("", None, self.options(data, data.get("list"), where)),)
        return tuple(Group(str(part.get("id", "")), self.maybe(part, "text", f"{where}.groups.{number}"),
                           self.options(part, part.get("list", data.get("list")), f"{where}.groups.{number}"))
                     for number, part in enumerate(parts))

    def options(self, data: Mapping[str, Any], list_name: str | None, where: str) -> tuple[Option, ...]:
        if "values" in data:
            return tuple(Option(str(one.get("value")), self.words(one.get("text"), f"{where}.{number}.text"),
                                self.maybe(one, "text_other", f"{where}.{number}"), None, bool(one.get("wish_only")))
                         for number, one in enumerate(data["values"]))
        if list_name not in vocabulary().lists:
            self.refuse(f"{where}.list", "not_a_code", value=str(list_name))
            return ()
        known = vocabulary().lists[str(list_name)].codes
        codes = tuple(data.get("codes", known))
        for code in codes:
            if code not in known:
                self.refuse(where, "not_a_code", value=code)
        return tuple(Option(code, None, None, list_name) for code in codes if code in known)

    def when(self, data: Mapping[str, Any], where: str) -> tuple[Condition, ...]:
        found = []
        for number, one in enumerate(data.get("when", ())):
            condition = Condition(str(one.get("path")), tuple(one.get("any", ())), tuple(one.get("none", ())),
                                  one.get("answered"), int(one.get("at_least", 0)))
            if condition.path not in self.asked:
                self.refuse(f"{where}.when.{number}.path", "not_a_code", value=condition.path)
            allowed = PATHS[condition.path].codes if condition.path in PATHS else ()
            for code in (*condition.any, *condition.none):
                if code not in allowed:
                    self.refuse(f"{where}.when.{number}", "not_a_code", value=code)
            found.append(condition)
        return tuple(found)


def read(data: Any) -> Questionnaire:
    """The questionnaire of JSON data. Raises Invalid naming by dotted path everything that is wrong."""
    reader = _Reader()
    try:
        version = data["version"]
        reader.instruments = {key: reader.instrument(key, one) for key, one in data.get("instruments", {}).items()}
        pages = tuple(reader.page(one, f"pages.{number}") for number, one in enumerate(data["pages"]))
    except (KeyError, TypeError, AttributeError, ValueError) as broken:
        raise Invalid({"": [Problem("wrong_type", expected=type(broken).__name__)]}, "questionnaire") from None
    if type(version) is not int or version < 1:
        reader.refuse("version", "not_a_number")
    if not pages:
        reader.refuse("pages", "required")
    if reader.errors:
        raise Invalid(reader.errors, "questionnaire")
    return Questionnaire(version, pages)


def _allows(path: str, value: Value, option: str) -> bool:
    if value.kind == "flag":
        return option in ("true", "false")
    if value.kind in ("whole", "number"):
        if path == "radius_miles" and option == ONLINE:
            return True
        return option.isascii() and option.isdigit() and value.minimum <= int(option) <= value.maximum
    return option in value.codes or path == "languages"


def _top(path: str) -> str:
    """The intake key of a path."""
    return path.partition(".")[0]
