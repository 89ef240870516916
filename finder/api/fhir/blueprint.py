"""The blueprint of this door: The directory as FHIR R4, for reading."""

from __future__ import annotations

from finder.api.open_door import open_blueprint

fhir = open_blueprint("fhir", "The directory as FHIR R4, for reading", url_prefix="/fhir")
