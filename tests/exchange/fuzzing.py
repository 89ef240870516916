"""A program of its own that makes up inputs for one parser, led by which lines of it they reach (libFuzzer's way, by
Atheris). It ends at the first failure that is not one of ours.

    python -m tests.exchange.fuzzing PARSER FOLDER -atheris_runs=1000
"""

from __future__ import annotations

import json
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
PARSERS = (*(one for one in FORMATS if one != "hsds"), HOURS, RULES)  # HSDS is a folder; its rows are tried elsewhere
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
    if parser in ("csv", "samhsa"):
        row = PLAIN_ROW if parser == "csv" else facility("MH * OP * GT FPSY * CHLD SP")
        return [table(folder, [row], "sample.csv").read_bytes()]
    sample = {"meeting-guide": meeting, "bmlt": bmlt_meeting}.get(parser)
    return [json.dumps([sample()] if sample else {"format": "finder-listing/1", "name": "A"}).encode()]


def main() -> None:
    parser, folder = sys.argv[1], Path(sys.argv[2])
    begin = folder / "begin"
    begin.mkdir(exist_ok=True)
    for number, body in enumerate(samples(parser, folder)):
        (begin / str(number)).write_bytes(body)
    one = {HOURS: hours, RULES: rules}.get(parser) or file_parser(parser, folder)

    def attempt(body: bytes) -> None:
        try:
            one(body)
        except Invalid:
            return

    for body in samples(parser, folder):  # reads places and words, which is nobody's input
        attempt(body)
    atheris.Setup([sys.argv[0], str(begin), "-max_len=2000", f"-timeout={MOST_SECONDS}", "-seed=1",
                   f"-artifact_prefix={folder}/", *sys.argv[3:]], attempt)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
