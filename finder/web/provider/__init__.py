"""The desk of providers: finding groups for a person, asking them, and learning what became of it."""

from finder.web.provider import (  # noqa: F401 - each hangs its pages on the desk
    answers,
    caseload,
    export,
    handout,
    join,
    new,
    refer,
    referral,
    referrals,
    searches,
    team,
    tokens,
)
from finder.web.provider.blueprint import desk

__all__ = ["desk"]
