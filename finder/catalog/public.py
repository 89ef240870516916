"""What of a listing may be shown to everybody.

A hidden location is published as city and state at most; its point serves distance and nothing else (contract 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PUBLIC_WHEN_HIDDEN = ("city", "state", "country", "hidden")


def public(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without what a hidden location keeps to itself."""
    if not any((session.get("location") or {}).get("hidden") for session in document.get("sessions") or ()):
        return dict(document)
    return {**document, "sessions": [_session(session) for session in document["sessions"]]}


def _session(session: Mapping[str, Any]) -> dict[str, Any]:
    location = session.get("location")
    if not location or not location.get("hidden"):
        return dict(session)
    return {**session, "location": {key: location[key] for key in _PUBLIC_WHEN_HIDDEN if key in location}}
