"""The routes of the directory as FHIR R4: what this server can do, searches, and one resource by its id.

All of it is for reading. No address takes a QuestionnaireResponse: a server of FHIR is expected to keep what it is sent
and to give it back, and answers that a person gives are never kept here.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version

from flask import Response

from finder import instance
from finder.api import open_door
from finder.api.blueprint import languages, services
from finder.api.fhir import asking, described, outcomes
from finder.api.fhir.blueprint import PREFIX, fhir, holding
from finder.errors import NotFound
from finder.exchange.fhir import searching
from finder.exchange.fhir.bundles import searchset
from finder.exchange.fhir.capability import statement
from finder.exchange.fhir.elements import Resource
from finder.exchange.fhir.finding import among
from finder.exchange.fhir.questionnaire import questionnaire
from finder.exchange.fhir.searching import OF_ONE, OF_SERVER, OF_SERVICE, Query
from finder.intake.question_data import LANGUAGES
from finder.intake.questionnaire import questionnaire as questions

LISTED = ("HealthcareService", "Location", "Organization")  # what is made from listings


@fhir.route("/metadata", tags=[described.TAG])
@fhir.doc(**described.metadata())
def metadata() -> Response:
    """Say what this FHIR server can do"""
    query = _asked("Questionnaire", only=OF_SERVER)
    held = services()
    with held.database.reading() as session:
        saved = instance.newest(session)
    found = statement(base=_base(), title=open_door.site().name, version=version("finder"), today=held.now().date(),
                      rights=saved.license or held.settings.data_license)
    return outcomes.resource(found, pretty=query.pretty)


def _search(type_: str) -> Response:
    query = _asked(type_)
    if type_ not in LISTED:
        return outcomes.resource(searchset(among(_intakes(), query), query, base=_base()), pretty=query.pretty)
    shelf, terms = services().shelf(), holding().terms()
    name = open_door.tag(shelf, terms.state, "lenient" if asking.is_lenient() else "")
    if open_door.is_known(name):
        return open_door.unchanged(name)
    found = holding().find(shelf, terms, query)
    page = outcomes.page(searchset(found, query, base=_base()), pretty=query.pretty)
    return open_door.kept(page, name, shelf)


def _read(type_: str, key: str) -> Response:
    query = _asked(type_, only=OF_SERVICE if type_ == "HealthcareService" else OF_ONE)
    if type_ in LISTED:
        found = holding().one(services().shelf(), holding().terms(), type_, key, query.shape)
    else:
        found = next((one for one in _intakes() if one["id"] == key), None)
    if found is None:
        raise NotFound
    return outcomes.resource(found, pretty=query.pretty)


def _asked(type_: str, only: tuple[str, ...] | None = None) -> Query:
    return searching.read(type_, asking.parameters(), lenient=asking.is_lenient(), only=only)


def _base() -> str:
    return f"{services().settings.address}{PREFIX}"


def _intakes() -> list[Resource]:
    """The questions in each language that they have and this instance offers."""
    return [questionnaire(questions(), base=_base(), lang=lang) for lang in LANGUAGES if lang in languages()]


def _hang(type_: str) -> None:
    """The routes of one type."""
    def search() -> Response:
        return _search(type_)

    def read(key: str) -> Response:
        return _read(type_, key)

    search.__doc__, read.__doc__ = f"Search {described.CALLED[type_]}", f"Read {described.OF_ONE[type_]}"
    views: tuple[tuple[str, str, str, Callable[..., Response]], ...] = (
        ("", "GET", "search", search), ("/_search", "POST", "send", search), ("/<key>", "GET", "read", read))
    for path, method, deed, view in views:
        about = described.operation(deed, type_)
        fhir.add_url_rule(f"/{type_}{path}", f"{deed}_{type_}", fhir.doc(**about)(view), methods=[method],
                          tags=[described.TAG], parameters=described.path(type_) if "<" in path else None)


for _type in searching.TYPES:
    _hang(_type)
