import io
import json
import sqlite3
import threading
import zipfile
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from finder.cli.exporting import FORMATS
from tests.cli.conftest import listing

PLACE = {"address_1": "1 Elm St", "city": "Salem", "state": "OR", "postal_code": "97301", "latitude": 44.94,
         "longitude": -123.03, "precision": "street"}
ROOM = {"format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:30",
        "timezone": "America/Los_Angeles", "location": PLACE}


def filled(finder, *numbers):
    path = finder.file("list.json", [listing(number, sessions=[ROOM]) for number in numbers])
    code, _, err = finder("import", path, "--format", "listing", "--source", "County", "--json")
    assert code == 0, err


def exported(finder, fmt, name="out", *more):
    out = finder.folder / name
    code, said, err = finder("export", "--format", fmt, "--out", out, "--json", *more)
    assert code == 0, err
    return out.read_bytes(), json.loads(said)


def tables(body):
    with zipfile.ZipFile(io.BytesIO(body)) as held:
        return len(held.read("services.csv").splitlines()) - 1


COUNTED = {
    "listing": lambda body: len(body.splitlines()), "csv": lambda body: len(body.splitlines()) - 1,
    "meeting-guide": lambda body: len(json.loads(body)), "hsds": tables,
    "fhir": lambda body: body.count(b'"resourceType":"HealthcareService"'),
    "ics": lambda body: body.count(b"BEGIN:VEVENT"),
}


@pytest.mark.parametrize("fmt", FORMATS)
def test_everything_published_is_in_the_file(finder, fmt):
    filled(finder, 1, 2, 3)
    body, said = exported(finder, fmt)
    assert said == {"listings": 3, "left_out": {}}
    assert COUNTED[fmt](body) == 3


@pytest.mark.parametrize("fmt", ["listing", "hsds"])
def test_what_is_exported_is_taken_in_again(finder, fmt):
    filled(finder, 1, 2)
    exported(finder, fmt, "whole.zip" if fmt == "hsds" else "whole.jsonl", "--license", "CC-BY-4.0")
    path = next(finder.folder.glob("whole.*"))
    code, out, err = finder("import", path, "--format", fmt, "--source", "Elsewhere", "--json", "--dry-run")
    assert code == 0, err
    counts = json.loads(out)
    assert (counts["read"], counts["added"], counts["refused"]) == (2, 2, [])


def test_the_license_stands_in_the_package(finder):
    filled(finder, 1)
    body, _ = exported(finder, "hsds", "out.zip", "--license", "CC-BY-4.0")
    with zipfile.ZipFile(io.BytesIO(body)) as held:
        assert json.loads(held.read("datapackage.json"))["licenses"][0]["title"] == "CC-BY-4.0"


@pytest.mark.sqlite  # it writes into the file
def test_a_license_and_terms_that_are_set_for_the_instance_stand_in_what_is_exported(finder):
    filled(finder, 1)
    with sqlite3.connect(next(finder.folder.rglob("*.db"))) as database:
        saved = {"license": "ODbL-1.0", "name": "River County Groups"}
        database.execute("INSERT INTO instance_version (at, settings) VALUES ('2026-01-01 00:00:00', ?)",
                         [json.dumps(saved)])
    body, _ = exported(finder, "csv")
    assert b"ODbL-1.0" in body
    assert b"River County Groups" in body
    assert b"CC-BY-4.0" in exported(finder, "csv", "other", "--license", "CC-BY-4.0")[0]


def test_what_cannot_be_written_leaves_the_old_file_alone(finder, monkeypatch):
    filled(finder, 1)
    out = finder.folder / "out.zip"
    out.write_bytes(b"before")

    def broken(*_):
        raise OSError("no room")

    monkeypatch.setitem(FORMATS, "hsds", broken)
    assert finder("export", "--format", "hsds", "--out", out)[0] == 1
    assert out.read_bytes() == b"before"
    assert not list(finder.folder.glob(".out.zip.*"))


@pytest.mark.parametrize(("arguments", "said"), [
    (("--format", "fax", "--out", "a"), "fax"), (("--format", "hsds"), "--out"),
    (("--format", "hsds", "--out", "no such folder/a.zip"), "no folder")])
def test_what_cannot_be_exported_is_said_in_a_sentence(finder, arguments, said):
    filled(finder, 1)
    code, out, err = finder("export", *arguments)
    assert (code != 0, out) == (True, "")
    assert said in err
    assert err.count("\n") == 1


def test_without_an_instance_nothing_is_written(finder):
    code, _, err = finder("export", "--format", "csv", "--out", finder.folder / "a.csv")
    assert code == 1
    assert "finder init" in err
    assert not (finder.folder / "a.csv").exists()


class Api(BaseHTTPRequestHandler):
    """A directory of three pages, one service each."""

    def do_GET(self):
        asked = parse_qs(urlsplit(self.path).query)
        number = int(asked.get("page", ["1"])[0])
        service = {"id": f"s{number}", "name": f"Grief support group {number}", "status": "active"}
        full = asked.get("full") == ["true"] and urlsplit(self.path).path == "/hsds/services"
        body = json.dumps({"total_items": 3, "total_pages": 3, "page_number": number, "size": 1,
                           "contents": [service] if full else []}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def api():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=partial(server.serve_forever, 0.05), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_all_pages_of_an_address_are_taken_in(finder, api):
    code, out, err = finder("import", f"{api}/hsds/services", "--anywhere", "--format", "hsds", "--source", "County",
                            "--json")
    assert code == 0, err
    assert json.loads(out)["added"] == 3
