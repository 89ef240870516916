import json
from pathlib import Path

import pytest

from finder.errors import Invalid
from finder.matching import evaluation
from finder.matching.ruleset import WEIGHTS
from finder.places.gazetteer import load as load_gazetteer
from finder.search.tuning import evaluation_line, load_rules
from finder.vocabulary import vocabulary

VIGNETTES = [json.loads(line) for line in
             (Path(__file__).resolve().parents[2] / "seed_data" / "vignettes.jsonl").read_text("utf-8").splitlines()]


def load(tmp_path, weights):
    path = tmp_path / "weights.json"
    path.write_text(weights if isinstance(weights, str) else json.dumps(weights), "utf-8")
    return load_rules(path, VIGNETTES, gazetteer=load_gazetteer(), vocabulary=vocabulary())


def test_the_rules_reach_their_targets_on_the_vignettes():
    lines = [(one, evaluation_line(one, gazetteer=load_gazetteer(), vocabulary=vocabulary())) for one in VIGNETTES]
    figures = evaluation.summarize([evaluation.judge(one, line) for one, line in lines])
    assert figures["ndcg_mean"] >= 0.96
    assert figures["ndcg_worst"] >= 0.80
    assert figures["p_at_1"] >= 0.95
    assert (figures["violations"], figures["missed_notices"], figures["over_exclusions"]) == (0, 0, 0)
    assert [line["severity"]["level"] for _, line in lines] == [one["expect"]["severity_level"] for one in VIGNETTES]
    assert [line["notice"] for _, line in lines] == [one["expect"]["notice"] for one in VIGNETTES]


def test_a_small_change_is_taken_and_named(tmp_path):
    rules = load(tmp_path, {"cost": 8})
    assert rules.name != "finder-1"
    assert sum(rules.weights.values()) == pytest.approx(100)
    assert rules.weights["cost"] > WEIGHTS["cost"]


@pytest.mark.parametrize(("weights", "field", "code"), [
    ({"need": 41}, "need", "out_of_range"), ({"cost": 1}, "cost", "out_of_range"), ({"luck": 5}, "luck", "unknown_key"),
    ({"need": 15, "reach": 40, "schedule": 40}, "need", "below_floor"),
    ({"need": "much"}, "weights.json", "wrong_type"), ("[1]", "weights.json", "wrong_type"),
    ("{", "weights.json", "bad_json"),
    ({"need": 20, "severity": 15, "reach": 40, "schedule": 2, "identity": 2, "cost": 2, "preference": 2,
      "availability": 2, "freshness": 2}, "weights.json", "vignettes_worse"),
], ids=["too much", "too little", "no such criterion", "need under its floor", "no number", "no object", "no JSON",
        "distance above all"])
def test_weights_outside_the_rules_or_worse_for_people_are_refused(tmp_path, weights, field, code):
    with pytest.raises(Invalid) as refused:
        load(tmp_path, weights)
    assert field in refused.value.errors
    assert refused.value.errors[field][0].code == code
