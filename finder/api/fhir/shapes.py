"""The shapes of what this door answers, for the description: what every answer has; FHIR R4 itself says the rest."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_ADDRESS: Schema = {"type": "string", "format": "uri"}


def _object(properties: Schema, *required: str) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}


def _resource(type_: str, properties: Schema, *required: str, about: str) -> Schema:
    found = _object({"resourceType": {"const": type_}, **properties}, "resourceType", *required)
    return {**found, "description": about}


_META: Schema = _object({"lastUpdated": {"type": "string", "format": "date-time"},
                         "profile": {"type": "array", "items": _ADDRESS}})
_OF_LISTING: Schema = {"id": {"type": "string", "format": "uuid"}, "meta": {**_META, "required": ["lastUpdated"]}}
_ANY_RESOURCE: Schema = {**_object({"resourceType": _TEXT, "id": _TEXT}, "resourceType")}

SCHEMAS: dict[str, Schema] = {
    "FhirBundle": _resource("Bundle", {
        "type": {"const": "searchset"}, "total": {"type": "integer", "minimum": 0},
        "link": {"type": "array", "minItems": 1, "items": _object(
            {"relation": {"type": "string", "enum": ["self", "first", "previous", "next", "last"]}, "url": _ADDRESS},
            "relation", "url")},
        "entry": {"type": "array", "minItems": 1, "items": _object({
            "fullUrl": _ADDRESS, "resource": _ANY_RESOURCE,
            "search": _object({"mode": {"type": "string", "enum": ["match", "include", "outcome"]}}, "mode")},
            "resource", "search")},
    }, "type", "total", "link", about="FHIR R4 Bundle: one page of a search."),
    "FhirHealthcareService": _resource("HealthcareService", {
        **_OF_LISTING, "active": {"type": "boolean"}, "name": _TEXT}, "id", "meta", "active", "name",
        about="FHIR R4 HealthcareService: a program. Plan-Net 1.1.0 or Human Services Directory 1.0.0 where "
              "`meta.profile` says so."),
    "FhirLocation": _resource("Location", {**_OF_LISTING, "status": {"const": "active"}}, "id", "meta", "status",
                              about="FHIR R4 Location: where a program meets. One that is told only after contact has "
                                    "neither street nor position."),
    "FhirOrganization": _resource("Organization", {**_OF_LISTING, "name": _TEXT}, "id", "meta", "name",
                                  about="FHIR R4 Organization: who runs a program."),
    "FhirQuestionnaire": _resource("Questionnaire", {
        "id": _TEXT, "url": _ADDRESS, "language": _TEXT, "item": {"type": "array", "minItems": 1}}, "id", "url", "item",
        about="FHIR R4 Questionnaire: the intake in one language."),
    "FhirCapabilityStatement": _resource("CapabilityStatement", {
        "fhirVersion": {"const": "4.0.1"}, "rest": {"type": "array", "minItems": 1}}, "fhirVersion", "rest",
        about="FHIR R4 CapabilityStatement: what can be read and searched here."),
    "FhirOperationOutcome": _resource("OperationOutcome", {"issue": {"type": "array", "minItems": 1, "items": _object({
        "severity": {"type": "string", "enum": ["error", "warning"]}, "code": _TEXT,
        "details": _object({"text": _TEXT}), "diagnostics": _TEXT,
        "expression": {"type": "array", "items": _TEXT}}, "severity", "code", "diagnostics")}}, "issue",
        about="FHIR R4 OperationOutcome: what went wrong."),
}
