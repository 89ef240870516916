"""A steward's own weights: read from one file, held to the floors, refused when the vignettes get worse.

Also the evaluation line of a vignette, which `finder evaluate` prints; it takes the same path as every search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from finder.catalog import listing_schema
from finder.errors import Invalid, Problem
from finder.matching import evaluation
from finder.matching.ruleset import Ruleset, tuned
from finder.places.gazetteer import Gazetteer
from finder.search import find, snapshot
from finder.search.intake_schema import load as load_intake
from finder.vocabulary import Vocabulary

NOON = 12  # contract section 9: a vignette's day means 12:00 UTC
MOST_LOSS = 0.02  # contract section 6, "Tuning": mean nDCG@5 may fall by no more


def evaluation_line(vignette: Mapping[str, Any], *, gazetteer: Gazetteer, vocabulary: Vocabulary,
                    rules: Ruleset = find.FINDER_1) -> dict[str, Any]:
    """All matches of a vignette in order and what was hidden, as match.schema.json's `$defs/evaluation_line`.

    Raises Invalid for a bad intake or listing, KeyError, TypeError or ValueError for what is no vignette.
    """
    now = datetime.fromisoformat(vignette["as_of"]).replace(hour=NOON, tzinfo=UTC)
    intake = load_intake(vignette["intake"])
    listings = [listing_schema.load(one) for one in vignette["listings"]]
    found = find.match(intake, snapshot=snapshot.from_documents(listings, now.date()), gazetteer=gazetteer,
                       vocabulary=vocabulary, now=now, per_page=None, hidden_ids=True, rules=rules)
    return {"id": vignette["id"], "severity": found["severity"], "notice": found["notice"],
            "notices": found["notices"],
            "matches": [{"id": one["id"], "score": one["score"], "band": one["band"]} for one in found["matches"]],
            "hidden": found["hidden"]}


def load_rules(path: Path, vignettes: Sequence[Mapping[str, Any]], *, gazetteer: Gazetteer,
               vocabulary: Vocabulary) -> Ruleset:
    """The ruleset of a weights file: a JSON object of criterion to weight; what it leaves out stays as it is.

    Raises Invalid for a file that is no such object, a weight outside its range or under its floor, a violation or a
    missed notice in the vignettes, or a mean nDCG@5 more than MOST_LOSS below that of the weights that ship.
    """
    try:
        weights = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as broken:
        raise Invalid({path.name: [Problem("bad_json")]}, "ruleset") from broken
    if not isinstance(weights, dict) or not all(type(one) in (int, float) for one in weights.values()):
        raise Invalid({path.name: [Problem("wrong_type", expected="object")]}, "ruleset")
    rules = tuned(weights)
    before = _figures(vignettes, find.FINDER_1, gazetteer, vocabulary)
    after = _figures(vignettes, rules, gazetteer, vocabulary)
    if after["violations"] or after["missed_notices"] or after["ndcg_mean"] < before["ndcg_mean"] - MOST_LOSS:
        raise Invalid({path.name: [Problem("vignettes_worse", before=round(before["ndcg_mean"], 4),
                                           after=round(after["ndcg_mean"], 4))]}, "ruleset")
    return rules


def _figures(vignettes: Sequence[Mapping[str, Any]], rules: Ruleset, gazetteer: Gazetteer,
             vocabulary: Vocabulary) -> dict[str, Any]:
    return dict(evaluation.summarize([
        evaluation.judge(one, evaluation_line(one, gazetteer=gazetteer, vocabulary=vocabulary, rules=rules))
        for one in vignettes]))
