"""English sentences are plain, person-first, and filled with facts only."""

from __future__ import annotations

import re
from pathlib import Path

import pyphen
import pytest

from finder.wordings import checks, reasons
from finder.wordings.language import names
from tests.shared import ROOT
from tests.test_wording import TABLES, sentences

_SYLLABLES = pyphen.Pyphen(lang="en_US")
_BARRED = re.compile(
    r"\b(commit(ted)? suicide|addicts?|alcoholics?|junkie|abusers?|schizophrenics?|suffer(s|ing)?|victims?|diagnos\w+"
    r"|you have (depression|anxiety|a disorder)|risk score|patients?|users?|algorithm|profile|matched|clean|dirty)\b",
    re.IGNORECASE,
)
# What a placeholder stands for, when a sentence is graded: everyday words of the same kind.
_STAND_INS = {"zone": "Eastern", "amount": "$10", "codes": "parents", "focus": "grief and loss", "need": "panic"}


def grade(text: str) -> float:
    """Flesch-Kincaid grade (Kincaid et al. 1975), syllables by hyphenation points, at least one a word."""
    parts = [part for part in re.split(r"[.!?:;]+(?:[”\s]|$)", text) if re.search(r"\w", part)]
    words = re.findall(r"[A-Za-z’']+", text)
    syllables = sum(len(_SYLLABLES.positions(word)) + 1 for word in words)
    return 0.39 * len(words) / max(1, len(parts)) + 11.8 * syllables / max(1, len(words)) - 15.59


@pytest.mark.parametrize("name", TABLES)
def test_Y6_english_is_at_or_below_grade_eight(name: str) -> None:
    texts = [re.sub(r"%\((\w+)\)s", lambda hit: _STAND_INS.get(hit[1], "three"), one)
             for one in sentences(TABLES[name])]
    # A label of a few words has no grade of its own: one long name would decide. They are graded together.
    long = [text for text in texts if len(re.findall(r"[A-Za-z’']+", text)) >= 8]
    assert {text: round(grade(text), 1) for text in long if grade(text) > 8} == {}
    assert grade(". ".join(text.rstrip(".") for text in texts) + ".") <= 8


@pytest.mark.parametrize("name", TABLES)
def test_Y6_words_are_person_first_and_name_no_diagnosis(name: str) -> None:
    assert [text for text in sentences(TABLES[name]) if _BARRED.search(text)] == []


def test_a_hard_text_is_graded_above_eight() -> None:
    assert grade("Multidisciplinary psychotherapeutic interventions facilitate considerable "
                 "symptomatological improvement.") > 8


def test_reasons_are_facts_without_a_full_stop_and_without_cheer() -> None:
    for table in TABLES.values():
        assert not [text for text in sentences(table) if "!" in text]
    assert not [text for text in sentences(reasons.REASONS) if text.endswith(".")]


def test_every_placeholder_is_one_that_facts_can_fill() -> None:
    known = set(Path(ROOT / "finder/wordings/values.py").read_text(encoding="utf-8").split('"'))
    known |= {f"access_{answer}" for answer in ("yes", "on_request", "unknown", "no", "asked")}
    for table in (reasons.REASONS, checks.CHECKS):
        assert {name for text in sentences(table) for name in names(text)} <= known
