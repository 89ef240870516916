"""What to ask before going: weak points of a match, and facts that a hard constraint would have used but nobody states.

Unknown is never no (contract, top and section 9): the listing stays, and the question is named. No sentences here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any

from finder.matching.chosen import Way
from finder.matching.eligibility import applies
from finder.matching.explanation import Check, Explained
from finder.matching.facts import Facts
from finder.matching.ruleset import CAPACITY_DAYS, CLOSE_LANGUAGES, SUBSTANCES
from finder.matching.traits import POPULATION_BITS
from finder.matching.types import Need

_RECOVERY = SUBSTANCES | {"general_recovery", "cooccurring"}
MOST_CODES = 20  # of a listing's area, each kind, in one question
_LIVE_REMOTE = ("online_video", "text_chat", "phone")

Listing = Mapping[str, Any]
Rule = Callable[[Need, Listing, Way | None], Check | None]


def doubts(need: Need, facts: Facts, explained: Explained, today: date) -> list[Check]:
    """Hard questions first, in the order of the constraints; then weak criteria, the heaviest loss first."""
    listing, way = facts.listing, explained.way
    found = [check for rule in facts.questions if (check := rule(need, listing, way)) is not None]
    weak = [one for one in explained.reasons if one.check is not None]
    if len(weak) > 1:
        weak.sort(key=attrgetter("loss"))
    stale = _stale(listing, today)
    if stale is not None:
        found.append(stale)
        weak = [one for one in weak if one.line["code"] != "availability_unknown"]
    return found + [one.check for one in weak if one.check is not None]


def questions_of(listing: Listing) -> tuple[Rule, ...]:
    """The rules that can ask anything about such a listing, whoever reads it."""
    return tuple(rule for rule, concerns in _RULES if concerns(listing))


@lru_cache(maxsize=4_096)
def _check(criterion: str, code: str, **facts: Hashable) -> Check:
    """A question, made once for equal facts: those of listings, the role and the languages asked for."""
    return Check.of(criterion, code, {name: list(one) if isinstance(one, tuple) else one
                                      for name, one in facts.items()})


def _age(need: Need, listing: Listing, way: Way | None) -> Check | None:
    """One side has not said; a limit that is stated and met leaves nothing to ask."""
    limits = listing.get("age")
    if (need.age is None) == (limits is None):
        return None
    return _check("age", "age_unconfirmed", **(limits or {}))


def _restriction(need: Need, listing: Listing, way: Way | None) -> Check | None:
    restricted, mix = listing.get("restricted_to") or (), listing.get("gender_mix")
    gender_open = need.gender in (None, "nonbinary")
    if (restricted and not POPULATION_BITS(restricted) & applies(need)[0]) or (mix in ("women", "men") and gender_open):
        facts: dict[str, Hashable] = {"codes": tuple(restricted)} if restricted else {}
        if mix in ("women", "men"):
            facts["gender_mix"] = mix
        return _check("restricted_population", "restriction_unconfirmed", **facts)
    if need.women_only and mix is None:
        return _check("restricted_population", "restriction_unconfirmed", wanted="women")
    return None


def _role(need: Need, listing: Listing, way: Way | None) -> Check | None:
    attendees = listing.get("attendees")
    if need.attending_as is not None and attendees is None:
        return _check("role", "role_unconfirmed", attending_as=need.attending_as)
    if need.attending_as is None and attendees in ("person", "relatives"):
        return _check("role", "role_unconfirmed", attendees=attendees)
    return None


def _language(need: Need, listing: Listing, way: Way | None) -> Check | None:
    wanted = need.languages
    if not wanted:
        return None
    spoken = listing.get("languages") or ()
    if not spoken:
        return _check("language", "language_unconfirmed", codes=tuple(sorted(wanted)))
    if not wanted.isdisjoint(spoken) or (wanted & CLOSE_LANGUAGES and not CLOSE_LANGUAGES.isdisjoint(spoken)):
        return None
    if listing.get("interpreter") in ("yes", "on_request"):
        return _check("language", "interpreter_to_arrange", codes=tuple(sorted(wanted)))
    if (listing.get("accessibility") or {}).get("asl") == "yes":
        return None
    return _check("language", "language_unconfirmed", codes=tuple(sorted(wanted)))


def _licence(need: Need, listing: Listing, way: Way | None) -> Check | None:
    states = listing.get("licensed_states")
    unknown = need.place is None or need.place.state is None
    if states and unknown and way is not None and way.kind in _LIVE_REMOTE:
        return _check("state_licence", "licence_unconfirmed", codes=tuple(states))
    return None


def _area(need: Need, listing: Listing, way: Way | None) -> Check | None:
    place, coverage = need.place, listing["coverage"]
    here: dict[str, str | None] = {"countries": None, "states": None, "counties": None, "postal_codes": None}
    if place is not None:
        county = f"{place.state}:{place.county}" if place.state and place.county else None
        here = {"countries": place.country, "states": place.state, "counties": county,
                "postal_codes": place.postal_code}
    if any(here[name] in codes for name, codes in coverage.items()):
        return None
    return _check("outside_area", "area_unconfirmed",
                  **{name: tuple(codes[:MOST_CODES]) for name, codes in coverage.items()})


def _sober_days(need: Need, listing: Listing, way: Way | None) -> Check | None:
    days = listing["policies"].get("min_days_sober")
    return _check("program_exclusion", "sober_days_asked", days=days) if need.recently_using is not False else None


def _court_order(need: Need, listing: Listing, way: Way | None) -> Check | None:
    return _check("program_exclusion", "court_order_needed")


def _crisis(need: Need, listing: Listing, way: Way | None) -> Check | None:
    return _check("program_exclusion", "crisis_exclusion_unconfirmed") if need.safety in (None, "skip") else None


def _medication(need: Need, listing: Listing, way: Way | None) -> Check | None:
    """Where recovery is the subject and one side has not said; elsewhere nobody asks about recovery medication."""
    refused = _policies(listing).get("recovery_medication") == "refused"
    takes = need.takes_recovery_medication
    asks = takes is None if refused else takes
    return _check("rejects_medication", "medication_unconfirmed") if asks else None


def _address(need: Need, listing: Listing, way: Way | None) -> Check | None:
    if way is None or way.kind != "in_person":
        return None
    return _check("distance", "address_after_contact")


def _policies(listing: Listing) -> Mapping[str, Any]:
    return listing.get("policies") or {}


def _asks_medication(listing: Listing) -> bool:
    stated = _policies(listing).get("recovery_medication")
    return stated == "refused" or (stated is None and not _RECOVERY.isdisjoint(listing.get("focus") or ()))


def _hides_address(listing: Listing) -> bool:
    return any((one.get("location") or {}).get("hidden") for one in listing.get("sessions") or ())


# In the order of the constraints: rule, and whether it can ever ask about a listing.
_RULES: tuple[tuple[Rule, Callable[[Listing], bool]], ...] = (
    (_age, lambda listing: True),
    (_restriction, lambda listing: bool(listing.get("restricted_to")) or listing.get("gender_mix") != "mixed"),
    (_role, lambda listing: listing.get("attendees") != "anyone"),
    (_language, lambda listing: True),
    (_licence, lambda listing: bool(listing.get("licensed_states"))),
    (_area, lambda listing: bool(listing.get("coverage"))),
    (_sober_days, lambda listing: bool(_policies(listing).get("min_days_sober"))),
    (_court_order, lambda listing: bool(_policies(listing).get("court_ordered_only"))),
    (_crisis, lambda listing: bool(_policies(listing).get("excludes"))),
    (_medication, _asks_medication),
    (_address, _hides_address),
)


def _stale(listing: Listing, today: date) -> Check | None:
    """A capacity answer too old to count: it was known once, so ask whether it still holds."""
    capacity = listing.get("capacity")
    if not capacity or (today - date.fromisoformat(capacity["as_of"])).days <= CAPACITY_DAYS:
        return None
    return _check("full_no_waitlist", "capacity_unconfirmed", status=capacity["status"], as_of=capacity["as_of"])
