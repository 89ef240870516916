"""The operations of this door as OpenAPI says them, made from the tables that the search goes by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finder.api import schemas
from finder.api.fhir.asking import FORM
from finder.exchange.fhir.elements import HSD, MIMETYPE
from finder.exchange.fhir.parameters import LINKS, PARAMETERS
from finder.exchange.fhir.searching import COUNT, DEEPEST, MOST, MOST_LENGTH

Described = dict[str, Any]

TAG = "fhir"
CALLED: Mapping[str, str] = {
    "HealthcareService": "programs as FHIR HealthcareService", "Location": "places as FHIR Location",
    "Organization": "organizations as FHIR Organization", "Questionnaire": "the intake as FHIR Questionnaire"}
OF_ONE: Mapping[str, str] = {
    "HealthcareService": "one program as FHIR HealthcareService", "Location": "one place as FHIR Location",
    "Organization": "one organization as FHIR Organization", "Questionnaire": "the intake in one language"}
_DEEDS = {"search": "search", "send": "searchByForm", "read": "read"}
_ERRORS: Mapping[int, str] = {
    400: "A parameter cannot be used; the issue names it.", 404: "There is no such resource.",
    406: "The answer is wanted in a form that there is not: it is JSON.",
    413: "The form is too large.", 415: "The body is no form (application/x-www-form-urlencoded).",
    500: "A fault of the server.", 503: "The server cannot answer just now.",
}
_ABOUT = ("Parameters that are not known are refused, unless the request says `Prefer: handling=lenient`. A comma "
          "stands between alternatives (`\\,` is a comma); a parameter that stands twice must be met twice. ")
_EXAMPLES: Mapping[str, str] = {
    "service-type": "grief", "characteristic": "online_video", "communication": "es", "near": "35.99|-78.9|25|[mi_us]",
    "_lastUpdated": "ge2026-11-01", "address-state": "NC", "address-postalcode": "277", "name": "evening",
    "_profile": HSD}
_FLAG = {"type": "string", "enum": ["true", "false"], "default": "false"}


def metadata() -> Described:
    """The CapabilityStatement's operation."""
    mode = _query("mode", "Both give the whole statement.", {"type": "string", "enum": ["full", "normative"]})
    return {"operationId": "fhirMetadata", "parameters": [mode, *_form()],
            "responses": _responses("CapabilityStatement", 400, 406, 503, kept=True)}


def path(type_: str) -> list[Described]:
    """The id in an address."""
    schema = {"type": "string", "pattern": "^[A-Za-z0-9.-]{1,64}$"}
    about = "The id: `intake-` and the language." if type_ == "Questionnaire" else "The id, a UUID."
    return [{"name": "key", "in": "path", "required": True, "description": about, "schema": schema}]


def operation(deed: str, type_: str) -> Described:
    """`search` by the address, `send` as a form, or `read`."""
    called = {"operationId": f"{_DEEDS[deed]}{type_}"}
    if deed == "read":
        shape = [_query("_profile", "The shape of a program: Plan-Net, or this profile.", {"type": "string"}, HSD)]
        return called | {"parameters": [*(shape if type_ == "HealthcareService" else ()), *_form()],
                         "responses": _responses(type_, 400, 404, 406, 503, kept=True)}
    if deed == "search":
        return called | {"description": _ABOUT, "parameters": _searched(type_),
                         "responses": _responses("Bundle", 400, 406, 503, kept=True)}
    properties = {one["name"]: one["schema"] | {"description": one["description"]} for one in _searched(type_)}
    body = {"type": "object", "properties": properties}  # with leniency there may be others
    return called | {
        "description": f"{_ABOUT}Parameters of the address and of the form count together.",
        "requestBody": {"required": False, "content": {FORM: {
            "schema": body, "encoding": {"_include": {"style": "form", "explode": True}}}}},
        "responses": _responses("Bundle", 400, 406, 413, 415, 503)}


