"""I3: nothing that comes in becomes part of a statement; tried with sqlmap, and read from the statements themselves."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask, request
from sqlalchemy import delete, event

from finder.limits import Allowance
from tests.contracts.injected import Target, attack, command
from tests.contracts.test_made_up_requests import Crowd, cookie_of
from tests.contracts.test_matrix import OWN, values_of_organization
from tests.journeys.conftest import served
from tests.web.people import Person

# What the tool sends, and no statement of ours says.
THEIRS = re.compile(r"RANDOMBLOB|UNION ALL SELECT NULL|\b(\d{3,5})=\1\b|LIKE\(|CHAR\(\d|'\|\||CASE WHEN \(\d+=|SLEEP\(",
                    re.IGNORECASE)
LEAST = 100  # requests that an attack on one address sends
UNKNOWN = frozenset(("link", "sitemap"))  # a secret that is none, and a second file where one holds all
NEAR = {"near": "Durham, NC", "far": "25", "day": "1", "topic": "1", "q": "river"}
pytestmark = [pytest.mark.soak, pytest.mark.skipif(command() is None, reason="there is no sqlmap; pip install sqlmap")]

OPEN = {
    "browse": Target("/programs", NEAR),
    "listing": Target("/programs/{slug}*"),
    "towns": Target("/places/nc*"),
    "report": Target("/programs/{slug}/report", form={"kind": "time", "note": "Nobody came"}),
    "search of the API": Target("/api/v1/programs", {
        "q": "river", "near": "27701", "radius_miles": "25", "focus": "depression", "languages.not": "es",
        "sort": "name", "page": "1", "per_page": "5", "status": "active", "days": "1,2", "from": "18:00"}),
    "program of the API": Target("/api/v1/programs/{key}*"),
    "places of the API": Target("/api/v1/places", {"q": "Durham", "lang": "en"}),
    "match of the API": Target("/api/v1/match", intake={
        "format": "finder-intake/1", "needs": ["depression"], "needs_text": "low mood", "near": {"text": "Durham, NC"},
        "radius_miles": 25}),
    "HSDS": Target("/hsds/services", {"search": "river", "page": "1", "per_page": "5", "taxonomy_term_id": "x",
                                      "organization_id": "x", "modified_after": "2026-01-01"}),
    "HSDS, one": Target("/hsds/services/{key}*"),
    "HSDS, places": Target("/hsds/service_at_locations", {"postcode": "27701", "proximity": "5", "search": "river"}),
    "FHIR": Target("/fhir/HealthcareService", {"name": "river", "_id": "{key}", "identifier": "x", "service-type": "x",
                                               "location.address-city": "Durham", "_count": "5", "_offset": "0"}),
    "sync": Target("/api/v1/changes", {"after": "1", "modified_after": "2026-01-01", "limit": "5"}),
    "BMLT": Target("/bmlt/client_interface/json/", {"switcher": "GetSearchResults", "SearchString": "river",
                                                    "weekdays": "2", "sort_keys": "start_time", "meeting_key": "city",
                                                    "meeting_key_value": "Durham", "page_size": "5"}),
    "sitemap": Target("/sitemap-1*.xml"),
    "calendar": Target("/calendar/program/{slug}*.ics"),
    "sign in": Target("/account/sign-in", form={"email": "joy@example.org", "password": "some words", "way": "password",
                                                "to": "/account/"}),
    "forgotten": Target("/account/forgotten", form={"email": "joy@example.org"}),
    "link": Target("/account/link/secret*"),
}
DESKS = {
    "listings of an operator": Target("/operator/", {"name": "river"}),
    "a listing's form": Target("/operator/listings/{slug}*/edit"),
    "organization": Target("/operator/organizations/{organization}*"),
    "queue": Target("/steward/", {"kind": "report", "state": "US:NC", "mine": "1", "page": "0"}),
    "checks": Target("/steward/checks", {"age": "old", "state": "NC", "city": "Durham", "focus": "grief", "page": "0"}),
    "insight": Target("/steward/insight", {"month": "2026-10-01", "topic": "grief", "state": "NC"}),
    "history": Target("/steward/listing/{slug}*", {"after": "0"}),
    "people": Target("/account/people", {"after": "1", "role": "steward"}),
    "people by name": Target("/account/people", form={"form_token": "{token}", "words": "joy"}, kept=("form_token",)),
    "tables": Target("/steward/tables/listings*.csv", {"mark": "1"}),
    "checks by a form": Target("/steward/checks-off", form={"form_token": "{token}", "do": "off", "off": "{key}"},
                               kept=("form_token",)),
    "new listing": Target("/operator/draft", {"slug": "", "key": ""}, {
        "form_token": "{token}", "name": "A group", "group_type": "peer_support"}, kept=("form_token",)),
}
TEAM = {
    "referrals": Target("/provider/", {"show": "closed", "after": "x", "page": "0"}),
    "a referral": Target("/provider/referrals/{referral}*"),
    "a search that is kept": Target("/provider/searches", form={"form_token": "{token}", "name": "Evenings"},
                                    kept=("form_token",)),
}


@dataclass
class Besieged:
    """A running site that keeps the text of each statement which holds something that the tool sends."""

    crowd: Crowd
    address: str = ""
    statements: set[str] = field(default_factory=set)
    odd: list[str] = field(default_factory=list)
    requests: int = 0

    def __post_init__(self) -> None:
        app: Flask = self.crowd.site.app
        event.listen(self.crowd.site.database.engine, "before_cursor_execute", self._read)
        app.extensions["finder_accounts"].passwords.hasher = PasswordHasher(1, 8, 1)  # a hundred times as fast
        app.before_request_funcs.setdefault(None, []).insert(0, self._forget_limits)

    def aimed(self, name: str) -> tuple[Target, dict[str, str]]:
        """The target with what there is in its address and its form, and the headers of whoever may go there. Without
        an attack it is answered."""
        found = {**OPEN, **DESKS, **TEAM}[name]
        person = None if name in OPEN else self.crowd.joy if name in DESKS else self.crowd.people["provider"]
        headers = {} if person is None else {"Cookie": f"sid={cookie_of(person)}"}
        named = {"slug": self.crowd.slugs[OWN], "key": str(self.crowd.ids[OWN]), "referral": self.crowd.referrals[OWN],
                 "token": token_of(person), "organization": values_of_organization(self.crowd, OWN)["key"]}
        filled = replace(found, path=found.path.format(**named), **{
            part: {key: value.format(**named) for key, value in getattr(found, part).items()}
            for part in ("query", "form")})
        client = person.client if person is not None else self.crowd.site.app.test_client()
        answer = client.open(filled.path.replace("*", ""), query_string=filled.query, data=filled.form or None,
                             json=filled.intake or None, method="POST" if filled.form or filled.intake else "GET",
                             headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})
        assert answer.status_code in (200, 204, 303, 422, *((404,) if name in UNKNOWN else ())), (name, answer.text)
        return filled, headers

    def _read(self, connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        self.statements.add(statement)
        if THEIRS.search(statement):
            self.odd.append(statement)

    def _forget_limits(self) -> None:
        """Or the tool would meet nothing but "too many tries" after ten."""
        self.requests += 1
        if request.method == "POST":
            with self.crowd.site.database.transaction() as session:
                session.execute(delete(Allowance))


def token_of(person: Person | None) -> str:
    """What the forms of somebody's browser carry."""
    return "" if person is None else person.get("/account/").all("input", name="form_token")[0]["value"]


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Besieged]:
    made = Besieged(Crowd(tmp_path_factory.mktemp("besieged")))
    running = served(made.crowd.site.app)
    made.address = next(running)
    yield made
    next(running, None)


