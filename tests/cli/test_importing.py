import json

import pytest
from sqlalchemy import delete

from finder.catalog.models import MeetingSession, Program
from finder.exchange import peers
from finder.listings.models import Revision
from tests.api.sync.instances import Instance, group
from tests.api.sync.wires import serving
from tests.cli.conftest import listing


def take(finder, *numbers, name="list.json", **more):
    path = finder.file(name, [listing(number, **more) for number in numbers])
    code, _, err = finder("import", path, "--format", "listing", "--source", "County", "--json")
    assert code == 0, err


def imports(finder):
    code, out, err = finder("import", "list", "--json")
    assert code == 0, err
    return json.loads(out)


def undo(finder, import_id):
    return finder("import", "undo", import_id, "--json")


def test_past_imports_are_listed_the_newest_first(finder):
    take(finder, 1)
    take(finder, 1, 2)
    found = imports(finder)
    assert sorted((one["added"], one["undone"]) for one in found) == [(1, False), (1, False)]
    assert {one["source"] for one in found} == {"County"}
    _, out, _ = finder("import", "list")
    assert out.count("County: 1 added") == 2


def test_an_import_is_taken_back_once(finder):
    take(finder, 1, 2)
    (one,) = imports(finder)
    code, out, _ = undo(finder, one["id"])
    assert (code, json.loads(out)["taken_down"]) == (0, 2)
    assert imports(finder)[0]["undone"] is True
    code, out, err = undo(finder, one["id"])
    assert (code, out) == (1, "")
    assert "taken back before" in err


def test_people_read_what_was_taken_back_in_a_sentence(finder):
    take(finder, 1)
    code, out, err = finder("import", "undo", imports(finder)[0]["id"])
    assert (code, out) == (0, "")
    assert "1 were taken down" in err


@pytest.mark.parametrize(("wanted", "code", "said"), [
    ("6f1a2c1e-5d0b-5f3a-9f0e-0c6a5e7d2b11", 1, "There is no import"), ("nonsense", 2, "not a valid UUID")])
def test_an_import_that_never_was_cannot_be_taken_back(finder, wanted, code, said):
    take(finder, 1)
    found, out, err = undo(finder, wanted)
    assert (found, out) == (code, "")
    assert said in err


@pytest.mark.parametrize("words", [("list",), ("undo", "6f1a2c1e-5d0b-5f3a-9f0e-0c6a5e7d2b11")])
def test_without_an_instance_they_say_how_to_make_one(finder, words):
    code, _, err = finder("import", *words)
    assert code == 1
    assert "finder init" in err


def test_a_source_of_which_every_row_is_refused_ends_as_a_failure(finder):
    broken = {**listing(1), "age": {"min": -1}}
    for rows, code in (([broken], 1), ([broken, listing(2)], 0)):
        path = finder.file("list.json", rows)
        ended, out, err = finder("import", path, "--format", "listing", "--source", "County", "--json")
        assert (ended, json.loads(out)["refused"][0]["field"]) == (code, "age.min"), err


def test_options_may_stand_before_the_source(finder):
    path = finder.file("list.json", [listing(1)])
    code, out, err = finder("import", "--format", "listing", "--source", "County", "--json", path)
    assert code == 0, err
    assert json.loads(out)["added"] == 1


def test_a_steward_may_take_down_all_that_is_missing(finder):
    take(finder, *range(1, 21))
    path = finder.file("few.json", [listing(1)])
    arguments = ("import", path, "--format", "listing", "--source", "County", "--json")
    assert json.loads(finder(*arguments)[1])["held"] == 19
    assert json.loads(finder(*arguments, "--take-down-all")[1])["gone"] == 19


def test_checks_of_a_source_can_be_left_out(finder):
    checked = {"verified": {"on": "2026-10-01", "method": "phone"}}
    take(finder, 1, **checked)
    path = finder.file("list.json", [listing(1, **checked)])
    arguments = ("import", path, "--format", "listing", "--source", "County", "--json")
    assert json.loads(finder(*arguments)[1])["unchanged"] == 1
    assert json.loads(finder(*arguments, "--no-trust-checks")[1])["changed"] == 1
    assert json.loads(finder(*arguments)[1])["unchanged"] == 1


