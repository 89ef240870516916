from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from finder.exchange.reading import FORMATS, Listing, Refused
from tests.exchange.make import listings, meeting, read

DOCUMENT = {"format": "finder-listing/1", "id": "a1", "name": "Evening Circle", "group_type": "peer_support"}


@pytest.mark.parametrize("text", [
    json.dumps([DOCUMENT, {**DOCUMENT, "id": "a2"}]),
    json.dumps(DOCUMENT) + "\n\n" + json.dumps({**DOCUMENT, "id": "a2"}),
    "\ufeff[" + json.dumps(DOCUMENT) + ",\n" + json.dumps({**DOCUMENT, "id": "a2"}) + "]",
], ids=["array", "lines", "marked"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_listing_documents_come_out_as_they_are(tmp_path: Path, text: str, packed: bool) -> None:
    path = tmp_path / ("list.json.gz" if packed else "list.json")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    rows = read(path, "listing")
    assert [one.key for one in listings(rows)] == ["a1", "a2"]
    assert rows[0] == Listing(DOCUMENT, (1,), "a1")


def test_one_object_is_one_listing(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(DOCUMENT, indent=1))
    assert [one.key for one in listings(read(tmp_path / "one.json", "listing"))] == ["a1"]


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.json").write_text(json.dumps([{**DOCUMENT, "id": name}]))
    assert [(one.key, one.rows) for one in listings(read(tmp_path, "listing"))] == [("a", (1,)), ("b", (2,))]


def test_a_broken_line_is_refused_by_its_number_and_stops_nothing(tmp_path: Path) -> None:
    lines = [json.dumps(DOCUMENT), "{broken", "", '{"id":"x","id":"y"}', "7", json.dumps({**DOCUMENT, "id": "a2"})]
    (tmp_path / "list.jsonl").write_text("\n".join(lines))
    rows = read(tmp_path / "list.jsonl", "listing")
    assert [one for one in rows if isinstance(one, Refused)] == \
        [Refused(2, "row", "not_json"), Refused(4, "id", "repeated"), Refused(5, "row", "not_an_object")]
    assert [one.rows for one in listings(rows)] == [(1,), (6,)]


def test_a_document_with_a_key_twice_is_refused_alone_in_an_array(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text('[{"id":"x","id":"y"}, ' + json.dumps(DOCUMENT) + "]")
    rows = read(tmp_path / "list.json", "listing")
    assert rows[0] == Refused(1, "id", "repeated")
    assert rows[1] == Listing(DOCUMENT, (2,), "a1")


@pytest.mark.parametrize("fmt", ["listing", "meeting-guide", "bmlt", "bmlt-tables"])
@pytest.mark.parametrize("body", [b"[{", b"[1, 2", b"\xff\xfe[", b"[" * 100_000], ids=["open", "cut", "bytes", "deep"])
def test_broken_json_is_refused_as_a_whole(tmp_path: Path, fmt: str, body: bytes) -> None:
    (tmp_path / "feed.json").write_bytes(body)
    rows = read(tmp_path / "feed.json", fmt)
    assert rows[-1].row == 0 or fmt == "listing"  # type: ignore[union-attr]
    assert {one.code for one in rows if isinstance(one, Refused)} <= {"not_json", "not_an_object", "too_deep"}
    assert not listings(rows)


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_file_that_is_not_there_is_refused(tmp_path: Path, fmt: str) -> None:
    rows = read(tmp_path / "nothing.json", fmt)
    assert rows in ([Refused(0, "file", "unreadable_file")], [Refused(0, "file", "no_mapping")])


def test_a_truncated_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "feed.json.gz"
    path.write_bytes(gzip.compress(json.dumps([meeting()]).encode())[:-20])
    assert read(path, "meeting-guide") == [Refused(0, "file", "unreadable_file")]


def test_json_without_rows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "feed.json").write_text('{"error": "no meetings"}')
    assert read(tmp_path / "feed.json", "meeting-guide") == [Refused(0, "file", "not_a_list")]


def test_an_unknown_format_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="guess"):
        read(tmp_path, "guess")
