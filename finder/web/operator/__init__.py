"""The desk of people who run groups: their listings, and the one form for everything in them."""

from finder.web.operator import (  # each hangs its pages on the desk
    edit,  # noqa: F401
    listings,  # noqa: F401
    new,  # noqa: F401
    organization,  # noqa: F401
    referrals,  # noqa: F401
    resting,  # noqa: F401
)
from finder.web.operator.blueprint import desk

__all__ = ["desk"]