def test_this_machine_is_fetched_from_only_when_asked_for(finder):
    code, _, err = finder("import", "http://127.0.0.1:9/list.json", "--format", "listing", "--source", "County")
    assert code == 1
    assert "--anywhere" in err


# -- from other sites ------------------------------------------------------------------------------------------------


@pytest.fixture
def there(tmp_path):
    """Another instance that answers on this machine."""
    one = Instance(tmp_path / "there", "ann", base_url="")
    one.take(*(group(number) for number in range(20)))
    with serving(one.app) as (host, port):
        yield one, f"http://{host}:{port}"


def taken(finder, address, *more):
    code, out, err = finder("import", address, "--format", "finder", "--source", "Ann", "--anywhere", "--json", *more)
    assert code == 0, err
    return {name: count for name, count in json.loads(out).items() if count and name != "seconds"}


def test_everything_that_another_instance_has_is_taken_in(finder, there, monkeypatch):
    one, address = there
    monkeypatch.setattr(peers, "MOST_IN_PAGE", 6)
    assert taken(finder, address, "--dry-run") == {"read": 20, "added": 20}
    assert taken(finder, f"{address}/api/v1/changes") == {"read": 20, "added": 20}
    assert taken(finder, address) == {"read": 20, "unchanged": 20}
    one.edit("Group 3", name="Third")
    one.change("Group 4", state="deleted")
    one.merge("Group 5", "Group 6")
    assert taken(finder, address) == {"read": 18, "changed": 1, "unchanged": 17, "gone": 2}


def test_what_another_instance_lacks_stays_if_it_is_much(finder, there):
    one, address = there
    taken(finder, address)
    with one.database.transaction() as session:  # without a word that they are gone
        session.execute(delete(MeetingSession))
        session.execute(delete(Revision))
        session.execute(delete(Program).where(Program.name.like("Group 1%")))
    assert taken(finder, address)["held"] == 11
    assert taken(finder, address, "--take-down-all")["gone"] == 11


def test_an_address_that_is_no_instance_is_said_in_a_sentence(finder, there):
    code, _, err = finder("import", f"{there[1]}/healthz", "--format", "finder", "--source", "Ann", "--anywhere")
    assert (code, "answers 404" in err) == (1, True)


def test_one_page_of_several_is_not_taken_for_all(finder, there):
    one, _ = there
    page = one.app.test_client().get("/api/v1/changes?limit=5").json
    code, _, err = finder("import", finder.file("page.json", page), "--format", "finder", "--source", "Ann")
    assert (code, "one page" in err) == (1, True)


SHEET = ("Group,Day,Time,City,State,Notes\r\nHarbor Circle,Tuesday,6:30 pm,Raleigh,NC,\r\n"
         "\"Río, Abierto\",Friday,7 pm,Durham,NC,x\r\n")
MAPPING = {"columns": {"name": "Group", "session.day": "Day", "session.time": "Time", "location.city": "City",
                       "location.state": "State"},
           "fixed": {"group_type": "peer_support"}, "timezone": "America/New_York"}


def sheets(environ, start):
    """Google Sheets as it answers for a sheet that is published as CSV: two hops, and no name of a file."""
    path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
    if path == "/spreadsheets/d/e/2PACX-key/pub" and query == "gid=0&single=true&output=csv":
        start("307 Temporary Redirect", [("Location", "/pub/moved/*/key?output=csv"), ("Content-Type", "text/html")])
        return [b"<html>Moved</html>"]
    if path == "/pub/moved/*/key":
        start("200 OK", [("Content-Type", "text/csv"), ("Content-Disposition", 'attachment; filename="List.csv"')])
        return [SHEET.encode()]
    start("404 Not Found", [])
    return []


def test_a_published_spreadsheet_is_taken_in_by_its_address(finder):
    with serving(sheets) as (host, port):
        code, out, err = finder(
            "import", f"http://{host}:{port}/spreadsheets/d/e/2PACX-key/pub?gid=0&single=true&output=csv", "--anywhere",
            "--format", "csv", "--mapping", finder.file("mapping.json", MAPPING), "--source", "Our sheet", "--json")
    assert code == 0, err
    assert {name: json.loads(out)[name] for name in ("read", "added")} == {"read": 2, "added": 2}
