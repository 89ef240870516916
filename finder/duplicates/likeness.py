"""How alike two cards are: a score, a verdict, and every reason for and against with its values."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from finder.duplicates import spots, times, weights
from finder.duplicates.card import Card
from finder.duplicates.weights import WEIGHTS
from finder.duplicates.words import MARKS, is_plain

Verdict = Literal["same", "likely", "other_time", "no"]
Key = tuple[str, str]  # what is shared ("phone", "page", "email", "room", "name") and its value
_NONE: Mapping[str, Any] = MappingProxyType({})
_NAMED = frozenset(("name_same", "name_alike"))
_ANCHORED = frozenset(("same_address", "near", "same_room"))
_TIMED = frozenset(("same_time", "some_same_times"))
_REACHED = frozenset(("same_phone", "same_page", "same_email"))


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding: a code of weights.WEIGHTS and what it rests on (likeness 0..1, meters, minutes, …)."""

    code: str
    values: Mapping[str, Any] = field(default_factory=lambda: _NONE)

    @property
    def bits(self) -> float:
        """What it is worth; below zero it speaks against a repeat."""
        return WEIGHTS[self.code]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two listings side by side. `score`: 0..100, the belief that they are one.

    `verdict`: same (safe to merge unseen), likely (show it to a person), other_time (one group, other times: nothing to
    merge, perhaps to list together), no. `reasons`: strongest first, for and against.
    """

    one: str
    other: str
    score: float
    verdict: Verdict
    reasons: tuple[Reason, ...]


def name_likeness(one: Card, other: Card) -> float:
    """How alike two names are, 0..1, by letters in the order of the alphabet of words and as written.

    Words that tell much count more than plain ones. A name that holds the other is like it if the rest is no more
    than the organization of either.
    """
    if one.whole == other.whole:
        return 1.0
    if one.core == other.core:
        return weights.SAME_CORE
    found = max(fuzz.ratio(one.core, other.core), fuzz.ratio(one.whole, other.whole)) / 100
    if one.strong and other.strong:
        strong = fuzz.ratio(one.strong, other.strong) / 100
        found = min(found, weights.STRONG_SHARE * strong + (1 - weights.STRONG_SHARE) * found)
    mine, theirs = set(one.telling), set(other.telling)
    if mine <= theirs or theirs <= mine:
        return max(found, _contained(one, other, mine, theirs))
    return found


def _contained(one: Card, other: Card, mine: set[str], theirs: set[str]) -> float:
    both = mine & theirs
    if all(map(is_plain, both)):
        return 0.0
    extra = (mine ^ theirs) - _explained(one, other)
    if not extra:
        return weights.EXPLAINED
    return weights.CONTAINED if len(both) > 1 or sum(map(len, both)) > weights.LONG_WORD else 0.0


def compare(one: Card, other: Card, shared: Container[Key] = frozenset()) -> Likeness:
    """The likeness of two cards. `shared`: what too many listings have in common to tell any two alike."""
    reasons = [*_names(one, other, shared), *_place(one, other, shared), *_time(one, other),
               *_contacts(one, other, shared), *_people(one, other), *_traits(one, other)]
    bits = weights.PRIOR + sum(WEIGHTS[reason.code] for reason in reasons)
    codes = {reason.code for reason in reasons}
    if codes & {"name_same", "name_alike", "same_organization"} and codes & {"other_place", "other_house"}:
        reasons.append(Reason("other_site"))
    score = round(100 / (1 + 2 ** -max(min(bits, 60), -60)), 1)
    reasons.sort(key=lambda reason: (-abs(WEIGHTS[reason.code]), reason.code))
    return Likeness(one.id, other.id, score, _verdict(score, codes), tuple(reasons))


def _verdict(score: float, codes: AbstractSet[str]) -> Verdict:
    if score >= weights.SAME_SCORE and not codes & weights.NEVER_SAME and codes & _NAMED and codes & _ANCHORED:
        if codes & _TIMED or codes & _REACHED:
            return "same"
    if codes & {"other_time", "other_day"}:
        one_group = codes & _NAMED and codes & _ANCHORED and not codes & weights.NOT_ONE_GROUP
        return "other_time" if one_group else "no"
    return "likely" if score >= weights.LIKELY_SCORE else "no"


def _names(one: Card, other: Card, shared: Container[Key]) -> Iterator[Reason]:
    if not one.said or not other.said or one.coded or other.coded:
        yield Reason("name_unknown")
        return
    likeness = name_likeness(one, other)
    code = ("name_same" if likeness >= weights.SAME_NAME else "name_alike" if likeness >= weights.ALIKE
            else "name_close" if likeness >= weights.CLOSE else "name_partly" if likeness >= weights.PARTLY
            else "name_differs")
    yield Reason(code, {"likeness": round(likeness, 2)})
    if likeness >= weights.ALIKE:
        if ("name", one.core) in shared:
            yield Reason("common_name")
        elif not (one.strong and other.strong):
            yield Reason("plain_name")
        alone = sorted((*_unmatched(one, other), *_unmatched(other, one)))
        if alone:
            yield Reason("words_of_one", {"words": tuple(alone)})
    if one.numbers - other.numbers and other.numbers - one.numbers:
        yield Reason("other_number", {"numbers": (*sorted(one.numbers), *sorted(other.numbers))})
    elif one.numbers != other.numbers:
        yield Reason("number_of_one", {"numbers": tuple(sorted(one.numbers ^ other.numbers))})


def _explained(one: Card, other: Card) -> set[str]:
    """Words that say who runs it and where: one name may have them and the other not."""
    return {*one.organization.split(), *other.organization.split(), *one.placed, *other.placed}


def _unmatched(one: Card, other: Card) -> list[str]:
    """Telling words of one name that nothing in the other is like, and neither organization explains."""
    return [word for word in set(one.telling) - other.said - _explained(one, other) if not any(
        said.startswith(word) or word.startswith(said) or
        OSA.normalized_similarity(word, said) >= weights.WORD_ALIKE for said in other.said)]


def _place(one: Card, other: Card, shared: Container[Key]) -> Iterator[Reason]:
    if one.rooms and other.rooms:
        both = one.rooms & other.rooms
        if both:
            yield Reason("shared_room" if all(("room", room) in shared for room in both) else "same_room")
        else:
            yield Reason("other_room")
    if one.spots and other.spots:
        yield from max((_spot(here, there) for here in one.spots for there in other.spots),
                       key=lambda found: sum(WEIGHTS[reason.code] for reason in found))
    elif (one.spots and other.remote and not one.remote) or (other.spots and one.remote and not other.remote):
        yield Reason("other_way")


def _spot(here: spots.Spot, there: spots.Spot) -> tuple[Reason, ...]:
    far = spots.meters(here, there)
    if spots.same_house(here, there):
        return (Reason("same_address"), Reason("other_unit")) if spots.other_unit(here, there) \
            else (Reason("same_address"),)
    if far is not None:
        if far <= weights.NEAR_METERS:
            code = "next_door" if spots.other_number(here, there) else "near"
            return (Reason(code, {"meters": round(far)}),)
        if far > weights.OTHER_PLACE_METERS:
            return (Reason("other_place", {"km": round(far / 1000, 1)}),)
        return (Reason("other_house", {"meters": round(far)}),)
    if spots.town_differs(here, there):
        return (Reason("other_place"),)
    if spots.other_number(here, there):
        return (Reason("other_house"),)
    return (Reason("same_town"),) if spots.same_town(here, there) else ()


def _time(one: Card, other: Card) -> Iterator[Reason]:
    mine, theirs = times.starts(one.times, other.times)
    if mine and theirs:
        both = mine & theirs
        if both and not times.other_weeks(one.times, other.times):
            most = 2 * len(both) >= min(len(mine), len(theirs))
            yield Reason("same_time" if most else "some_same_times", {"times": len(both)})
            return
        minutes = times.apart(mine, theirs)
        if 0 < minutes <= weights.CLOSE_MINUTES:
            yield Reason("time_close", {"minutes": minutes})
            return
    if one.times.days and other.times.days:
        if not one.times.days & other.times.days:
            yield Reason("other_day")
        elif mine and theirs:
            yield Reason("other_time")


def _contacts(one: Card, other: Card, shared: Container[Key]) -> Iterator[Reason]:
    numbers = one.phones & other.phones
    if numbers:
        yield Reason("shared_phone" if all(("phone", number) in shared for number in numbers) else "same_phone")
    elif one.phones and other.phones:
        yield Reason("other_phone")
    pages = one.pages & other.pages
    if pages:
        yield Reason("shared_page" if all(("page", page) in shared for page in pages) else "same_page")
    elif one.sites & other.sites:
        yield Reason("same_site")
    emails = one.emails & other.emails
    if emails:
        yield Reason("shared_email" if all(("email", email) in shared for email in emails) else "same_email")
    if one.fellowship and other.fellowship and one.fellowship != other.fellowship:
        yield Reason("other_fellowship", {"fellowships": (one.fellowship, other.fellowship)})
    elif one.organization and other.organization:
        alike = fuzz.token_set_ratio(one.organization, other.organization) / 100 >= weights.ALIKE
        yield Reason("same_organization" if alike else "other_organization")


def _people(one: Card, other: Card) -> Iterator[Reason]:
    if one.marks == other.marks:
        return
    mine, theirs = _by_matter(one), _by_matter(other)
    clash = [matter for matter in mine if matter in theirs and not mine[matter] & theirs[matter]]
    people = [matter for matter in clash if matter != "form"]
    if people:
        yield Reason("other_people", {"matters": tuple(sorted(people))})
    elif clash:
        yield Reason("other_form")
    for matter in sorted({MARKS[word][0] for word in one.said ^ other.said if word in MARKS}):
        if matter != "form" and (matter in mine) != (matter in theirs):
            yield Reason("people_of_one", {"matters": (matter,)})
            return


def _by_matter(card: Card) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for matter, answer in card.marks:
        found.setdefault(matter, set()).add(answer)
    return found


def _traits(one: Card, other: Card) -> Iterator[Reason]:
    if one.languages and other.languages and not one.languages & other.languages:
        yield Reason("other_language", {"languages": (*sorted(one.languages), *sorted(other.languages))})
    if one.group_type != other.group_type and one.group_type and other.group_type \
            and not {one.group_type, other.group_type} <= weights.PEER_KINDS:
        yield Reason("other_kind", {"kinds": (one.group_type, other.group_type)})
    if one.focus and other.focus and not one.focus & other.focus:
        yield Reason("other_focus")
