"""Where a session meets as HSDS locations, and an HSDS location as where a session meets.

A session has a physical location, a virtual one, or (hybrid) one of each. A place whose address is given only after
contact, or is not stated whole, has no HSDS address: the standard knows no address without a street.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from finder.exchange.hsds.terms import FACTS, HIDDEN, Row, attribute, fact, fact_value, nested, rows, said, uri
from finder.vocabulary import vocabulary

PHYSICAL, VIRTUAL = "physical", "virtual"
_HERE = ("in_person", "hybrid")
# What must be known of a place for an HSDS address; country is not stated where it is the United States.
_ADDRESS = (("address_1", "address_1"), ("city", "city"), ("state", "state_province"), ("postal_code", "postal_code"))
_PARTS = ("address_1", "city", "state", "postal_code", "country")
_TOWN = ("city", "state", "country")
# Features of a place (contract, section 3); those of a meeting itself are said of the service alone.
_FEATURES = ("step_free", "accessible_restroom", "hearing_loop", "childcare", "respite", "transit", "ride_help",
             "smoke_free", "service_animal")
_ANSWERS = {"yes": "Yes", "no": "No", "on_request": "On request"}


def kinds(session: Mapping[str, Any]) -> tuple[str, ...]:
    """Which kinds of location a session has, one or both."""
    here = session.get("location") or session["format"] in _HERE
    away = session["format"] != "in_person" or session.get("join_url") or session.get("dial_in")
    return tuple(kind for kind, has in ((PHYSICAL, here), (VIRTUAL, away)) if has)


def physical(key: str, place: Mapping[str, Any], accessibility: Mapping[str, str]) -> Row:
    """A physical location. `place`: a location of the contract, which may be empty; `accessibility`: of the listing."""
    row: Row = {"id": key, "location_type": PHYSICAL}
    if place.get("name"):
        row["name"] = place["name"]
    if place.get("hidden"):
        row["description"] = "The address is given after you get in touch."
    elif place.get("latitude") is not None:
        row |= {"latitude": place["latitude"], "longitude": place["longitude"]}
    if _is_whole(place):
        row["addresses"] = [{"id": nested(key, "address"), "location_id": key, "address_type": PHYSICAL,
                             **{column: place[name] for name, column in _ADDRESS},
                             "country": place.get("country", "US")}]
    attributes = [attribute("location", key, "precision", "precision", code) for code in _exactness(place)]
    attributes += [fact("location", key, f"location.{name}", place[name]) for name in _beside(place)]
    helps = [_feature(key, code, answer) for code, answer in accessibility.items() if code in _FEATURES]
    return row | {name: rows for name, rows in (("accessibility", helps), ("attributes", attributes)) if rows}


def terms(place: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The lists and codes of the terms that the physical location of a place uses."""
    yield from (("precision", code) for code in _exactness(place))
    yield from ((FACTS, f"location.{name}") for name in _beside(place))


def _is_whole(place: Mapping[str, Any]) -> bool:
    return not place.get("hidden") and all(place.get(name) for name, _ in _ADDRESS)


def _exactness(place: Mapping[str, Any]) -> list[str]:
    return [code for code, told in ((HIDDEN, place.get("hidden")), (place.get("precision"), True)) if code and told]


def _beside(place: Mapping[str, Any]) -> list[str]:
    """The parts of an address that is not whole."""
    parts = () if _is_whole(place) else _TOWN if place.get("hidden") else _PARTS
    return [name for name in parts if place.get(name)]


def _feature(key: str, code: str, answer: str) -> Row:
    return {"id": nested(key, f"accessibility/{code}/{answer}"), "location_id": key,
            "description": vocabulary().lists["accessibility"].label(code), "details": _ANSWERS[answer]}


def virtual(key: str, session: Mapping[str, Any]) -> Row:
    """A virtual location: the address to join at, and the number to dial."""
    row: Row = {"id": key, "location_type": VIRTUAL}
    if session.get("join_url"):
        row["url"] = uri(session["join_url"])
    if session.get("dial_in"):
        row["phones"] = [{"id": nested(key, "phone"), "location_id": key, "number": session["dial_in"],
                          "type": "voice"}]
    return row


def read(row: Mapping[str, Any]) -> Row:
    """A location of the contract from a physical location that we wrote; empty where it states nothing."""
    place: Row = {}
    for name in ("name", "latitude", "longitude"):
        if row.get(name) not in (None, ""):
            place[name] = row[name]
    address = next(iter(rows(row, "addresses")), None)
    if address:
        place |= {name: address[column] for name, column in _ADDRESS if address.get(column)}
        place["country"] = address.get("country") or "US"
    for one in said(row):
        if one.list_name == "precision":
            place |= {"hidden": True} if one.code == HIDDEN else {"precision": one.code}
        elif one.field.startswith("location."):
            place[one.field.removeprefix("location.")] = fact_value(one)
    return place


def read_virtual(row: Mapping[str, Any]) -> Row:
    """`join_url` and `dial_in` of a virtual location that we wrote."""
    found: Row = {"join_url": row["url"]} if row.get("url") else {}
    phone = next(iter(rows(row, "phones")), None)
    return found | ({"dial_in": phone["number"]} if phone and phone.get("number") else {})
