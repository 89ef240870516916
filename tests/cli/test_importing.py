import json

import pytest

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
