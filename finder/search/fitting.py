"""Which listings fit a search well, by their ids alone: for searches that are kept and run again and again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np

from finder.intake import severity
from finder.intake.need import need_from_answers, needs_of
from finder.matching import engine, ruleset
from finder.matching.ruleset import BANDS, Ruleset
from finder.places.gazetteer import Gazetteer
from finder.search import find
from finder.search.find import FINDER_1
from finder.search.snapshot import Snapshot

WELL = ("strong", "good")
_LEAST = min(score for name, score in BANDS if name in WELL)
_NOISE = 1e-9


def ids(intake: Mapping[str, Any], *, snapshot: Snapshot, gazetteer: Gazetteer, now: datetime,
        rules: Ruleset = FINDER_1) -> list[str]:
    """The ids of the listings that `find.match` would show in a band of WELL, the highest scores first.

    `intake` is a valid document whose needs are codes; words in it are not read. `now` is an aware UTC instant.
    """
    place, _ = find.place_of(intake.get("near"), gazetteer)
    need = need_from_answers(intake, needs=needs_of(intake), place=place, level=severity.assess(intake).level, now=now)
    weights = ruleset.emphasized(rules, need.emphasis)
    found: list[tuple[float, str]] = []
    with snapshot.turn:
        for part in snapshot.parts:
            judged = engine.search(need, part.columns, weights, dead=part.dead, relaxing=False)
            well = np.flatnonzero(judged.score >= _LEAST - _NOISE)
            found += [(-float(score), part.columns.names[row].id) for score, row in
                      zip(judged.score[well].tolist(), judged.rows[well].tolist(), strict=True)]
    return [name for _, name in sorted(found)]
