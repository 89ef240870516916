"""Listings written down a second time, as sources do it, and listings that look like others and are not."""

from __future__ import annotations

import copy
import math
import random
import re
from collections.abc import Callable, Mapping
from typing import Any

from finder.cli import sample_groups
from finder.cli.sample_groups import Document

Dirt = Callable[[Document, random.Random], None]
METERS = 111_320.0  # of a degree of latitude
_SHORT = {"Street": "St", "Avenue": "Ave.", "Road": "Rd", "Boulevard": "Blvd", "Drive": "Dr.", "Lane": "Ln",
          "North": "N", "West": "W.", "South": "S", "East": "E"}
_SHORT_WORDS = {"Group": "Grp", "Meeting": "Mtg", "Night": "Nite", "Center": "Ctr", "Services": "Svcs",
                "Support": "Supp.", "Women's": "Womens", "Men's": "Mens", "Beginnings": "Beginngs", "Health": "Hlth",
                "Community": "Comm", "Outpatient": "Outpt", "Counseling": "Couns", "Psychoeducation": "Psychoed"}
_DAY_WORDS = {"MO": ("Monday", "Lunes"), "TU": ("Tues.", "Martes"), "WE": ("Wednesday", "Miércoles"),
              "TH": ("Thurs", "Jueves"), "FR": ("Friday", "Viernes"), "SA": ("Sat.", "Sábado"),
              "SU": ("Sunday", "Domingo")}
_ZONES = {"America/New_York": ("US/Eastern", "America/Chicago", -1), "America/Chicago": ("US/Central",
          "America/New_York", 1), "America/Los_Angeles": ("US/Pacific", "America/Denver", 1),
          "America/Denver": ("US/Mountain", "America/Chicago", 1)}


def repeat(document: Mapping[str, Any], chance: random.Random, new_id: str) -> Document:
    """The same group as another source lists it: another id and two to five kinds of dirt."""
    found = copy.deepcopy(dict(document))
    found["id"] = new_id
    found.setdefault("sessions", [])
    found.pop("x", None)
    found.pop("source", None)
    kinds = chance.sample(sorted(DIRT), chance.choice((2, 3, 3, 4, 5)))
    lost = [kind for kind in kinds if kind in _LOSING]
    for kind in kinds:
        if kind not in lost[1:]:  # a listing that lost its place and its times and its number is nobody's repeat
            DIRT[kind](found, chance)
    return found


def _words(found: Document, chance: random.Random) -> None:
    found["name"] = " ".join(_SHORT_WORDS.get(word, word) for word in found["name"].split())


