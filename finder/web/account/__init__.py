"""Signing in and out, and what a person's own account holds."""

from finder.web.account import home  # noqa: F401 - hangs its pages on the desk, as every page module does
from finder.web.account.blueprint import desk

__all__ = ["desk"]
