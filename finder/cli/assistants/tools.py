"""What an assistant can ask for: search, match, one listing, the code lists, the crisis lines. Everything goes through
the rooms that pages and the JSON API use; nothing is changed, kept or logged.

Where a danger was named, help stands first in the answer and whole, also where the rest of it is wrong or the database
is away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask_babel
from flask import Flask

from finder import crisis, instance, wording
from finder.cli.assistants import asked, groups, texts
from finder.cli.assistants.asked import Arguments
from finder.cli.assistants.help_first import STANDING, Help, comes_first, of_intake, of_search
from finder.crisis import Line
from finder.errors import FinderError, NotFound, Unavailable
from finder.search import find
from finder.search.intake_schema import searchable
from finder.services import Services
from finder.wordings.language import gettext, locale_name


@dataclass(frozen=True, slots=True)
class Said:
    """An answer in words, part by part, and as values; `values` None where it failed."""

    texts: tuple[str, ...]
    values: dict[str, Any] | None = None

    @property
    def failed(self) -> bool:
        return self.values is None


class Tools:
    """The tools over one instance."""

    def __init__(self, app: Flask, services: Services) -> None:
        self.app, self.services = app, services
        settings = services.settings
        self.languages: Sequence[str] = app.config["FINDER_LANGUAGE_CODES"]
        self.local: tuple[Line, ...] = crisis.load_local(Path(settings.local_crisis_lines)) \
            if settings.local_crisis_lines else ()
        self.named: Mapping[str, Callable[[Arguments], Said]] = {
            "search_groups": self.search, "match_groups": self.match, "get_listing": self.listing,
            "list_vocabulary": self.vocabulary, "crisis_lines": self.crisis_lines,
        }

    def call(self, name: str, given: Arguments) -> Said:
        """The answer of a tool in the language it was asked in. Raises KeyError for a tool that there is not."""
        tool = self.named[name]
        with self.speaking(asked.language(given, self.languages, self.services.settings.default_locale)):
            first = self._first(name, given)
            try:
                asked.check_size(given)
                return tool(given)
            except FinderError as wrong:
                return Said((*first, texts.problem(wrong)))

    @contextmanager
    def speaking(self, lang: str) -> Iterator[None]:
        """A language for all that is said inside."""
        with self.app.app_context(), flask_babel.force_locale(locale_name(lang)):
            yield

    def broken(self, name: str, given: Arguments) -> Said:
        """What is said where something broke that nobody foresaw."""
        with self.speaking(asked.language(given, self.languages, self.services.settings.default_locale)):
            return Said((*self._first(name, given), texts.problem(Unavailable())))

    def _first(self, name: str, given: Arguments) -> tuple[str, ...]:
        """What to say first even if the rest fails: nothing where no danger was named."""
        words = self.services.vocabulary
        if name == "match_groups":
            raised = of_intake(asked.sound_parts(given), words)
        elif name == "search_groups":
            raised = of_search(*asked.sound_words(given), words)
        else:
            return ()
        return (texts.help_text(self.help().about(raised)),) if comes_first(raised) else ()

    def help(self) -> Help:
        """The help lines of this instance's country and its own; those of the settings while the database is away."""
        try:
            with self.services.database.reading() as session:
                saved = instance.newest(session).country
        except Exception:  # noqa: BLE001 - any failure of any driver; help is there all the same
            saved = ""
        return Help(saved or self.services.settings.country, self.local)

    # -- the tools ---------------------------------------------------------------------------------------------------

    def search(self, given: Arguments) -> Said:
        """Groups by words, place, time and filters: no answers of a person enter here."""
        query, with_facets = asked.search(given, self.languages)
        held, now = self.services, self.services.now()
        found = find.browse(query, snapshot=held.snapshot(), gazetteer=held.gazetteer, vocabulary=held.vocabulary,
                            now=now)
        topics = query["filters"].get("focus", {}).get("any", ())
        values = {
            "help_now": self.help().about(of_search(query["text"], topics, held.vocabulary)),
            "place": found["place"], "place_choices": found["place_choices"],
            **{name: found[name] for name in ("total", "page", "per_page")},
            "groups": [{**groups.group(one["document"], one["listing"], now.date(), self._address()),
                        "distance_miles": one["distance_miles"], "next_session": one["next_session"]}
                       for one in found["programs"]],
            **({"facets": found["facets"]} if with_facets else {}),
        }
        return Said(texts.search(values, asked_near=bool(query["near"])), values)

    def match(self, given: Arguments) -> Said:
        """Groups that fit an intake, best first, and why."""
        wanted = asked.match(given, self.languages)
        held, now = self.services, self.services.now()
        found = find.match(wanted.intake, documents=True, snapshot=held.snapshot(), gazetteer=held.gazetteer,
                           vocabulary=held.vocabulary, now=now, page=wanted.page, per_page=wanted.per_page,
                           rules=held.rules)
        values = {
            "help_now": self.help().about(found["notices"]), "no_diagnosis": texts.no_diagnosis(),
            "severity": {**found["severity"], "text": wording.severity_text(found["severity"]["level"])},
            "place": found["place"], "place_choices": found["place_choices"], "understood": found["understood"],
            "ask_for": [{"field": name, "question": texts.missing(name)} for name in searchable(wanted.intake)],
            "total": found["total"], "page": wanted.page, "per_page": wanted.per_page,
            "groups": [self._matched(one) for one in found["matches"]],
            "left_out": [{**one, "text": wording.hidden_text(one["reason"])} for one in found["hidden"]],
            "to_find_more": [{**one, "text": wording.relax_text(one)} for one in found["relax"]],
        }
        return Said(texts.match(values, asked_near=bool(wanted.intake.get("near"))), values)

    def _matched(self, one: Mapping[str, Any]) -> dict[str, Any]:
        """A match without its number: the band is what is said of it."""
        return {
            **groups.group(one["document"], one["listing"], self.services.now().date(), self._address()),
            "distance_miles": one["distance_miles"], "next_session": one["next_session"],
            "rank": one["rank"], "band": one["band"], "fit": wording.band_text(one["band"]),
            "reasons": [{"criterion": each["criterion"], "code": each["code"], "text": wording.reason_text(each)}
                        for each in one["reasons"]],
            "ask_first": [{"code": each["code"], "text": wording.check_text(each)} for each in one["check_first"]],
        }

    def listing(self, given: Arguments) -> Said:
        """One listing whole, also one that is paused."""
        key, now = asked.listing(given, self.languages), self.services.now()
        found = find.program(key, snapshot=self.services.snapshot(), now=now)
        if found is None:
            raise NotFound("program")
        lines = [{"title": title, "lines": many} for title, many
                 in wording.listing_lines_text(found["document"], now.date())]
        checked = (found["document"].get("verified") or {}).get("on")
        address = self._address()
        values = {
            "help_now": self.help().about((STANDING,)), "id": found["id"], "slug": found["slug"],
            "status": found["status"], "page": f"{address}/programs/{found['slug']}" if address else None,
            "checked": wording.freshness_text(checked, now.date()), "in_words": lines,
            "next_sessions": found["next_sessions"], "listing": found["document"],
        }
        return Said(texts.listing(values), values)

    def vocabulary(self, given: Arguments) -> Said:
        """The code lists in words; one of them with definitions."""
        name = asked.vocabulary(given, self.languages)
        lists = self.services.vocabulary.lists
        values = {"lists": {one: groups.terms(lists[one], with_definitions=name is not None)
                            for one in (lists if name is None else (name,))}}
        return Said(texts.vocabulary(values), values)

    def crisis_lines(self, given: Arguments) -> Said:
        """Every crisis line of this instance, whole."""
        asked.only(given, languages=self.languages)
        held = self.help()
        values = {"country": held.country, "lines": held.all(),
                  "note": gettext("This assistant and this site are not watched by anybody and are no emergency "
                                  "service.")}
        return Said(texts.crisis_lines(values), values)

    def _address(self) -> str:
        return self.services.settings.base_url.rstrip("/")
