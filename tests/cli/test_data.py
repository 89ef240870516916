import gzip
import json

import pytest
from jsonschema import Draft202012Validator

from finder.api.schemas import document
from tests.cli.conftest import listing
from tests.shared import shared

COUNTS = {"read", "added", "changed", "unchanged", "gone", "held", "out_of_scope", "refused", "seconds"}
INTAKE = {"format": "finder-intake/1", "needs": ["depression"], "formats": ["online_video"]}


def take(finder, path, *more):
    code, out, err = finder("import", path, "--format", "listing", "--source", "test", "--json", *more)
    assert code == 0, err
    return json.loads(out)


def figures(report):
    return {name: count for name, count in report.items() if count and name not in ("seconds", "refused")}


def test_an_import_prints_its_figures_and_the_same_again_changes_nothing(finder):
    path = finder.file("list.json", [listing(1), listing(2)])
    first = take(finder, path)
    assert set(first) == COUNTS
    assert figures(first) == {"read": 2, "added": 2}
    assert figures(take(finder, path)) == {"read": 2, "unchanged": 2}


def test_what_changed_and_what_is_gone_is_counted(finder):
    take(finder, finder.file("a.json", [listing(1), listing(2)]))
    report = take(finder, finder.file("b.json", [listing(1, name="Another name")]))
    assert figures(report) == {"read": 1, "changed": 1, "gone": 1}


def test_a_packed_file_is_read_too(finder):
    path = finder.folder / "list.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps(listing(one)) for one in (1, 2, 3)).encode()))
    assert figures(take(finder, path)) == {"read": 3, "added": 3}


def test_a_dry_run_tells_the_figures_and_keeps_nothing(finder):
    path = finder.file("list.json", [listing(1)])
    assert figures(take(finder, path, "--dry-run")) == {"read": 1, "added": 1}
    assert figures(take(finder, path)) == {"read": 1, "added": 1}


def test_a_row_that_breaks_a_rule_is_named_and_stops_no_other(finder):
    report = take(finder, finder.file("list.json", [listing(1), listing(2, focus=["sadness"]), listing(3)]))
    assert report["added"] == 2
    assert report["refused"] == [{"row": 2, "field": "focus", "code": "not_a_code"}]


def test_without_json_people_read_figures_and_reasons(finder):
    path = finder.file("list.json", [listing(1), listing(2, focus=["sadness"])])
    code, out, err = finder("import", path, "--format", "listing", "--source", "test")
    assert code == 0
    assert "added" in out
    assert "Row 2: focus: not a code" in err


@pytest.mark.parametrize("body", ["{", "", "12", '"text"', "[]"], ids=["cut off", "empty", "number", "text", "none"])
def test_a_file_that_cannot_be_read_takes_nothing_down(finder, body):
    take(finder, finder.file("good.json", [listing(1)]))
    bad = finder.file("bad.json", body)
    code, out, err = finder("import", bad, "--format", "listing", "--source", "test", "--json")
    assert (code, out) == (1, "")
    assert "Nothing was changed" in err
    assert err.count("\n") == 1
    assert figures(take(finder, finder.file("good.json", [listing(1)]))) == {"read": 1, "unchanged": 1}


def test_a_match_is_a_match_document(finder):
    take(finder, finder.file("list.json", [listing(1), listing(2)]))
    code, out, _ = finder("match", "--intake", finder.file("intake.json", INTAKE), "--json")
    assert code == 0
    assert out.count("\n") == 1
    found = json.loads(out)
    assert [one.message for one in Draft202012Validator(document("match")).iter_errors(found)] == []
    assert found["total"] == 2


def test_a_match_for_people_is_the_same_document_on_many_lines(finder):
    take(finder, finder.file("list.json", [listing(1)]))
    code, out, _ = finder("match", "--intake", finder.file("intake.json", INTAKE))
    assert code == 0
    assert out.count("\n") > 20
    assert json.loads(out)["total"] == 1


@pytest.mark.parametrize(("body", "named"), [
    ('{"format": "finder-intake/1", "needs": ["sadness"]}', "needs"), ('{"format": 1}', "format"),
    ('{"age": 1, "age": 2}', "age"), ("{", "the whole"),
], ids=["code", "format", "twice", "cut off"])
def test_a_wrong_intake_is_named_in_one_sentence(finder, body, named):
    finder("init")
    code, out, err = finder("match", "--intake", finder.file("intake.json", body))
    assert (code, out) == (1, "")
    assert err.startswith(named)
    assert err.count("\n") == 1


def test_a_match_without_an_instance_says_how_to_make_one(finder):
    code, _, err = finder("match", "--intake", finder.file("intake.json", INTAKE))
    assert code == 1
    assert "finder init" in err


def vignette(**facts):
    return {"id": "v1", "as_of": "2026-11-24", "intake": INTAKE,
            "listings": [listing(1), listing(2, status="paused")], **facts}


def test_a_vignette_without_expectations_gives_one_line(finder):
    code, out, _ = finder("evaluate", finder.file("v.jsonl", json.dumps(vignette()) + "\n\n"))
    assert code == 0
    line = json.loads(out)
    assert [one["id"] for one in line["matches"]] == ["l1"]
    assert line["hidden"] == [{"reason": "program_closed", "count": 1, "listing_ids": ["l2"]}]


def test_evaluating_makes_no_instance(finder):
    finder("evaluate", finder.file("v.jsonl", json.dumps(vignette())))
    assert not (finder.folder / "instance").exists()


@pytest.mark.parametrize(("broken", "said"), [
    ("{", "Line 2"), ("[]", "Line 2"), (json.dumps(vignette(as_of="soon")), "Line 2"),
    (json.dumps(vignette(intake={})), "format"), (json.dumps(vignette(listings=[{"id": "x"}])), "Line 2"),
], ids=["cut off", "list", "day", "intake", "listing"])
def test_a_broken_vignette_is_named_by_its_line(finder, broken, said):
    code, _, err = finder("evaluate", finder.file("v.jsonl", f"{json.dumps(vignette())}\n{broken}\n"))
    assert code == 1
    assert said in err
    assert err.count("\n") == 1


def test_the_development_vignettes_reach_their_targets(finder):
    code, out, _ = finder("evaluate", shared("contract", "vignettes-dev.jsonl"))
    assert code == 0
    *lines, last = [json.loads(one) for one in out.splitlines()]
    whole = document("match")
    schema = {**whole["$defs"]["evaluation_line"], "$defs": whole["$defs"]}
    for line in lines:
        assert [one.message for one in Draft202012Validator(schema).iter_errors(line)] == [], line["id"]
    assert len(lines) == 24
    summary = last["summary"]
    assert summary["ndcg_mean"] >= 0.96
    assert summary["ndcg_worst"] >= 0.80
    assert summary["p_at_1"] >= 0.95
    assert (summary["violations"], summary["missed_notices"], summary["over_exclusions"]) == (0, 0, 0)
