"""The desk of people who run groups: their listings, and the one form for everything in them."""

from finder.web.operator import listings  # noqa: F401 - hangs its pages on the desk, as every page module does
from finder.web.operator.blueprint import desk

__all__ = ["desk"]
