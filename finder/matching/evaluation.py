"""How well the answers to a set of vignettes agree with those who judged them: order, safety, notices.

Pure arithmetic over documents: it runs no search and reads no file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CUT = 5  # contract section 10: nDCG@5
GOOD = 2  # contract section 10: P@1 counts a first match of grade 2 or 3


@dataclass(frozen=True, slots=True)
class Judged:
    """One vignette's answer against its expectations.

    `top_grade` is the grade of the first match, None without matches. `violations` are ids shown that must never be;
    `over_exclusions` ids not shown that nothing forbids; `missed_notices` notices expected and not raised.
    """

    ndcg: float
    top_grade: int | None
    violations: tuple[str, ...]
    missed_notices: tuple[str, ...]
    over_exclusions: tuple[str, ...]


def ndcg(grades_in_order: Sequence[int], all_grades: Sequence[int], k: int = CUT) -> float:
    """Normalized discounted cumulative gain of the first `k`, 0..1; 1 where no grade is above 0.

    Gain 2^grade - 1 and discount log2(rank + 1): Järvelin & Kekäläinen 2002 with the gain of Burges et al. 2005, as
    the contract's section 10 asks. `all_grades` are those of the whole pool, shown or not.
    """
    best = _gain(sorted(all_grades, reverse=True)[:k])
    return _gain(grades_in_order[:k]) / best if best else 1.0


def judge(vignette: Mapping[str, Any], answer: Mapping[str, Any]) -> Judged:
    """Compares a vignette's `expect` with its evaluation line (match.schema.json, `$defs/evaluation_line`).

    A listing shown twice counts where it stands first; one that has no grade counts 0.
    """
    expected = vignette["expect"]
    grades: Mapping[str, int] = expected["grades"]
    never = expected.get("must_never") or {}
    shown = list(dict.fromkeys(match["id"] for match in answer["matches"]))
    in_order = [grades.get(one, 0) for one in shown]
    pool = [listing["id"] for listing in vignette["listings"]]
    return Judged(
        ndcg=ndcg(in_order, list(grades.values())),
        top_grade=in_order[0] if in_order else None,
        violations=tuple(one for one in shown if one in never),
        missed_notices=_missed(expected, answer),
        over_exclusions=tuple(one for one in pool if one not in shown and one not in never),
    )


def summarize(judged: Sequence[Judged]) -> dict[str, float | None]:
    """Figures over a set of vignettes: means and worst of nDCG@5, P@1, and counts that should all be 0.

    The three shares are None for no vignettes, of which nothing can be said.
    """
    count = len(judged)
    good = sum(one.top_grade is not None and one.top_grade >= GOOD for one in judged)
    return {
        "vignettes": count,
        "ndcg_mean": sum(one.ndcg for one in judged) / count if count else None,
        "ndcg_worst": min(one.ndcg for one in judged) if count else None,
        "p_at_1": good / count if count else None,
        "violations": sum(len(one.violations) for one in judged),
        "missed_notices": sum(len(one.missed_notices) for one in judged),
        "over_exclusions": sum(len(one.over_exclusions) for one in judged),
    }


def _gain(grades: Sequence[int]) -> float:
    return sum(float(2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def _missed(expected: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[str, ...]:
    """Expected notices that were not raised; the first one must also stand first."""
    raised = answer.get("notices") or [answer["notice"]]
    missed = [one for one in expected.get("notices") or [expected["notice"]] if one not in raised]
    first: str = expected["notice"]
    if answer["notice"] != first and first not in missed:
        missed.insert(0, first)
    return tuple(missed)
