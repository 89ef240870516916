"""The nouns of matching: what a person needs, as plain frozen values.

Made by `finder.intake`, read by the engine; holds no answer that the rules do not use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from finder.places.lookup import Place


@dataclass(frozen=True, slots=True)
class Need:
    """Everything the rules know about one search.

    Codes are the contract's; empty sets and None mean "not stated". `*_required` are the musts: an empty set
    means nothing is required. A must is also a wish, so `formats` contains `formats_required`, `times` contains
    `times_required` and `access` contains `access_required`. `now` is an aware UTC instant; days are counted by
    its date.
    """

    now: datetime
    level: int | None = None
    attending_as: str | None = None
    age: int | None = None
    gender: str | None = None
    needs: tuple[str, ...] = ()
    safety: str | None = None
    urgent: frozenset[str] = frozenset()
    goal: str | None = None
    recently_using: bool | None = None
    takes_recovery_medication: bool | None = None
    place: Place | None = None
    radius_miles: float | None = None
    travel: str | None = None
    formats: frozenset[str] = frozenset()
    formats_required: frozenset[str] = frozenset()
    times: frozenset[str] = frozenset()
    times_required: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    identities: frozenset[str] = frozenset()
    not_identities: frozenset[str] = frozenset()
    identity_preference: str = "none"
    women_only: bool = False
    cost_kind: str | None = None
    cost_amount: float | None = None
    insurance: frozenset[str] = frozenset()
    access: frozenset[str] = frozenset()
    access_required: frozenset[str] = frozenset()
    led_by: str | None = None
    avoid: frozenset[str] = frozenset()
    one_to_one: bool = False
    start_soon: bool = False
    emphasis: Mapping[str, float] = field(default_factory=dict)
    purpose: str = "match"  # or "browse": full groups stay in the list; or "paused": only those not meeting for now

    @property
    def today(self) -> date:
        """The day that all day counts use: the UTC date of `now`."""
        return self.now.date()
