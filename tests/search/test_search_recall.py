"""What a misspelt name or town still finds, over the real listings and towns."""

from __future__ import annotations

import random
import re
import statistics
import string
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from finder.exchange import mapping
from finder.places import gazetteer
from finder.places.distance import distance_miles
from finder.places.lookup import STATES, Place
from finder.search import box, indexes, names, snapshot
from finder.search.snapshot import Snapshot
from finder.vocabulary import vocabulary
from tests.exchange.make import TODAY, listings, read
from tests.exchange.test_whole_files import FEEDS, LISTS
from tests.shared import ROOT, shared

LEAST = 0.97
SAMPLE = 300
GAZETTEER = gazetteer.load()
_LONG = re.compile(r"[^\W\d_]{4,}")
Listing = dict[str, Any]
Town = tuple[str, str]


@pytest.fixture(scope="module")
def every() -> list[Listing]:
    """All listings of the real files that would be listed."""
    rows = [read(shared("data", folder), form, plan) for folder, form, plan, _ in FEEDS]
    rows += [read(shared("data", folder, name), "csv", mapping.load(ROOT / "seed_data" / "mappings" / f"{plan}.json"))
             for folder, name, plan, _ in LISTS]
    rows.append(read(shared("data", "samhsa-mh-directory-2022", "facilities.csv.gz"), "samhsa"))
    found = {one.document["id"]: one.document for some in rows for one in listings(some)}
    return [one for one in found.values() if one.get("status", "active") == "active"]


@pytest.fixture(scope="module")
def picture(every: list[Listing]) -> Snapshot:
    found = snapshot.from_documents(every, TODAY)
    indexes.warm(found)
    return found


def slip(chance: random.Random, text: str) -> str | None:
    """The text with one letter too many, missing, wrong, or two swapped, in one of its longer words."""
    words = list(_LONG.finditer(text))
    if not words:
        return None
    word = chance.choice(words)
    at, letter = chance.randrange(word.start(), word.end()), chance.choice(string.ascii_lowercase)
    kind = chance.choice(("insert", "delete", "replace", "transpose"))
    if kind == "transpose":
        at = min(at, word.end() - 2)
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + ("" if kind == "delete" else letter) + text[at + (kind != "insert") :]


def called(listing: Listing) -> str:
    return " ".join(names.words(listing["name"]))


def towns(listing: Listing) -> list[Town]:
    places = [session.get("location") or {} for session in listing.get("sessions") or ()]
    return sorted({(one["city"], one["state"]) for one in places if one.get("city") and one.get("state")})


def search(picture: Snapshot, line: str) -> box.Answer:
    return box.search(line, snapshot=picture, gazetteer=GAZETTEER, vocabulary=vocabulary())


def missed(every: list[Listing], picture: Snapshot, sample: list[Listing], seed: int) -> tuple[list[str], int]:
    """The lines of which no listing of that name (and town, where names repeat) is in the first five; and how many."""
    chance, repeated = random.Random(seed), Counter(called(one) for one in every)
    by_id = {one["id"]: one for one in every}
    wrong, count = [], 0
    for listing in sample:
        line = slip(chance, listing["name"])
        if line is None:
            continue
        there = towns(listing) if repeated[called(listing)] > 1 else []
        if there:
            line += chance.choice((", {}, {}", " {} {}", " near {} {}", " in {}, {}")).format(*there[0])
        answer = search(picture, line)
        first = [by_id[one] for one in (*answer.named, *answer.said)[:5]]
        count += 1
        if not any(called(one) == called(listing) and (not there or there[0] in towns(one)) for one in first):
            wrong.append(line)
    return wrong, count


@pytest.mark.turns(2)
def test_a_name_with_a_slip_is_found(every: list[Listing], picture: Snapshot) -> None:
    wrong, count = missed(every, picture, random.Random(4).sample(every, SAMPLE), 4)
    assert len(wrong) <= (1 - LEAST) * count, wrong


@pytest.mark.soak
def test_every_name_with_a_slip_is_found(every: list[Listing], picture: Snapshot) -> None:
    wrong, count = missed(every, picture, every, 1)
    assert count > 25_000
    assert len(wrong) <= (1 - LEAST) * count, wrong


def city_points(every: list[Listing]) -> Iterator[tuple[Town, tuple[float, float]]]:
    """Each town as the files spell it, with the point of a listing there."""
    seen = set()
    for listing in every:
        for session in listing.get("sessions") or ():
            place = session.get("location") or {}
            town = (place.get("city"), place.get("state"))
            if place.get("latitude") and town[0] and town[1] in STATES and town not in seen:
                seen.add(town)
                yield town, (place["latitude"], place["longitude"])


def not_near(sample: list[tuple[Town, tuple[float, float]]], form: str, slips: bool) -> tuple[list[str], int]:
    """The lines whose place is neither near the town meant nor among the first five asked back."""
    chance, wrong, count = random.Random(6), [], 0
    for (city, state), point in sample:
        spelt = slip(chance, city) if slips else city
        if spelt is None:
            continue
        line = form.format(spelt, state)
        place = box.read(line, vocabulary=vocabulary(), gazetteer=GAZETTEER).place
        found = () if place is None else (place.found,) if isinstance(place.found, Place) else place.found.choices[:5]
        count += 1
        if not any(distance_miles(one.latitude, one.longitude, *point) < 30 for one in found):
            wrong.append(line)
    return wrong, count


FORMS = ("grief group near {} {} thursday", "anxiety {}, {}", "{} {} AA")


@pytest.mark.parametrize("slips", [False, True], ids=["as spelt", "one slip"])
@pytest.mark.parametrize("form", FORMS)
def test_a_town_is_found_in_any_place_of_the_line(every: list[Listing], form: str, slips: bool) -> None:
    wrong, count = not_near(random.Random(5).sample(sorted(city_points(every)), SAMPLE), form, slips)
    assert count > SAMPLE * 0.9
    assert len(wrong) <= (1 - LEAST) * count, wrong


@pytest.mark.soak
@pytest.mark.parametrize("slips", [False, True], ids=["as spelt", "one slip"])
@pytest.mark.parametrize("form", FORMS)
def test_every_town_is_found_in_any_place_of_the_line(every: list[Listing], form: str, slips: bool) -> None:
    wrong, count = not_near(list(city_points(every)), form, slips)
    assert count > 3_000
    assert len(wrong) <= (1 - LEAST) * count, wrong


def test_a_search_costs_no_more_than_looking_at_each_listing_once(every: list[Listing], picture: Snapshot) -> None:
    lines = [one["name"] for one in random.Random(8).sample(every, 40)]
    search(picture, "grief")
    spent, plain = [], []
    for line in lines:
        begun = time.perf_counter()
        search(picture, line)
        spent.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        _ = [line in one["name"] or line in str(one.get("organization")) for one in every]
        plain.append(time.perf_counter() - begun)
    # A ratio, so that a slow machine does not fail it: about 0.4 when this was written.
    assert statistics.median(spent) < 2 * statistics.median(plain)
