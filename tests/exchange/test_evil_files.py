"""Files that were made to do harm: each is refused, quickly and within a bounded room."""

import gzip
import io
import json
import resource
import subprocess
import sys
import textwrap
import time
import zipfile
from datetime import date
from pathlib import Path

import pytest

from finder.exchange import files, reading
from finder.exchange.rows import Listing, OutOfScope, Refused
from finder.vocabulary import vocabulary
from tests.exchange.make import gazetteer

MOST_SECONDS, MOST_MEMORY = 10, 300 * 1024 * 1024
SHEET = ('<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}<sheetData>{}</sheetData>'
         '</worksheet>')
EMPTY = SHEET.format("", "")
BOOK = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default '
    'Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxml'
    'formats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxml'
    'formats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
    'Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target='
    '"xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target='
    '"worksheets/sheet1.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id='
    '"r1"/></sheets></workbook>',
}
LAUGHS = '<!DOCTYPE l [<!ENTITY a "lol">' + "".join(
    f'<!ENTITY {name} "{("&" + before + ";") * 10}">'
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)) + "]>"


def book(sheet=EMPTY, **more):
    return packed({**BOOK, "xl/worksheets/sheet1.xml": sheet, **more})


def packed(members, kind=zipfile.ZIP_DEFLATED):
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", kind) as made:
        for name, text in members.items():
            made.writestr(name, text)
    return body.getvalue()


def link():
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as made:
        one = zipfile.ZipInfo("xl/link")
        one.external_attr = 0o120777 << 16
        made.writestr(one, "/etc/passwd")
    return body.getvalue()


def rows(*cells):
    return "".join(f'<row r="{row}"><c r="{column}{row}" t="inlineStr"><is><t>x</t></is></c></row>'
                   for row, column in cells)


EVIL = {
    "gzip bomb.json.gz": lambda: gzip.compress(b"[" + b" " * 60_000_000),
    "gzip in gzip.json.gz": lambda: gzip.compress(gzip.compress(b"0" * 60_000_000)),
    "gzip cut off.json.gz": lambda: gzip.compress(b"[]" * 5000)[:-30],
    "gzip damaged.json.gz": lambda: gzip.compress(b"[1,2]" * 5000)[:40] + b"\xff" * 60,
    "gzip of nothing.json.gz": lambda: b"\x1f\x8b\x08",
    "deep.json": lambda: b"[" * 200_000 + b"]" * 200_000,
    "deep objects.json": lambda: b'{"a":' * 100_000,
    "deep in a row.json": lambda: b'[{"id":"a","x":' + b"[" * 40 + b"]" * 40 + b"}]",
    "long cells.json": lambda: json.dumps([{
        "id": f"a{turn}", "slug": f"a{turn}", "day": 1, "time": "18:30", "name": cell, "notes": cell, "location": cell,
        "address": cell, "formatted_address": cell, "conference_phone": cell, "conference_url": cell, "group": cell,
        "city": cell, "state": cell, "postal_code": cell, "types": [cell], "email": cell, "phone": cell,
        "meeting_name": cell, "location_street": cell, "location_municipality": cell, "comments": cell,
        "weekday_tinyint": "2", "start_time": "18:30:00", "id_bigint": f"{turn}"}
        for turn, cell in enumerate(part * (200_000 // len(part)) for part in (
            " ", "1 ", "( ", ", ", "a-", "<a ", "ext ", "(555) ", "12345 A", "www.", "#*,", "A: ", "p o ", "&#"))
    ]).encode(),
    "huge number.json": lambda: b'[{"id": ' + b"9" * 1_000_000 + b"}]",
    "huge exponent.json": lambda: b"[1e999999999]",
    "key twice.json": lambda: b'[{"id":"a","id":"b"}]',
    "not a number.json": lambda: b'[{"id":"a","age":{"min":NaN}}]',
    "infinite.json": lambda: b'[{"id":"a","age":{"min":Infinity}}]',
    "many empty lists.json": lambda: b"[" + b"[]," * 200_000 + b"[]]",
    "NUL.json": lambda: b"\0" * 1_000_000,
    "random bytes.json": lambda: bytes(range(256)) * 4000,
    "surrogate.json": lambda: b'["\\ud800"]',
    "one long line.csv": lambda: b"name," * 2_000_000,
    "an open quote.csv": lambda: b'name\n"' + b"a\n" * 2_000_000,
    "many columns.csv": lambda: (",".join(f"c{one}" for one in range(100_000)) + "\nname\n").encode(),
    "NUL.csv": lambda: b"name\n\0\0\0",
    "zip bomb.xlsx": lambda: packed({**BOOK, "xl/worksheets/sheet1.xml": " " * 210_000_000}),
    "tight zip.xlsx": lambda: packed({**BOOK, "xl/worksheets/sheet1.xml": " " * 20_000_000}),
    "many members.xlsx": lambda: packed({**BOOK, **{f"a{one}": "" for one in range(2000)}}),
    "zip in zip.xlsx": lambda: packed({**BOOK, "xl/more.zip": packed({"a": "b"})}),
    "absolute.xlsx": lambda: packed({**BOOK, "/etc/cron.d/a": "x"}),
    "upwards.xlsx": lambda: packed({**BOOK, "../../a": "x"}),
    "upwards on Windows.xlsx": lambda: packed({**BOOK, "..\\..\\a": "x"}),
    "drive.xlsx": lambda: packed({**BOOK, "C:/a": "x"}),
    "link.xlsx": link,
    "billion laughs.xlsx": lambda: book(LAUGHS + SHEET.format("", "<row r='1'><c t='str'><v>&i;</v></c></row>")),
    "outside entity.xlsx": lambda: book('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
                                        + SHEET.format("", "&x;")),
    "laughs in UTF-16.xlsx": lambda: book((LAUGHS + SHEET.format("", "&i;")).encode("utf-16").decode("latin-1")),
    "claims a million rows.xlsx": lambda: book(SHEET.format('<dimension ref="A1:XFD1048576"/>', rows((1, "A")))),
    "a cell far below.xlsx": lambda: book(SHEET.format("", rows((1, "A"), (1_048_576, "A")))),
    "cells far out.xlsx": lambda: book(SHEET.format("", rows(*((row, "XFD") for row in range(1, 3000))))),
    "a cell outside.xlsx": lambda: book(SHEET.format("", rows((1, "ZZZZ")))),
    "shared text missing.xlsx": lambda: book(SHEET.format("", '<row r="1"><c r="A1" t="s"><v>999999</v></c></row>')),
    "no XML.xlsx": lambda: book("<worksheet"),
    "no workbook.xlsx": lambda: packed({"a": "b"}),
    "workbook without parts.xlsx": lambda: packed({name: text for name, text in BOOK.items() if "sheet1" not in name}),
    "zip cut off.xlsx": lambda: book()[:-60],
    "locked.xlsx": lambda: book().replace(b"\x14\0\0\0\x08", b"\x14\0\x01\0\x08"),
    "unknown packing.xlsx": lambda: book().replace(b"\x08\0", b"\x63\0"),
    "empty.xlsx": lambda: b"", "empty.json": lambda: b"", "empty.csv": lambda: b"",
    "half a mark.xlsx": lambda: b"PK\x03\x04", "text.xlsx": lambda: b"name1,street1\n",
}
FORMATS = {".json": ("listing", "meeting-guide", "bmlt"), ".csv": ("samhsa",), ".xlsx": ("samhsa",)}
CASES = [(name, fmt) for name in EVIL for fmt in FORMATS["." + name.split(".")[1]]]
BOMBS = ("gzip bomb", "zip bomb", "tight", "zip in", "billion", "outside", "upwards", "link", "many members")


