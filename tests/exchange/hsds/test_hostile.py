"""Packages and answers made to do harm: each is refused, quickly and within a bounded room."""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import textwrap
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from finder.exchange.hsds import packages
from finder.exchange.rows import Listing, OutOfScope, Refused
from tests.exchange.make import gazetteer, read

MOST_SECONDS, MOST_MEMORY = 10, 300 * 1024 * 1024
SERVICES = "id,name\n1,Grief support group\n"


def packed(members: dict[str, str], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", kind) as made:
        for name, text in members.items():
            made.writestr(name, text)
    return body.getvalue()


def link() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as made:
        one = zipfile.ZipInfo("services.csv")
        one.external_attr = 0o120777 << 16
        made.writestr(one, "/etc/passwd")
    return body.getvalue()


def lying() -> bytes:
    """A zip whose table claims to be small."""
    body = packed({"services.csv": SERVICES + "2,x\n" * 100_000})
    size = len(SERVICES) + 4 * 100_000
    return body.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))


EVIL: dict[str, Callable[[], bytes]] = {
    "bomb.zip": lambda: packed({"services.csv": SERVICES + " " * 210_000_000}),
    "tight.zip": lambda: packed({"services.csv": SERVICES + " " * 20_000_000}),
    "too many rows.zip": lambda: packed({"services.csv": SERVICES, "phones.csv": "id,number\n" + "".join(
        f"{one},{one * 7919 % 1000003}\n" for one in range(packages.MOST_ROWS + 1))}),
    "many columns.zip": lambda: packed({"services.csv": ",".join(f"c{one}" for one in range(1_000_000)) + "\nid\n"}),
    "many members.zip": lambda: packed({"services.csv": SERVICES, **{f"a{one}.csv": "" for one in range(2000)}}),
    "zip in zip.zip": lambda: packed({"services.csv": SERVICES, "more.zip": "PK"}),
    "upwards.zip": lambda: packed({"../../services.csv": SERVICES}),
    "upwards on Windows.zip": lambda: packed({"..\\..\\services.csv": SERVICES}),
    "absolute.zip": lambda: packed({"/etc/services.csv": SERVICES}),
    "link.zip": link, "lying.zip": lying,
    "cut off.zip": lambda: packed({"services.csv": SERVICES})[:-30],
    "locked.zip": lambda: packed({"services.csv": SERVICES}).replace(b"\x14\0\0\0\x08", b"\x14\0\x01\0\x08"),
    "unknown packing.zip": lambda: packed({"services.csv": SERVICES}).replace(b"\x08\0", b"\x63\0"),
    "half a mark.zip": lambda: b"PK\x03\x04", "no services.zip": lambda: packed({"a.csv": "id\n1\n"}),
    "no header.zip": lambda: packed({"services.csv": "\n" * 100_000}),
    "an open quote.zip": lambda: packed({"services.csv": 'id,name\n"' + "a" * 200_000}),
    "deep.json": lambda: b"[" * 100_000 + b"]" * 100_000, "NaN.json": lambda: b'{"contents": [{"id": NaN}]}',
    "huge exponent.json": lambda: b'{"contents": [1e999]}', "key twice.json": lambda: b'{"id":"a","id":"b"}',
    "no page.json": lambda: b'{"error": "none"}', "surrogate.json": lambda: b'[{"id":"\\ud800","name":"\\udfff"}]',
    "encoding.json": lambda: json.dumps([{"id": "1"}]).encode("utf-16"), "empty.json": lambda: b"",
    "deep lines.ndjson": lambda: b"[" * 100_000 + b"\n{}\n",
}
WHOLE = [name for name in EVIL if name not in ("no header.zip", "NaN.json", "huge exponent.json",
                                               "surrogate.json", "deep lines.ndjson", "lying.zip")]


@pytest.mark.parametrize("name", EVIL)
def test_what_is_made_to_do_harm_breaks_nothing_and_is_done_with_quickly(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"source.{name.rpartition('.')[2]}"
    path.write_bytes(EVIL[name]())
    gazetteer()
    begun = time.monotonic()
    found = read(path, "hsds")
    assert time.monotonic() - begun < MOST_SECONDS
    assert all(isinstance(one, Refused | OutOfScope) for one in found)
    if name in WHOLE:
        assert [(one.row, one.field) for one in found if isinstance(one, Refused)] == [(0, "file")]


def test_the_same_without_harm_is_read(tmp_path: Path) -> None:
    (tmp_path / "source.zip").write_bytes(packed({"services.csv": SERVICES}))
    (found,) = read(tmp_path / "source.zip", "hsds")
    assert isinstance(found, Listing)


def test_a_folder_with_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.csv").write_text(SERVICES)
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "services.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert read(folder, "hsds") == [Refused(0, "file", "unreadable_file")]


@pytest.mark.turns(3)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells how much room a process took")
@pytest.mark.parametrize("name", ["bomb.zip", "too many rows.zip", "many columns.zip", "deep.json"])
def test_no_package_takes_more_than_its_room(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"source.{name.rpartition('.')[2]}"
    path.write_bytes(EVIL[name]())
    program = textwrap.dedent(f"""
        from datetime import date
        from pathlib import Path
        from finder.exchange import reading
        from finder.vocabulary import vocabulary
        for row in reading.read(Path({str(path)!r}), "hsds", vocabulary=vocabulary(), today=date(2026, 11, 24)):
            pass
        print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (30, 30)))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) * 1024 < MOST_MEMORY
