"""HAZARDS.md: every hazard has a control, and every control a test that exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("Who is harmed, and how", "Cause", "Control", "Shown by", "What remains")
TITLES = re.findall(r"^## (\S+)\. (.+)$", (ROOT / "HAZARDS.md").read_text(encoding="utf-8"), re.MULTILINE)
BODIES = re.split(r"^## .+$", (ROOT / "HAZARDS.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]


@cache
def named_in(path):
    if not (ROOT / path).is_file():
        return set()
    return {node.name for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
            if isinstance(node, ast.FunctionDef)}


def test_Y9_hazards_are_numbered_in_order_and_each_is_there_once():
    assert [number for number, _ in TITLES] == [f"H{number}" for number in range(1, len(TITLES) + 1)]
    assert len({title for _, title in TITLES}) == len(TITLES) >= 20


@pytest.mark.parametrize(("number", "body"), [(one[0], body) for one, body in zip(TITLES, BODIES, strict=True)],
                         ids=[number for number, _ in TITLES])
def test_Y9_a_hazard_says_all_of_itself_and_names_tests_that_exist(number, body):
    told = re.findall(r"^- ([^:]+):(.*)$", body, re.MULTILINE)
    assert [name for name, _ in told] == list(PARTS)
    assert all(text.strip() for name, text in told if name != "Shown by")
    named = re.findall(r"^  - `([^:`]+)::(\w+)`$", body, re.MULTILINE)
    assert named, f"{number} has no test"
    assert [f"{path}::{name}" for path, name in named if name not in named_in(path)] == []


def test_Y9_a_release_says_what_people_have_looked_at():
    """What no test can do, such as calling the crisis numbers; CONTRIBUTING.md has the list."""
    releases = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert releases[0].startswith("Unreleased")
    assert [one.partition("\n")[0] for one in releases[1:] if "Looked at by people" not in one] == []
    asked = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for part in ("Crisis numbers called", "by a clinician", "Words of danger", "Spanish read", "NVDA", "VoiceOver",
                 "TalkBack", "printer", "outdoors", "other hardware"):
        assert part in asked, part
