"""The desk of providers: finding groups for a person, asking them, and learning what became of it."""

from finder.web.provider import referrals  # noqa: F401 - hangs its pages on the desk
from finder.web.provider.blueprint import desk

__all__ = ["desk"]
