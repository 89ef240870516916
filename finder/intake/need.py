"""From an intake document to the Need that matching reads: defaults applied, musts and wishes told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from finder.matching.types import Need
from finder.places.lookup import Place

MOST_NEEDS = 3  # contract section 2


def needs_of(intake: Mapping[str, Any], understood: Sequence[str] = ()) -> tuple[str, ...]:
    """The needs chosen, then those understood from free text, three in all, each once."""
    return every_need(intake, understood)[:MOST_NEEDS]


def every_need(intake: Mapping[str, Any], understood: Sequence[str] = ()) -> tuple[str, ...]:
    """All that was chosen or understood, each once. Notices go by it: who has chosen three needs and then writes of
    wanting to die is offered help too, though no fourth need is matched."""
    return tuple(dict.fromkeys([*(intake.get("needs") or ()), *understood]))


def need_from_answers(intake: Mapping[str, Any], *, needs: Sequence[str], place: Place | None, level: int | None,
                      now: datetime) -> Need:
    """The Need of a valid intake document.

    `needs` as `needs_of` gives them; `place` what `near` was resolved to, None when it is not known; `now` an aware
    UTC instant. What is a must is a wish too.
    """
    cost = intake.get("cost") or {}
    required = {name: _required(intake, name) for name in ("formats", "times", "access")}
    wished = {name: frozenset(intake.get(name) or ()) | required[name] for name in required}
    return Need(
        now=now, level=level, attending_as=intake.get("attending_as"), age=intake.get("age"),
        gender=intake.get("gender"), needs=tuple(needs), safety=intake.get("safety"),
        urgent=frozenset(intake.get("urgent") or ()), goal=intake.get("goal"),
        recently_using=intake.get("recently_using"), takes_recovery_medication=intake.get("takes_recovery_medication"),
        place=place, radius_miles=intake.get("radius_miles"), travel=intake.get("travel"),
        formats=wished["formats"], formats_required=required["formats"],
        times=wished["times"], times_required=required["times"] - {"any"},
        languages=frozenset(intake.get("languages") or ()), identities=frozenset(intake.get("identities") or ()),
        not_identities=frozenset(intake.get("not_identities") or ()),
        identity_preference=intake.get("identity_preference") or "none", women_only=bool(intake.get("women_only")),
        cost_kind=cost.get("kind"), cost_amount=cost.get("amount"), insurance=frozenset(intake.get("insurance") or ()),
        access=wished["access"], access_required=required["access"], led_by=intake.get("led_by"),
        avoid=frozenset(intake.get("avoid") or ()), one_to_one=bool(intake.get("one_to_one_preferred")),
        start_soon=bool(intake.get("start_soon")), emphasis=dict(intake.get("emphasis") or {}),
    )


def _required(intake: Mapping[str, Any], name: str) -> frozenset[str]:
    """`true` makes all wishes musts, a list just those."""
    stated = intake.get(f"{name}_required")
    if stated is True:
        return frozenset(intake.get(name) or ())
    return frozenset(stated) if isinstance(stated, list) else frozenset()
