"""What to ask before going: weak points of a match, and facts that a hard constraint would have used but nobody states.

Unknown is never no (contract, top and section 9): the listing stays, and the question is named. No sentences here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from finder.matching.eligibility import applies
from finder.matching.explanation import Explained
from finder.matching.ruleset import CAPACITY_DAYS, CLOSE_LANGUAGES, SUBSTANCES
from finder.matching.traits import POPULATION_BITS
from finder.matching.types import Need

WEAK = 0.6  # contract section 9: every utility up to this is named
_RECOVERY = SUBSTANCES | {"general_recovery", "cooccurring"}
_LIVE_REMOTE = ("online_video", "text_chat", "phone")


@dataclass(frozen=True, slots=True)
class Check:
    """One question to ask first. `criterion` is the soft criterion, or the hard constraint, behind it."""

    criterion: str
    code: str
    values: Mapping[str, Any]


def doubts(need: Need, listing: Mapping[str, Any], explained: Explained, today: Any) -> list[Check]:
    """Hard questions first, in the order of the constraints; then weak criteria, the heaviest loss first."""
    hard = [check for rule in _RULES for check in rule(need, listing, explained)]
    weak = sorted((reason for reason in explained.reasons if _is_weak(reason)),
                  key=lambda reason: -reason.weight * (1 - reason.utility))
    stale = _stale(listing, today)
    return [*hard, *stale, *(Check(one.criterion, one.code, one.values) for one in weak
                             if not (stale and one.code == "availability_unknown"))]


def _is_weak(reason: Any) -> bool:
    if reason.criterion == "access":
        return bool(reason.code != "access_yes")
    return bool(reason.utility <= WEAK + 1e-9)


def _age(need: Need, listing: Mapping[str, Any], explained: Explained) -> Iterator[Check]:
    """One side has not said; a limit that is stated and met leaves nothing to ask."""
    limits = listing.get("age")
    if (need.age is None) != (limits is None):
        yield Check("age", "age_unconfirmed", dict(limits) if limits else {})


def _restriction(need: Need, listing: Mapping[str, Any], explained: Explained) -> Iterator[Check]:
    restricted, mix = listing.get("restricted_to") or (), listing.get("gender_mix")
    gender_open = need.gender in (None, "nonbinary")
    if (restricted and not POPULATION_BITS(restricted) & applies(need)[0]) or (mix in ("women", "men") and gender_open):
        values: dict[str, Any] = {"codes": list(restricted)} if restricted else {}
        if mix in ("women", "men"):
            values["gender_mix"] = mix
        yield Check("restricted_population", "restriction_unconfirmed", values)
    elif need.women_only and mix is None:
        yield Check("restricted_population", "restriction_unconfirmed", {"wanted": "women"})


def _role(need: Need, listing: Mapping[str, Any], explained: Explained) -> Iterator[Check]:
    attendees = listing.get("attendees")
    if need.attending_as is not None and attendees is None:
        yield Check("role", "role_unconfirmed", {"attending_as": need.attending_as})
    elif need.attending_as is None and attendees in ("person", "relatives"):
        yield Check("role", "role_unconfirmed", {"attendees": attendees})


def _language(need: Need, listing: Mapping[str, Any], explained: Explained) -> Iterator[Check]:
    if not need.languages:
        return
    spoken = set(listing.get("languages") or ())
    wanted = set(need.languages)
    if not spoken:
        yield Check("language", "language_unconfirmed", {"codes": sorted(wanted)})
        return
    if spoken & wanted or (wanted & CLOSE_LANGUAGES and spoken & CLOSE_LANGUAGES):
        return
    if listing.get("interpreter") in ("yes", "on_request"):
        yield Check("language", "interpreter_to_arrange", {"codes": sorted(wanted)})
    elif (listing.get("accessibility") or {}).get("asl") != "yes":
        yield Check("language", "language_unconfirmed", {"codes": sorted(wanted)})


def _licence(need: Need, listing: Mapping[str, Any], explained: Explained) -> Iterator[Check]:
    states = listing.get("licensed_states")
    unknown = need.place is None or need.place.state is None
    if states and unknown and explained.way is not None and explained.way.kind in _LIVE_REMOTE:
        yield Check("state_licence", "licence_unconfirmed", {"codes": list(states)})


def _area(need: Need, listing: Mapping[str, Any], explained: Explained) -> Iterator[Check]:
    coverage = listing.get("coverage")
    if not coverage:
        return
    place = need.place
    here: dict[str, str | None] = {"countries": None, "states": None, "counties": None, "postal_codes": None}
    if place is not None:
        county = f"{place.state}:{place.county}" if place.state and place.county else None
        here = {"countries": place.country, "states": place.state, "counties": county,
                "postal_codes": place.postal_code}
    if not any(here[name] in codes for name, codes in coverage.items()):
        yield Check("outside_area", "area_unconfirmed", {name: list(codes)[:20] for name, codes in coverage.items()})


def _exclusions(need: Need, listing: Mapping[str, Any], explained: Explained) -> Iterator[Check]:
    policies = listing.get("policies") or {}
    days = policies.get("min_days_sober") or 0
    if days and need.recently_using is not False:
        yield Check("program_exclusion", "sober_days_asked", {"days": days})
    if policies.get("court_ordered_only"):
        yield Check("program_exclusion", "court_order_needed", {})
    if policies.get("excludes") and need.safety in (None, "skip"):
        yield Check("program_exclusion", "crisis_exclusion_unconfirmed", {})


def _medication(need: Need, listing: Mapping[str, Any], explained: Explained) -> Iterator[Check]:
    """Where recovery is the subject and one side has not said; elsewhere nobody asks about recovery medication."""
    stated = (listing.get("policies") or {}).get("recovery_medication")
    about_recovery = bool(_RECOVERY & set(listing.get("focus") or ()))
    takes = need.takes_recovery_medication
    if (takes and stated is None and about_recovery) or (takes is None and stated == "refused"):
        yield Check("rejects_medication", "medication_unconfirmed", {})


def _address(need: Need, listing: Mapping[str, Any], explained: Explained) -> Iterator[Check]:
    chosen = explained.way
    if chosen is None or chosen.kind != "in_person":
        return
    if any((one.get("location") or {}).get("hidden") for one in listing.get("sessions") or ()):
        yield Check("distance", "address_after_contact", {})


_RULES: tuple[Callable[[Need, Mapping[str, Any], Explained], Iterator[Check]], ...] = (
    _age, _restriction, _role, _language, _licence, _area, _exclusions, _medication, _address,
)


def _stale(listing: Mapping[str, Any], today: Any) -> list[Check]:
    """A capacity answer too old to count: it was known once, so ask whether it still holds."""
    capacity = listing.get("capacity")
    if not capacity or (today - type(today).fromisoformat(capacity["as_of"])).days <= CAPACITY_DAYS:
        return []
    return [Check("full_no_waitlist", "capacity_unconfirmed",
                  {"status": capacity["status"], "as_of": capacity["as_of"]})]