def _typo(found: Document, chance: random.Random) -> None:
    words = found["name"].split()
    long = [place for place, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if long:
        place = chance.choice(long)
        word, at = words[place], chance.randrange(1, len(words[place]) - 2)
        words[place] = chance.choice((word[:at] + word[at + 1] + word[at] + word[at + 2:], word[:at] + word[at + 1:],
                                      word[:at] + word[at] + word[at:]))
        found["name"] = " ".join(words)


def _capitals(found: Document, chance: random.Random) -> None:
    found["name"] = found["name"].upper()


def _runner_in_front(found: Document, chance: random.Random) -> None:
    runner = (found.get("organization") or {}).get("name")
    if runner:
        found["name"] = f"{runner}{chance.choice((': ', ' - ', ' '))}{found['name']}"[:200]


def _suffix(found: Document, chance: random.Random) -> None:
    found["name"] += chance.choice((" (hybrid)", " (in person)", " - Open", " (NEW TIME)", " Meeting"))


def _day_in_name(found: Document, chance: random.Random) -> None:
    rules = " ".join((one.get("repeats") or "").partition("BYDAY=")[2] for one in found["sessions"])
    days = re.findall("MO|TU|WE|TH|FR|SA|SU", rules)
    if days:
        found["name"] = f"{chance.choice(_DAY_WORDS[days[0]])} {found['name']}"


def _places(found: Document) -> list[Document]:
    seen: dict[int, Document] = {}
    for one in found.get("sessions") or ():
        if one.get("location"):
            one["location"] = seen.setdefault(id(one["location"]), one["location"])
    return list(seen.values())


def _moved_point(found: Document, chance: random.Random) -> None:
    far, turn = chance.uniform(10, 150), chance.uniform(0, 2 * math.pi)
    for place in _places(found):
        if place.get("latitude") is not None:
            place["latitude"] = round(place["latitude"] + far * math.sin(turn) / METERS, 6)
            place["longitude"] = round(place["longitude"] + far * math.cos(turn) / METERS
                                       / math.cos(math.radians(place["latitude"])), 6)


def _no_point(found: Document, chance: random.Random) -> None:
    for place in _places(found):
        place.pop("latitude", None)
        place.pop("longitude", None)
        place.pop("precision", None)


def _short_street(found: Document, chance: random.Random) -> None:
    for place in _places(found):
        if place.get("address_1"):
            place["address_1"] = " ".join(_SHORT.get(word, word) for word in place["address_1"].split())


def _less_of_the_address(found: Document, chance: random.Random) -> None:
    for place in _places(found):
        place.pop(chance.choice(("postal_code", "name")), None)


def _no_street(found: Document, chance: random.Random) -> None:
    for place in _places(found):
        place.pop("address_1", None)


def _other_phone_form(found: Document, chance: random.Random) -> None:
    contact = found.get("contact") or {}
    digits = re.sub(r"\D", "", contact.get("phone") or "")[-10:]
    if len(digits) == 10:
        contact["phone"] = chance.choice(("({}) {}-{}", "{}-{}-{} x12", "+1 {}.{}.{}")).format(
            digits[:3], digits[3:6], digits[6:])


def _no_phone(found: Document, chance: random.Random) -> None:
    (found.get("contact") or {}).pop("phone", None)


def _other_link(found: Document, chance: random.Random) -> None:
    contact = found.get("contact") or {}
    if contact.get("url"):
        contact["url"] = contact["url"].replace("https://", chance.choice(("http://www.", "http://"))) + "/"


def _no_link(found: Document, chance: random.Random) -> None:
    (found.get("contact") or {}).pop("url", None)


def _no_runner(found: Document, chance: random.Random) -> None:
    found.pop("organization", None)


def _other_zone(found: Document, chance: random.Random) -> None:
    """The zone's old name, or the same moment on the clock of another zone."""
    shifted = chance.random() < 0.5
    for one in found["sessions"]:
        known = _ZONES.get(one.get("timezone") or "")
        if known and one.get("start_time"):
            hour = int(one["start_time"][:2]) + known[2]
            if not shifted:
                one["timezone"] = known[0]
            elif 0 <= hour < 24:
                one["timezone"], one["start_time"] = known[1], f"{hour:02}{one['start_time'][2:]}"


def _no_times(found: Document, chance: random.Random) -> None:
    for one in found["sessions"]:
        one.pop("repeats", None)
        one.pop("start_time", None)


def _one_session(found: Document, chance: random.Random) -> None:
    found["sessions"] = found["sessions"][:1]


def _other_kind(found: Document, chance: random.Random) -> None:
    if found.get("group_type") in ("peer_support", "mutual_aid"):
        found["group_type"] = "peer_support" if found["group_type"] == "mutual_aid" else "mutual_aid"


def _silent(found: Document, chance: random.Random) -> None:
    for field in ("gender_mix", "languages", "description", "focus"):
        found.pop(field, None)


DIRT: Mapping[str, Dirt] = {
    "short_words": _words, "typo": _typo, "capitals": _capitals, "runner_in_front": _runner_in_front,
    "suffix": _suffix, "day_in_name": _day_in_name, "moved_point": _moved_point, "no_point": _no_point,
    "short_street": _short_street, "less_of_the_address": _less_of_the_address, "no_street": _no_street,
    "other_phone_form": _other_phone_form, "no_phone": _no_phone, "other_link": _other_link, "no_link": _no_link,
    "no_runner": _no_runner, "other_zone": _other_zone, "no_times": _no_times, "one_session": _one_session,
    "other_kind": _other_kind, "silent": _silent,
}
_LOSING = frozenset(("no_point", "no_street", "no_phone", "no_link", "no_times"))


def stranger(document: Mapping[str, Any], chance: random.Random, new_id: str) -> Document | None:
    """A listing that shares much with another and is not it; None where nothing fits. Its id ends in what it shares."""
    if not document.get("sessions"):
        return None
    fits = [kind for kind, (needs, _) in STRANGERS.items() if needs(document)]
    if not fits:
        return None
    kind = chance.choice(fits)
    found = copy.deepcopy(dict(document))
    found["id"] = f"{new_id}-{kind}"
    (found.get("contact") or {}).pop("url", None)  # a page of its own would be the other's too
    STRANGERS[kind][1](found, chance)
    return found


def _placed(document: Mapping[str, Any]) -> bool:
    return all((one.get("location") or {}).get("latitude") for one in
                                              document["sessions"])


def _both(document: Mapping[str, Any]) -> bool:
    return _placed(document) and any(one.get("repeats") and one.get("start_time") for one in document["sessions"])


def _free_days(document: Mapping[str, Any]) -> list[str]:
    """The days on which it does not meet; none where a rule names no days."""
    rules = " ".join((one.get("repeats") or "").partition("BYDAY=")[2] for one in document["sessions"])
    return [day for day in sample_groups.DAYS if day not in rules] if rules.strip() and _both(document) else []


def _other_site(found: Document, chance: random.Random) -> None:
    """Another site of a chain, two to thirty kilometers away."""
    far, turn = chance.uniform(0.02, 0.3), chance.uniform(0, 2 * math.pi)
    for place in _places(found):
        near = sample_groups.house(chance, place["latitude"], place["longitude"], place["state"])
        place |= {**near, "latitude": round(place["latitude"] + far * math.sin(turn), 6),
                  "longitude": round(place["longitude"] + far * math.cos(turn), 6)}


def _other_town(found: Document, chance: random.Random) -> None:
    for place in _places(found):
        place |= sample_groups.house(chance, 44.0 + chance.random(), -90.0 - chance.random(), "WI")
    found.pop("contact", None)


def _other_day(found: Document, chance: random.Random) -> None:
    day = chance.choice(_free_days(found))
    found["sessions"] = [{**found["sessions"][0], "repeats": f"FREQ=WEEKLY;BYDAY={day}"}]


def _other_fellowship(found: Document, chance: random.Random) -> None:
    """Another group in the same house, at the same time."""
    found |= {"name": sample_groups.name(chance), "group_type": "mutual_aid", "focus": ["gambling"],
              "organization": {"name": "Gamblers Anonymous"}}
    found.pop("contact", None)
    found.pop("gender_mix", None)


def _other_name_same_house(found: Document, chance: random.Random) -> None:
    found["name"] = f"{chance.choice(('Crimson', 'Velvet', 'Northern'))} {sample_groups.name(chance)}"
    found.pop("contact", None)
    found.pop("gender_mix", None)


def _hotline(found: Document, chance: random.Random) -> None:
    _other_site(found, chance)
    found["name"] = sample_groups.name(chance)
    found.pop("gender_mix", None)


def _other_gender(found: Document, chance: random.Random) -> None:
    found["name"] = f"{found['name']} for Men"
    found["gender_mix"] = "men"


def _other_language(found: Document, chance: random.Random) -> None:
    found |= {"name": f"{found['name']} (Español)", "languages": ["es"]}


def _for_teens(found: Document, chance: random.Random) -> None:
    found["name"] = f"Teen {found['name']}"
    found["age"] = {"min": 13, "max": 17}


def _next_number(found: Document, chance: random.Random) -> None:
    found["name"] += " 2"


def _other_room(found: Document, chance: random.Random) -> None:
    for one in found["sessions"]:
        one["join_url"] = f"https://us02web.zoom.us/j/9{chance.randrange(10**9):09}"
    found["name"] = sample_groups.name(chance)
    found.pop("contact", None)
    found.pop("gender_mix", None)


def _plain(document: Mapping[str, Any]) -> bool:
    """Whether nothing in it says for whom it is."""
    return _both(document) and "gender_mix" not in document and document.get("languages") != ["es"] and not re.search(
        r"teen|youth|young|\bmen\b|women|español", document["name"], re.I)


STRANGERS: Mapping[str, tuple[Callable[[Mapping[str, Any]], object], Dirt]] = {
    "other_site_of_chain": (_placed, _other_site), "same_name_other_town": (_placed, _other_town),
    "other_day": (_free_days, _other_day), "same_house_other_fellowship": (_both, _other_fellowship),
    "same_house_other_name": (_both, _other_name_same_house), "same_hotline": (_placed, _hotline),
    "men_beside": (_plain, _other_gender), "other_language": (_plain, _other_language),
    "teens_beside": (_plain, _for_teens), "second_group": (_plain, _next_number),
    "other_room": (lambda document: any(one.get("join_url") for one in document["sessions"]), _other_room),
}
