from __future__ import annotations

import pytest

from finder import promises
from finder.errors import Invalid

HELD = promises.sections("""
[sections]
P = "Privacy"
V = "Staying up"

[promises.P1]
says = "No answer is in an address."

[promises.P2]
says = "No answer is in a log | or a file."

[promises.V1]
says = "Many are served."
not_yet = "Nobody measured it."
""")


def case(name: str, inside: str = "", file: str = "tests.web.test_x") -> str:
    return f'<testcase classname="{file}" name="{name}" time="0.1">{inside}</testcase>'


def figure(text: str, name: str = "figure") -> str:
    return f'<properties><property name="{name}" value="{text}"/></properties>'


def run(*cases: str, day: str = "2026-11-27") -> bytes:
    inside = "".join(cases)
    return (f'<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" '
            f'timestamp="{day}T05:00:00.1+00:00">{inside}</testsuite></testsuites>').encode()


def row(text: str, name: str) -> list[str]:
    (line,) = [one for one in text.splitlines() if one.startswith(f"| {name} |")]
    return [cell.strip() for cell in line.strip("| ").split(" | ")]


@pytest.mark.parametrize(("name", "ids"), [
    ("test_P1_no_answer", ("P1",)), ("test_A2_A12_secrets_differ", ("A2", "A12")),
    ("test_P9_T5_far[a-b]", ("P9", "T5")),
    ("test_no_answer", ()), ("test_p1_no_answer", ()), ("test_P123_x", ()), ("test_V60", ()), ("P1_x", ()),
])
def test_a_name_carries_its_ids_in_front(name: str, ids: tuple[str, ...]) -> None:
    assert promises.carried(name) == ids


def test_a_row_says_what_was_run_and_what_came_of_it() -> None:
    made = promises.report([run(case("test_P1_one[a]", figure("40 answers")), case("test_P1_one[b]"),
                                case("test_P2_P1_two", figure("Ryzen 9", "machine")),
                                case("test_other"))], HELD)
    assert (made.failed, made.unshown) == ((), ())
    assert row(made.text, "P1") == ["P1", "No answer is in an address.", "3 passed", "40 answers", "2026-11-27",
                                    "`.venv/bin/python -m pytest -m '' -k P1_`"]
    assert "Run 2026-11-27 on Ryzen 9: 3 passed." in made.text
    assert "**" not in made.text.split("##")[0]


def test_what_is_not_kept_is_said_with_its_reason() -> None:
    text = promises.report([run(case("test_P1_P2_one"))], HELD).text
    assert row(text, "V1")[2:] == ["none", "–", "–", "–"]
    assert text.endswith("## What is not kept, and why\n\n- **V1** Nobody measured it.\n")


@pytest.mark.parametrize("ended", ["<failure>a</failure>", "<error>a</error>"])
def test_a_failed_test_is_said_at_the_top(ended: str) -> None:
    made = promises.report([run(case("test_P1_one"), case("test_P1_P2_two", ended), case("test_V1_x", ended))], HELD)
    assert made.failed == ("P1", "P2", "V1")
    assert made.text.splitlines()[2] == "**A test failed for: P1, P2, V1.**"
    assert row(made.text, "P1")[2] == "1 passed, 1 failed"


def test_what_no_passed_test_shows_is_said_at_the_top() -> None:
    made = promises.report([run(case("test_P1_one", "<skipped>no browser</skipped>"))], HELD)
    assert (made.failed, made.unshown) == ((), ("P1", "P2"))
    assert made.text.splitlines()[2] == "**No test of these runs shows: P1, P2.**"
    assert row(made.text, "P1")[2] == "1 skipped"


def test_a_test_that_ends_badly_after_it_passed_has_failed() -> None:
    made = promises.report([run(case("test_P1_P2_one"), case("test_P1_P2_one", "<error>teardown</error>"))], HELD)
    assert made.failed == ("P1", "P2")


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_runs_of_one_test_the_later_day_counts(order: int) -> None:
    runs = [run(case("test_P1_P2_one", "<failure/>"), day="2026-11-26"), run(case("test_P1_P2_one"))]
    made = promises.report(runs[::order], HELD)
    assert (made.failed, row(made.text, "P1")[2]) == ((), "1 passed")


def test_tests_of_one_name_in_two_files_are_two() -> None:
    made = promises.report([run(case("test_P1_P2_one"), case("test_P1_P2_one", file="tests.other"))], HELD)
    assert row(made.text, "P1")[2] == "2 passed"


def test_no_text_breaks_the_table() -> None:
    made = promises.report([run(case("test_P1_P2_one", figure("a | b&#10;c")))], HELD)
    assert "| No answer is in a log \\| or a file. | 1 passed | a \\| b c |" in made.text


@pytest.mark.parametrize("body", [
    b"", b"{}", b"<html/>", b"<testsuite>", b'<!DOCTYPE a [<!ENTITY b "c">]><testsuites>&b;</testsuites>',
])
def test_what_is_no_result_of_tests_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        promises.read_run(body)


@pytest.mark.parametrize("text", ["[", "", "[sections]\n[promises.P1]\nsays = 'x'\n[promises.P2]", "sections = 1"])
def test_a_list_of_promises_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        promises.sections(text)
