"""The directory as FHIR R4, for reading."""
