"""How feeds and files are described: their media type, an example of how they begin, when they are not sent again."""

from __future__ import annotations

from typing import Any

from finder.api import openapi


def text(about: str, mimetype: str, example: str, *problems: int) -> dict[str, Any]:
    """The responses of an operation that answers with a text, or with 304 to who has it."""
    found = openapi.answers("Listing", about, *problems, kept=True)
    found["200"]["content"] = {mimetype: {"schema": {"type": "string"}, "example": example}}
    found["200"]["headers"] |= {"ETag": {"schema": {"type": "string"}}}
    return found
