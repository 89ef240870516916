"""Where something is: ZIP codes, states, countries, one-line addresses and points, as feeds write them.

Points are checked against what the row says of its place; one that contradicts it is dropped, never moved.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from finder.exchange.cells.text import as_text, clean, normalized, stated

_ZIP = re.compile(r"^(\d{3,5})(?:[- ](\d{1,4}))?$")
_STATE_ZIP = re.compile(r"^([A-Za-z]{2})\.?\s+(\d{5})(?:-(\d{4}))?$")
_UNITED_STATES = frozenset(("us", "usa", "u s", "u s a", "united states", "united states of america", "u s of america"))
# Names of countries as they stand at the end of Google's one-line addresses; unknown ones stay unknown.
_COUNTRIES = {"uk": "GB", "united kingdom": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "ireland": "IE",
              "canada": "CA", "mexico": "MX", "germany": "DE", "france": "FR", "netherlands": "NL", "australia": "AU",
              "new zealand": "NZ", "iceland": "IS", "denmark": "DK", "sweden": "SE", "norway": "NO", "spain": "ES",
              "italy": "IT", "israel": "IL", "india": "IN", "japan": "JP", "south africa": "ZA", "brazil": "BR",
              "puerto rico": "PR"}
_CODE_ABROAD = re.compile(
    r"^(?:(?P<region>[A-Z]{2,3})\s+)?(?P<alone>\d{4,6}|[A-Z]\d[A-Z]\s?\d[A-Z]\d)$"
    r"|^(?P<before>\d{4,5}(?:\s?[A-Z]{2})?)\s+(?P<town>\D+)$"
    r"|^(?P<place>\D+?)\s+(?P<after>[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2})$")
_REGION = re.compile(r"^(?:[A-Z]{2}|[A-Z][a-z]{1,4}\.)$")
_POSTAL_BOX = re.compile(r"\bP\.?\s*O\.?\s*Box\b", re.I)
_STATES = frozenset("AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM "
                    "NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY PR VI GU AS MP".split())
_WORDS_OF_STREETS = {"street": "st", "avenue": "ave", "av": "ave", "road": "rd", "boulevard": "blvd", "drive": "dr",
                     "lane": "ln", "court": "ct", "place": "pl", "highway": "hwy", "parkway": "pkwy", "north": "n",
                     "south": "s", "east": "e", "west": "w", "suite": "ste", "square": "sq", "terrace": "ter",
                     "circle": "cir", "center": "ctr"}


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of an address that are stated; empty text is not stated. `country` is an ISO code."""

    name: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""
    county: str = ""


def postal_code(value: object, country: str = "US") -> tuple[str, str]:
    """(ZIP, +4): lost leading zeros are put back for the United States; elsewhere as found (quirk 1)."""
    text = stated(as_text(value))
    if country not in ("", "US", "PR"):
        return text[:20], ""
    if text.isdigit() and len(text) in (8, 9):
        text = text.zfill(9)
        return text[:5], text[5:]
    found = _ZIP.match(text)
    if not found:
        return (text[:20], "") if not text.replace("-", "").isdigit() else ("", "")
    code = found.group(1).zfill(5)
    return ("", "") if code == "00000" else (code, (found.group(2) or "").zfill(4) if found.group(2) else "")


def state_code(value: object) -> str:
    """Two letters of a state or territory; ".TX" and "FL " are read, other text is empty (quirk 23)."""
    letters = re.sub(r"[^A-Za-z]", "", stated(value)).upper()
    return letters if letters in _STATES else ""


def country_code(value: object) -> str:
    """The ISO code of a country's usual names; empty when not known."""
    text = normalized(stated(value))
    if text in _UNITED_STATES:
        return "US"
    return _COUNTRIES.get(text) or (text.upper() if len(text) == 2 and text.upper() in _COUNTRIES.values() else "")


def country_name(code: str) -> str:
    """A country as `country_code` reads it at the end of an address; empty when it knows no name."""
    if code == "US":
        return "USA"
    return next((name.title() for name, known in _COUNTRIES.items() if known == code and len(name) > 2), "")


