"""How alike two cards are: a score, a verdict, and every reason for and against with its values."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from finder.duplicates import spots, times, weights
from finder.duplicates.card import Card
from finder.duplicates.weights import WEIGHTS
from finder.duplicates.words import MARKS, OFTEN_LEFT_OUT, is_plain

Verdict = Literal["same", "likely", "other_time", "no"]
Key = tuple[str, str]  # what is shared ("phone", "page", "email", "room", "name") and its value
_NONE: Mapping[str, Any] = MappingProxyType({})
_NAMED = frozenset(("name_same", "name_alike"))
_ANCHORED = frozenset(("same_address", "near", "same_room"))
_TIMED = frozenset(("same_time", "some_same_times"))
_ELSEWHERE = frozenset(("next_door", "other_house", "other_place"))
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

    Words that tell much count more than plain ones. Where every word of the shorter name has one like it in the longer,
    and the rest is no more than the organization, town or house of either, the two are alike.
    """
    if one.whole == other.whole:
        return 1.0
    if one.core == other.core:
        return weights.SAME_CORE
    found = max(fuzz.ratio(one.core, other.core), fuzz.ratio(one.whole, other.whole)) / 100
    looked = found >= weights.WORTH_A_LOOK or worth_a_look(one, other)
    if one.strong and other.strong:
        strong = fuzz.ratio(one.strong, other.strong) / 100
        found = min(found, weights.STRONG_SHARE * strong + (1 - weights.STRONG_SHARE) * found)
    return max(found, _contained(one, other)) if looked and found < weights.EXPLAINED else found


def worth_a_look(one: Card, other: Card) -> bool:
    """Whether two names are at all alike, by letters or by words that both hold."""
    return bool(
        fuzz.ratio(one.core, other.core, score_cutoff=100 * weights.WORTH_A_LOOK)
        or fuzz.ratio(one.whole, other.whole, score_cutoff=100 * weights.WORTH_A_LOOK)
        or fuzz.token_set_ratio(one.core, other.core, score_cutoff=100 * weights.WORDS_WORTH_A_LOOK))


def told_apart(one: Card, other: Card) -> bool:
    """Whether the names alone say that two listings which share no number, link or room are not one; `compare` would
    say "no" too, but takes longer."""
    if one.coded or other.coded or not one.said or not other.said:
        return False
    return not worth_a_look(one, other) or name_likeness(one, other) < weights.PARTLY


def _contained(one: Card, other: Card) -> float:
    mine, theirs = alone(one, other), alone(other, one)
    if mine and theirs:
        return 0.0
    shared = [word for word in one.telling if word not in mine]
    explained = _explained(one, other)
    if not (mine or theirs):
        return weights.EXPLAINED
    extra = (mine or theirs) - explained
    if all(map(is_plain, shared)):
        return 0.0 if extra else weights.EXPLAINED
    if not extra:
        return weights.EXPLAINED
    return weights.CONTAINED if len(shared) > 1 or sum(map(len, shared)) > weights.LONG_WORD else 0.0


def alone(one: Card, other: Card) -> set[str]:
    """Telling words of one name that no word of the other is like: the same, its beginning, or a slip away."""
    left = [word for word in one.telling if word not in other.said]
    return {word for word in left if not any(_like(word, said) for said in other.said)} if left else set()


@lru_cache(maxsize=262_144)
def _like(word: str, said: str) -> bool:
    if word[0].isdigit():
        return False
    if word in MARKS:  # "men" begins "mended", and is near to "women"
        return said not in MARKS and _slip(word, said)
    return said.startswith(word) or (word.startswith(said) and len(said) > 1) or _slip(word, said)


def _slip(word: str, said: str) -> bool:
    return OSA.normalized_similarity(word, said, score_cutoff=weights.WORD_ALIKE) > 0


def _explained(one: Card, other: Card) -> set[str]:
    """Words that say who runs it and where: one name may have them and the other not."""
    return {*one.organization.split(), *other.organization.split(), *one.placed, *other.placed}


def compare(one: Card, other: Card, shared: Container[Key] = frozenset()) -> Likeness:
    """The likeness of two cards. `shared`: what too many listings have in common to tell any two alike."""
    reasons = [*_names(one, other), *_place(one, other, shared), *_time(one, other),
               *_contacts(one, other, shared), *_people(one, other), *_traits(one, other)]
    codes = {reason.code for reason in reasons}
    if codes & _NAMED and not codes & _ANCHORED and ("name", one.core) in shared:
        reasons.append(Reason("common_name"))
    if codes & {"name_same", "name_alike", "same_organization"} and codes & _ELSEWHERE and not codes & _TIMED:
        reasons.append(Reason("other_site"))
    codes.update(reason.code for reason in reasons)
    bits = weights.PRIOR + sum(WEIGHTS[code] for code in codes)
    score = round(100 / (1 + 2 ** -max(min(bits, 60), -60)), 1)
    reasons.sort(key=lambda reason: (-abs(WEIGHTS[reason.code]), reason.code))
    return Likeness(one.id, other.id, score, _verdict(score, codes), tuple(reasons))


def _verdict(score: float, codes: AbstractSet[str]) -> Verdict:
    if score >= weights.SAME_SCORE and not codes & weights.NEVER_SAME and codes & _NAMED and codes & _ANCHORED:
        if codes & _TIMED or (codes & _REACHED and "no_times" in codes):
            return "same"
    if codes & {"other_time", "other_day"}:
        one_group = codes & _NAMED and codes & _ANCHORED and not codes & weights.NOT_ONE_GROUP
        return "other_time" if one_group else "no"
    return "likely" if score >= weights.LIKELY_SCORE else "no"


def _names(one: Card, other: Card) -> Iterator[Reason]:
    if not one.said or not other.said or one.coded or other.coded:
        yield Reason("name_unknown")
        return
    likeness = name_likeness(one, other)
    code = ("name_same" if likeness >= weights.SAME_NAME else "name_alike" if likeness >= weights.ALIKE
            else "name_close" if likeness >= weights.CLOSE else "name_partly" if likeness >= weights.PARTLY
            else "name_differs")
    yield Reason(code, {"likeness": round(likeness, 2)})
    if likeness >= weights.ALIKE and not (one.strong and other.strong):
        yield Reason("plain_name")
    if weights.PARTLY <= likeness < 1:
        explained = _explained(one, other)
        mine, theirs = alone(one, other) - explained, alone(other, one) - explained
        if mine or theirs:
            both = not all(map(is_plain, mine)) and not all(map(is_plain, theirs))
            code = "words_of_both" if both else "words_of_one"
            yield Reason(code, {"words": (*sorted(mine), *sorted(theirs))})
    if one.numbers - other.numbers and other.numbers - one.numbers:
        yield Reason("other_number", {"numbers": (*sorted(one.numbers), *sorted(other.numbers))})
    elif numbers := (one.numbers ^ other.numbers) - _explained(one, other):
        yield Reason("number_of_one", {"numbers": tuple(sorted(numbers))})


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
    if not one.times.days and not other.times.days:
        yield Reason("no_times")
    elif one.times.days and other.times.days:
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
    lone = {MARKS[word] for word in (alone(one, other) | alone(other, one)) - OFTEN_LEFT_OUT if word in MARKS}
    matters = {matter for matter, _ in lone - (one.marks & other.marks)} - {"form", "care"}
    if matters:
        yield Reason("people_of_one", {"matters": tuple(sorted(matters))})


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
