from __future__ import annotations

import pytest

from finder.exchange.cells import text


@pytest.mark.parametrize(("found", "plain"), [
    ("  Clean   Air ", "Clean Air"), ("Sick &amp; Tired", "Sick & Tired"), ("a &amp;lt; b", "a &lt; b"),
    ("donâ€™t", "don’t"), ("DiscusiÃ³n", "Discusión"), ("one\rtwo", "one two"), ("no\u00a0break\ttab", "no break tab"),
    ("zero\u200bwidth\u202e", "zerowidth"), ("<b>Bold</b> move", "Bold move"), ("3 < 4", "3 < 4"), (79107, "79107"),
    (3.0, "3"), (None, ""), ("e\u0301", "é"), ("\ud800x", "x"), ("a\x00b", "ab"), ("line\\nbreak", "line break"),
], ids=repr)
def test_one_line_of_text_is_made_plain(found: object, plain: str) -> None:
    assert text.clean(found) == plain


@pytest.mark.parametrize("word", ["NA", "null", "n/a", "-", "http://", "  ", "[removed]", "None", "NULL"])
def test_words_for_nothing_are_empty(word: str) -> None:
    assert text.stated(word) == ""


def test_words_for_nothing_stay_inside_prose() -> None:
    assert text.prose("NA meets here. None is turned away.") == "NA meets here. None is turned away."


def test_prose_keeps_lines_and_link_targets_but_no_tags() -> None:
    found = text.prose("First<br>second \\n third <a href=https://example.org/x>here</a>\r\n<script>x</script>")
    assert found == "First\nsecond\nthird here (https://example.org/x)\nx"


@pytest.mark.parametrize(("found", "shown"), [
    ("HORIZON SERVICES, INCORPORATED", "Horizon Services, Incorporated"), ("THE HOUSE OF HOPE", "The House of Hope"),
    ("O'BRIEN CENTER LLC", "O'Brien Center LLC"), ("WOMEN'S GROUP", "Women's Group"), ("VA CLINIC", "VA Clinic"),
    ("Mixed Case AA", "Mixed Case AA"), ("B.Y.O.B.", "B.Y.O.B."), ("HOPE", "HOPE"),
    ("1ST STREET HOUSE", "1st Street House"),
])
def test_capitals_get_a_display_form(found: str, shown: str) -> None:
    assert text.display(found) == shown


def test_normalized_texts_compare_without_accents_case_and_punctuation() -> None:
    assert text.normalized("Miércoles—Discusión!") == text.normalized("miercoles discusion")


def test_long_text_is_cut_at_a_blank() -> None:
    cut = text.short("word " * 100, 52)
    assert len(cut) <= 52
    assert cut.endswith("word…")


def test_I6_no_more_of_a_cell_is_looked_at_than_a_fact_may_hold() -> None:
    for part in ("a", " b", "&#", "<a "):
        assert len(text.clean(part * 200_000)) <= text.LONGEST_LINE
    assert len(text.prose("word " * 200_000)) <= 5_000