def test_I3_the_tool_finds_a_hole_where_there_is_one(tmp_path: Path) -> None:
    app = Flask("holed")

    @app.get("/")
    def hole() -> str:
        connection = sqlite3.connect(":memory:")
        connection.execute("CREATE TABLE t (name)")
        connection.execute("INSERT INTO t VALUES ('river')")
        try:
            found = connection.execute(f"SELECT name FROM t WHERE name = '{request.args['q']}'").fetchall()
        except sqlite3.Error:
            found = []
        return f"<p>{found}</p>"

    running = served(app)
    verdict = attack(tmp_path, Target("/", {"q": "river"}).arguments(next(running), {}))
    next(running, None)
    assert verdict.holes, verdict.said[-2000:]


@pytest.mark.parametrize("name", [*OPEN, *DESKS, *TEAM])
def test_I3_the_tool_finds_nothing(besieged: Besieged, tmp_path: Path, name: str, record_property: Any) -> None:
    target, headers = besieged.aimed(name)
    before = besieged.requests
    verdict = attack(tmp_path, target.arguments(besieged.address, headers))
    sent = besieged.requests - before
    assert verdict.holes == ()
    assert target.names <= verdict.tried, verdict.said[-2000:]
    assert sent > LEAST, verdict.said[-2000:]
    assert besieged.odd == []
    record_property("figure", f"{name}: {len(verdict.tried)} places tried with {sent:,} requests, 0 found; none of "
                              f"{len(besieged.statements)} statements held a word of them")