def test_M1_there_are_sixty_evil_files_at_least(record_property):
    assert len(CASES) >= 60
    record_property("figure", f"{len(CASES)} files")


@pytest.mark.parametrize(("name", "fmt"), CASES, ids=[f"{name} as {fmt}" for name, fmt in CASES])
def test_M1_an_evil_file_breaks_nothing_and_is_done_with_quickly(name, fmt, tmp_path):
    path = tmp_path / ("source." + name.split(".", 1)[1])
    path.write_bytes(EVIL[name]())
    words, places = vocabulary(), gazetteer()
    begun = time.monotonic()
    found = list(reading.read(path, fmt, vocabulary=words, today=date(2026, 11, 24), gazetteer=places))
    assert time.monotonic() - begun < MOST_SECONDS
    assert all(isinstance(one, Refused | Listing | OutOfScope) for one in found)
    if name.startswith(BOMBS):
        assert [(one.row, one.code in ("too_large", "not_a_workbook", "not_json")) for one in found] == [(0, True)]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells how much room a process took")
@pytest.mark.parametrize("name", ["gzip bomb.json.gz", "zip bomb.xlsx", "billion laughs.xlsx", "a cell far below.xlsx",
                                  "claims a million rows.xlsx", "cells far out.xlsx"])
def test_M1_no_bomb_takes_more_than_its_room_or_time(name, tmp_path):
    path = tmp_path / ("source." + name.split(".", 1)[1])
    path.write_bytes(EVIL[name]())
    program = textwrap.dedent(f"""
        from datetime import date
        from finder.exchange import reading
        from finder.vocabulary import vocabulary
        words = vocabulary()
        from pathlib import Path
        import openpyxl
        for row in reading.read(Path({str(path)!r}), {FORMATS["." + path.name.split(".")[1]][0]!r}, vocabulary=words,
                                today=date(2026, 11, 24)):
            pass
        held = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
        print(held.split()[1])
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (30, 30)))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) * 1024 < MOST_MEMORY


def test_honest_packed_files_are_read(tmp_path):
    path = tmp_path / "list.json.gz"
    rows = [{"id": f"g{one}", "name": "River Circle"} for one in range(20_000)]
    path.write_bytes(gzip.compress(json.dumps(rows).encode()))
    assert len(files.read_json(path)) == 20_000
