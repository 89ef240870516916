"""The desk of those who keep the listings true: what waits, what is old, what looks alike."""

from finder.web.steward import queue  # noqa: F401 - hangs its pages on the desk, as every page module does
from finder.web.steward.blueprint import desk

__all__ = ["desk"]
