"""Examples for the description of this door: one group as each list has it."""

from __future__ import annotations

from typing import Any

_SERVICE = "5f1d8c3a-0f0e-5d52-9a55-6a0cf5a0d001"
_RUNNER = "5f1d8c3a-0f0e-5d52-9a55-6a0cf5a0d002"
ORGANIZATION: dict[str, Any] = {"id": _RUNNER, "name": "River Care", "description": "River Care",
                                "website": "https://river.example.org"}
SERVICE: dict[str, Any] = {
    "id": _SERVICE, "name": "Evening Circle", "description": "A circle with tea.", "status": "active",
    "last_modified": "2026-11-20T09:30:15.000Z", "organization_id": _RUNNER, "organization": ORGANIZATION}
PLACE: dict[str, Any] = {
    "id": "5f1d8c3a-0f0e-5d52-9a55-6a0cf5a0d003", "service_id": _SERVICE,
    "location_id": "5f1d8c3a-0f0e-5d52-9a55-6a0cf5a0d004",
    "location": {"id": "5f1d8c3a-0f0e-5d52-9a55-6a0cf5a0d004", "location_type": "physical", "name": "Old Library"},
    "service": SERVICE}
TAXONOMY: dict[str, Any] = {"id": "5f1d8c3a-0f0e-5d52-9a55-6a0cf5a0d005", "name": "Focus areas",
                            "description": "What a group is about."}
TERM: dict[str, Any] = {
    "id": "5f1d8c3a-0f0e-5d52-9a55-6a0cf5a0d006", "code": "focus_areas:grief", "name": "Grief or loss",
    "description": "Grief or loss", "taxonomy": "Focus areas", "taxonomy_detail": TAXONOMY, "language": "en"}


def page(row: dict[str, Any]) -> dict[str, Any]:
    """A page that holds one row."""
    return {"total_items": 1, "total_pages": 1, "page_number": 1, "size": 1, "first_page": True, "last_page": True,
            "empty": False, "contents": [row]}
