"""Sources of each format with a few honest groups, and what is made of them to do harm."""

from __future__ import annotations

import gzip
import io
import json
import os
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from finder.exchange.changes import Change, Keeper, Origin, Page, written
from finder.exchange.mapping import Mapping, parse
from tests.exchange import test_evil_files
from tests.exchange.hsds import test_hostile
from tests.exchange.make import bmlt_meeting, facility, meeting
from tests.listings.database import NOW

NAMES = ("River Circle", "Harbor Lights", "Lantern Group", "Quiet Hour")
SHEET_PLAN = parse({"columns": {"id": "id", "name": "name", "location.city": "city", "description": "about"},
                    "fixed": {"group_type": "peer_support"}})
PLANS = {"csv": SHEET_PLAN, "meeting-guide": Mapping(fellowship="aa")}
JSON = ("listing", "meeting-guide", "bmlt", "hsds", "finder")
TABLES = ("csv", "samhsa")
FORMATS = (*JSON, *TABLES, "bmlt-tables")
DEEP = "[" * 100_000 + "]" * 100_000
Made = Callable[[], bytes]


def listing(number: int, name: str, evil: Any = None) -> dict[str, Any]:
    return {"format": "finder-listing/1", "id": f"g{number}", "name": name, "group_type": "peer_support"} | (
        {"description": evil, "age": {"min": evil}} if evil is not None else {})


def row(fmt: str, number: int, name: str, evil: Any = None) -> dict[str, Any]:
    """A group in the words of a JSON format; `evil` stands where text and where a number belong."""
    if fmt == "listing":
        return listing(number, name, evil)
    if fmt == "meeting-guide":
        odd = {"notes": evil, "latitude": evil, "day": evil, "group_id": evil} if evil is not None else {}
        return meeting(name=name, slug=f"m{number}", formatted_address=f"{number} Pier St, Costa Mesa, CA 92626, USA",
                       **odd)
    if fmt.startswith("bmlt"):
        odd = {"comments": evil, "latitude": evil, "duration_time": evil} if evil is not None else {}
        return bmlt_meeting(id_bigint=str(number), meeting_name=name, location_street=f"{number} Main St", **odd)
    if fmt == "hsds":
        odd = {"description": evil, "minimum_age": evil} if evil is not None else {}
        return {"id": f"s{number}", "name": f"{name} support group", "status": "active", **odd}
    key = uuid.UUID(int=number + 1)
    change = Change(key, f"group-{number}", NOW, Origin(uuid.UUID(int=1), str(key)), listing(number, name, evil))
    return written(Page(Keeper(uuid.UUID(int=1), "Ann"), [change], "abc", False, True))["changes"][0]


def text(fmt: str, evil: str | None = None) -> str:
    """The source as text: its groups, and one more that holds raw text where a value belongs."""
    if fmt in TABLES:
        return sheet(fmt, evil)
    rows = [row(fmt, number, name) for number, name in enumerate(NAMES)]
    rows += [row(fmt, 9, "Evil Hour", "@@")] if evil is not None else []
    whole: Any = rows
    if fmt == "finder":
        whole = written(Page(Keeper(uuid.UUID(int=1), "Ann"), [], "abc", False, True)) | {"changes": rows}
    return json.dumps(whole).replace('"@@"', evil or "")


def sheet(fmt: str, evil: str | None = None) -> str:
    names = [*NAMES, *(["Evil Hour"] if evil is not None else [])]
    if fmt == "csv":
        lines = ["id,name,city,about", *(f"g{number},{name},Salem,{evil if number == 4 else ''}"
                                         for number, name in enumerate(names))]
    else:
        rows = [facility("MH * OP * GT", name1=name, intake1=evil if number == 4 else "", street1=(
            evil if number == 4 else "5 Elm Street") or "") for number, name in enumerate(names)]
        lines = [",".join(rows[0]), *(",".join(one.values()) for one in rows)]
    return "\r\n".join(lines) + "\r\n"


# -- in place of a value ---------------------------------------------------------------------------------------------

VALUES: dict[str, Callable[[], str]] = {
    "1e999": lambda: "1e999", "-1e999": lambda: "-1e999", "NaN": lambda: "NaN", "infinity": lambda: "Infinity",
    "a million digits": lambda: "9" * 1_000_000, "a long exponent": lambda: "1e" + "9" * 1000,
    "a long fraction": lambda: "0." + "3" * 1_000_000, "100,000 deep": lambda: DEEP,
    "deep and open": lambda: "[" * 100_000,
    "deep objects": lambda: '{"a":' * 100_000 + "1" + "}" * 100_000, "25 deep": lambda: "[" * 25 + "]" * 25,
    "a key twice": lambda: '{"a": [{"b": {"min": 1, "min": 2}}]}', "surrogate": lambda: '"\\ud800"',
    "a million keys": lambda: "{" + ",".join(f'"k{one}":0' for one in range(1_000_000)) + "}",
    "one key a million times": lambda: "{" + '"a":0,' * 1_000_000 + '"b":0}',
    "many short objects": lambda: "[" + '{"a":0},' * 1_000_000 + "0]",
    "NUL": lambda: '"\\u0000a\\u0000"', "bare NUL": lambda: '"a\0b"',
    "bare line ends": lambda: '"a\r\nb\rc\u2028d\u0085e"',
    "controls": lambda: '"\\u202e\\u0007\\u200b\\ufeff"', "list": lambda: "[[], {}, null]", "truth": lambda: "true",
}
TEXTS: dict[str, Callable[[], str]] = {
    "open links": lambda: "<a " * 300_000, "open addresses": lambda: "<a href=" * 100_000,
    "links without end": lambda: "<a href=x>" * 100_000, "open remarks": lambda: "--><!--" * 100_000,
    "open breaks": lambda: "<br " * 200_000, "one open link": lambda: "<a href=" + "x" * 600_000,
    "blanks": lambda: "a" + " " * 900_000 + "b", "entities": lambda: "&amp" * 200_000,
    "at signs": lambda: "a@" * 300_000,
    "points": lambda: "a." * 300_000, "digits": lambda: "5" * 900_000, "digits and blanks": lambda: "5 " * 400_000,
    "dashes": lambda: " - " * 300_000, "brackets": lambda: "(" * 900_000, "broken twice": lambda: "Ã¢â€" * 200_000,
    "addresses": lambda: "http://" * 100_000, "accents": lambda: "e" + "\u0301" * 900_000,
    "letters": lambda: "x" * 900_000,
    "letters and lines": lambda: "x\\n" * 300_000, "open brackets of words": lambda: "[a" * 400_000,
    "slashes": lambda: "/" * 900_000, "colons": lambda: "1:" * 400_000, "commas": lambda: "a; " * 300_000,
}