def _searched(type_: str) -> list[Described]:
    found = [_query(name, f"{one.about}. A {one.kind} of FHIR.", {"type": "string", "maxLength": MOST_LENGTH},
                    _EXAMPLES.get(name)) for name, one in PARAMETERS[type_].items()]
    links = [f"{type_}:{name}" for name in LINKS[type_]]
    if links:
        found += [_query(f"{name}.{of}", f"{one.about}, of the {target} that `{name}` leads to.",
                         {"type": "string", "maxLength": MOST_LENGTH})
                  for name, target in LINKS[type_].items() for of, one in PARAMETERS[target].items()
                  if of in ("name", "near", "address-city", "address-state", "address-postalcode")]
        found.append(_query("_include", "What the resources lead to comes along.",
                            {"type": "array", "items": {"type": "string", "enum": links}}))
    return [*found, *_pages(), *_form()]


def _pages() -> list[Described]:
    return [
        _query("_count", f"Resources on a page, {MOST} at most; 0 is the number alone.",
               {"type": "integer", "minimum": 0, "maximum": DEEPEST - 1, "default": COUNT}),
        _query("_offset", "Where the page begins; links hold it.",
               {"type": "integer", "minimum": 0, "maximum": DEEPEST - 1, "default": 0}),
        _query("_summary", "`count` is the number alone.", {"type": "string", "enum": ["count", "false"]}),
        _query("_total", "The number is always right.", {"type": "string", "enum": ["accurate", "estimate", "none"]}),
    ]


def _form() -> list[Described]:
    return [_query("_format", "JSON is the only form.", {"type": "string", "enum": ["json", MIMETYPE]}),
            _query("_pretty", "Lines and spaces for people.", _FLAG)]


def _query(name: str, about: str, schema: Described, example: str | None = None) -> Described:
    found = {"name": name, "in": "query", "description": about, "schema": dict(schema)}
    return found | ({"example": example} if example else {})


def _responses(type_: str, *errors: int, kept: bool = False) -> Described:
    example = _EXAMPLE_OF.get(type_)
    content = {"schema": schemas.ref(f"Fhir{type_}")} | ({"example": example} if example else {})
    found: Described = {"200": {"description": "The answer.", "content": {MIMETYPE: content},
                                "headers": {"X-Request-ID": {"schema": {"type": "string"}}}}}
    if kept:
        found["304"] = {"description": "Nothing changed since the ETag that was sent."}
    for status in (*errors, 500):
        found[str(status)] = {"description": _ERRORS[status], "content": {
            MIMETYPE: {"schema": schemas.ref("FhirOperationOutcome")}}}
    return found


_SITE = "https://finder.example/fhir"
_SERVICE: Described = {
    "resourceType": "HealthcareService", "id": "0b8f6a1e-9f55-5a1c-8f0e-3f0f2f9f5d10",
    "meta": {"lastUpdated": "2026-11-20T09:30:15Z"}, "active": True, "name": "Evening Circle"}
_EXAMPLE_OF: Mapping[str, Described] = {
    "HealthcareService": _SERVICE,
    "Location": {"resourceType": "Location", "id": "5c0e6a52-8d0b-4c6b-9c5f-6c1f7f4f7a11", "status": "active",
                 "meta": {"lastUpdated": "2026-11-20T09:30:15Z"}, "name": "Old Library"},
    "Organization": {"resourceType": "Organization", "id": "9d7c2b34-1f0a-4d7e-8a55-2c3d4e5f6a12", "name": "River Care",
                     "meta": {"lastUpdated": "2026-11-20T09:30:15Z"}},
    "Bundle": {"resourceType": "Bundle", "type": "searchset", "total": 1,
               "link": [{"relation": "self", "url": f"{_SITE}/HealthcareService?service-type=grief"}],
               "entry": [{"fullUrl": f"{_SITE}/HealthcareService/{_SERVICE['id']}", "resource": _SERVICE,
                          "search": {"mode": "match"}}]},
}
