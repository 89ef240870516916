"""The description of the machine routes (OpenAPI 3.1), written from the same schemas and lists that check requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import orjson
from flask import Response, current_app, request

from finder.api import referral_shapes, schemas
from finder.api.blueprint import arguments, probes
from finder.api.fhir.shapes import SCHEMAS as FHIR_SHAPES
from finder.api.hsds.shapes import SCHEMAS as HSDS_SHAPES
from finder.api.listings.shapes import SCHEMAS as LISTING_SHAPES
from finder.api.problems import MIMETYPE
from finder.api.sync.calls import SCHEMAS as CALL_SHAPES
from finder.api.sync.calls import WEBHOOKS
from finder.api.sync.shapes import SCHEMAS as SYNC_SHAPES
from finder.api.tokens import SCHEME
from finder.search import query_schema as query

Parameter = dict[str, Any]

SPEC: dict[str, Any] = {
    "title": "Finder", "version": version("finder"), "openapi_version": "3.1.0",
    "info": {
        "description": "Finds outpatient peer support and group therapy programs, and says why each one fits. Answers "
                       "that a person gives are never stored, logged or put into an address.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    },
    "servers": [{"url": "/"}],
}
_PROBLEMS = {
    400: "The body is not JSON.", 401: "No good token was sent; code `token_needed`.",
    403: "The token does not allow this; code `scope_needed`, and WWW-Authenticate names the scope.",
    404: "There is no such thing. What is not yours answers the same.",
    409: "It cannot be done as things stand. Code `stale`: somebody changed it first, read it again. `illegal_move`: "
         "not from where it stands. `no_consent`: the person's consent to this program is over or was taken back. "
         "`key_reused`: that Idempotency-Key came with another body before. `too_many`: five answers to "
         "questions of this program have gone out; call it. `decided`: a steward was faster. `looks_alike`: Link "
         "names listings that look like it; send it with `sure=1` if it is another group. `not_paused`, "
         "`not_deleted`: there is nothing to bring back.",
    410: "It was here once and is not any more; code `gone`. `cursor_unknown`: this instance knows no such place in "
         "its changes, start over without it.",
    413: "The body is too large.", 415: "The body is not sent as JSON.",
    422: "A field or parameter is wrong; `errors` names it.",
    428: "If-Match is missing: say which version you read. Code `version_needed`.",
    429: "Too many; Retry-After says how many seconds to wait. Code `too_often`.",
    500: "A fault of the server.", 503: "The server cannot answer just now.",
}
_MODES = {"any": "has any of these codes", "all": "has all of these codes", "not": "has none of these codes"}
_SECONDS = 300


def _parameter(name: str, about: str, schema: Mapping[str, Any], **more: Any) -> Parameter:
    return {"name": name, "in": "query", "description": about, "schema": dict(schema), **more}


def _flag(name: str, about: str, default: str) -> Parameter:
    return _parameter(name, about, {"type": "string", "enum": ["0", "1"], "default": default})


def lang() -> Parameter:
    return _parameter("lang", "Language of texts; else the instance's own.",
                      {"type": "string", "enum": list(query.LANGUAGES)})


def _pages() -> list[Parameter]:
    deepest = f"Pages reach {query.DEEPEST} results deep."
    return [
        _parameter("page", deepest, {"type": "integer", "minimum": 1, "maximum": query.DEEPEST, "default": 1}),
        _parameter("per_page", "Results on one page.",
                   {"type": "integer", "minimum": 1, "maximum": query.MOST_PER_PAGE, "default": query.PER_PAGE}),
    ]


def _filters(facets: Mapping[str, Sequence[str]]) -> list[Parameter]:
    found = []
    for facet, codes in facets.items():
        known = [*codes, query.UNKNOWN] if facet not in query.ALWAYS_STATED else list(codes)
        items: dict[str, Any] = {"type": "string", "enum": known}
        if facet == "languages":
            items = {"type": "string", "pattern": "^([a-z]{2,3}|unknown)$"}
        schema = {"type": "array", "items": items, "minItems": 1, "maxItems": query.MOST_CODES}
        for mode, about in _MODES.items():
            name = facet if mode == "any" else f"{facet}.{mode}"
            found.append(_parameter(name, f"Only programs whose {facet} {about}.", schema, style="form",
                                    explode=False))
    return found


def match_parameters() -> list[Parameter]:
    """The controls of `POST /match`."""
    return [*_pages(), lang(), _flag("text", "0 leaves the sentences out: codes and values only.", "1"),
            _flag("hidden_ids", "1 lists which programs were left out, by reason.", "0"),
            *_filters(query.FACETS)]


def browse_parameters() -> list[Parameter]:
    """What `GET /programs` may be asked."""
    text = {"type": "string", "maxLength": query.MOST_TEXT, "pattern": r"^[^\u0000-\u001f\u007f]*$"}
    return [
        _parameter("q", "Words to look for, all of them; \"quoted words\" as they stand; OR or | between wordings; a "
                         "minus before what must not be there.", text),
        _parameter("near", "A ZIP code or `city, state`. Not together with a point.", text),
        _parameter("latitude", "Together with `longitude`.", {"type": "number", "minimum": -90, "maximum": 90}),
        _parameter("longitude", "Together with `latitude`.", {"type": "number", "minimum": -180, "maximum": 180}),
        _parameter("radius_miles", "Straight line; counts only with a place.",
                   {"type": "number", "exclusiveMinimum": 0, "maximum": query.MOST_MILES}),
        _parameter("nearest", "Only so many programs that meet in person, the nearest whatever the distance (within "
                   "`radius_miles` if that is given too). Needs a place.",
                   {"type": "integer", "minimum": 1, "maximum": query.MOST_NEAREST}),
        *_hours(),
        _parameter("insurance", "What pays: the payers that `cost=covered` goes by.",
                   {"type": "array", "items": {"type": "string", "enum": list(query.INSURANCE)}, "minItems": 1,
                    "maxItems": query.MOST_CODES}, style="form", explode=False),
        _parameter("status", "Paused programs are listed only when asked for.",
                   {"type": "string", "enum": list(query.STATUSES)}),
        _parameter("sort", "Order of the list: relevance, with `nearest` distance, with `starting` next_session, "
                   "unless another is given.", {"type": "string", "enum": list(query.SORTS)}),
        *_pages(), lang(), *_filters(query.FACETS),
    ]


def _hours() -> list[Parameter]:
    """When a session may start. Day and time are those of one and the same start."""
    clock = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
    where = "in the zone of the place asked for, else in that of the session"
    days = {"type": "array", "items": {"type": "string", "enum": list(query.DAYS)}, "minItems": 1,
            "maxItems": query.MOST_CODES}
    return [
        _parameter("days", f"Only programs that meet on one of these days, 0 Monday to 6 Sunday, {where}.", days,
                   style="form", explode=False),
        _parameter("from", f"Only sessions that start at this time or later, {where}.", clock),
        _parameter("until", "Only sessions that start at this time or earlier. Earlier than `from`: over midnight.",
                   clock),
        _parameter("starting", "Only sessions that start within so many hours from now.",
                   {"type": "integer", "minimum": 1, "maximum": query.MOST_HOURS}),
    ]


def place_parameters() -> list[Parameter]:
    """What `GET /places` needs."""
    return [_parameter("q", "A ZIP code or `city, state`.",
                       {"type": "string", "minLength": 1, "maxLength": query.MOST_TEXT,
                        "pattern": r"^[^\u0000-\u001f\u007f]*[^\s\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$"},
                       required=True), lang()]


def referral_parameters() -> list[Parameter]:
    """What `GET /referrals` may be asked."""
    return [
        _parameter("state", "Only these; else all.", {"type": "string", "enum": ["open", "closed"]}),
        _parameter("after", "`next` of the page before.", {"type": "string", "pattern": referral_shapes.KEY}),
        _parameter("limit", "Referrals on one page.",
                   {"type": "integer", "minimum": 1, "maximum": referral_shapes.MOST_LISTED,
                    "default": referral_shapes.MOST_LISTED}),
    ]


def referral_path(*names: str) -> list[Parameter]:
    """The keys in the address of a referral."""
    return [{"name": name, "in": "path", "required": True, "description": about,
             "schema": {"type": "string", "pattern": referral_shapes.KEY}}
            for name, about in (("key", "The referral's id."), ("task", "The task's id.")) if name in ("key", *names)]


def words() -> Parameter:
    """Whether sealed words come along."""
    return _flag("words", "1 adds the words that are kept sealed: needs, how the person may be met, notes. Who the "
                          "person is never comes along.", "0")


def with_needs() -> Parameter:
    """Whether needs come along."""
    return _flag("needs", "1 adds what the person needs help with, as reasonCode.", "0")


def header(name: str, about: str, pattern: str, example: str) -> Parameter:
    """A header that an operation needs."""
    return {"name": name, "in": "header", "required": True, "description": about, "example": example,
            "schema": {"type": "string", "pattern": pattern}}


def token_for(scope: str) -> list[dict[str, list[str]]]:
    """Signed in with a token that allows `scope`."""
    return [{SCHEME: [str(scope)]}]


def answers(name: str, about: str, *problems: int, kept: bool = False, mimetype: str = "application/json",
            example: Any = None) -> dict[str, Any]:
    """The responses of an operation: the schema `name` at 200, and the problems it may meet (500 always)."""
    content: dict[str, Any] = {"schema": schemas.ref(name)} | ({"example": example} if example is not None else {})
    found: dict[str, Any] = {"200": {"description": about, "content": {mimetype: content},
                                     "headers": {"X-Request-ID": {"schema": {"type": "string"}}}}}
    if kept:
        found["304"] = {"description": "Nothing changed since the ETag that was sent."}
    for status in (*problems, 500):
        found[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    return found


def making(name: str, example: Any, *problems: int) -> dict[str, Any]:
    """The responses of an operation that makes something the first time, and gives the same thing after."""
    found = answers(name, "It was made before, by the same key.", *problems, example=example)
    made = {**found["200"], "description": "It is made.",
            "headers": {**found["200"]["headers"], "Location": {"schema": {"type": "string"}}}}
    return {"200": found.pop("200"), "201": made, **found}


def body(name: str, example: Any = None) -> dict[str, Any]:
    """A JSON body of the schema `name`."""
    content: dict[str, Any] = {"schema": schemas.ref(name)} | ({"example": example} if example is not None else {})
    return {"required": True, "content": {"application/json": content}}


def add_components(spec: Any) -> None:
    """Puts every schema and the problem responses into the description."""
    for shapes in (schemas.components(), referral_shapes.SCHEMAS, CALL_SHAPES, SYNC_SHAPES, FHIR_SHAPES,
                   LISTING_SHAPES, HSDS_SHAPES):
        for name, schema in shapes.items():
            spec.components.schema(name, schema)  # raises where two doors give one name to two things
    spec.components.security_scheme(SCHEME, {
        "type": "http", "scheme": "bearer",
        "description": "A token (fndr_...) that somebody made on their desk or account, for what each operation names.",
    })
    for status, about in _PROBLEMS.items():
        spec.components.response(f"Problem{status}", {
            "description": about, "content": {MIMETYPE: {"schema": schemas.ref("Problem")}},
        })


def finish(spec: Any, languages: Sequence[str]) -> bytes:
    """The description as JSON, with the languages that this instance offers."""
    document = orjson.loads(orjson.dumps(spec.to_dict(), option=orjson.OPT_NON_STR_KEYS))  # its own copy
    operations = [one for path in document["paths"].values() for one in path.values() if isinstance(one, dict)]
    for parameter in (one for operation in operations for one in operation.get("parameters", ())):
        if parameter.get("name") == "lang":
            parameter["schema"]["enum"] = list(languages)
    document["webhooks"] = WEBHOOKS
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


@probes.route("/openapi.json")
@probes.doc(operationId="describeApi", responses={
    "200": {"description": "An OpenAPI 3.1 document.", "content": {"application/json": {"schema": {"type": "object"}}}},
    "304": {"description": "Nothing changed since the ETag that was sent."},
    "422": {"$ref": "#/components/responses/Problem422"}})
def describe() -> Response:
    """This description of the machine routes"""
    query.load_nothing(arguments())
    response = Response(current_app.extensions["finder_openapi"](), mimetype="application/json")
    response.add_etag()
    response.headers["Cache-Control"] = f"public, max-age={_SECONDS}"
    response.make_conditional(request)
    return response