def county_name(value: object) -> str:
    """A county without the word (contract: `PA:Montgomery`)."""
    return re.sub(r"(?<!\s)\s++(?:County|Parish)$", "", stated(value), flags=re.I)


def is_postal_box(street: str) -> bool:
    """Whether an address is for mail only."""
    return bool(_POSTAL_BOX.search(street))


@lru_cache(maxsize=65_536)
def split_address(line: str) -> Address:
    """The parts of a one-line address, read from the right (quirk 22).

    "Hall, 1 Main St, Salem, OR 97301, USA": name, street, city, state, ZIP, country. Less leaves parts empty. A last
    part that is no known country is taken as a country's name only when the part before is no state.
    """
    parts = [part for part in (clean(one) for one in line.split(",")) if part]
    if not parts:
        return Address()
    country = country_code(parts[-1])
    if country or (len(parts) > 1 and not _STATE_ZIP.match(parts[-1]) and not state_code(parts[-1])):
        parts = parts[:-1]
        if not country:
            return Address(city=parts[-1] if len(parts) == 1 else "", street=", ".join(parts[:-1]))
    else:
        country = "US" if _STATE_ZIP.match(parts[-1]) or state_code(parts[-1]) else ""
    if country not in ("US", "PR"):
        return _abroad(parts, country)
    return _in_the_states(parts, country)


def _abroad(parts: list[str], country: str) -> Address:
    """Postal codes stand alone, before the town or behind it; regions in two or three letters behind the town."""
    state = code = ""
    while parts:
        found = _CODE_ABROAD.match(parts[-1])
        if found and not code:
            code = next((one for one in found.group("alone", "before", "after") if one), "")
            state, town = found.group("region") or state, found.group("town") or found.group("place") or ""
            parts = [*parts[:-1], town] if town else parts[:-1]
        elif len(parts) > 1 and _REGION.match(parts[-1]) and not state:
            state, parts = parts[-1].strip("."), parts[:-1]
        else:
            break
    return Address("", ", ".join(parts[:-1]), parts[-1] if parts else "", state, code, country)


def _in_the_states(parts: list[str], country: str) -> Address:
    state = code = ""
    if parts:
        found = _STATE_ZIP.match(parts[-1])
        if found:
            state, code = state_code(found.group(1)), found.group(2)
        elif len(parts[-1].strip(". ")) == 2:
            state = state_code(parts[-1])
        if state:
            parts = parts[:-1]
    city = parts[-1] if parts else ""
    rest = parts[:-1]
    if city.lower().endswith(" county"):
        return Address(state=state, postal_code=code, country=country, county=county_name(city), street=", ".join(rest))
    numbered = next((place for place, part in enumerate(rest) if part[:1].isdigit()), 0)
    return Address(", ".join(rest[:numbered]), ", ".join(rest[numbered:]), city, state, code, country)


def point(latitude: object, longitude: object) -> tuple[tuple[float, float] | None, str]:
    """((latitude, longitude), "") or (None, why): `no_point`, `zero_point`, `point_out_of_range` (quirk 9).

    A zero in one of the two is no place in any feed seen; text is parsed; -99 and the like are out of range.
    """
    numbers = []
    for value in (latitude, longitude):
        if isinstance(value, bool) or value is None or value == "":
            return None, "no_point"
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return None, "no_point"
        numbers.append(number)
    lat, lon = numbers
    if lat != lat or lon != lon or not (abs(lat) <= 90 and abs(lon) <= 180):
        return None, "point_out_of_range"
    if lat == 0 or lon == 0:
        return None, "zero_point"
    return (lat, lon), ""


@lru_cache(maxsize=65_536)
def street_key(street: str) -> str:
    """A street address for comparing: usual abbreviations, no punctuation, no state of capitals."""
    return " ".join(_WORDS_OF_STREETS.get(word, word) for word in normalized(street).split())
