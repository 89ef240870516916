"""A program of its own that makes up inputs for one parser, led by which lines of it they reach (libFuzzer's way, by
Atheris). It ends at the first failure that is not one of ours.

    python -m tests.exchange.fuzzing PARSER FOLDER -atheris_runs=1000
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import atheris  # type: ignore[import-not-found]  # an optional judge; it ships no types

with atheris.instrument_imports(include=["finder.exchange", "finder.schedules", "finder.catalog", "finder.strict_json",
                                          "dateutil", "re"]):
    from finder.catalog import listing_schema
    from finder.errors import Invalid
    from finder.exchange.mapping import Mapping as Plan
    from finder.exchange.reading import FORMATS
    from finder.schedules import recurrence
    from finder.schedules.spoken import reading as spoken
    from tests.exchange.make import (
        PLAIN_PLAN,
        PLAIN_ROW,
        TODAY,
        bmlt_meeting,
        counts,
        facility,
        listings,
        meeting,
        read,
        table,
    )

HOURS, RULES = "hours", "rules"
HSDS = {"hsds-json": ".json", "hsds-lines": ".jsonl", "hsds-tables": ".csv"}  # files of whole services, or of tables
PARSERS = (*(one for one in FORMATS if one != "hsds"), *HSDS, HOURS, RULES)
FIRST, CUT = b"====", b"\n===="  # before the name of each file of a folder
MOST_SECONDS = 20  # that one input may take, watched as it is


def file_parser(fmt: str, folder: Path) -> Callable[[bytes], None]:
    """Reads the bytes as a file of a format; what becomes a listing must be a valid one."""
    path = folder / ("given.csv" if fmt in ("csv", "samhsa") else "given.json")
    plan = PLAIN_PLAN if fmt == "csv" else Plan(fellowship="aa")

    def one(body: bytes) -> None:
        path.write_bytes(body)
        rows = read(path, fmt, plan)
        listings(rows)
        assert sum(counts(rows)) >= 0
    return one


def folder_parser(ending: str, folder: Path) -> Callable[[bytes], None]:
    """Reads the bytes as a folder of HSDS: after each CUT the name of a file, and in the lines below what it holds."""
    place = folder / "given"

    def one(body: bytes) -> None:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        for part in (b"\n" + body).split(CUT)[1:]:
            name, _, text = part.partition(b"\n")
            plain = re.sub(r"[^a-z_]", "", name.decode("ascii", "replace"))[:40]
            (place / f"{plain or 'services'}{ending}").write_bytes(text)
        rows = read(place, "hsds")
        listings(rows)
        assert sum(counts(rows)) >= 0
    return one


def hours(body: bytes) -> None:
    """Reads the bytes as a sentence about times, in one of the languages; what is read must be valid sessions."""
    language = "es" if body[:1] < b"\x80" else "en"
    said = spoken.read(body[1:].decode("utf-8", "replace")[:500], language=language, today=TODAY,
                       timezone="America/New_York")
    for session in said.sessions:
        assert recurrence.problems(recurrence.Rule.of(session)) == []


def rules(body: bytes) -> None:
    """Puts the bytes into a listing as a rule of RFC 5545; one that its validator takes can be expanded."""
    session = {"format": "phone", "repeats": body.decode("utf-8", "replace"), "start_time": "18:30",
               "timezone": "America/New_York", "valid_from": TODAY.isoformat()}
    listing_schema.load({"format": "finder-listing/1", "id": "l1", "name": "Evening Circle",
                         "group_type": "peer_support", "focus": ["depression"], "sessions": [session]})
    rule = recurrence.Rule.of(session)
    recurrence.occurrences(rule, TODAY + timedelta(days=1), 3)
    recurrence.is_over(rule, TODAY)


def samples(parser: str, folder: Path) -> list[bytes]:
    """Good inputs to begin with."""
    if parser == HOURS:
        return [b"e2nd and 4th Tuesday, 6-7:30 pm, not in July", b"\x00cada martes a las 18 h"]
    if parser == RULES:
        return [b"FREQ=WEEKLY;BYDAY=TU", b"FREQ=MONTHLY;BYDAY=2TU,4TU;UNTIL=20271231T000000Z"]
    if parser in HSDS:
        return folders(HSDS[parser])
    if parser in ("csv", "samhsa"):
        row = PLAIN_ROW if parser == "csv" else facility("MH * OP * GT FPSY * CHLD SP")
        return [table(folder, [row], "sample.csv").read_bytes()]
    sample = {"meeting-guide": meeting, "bmlt": bmlt_meeting}.get(parser)
    return [json.dumps([sample()] if sample else {"format": "finder-listing/1", "name": "A"}).encode()]


def folders(ending: str) -> list[bytes]:
    """Folders of HSDS with one service that is a group, and all that can be said of one in tables."""
    service = {"id": "s1", "name": "Grief support group", "status": "active", "description": "A peer support group.",
               "organization": {"id": "o1", "name": "House"}, "languages": [{"id": "l1", "code": "en"}],
               "schedules": [{"id": "c1", "freq": "WEEKLY", "byday": "TU", "opens_at": "18:00", "closes_at": "19:00"}],
               "phones": [{"id": "p1", "number": "919-555-0142"}], "attributes": [],
               "service_at_locations": [{"id": "a1", "location": {"id": "x1", "name": "Hall", "latitude": 35.9,
                                                                  "longitude": -78.9}}]}
    if ending == ".json":
        return [FIRST + b"services\n" + json.dumps([service]).encode(),
                FIRST + b"page\n" + json.dumps({"total_pages": 1, "contents": [service]}).encode()]
    if ending == ".jsonl":
        return [FIRST + b"services\n" + json.dumps(service).encode()]
    tables = {
        "services": "id,organization_id,name,description,status,fees\ns1,o1,Grief support group,Peers meet,active,free",
        "organizations": "id,name,url\no1,House,https://example.org",
        "phones": "id,service_id,number\np1,s1,9195550142",
        "locations": "id,name,latitude,longitude\nx1,Hall,35.9,-78.9",
        "physical_addresses": "id,location_id,address_1,city,state_province,postal_code\nd1,x1,1 Elm,Durham,NC,27701",
        "services_at_location": "id,service_id,location_id\na1,s1,x1", "languages": "id,service_id,language\nl1,s1,en",
        "schedules": "id,service_id,freq,byday,opens_at,closes_at\nc1,s1,WEEKLY,TU,18:00,19:00",
        "regular_schedules": "id,service_id,weekday,opens_at,closes_at\nr1,s1,2,18:00,19:00",
        "services_taxonomy": "id,service_id,taxonomy_id\nf1,s1,t1", "taxonomy": "id,name\nt1,Grief",
        "service_areas": "id,service_id,name\nv1,s1,Durham", "eligibility": "id,service_id,minimum_age\ne1,s1,18",
        "cost_options": "id,service_id,option,amount\nk1,s1,free,0",
        "accessibility": "id,location_id,description\nb1,x1,x"}
    return ["\n".join(f"{FIRST.decode()}{name}\n{tables[name]}" for name in names).encode()
            for names in (tables, list(tables)[:5], list(tables)[:1])]


def main() -> None:
    parser, folder = sys.argv[1], Path(sys.argv[2])
    begin = folder / "begin"
    begin.mkdir(exist_ok=True)
    for number, body in enumerate(samples(parser, folder)):
        (begin / str(number)).write_bytes(body)
    one = {HOURS: hours, RULES: rules}.get(parser) or (
        folder_parser(HSDS[parser], folder) if parser in HSDS else file_parser(parser, folder))

    def attempt(body: bytes) -> None:
        try:
            one(body)
        except Invalid:
            return

    for body in samples(parser, folder):  # reads places and words, which is nobody's input
        attempt(body)
    longest = 4000 if parser in HSDS else 2000
    atheris.Setup([sys.argv[0], str(begin), f"-max_len={longest}", f"-timeout={MOST_SECONDS}", "-seed=1",
                   f"-artifact_prefix={folder}/", *sys.argv[3:]], attempt)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