# -- whole files -----------------------------------------------------------------------------------------------------


def squeezed(name: str, body: bytes, times: int) -> bytes:
    """A zip of one member that is repeated."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as held:
        held.writestr(name, body * times)
    return made.getvalue()


WELL_FORMED = "long cells.json"  # its cells are cut, and what is left of some rows are listings
FILES: dict[str, Made] = {
    **test_evil_files.EVIL, **{f"package {name}": made for name, made in test_hostile.EVIL.items()},
    "a million columns.csv": lambda: ",".join(f"c{one}" for one in range(1_000_000)).encode() + b"\nx\n",
    "a million cells.csv": lambda: b"id,name,city,about,name1,street1\n" + b"," * 1_000_000 + b"\n",
    "rows of nothing.csv": lambda: b"id,name,city,about,name1,street1\n" + b",\n" * 3_000_000,
    "quotes.csv": lambda: b"id,name,city,about,name1,street1\n" + b'"' * 1_000_001,
    "a million keys.json": lambda: f"[{VALUES['a million keys']()}]".encode(),
    "a million rows.json": lambda: b"[" + b"{}," * 1_000_000 + b"{}]",
    "numbers.json": lambda: b"[" + b"1.5," * 4_000_000 + b"1]",
    "lines.jsonl": lambda: b"{}\n" * 2_000_000, "lines.ndjson": lambda: b"[1]\n" * 2_000_000,
    "spaces.json": lambda: b" " * 50_000_000, "half.json": lambda: b'[{"id": "a", "name": "b"}, {"id"',
    "tight.csv.gz": lambda: gzip.compress(b"id,name,city,about,name1,street1\n" + b"a,b\n" * 15_000_000),
    "text in zip.zip": lambda: squeezed("list.json", b"[]", 1),
    "a row again and again.zip": lambda: squeezed("services.csv", b"id,name\n" * 5, 9000),
    "page.html": lambda: b"<!doctype html><html><title>Sign in</title>" * 1000, "nothing.json": lambda: b"null",
    "text.json": lambda: b'"listings"', "number.json": lambda: b"7", "empty list.json": lambda: b"[]",
    "empty object.json": lambda: b"{}", "mark only.json": lambda: b"\xef\xbb\xbf",
    "mark only.csv": lambda: b"\xef\xbb\xbf",
    "latin.csv": lambda: "é".encode("latin-1") * 1000, "tar.json": lambda: b"ustar\0" * 1000,
}
ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7")


def packed(fmt: str, body: bytes) -> tuple[str, bytes]:
    """The name and bytes of a source in its format."""
    return f"source.{'csv' if fmt in TABLES else 'json'}", body


# -- what is no file -------------------------------------------------------------------------------------------------


def _missing(folder: Path) -> Path:
    return folder / "missing.json"


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.json")
    return folder / "pipe.json"


def _folder_of_pipes(folder: Path) -> Path:
    inside = folder / "inside"
    inside.mkdir()
    for name in ("a.json", "a.csv", "a.xlsx", "a.ndjson", "meetings_main.csv", "services.csv"):
        os.mkfifo(inside / name)
    return inside


def _links(folder: Path) -> Path:
    inside = folder / "inside"
    inside.mkdir()
    for name in ("a.json", "a.csv", "a.xlsx", "meetings_main.csv", "services.csv"):
        (inside / name).symlink_to("/etc/hostname")
    return inside


def _empty(folder: Path) -> Path:
    (folder / "inside").mkdir()
    return folder / "inside"


def _linked(target: str) -> Callable[[Path], Path]:
    def made(folder: Path) -> Path:
        (folder / "source.json").symlink_to(target)
        return folder / "source.json"
    return made


PLACES: dict[str, Callable[[Path], Path]] = {
    "missing": _missing, "pipe": _pipe, "folder of pipes": _folder_of_pipes, "folder of links": _links,
    "empty folder": _empty, "zeros": lambda folder: Path("/dev/zero"), "link to zeros": _linked("/dev/zero"),
    "link to nothing": _linked("nowhere"), "link to itself": _linked("source.json"), "chance": lambda folder: Path(
        "/dev/urandom"), "long name": lambda folder: folder / ("x" * 5000),
    "NUL in name": lambda folder: folder / "a\0b",
    "folder of folders": lambda folder: folder.parent,
}
