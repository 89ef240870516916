from __future__ import annotations

from finder.duplicates.weights import WEIGHTS
from finder.wordings.doubles import AGAINST, FOR, reasons

SILENT = 0.5  # bits; findings that weigh no more may go unsaid


def test_every_finding_that_weighs_has_its_words_on_the_right_side() -> None:
    assert {code for code, bits in WEIGHTS.items() if bits > SILENT} <= set(FOR)
    assert {code for code, bits in WEIGHTS.items() if bits < -SILENT} <= set(AGAINST)
    assert set(FOR) | set(AGAINST) <= set(WEIGHTS)
    assert all(WEIGHTS[code] >= 0 for code in FOR)
    assert all(WEIGHTS[code] <= 0 for code in AGAINST)


def test_findings_are_told_in_their_order_and_silent_ones_left_out() -> None:
    told = reasons([{"code": "same_phone"}, {"code": "name_unknown"}, {"code": "other_day"}, {"code": "near"}])
    assert told == (["The same phone", "Next to each other"], ["Another day"])
