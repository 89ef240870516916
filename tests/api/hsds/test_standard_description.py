"""The standard's own description, asked of this door by schemathesis: every kind of request that it can think of.

The local copy cannot be met as it stands in two points. Its parameter `format` says that `ndjson` streams all rows, and
its lists document no type but JSON, so that type is added wherever `format` may be asked for. And it knows no refusal,
so requests are made from two forms of it:

- As it stands, with requests that it allows (mode positive). Nothing is left out of the checks.
- With requests that it forbids too. Its lists document 200 and no way to refuse, while they say that `page` is an
  integer and `full` a boolean (so does an organization of `full_service`): `page=null` answered by 200 is
  "schema-violating request accepted", by anything else an "undocumented status code". The form that is asked here
  documents 422 as well, and nothing else of it is touched.

In both, the ids that things are asked for by are some that are there (as examples would give them), because a random
one finds nothing, and then what is there would never be judged.
"""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, from_schema
from schemathesis.engine.events import NonFatalError, ScenarioFinished

from tests.api.hsds.door import LISTS, Door
from tests.shared import shared

FEW, MANY = 25, 1500  # generated requests per operation, beside those for every edge of every parameter
FIXED_SEED = 20261126
HERE = "/description.json"
# Of terms and taxonomies that are used, of a postal code that is somewhere, and of days.
EXAMPLES = {"search": "group", "modified_after": "2026-01-01", "postcode": "10001", "proximity": "5000000",
            "page": 2, "per_page": 7, "minimal": True, "full": True, "full_service": True}
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def described(door: Door, *, refusals: bool) -> dict[str, Any]:
    """The local copy of the standard's description, with examples; `refusals`: and with 422 for every question."""
    found: dict[str, Any] = json.loads(shared("standards", "hsds-3.0", "openapi.local.json").read_text("utf-8"))
    for name in LISTS:
        alone = found["paths"][f"/{name}/{{id}}"]["parameters"][0]
        alone["examples"] = {key: {"value": key} for key in door.ids(name)[::40][:5]}
    known = EXAMPLES | {"taxonomy_term_id": door.rows("taxonomy_terms", search="group_types:peer_support")[0]["id"],
                        "taxonomy_id": door.ids("taxonomies")[0], "organization_id": door.ids("organizations")[0]}
    for name, value in known.items():
        found["components"]["parameters"][name]["example"] = value
    for operations in found["paths"].values():
        if {"$ref": "#/components/parameters/format"} in operations["get"].get("parameters", ()):
            operations["get"]["responses"]["200"]["content"]["application/x-ndjson"] = {"schema": {"type": "string"}}
    if refusals:
        for operations in found["paths"].values():
            operations["get"]["responses"]["422"] = {
                "description": "It is not asked so.", "content": {"application/problem+json": {"schema": {}}}}
    return found


def mounted(door: Door, description: dict[str, Any]) -> Wsgi:
    """The app as the description has it, whose paths begin at this door."""
    body = json.dumps(description).encode()

    def app(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == HERE:
            start("200 OK", [("Content-Type", "application/json")])
            return [body]
        moved = {**environ, "PATH_INFO": f"/hsds{environ['PATH_INFO']}", "HTTP_HOST": "finder.example"}
        moved.pop("HTTP_ACCEPT_ENCODING", None)  # the generator asks for gzip and does not unpack it
        return door.publisher.app(moved, start)

    return app


def judged(door: Door, *, mode: str, refusals: bool, cases: int) -> tuple[Counter[str], list[str]]:
    """Sends requests of all phases. Gives how many there were by operation, and what was wrong."""
    phases = {name: {"enabled": name != "stateful"} for name in ("examples", "coverage", "fuzzing", "stateful")}
    config = SchemathesisConfig.from_dict({
        "seed": FIXED_SEED, "phases": phases, "continue-on-failure": True,
        "generation": {"mode": mode, "max-examples": cases, "deterministic": True, "no-shrink": True}})
    description = described(door, refusals=refusals)
    sent: Counter[str] = Counter()
    wrong: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the generator, not ours
        schema = schemathesis.openapi.from_wsgi(HERE, mounted(door, description), config=config)
        for event in from_schema(schema).execute():
            if isinstance(event, NonFatalError):
                wrong.append(str(event.info))
            if isinstance(event, ScenarioFinished):
                for key, checks in event.recorder.checks.items():
                    case = event.recorder.cases[key].value
                    sent[f"{case.method} {case.operation.path} {event.phase.value}"] += 1
                    wrong += [f"{case.method} {case.formatted_path} {case.query} {one.name}: {one.failure_info}"
                              for one in checks if one.status != Status.SUCCESS]
    return sent, wrong


def check(door: Door, *, mode: str, refusals: bool, cases: int) -> None:
    sent, wrong = judged(door, mode=mode, refusals=refusals, cases=cases)
    assert wrong == []
    described_paths = {f"/{name}{more}" for name in LISTS for more in ("", "/{id}")} | {"/"}
    assert {line.split()[1] for line in sent} == described_paths
    assert sum(sent.values()) > 11 * min(cases, 12)


@pytest.mark.turns(3)
def test_requests_that_the_description_allows_are_answered_as_it_says(door: Door) -> None:
    check(door, mode="positive", refusals=False, cases=FEW)


@pytest.mark.turns(3)
def test_requests_that_it_forbids_are_refused_or_harmless(door: Door) -> None:
    check(door, mode="all", refusals=True, cases=FEW)


@pytest.mark.turns(3)
def test_as_it_stands_nothing_is_wrong_but_that_it_knows_no_refusal(door: Door) -> None:
    """Why one of the tests above documents a refusal: once the description says how to refuse, this test fails and the
    amendment can go."""
    _, wrong = judged(door, mode="negative", refusals=False, cases=2)
    asked = [line.split()[1] for line in wrong]
    assert {one for one in asked if one.count("/") == 1} == {f"/{name}" for name in LISTS}
    assert all(one.startswith("/organizations/") for one in asked if one.count("/") == 2)  # full_service is a boolean
    assert all("Undocumented status code" in line and "Received: 422" in line for line in wrong)


@pytest.mark.soak
@pytest.mark.parametrize("which", ["seed", "odd"])
def test_many_requests_of_every_kind(which: str, request: pytest.FixtureRequest) -> None:
    door: Door = request.getfixturevalue("door" if which == "seed" else "odd_door")
    check(door, mode="positive", refusals=False, cases=MANY)
    check(door, mode="all", refusals=True, cases=MANY)
