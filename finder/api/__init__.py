"""The machine door: JSON under /api/v1, its OpenAPI description, and the two probes. Thin; no rule and no query."""

from finder.api.registering import register

__all__ = ["register"]
